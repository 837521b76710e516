"""A matrix of 10,000 policy tests in an environment of 100 policies, on one core.

The whole command `policyeval test` is timed, from start to exit, beside npm iam-simulate, which
asks the same cells (PEER=folder with node_modules) in one process and is timed without its start.
`--quick` asks a hundredth.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ACCOUNT = "222233334444"
SERVICES = ("s3", "sqs", "sns", "dynamodb", "logs", "events", "lambda", "ssm", "ecr", "kinesis")
CONTEXT = {"aws:RequestedRegion": "eu-west-1"}
ROUNDS = 3
ONE_CORE = {0}


def identity(number):
    """One of the hundred policies: five statements, one in five with a condition."""
    statements = []
    for place in range(5):
        service = SERVICES[(number + place) % len(SERVICES)]
        statements.append(
            {
                "Sid": f"S{place}",
                "Effect": "Deny" if place == 4 else "Allow",
                "Action": [f"{service}:Get*", f"{service}:List*", "s3:GetObject", "s3:PutObject"],
                "Resource": f"arn:aws:s3:::team-{(number + place) % 10}/*",
                **(
                    {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}
                    if place == 3
                    else {}
                ),
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def matrix(principals):
    """The cells: principals x 10 actions x 10 resources."""
    lock = {"Effect": "Deny", "Action": ["s3:Delete*", "iam:*"], "Resource": "*"}
    full = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    actions = ["GetObject", "PutObject", "DeleteObject", "GetObjectTagging", "PutObjectTagging"]
    actions += ["GetObjectAcl", "PutObjectAcl", "GetObjectVersion", "AbortMultipartUpload"]
    return {
        "account": ACCOUNT,
        "principals": [
            {"arn": f"arn:aws:iam::{ACCOUNT}:role/team-{number}", "name": f"team-{number}"}
            for number in range(principals)
        ],
        "actions": [f"s3:{name}" for name in (*actions, "RestoreObject")],
        "resources": [f"arn:aws:s3:::team-{number}/reports/a.csv" for number in range(10)],
        "scp": {"Version": "2012-10-17", "Statement": [full, lock]},
    }


def write(folder, cells):
    """Write the environment, its policies, and the suite; each answer is expected at its cell."""
    policies = folder / "policies"
    policies.mkdir()
    (policies / "scp.json").write_text(json.dumps(cells["scp"], indent=2))
    principals = {}
    for number, principal in enumerate(cells["principals"]):
        (policies / f"team-{number}.json").write_text(json.dumps(identity(number), indent=2))
        principals[principal["name"]] = {
            "arn": principal["arn"],
            "policies": [f"team-{number}.json"],
        }
    environment = {
        "version": 1,
        "organization": {
            "id": "o-a1b2c3d4e5",
            "management": "999900001111",
            "root": {"id": "r-ab12", "scps": ["scp.json"], "accounts": ["teams"]},
        },
        "accounts": {"teams": {"id": ACCOUNT}},
        "principals": principals,
        "complete": ["scp", "rcp", "vpc_endpoint", "resource", "identity", "boundary"],
    }
    (folder / "environment.yaml").write_text(json.dumps(environment))
    (folder / "pyproject.toml").write_text("")
    suite = {
        "version": 1,
        "defaults": {"context": CONTEXT},
        "tests": [
            {
                "name": "matrix",
                "matrix": {
                    "principal": list(principals),
                    "action": cells["actions"],
                    "resource": cells["resources"],
                },
                "expect": {"not": {"decision": "unknown"}},
            }
        ],
    }
    (folder / "matrix.policytest.yaml").write_text(json.dumps(suite))


def ours(folder):
    """Run the command; give the seconds from start to exit."""
    started = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "policyeval", "test", "matrix.policytest.yaml", "--json", "-o", "r"],
        cwd=folder,
        preexec_fn=_on_one_core,
        check=False,
    )
    seconds = perf_counter() - started
    if done.returncode:
        sys.exit(f"policyeval test: exit code {done.returncode}")
    return seconds


def plain(folder):
    """The same without a report: what a person waits for."""
    started = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "policyeval", "test", "matrix.policytest.yaml"],
        cwd=folder,
        preexec_fn=_on_one_core,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return perf_counter() - started


def theirs(peer, folder, cells, mode):
    """Ask the peer the same cells; give its seconds and its answers."""
    given = {
        **cells,
        "context": CONTEXT,
        "principals": [
            {**principal, "policies": [{"name": f"p{number}", "policy": identity(number)}]}
            for number, principal in enumerate(cells["principals"])
        ],
        "scps": [
            {
                "orgIdentifier": "r-ab12",
                "policies": [{"name": "scp", "policy": cells["scp"]}],
            }
        ],
    }
    file = folder / "peer.json"
    file.write_text(json.dumps(given))
    done = subprocess.run(
        ["node", Path(__file__).parent / "peer_matrix.mjs", peer, file, mode],
        capture_output=True,
        text=True,
        preexec_fn=_on_one_core,
        check=True,
    )
    told = json.loads(done.stdout)
    return told["seconds"], told["answers"]


def _on_one_core():
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, ONE_CORE)


def answers(folder):
    """Our answers by cell, in the letters of the peer."""
    results = json.loads((folder / "r").read_text())["results"]
    return "".join("a" if each["decision"] == "allow" else "d" for each in results)


def main():
    """Take turns, and print medians and ratios."""
    quick = "--quick" in sys.argv
    cells = matrix(10 if quick else 100)
    count = len(cells["principals"]) * len(cells["actions"]) * len(cells["resources"])
    peer = os.environ.get("PEER")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, cells)
        ours(folder)
        said = answers(folder)
        rounds = []
        for _ in range(1 if quick else ROUNDS):
            row = [plain(folder)]
            if peer:
                row += [theirs(peer, folder, cells, mode) for mode in ("run", "unsafe")]
            rounds.append(row)
        seconds = statistics.median(row[0] for row in rounds)
        policies = len(cells["principals"]) + 1
        print(f"{count} tests, {policies} policies, one core, median of {len(rounds)}")
        print(
            f"policyeval test, start to exit     {seconds:6.2f} s  {count / seconds:8.0f} a second"
        )
        if not peer:
            print("iam-simulate: not measured, set PEER")
            return
        for place, mode in ((1, "run"), (2, "unsafe")):
            median = statistics.median(row[place][0] for row in rounds)
            other = rounds[0][place][1]
            differ = sum(one != two for one, two in zip(said, other, strict=True))
            print(
                f"iam-simulate {mode:6}, without its start {median:6.2f} s  {count / median:8.0f} "
                f"a second; ours is {median / seconds:.1f} times; {differ} answers differ"
            )


if __name__ == "__main__":
    main()
