"""Whatever tests are called, reports stay what they are."""

import json
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.testing.reports.runs import evil_run

from policyeval.rendering.document import visible
from policyeval.testing.model import Run, Skip, Status
from policyeval.testing.reports import FORMS, report
from policyeval.value import replace

# Signs that mean something in one of the formats, and any character beside them.
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            ["::", "]]>", "<", "&lt;", '"', "'", "`", "```", "|", "%0A", "\n", "\r", "](", "{0}"]
        ),
        st.text(max_size=3),
        st.characters(categories=["Cs", "Cc", "Cf", "Co"]),
    ),
    min_size=1,
    max_size=8,
).map("".join)
FAILED, SKIPPED, ERROR, _ = evil_run().results


def named(name, file, reason):
    """A run of a failure, a skip and an error with these texts."""
    results = []
    for result in (FAILED, SKIPPED, ERROR):
        source = replace(result.test.location.source, name=file)
        test = replace(
            result.test,
            name=name,
            file=file,
            parameters="",
            skip=Skip(reason) if result.status is Status.SKIPPED else None,
            location=replace(result.test.location, source=source),
        )
        results.append(replace(result, test=test))
    return Run(tuple(results), 1.0)


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_any_text_leaves_every_report_whole(name, file, reason):
    run = named(name, file.replace("\0", "") or "x", reason)
    texts = {form: report(run, form) for form in FORMS}
    for text in texts.values():
        assert all(line.isprintable() for line in text.encode("utf-8").decode().split("\n"))
    suite = ET.fromstring(texts["junit"])[0]
    assert [case.get("name") for case in suite] == [visible(name)] * 3
    assert suite.find(".//skipped").get("message") == visible(reason)
    assert [each["name"] for each in json.loads(texts["json"])["results"]] == [name] * 3
    assert len(json.loads(texts["sarif"])["runs"][0]["results"]) == 2
    commands = texts["github"].split("\n")[:-1]
    assert [line.split(" ")[0] for line in commands] == ["::error", "::error", "::notice"]
    assert not any(line.startswith("::") for line in texts["text"].split("\n"))
    parser = HTMLParser()
    told = []
    parser.handle_data = told.append
    parser.feed(texts["html"])
    assert visible(name) in told or visible(name) in "".join(told)
