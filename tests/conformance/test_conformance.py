"""Every line of fixtures/conformance, and every rule seen from both sides."""

import json
import re
from pathlib import Path

import pytest

from policyeval.case import Case, decide

CHECKOUT = Path(__file__).resolve().parents[2]
CASES = [
    json.loads(line)
    for path in sorted((CHECKOUT / "fixtures" / "conformance").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
    if line.strip()
]
RULES = re.findall(
    r"\*\*(R-[A-Z]+-\d+) ", (CHECKOUT / "docs" / "semantics.md").read_text(encoding="utf-8")
)

NOT_SEEN_IN_A_DECISION = {
    "R-LANG-08": "past a size limit: a finding, the answer stays",
    "R-LANG-09": "about the text of a Sid, which changes no answer",
    "R-LANG-10": "hostile input is refused, so there is no decision",
    "R-ARN-01": "the form of ARNs: tests of parsing",
    "R-ARN-03": "what is said about a malformed ARN: tests of parsing",
    "R-MATCH-06": "about time, not about answers: benchmarks",
    "R-COND-15": "an unknown operator is refused, so there is no decision",
    "R-MSG-01": "messages, no decision",
    "R-MSG-02": "messages, no decision",
    "R-MSG-03": "messages, no decision",
    "R-MSG-04": "messages, no decision",
    "R-MSG-05": "messages, no decision",
}


def statement_key(layer, policy, index, level=None):
    return (layer, policy, index) if level is None else (layer, policy, index, level)


@pytest.mark.parametrize("data", CASES, ids=[case["id"] for case in CASES])
def test_case_is_decided_as_expected(data):
    case = Case.of(data)
    expected = case.expect
    assert expected is not None

    decision = decide(case)

    got = {"decision": decision.verdict.value}
    wanted = {"decision": expected.decision}
    if expected.blocking is not None:
        got["blocking"] = [layer.value for layer in decision.blocking]
        wanted["blocking"] = expected.blocking
    if expected.statements is not None:
        with_level = any(one.level is not None for one in expected.statements)
        got["statements"] = {
            statement_key(
                ref.layer.value,
                ref.policy.name,
                ref.statement.index,
                ref.level if with_level else None,
            )
            for ref in decision.determining
        }
        wanted["statements"] = {
            statement_key(one.layer, one.policy, one.index, one.level)
            for one in expected.statements
        }
    if expected.missing is not None:
        got["missing"] = set(decision.missing)
        wanted["missing"] = set(expected.missing)
    if expected.decided_by is not None:
        got["decided_by"] = decision.decided_by and decision.decided_by.value
        wanted["decided_by"] = expected.decided_by
    assert got == wanted, case.why


def test_case_ids_are_unique_and_lower_case():
    ids = [case["id"] for case in CASES]
    assert len(ids) == len(set(ids))
    assert all(case_id == case_id.lower() for case_id in ids)


def test_case_rules_are_those_of_the_specification():
    assert {rule for case in CASES for rule in case["rules"]} <= set(RULES)


def test_rules_without_cases_are_rules_of_the_specification_and_have_none():
    assert set(NOT_SEEN_IN_A_DECISION) <= set(RULES)
    assert not {rule for case in CASES for rule in case["rules"]} & set(NOT_SEEN_IN_A_DECISION)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule not in NOT_SEEN_IN_A_DECISION])
def test_every_rule_has_cases_for_and_against(rule):
    decisions = {case["expect"]["decision"] for case in CASES if rule in case["rules"]}
    assert "allowed" in decisions, f"no case of {rule} is allowed"
    assert decisions - {"allowed"}, f"every case of {rule} is allowed"
