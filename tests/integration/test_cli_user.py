"""What somebody new gets wrong, and is told."""

import json

from tests.integration.command import ANA, LOG, TAMAGOTCHI, ask

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
BY_AWS = "arn:aws:iam::aws:policy/Reader"


def user(name, *managed):
    return {
        "UserName": name,
        "Arn": f"arn:aws:iam::111122223333:user/{name}",
        "Path": "/",
        "UserPolicyList": [],
        "GroupList": [],
        "AttachedManagedPolicies": [
            {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in managed
        ],
    }


def managed(arn, statement):
    document = {"Version": "2012-10-17", "Statement": [statement]}
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": document}
    name = arn.rpartition("/")[2]
    return {
        "PolicyName": name,
        "Arn": arn,
        "DefaultVersionId": "v1",
        "PolicyVersionList": [version],
    }


def export(folder, *users, policies=(), **more):
    told = {"UserDetailList": users, "GroupDetailList": [], "RoleDetailList": []}
    path = folder / "gaad.json"
    path.write_text(json.dumps({**told, "Policies": policies, **more}))
    return path


def test_one_page_of_an_export_is_not_everybody(tmp_path):
    page = export(tmp_path, user("ana"), IsTruncated=True, Marker="abc")
    assert "PE1805" in ask("who-can", "s3:GetObject", LOG, "--env", page).err
    assert (
        "PE1805"
        in ask("matrix", "--actions", "s3:GetObject", "--resources", LOG, "--env", page).err
    )


def test_a_misspelt_action_is_noticed_by_questions_about_many():
    misspelt = ("s3:GetObjct", "tamagotchi/a", "--env", TAMAGOTCHI)
    assert "did you mean `s3:GetObject`" in ask("who-can", *misspelt).err
    answer = ask("matrix", "--actions", "s3:GetObjct", "--env", TAMAGOTCHI)
    assert "did you mean `s3:GetObject`" in answer.err


def test_a_short_name_without_an_environment_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for question in (("ana", "s3:GetObject", LOG), (ANA, "s3:GetObject", "logs/a.log")):
        answer = ask("why", *question)
        assert answer.code == 2
        assert "short names need an environment" in answer.err


def test_json_that_is_no_environment_is_not_taken_for_one(tmp_path):
    wrong = tmp_path / "event.json"
    wrong.write_text('{"eventVersion": "1.11", "eventName": "GetObject"}')
    for env in (wrong, tmp_path):
        answer = ask("can", ANA, "s3:GetObject", LOG, "--env", env)
        assert answer.code == 2
        assert "PE1802" in answer.err
        assert "PE0706" not in answer.err


def test_a_folder_with_nothing_but_a_broken_export_says_that_it_is_broken(tmp_path):
    (tmp_path / "gaad.json").write_text("")
    answer = ask("can", ANA, "s3:GetObject", LOG, "--env", tmp_path)
    assert answer.code == 2
    assert "PE1801" in answer.err
    assert "the file is empty" in answer.err


def test_an_error_whose_code_is_no_text_is_no_traceback(tmp_path):
    (tmp_path / "get-bucket-policy.logs.json").write_text('{"Error": {"Code": []}}')
    answer = ask("convert", tmp_path, "-o", tmp_path / "out", "--dry-run")
    assert answer.code in (0, 2)


def test_no_fix_edits_what_aws_manages(tmp_path):
    page = export(tmp_path, user("ana", BY_AWS), policies=[managed(BY_AWS, READ)])
    question = ("why", ANA, "s3:PutObject", LOG, "--env", page, "--json", "--query")
    fixes = json.loads(ask(*question, "fixes[].changes[].[text, policy]").out)
    assert fixes
    assert not any(name == "Reader" for _, name in fixes)
    shown = ask("why", ANA, "s3:PutObject", LOG, "--env", page).out
    assert "attach an identity-based policy with this statement" in shown
