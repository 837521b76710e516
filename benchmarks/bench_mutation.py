"""Mutants of 200 statements, asked about by 500 tests, beside the plain run of the tests.

The environment is made up: 40 principals with 4 statements each, 4 SCPs and 4 bucket policies of 5
statements. Half of the tests are requests that must be allowed, half that must not. `--quick`
shows that it runs; `--jobs N` shares the mutants out.
"""

import gc
import json
import sys
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from policyeval.testing.load import load_suite
from policyeval.testing.mutation import Fate, mutate
from policyeval.testing.run import Rules, run_suite

ACCOUNT = "222233334444"
RULES = Rules(date(2026, 11, 24))
SERVICES = {
    "s3": ("GetObject", "PutObject", "DeleteObject"),
    "sqs": ("SendMessage", "ReceiveMessage", "DeleteMessage"),
    "dynamodb": ("GetItem", "PutItem", "DeleteItem"),
    "sns": ("Publish", "Subscribe", "Unsubscribe"),
}
ARNS = {
    "s3": "arn:aws:s3:::bucket{0}/team{1}/{2}",
    "sqs": "arn:aws:sqs:eu-west-1:222233334444:team{1}-{2}",
    "dynamodb": "arn:aws:dynamodb:eu-west-1:222233334444:table/team{1}-{2}",
    "sns": "arn:aws:sns:eu-west-1:222233334444:team{1}-{2}",
}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def own(number):
    """The statements of a principal: one a service; the last needs a tag."""
    found = []
    for place, (service, names) in enumerate(SERVICES.items()):
        statement = {
            "Sid": f"S{place}",
            "Effect": "Allow",
            "Action": [f"{service}:{name}" for name in names[:2]],
            "Resource": ARNS[service].format(number % 4, number, "*"),
        }
        if place == 3:
            statement["Condition"] = {
                "StringEquals": {"aws:PrincipalTag/team": [f"t{number}", "all"]}
            }
        found.append(statement)
    return document(*found)


def guard(number):
    """An SCP that denies what nobody may."""
    denied = ("iam:*", "organizations:*", "s3:DeleteObject", "sqs:DeleteMessage", "sns:Unsubscribe")
    return document(
        *(
            {
                "Sid": f"D{place}",
                "Effect": "Deny",
                "Action": action,
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalTag/admin": f"a{number}"}},
            }
            for place, action in enumerate(denied)
        )
    )


def bucket(number):
    """A bucket policy with denies of its own."""
    return document(
        *(
            {
                "Sid": f"B{place}",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": f"arn:aws:s3:::bucket{number}/secret{place}/*",
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
            for place in range(5)
        )
    )


def write(folder, principals, tests):
    """Write the environment and its suite; give the suite's file."""
    policies = folder / "policies"
    for name, listed in (
        ("identity", [own(number) for number in range(principals)]),
        ("scp", [guard(number) for number in range(4)]),
        ("resource", [bucket(number) for number in range(4)]),
    ):
        (policies / name).mkdir(parents=True)
        for number, each in enumerate(listed):
            (policies / name / f"p{number}.json").write_text(json.dumps(each, indent=2))
    environment = {
        "version": 1,
        "organization": {
            "id": "o-a1b2c3d4e5",
            "management": "999900001111",
            "root": {
                "id": "r-ab12",
                "scps": ["FullAWSAccess"],
                "ous": {
                    "Work": {
                        "id": "ou-ab12-11111111",
                        "scps": ["FullAWSAccess", *(f"scp/p{n}.json" for n in range(4))],
                        "accounts": ["work"],
                    }
                },
            },
        },
        "accounts": {"work": {"id": ACCOUNT, "scps": ["FullAWSAccess"]}},
        "principals": {
            f"p{n}": {
                "arn": f"arn:aws:iam::{ACCOUNT}:role/p{n}",
                "tags": {"team": f"t{n}"},
                "policies": [f"identity/p{n}.json"],
            }
            for n in range(principals)
        },
        "resources": {
            f"bucket{n}": {
                "arn": f"arn:aws:s3:::bucket{n}",
                "owner": "work",
                "policy": f"resource/p{n}.json",
            }
            for n in range(4)
        },
        "complete": ["scp", "rcp", "vpc_endpoint", "resource", "identity", "boundary"],
    }
    (folder / "environment.yaml").write_text(json.dumps(environment))
    rows = [row(number, principals) for number in range(tests)]
    suite = {
        "version": 1,
        "environment": "environment.yaml",
        "tests": [
            {
                "name": "who may what",
                "columns": ["principal", "action", "resource", "context", "expect"],
                "rows": rows,
            }
        ],
    }
    file = folder / "all.policytest.yaml"
    file.write_text(json.dumps(suite))
    return file


def row(number, principals):
    """One test: even numbers are allowed, odd ones ask for what another team has."""
    who = number % principals
    service = list(SERVICES)[number // principals % 4]
    name = SERVICES[service][number // 2 % 2]
    team = who if number // principals % 2 == 0 else (who + 4) % principals
    arn = ARNS[service].format(who % 4, team, "thing")
    expect = "allow" if team == who else "implicit-deny"
    return [f"p{who}", f"{service}:{name}", arn, {"aws:SecureTransport": True}, expect]


def main():
    gc.disable()  # as the command line does
    quick = "--quick" in sys.argv
    jobs = int(sys.argv[sys.argv.index("--jobs") + 1]) if "--jobs" in sys.argv else 1
    principals, tests = (4, 24) if quick else (40, 500)
    with TemporaryDirectory() as folder:
        suite = load_suite(write(Path(folder), principals, tests))
        started = perf_counter()
        plain = run_suite(suite, RULES)
        alone = perf_counter() - started
        assert plain.passed, plain.results[0]
        memory = Path(folder) / "memory.json"
        for word in ("first run", "second run, all remembered"):
            started = perf_counter()
            run = mutate([suite], RULES, jobs=jobs, cache=memory)
            seconds = perf_counter() - started
            statements = principals * 4 + 40
            counts = ", ".join(f"{fate.value} {run.count(fate)}" for fate in Fate)
            print(f"{word}: {statements} statements, {run.asked} tests, {len(run.results)} mutants")
            print(f"  {counts}; {run.remembered} remembered")
            print(f"  {seconds:.1f} s with {jobs} jobs, {seconds / alone:.0f} x the plain run")


if __name__ == "__main__":
    main()
