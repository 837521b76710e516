"""Both lanes agree: what a grammar accepts the plain reader accepts, and nothing else.

Texts come from the grammars themselves, whole and with a few characters changed. Defects that a
grammar does not know (which services have no region, and the like) are named in each test.
"""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark.exceptions import UnexpectedInput

from policyeval.parsing.action import read_action_pattern
from policyeval.parsing.arn import arn_pattern_defect, read_arn
from policyeval.parsing.document import read_document
from policyeval.parsing.grammar import load_grammar
from policyeval.parsing.operator import read_operator
from policyeval.parsing.policy import read_policy
from policyeval.parsing.principal import read_principal
from policyeval.parsing.variable import parse_template

SPECIAL = "*?:/${},'\"[] \n.-aA0\u00e9\u212a\u0661"


def accepts(name, text, start="start"):
    """What the judge says."""
    try:
        load_grammar(name, start=start).parse(text)
    except UnexpectedInput:
        return False
    return True


@st.composite
def texts(draw, name, start="start"):
    """Texts of a grammar, most of them with something inserted, taken out or replaced."""
    text = draw(from_lark(load_grammar(name, start=start), start=start))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        end = min(at + draw(st.integers(0, 2)), len(text))
        text = text[:at] + draw(st.text(SPECIAL, max_size=2)) + text[end:]
    return text


S3_WITH_ACCOUNT, REGION_OF_A_GLOBAL_SERVICE = "PE0207", "PE0214"
KNOWN_TO_THE_READER_ALONE = (S3_WITH_ACCOUNT, REGION_OF_A_GLOBAL_SERVICE)


@given(texts("arn"))
@example("arn:aws:iam:123456789012:user/x")
@example("arn:aws:s3:::\u00a0")
@example("arn:aws:0:::x")
@example("arn:aws:s3:::a\n")
def test_arn(text):
    arn, defect = read_arn(text)
    if defect is None or defect.code not in KNOWN_TO_THE_READER_ALONE:
        assert accepts("arn", text) == (arn is not None)
    if arn is not None:
        assert str(arn) == text


@given(texts("arn", start="pattern"))
@example("arn:*:0*:12*::x")
@example("arn:aws:s3:::${aws:username}")
@example("**")
def test_arn_pattern(text):
    defect = arn_pattern_defect(text)
    if defect is None or defect.code not in KNOWN_TO_THE_READER_ALONE:
        assert accepts("arn", text, start="pattern") == (defect is None)


@given(texts("action"), st.booleans())
@example("\u212as:x", False)
@example("*:*", False)
def test_action(text, upper):
    text = text.upper() if upper else text
    pattern, _ = read_action_pattern(text)
    assert accepts("action", _lower(text)) == (pattern is not None)


@given(texts("operator"), st.booleans())
@example("nullifexists", False)
@example("\u017ftringlike", False)
def test_operator(text, upper):
    text = text.upper() if upper else text
    operator, _ = read_operator(text)
    assert accepts("operator", _lower(text)) == (operator is not None)


@given(texts("variable"))
@example("${$}{aws:x}")
@example("${a, 'b}'}")
@example("${a,'b' }")
@example("$${a}")
def test_variable(text):
    _, defects = parse_template(text, variables=True)
    assert accepts("variable", text) == all(d.severity.value == "note" for d in defects)


KINDS = {
    "AWS": "aws",
    "Service": "service",
    "Federated": "federated",
    "CanonicalUser": "canonical_user",
}


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_principal(kind, data):
    text = data.draw(texts("principal", start=KINDS[kind]))
    _, defect = read_principal(kind, text)
    is_principal = defect is None or defect.severity.value == "note"
    assert accepts("principal", text, start=KINDS[kind]) == is_principal


NOT_JSON = {f"PE00{number:02}" for number in (5, 6, 7, 8, 9, 10, 11, 12, 17, 18, 19, 20, 21)}


@given(texts("json"))
@example("[NaN]")
@example("\x0c1")
@example("[01]")
@example("")
def test_json(text):
    _, _, findings = read_document(text)
    read = {finding.code for finding in findings}.isdisjoint(NOT_JSON)
    assert accepts("json", text) == read


# The grammar knows the shape of elements, not which of them are missing or may stand together.
SHAPE = {
    *("PE0101", "PE0102", "PE0105", "PE0106", "PE0107", "PE0312"),
    *("PE0401", "PE0409"),
}


@given(texts("policy"))
@example('{"Statement": {"Condition": {"Bool": {"a:b": null}}}}')
@example('{"Statement": [{"Effect": "allow"}]}')
@example('{"Version": 1}')
@example("[]")
def test_policy(text):
    tree, _, findings = read_document(text)
    if tree is None:
        codes = {finding.code for finding in findings}
        assert not accepts("policy", text) or codes.isdisjoint(NOT_JSON)
        return
    _, findings = read_policy(text)
    codes = {finding.code for finding in findings}
    canonical = json.dumps(json.loads(text))  # names without needless escapes
    if "PE0301" not in codes and "PE0302" not in codes:  # then the block is not read further
        assert accepts("policy", canonical) == SHAPE.isdisjoint(codes)


def _lower(text):
    """What a grammar in lower case is given: letters beyond ASCII stay what they are."""
    return "".join(char.lower() if char.isascii() else char for char in text)
