"""A mutant as a diff of its file."""

import json

import pytest
from tests.unit.testing.mutation.making import mutants, policy_of, statement, text_of

from policyeval.parsing.policy import parse_policy, read_policy
from policyeval.policy import PolicyType
from policyeval.source import Source
from policyeval.stack import AttachedPolicy, Layer
from policyeval.testing.mutation.attachments import detach_mutant
from policyeval.testing.mutation.diff import LONGEST_LINE, diff_of
from policyeval.testing.mutation.model import Attachment
from policyeval.testing.mutation.operators import mutants_of
from policyeval.testing.mutation.words import change_words

RICH = (
    statement(
        Sid="First",
        Action=["s3:GetObject", "s3:PutObject", "s3:Delete*"],
        Condition={
            "StringEquals": {"s3:prefix": ["a", "b"], "aws:SourceVpce": "v"},
            "NumericLessThan": {"s3:max-keys": 5},
            "Bool": {"aws:SecureTransport": True},
            "ForAnyValue:StringLike": {"aws:TagKeys": ["a*"]},
        },
    ),
    statement("Deny", NotAction=["iam:*", "sts:*"], Resource="*"),
)


def patched(text, diff):
    """The text after the hunk is applied, checked against what it says of the old lines."""
    old = text.split("\n")
    start = diff.first - 1
    taken = [line[1:] for line in diff.lines if line[0] in " -"]
    assert old[start : start + diff.old_count] == taken
    put = [line[1:] for line in diff.lines if line[0] in " +"]
    assert len(put) == diff.new_count
    return "\n".join([*old[:start], *put, *old[start + diff.old_count :]])


@pytest.mark.parametrize("indent", [2, 4])
def test_patched_file_is_the_mutant(indent):
    text = json.dumps({"Version": "2012-10-17", "Statement": list(RICH)}, indent=indent)
    policy = parse_policy(text, name="p.json", type=PolicyType.IDENTITY)
    made, _ = mutants_of(policy)
    assert len(made) > 30
    for mutant in made:
        again = parse_policy(patched(text, diff_of(mutant)), type=PolicyType.IDENTITY)
        expected = [each for each in policy.statements if each.index != mutant.index]
        if mutant.statement is not None:
            expected.insert(mutant.index, mutant.statement)
        meant = [(s.effect, s.action, s.resource, s.condition) for s in expected]
        assert [(s.effect, s.action, s.resource, s.condition) for s in again.statements] == meant, (
            change_words(mutant)
        )


def test_empty_lines_and_windows_line_ends_stay():
    text = text_of(*RICH).replace(",\n", ",\n\n")
    for written in (text, text.replace("\n", "\r\n")):
        policy = parse_policy(written, name="p.json", type=PolicyType.IDENTITY)
        for mutant in mutants_of(policy)[0]:
            plain = written.replace("\r\n", "\n")
            again = parse_policy(patched(plain, diff_of(mutant)), type=PolicyType.IDENTITY)
            changed = len(policy.statements) - (mutant.statement is None)
            assert len(again.statements) == changed


def test_one_changed_word_is_a_diff_of_one_line():
    (flip,) = [each for each in mutants(statement(Sid="A")) if each.change.element == "Effect"]
    diff = diff_of(flip)
    assert diff.header == "@@ -3,5 +3,5 @@"
    assert [line for line in diff.lines if line[0] != " "] == [
        '-      "Effect": "Allow",',
        '+      "Effect": "Deny",',
    ]


def test_dropped_item_takes_its_comma_with_it():
    raw = statement(Action=["s3:GetObject", "s3:PutObject"])
    (last,) = [each for each in mutants(raw) if change_words(each) == "Action s3:PutObject dropped"]
    assert [line.strip("+- ,") for line in diff_of(last).lines if line[0] == "-"] == [
        '"s3:GetObject"',
        '"s3:PutObject"',
    ]
    assert [line for line in diff_of(last).lines if line[0] == "+"] == ['+        "s3:GetObject"']


def test_policy_without_text_is_shown_in_its_written_form():
    policy = parse_policy({"Version": "2012-10-17", "Statement": statement(Sid="A")})
    made, _ = mutants_of(policy)
    diff = diff_of(next(each for each in made if each.change.element == "Effect"))
    assert diff.header == "@@ @@"
    assert '-  "Effect": "Allow",' in diff.lines
    assert '+  "Effect": "Deny",' in diff.lines


def test_text_of_one_long_line_is_shown_in_its_written_form():
    raw = statement(Action=[f"s3:Get{number}" for number in range(LONGEST_LINE // 8)])
    policy = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [raw]}), name="p.json")
    made, _ = mutants_of(policy)
    diff = diff_of(next(each for each in made if each.change.element == "Effect"))
    assert diff.first == 0
    assert all(len(line) < LONGEST_LINE for line in diff.lines)


def test_policy_inside_a_bigger_document_is_edited_where_it_stands():
    policy = json.loads(text_of(statement(Sid="A")))
    text = json.dumps({"Policies": [{"Name": "x", "Document": policy}]}, indent=1)
    pointer = "/Policies/0/Document"
    read, _ = read_policy(policy, source=Source("all.json", text), pointer=pointer)
    made, _ = mutants_of(read)
    for mutant in made:
        after = json.loads(patched(text, diff_of(mutant)))
        assert after["Policies"][0]["Name"] == "x"
        assert after["Policies"][0]["Document"] != policy


def test_attachment_has_no_diff():
    policy = policy_of(statement())
    attachment = Attachment(Layer.PERMISSIONS_BOUNDARY, "b.json")
    assert diff_of(detach_mutant(attachment, AttachedPolicy(policy, "b.json"))) is None
