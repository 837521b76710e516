"""Actions, keys and operators mean the same in any letter case (R-MATCH-01, R-COND-01)."""

from hypothesis import given
from hypothesis import strategies as st
from tests.property import strategies

from policyeval.context import UNKNOWN, Facts


def recased(random, text):
    return "".join(random.choice((char.lower(), char.upper())) for char in text)


def recased_statement(random, statement):
    changed = dict(statement)
    for element in ("Action", "NotAction"):
        if element in changed:
            listed = changed[element]
            changed[element] = (
                recased(random, listed)
                if isinstance(listed, str)
                else [recased(random, text) for text in listed]
            )
    if "Condition" in changed:
        changed["Condition"] = {
            recased(random, operator): {recased(random, key): block[key] for key in block}
            for operator, block in changed["Condition"].items()
        }
    return changed


def recased_scenario(random, scenario):
    layers = {
        layer: tuple(
            tuple(
                {**policy, "Statement": [recased_statement(random, s) for s in policy["Statement"]]}
                for policy in level
            )
            for level in levels
        )
        for layer, levels in scenario.layers.items()
    }
    return scenario.changed(
        action=recased(random, scenario.action),
        context={recased(random, key): value for key, value in scenario.context.items()},
        layers=layers,
    )


def folded_answer(decision):
    verdict, blocking, first, missing, announced, statements = strategies.answer_of(decision)
    return verdict, blocking, first, {fact.lower() for fact in missing}, announced, statements


@given(strategies.scenarios(), st.randoms(use_true_random=True))
def test_letter_case_of_names_never_matters_to_a_complete_request(scenario, random):
    expected = folded_answer(scenario.decide())
    assert folded_answer(recased_scenario(random, scenario).decide()) == expected


@given(strategies.scenarios(states=(UNKNOWN,), omit=True), st.randoms(use_true_random=True))
def test_letter_case_of_names_never_matters_to_a_partial_request(scenario, random):
    expected = folded_answer(scenario.decide(Facts.PARTIAL))
    assert folded_answer(recased_scenario(random, scenario).decide(Facts.PARTIAL)) == expected
