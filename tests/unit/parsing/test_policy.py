import datetime
import json

import pytest
from tests.unit.parsing.helpers import codes, document, found, statement, underlined

from policyeval.errors import PolicySyntaxError
from policyeval.parsing.policy import parse_policy, read_policy
from policyeval.policy import (
    ActionElement,
    ActionPattern,
    ConditionClause,
    ConditionOperator,
    Effect,
    PolicyType,
    PrincipalElement,
    PrincipalPattern,
    ResourceElement,
    Statement,
    Template,
    Variable,
    Wildcard,
)
from policyeval.source import Source

FULL = """{
  "Version": "2012-10-17",
  "Id": "p1",
  "Statement": [
    {
      "Sid": "Home",
      "Effect": "Deny",
      "Principal": {"AWS": ["123456789012"], "Service": "lambda.amazonaws.com"},
      "NotAction": ["s3:Get*", "SQS:*"],
      "Resource": "arn:aws:s3:::home/${aws:username}/*",
      "Condition": {
        "StringLike": {"aws:PrincipalTag/team": ["a*", "b"]},
        "numericlessthan": {"s3:max-keys": 10},
        "Bool": {"aws:SecureTransport": true}
      }
    }
  ]
}"""


def test_full_statement():
    policy = parse_policy(FULL, name="full.json")
    assert policy.findings == ()
    assert (policy.version, policy.id, policy.source) == (
        "2012-10-17",
        "p1",
        Source("full.json", FULL),
    )
    assert policy.statements == (
        Statement(
            0,
            "/Statement/0",
            "Home",
            Effect.DENY,
            PrincipalElement(
                False,
                (
                    PrincipalPattern("AWS", "123456789012"),
                    PrincipalPattern("Service", "lambda.amazonaws.com"),
                ),
            ),
            ActionElement(
                True,
                (ActionPattern("s3:Get*", "s3", "get*"), ActionPattern("SQS:*", "sqs", "*")),
            ),
            ResourceElement(
                False,
                (
                    Template(
                        "arn:aws:s3:::home/${aws:username}/*",
                        ("arn:aws:s3:::home/", Variable("aws:username"), "/", Wildcard.ANY_RUN),
                    ),
                ),
            ),
            (
                ConditionClause(
                    ConditionOperator("StringLike", text="StringLike"),
                    "aws:PrincipalTag/team",
                    (Template("a*", ("a", Wildcard.ANY_RUN)), Template("b", ("b",))),
                ),
                ConditionClause(
                    ConditionOperator("NumericLessThan", text="numericlessthan"),
                    "s3:max-keys",
                    (Template("10", ("10",)),),
                ),
                ConditionClause(
                    ConditionOperator("Bool", text="Bool"),
                    "aws:SecureTransport",
                    (Template("true", ("true",)),),
                ),
            ),
        ),
    )


def test_text_bytes_and_dict_are_the_same_policy():
    policies = [parse_policy(data) for data in (FULL, FULL.encode(), json.loads(FULL))]
    assert policies[0].same_language == policies[1].same_language == policies[2].same_language
    assert policies[2].source.text is None


def test_single_statement_and_bare_strings_have_list_pointers():
    policy = parse_policy(json.dumps(document(Statement=statement(Action="s3:*"))))
    (only,) = policy.statements
    assert only.pointer == "/Statement/0"
    place = policy.location(only.at("Action", 0)).resolve()
    assert policy.source.text[place.start : place.end] == '"s3:*"'


def test_document_inside_an_export_has_the_pointers_of_the_export():
    export = {"Roles": [{"Policy": document(statement(Action="GetObject"))}]}
    text = json.dumps(export)
    policy, (finding,) = read_policy(
        export["Roles"][0]["Policy"], source=Source("export.json", text), pointer="/Roles/0/Policy"
    )
    assert policy is None
    assert finding.location.pointer == "/Roles/0/Policy/Statement/0/Action/0"
    assert underlined(finding) == "GetObject"


