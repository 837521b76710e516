"""The fuzz targets themselves work, without atheris: each on a few good inputs."""

import json
from pathlib import Path

import pytest
from tests.fuzz import fuzz_case, fuzz_policy

CONFORMANCE = Path(__file__).resolve().parents[2] / "fixtures" / "conformance"
LINES = [
    line
    for path in sorted(CONFORMANCE.glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()[::40]
]


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_target_answers_a_case_of_the_conformance_suite(line):
    fuzz_case.test_one_input(line.encode())


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_target_answers_the_policies_of_the_conformance_suite(line):
    for policies in json.loads(line)["policies"].values():
        fuzz_policy.test_one_input(json.dumps(policies).encode())
        for policy in policies or ():
            fuzz_policy.test_one_input(json.dumps(policy).encode())


def test_target_takes_what_is_no_json():
    for data in (b"", b"{", b"\xff", b"[" * 100_000):
        fuzz_case.test_one_input(data)
