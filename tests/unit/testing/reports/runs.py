"""Runs to report: of the house of the tamagotchi, and of one that is out for mischief."""

import json
from datetime import date
from pathlib import Path

from policyeval.parsing.policy import parse_policy
from policyeval.source import Location, Source, Span
from policyeval.stack import AttachedPolicy, Layer, PolicyStack
from policyeval.testing import load_suite
from policyeval.testing.model import (
    Aspect,
    Expectation,
    Mismatch,
    PolicyTest,
    Result,
    Run,
    Skip,
    Status,
    Want,
    World,
)
from policyeval.testing.run import Rules, run_test
from policyeval.value import replace

ROOT = Path(__file__).parents[4]
HOUSE = "fixtures/environments/tamagotchi/tests/house.policytest.yaml"
TODAY = Rules(date(2026, 11, 24))

EVIL = (
    "\x1b[31m\x1b]0;t\x07]]><script>alert(1)</script>\"'><img src=x onerror=y> --> &amp; |`|``` "
    "\u202e\ud800\ufffe\x00\n::error::x\r\n::set-output name=a::b\n##[error]c\n# h\n- "
    "[l](http://x.test) [l](0) @someone #1 www.x.test {0} ${x}, "
    "a:b%0A::notice::z </details></code>\n"
)


def house(monkeypatch):
    """The tests of the house, by title; they are asked from the top of the checkout."""
    monkeypatch.chdir(ROOT)
    return {test.title: test for test in load_suite(HOUSE).tests}


def run_of(*tests, rules=TODAY):
    return Run(tuple(run_test(test, rules) for test in tests), 0.25)


def expecting(test, decision=None, **more):
    return replace(test, expect=Expectation(decision, **more))


def turned(test):
    """The test with an expectation that fails."""
    return expecting(test, Want.DENY if test.expect.decision is Want.ALLOW else Want.ALLOW)


def mixed(monkeypatch):
    """One of each status: passed, failed, skipped, an error."""
    tests = house(monkeypatch)
    vet = tests["the vet is outside the family"]
    return run_of(
        tests["nobody deletes the bucket[keeper]"],
        turned(vet),
        replace(vet, name="not now", skip=Skip("waits for the <vet>")),
        replace(vet, name="a typo", action="s3GetObject"),
    )


def evil_run():
    """Failures whose every text tries to break out of its report."""
    written = EVIL.replace("\ud800", "")  # which no policy may hold
    statement = {
        "Sid": written,
        "Effect": "Deny",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalTag/" + written: [written, "x"]}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    text = json.dumps(document, indent=2, ensure_ascii=False)
    policy = parse_policy(text, name=EVIL)
    stack = PolicyStack.of({Layer.SERVICE_CONTROL_POLICY: [AttachedPolicy(policy, EVIL)]})
    source = Source(EVIL, EVIL)
    test = PolicyTest(
        EVIL,
        EVIL,
        EVIL,
        "arn:aws:iam::111122223333:user/ana",
        "s3:GetObject",
        "arn:aws:s3:::bucket/key",
        {"aws:PrincipalTag/" + written: EVIL + "2"},
        Expectation(Want.ALLOW, statement=EVIL, message=EVIL, near_miss=EVIL, missing=(EVIL, EVIL)),
        World(EVIL, stack),
        Location(source, span=Span(3, 40)),
        skip=None,
    )
    skipped = replace(test, skip=Skip(EVIL))
    malformed = replace(test, resource=EVIL)
    late = Result(test, Status.FAILED, None, (Mismatch(Aspect.SKIP, EVIL, EVIL),))
    results = [run_test(each, TODAY) for each in (test, skipped, malformed)]
    assert [each.status.value for each in results] == ["failed", "skipped", "error"]
    return Run((*results, late), 0.25)
