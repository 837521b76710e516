import sys

from hypothesis import given
from hypothesis import strategies as st

from policyeval.rendering.document import visible


def test_what_steers_a_terminal_becomes_an_escape():
    assert visible("a\x1b[31mb") == "a\\x1b[31mb"
    assert visible("right\u202eleft") == "right\\u202eleft"
    assert visible("one\ntwo\r\tthree") == "one\\ntwo\\r\\tthree"
    assert visible("\x9b\u2028\u200b\ufeff\xa0") == "\\x9b\\u2028\\u200b\\ufeff\\xa0"


def test_tags_and_lone_surrogates_become_escapes():
    assert visible("\U000e0041\ud800") == "\\U000e0041\\ud800"


def test_printable_text_stays():
    assert visible("arn:aws:s3:::日本語-é\\n") == "arn:aws:s3:::日本語-é\\n"


def test_ascii_only_escapes_the_rest_and_spells_the_ellipsis():
    assert visible("é…日\U0001f600", ascii_only=True) == "\\xe9...\\u65e5\\U0001f600"


@given(st.text(), st.booleans())
def test_visible_text_is_printable_and_stays_so(text, ascii_only):
    shown = visible(text, ascii_only=ascii_only)
    assert shown.isprintable()
    assert visible(shown, ascii_only=ascii_only) == shown
    assert not ascii_only or shown.isascii()


def test_no_character_at_all_gets_through():
    every = "".join(chr(number) for number in range(sys.maxunicode + 1))
    assert visible(every).isprintable()
