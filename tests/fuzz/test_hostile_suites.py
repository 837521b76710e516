"""Whatever bytes come as policy tests: results, or findings with a place; never a traceback."""

import random
from pathlib import Path

import pytest
from tests.unit.testing.suites import write_world

from policyeval.errors import PolicyEvalError
from policyeval.rendering.text import render_findings
from policyeval.testing.load import load_suite
from policyeval.testing.reports import FORMS, report
from policyeval.testing.run import run_suite
from policyeval.testing.worlds import Library

SEEDS = [
    path.read_bytes()
    for path in (Path(__file__).parents[2] / "fixtures").rglob("*.policytest.yaml")
]
SPLICES = [
    *(b"null", b"[]", b"{}", b'"*"', b"5", b"true", b"*a", b"&a x", b"!x", b"\x00", b"\xff"),
    *(b"[", b"}", b": ", b"- ", b'"', b"'", b"\n", b"<<: {}", b"allow", b"deny scp", b"@root"),
    *(b"not allow", b"arn:aws:iam:1:x", b"#", b"1e999", b"2027-01-31", b"..", b"*.json"),
    *(b"\xe2\x80\xae", b"\\x1b[31m", b"stack: {}", b"policy: a.json"),
]


def damaged(chance):
    """A suite with a few stretches cut out, put in, or doubled."""
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randint(1, 4)):
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
    write_world(tmp_path)
    chance, library = random.Random(seed), Library()
    file = tmp_path / "a.policytest.yaml"
    read = refused = 0
    for _ in range(60):
        file.write_bytes(damaged(chance))
        try:
            run = run_suite(load_suite(file, library=library))
        except PolicyEvalError as error:
            refused += 1
            assert error.findings
            assert all(each.location for each in error.findings if each.is_error)
            assert render_findings(error.findings)
        else:
            read += 1
            for form in FORMS:
                assert "\x1b" not in report(run, form)
    assert read + refused == 60
    assert refused > 20
