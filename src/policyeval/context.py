"""The facts around a request: condition keys and their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from policyeval.value import Value, Word


class Presence(Word):
    """The states of a context key whose value is not known."""

    ABSENT = "absent"
    UNKNOWN = "unknown"  # whether it is present, and its value
    PRESENT = "present"  # it is there, its value is unknown


ABSENT: Final = Presence.ABSENT
UNKNOWN: Final = Presence.UNKNOWN
PRESENT: Final = Presence.PRESENT

ContextValue = tuple[str, ...] | Presence


class RoleOfUnknownPath(tuple[str, ...]):
    """The ARN of a session's role of which nobody told the path: taken to be `/`.

    A pattern that names a path may match it all the same: then a fact is missing (R-CTX-01).
    """

    __slots__ = ()


class Facts(Word):
    """What it means that a fact is not given (R-FLOW-20)."""

    TYPED = "typed"  # by key: assumed, unknown or absent; a layer not given: assumed empty
    PARTIAL = "partial"  # unknown, key and layer alike
    COMPLETE = "complete"  # absent; policies not given are none


class RequestContext(Value):
    """Condition keys and their values: case-insensitive, three states (R-COND-01).

    `entries` maps the lower-case key to a tuple of strings, `ABSENT` or `UNKNOWN`; a key that is
    not listed is `default`. `names` keeps the spelling; `derived` and `assumed` hold the
    lower-case keys that were not given but follow from facts (R-CTX) or are assumed (R-FLOW-20).
    """

    entries: Mapping[str, ContextValue]
    default: Presence = ABSENT
    names: Mapping[str, str] = {}
    derived: frozenset[str] = frozenset()
    assumed: frozenset[str] = frozenset()

    def __getitem__(self, key: str) -> ContextValue:
        return self.entries.get(key.lower(), self.default)

    def __iter__(self) -> Iterator[str]:
        return (self.name_of(key) for key in self.entries)

    def name_of(self, key: str) -> str:
        """Give the key as it was written, or as it stands."""
        return self.names.get(key.lower(), key)

    def with_values(self, changes: Mapping[str, ContextValue]) -> RequestContext:
        """Give a context in which these keys have these values."""
        entries, names = dict(self.entries), dict(self.names)
        for key, value in changes.items():
            entries[key.lower()] = value
            names.setdefault(key.lower(), key)
        changed = {key.lower() for key in changes}
        return RequestContext(
            entries, self.default, names, self.derived - changed, self.assumed - changed
        )

    def with_derived(self, changes: Mapping[str, ContextValue]) -> RequestContext:
        """Give a context with these derived values; given ones stay as they are (R-CTX-05)."""
        new = {
            key: value
            for key, value in changes.items()
            if key.lower() not in self.entries or key.lower() in self.derived | self.assumed
        }
        changed = self.with_values(new)
        lowered = frozenset(key.lower() for key in new)
        return RequestContext(
            changed.entries, self.default, changed.names, changed.derived | lowered, changed.assumed
        )

    def __hash__(self) -> int:
        return hash(frozenset(self.entries.items()))
