import pytest

from policyeval.errors import ConfigError
from policyeval.parsing.selection import read_selection

ID = "tests/s3.policytest.yaml::deploy publishes the site[deploy-s3:PutObject]"


@pytest.mark.parametrize(
    "text",
    [
        "deploy",
        "DEPLOY",
        "s3:PutObject",
        "site[deploy",
        "deploy and site",
        "nothing or site",
        "not nothing",
        "not not site",
        "nothing and site or deploy",
        "deploy and (nothing or 's3:putobject')",
        '"deploy publishes"',
        "not nothing and not 'no such'",
        "android or deploy",
    ],
)
def test_expression_chooses_the_id(text):
    assert read_selection(text)(ID)


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "not deploy",
        "deploy and nothing",
        "not (deploy or nothing)",
        "'deploy  publishes'",
    ],
)
def test_expression_leaves_the_id_out(text):
    assert not read_selection(text)(ID)


@pytest.mark.parametrize(
    ("text", "place"),
    [("", 0), ("and", 0), ("a and", 5), ("(a", 2), ("a b", 2), ("'a", 0), ("a)", 1), ("not", 3)],
)
def test_what_is_no_expression_is_shown_where_it_goes_wrong(text, place):
    with pytest.raises(ConfigError) as caught:
        read_selection(text)
    [finding] = caught.value.findings
    assert finding.code == "PE2211"
    assert finding.location.resolve().start == place


def test_deep_brackets_are_refused_or_read_but_never_a_traceback():
    with pytest.raises(ConfigError):
        read_selection("(" * 5000 + "a" + ")" * 5000)
    assert read_selection("(" * 200 + "deploy" + ")" * 200)(ID)
