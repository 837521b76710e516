"""Did you mean: the legal name nearest to a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

_MOST_EDITS = 2
_LONGEST = 64


def nearest(text: str, names: Iterable[str]) -> str:
    """Give the name within two edits of the text, case set aside; empty where there is none."""
    if len(text) > _LONGEST:
        return ""
    folded, best, fewest = text.lower(), "", _MOST_EDITS + 1
    for name in names:
        if abs(len(name) - len(text)) > _MOST_EDITS:
            continue
        edits = _edits(folded, name.lower())
        # Two edits make any word of four letters out of another.
        if edits < fewest and edits * 2 < max(len(text), 3):
            best, fewest = name, edits
    return best


def did_you_mean(text: str, names: Iterable[str]) -> str:
    """Give the help line for a misspelt name, or nothing."""
    name = nearest(text, names)
    return f"did you mean `{name}`?" if name else ""


def _edits(one: str, other: str) -> int:
    """Count insertions, deletions, replacements and swaps of neighbours."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one):
        earlier, before, row = before, row, [i + 1]
        for j, wanted in enumerate(other):
            cost = min(row[j] + 1, before[j + 1] + 1, before[j] + (char != wanted))
            if i and j and char == other[j - 1] and one[i - 1] == wanted:
                cost = min(cost, earlier[j - 1] + 1)
            row.append(cost)
    return row[-1]
