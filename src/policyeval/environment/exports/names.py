"""Short names for what exports know by ARN alone: as `environment.yaml` could have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from policyeval.arn import is_account_id

Key = TypeVar("Key", bound=Hashable)
_ILLEGAL = str.maketrans(dict.fromkeys("/:*", "-"))


def legal_name(text: str) -> str:
    """Give a text as the name of an entry: no blanks, `/`, `:`, `*`, no leading `@`."""
    words = "-".join(text.translate(_ILLEGAL).split())
    return "".join(char for char in words if char.isprintable()).lstrip("@")


def entry_names(entries: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    """Give each user and role, by (kind, account, name), a name: its own where that is unique.

    Where several have a name, none of them goes by it alone: a question that uses it is told so.
    """
    return short_names(
        {
            of: (of[2], f"{of[1]}.{of[2]}" if of[1] else "", ".".join(filter(None, of)))
            for of in entries
        }
    )


def resource_name(arn: str) -> tuple[str, ...]:
    """Give names for a resource, the shortest first."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return (arn,)
    service, region, account, rest = parts[2], parts[3], parts[4], parts[5]
    kind, _, name = rest.rpartition("/" if "/" in rest else ":")
    return (
        name,
        f"{service}.{name}",
        f"{service}.{kind}.{name}" if kind else "",
        ".".join(filter(None, (service, region, account, kind, name))),
    )


def short_names(wished: Mapping[Key, Sequence[str]], *, lower: bool = False) -> dict[Key, str]:
    """Give each key the first of its wishes that no other key has among its wishes.

    The last wish is taken with a number if it must be. `lower`: names of accounts, which people
    write with capitals and blanks, in small letters; none that looks like another account's id.
    """
    legal = {
        key: [
            name
            for wish in wishes
            if (name := legal_name(wish.lower() if lower else wish))
            and (not lower or not is_account_id(name) or name == key)
        ]
        for key, wishes in wished.items()
    }
    count = Counter(name for names in legal.values() for name in dict.fromkeys(names))
    found: dict[Key, str] = {}
    taken: set[str] = set()
    for key in sorted(legal, key=repr):
        names = legal[key]
        name = next((each for each in names if count[each] == 1), "")
        if not name:
            base = names[-1] if names else "unnamed"
            number = 1
            while (name := f"{base}.{number}") in taken or count[name]:
                number += 1
        found[key] = name
        taken.add(name)
    return found
