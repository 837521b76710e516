"""Whatever bytes come as policy tests: results, or findings with a place; never a traceback."""

import random
import shutil
from pathlib import Path

import pytest

from policyeval.errors import PolicyEvalError
from policyeval.rendering.text import render_findings
from policyeval.testing.library import Library
from policyeval.testing.load import load_suite
from policyeval.testing.reports import FORMS, report
from policyeval.testing.run import run_suite

FIXTURES = Path(__file__).parents[2] / "fixtures"
FOLDERS = ("environments/tamagotchi", "policy-tests")
SEEDS = [path for folder in FOLDERS for path in (FIXTURES / folder).rglob("*.policytest.yaml")]
SPLICES = [
    *(b"null", b"[]", b"{}", b'"*"', b"5", b"true", b"*a", b"&a x", b"!x", b"\x00", b"\xff"),
    *(b"[", b"}", b": ", b"- ", b'"', b"'", b"\n", b"<<: {}", b"allow", b"deny scp", b"@root"),
    *(b"not allow", b"arn:aws:iam:1:x", b"#", b"1e999", b"2027-01-31", b"..", b"*.json"),
    *(b"\xe2\x80\xae", b"\\x1b[31m", b"stack: {}", b"policy: a.json"),
]


def damaged(seed, chance):
    """A suite with a few stretches cut out, put in, or doubled."""
    data = bytearray(seed.read_bytes())
    for _ in range(chance.randint(1, 2)):
        start, kind = chance.randrange(len(data) + 1), chance.random()
        length = chance.randint(1, 30)
        if kind < 0.3:
            del data[start : start + length]
        elif kind < 0.8:
            data[start : start + (length if kind < 0.5 else 0)] = chance.choice(SPLICES)
        else:
            data[start:start] = data[:length]
    return bytes(data)


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_suite_gives_results_or_findings_with_a_place(tmp_path, seed):
    for folder in FOLDERS:
        shutil.copytree(FIXTURES / folder, tmp_path / folder)
    (tmp_path / "pyproject.toml").touch()
    chance, library = random.Random(seed), Library()
    refused = 0
    for _ in range(60):
        path = chance.choice(SEEDS)
        file = tmp_path / path.relative_to(FIXTURES)
        file.write_bytes(damaged(path, chance))
        findings = findings_or_reports(file, library)
        refused += bool(findings)
        assert all(each.location for each in findings if each.is_error)
        assert "\x1b" not in render_findings(findings)
    assert 20 < refused < 60


def findings_or_reports(file, library):
    """Run a suite and write all reports, or give what is wrong with it."""
    try:
        run = run_suite(load_suite(file, library=library))
    except PolicyEvalError as error:
        return error.findings or pytest.fail("an error without findings")
    assert not any("\x1b" in report(run, form) for form in FORMS)
    return ()
