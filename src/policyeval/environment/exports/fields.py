"""The members of one object of an export, read by name; what does not fit becomes a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from policyeval.environment.exports.document import ExportedPolicy, KeptPolicy
from policyeval.environment.exports.stream import Place, Where
from policyeval.environment.model import PolicyDocument, Reader
from policyeval.finding import Finding, Severity
from policyeval.parsing.document import read_document
from policyeval.parsing.reading import type_name
from policyeval.policy import PolicyType, escape_pointer
from policyeval.source import Location, Source

if TYPE_CHECKING:
    from policyeval.environment.exports.parts import Parts
    from policyeval.environment.exports.stream import Item


class Origin:
    """Where the objects of an item come from. `place` is None for what is held in memory."""

    __slots__ = ("_item", "_source", "place")

    def __init__(self, item: Item | None = None, source: Source | None = None) -> None:
        self.place: Place | None = item.place if item is not None else None
        self._item = item
        self._source = source

    @property
    def source(self) -> Source:
        """The text that pointers lead into."""
        if self._source is None:
            assert self._item is not None
            self._source = self._item.source
        return self._source


class Fields:
    """An object of an export. A member of the wrong kind counts as absent, and is reported.

    `small`: the names of members begin with a small letter, as AWS Config writes them; they are
    asked for by their names with a capital all the same.
    """

    __slots__ = ("origin", "parts", "pointer", "small", "tree", "written")

    def __init__(
        self, tree: Any, pointer: str, origin: Origin, parts: Parts, *, small: bool = False
    ) -> None:
        self.origin = origin
        self.parts = parts
        self.pointer = pointer
        self.small = small
        self.tree: Mapping[str, Any] = {}
        self.written: Mapping[str, Any] = tree if isinstance(tree, Mapping) else {}
        if isinstance(tree, Mapping):
            self.tree = {key[:1].upper() + key[1:]: tree[key] for key in tree} if small else tree
        else:
            self._refuse("expected an object", tree, pointer)

    @staticmethod
    def of(item: Item, parts: Parts) -> Fields:
        """Give the members of an item of an export."""
        return Fields(item.value, item.pointer, Origin(item), parts)

    # ---- members by kind ------------------------------------------------------------------

    def text(self, name: str, *, required: bool = False) -> str:
        """Give a text; empty where it is absent or null."""
        value = self.tree.get(name)
        if isinstance(value, str):
            if value.isascii() or _is_encodable(value):
                return str(value)
            self.report("PE1803", f"`{name}` holds half a character", key=name)
        elif value is not None:
            self._refuse(f"`{name}` must be a string", value, self.at(name))
        elif required and self.tree:
            self.report("PE1803", f"`{name}` is missing", key="")
        return ""

    def flag(self, name: str) -> bool:
        """Give a truth value; false where it is absent or null."""
        value = self.tree.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self._refuse(f"`{name}` must be true or false", value, self.at(name))
        return False

    def values(self, name: str) -> list[Any]:
        """Give a list; empty where it is absent or null."""
        value = self.tree.get(name)
        if value is None or isinstance(value, list):
            return value or []
        self._refuse(f"`{name}` must be a list", value, self.at(name))
        return []

    def texts(self, name: str) -> list[str]:
        """Give a list of texts."""
        found = []
        for index, value in enumerate(self.values(name)):
            if isinstance(value, str) and _is_encodable(value):
                found.append(str(value))
            else:
                self._refuse("expected a string", value, f"{self.at(name)}/{index}")
        return found

    def each(self, name: str) -> Iterator[Fields]:
        """Give the objects of a list."""
        for index, value in enumerate(self.values(name)):
            pointer = f"{self.at(name)}/{index}"
            yield Fields(value, pointer, self.origin, self.parts, small=self.small)

    def object(self, name: str) -> Fields | None:
        """Give an object; None where it is absent or null."""
        value = self.tree.get(name)
        if value is None:
            return None
        return Fields(value, self.at(name), self.origin, self.parts, small=self.small)

    def parsed(self, name: str, *, small: bool = False) -> Fields | None:
        """Give an object that may stand as a JSON text; None where it is absent or null."""
        value = self.tree.get(name)
        if value is None:
            return None
        pointer, origin = self.at(name), self.origin
        if isinstance(value, str):
            source = Source(f"{origin.source.name.partition('#')[0]}#{pointer}", value, 1, pointer)
            value, _, findings = read_document(value, source.name, pointer=pointer)
            if value is None:
                for finding in findings:
                    self.parts.add(finding)
                return None
            origin = Origin(source=source)
        return Fields(value, pointer, origin, self.parts, small=small)

    def has(self, name: str) -> bool:
        """Tell whether a member is there and not null."""
        return self.tree.get(name) is not None

    def tags(self, name: str = "Tags", key: str = "Key", value: str = "Value") -> dict[str, str]:
        """Give the tags of a list of pairs."""
        return {
            tag.text(key, required=True): tag.text(value) for tag in self.each(name) if tag.tree
        }

    # ---- policies -------------------------------------------------------------------------

    def reader(self, name: str, type: PolicyType, *, exempt_from_size: bool = False) -> Reader:
        """Give the reader of the document that is a member here."""
        pointer = self.at(name)
        place = self.origin.place
        if place is not None:
            return ExportedPolicy(place, pointer, type, exempt_from_size)
        return KeptPolicy(self.tree.get(name), self.origin.source, pointer, type, exempt_from_size)

    def document(self, name: str, type: PolicyType, shown: str, arn: str = "") -> PolicyDocument:
        """Give the document that is a member here, under the name that output calls it."""
        return PolicyDocument(shown, self.reader(name, type), arn)

    # ---- places and findings --------------------------------------------------------------

    def at(self, name: str) -> str:
        """Give the pointer of a member."""
        small = name[:1].lower() + name[1:]
        if self.small and small in self.written:
            name = small
        return f"{self.pointer}/{escape_pointer(name)}"

    def location(self, name: str = "", *, key: bool = False) -> Location:
        """Give the place of a member, or of the object."""
        return Location(self.origin.source, self.at(name) if name else self.pointer, key=key)

    def where(self, name: str = "") -> Where:
        """Give the place of a member, or of the object, without its text."""
        pointer = self.at(name) if name else self.pointer
        place = self.origin.place
        return Where(pointer, place, None if place is not None else self.origin.source)

    def report(
        self,
        code: str,
        message: str,
        help: str = "",
        *,
        key: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Note something about a member, or about the object."""
        self.parts.add(Finding(code, severity, message, self.location(key), help))

    def note_unknown(self, known: frozenset[str], what: str) -> None:
        """Count the members that no reader knows: AWS may have added what matters."""
        if self.tree.keys() <= known:
            return
        for name in self.tree:
            if name not in known:
                self.parts.not_understood[f"{what}.{name}"] += 1

    def _refuse(self, expected: str, value: Any, pointer: str) -> None:
        self.parts.add(
            Finding(
                "PE1803",
                Severity.ERROR,
                f"{expected}, this is {type_name(value)}",
                Location(self.origin.source, pointer),
                "is this what the AWS command printed?",
            )
        )


def _is_encodable(text: str) -> bool:
    """Tell whether a text is one: JSON's escapes may leave half of a surrogate pair in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
