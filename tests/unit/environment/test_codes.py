"""Every code that environments report is explained, and every explained one is reported."""

import re
from pathlib import Path

from policyeval.environment.codes import CODES

SOURCE = Path(__file__).resolve().parents[3] / "src/policyeval/environment"


def used():
    texts = [
        path.read_text(encoding="utf-8") for path in SOURCE.glob("*.py") if path.name != "codes.py"
    ]
    return {code for text in texts for code in re.findall(r'"(PE07[0-9]{2})"', text)}


def test_codes_and_explanations_are_the_same():
    assert used() == set(CODES)


def test_explanations_say_something():
    for code, diagnostic in CODES.items():
        assert diagnostic.code == code
        assert diagnostic.title
        assert not diagnostic.title.endswith(".")
        assert len(diagnostic.text) > 50
