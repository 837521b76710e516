"""The three answers of a match, ordered so that Kleene's logic is arithmetic.

With NO < UNKNOWN < YES, *and* is `min`, *or* is `max`, and *not* is `YES - answer`.
"""

from __future__ import annotations

from typing import Final

Match = int

NO: Final = 0
UNKNOWN: Final = 1
YES: Final = 2


def negate(answer: Match) -> Match:
    """Not: yes and no change places, unknown stays."""
    return YES - answer
