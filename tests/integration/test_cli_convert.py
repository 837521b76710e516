"""`policyeval convert`: exports in, environment.yaml and policies out."""

import json
import shutil

import pytest
from tests.integration.command import ROOT, TAMAGOTCHI, ask

EXPORTS = ROOT / "fixtures/exports/tamagotchi"
ALL = [str(EXPORTS / name) for name in ("iam", "organization", "ec2")]
OBJECT = "arn:aws:s3:::tamagotchi/saves/ada.json"


def test_exports_become_an_environment_that_answers(tmp_path):
    out = tmp_path / "world"
    answer = ask("convert", *ALL, "-o", out)
    assert answer.code == 0
    assert "created  policies/scp/protect-buckets.json\n" in answer.out
    assert answer.out.endswith(f"`{out}`: 12 created, 0 changed, 0 unchanged\n")
    question = ("can", "grace", "s3:GetObject", OBJECT)
    assert ask(*question, "--env", out).out == "allowed\n"
    assert ask("can", "tama-keeper", "s3:GetObject", OBJECT, "--env", *ALL[:1]).out == "allowed\n"


def test_a_dry_run_writes_nothing(tmp_path):
    answer = ask("convert", *ALL, "-o", tmp_path / "world", "--dry-run")
    assert answer.code == 0
    assert "would be created  environment.yaml\n" in answer.out
    assert list(tmp_path.iterdir()) == []


def test_files_in_the_way_are_listed_and_only_force_overwrites_them(tmp_path):
    ask("convert", *ALL, "-o", tmp_path)
    (tmp_path / "environment.yaml").write_text("version: 1\n")
    answer = ask("convert", *ALL, "-o", tmp_path)
    assert answer.code == 2
    assert "error[PE1820]" in answer.err
    assert "`environment.yaml` is there and differs" in answer.err
    assert (tmp_path / "environment.yaml").read_text() == "version: 1\n"
    answer = ask("convert", *ALL, "-o", tmp_path, "--force")
    assert answer.code == 0
    assert "0 created, 1 changed, 11 unchanged" in answer.out


def test_an_environment_is_put_in_its_canonical_form(tmp_path):
    assert ask("convert", TAMAGOTCHI, "-o", tmp_path).code == 0
    assert ask("can", "keeper", "s3:GetObject", OBJECT, "--env", tmp_path).out == "allowed\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([ALL[0], "--from", "x"], "`--from x` is no form: use gaad, org"),
        ([ALL[0], "--from", "org"], "is of the form `gaad`, not `org`"),
        ([ALL[0], "--account", "1"], "is no account id"),
        ([ALL[0], "--parameter", "x"], "is no NAME=VALUE"),
        ([TAMAGOTCHI, ALL[0]], "is an environment, no export"),
        ([str(ROOT / "fixtures/combine_table.tsv")], "the file is not YAML"),
        (["none.json"], "no such file or directory"),
    ],
)
def test_what_cannot_be_converted_is_told(tmp_path, words, said):
    answer = ask("convert", *words, "-o", tmp_path / "o")
    assert answer.code == 2
    assert said in " ".join(answer.err.split())
    assert answer.out == ""


def test_what_was_not_understood_is_said(tmp_path):
    export = tmp_path / "a.json"
    export.write_text(json.dumps({"RoleDetailList": [], "Extra\x1b[31m": [1, 2]}))
    answer = ask("convert", export, "-o", tmp_path / "o")
    assert answer.code == 0
    assert "note[PE1807]" in answer.err
    assert "\x1b" not in answer.err


def test_a_policy_that_is_named_and_not_exported_is_said(tmp_path):
    shutil.copytree(ROOT / "fixtures/exports/tamagotchi/organization", tmp_path / "org")
    (tmp_path / "org/describe-policy.p-tamabuck1.json").unlink()
    answer = ask("convert", tmp_path / "org", "-o", tmp_path / "out", "--dry-run")
    assert answer.code == 0
    assert "PE1810" in answer.err
    assert "p-tamabuck1" in answer.err


def test_a_parameter_that_no_template_has_is_said(tmp_path):
    template = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Resources": {"Pets": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "pets"}}},
    }
    file = tmp_path / "house.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    wrong = ask("convert", file, "-o", tmp_path / "a", "--dry-run", "--parameter", "stage=prod")
    assert "PE1814" in wrong.err
    assert "did you mean `Stage`" in wrong.err
    right = ask("convert", file, "-o", tmp_path / "a", "--dry-run", "--parameter", "Stage=prod")
    assert "PE1814" not in right.err
