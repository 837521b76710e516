"""Law: what `suite_text` writes is read back as what was given, whatever the texts hold."""

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from policyeval.environment.yaml_tree import read_tree
from policyeval.testing.write import flow, suite_text

awkward = st.sampled_from(
    [
        "no",
        "1",
        "a: b",
        "a #b",
        "*a",
        "&a",
        "!a",
        "- a",
        "? ",
        ":",
        "12:30",
        "...",
        "---",
        "=",
        "<<",
        "2027-01-31",
    ]
)
texts = (
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | awkward
    | st.text(st.sampled_from(" :#,[]{}?-*&!|>'\"%@`\\\n\t\r\x85\u2028\ufeffab1.~"), max_size=8)
)
data = st.recursive(
    st.none() | st.booleans() | texts,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(texts, children, max_size=4),
    max_leaves=12,
)
keys = st.sampled_from(["version", "stack", "defaults", "tests", "context-sets", "skip"]) | texts


@given(st.dictionaries(keys, data, min_size=1, max_size=4), texts, st.booleans())
@example({"tests": [[[], {}], {"": {"": [""]}}]}, "", False)
@example({"tests": [{"name": "n" * 90, "context": {"a: b": None}, "#": ["", "x" * 90]}]}, "", True)
def test_a_written_suite_is_read_as_the_same_data(suite, head, packed):
    text = suite_text(suite, head=head, packed=packed)
    tree, findings = read_tree(text, "written")
    assert tree is not None, (text, findings)
    assert tree.plain() == suite


@given(data)
def test_other_readers_of_yaml_read_the_same(value):
    assert yaml.safe_load(f"- {flow(value)}") == [value]
