"""What is told about an environment.yaml that does not fit."""

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.environment.worlds import codes, document, load, refused, shown

from policyeval.environment.file import environment_schema, load_environment
from policyeval.errors import EnvironmentLoadError
from policyeval.stack import Layer

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "fixtures/environments"

MANY_PROBLEMS = """\
    version: 1
    principls: {}
    accounts:
      payments: { id: 222233334444 }
      zero: { id: 012345678901 }
      short: { id: "1234" }
      bad/name: { id: "123456789012", tagz: {} }
    organization:
      id: x-1
      root: { ous: { W: { scps: x, acounts: [payments] } } }
    complete: [scps, identity]
    contexts:
      office: { SourceIp: 1.2.3.4, "aws:X": { a: b } }
    principals:
      a: { arn: 5, policies: [1, [2]], groups: yes }
      b: [x]
      c:
    """


def test_every_problem_is_reported_where_it_stands(tmp_path):
    findings = refused(tmp_path, MANY_PROBLEMS)
    assert [(each.code, *shown(each)) for each in findings] == [
        ("PE0705", 2, "principls"),
        ("PE0708", 4, "222233334444"),
        ("PE0708", 5, "012345678901"),
        ("PE0708", 6, '"1234"'),
        ("PE0710", 7, "bad/name"),
        ("PE0705", 7, "tagz"),
        ("PE0706", 8, "organization"),
        ("PE0710", 9, "x-1"),
        ("PE0705", 10, "acounts"),
        ("PE0710", 11, "scps"),
        ("PE0710", 13, "SourceIp"),
        ("PE0707", 13, '"aws:X"'),
        ("PE0707", 15, "5"),
        ("PE0707", 15, "1"),
        ("PE0707", 15, "[2]"),
        ("PE0707", 15, "yes"),
        ("PE0707", 16, "b"),
        ("PE0707", 17, ""),
    ]


def test_misspelt_keys_are_told_the_key_that_was_meant(tmp_path):
    helps = {each.message: each.help for each in refused(tmp_path, MANY_PROBLEMS)}
    assert helps["unknown key `principls`"] == "did you mean `principals`?"
    assert helps["unknown key `tagz` in `accounts.bad/name`"] == "did you mean `tags`?"
    where = "unknown key `acounts` in `organization.root.ous.W`"
    assert helps[where] == "did you mean `accounts`?"


def test_an_account_id_without_quotes_is_told_why(tmp_path):
    (finding,) = refused(tmp_path, "version: 1\naccounts: { a: { id: 012345678901 } }")
    assert "YAML reads it as a number" in finding.message
    assert '"012345678901"' in finding.help


NAMES_THAT_LEAD_NOWHERE = """\
    version: 1
    accounts:
      payments: { id: "222233334444" }
      again: { id: "222233334444" }
    organization:
      id: o-a1b2c3d4e5
      management: paymnts
      root: { ous: { W: { scps: [identity/deplyo.json], accounts: [payments, payments] } } }
    principals:
      deploy:
        arn: arn:aws:iam:222233334444:role/deploy
        policies: [../../../../../../../../../../../../etc/passwd, "a\\0b"]
        groups: [x]
      u: { arn: "arn:aws:iam::222233334444:user/u", trust: identity/deploy.json, groups: [x] }
      v: { arn: "arn:aws:iam::222233334444:user/u" }
      w: { arn: "arn:aws:sts::222233334444:assumed-role/a/b" }
      x: { arn: "arn:aws-cn:iam::222233334444:role/x" }
    resources:
      q: { arn: "arn:aws:sqs:eu-west-1:222233334444:q", owner: "111122223333", encryption-key: kk }
    managed-policies: nowhere
    """


