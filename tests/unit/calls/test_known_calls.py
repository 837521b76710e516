"""Well-known calls and their requests, as AWS's documentation tells them: fixtures/calls."""

import json
from pathlib import Path

import pytest

from policyeval.calls.call import ApiCall
from policyeval.calls.requests import requests_of

LINES = (Path(__file__).parents[3] / "fixtures/calls/known.jsonl").read_text().splitlines()
CASES = [json.loads(line) for line in LINES]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['service']}.{c['operation']}")
def test_a_known_call_makes_the_requests_that_aws_documents(case):
    call = ApiCall(
        case["service"],
        case["operation"],
        case["parameters"],
        region="eu-west-1",
        account="123456789012",
    )
    requests = requests_of(call)
    certain = [[each.action, each.resource] for each in requests if each.certain]
    assert certain == case["requests"]
    perhaps = {each.action for each in requests if not each.certain}
    assert set(case.get("perhaps", ())) <= perhaps


def test_every_known_call_names_its_source():
    assert all(len(case["source"]) > 10 for case in CASES)
    assert len(CASES) > 150