def test_document_as_a_string_inside_an_export_points_at_the_string():
    inner = json.dumps(document(statement(Action="GetObject")))
    text = json.dumps({"Policy": inner})
    for given in (inner, inner[:-1]):
        _, (finding, *_) = read_policy(given, source=Source("e.json", text), pointer="/Policy")
        assert underlined(finding) == json.dumps(inner)


def test_all_defects_of_a_document_are_reported():
    with pytest.raises(PolicySyntaxError) as raised:
        parse_policy(
            document(
                statement(Effect="Alow", Action=["GetObject", "s*:x"], Sid=3),
                statement(Resource=None, Actions="s3:*", Principle="*"),
                Version="2012-10-18",
            )
        )
    assert sorted(codes(raised.value.findings)) == [
        "PE0102",
        "PE0102",
        "PE0103",
        "PE0105",
        "PE0106",
        "PE0107",
        "PE0111",
        "PE0112",
    ]
    assert str(raised.value).endswith("(and 7 more)")


# what changes, code, the pointer after the document's, part of message, label or help
STRUCTURE = [
    ([], "PE0101", "", "a list"),
    (document(version="2012-10-17"), "PE0102", "/version", "did you mean `Version`?"),
    (
        document(statement(Actions="s3:*")),
        "PE0102",
        "/Statement/0/Actions",
        "did you mean `Action`?",
    ),
    (document(statement(**{"a/b": 1})), "PE0102", "/Statement/0/a~1b", "legal are Sid"),
    (document(Statement=None), "PE0103", "", "no `Statement`"),
    (document(statement(Effect=None)), "PE0103", "/Statement/0", "`Effect`"),
    (document(statement(Action=None)), "PE0103", "/Statement/0", "`Action`"),
    (document(statement(Resource=None)), "PE0103", "/Statement/0", "`Resource`"),
    (document(statement(NotAction="s3:*")), "PE0104", "/Statement/0/NotAction", "both"),
    (document(statement(NotResource="*")), "PE0104", "/Statement/0/NotResource", "both"),
    (
        document(statement(Principal="*", NotPrincipal={"AWS": "*"})),
        "PE0104",
        "/Statement/0/NotPrincipal",
        "both",
    ),
    (document(Version="2024-01-01"), "PE0105", "/Version", "expected `2012-10-17`"),
    (document(Version=datetime.date(2012, 10, 17)), "PE0105", "/Version", "a date without quotes"),
    (document(Id=7), "PE0106", "/Id", "`Id` must be a string"),
    (document(Statement="x"), "PE0106", "/Statement", "a string"),
    (document(Statement=["x"]), "PE0106", "/Statement/0", "a string"),
    (document(statement(Sid=["x"])), "PE0106", "/Statement/0/Sid", "a list"),
    (document(statement(Effect=True)), "PE0106", "/Statement/0/Effect", "true or false"),
    (document(statement(Action={"s3": "*"})), "PE0106", "/Statement/0/Action", "an object"),
    (
        document(statement(Resource=["*", 5])),
        "PE0106",
        "/Statement/0/Resource/1",
        'in quotes: `"5"`',
    ),
    (document(statement(Principal=["*"])), "PE0106", "/Statement/0/Principal", "a list"),
    (
        document(statement(Principal={"AWS": 123456789012})),
        "PE0106",
        "/Statement/0/Principal/AWS",
        "in quotes",
    ),
    (document(statement(Condition=[])), "PE0106", "/Statement/0/Condition", "a list"),
    (
        document(statement(Condition={"Bool": "x"})),
        "PE0106",
        "/Statement/0/Condition/Bool",
        "condition keys",
    ),
    (document(statement(Effect="allow")), "PE0107", "/Statement/0/Effect", "did you mean `Allow`?"),
    (document(statement(Action="Get")), "PE0111", "/Statement/0/Action/0", "`service:name`"),
    (
        document(statement(NotAction=["*", "s*:x"], Action=None)),
        "PE0112",
        "/Statement/0/NotAction/1",
        "wildcard",
    ),
    (
        document(statement(Action=["s3:Get Object"])),
        "PE0113",
        "/Statement/0/Action/0",
        "white space",
    ),
    (
        document(statement(Principal={"Aws": "*"})),
        "PE0401",
        "/Statement/0/Principal/Aws",
        "did you mean `AWS`?",
    ),
    (
        document(statement(Principal="123456789012")),
        "PE0409",
        "/Statement/0/Principal",
        '`{"AWS": "123456789012"}`',
    ),
    (
        document(statement(Condition={"StringEqual": {"aws:x": "1"}})),
        "PE0301",
        "/Statement/0/Condition/StringEqual",
        "StringEquals",
    ),
    (
        document(statement(Condition={"NullIfExists": {"aws:x": "true"}})),
        "PE0302",
        "/Statement/0/Condition/NullIfExists",
        "`Null`",
    ),
    (
        document(statement(Condition={"Bool": {"aws:X": "true", "aws:x": "true"}})),
        "PE0311",
        "/Statement/0/Condition/Bool/aws:x",
        "`aws:X` is the same",
    ),
    (
        document(statement(Condition={"Bool": {"aws:x": ["true", None]}})),
        "PE0312",
        "/Statement/0/Condition/Bool/aws:x/1",
        "null",
    ),
    (
        document(statement(Condition={"Bool": {"aws:x": {}}})),
        "PE0312",
        "/Statement/0/Condition/Bool/aws:x/0",
        "an object",
    ),
    (
        document(statement(Condition={"NumericEquals": {"aws:x": float("nan")}})),
        "PE0312",
        "/Statement/0/Condition/NumericEquals/aws:x/0",
        "number",
    ),
    (
        document(statement(Condition={"NumericEquals": {"aws:x": 10**5000}})),
        "PE0312",
        "/Statement/0/Condition/NumericEquals/aws:x/0",
        "number",
    ),
]


