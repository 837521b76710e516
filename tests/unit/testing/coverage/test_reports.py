"""Coverage in every form: what each says, and that it cannot be made to say anything else."""

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from tests.unit.testing.recorded import covered, recorded, recorder_of, result_of
from tests.unit.testing.suites import allow, deny, write_policy

from policyeval.errors import ConfigError
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.policy import parse_policy
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack
from policyeval.testing.coverage import Form, Recorder, coverage_of, render, report_of

TESTS = """
tests:
  - { name: read, principal: deploy, action: s3:GetObject, resource: logs/a, expect: allow }
  - name: write
    principal: deploy
    action: s3:PutObject
    resource: logs/a
    expect: deny resource
"""
EVIL = 'x</script><img src=x onerror="alert(1)">&\x1b[31m\u202e'


@pytest.fixture
def coverage(world, monkeypatch):
    """Coverage of the small world, files called relative to it."""
    monkeypatch.chdir(world)
    return covered(world, TESTS)


def test_a_table_has_a_row_for_each_policy_and_the_total(coverage):
    assert render(coverage, Form.TERM) == (
        "  policy                         stmts  decisive  cond. T/F  patterns\n"
        "  policies/boundary/anna.json        1       0/1        0/0       0/2\n"
        "  policies/identity/deploy.json      2       1/2        0/2       3/6\n"
        "  policies/resource/logs.json        1       1/1        0/0       3/3\n"
        "  policies/scp/region.json           1       0/1        0/2       0/2\n"
        "  TOTAL                              5       2/5        0/4      6/13  40 %\n"
    )


def test_what_is_missing_stands_beside_the_numbers_where_there_is_room(coverage):
    wide = render(coverage, Form.TERM_MISSING, width=140)
    assert re.search(r"anna\.json .* 0/2  no test meets this policy\n", wide)
    assert re.search(
        r"deploy\.json .* 3/6  10 Action sqs:\* unused, 14 \"DeleteWithMfa\" never", wide
    )
    assert max(map(len, wide.splitlines())) <= 140
    narrow = render(coverage, Form.TERM_MISSING)
    assert (
        "  policies/identity/deploy.json\n"
        "    10 Action sqs:* unused\n"
        '    14 "DeleteWithMfa" never matched\n'
    ) in narrow


def test_each_deny_that_no_test_needs_is_told(world):
    write_policy(
        world / "policies/resource/logs.json",
        [deny("s3:PutObject", sid="One", Principal="*"), deny(sid="Two", Principal="*")],
    )
    text = render(
        covered(world, TESTS.replace("allow", "deny resource")), Form.TERM_MISSING, width=200
    )
    assert 'logs.json:4 Deny "One"\n    this Deny was never decisive: every test' in text
    assert 'region.json:4 Deny "DenyOutsideEU"\n    this Deny never matched' in text
    assert 'Deny "Two"' not in text  # it decides `read`


def test_contexts_name_the_tests_that_hit_a_statement(coverage):
    text = render(coverage, Form.TERM, contexts=True, width=400)
    assert re.search(
        r'logs\.json:4 Deny "NoWrites"\n    decisive in 1 test\n .*a\.policytest\.yaml::write\n',
        text,
    )


def test_common_folders_are_told_once_where_names_are_long(coverage):
    narrow = render(coverage, Form.TERM, width=60)
    assert narrow.startswith("policies in policies\n")
    assert "  identity/deploy.json  " in narrow


def test_json_tells_all_of_it(coverage):
    data = json.loads(render(coverage, Form.JSON))
    assert data["schema"] == "policyeval/coverage/1"
    assert data["summary"] == {
        "statements": 5,
        "decisive": 2,
        "percent": 40.0,
        "conditions": {"seen": 0, "all": 4},
        "patterns": {"used": 6, "all": 13},
    }
    deploy = data["policies"][1]
    assert (deploy["file"], deploy["evaluated"]) == ("policies/identity/deploy.json", 2)
    publish, mfa = deploy["statements"]
    assert (publish["sid"], publish["line"], publish["state"]) == ("Publish", 4, "decisive")
    assert mfa["conditions"] == [
        {
            "operator": "Bool",
            "key": "aws:MultiFactorAuthPresent",
            "line": 21,
            "true": 0,
            "false": 0,
            "absent": 0,
        }
    ]
    assert deploy["missing"][-1] == {
        "gap": "never-matched",
        "line": 14,
        "statement": 1,
        "subject": None,
    }
    assert "decisive_in" not in publish
    named = json.loads(render(coverage, Form.JSON, contexts=True))["policies"][1]["statements"][0]
    assert [each.rpartition("::")[2] for each in named["decisive_in"]] == ["read"]


