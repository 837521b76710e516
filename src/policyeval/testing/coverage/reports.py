"""The forms that coverage can be written in, and where each goes."""

from __future__ import annotations

import json

from policyeval.errors import ConfigError
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.rendering.text import Style, render_document
from policyeval.testing.coverage.table import Coverage
from policyeval.value import Value, Word


class Form(Word):
    """A form of report."""

    TERM = "term"
    TERM_MISSING = "term-missing"
    HTML = "html"
    JSON = "json"
    LCOV = "lcov"
    COBERTURA = "cobertura"


FILES = {
    Form.HTML: "policy-coverage.html",
    Form.JSON: "policy-coverage.json",
    Form.LCOV: "policy-coverage.lcov",
    Form.COBERTURA: "policy-coverage.xml",
}
"""Where a report goes if no file is named; the others go to the terminal."""


class Report(Value):
    """A report that was asked for; `file` is empty for the terminal."""

    form: Form
    file: str


def report_of(text: str) -> Report:
    """Read `FORM` or `FORM:FILE`; raises ConfigError for an unknown form.

    >>> report_of("lcov").file
    'policy-coverage.lcov'
    """
    word, colon, file = text.partition(":")
    forms = [form.value for form in Form]
    if word not in forms:
        help = did_you_mean(word, forms) or f"expected one of {', '.join(forms)}"
        raise ConfigError(f"{quote(word)} is no form of coverage report: {help}")
    form = Form(word)
    if colon and not file:
        raise ConfigError(f"{quote(text)} names no file after the colon")
    return Report(form, file or FILES.get(form, ""))


def render(
    coverage: Coverage,
    form: Form,
    *,
    contexts: bool = False,
    width: int = 80,
    style: Style | None = None,
    ascii_only: bool = False,
    now: float | None = None,
) -> str:
    """Give a report as text that ends with a newline; empty where lcov has no file to tell of.

    `contexts` adds which tests hit which statement, where the form has room for it. `width`,
    `style` and `ascii_only` are for the terminal alone; `now` stamps Cobertura.
    """
    if form is Form.HTML:
        from policyeval.testing.coverage.page import coverage_to_html

        return coverage_to_html(coverage, contexts=contexts)
    if form is Form.JSON:
        from policyeval.testing.coverage.data import coverage_to_json

        return json.dumps(coverage_to_json(coverage, contexts=contexts), indent=2) + "\n"
    if form is Form.LCOV:
        from policyeval.testing.coverage.lcov import coverage_to_lcov

        return coverage_to_lcov(coverage)
    if form is Form.COBERTURA:
        from policyeval.testing.coverage.cobertura import coverage_to_cobertura

        return coverage_to_cobertura(coverage, now=now)
    from policyeval.testing.coverage.text import coverage_document

    missing = form is Form.TERM_MISSING
    document = coverage_document(coverage, missing=missing, contexts=contexts, width=width)
    return render_document(document, width=width, style=style, ascii_only=ascii_only)
