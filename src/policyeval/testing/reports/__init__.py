"""Reports of a run of policy tests: one module for each format, from a `Run` to a text.

None of them does any I/O or looks at a clock. What a test or a policy says goes out through one
door for each format, which makes it harmless there.
"""

from __future__ import annotations

from policyeval.testing.model import Run

FORMS = ("text", "json", "junit", "sarif", "github", "markdown", "html")


def report(form: str, run: Run, *, root: str = "") -> str:  # noqa: PLR0911 - one for each form
    """Give a run in one of `FORMS`; ends with a newline. Raises ValueError for another form.

    `root` is the top of the checkout: absolute paths below it become relative in the formats that
    other programs read places from.
    """
    if form == "json":
        from policyeval.testing.reports.json import json_report

        return json_report(run)
    if form == "junit":
        from policyeval.testing.reports.junit import junit_report

        return junit_report(run, root=root)
    if form == "sarif":
        from policyeval.testing.reports.sarif import sarif_report

        return sarif_report(run, root=root)
    if form == "github":
        from policyeval.testing.reports.github import github_report

        return github_report(run, root=root)
    if form == "markdown":
        from policyeval.testing.reports.markdown import markdown_report

        return markdown_report(run)
    if form == "html":
        from policyeval.testing.reports.html import html_report

        return html_report(run)
    if form == "text":
        from policyeval.testing.reports.text import text_report

        return text_report(run)
    raise ValueError(form)
