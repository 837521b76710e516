"""JUnit's XML, as CI systems read it: the layout that pytest writes with `--junitxml`.

A file of tests is a `testsuite`. Each `testcase` has its place, and as properties the decision
and what decided. The blocks of `why` stand in `failure`.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from policyeval.rendering.document import visible
from policyeval.rendering.text import render_document
from policyeval.testing.judge import WANTS, deciding_layers, deciding_statements, statement_id
from policyeval.testing.model import Result, Run, Status
from policyeval.testing.reports.failure import decision_of, headline, kind_of
from policyeval.testing.reports.place import path_below, place_of
from policyeval.testing.reports.text import failure_document

_COUNTED = (("failures", Status.FAILED), ("errors", Status.ERROR), ("skipped", Status.SKIPPED))
MOST_STATEMENTS = 20


def junit_report(run: Run, *, root: str = "", timestamp: str = "") -> str:
    """Give a run as JUnit XML that ends with a newline.

    Paths are relative to `root` where they are below it. `timestamp` is an ISO 8601 time, left
    out where it is empty: the same run gives the same text.
    """
    suites = Element("testsuites", {"name": "policyeval", **_counts(run.results, run.seconds)})
    files: dict[str, list[Result]] = {}
    for result in run.results:
        files.setdefault(path_below(result.test.file, root), []).append(result)
    for file, results in files.items():
        seconds = sum(result.seconds for result in results)
        suite = SubElement(suites, "testsuite", {"name": visible(file)})
        suite.attrib.update(_counts(results, seconds))
        if timestamp:
            suite.set("timestamp", timestamp)
        for result in results:
            _case(suite, result, file, root)
    indent(suites)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(suites, encoding="unicode")}\n'


def _counts(results: Iterable[Result], seconds: float) -> dict[str, str]:
    statuses = [result.status for result in results]
    counts = {word: str(statuses.count(status)) for word, status in _COUNTED}
    return {"tests": str(len(statuses)), **counts, "time": f"{seconds:.3f}"}


def _case(suite: Element, result: Result, file: str, root: str) -> None:
    place = place_of(result.test.location, root)
    case = SubElement(
        suite,
        "testcase",
        {
            "classname": visible(_class_name(file)),
            "name": visible(result.test.title),
            "file": visible(file),
            "line": str(place.line),
            "time": f"{result.seconds:.3f}",
        },
    )
    _properties(case, result)
    if result.status is Status.SKIPPED:
        SubElement(case, "skipped", {"message": visible(headline(result))})
    elif result.status is not Status.PASSED:
        word = "error" if result.status is Status.ERROR else "failure"
        told = {"type": kind_of(result).value, "message": visible(headline(result))}
        # The renderer has shown what XML forbids as escapes.
        SubElement(case, word, told).text = render_document(failure_document(result, heading=False))


def _class_name(file: str) -> str:
    """`tests/s3.policytest.yaml` as `tests.s3`: what pytest makes of a module."""
    stem, found, _ = file.rpartition(".policytest.")
    return (stem if found else file).replace("/", ".").lstrip(".")


def _properties(case: Element, result: Result) -> None:
    decision = decision_of(result)
    if decision is None:
        return
    properties = SubElement(case, "properties")
    told = [("decision", WANTS[decision.verdict].value)]
    told += [("layer", layer.value) for layer in deciding_layers(decision)]
    refs = deciding_statements(decision)[:MOST_STATEMENTS]
    told += dict.fromkeys(("statement", statement_id(ref)) for ref in refs)
    for name, value in told:
        SubElement(properties, "property", {"name": name, "value": visible(value)})
