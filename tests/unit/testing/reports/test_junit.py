import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
from tests.unit.testing.reports.runs import HOUSE, ROOT, evil_run, mixed, run_of

from policyeval.rendering.document import visible
from policyeval.rendering.text import render_document
from policyeval.testing.model import Run, Status
from policyeval.testing.reports.junit import junit_report
from policyeval.testing.reports.text import failure_document
from policyeval.value import replace

PYTESTS = """\
import pytest
def test_good(record_property): record_property("decision", "allow")
def test_bad(): assert False
@pytest.mark.skip(reason="why not")
def test_later(): pass
@pytest.fixture
def broken(): raise ValueError
def test_broken(broken): pass
"""


def read(report):
    return ET.fromstring(report.encode("utf-8"))


def shape(element, found=None):
    """Which elements stand in which, with their attributes."""
    found = {} if found is None else found
    attributes, children = found.setdefault(element.tag, (set(), set()))
    attributes |= set(element.attrib)
    children |= {child.tag for child in element}
    for child in element:
        shape(child, found)
    return found


@pytest.fixture(scope="module")
def of_pytest(tmp_path_factory):
    """What pytest writes for one test of each status."""
    folder = tmp_path_factory.mktemp("pytest")
    (folder / "test_each.py").write_text(PYTESTS, encoding="utf-8")
    words = ["-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit1", "--junitxml=out.xml"]
    subprocess.run([sys.executable, "-m", "pytest", *words], cwd=folder, capture_output=True)
    return ET.parse(folder / "out.xml").getroot()


def test_the_layout_is_that_of_pytest(monkeypatch, of_pytest):
    ours, theirs = shape(read(junit_report(mixed(monkeypatch)))), shape(of_pytest)
    assert set(ours) == set(theirs)
    for tag, (attributes, children) in ours.items():
        assert children <= theirs[tag][1], tag
        # pytest adds the machine and the time; and it has no type for failures, nor totals above.
        assert (
            attributes - {"type", "tests", "failures", "errors", "skipped", "time"}
            <= (theirs[tag][0])
        ), tag
    assert set(of_pytest.find("testsuite").attrib) - set(
        read(junit_report(mixed(monkeypatch), timestamp="2026-11-24T10:00:00Z"))
        .find("testsuite")
        .attrib
    ) == {"hostname"}


def test_counts_and_times_add_up(monkeypatch):
    root = read(junit_report(mixed(monkeypatch)))
    (suite,) = root
    for element in (root, suite):
        told = {key: element.get(key) for key in ("tests", "failures", "errors", "skipped")}
        assert told == {"tests": "4", "failures": "1", "errors": "1", "skipped": "1"}
    assert root.get("time") == "0.250"
    assert suite.get("name") == HOUSE


def test_a_case_has_its_place_and_what_decided(monkeypatch):
    suite = read(junit_report(mixed(monkeypatch)))[0]
    case = suite[0]
    line = (ROOT / HOUSE).read_text().splitlines()[int(case.get("line")) - 1]
    assert line == "  - name: nobody deletes the bucket"
    assert case.get("classname") == "fixtures.environments.tamagotchi.tests.house"
    assert case.get("name") == "nobody deletes the bucket[keeper]"
    assert [(each.get("name"), each.get("value")) for each in case.iter("property")] == [
        ("decision", "explicit-deny"),
        ("layer", "scp"),
        ("statement", "NobodyDeletesBuckets"),
    ]


def test_failures_errors_and_skips_say_what_they_are(monkeypatch):
    run = mixed(monkeypatch)
    _, failed, skipped, broken = read(junit_report(run))[0]
    failure = failed.find("failure")
    assert failure.attrib == {
        "type": "unexpected-decision",
        "message": "expected allow, got explicit-deny",
    }
    assert failure.text == render_document(failure_document(run.results[1], heading=False))
    assert skipped.find("skipped").attrib == {"message": "waits for the <vet>"}
    assert broken.find("error").get("type") == "error"
    assert "error[PE0901]" in broken.find("error").text


def test_suites_go_by_file_and_paths_below_the_root_are_relative(monkeypatch):
    one = mixed(monkeypatch)
    moved = [
        replace(each, test=replace(each.test, file=f"{ROOT}/tests/x.policytest.yaml"))
        for each in one.results
    ]
    run = Run((*one.results, *moved), 1.0)
    root = read(junit_report(run, root=str(ROOT)))
    assert [suite.get("name") for suite in root] == [HOUSE, "tests/x.policytest.yaml"]
    assert {case.get("classname") for case in root[1]} == {"tests.x"}
    assert root.get("tests") == "8"


def test_the_same_run_gives_the_same_text(monkeypatch):
    run = mixed(monkeypatch)
    assert junit_report(run) == junit_report(run)
    assert "timestamp" not in junit_report(run)


def test_a_run_of_nothing_is_a_report_too():
    assert read(junit_report(run_of())).attrib["tests"] == "0"


def test_mischief_stays_text():
    run = evil_run()
    report = junit_report(run)
    report.encode("utf-8")
    root = read(report)
    assert {element.tag for element in root.iter()} == {
        *("testsuites", "testsuite", "testcase", "properties", "property"),
        *("failure", "error", "skipped"),
    }
    cases = list(root.iter("testcase"))
    assert [case.get("name") for case in cases] == [
        visible(each.test.title) for each in run.results
    ]
    texts = [element.text or "" for element in root.iter()]
    texts += [value for element in root.iter() for value in element.attrib.values()]
    assert all(char.isprintable() or char == "\n" for text in texts for char in text)
    assert [case.find("failure") is not None for case in cases] == [
        each.status is Status.FAILED for each in run.results
    ]