def test_every_name_that_leads_nowhere_is_reported(tmp_path):
    findings = refused(tmp_path, NAMES_THAT_LEAD_NOWHERE, {"identity/deploy.json": document()})
    assert [(each.code, *shown(each)) for each in findings] == [
        ("PE0713", 4, '"222233334444"'),
        ("PE0712", 7, "paymnts"),
        ("PE0721", 8, "identity/deplyo.json"),
        ("PE0713", 8, "payments"),
        ("PE0201", 11, ":"),
        ("PE0720", 12, "../../../../../../../../../../../../etc/passwd"),
        ("PE0721", 12, '"a\\0b"'),
        ("PE0712", 13, "x"),
        ("PE0714", 14, "identity/deploy.json"),
        ("PE0712", 14, "x"),
        ("PE0713", 15, '"arn:aws:iam::222233334444:user/u"'),
        ("PE0711", 16, '"arn:aws:sts::222233334444:assumed-role/a/b"'),
        ("PE0711", 17, '"arn:aws-cn:iam::222233334444:role/x"'),
        ("PE0715", 19, '"111122223333"'),
        ("PE0712", 19, "kk"),
        ("PE0721", 20, "nowhere"),
    ]
    assert [each.help for each in findings if "deplyo" in each.message] == [
        "did you mean `deploy.json`?"
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "PE0702"),
        ("[]", "PE0707"),
        ("x", "PE0707"),
        ("5", "PE0707"),
        ("{}", "PE0706"),
        ("version: 2", "PE0710"),
        ("version: '1'", "PE0710"),
        ("version: [1]", "PE0710"),
        ("version: 1\n<<: {a: b}", "PE0705"),
        ("version: 1\naccounts: []", "PE0707"),
        ("version: 1\naccounts: { a: { id: '222233334444', tags: { x: true } } }", "PE0707"),
        ("version: 1\ncontexts: { a: { 'aws:x': [[1]] } }", "PE0707"),
        ("version: 1\npartition: aws-mars", "PE0710"),
        ("version: 1\nprincipals: { a: {} }", "PE0706"),
        ("version: 1\nprincipals: { a: { arn: 'arn:aws:iam:::role/x' } }", "PE0711"),
        ("version: 1\nvpc_endpoints: { a: { id: vpc-1 } }", "PE0710"),
        ("version: 1\nextends: { a: b }", "PE0707"),
        ("version: 1\nextends: [[a]]", "PE0707"),
        ("version: 1\nextends: environment.yaml", "PE0723"),
        ("version: 1\nextends: gone.yaml", "PE0701"),
        (
            "version: 1\nextends: ../../../../../../../../../../../../../../../../etc/passwd",
            "PE0720",
        ),
        ("version: 1\nmanaged-policies: ../../../../../../../../etc", "PE0720"),
        ("version: 1\n'a\\nb': 5", "PE0705"),
        (b"\xff\xfev\x00", "PE0701"),
        (b"version: 1\n# \xe9\n", "PE0701"),
        (b"version: 1\n\0", "PE0702"),
    ],
)
def test_wrong_files_are_one_clear_finding(tmp_path, text, code):
    assert code in codes(refused(tmp_path, text))


def test_deep_units_are_a_finding_not_a_traceback(tmp_path):
    head = "version: 1\norganization: {id: o-1, management: '123456789012', root: "
    deep = head + "{ous: {a: " * 60 + "{}" + "}}" * 60 + "}"
    assert codes(refused(tmp_path, deep)) == ["PE0703"]
    load(tmp_path, head + "{ous: {a: " * 40 + "{}" + "}}" * 40 + "}")


def test_a_missing_file_and_a_missing_folder_are_errors(tmp_path):
    for path in (tmp_path / "gone.yaml", tmp_path / ("x" * 5000), "a\0b"):
        with pytest.raises(EnvironmentLoadError) as caught:
            load_environment(path)
        assert codes(caught.value.findings) == ["PE0701"]


def test_a_byte_order_mark_is_no_problem(tmp_path):
    assert load(tmp_path, b"\xef\xbb\xbfversion: 1\n").load_findings == ()


def test_empty_sections_are_empty(tmp_path):
    environment = load(
        tmp_path,
        "version: 1\naccounts:\nprincipals:\ngroups:\nresources:\nvpc_endpoints:\n"
        "contexts: { a: }\ncomplete:\nextends:\n",
    )
    assert environment.contexts == {"a": {}}


def test_context_values_become_what_iam_compares(tmp_path):
    environment = load(
        tmp_path,
        "version: 1\ncontexts:\n  office:\n    aws:SecureTransport: TRUE\n"
        "    aws:MultiFactorAuthAge: 0300\n    aws:TagKeys: [a, 1.10]\n"
        "    aws:SourceVpce: null\n    aws:SourceIp: 203.0.113.10\n",
    )
    assert environment.context("office") == {
        "aws:SecureTransport": "true",
        "aws:MultiFactorAuthAge": "0300",
        "aws:TagKeys": ("a", "1.10"),
        "aws:SourceVpce": None,
        "aws:SourceIp": "203.0.113.10",
    }


def test_json_has_the_same_form(tmp_path):
    (tmp_path / "environment.json").write_text('{"version": 1, "complete": ["scp"]}')
    environment = load_environment(tmp_path)
    assert environment.complete == {Layer.SERVICE_CONTROL_POLICY}


