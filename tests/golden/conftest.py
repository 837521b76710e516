"""`--update-golden` rewrites the golden files; the change is then read like prose."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/*.txt")


@pytest.fixture
def golden(request):
    """Compare a text with a golden file, or write the file where that is asked for."""

    def compare(name, text):
        path = HERE / name
        if request.config.getoption("--update-golden", default=False):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.exists(), f"{path} is missing: run with --update-golden"
        assert text == path.read_bytes().decode("utf-8")

    return compare
