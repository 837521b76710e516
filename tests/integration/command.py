"""Run the command line: in this process where that is enough, else in one of its own."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from typer.testing import CliRunner

from policyeval.cli.main import app

ROOT = Path(__file__).parents[2]
TAMAGOTCHI = str(ROOT / "fixtures/environments/tamagotchi/environment.yaml")

ANA = "arn:aws:iam::111122223333:user/ana"
LOG = "arn:aws:s3:::logs/a.log"
QUESTION = (ANA, "s3:GetObject", LOG)


class Answer(NamedTuple):
    code: int
    out: str
    err: str


def ask(*words, stdin=b"", env=None):
    """Run a command in this process. Its streams are UTF-8, and no terminal."""
    plain = dict.fromkeys((name for name in os.environ if "COLOR" in name), None)
    done = CliRunner().invoke(app, list(map(str, words)), input=stdin, env=plain | (env or {}))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Answer(done.exit_code, done.stdout, done.stderr)


def command(*words):
    return [sys.executable, "-m", "policyeval", *map(str, words)]


def environment(**changes):
    plain = {key: value for key, value in os.environ.items() if "COLOR" not in key}
    return plain | {"PYTHONIOENCODING": "utf-8"} | changes


def run(*words, stdin=b"", cwd=None, **changes):
    """Run a command in its own process; its output in bytes."""
    done = subprocess.run(
        command(*words),
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(**changes),
        timeout=60,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def policy(*statements, **more):
    """A document; a statement says what differs from `allow all of S3`."""
    whole = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [whole | each for each in statements], **more}


def when(**conditions):
    """A statement that asks for some context values: `when(SourceVpce="vpce-1")`."""
    wanted = {f"aws:{key}": value for key, value in conditions.items()}
    return {"Condition": {"StringEquals": wanted}}


def case(number=0, **more):
    return {
        "id": f"case-{number}",
        "request": {"principal": ANA, "action": "s3:GetObject", "resource": LOG},
        "policies": {"identity": [policy({})]},
        **more,
    }