@pytest.mark.parametrize(("data", "code", "pointer", "words"), STRUCTURE)
def test_structural_defect_stops_the_document(data, code, pointer, words):
    policy, finding = found(data, code)
    assert policy is None
    assert finding.is_error
    assert finding.location.pointer == pointer
    assert words in f"{finding.message} {finding.label} {finding.help}"


REMARKS = [
    (document(Statement=[]), "PE0108", "/Statement"),
    (document(statement(Action=[])), "PE0108", "/Statement/0/Action"),
    (document(statement(NotResource=[], Resource=None)), "PE0108", "/Statement/0/NotResource"),
    (document(statement(Principal={"AWS": []})), "PE0108", "/Statement/0/Principal/AWS"),
    (document(statement(Principal={})), "PE0108", "/Statement/0/Principal"),
    (document(statement(Sid="a"), statement(Sid="a")), "PE0110", "/Statement/1/Sid"),
    (document(statement(Action="<action>")), "PE0114", "/Statement/0/Action/0"),
    (document(statement(Resource="arn:aws:s3:::[BUCKET]/*")), "PE0114", "/Statement/0/Resource/0"),
    (
        document(statement(Resource="arn:aws:sqs:${aws:RequestedRegion}:*:q")),
        "PE0213",
        "/Statement/0/Resource/0",
    ),
    (
        document(statement(Resource=["*", "arn:aws:iam:123456789012:user/x"])),
        "PE0201",
        "/Statement/0/Resource/1",
    ),
    (
        document(statement(Resource="arn:aws:s3:::${aws:user name}")),
        "PE0305",
        "/Statement/0/Resource/0",
    ),
    (
        document(statement(Resource="arn:aws:s3:::${aws:username")),
        "PE0306",
        "/Statement/0/Resource/0",
    ),
    (
        document(statement(Resource="arn:aws:s3:::${aws:username}"), Version=None),
        "PE0307",
        "/Statement/0/Resource/0",
    ),
    (
        document(statement(Principal={"AWS": "arn:aws:iam::123456789012:role/*"})),
        "PE0402",
        "/Statement/0/Principal/AWS/0",
    ),
    (
        document(statement(NotPrincipal={"AWS": "123456789012"})),
        "PE0410",
        "/Statement/0/NotPrincipal",
    ),
]


