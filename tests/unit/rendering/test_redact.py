import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden.worlds import WORLDS

from policyeval.rendering.redact import redact
from policyeval.rendering.text import render_text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("arn:aws:iam::222233334444:role/x 999988887777 222233334444",
         "arn:aws:iam::111111111111:role/x 222222222222 111111111111"),
        ("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "o-aaaaaaaaaa/r-aaaa/ou-aaaa-aaaaaaaa/"),
        ("AROAEXAMPLEID1234567:session AKIAIOSFODNN7EXAMPLE",
         "AROAAAAAAAAAAAAAAAAA:session AKIABBBBBBBBBBBBBBBB"),
        ("bucket-222233334444-eu", "bucket-111111111111-eu"),
        ("\x1b[36m222233334444\x1b[0m \x1b[1mo-a1b2c3d4e5",
         "\x1b[36m111111111111\x1b[0m \x1b[1mo-aaaaaaaaaa"),
        ("\\n222233334444\\no-a1b2c3d4e5", "\\n111111111111\\no-aaaaaaaaaa"),
        ("1234567890123 two-factor for-each vpce-0a1b2c3d aws", None),
    ],
)  # fmt: skip
def test_ids_are_replaced_one_by_one(text, hidden):
    assert redact(text) == (text if hidden is None else hidden)


def test_more_than_nine_accounts_stay_different():
    ids = [f"{number:012d}" for number in range(500000000000, 500000000040)]
    hidden = redact(" ".join(ids)).split(" ")
    assert len(set(hidden)) == len(ids)


def test_nothing_moves_and_nothing_is_left():
    for make in WORLDS.values():
        text = render_text(make())
        hidden = redact(text)
        assert [len(row) for row in hidden.split("\n")] == [len(row) for row in text.split("\n")]
        for account in ("222233334444", "111122223333", "444455556666"):
            assert account not in hidden
        assert "o-a1b2c3d4e5" not in hidden


@given(st.text(alphabet="0123456789orAID-:/u\n\\x", max_size=200))
def test_the_length_stays(text):
    assert len(redact(text)) == len(text)


def test_it_takes_linear_time():
    for piece in ("A", "AIDA", "1", "o-", "ou-aaaa-", "r-", "\\u00", "\x1b["):
        redact(piece * 200_000)
