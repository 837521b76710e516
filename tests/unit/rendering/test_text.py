import pytest
from tests.golden.worlds import WORLDS, identity_near_miss, scp_denies

from policyeval.errors import PolicySyntaxError
from policyeval.finding import Finding, Severity
from policyeval.parsing.policy import parse_policy
from policyeval.rendering.document import line
from policyeval.rendering.snippet import columns_of
from policyeval.rendering.text import render_findings, render_text, wrap
from policyeval.source import Location, Source
from policyeval.stack import Layer


def test_the_five_blocks_stand_in_order():
    text = render_text(scp_denies())
    assert text.startswith("DENIED  explicit deny in a service control policy\n")
    places = [text.index(word) for word in ("principal", "deny[PE1001]", "\nlayers", "\nfixes")]
    assert places == sorted(places)


def test_all_layers_are_listed_in_order():
    for make in WORLDS.values():
        _, _, text = render_text(make()).partition("\nlayers\n")
        names = [row.split()[0] for row in text.split("\n")[:9] if row.strip()]
        assert [n for n in names if n in {layer.value for layer in Layer}] == [
            layer.value for layer in Layer
        ]


def test_a_style_changes_no_character():
    for make in WORLDS.values():
        explanation = make()
        styled = render_text(explanation, style=lambda role, text: f"<{role}>{text}</>")
        bare = render_text(explanation, style=lambda _, text: text)
        plain = render_text(explanation)
        assert "<verdict." in styled
        assert [row.rstrip() for row in bare.split("\n")] == plain.split("\n")


def test_narrow_terminals_get_narrow_text():
    for make in WORLDS.values():
        for row in render_text(make(), width=60).split("\n")[1:]:
            longest = max((columns_of(word) for word in row.split()), default=0)
            assert columns_of(row) <= 64 or longest > 24 or "|" in row


def test_verbose_lists_every_statement_read_and_then_all():
    explanation = identity_near_miss()
    assert '"ReadSecrets"' not in render_text(explanation, verbose=1).partition("statements of")[2]
    whole = render_text(explanation, verbose=2).partition("statements of")[2]
    assert "another action" in whole
    assert "aws:PrincipalAccount" in whole


def test_findings_without_location_without_text_and_with_text():
    bare = Finding("PE0001", Severity.ERROR, "it is broken", help="mend it")
    nowhere = Finding(
        "PE0002", Severity.WARNING, "odd", Location(Source("identity[0]"), "/Version")
    )
    placed = Finding(
        "PE0003", Severity.NOTE, "look", Location(Source("a.json", '{"a": 1}'), "/a"), label="here"
    )
    assert render_findings([bare, nowhere, placed]) == (
        "error[PE0001]: it is broken\n"
        "  = help: mend it\n"
        "\n"
        "warning[PE0002]: odd\n"
        " --> identity[0] /Version\n"
        "\n"
        "note[PE0003]: look\n"
        " --> a.json:1:7\n"
        "  |\n"
        '1 | {"a": 1}\n'
        "  |       ^ here\n"
    )


def test_syntax_errors_are_drawn():
    broken = '{"Version": "2012-10-17",\n "Statement": [{"Effect": "Alow",}]}'
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy(broken, name="p.json")
    text = render_findings(caught.value.findings)
    assert text.startswith("error[PE")
    assert "^" in text


def test_wrapping_never_cuts_a_word_and_keeps_roles():
    rows = wrap(line("a ", "b" * 30, " c").runs, 10, 2)
    assert ["".join(run.text for run in row) for row in rows] == ["a", "b" * 30, "c"]
