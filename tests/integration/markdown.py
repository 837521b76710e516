"""The examples in README and docs: found, run, and compared or rewritten."""

import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = "```console"

PLUGIN = "policyeval.testing.pytest_plugin"
INSTALLED = any(each.value == PLUGIN for each in entry_points(group="pytest11"))
# As in a project without settings: those of this checkout are for its own tests.
PYTEST = ["-c", os.devnull, "--rootdir", ".", "--no-header", "-p", "no:cacheprovider"]
PYTEST += [] if INSTALLED else ["-p", PLUGIN]
TIME = re.compile(r"in [0-9]+\.[0-9]+s")


def examples(text):
    """Give (command, expected output, first line, last line) of each `$ …` in a page.

    A command goes on in the next line after a backslash, and inside double quotes.
    """
    lines = text.splitlines()
    found = []
    place = 0
    while place < len(lines):
        if lines[place] != FENCE:
            place += 1
            continue
        end = lines.index("```", place)
        found.extend(_in_block(lines, place + 1, end))
        place = end
    return found


def _in_block(lines, place, end):
    while place < end:
        assert lines[place].startswith("$ "), f"line {place + 1}: a console block starts with `$ `"
        command = [lines[place][2:]]
        while command[-1].endswith("\\") or " ".join(command).count('"') % 2:
            place += 1
            command[-1] = command[-1].removesuffix("\\")
            command.append(lines[place])
        start = place = place + 1
        while place < end and not lines[place].startswith("$ "):
            place += 1
        yield " ".join(part.strip() for part in command), lines[start:place], start, place


def run(command):
    """Run one command from the checkout's root; give its output, stderr after stdout."""
    words = shlex.split(command)
    assert words[0] in ("policyeval", "pytest"), f"not ours: {command}"
    if words[0] == "pytest":
        words[1:1] = PYTEST
    environment = {
        key: value
        for key, value in os.environ.items()
        if "COLOR" not in key and key not in ("CI", "BUILD_NUMBER", "COLUMNS", "PYTEST_ADDOPTS")
    }
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=environment | {"PYTHONIOENCODING": "utf-8"},
    )
    return [TIME.sub("in 0.10s", line) for line in (done.stdout + done.stderr).splitlines()]


def rewrite(page):
    """Put the real output below every command of a page."""
    text = page.read_text(encoding="utf-8")
    lines = text.splitlines()
    for command, _, start, end in reversed(examples(text)):
        output = run(command)
        blank = [""] if end < len(lines) and lines[end].startswith("$ ") else []
        lines[start:end] = [line.rstrip() for line in output] + blank
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for each in PAGES:
        rewrite(each)
