"""How long a large account export takes to load, and how much memory: `--megabytes 200`.

Makes an export in the shape of `aws iam get-account-authorization-details`, loads it in a process
of its own, asks one question of the last role, and prints seconds and the peak of memory, beside
those of `json.load` on the same file.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACCOUNT = "222233334444"


def role(number: int, statements: int) -> dict[str, object]:
    """Give one role with an inline policy and a trust policy."""
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"Part{place}",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
                "Resource": [f"arn:aws:s3:::bucket-{number}-{place}/*"],
                "Condition": {"StringEquals": {"aws:PrincipalTag/team": f"team-{place}"}},
            }
            for place in range(statements)
        ],
    }
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    name = f"role-{number}"
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": f"AROA{number:016d}",
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "CreateDate": "2026-01-01T00:00:00+00:00",
        "AssumeRolePolicyDocument": trust,
        "InstanceProfileList": [],
        "RolePolicyList": [{"PolicyName": "main", "PolicyDocument": document}],
        "AttachedManagedPolicies": [],
        "Tags": [{"Key": "team", "Value": f"team-{statements - 1}"}],
        "RoleLastUsed": {},
    }


def make(path: Path, megabytes: int, indent: int | None) -> int:
    """Write an export of about that size; give the number of roles."""
    number = 0
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [\n')
        while stream.tell() < megabytes * 1_000_000:
            stream.write(",\n" if number else "")
            stream.write(json.dumps(role(number, 20), indent=indent))
            number += 1
        stream.write('\n], "Policies": [], "IsTruncated": false}\n')
    return number


def load(path: Path, last: int) -> None:
    """Load the export and ask one question; print what it took as JSON."""
    from policyeval import Request, evaluate, load_environment

    start = time.perf_counter()
    environment = load_environment(path)
    loaded = time.perf_counter()
    request = Request.of(
        f"arn:aws:iam::{ACCOUNT}:role/role-{last}",
        "s3:GetObject",
        f"arn:aws:s3:::bucket-{last}-19/a",
        resource_account=ACCOUNT,
    )
    verdict = evaluate(request, environment).verdict.value
    answered = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "load_s": round(loaded - start, 2),
                "first_answer_s": round(answered - loaded, 3),
                "peak_mib": round(peak),
                "verdict": verdict,
            }
        )
    )


def floor(path: Path) -> None:
    """Read the export with the json module alone; print what it took as JSON."""
    start = time.perf_counter()
    with path.open(encoding="utf-8") as stream:
        json.load(stream)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"json_load_s": round(seconds, 2), "json_peak_mib": round(peak)}))


def main() -> None:
    """Make the export, measure in a fresh process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--indent", type=int, default=4)
    parser.add_argument("--load", nargs=2, metavar=("FILE", "LAST"), help=argparse.SUPPRESS)
    parser.add_argument("--floor", metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.floor:
        floor(Path(options.floor))
        return
    if options.load:
        load(Path(options.load[0]), int(options.load[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gaad.json"
        count = make(path, options.megabytes, options.indent or None)
        size = path.stat().st_size / 1_000_000
        print(f"{size:.0f} MB, {count} roles")
        for words in (["--load", str(path), str(count - 1)], ["--floor", str(path)]):
            subprocess.run([sys.executable, __file__, *words], check=True)


if __name__ == "__main__":
    main()