@pytest.mark.parametrize("form", [Form.TERM, Form.TERM_MISSING, Form.HTML, Form.JSON])
def test_a_policy_that_is_not_counted_is_told(world, form):
    (world / "policies/boundary/anna.json").write_text("[")
    text = render(covered(world, TESTS), form)
    assert "PE2300" in text
    assert "boundary/anna.json" in text


# ---- lines --------------------------------------------------------------------------------------


def records(text):
    """Read a tracefile strictly: every line is one that geninfo(1) describes."""
    forms = {
        "TN": r"",
        "SF": r".+",
        "BRDA": r"\d+,\d+,\d+,(-|\d+)",
        **dict.fromkeys(("BRF", "BRH", "LF", "LH"), r"\d+"),
        "DA": r"\d+,\d+",
    }
    found, record = [], {}
    for line in text.splitlines():
        if line == "end_of_record":
            found.append(record)
            record = {}
            continue
        kind, _, rest = line.partition(":")
        assert re.fullmatch(forms[kind], rest), line
        record.setdefault(kind, []).append(rest.split(","))
    assert not record
    return found


REGIONS = """
tests:
  - name: regions
    principal: deploy
    action: sqs:SendMessage
    resource: arn:aws:sqs:eu-west-1:222233334444:q
    cases:
      - { context: { aws:RequestedRegion: eu-west-1 }, expect: allow }
      - { context: { aws:RequestedRegion: eu-west-2 }, expect: deny scp }
      - { context: { aws:RequestedRegion: eu-west-3 }, expect: deny scp }
"""


def test_lcov_has_the_lines_of_statements_and_both_answers_of_conditions(world, monkeypatch):
    monkeypatch.chdir(world)
    by_file = {
        each["SF"][0][0]: each for each in records(render(covered(world, REGIONS), Form.LCOV))
    }
    region = by_file["policies/scp/region.json"]
    assert region["DA"] == [[str(line), "2"] for line in range(4, 15)]
    assert region["BRDA"] == [["11", "0", "0", "2"], ["11", "0", "1", "1"]]
    assert (region["BRF"], region["BRH"]) == ([["2"]], [["2"]])
    deploy = by_file["policies/identity/deploy.json"]
    assert deploy["BRDA"] == [["21", "0", "0", "-"], ["21", "0", "1", "-"]]
    assert deploy["DA"][0] == ["4", "1"]
    assert deploy["DA"][-1][1] == "0"
    for record in by_file.values():
        assert record["LF"] == [[str(len(record["DA"]))]]
        assert record["LH"] == [[str(sum(hits != "0" for _, hits in record["DA"]))]]


def test_no_branch_is_taken_on_a_line_that_is_not_covered(world):
    # The condition is seen both ways, but no answer depends on the statement.
    condition = {"StringEquals": {"aws:RequestedRegion": "eu-west-2"}}
    write_policy(
        world / "policies/identity/deploy.json",
        [allow("sqs:*", sid="All"), allow("sqs:*", sid="Some", Condition=condition)],
    )
    coverage = covered(world, REGIONS)
    for record in records(render(coverage, Form.LCOV)):
        hits = dict(record["DA"])
        for line, _, _, taken in record.get("BRDA", ()):
            assert hits[line] != "0" or taken == "-"
    assert (coverage.conditions.covered, coverage.conditions.all) == (4, 4)


def test_statements_on_one_line_are_covered_only_together(world):
    path = world / "policies/identity/deploy.json"
    statements = [allow("s3:GetObject", sid="Used"), allow("s3:DeleteObject", sid="Idle")]
    path.write_text(json.dumps({"Version": "2012-10-17", "Statement": statements}))
    [deploy] = [
        each
        for each in records(render(covered(world, TESTS), Form.LCOV))
        if each["SF"][0][0].endswith("deploy.json")
    ]
    assert deploy["DA"] == [["1", "0"]]


