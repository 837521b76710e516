"""What `covers` calls covered is covered; what `witness` gives lies in all patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policyeval.matching.action import wildcard_tokens
from policyeval.matching.resource import limit_to_fields
from policyeval.query.patterns import Budget, Pattern, Undecided, covers, overlap, witness

TEXTS = st.text("ab:/*?", max_size=8).map(lambda text: f"arn:aws:s3:{text}")
SHORT = st.text("ab:/*?", max_size=6)
FILL = st.lists(st.text("ab:/z", max_size=3), min_size=8, max_size=8)


def pattern(text, *, in_fields=True):
    tokens = wildcard_tokens(text)
    return Pattern(text, limit_to_fields(tokens) if in_fields else tokens)


def instance(text, fill):
    """Put something in the place of each wildcard; perhaps more than its field may hold."""
    parts = iter(fill)
    return "".join(
        next(parts, "a") if char == "*" else (next(parts, "a") + "a")[0] if char == "?" else char
        for char in text
    )


@given(TEXTS, TEXTS, FILL)
def test_whatever_a_covered_pattern_matches_the_wider_one_matches(wide, narrow, fill):
    one, other = pattern(wide), pattern(narrow)
    text = instance(narrow, fill)
    if covers(one, other) and other.matches(text):
        assert one.matches(text)


@given(SHORT, FILL)
def test_a_pattern_covers_itself_its_texts_and_less_than_everything(text, fill):
    this = pattern(text, in_fields=False)
    assert covers(this, this)
    assert covers(pattern("*", in_fields=False), this)
    found = instance(text, fill)
    assert covers(this, Pattern(found, (found,)))


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_a_witness_lies_in_all_patterns(texts):
    patterns = [pattern(text) for text in texts]
    found = witness(patterns)
    if found is not None:
        assert all(each.matches(found) for each in patterns)


@given(TEXTS, TEXTS, FILL)
def test_where_two_patterns_share_a_text_a_witness_is_found(first, second, fill):
    one, other = pattern(first), pattern(second)
    shared = instance(first, fill)
    if one.matches(shared) and other.matches(shared):
        assert witness((one, other)) is not None


def test_a_witness_has_a_stretch_of_its_own_where_it_is_free():
    found = witness((pattern("arn:aws:s3:::logs/*"), pattern("arn:*:s3:::*/*.gz")))
    assert found == "arn:aws:s3:::logs/zq0.gz"


def test_what_takes_too_long_is_given_up_and_said_so():
    long = pattern("arn:aws:s3:::" + "*a" * 2000)
    with pytest.raises(Undecided):
        witness((long, pattern("arn:aws:s3:::*b")))
    tangled = [pattern("arn:aws:s3:::" + f"*{char}*b" * 100) for char in "acd"]
    with pytest.raises(Undecided):
        witness(tangled)
    assert overlap(tangled), "in doubt they do"


def test_a_spent_budget_ends_all_searches():
    budget = Budget(30)
    first = (pattern("arn:aws:s3:::logs/*"), pattern("arn:aws:s3:::*.gz"))
    with pytest.raises(Undecided):
        witness(first, budget)
    assert budget.left <= 0
    with pytest.raises(Undecided):
        witness(first, budget)
