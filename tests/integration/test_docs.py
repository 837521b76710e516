"""Every example in README and docs is run; `python -m tests.integration.markdown` rewrites them."""

import doctest

import pytest
from tests.integration.markdown import PAGES, ROOT, examples, run

COMMANDS = [
    pytest.param(command, expected, id=f"{page.name}:{start}")
    for page in PAGES
    if page.exists()
    for command, expected, start, _ in examples(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("command", "expected"), COMMANDS)
def test_command_of_a_page_prints_what_the_page_says(command, expected):
    while expected and not expected[-1]:
        expected = expected[:-1]
    assert [line.rstrip() for line in run(command)] == expected


@pytest.mark.parametrize("page", [page for page in PAGES if page.exists()], ids=lambda p: p.name)
def test_python_of_a_page_runs(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    text = page.read_text(encoding="utf-8")
    test = doctest.DocTestParser().get_doctest(text.replace("```", ""), {}, page.name, str(page), 0)
    failures = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=failures.append)
    assert not failures, "".join(failures)