def test_cobertura_has_rates_lines_and_conditions(world, monkeypatch):
    monkeypatch.chdir(world)
    text = render(covered(world, REGIONS), Form.COBERTURA, now=1_700_000_000.5)
    assert text.splitlines()[0] == '<?xml version="1.0" encoding="UTF-8"?>'
    root = ElementTree.fromstring(text.partition("\n")[2].partition("\n")[2])
    assert root.get("timestamp") == "1700000000500"
    lines = root.findall(".//line")
    covered_lines = sum(each.get("hits") != "0" for each in lines)
    assert int(root.get("lines-valid")) == len(lines)
    assert int(root.get("lines-covered")) == covered_lines
    assert float(root.get("line-rate")) == pytest.approx(covered_lines / len(lines), abs=1e-4)
    assert [each.get("name") for each in root.findall(".//package")] == [
        f"policies/{layer}" for layer in ("boundary", "identity", "resource", "scp")
    ]
    region = root.find(".//class[@filename='policies/scp/region.json']")
    branch = region.find("lines/line[@branch='true']")
    assert (branch.get("number"), branch.get("condition-coverage")) == ("11", "100% (2/2)")
    assert branch.find("conditions/condition").get("coverage") == "100%"


def test_a_policy_that_is_no_file_has_no_lines():
    stack = PolicyStack.of({Layer.IDENTITY_POLICY: [parse_policy({"Statement": [allow()]})]})
    request = Request.of("arn:aws:iam::222233334444:user/anna", "s3:GetObject", "arn:aws:s3:::b/x")
    coverage = coverage_of(recorder_of([result_of(evaluate(request, stack))]))
    assert render(coverage, Form.LCOV) == ""
    assert "<line " not in render(coverage, Form.COBERTURA, now=0)
    assert "Allow &quot;Allow&quot;: decisive in 1 test" in render(coverage, Form.HTML)
    assert "TOTAL       1       1/1" in render(coverage, Form.TERM)


# ---- HTML, and texts that want to be more than text ---------------------------------------------


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.said = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.said.append(data)


def test_html_marks_each_line_of_a_statement_by_class_and_sign(coverage):
    text = render(coverage, Form.HTML)
    rows = dict(re.findall(r'<span class="row ?(\w*)"><i>(\d+)</i><b>', text)[::-1])
    assert set(rows) == {"", "decisive", "evaluated", "untested"}
    assert (
        '<i>4</i><b>\u2713</b>    {<span class="note">&quot;Publish&quot; decisive in 1 test'
        in text
    )
    assert "Bool aws:MultiFactorAuthPresent: true \u2717, false \u2717" in text
    assert "this Deny never matched: no test asks for what it denies" in text
    assert "::read</li>" in text


def test_html_loads_and_runs_nothing(coverage):
    page = Page(render(coverage, Form.HTML, contexts=True))
    assert not {"script", "img", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    assert not any(name in attributes for _, attributes in page.tags for name in ("src", "style"))
    [policy] = [
        attributes["content"]
        for tag, attributes in page.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


@pytest.mark.parametrize("form", Form)
def test_no_text_of_a_policy_or_a_test_leaves_its_place(world, form):
    statements = [
        allow(["s3:GetObject", "s3:PutObject"], sid=EVIL),
        allow("sqs:*", f"arn:aws:sqs:*:*:{EVIL}", Condition={"StringNotLike": {f"a:{EVIL}": EVIL}}),
    ]
    write_policy(world / "policies/identity/deploy.json", statements)
    recorder = recorded(world, TESTS.replace("name: read", f"name: {json.dumps(EVIL)}"))
    data = recorder.to_data()
    for each in data["policies"]:
        each["shape"]["name"] += EVIL
    text = render(coverage_of(Recorder.of(data)), form, contexts=True, now=0, width=300)
    assert "\x1b" not in text
    assert "\u202e" not in text
    if form is Form.HTML:
        page = Page(text)
        assert "img" not in {tag for tag, _ in page.tags}
        assert any("onerror" in said for said in page.said)
    elif form is Form.COBERTURA:
        root = ElementTree.fromstring(text.partition("\n")[2].partition("\n")[2])
        assert any("onerror" in each.get("filename") for each in root.findall(".//class"))
    elif form is Form.LCOV:
        assert len(records(text)) == 4


# ---- which report -------------------------------------------------------------------------------


def test_a_report_is_named_by_form_and_file():
    assert report_of("term-missing").form is Form.TERM_MISSING
    assert report_of("term").file == ""
    assert report_of("cobertura").file == "policy-coverage.xml"
    assert report_of("lcov:out/c:1.info").file == "out/c:1.info"
    assert report_of("term:table.txt").file == "table.txt"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lcoV", "did you mean"),
        ("", "expected one of term, term-missing"),
        ("xml", "no form of coverage report"),
        ("html:", "names no file after the colon"),
    ],
)
def test_an_unknown_report_is_refused(text, said):
    with pytest.raises(ConfigError, match=said):
        report_of(text)
