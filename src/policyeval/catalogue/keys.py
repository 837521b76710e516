"""Condition keys by name: which are there, which an action carries, which operators fit.

Keys of the catalogue have parts that vary, `aws:RequestTag/${TagKey}` or
`s3:ExistingObjectTag/<key>`; a key of a policy or a request has something in their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from policyeval.catalogue.lookup import GLOBAL, global_keys, keys_of, service, services
from policyeval.catalogue.model import ConditionKey
from policyeval.parsing.nearest import nearest
from policyeval.value import Value

# Keys that belong to the caller's credentials, so that any request may carry them; the pages of
# the services list them for their own actions, or nowhere. Source: AWS's page "AWS global
# condition context keys", properties of role sessions.
SESSION_KEYS = frozenset(
    {
        "codebuild:buildarn",
        "codebuild:projectarn",
        "ec2:instanceid",
        "ec2:roledelivery",
        "ec2:sourceinstancearn",
        "glue:credentialissuingservice",
        "glue:roleassumedby",
        "identitystore:userid",
        "lambda:sourcefunctionarn",
        "ssm:sourceinstancearn",
        "sts:identityprovider",
    }
)
# Prefixes of keys that come from an identity provider or a workload, not from a service.
_FOREIGN_PREFIXES = frozenset({"saml"})


class KeyNames(Value):
    """A set of key names, all lower case: those without a part that varies, and the others.

    `patterns` are (what stands before, what stands after) the part that varies.
    """

    exact: frozenset[str]
    patterns: tuple[tuple[str, str], ...]

    @staticmethod
    def of(names: Iterable[str]) -> KeyNames:
        """Sort names into the two kinds."""
        exact, patterns = set(), []
        for name in names:
            parts = _around_variable(name.lower())
            if parts is None:
                exact.add(name.lower())
            else:
                patterns.append(parts)
        return KeyNames(frozenset(exact), tuple(patterns))

    def __contains__(self, key: str) -> bool:
        """Tell whether a key, in lower case, is one of them."""
        return key in self.exact or any(
            len(key) > len(before) + len(after) and key.startswith(before) and key.endswith(after)
            for before, after in self.patterns
        )


def _around_variable(name: str) -> tuple[str, str] | None:
    for opening, closing in (("${", "}"), ("<", ">")):
        start = name.find(opening)
        if start >= 0:
            # Of several parts that vary, all between the first and the last is left open.
            return name[:start], name[name.rfind(closing) + 1 :]
    return None


def is_foreign(key: str) -> bool:
    """Tell whether a key is one of an identity provider or of the caller's credentials.

    Keys of OIDC providers start with the host: `token.actions.githubusercontent.com:sub`.
    """
    prefix = key.partition(":")[0]
    return "." in prefix or "/" in prefix or prefix in _FOREIGN_PREFIXES or key in SESSION_KEYS


@lru_cache(maxsize=1)
def names_of_global_keys() -> KeyNames:
    """Give the global keys."""
    return KeyNames.of(global_keys())


@lru_cache(maxsize=512)
def names_of_service(prefix: str) -> KeyNames:
    """Give the keys that the tables of a service list; empty for a service that is none."""
    found = service(prefix)
    return KeyNames.of(found.condition_keys if found else ())


def names_of_actions(actions: Iterable[str]) -> KeyNames:
    """Give the keys that requests for at least one of these actions carry."""
    carried: set[str] = set()
    for action in actions:
        carried |= keys_of(action)
    return KeyNames.of(carried)


def is_told_who_carries(key: str) -> bool:
    """Tell whether some action of the key's own service (lower case) is listed as carrying it.

    AWS's pages list keys that no row names; of these nothing can be said.
    """
    return key in _carried_in(key.partition(":")[0])


@lru_cache(maxsize=64)
def _carried_in(prefix: str) -> KeyNames:
    found = service(prefix)
    return names_of_actions(found.actions if found else ())


def find_key(key: str, prefixes: Iterable[str]) -> ConditionKey | None:
    """Give the entry of a key, from the global ones or from the tables of services."""
    folded = key.lower()
    found = _in_table(folded, GLOBAL)
    for prefix in prefixes:
        found = found or _in_table(folded, prefix)
    return found


@lru_cache(maxsize=1024)
def _in_table(key: str, prefix: str) -> ConditionKey | None:
    found = service(prefix)
    if found is None or key not in names_of_service(prefix):
        return None
    if key in found.condition_keys:
        return found.condition_keys[key]
    return next(
        entry for name, entry in found.condition_keys.items() if key in KeyNames.of((name,))
    )


def nearest_key(key: str, names: Iterable[str]) -> str:
    """Give the listed key that a misspelt one may mean; empty where none is near.

    The part that varies is kept as it was written.
    """
    stem, slash, rest = key.partition("/")
    stems: dict[str, str] = {}
    for name in names:
        before, mark, _ = name.partition("/")
        if mark == slash:
            stems.setdefault(before, name)
    found = nearest(stem, stems)
    if not found:
        return ""
    varies = "${" in stems[found] or "<" in stems[found]
    return f"{found}/{rest}" if slash and varies else stems[found]


def is_known_anywhere(key: str) -> bool:
    """Tell whether any service lists a key (lower case): first its own, then all of them.

    The last resort before a key is called unknown, since it loads the whole catalogue.
    """
    own = key.partition(":")[0]
    return key in names_of_service(own) or any(key in names_of_service(each) for each in services())


# ---- types ------------------------------------------------------------------------------------

_FAMILIES = ("String", "Numeric", "Date", "Bool", "Binary", "IpAddress", "NotIpAddress", "Arn")
_NEVER_FITS = {
    "Numeric": frozenset({"String", "ARN", "Bool", "IPAddress"}),
    "Date": frozenset({"String", "ARN", "Bool", "IPAddress"}),
    "String": frozenset({"Date", "IPAddress"}),
    "IpAddress": frozenset({"Bool", "Numeric", "Date", "ARN"}),
    "Bool": frozenset({"ARN", "Numeric", "Date", "IPAddress"}),
    "Arn": frozenset({"Bool", "Numeric", "Date", "IPAddress"}),
}
"""Operator families and the types of keys that they cannot compare in a useful way.

Short on purpose: `StringEquals` on an ARN or a boolean compares the text and works."""


def operator_misfits(operator: str, kind: str) -> bool:
    """Tell whether an operator (its bare name) compares keys of a type in no useful way."""
    kind = kind.removeprefix("ArrayOf")
    family = next((each for each in _FAMILIES if operator.startswith(each)), "")
    return kind in _NEVER_FITS.get(family.removeprefix("Not"), ())