def test_extended_files_merge_by_key_and_keep_their_folders(tmp_path):
    base = tmp_path / "shared"
    base.mkdir()
    (base / "org.yaml").write_text(
        "version: 1\naccounts: { a: { id: '222233334444', tags: { x: '1' } } }\n"
        "principals: { p: { arn: 'arn:aws:iam::222233334444:role/p', policies: [p.json] } }\n"
        "complete: [scp]\n"
    )
    (base / "p.json").write_text('{"Version": "2012-10-17", "Statement": []}')
    environment = load(
        tmp_path,
        "version: 1\nextends: [shared/org.yaml]\ncomplete: [identity]\n"
        "accounts: { a: { tags: { y: '2' } } }\n",
    )
    assert environment.accounts["a"].tags == {"x": "1", "y": "2"}
    assert environment.complete == {Layer.IDENTITY_POLICY}
    assert environment.identities["p"].policies[0].policy is not None


def test_problems_of_an_extended_file_stand_in_that_file(tmp_path):
    (tmp_path / "base.yaml").write_text("accuonts: {}\n")
    (finding,) = refused(tmp_path, "version: 1\nextends: base.yaml\n")
    assert finding.location.source.name.endswith("base.yaml")


def test_extends_in_a_circle_is_told(tmp_path):
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("extends: [a.yaml]\n")
    assert codes(refused(tmp_path, "version: 1\nextends: a.yaml\n")) == ["PE0723"]


def test_extends_that_fans_out_is_bounded(tmp_path):
    for depth in range(8):
        (tmp_path / f"e{depth}.yaml").write_text(f"extends: {[f'e{depth + 1}.yaml'] * 9}\n")
    (tmp_path / "e8.yaml").write_text("version: 1\n")
    assert "PE0723" in codes(refused(tmp_path, "version: 1\nextends: e0.yaml\n"))


def test_links_out_of_the_project_are_refused(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret.json").write_text("{}")
    (project / "link.json").symlink_to(tmp_path / "secret.json")
    (project / "loop.json").symlink_to("loop.json")
    text = (
        "version: 1\nprincipals:\n  p: { arn: 'arn:aws:iam::222233334444:role/p', "
        "policies: [link.json, loop.json] }\n"
    )
    assert codes(refused(project, text)) == ["PE0720", "PE0721"]
    (project / "environment.yaml").write_text(text.replace(", loop.json", ""))
    load_environment(project / "environment.yaml", root=tmp_path)


def test_the_schema_accepts_the_example_and_refuses_what_loading_refuses():
    jsonschema = pytest.importorskip("jsonschema")
    schema = environment_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    example = yaml.safe_load((EXAMPLES / "tamagotchi/environment.yaml").read_text("utf-8"))
    jsonschema.validate(example, schema)
    for wrong in ({}, {"version": 2}, {"version": 1, "x": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just("222233334444"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "arn", "root", "ous", "policies", "x"]), inner)
    ),
    max_leaves=8,
)
KEYS = ["organization", "accounts", "principals", "groups", "resources", "vpc_endpoints",
        "contexts", "complete", "managed-policies", "extends", "partition", "exports",
        "parameters"]  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
def test_wrong_types_anywhere_are_findings(tmp_path, data):
    text = yaml.safe_dump({"version": 1} | data, allow_unicode=True)
    try:
        load(tmp_path, text.encode("utf-8", "surrogatepass"))
    except EnvironmentLoadError as error:
        assert error.findings  # noqa: PT017 - it may load too


def example_of_the_page(page):
    text = page.read_text(encoding="utf-8")
    return next(block for block in text.split("```yaml\n")[1:]).partition("```")[0]


def keys_of(schema):
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from keys_of(value)


def test_the_page_shows_every_key_and_its_example_loads(tmp_path):
    text = example_of_the_page(ROOT / "docs/environment.md")
    shown = set(re.findall(r"(?m)(?:^|[{,]) *([a-z_-]+):", text))
    assert set(keys_of(environment_schema())) - shown == set()
    policies = dict.fromkeys(re.findall(r"[a-z_]+/[a-z0-9.-]+\.json", text), "{}")
    (tmp_path / "org.yaml").write_text("version: 1\n")
    (tmp_path / "policies/aws-managed").mkdir(parents=True)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/account.json").write_text('{"UserDetailList": []}')
    environment = load(tmp_path, text, policies)
    assert environment.load_findings == ()
    assert environment.organization.root.units[1].accounts == ("333344445555",)