@pytest.mark.parametrize(("data", "code", "pointer"), REMARKS)
def test_remark_does_not_stop_the_document(data, code, pointer):
    policy, finding = found(data, code)
    assert policy.findings == (finding,)
    assert not finding.is_error
    assert finding.location.pointer == pointer


def test_placeholders_before_the_fifth_colon_are_only_noted():
    policy = parse_policy(document(statement(Resource="arn:aws:sqs:${Region}:${Account}:q")))
    assert codes(policy.findings) == ["PE0114", "PE0114"]


def test_caret_stands_under_characters_of_the_value():
    text = json.dumps(document(statement(Resource="a\u00e9\t${aws:user name}")))
    _, finding = found(text, "PE0305")
    assert underlined(finding) == "${aws:user name}"


def test_key_defects_underline_the_key():
    _, finding = found(json.dumps(document(statement(Actions="s3:*"))), "PE0102")
    assert underlined(finding) == '"Actions"'


def test_version_of_2008_has_wildcards_but_no_variables():
    policy = parse_policy(document(statement(Resource="${*}x?"), Version="2008-10-17"))
    (template,) = policy.statements[0].resource.patterns
    assert template.pieces == ("${", Wildcard.ANY_RUN, "}x", Wildcard.ANY_ONE)


def test_operators_decide_what_is_a_wildcard_or_variable():
    condition = {
        "StringEquals": {"aws:a": "*${aws:username}"},
        "ArnEquals": {"aws:b": "arn:aws:iam::*:role/${aws:username}"},
        "NumericEquals": {"aws:c": "1"},
        "StringNotLikeIfExists": {"aws:d": "?"},
    }
    policy = parse_policy(document(statement(Condition=condition)))
    pieces = [clause.values[0].pieces for clause in policy.statements[0].condition]
    assert pieces == [
        ("*", Variable("aws:username")),
        ("arn:aws:iam::", Wildcard.ANY_RUN, ":role/", Variable("aws:username")),
        ("1",),
        (Wildcard.ANY_ONE,),
    ]


def test_numbers_of_json_text_keep_their_text_as_condition_values():
    text = json.dumps(document(statement(Condition={"NumericEquals": {"aws:c": ["X", "Y"]}})))
    policy = parse_policy(text.replace('"X"', "1.0").replace('"Y"', "9" * 30))
    values = policy.statements[0].condition[0].values
    assert [value.text for value in values] == ["1.0", "9" * 30]


def test_empty_condition_is_no_condition():
    policy = parse_policy(document(statement(Condition={})))
    assert policy.statements[0].condition == ()
    assert policy.findings == ()


def test_pointer_of_a_clause_leads_to_its_value():
    policy = parse_policy(FULL)
    clause = policy.statements[0].condition[0]
    place = policy.location(policy.statements[0].at_clause(clause, 1)).resolve()
    assert FULL[place.start : place.end] == '"b"'


def test_trust_policy_needs_no_resource_and_no_type():
    trust = document(
        statement(
            Action="sts:AssumeRole", Resource=None, Principal={"Service": "ec2.amazonaws.com"}
        )
    )
    assert parse_policy(trust).statements[0].resource is None
    assert parse_policy(trust, type=PolicyType.TRUST).type is PolicyType.TRUST


def test_tuples_and_string_subclasses_are_lists_and_strings():
    class Text(str):
        pass

    policy = parse_policy(document(statement(Action=(Text("s3:GetObject"),), Effect=Text("Allow"))))
    assert policy.statements[0].action.patterns[0].name == "getobject"


def test_message_is_one_line_whatever_the_user_wrote():
    _, finding = found(document(statement(Effect="a\nb\x1b[31m" + "c" * 500)), "PE0107")
    assert "\n" not in finding.message
    assert "\x1b" not in finding.message
    assert len(finding.message) < 200
