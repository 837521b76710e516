"""The shipped example: every row of notebook.json is decided as notebook.md says."""

import json
from pathlib import Path

import pytest

from policyeval.context import ABSENT
from policyeval.environment.file import load_environment
from policyeval.environment.folder import load_folder
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.policy import parse_policy
from policyeval.policy import PolicyType
from policyeval.request import Request
from policyeval.stack import Layer

EXAMPLE = Path(__file__).resolve().parents[2] / "fixtures/environments/tamagotchi"
NOTEBOOK = json.loads((EXAMPLE / "notebook.json").read_text(encoding="utf-8"))
ROWS = [(row, ask) for row in NOTEBOOK["rows"] for ask in row["asks"]]
# A folder of policies does not know which accounts are outside the organization.
OF_THE_FAMILY = [(row, ask) for row, ask in ROWS if not row["principal"].startswith("vet")]
NEAR_MISSES = [(row, ask) for row, ask in ROWS if "unless" in ask]


@pytest.fixture(scope="module")
def environment():
    return load_environment(EXAMPLE / "environment.yaml")


def name_of(part):
    row, ask = part
    context = row.get("context", "") if isinstance(row.get("context", ""), str) else "context"
    return "-".join(filter(None, (row["principal"], ask["action"], ask["resource"], context)))


def session_policies(row):
    return [
        parse_policy(
            (EXAMPLE / name).read_text(encoding="utf-8"), name=name, type=PolicyType.SESSION
        )
        for name in row.get("session_policies", ())
    ]


def context_of(environment, row):
    context = row.get("context", {})
    return environment.context(context) if isinstance(context, str) else dict(context)


def decide(environment, row, ask, changes=()):
    if "session_policies" in row:
        environment = environment.with_session_policies(session_policies(row))
    context = context_of(environment, row) | dict(changes)
    request = Request.of(
        environment.principal_arn(row["principal"]),
        ask["action"],
        environment.resource_arn(ask["resource"]),
        {key: ABSENT if value is None else value for key, value in context.items()},
    )
    return evaluate(request, environment)


@pytest.mark.parametrize("part", ROWS, ids=map(name_of, ROWS))
def test_every_request_of_the_notebook_is_decided_as_told(environment, part):
    row, ask = part
    decision = decide(environment, row, ask)
    assert decision.verdict.value == ask["expect"]
    decided_by = decision.decided_by
    assert (decided_by.value if decided_by else None) == ask.get("decided_by")
    if "statement" in ask:
        assert [ref.statement.sid for ref in decision.determining] == [ask["statement"]]
    assert not decision.request.findings


@pytest.mark.parametrize("part", NEAR_MISSES, ids=map(name_of, NEAR_MISSES))
def test_a_near_miss_is_allowed_with_another_condition(environment, part):
    row, ask = part
    assert decide(environment, row, ask, ask["unless"]).allowed


def test_every_layer_stops_something():
    stopping = {ask["decided_by"] for _, ask in ROWS if ask["expect"] != "allowed"}
    assert stopping == {layer.value for layer in Layer}


def test_only_session_policies_are_left_to_assumption(environment):
    for row, ask in ROWS:
        assumed = dict(decide(environment, row, ask).assumed)
        assert {fact for fact in assumed if fact.startswith("policies:")} <= {"policies:session"}


def test_the_question_of_the_readme_has_a_near_miss_and_a_fix(environment):
    from policyeval.explanation import explain

    request = Request.of(
        environment.principal_arn("keeper"),
        "s3:DeleteObject",
        "arn:aws:s3:::tamagotchi/saves/ada.json",
    )
    decision = evaluate(request, environment)
    assert decision.verdict.value == "implicit_deny"
    assert decision.decided_by is Layer.IDENTITY_POLICY
    assert explain(decision).fixes
    assert environment.principal_arn("tama-keeper") == environment.principal_arn("keeper")


@pytest.fixture(scope="module")
def folder(environment):
    """The policies alone; who is in which group no folder tells."""
    grace = environment.identities["grace"]
    folder = load_folder(EXAMPLE / "policies")
    for layer, documents in (
        (Layer.IDENTITY_POLICY, environment.groups["players"].policies),
        (Layer.PERMISSIONS_BOUNDARY, grace.boundary),
    ):
        folder = folder.with_policies(layer, grace.arn, documents)
    return folder


@pytest.mark.parametrize("part", OF_THE_FAMILY, ids=map(name_of, OF_THE_FAMILY))
def test_the_folder_gives_the_same_answers_once_it_is_told_the_facts(environment, folder, part):
    row, ask = part
    name = row["principal"].partition("/")[0]
    if "session_policies" in row:
        folder = folder.with_session_policies(["feeding-time"])
    facts = {
        "aws:PrincipalArn": environment.identities[name].arn,
        "aws:PrincipalOrgID": "o-tama0feed0",
        "aws:PrincipalTag/pet": "ada",
    }
    request = Request.of(
        environment.principal_arn(row["principal"]),
        ask["action"],
        environment.resource_arn(ask["resource"]),
        facts | context_of(environment, row),
    )
    decision = evaluate(request, folder)
    assert decision.verdict.value == ask["expect"]
    decided_by = decision.decided_by
    assert (decided_by.value if decided_by else None) == ask.get("decided_by")


def table():
    """The table of notebook.md, made from notebook.json."""
    lines = [
        "| the notebook calls | as | IAM request | answer | why |",
        "|---|---|---|---|---|",
    ]
    for row in NOTEBOOK["rows"]:
        who = row["principal"] + (" with a session policy" if "session_policies" in row else "")
        call = f"`{row['call']}`" + (f" {row['how']}" if "how" in row else "")
        for place, ask in enumerate(row["asks"]):
            answer = ask["expect"].replace("_", " ")
            if "decided_by" in ask:
                answer = f"**{answer}** by `{ask['decided_by']}`"
            request = f"`{ask['action']}` on `{ask['resource']}`"
            shown = ("", "") if place else (call, who)
            lines.append(f"| {' | '.join((*shown, request, answer, ask.get('why', '')))} |")
    return "\n".join(lines)


def test_the_page_shows_these_very_rows():
    page = (EXAMPLE / "notebook.md").read_text(encoding="utf-8")
    assert table() in page
