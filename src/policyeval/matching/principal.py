"""Does the Principal or NotPrincipal element name the caller, and how? (R-MATCH-08 to -10)

A caller goes by several names: its own ARN, its role's, its account's, `*`. Each name carries
what being named so grants (`Naming`). An element matches by set membership, never by wildcard.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.decision import Naming
from policyeval.policy import PrincipalElement, PrincipalPattern
from policyeval.principal import Principal, PrincipalKind
from policyeval.value import FrozenMap, Value, fill_cache

EVERYONE = "*"


class Caller(Value):
    """How elements may name the caller of one request at one kind of policy.

    `names` maps a listed text to what it grants. `unnamed` is the beginning of names that may be
    the caller's as well (`unnamed_beginning`). `canonical` maps canonical user ids to accounts.
    `never_exempt`: a Deny with NotPrincipal always applies (R-MATCH-10); None where that is not
    known.
    """

    names: Mapping[str, Naming]
    account: str
    unnamed: str
    canonical: Mapping[str, str]
    never_exempt: bool | None = False

    @property
    def is_root(self) -> bool:
        """The account's names are the root user's own."""
        return bool(self.account) and self.names.get(self.account) is Naming.DIRECT


def names_of(principal: Principal) -> Mapping[str, Naming]:
    """Give every text that names the principal, with what it grants (R-FLOW-08)."""
    if principal._names is None:
        fill_cache(principal, "_names", FrozenMap(_names(principal)))
    return principal._names  # type: ignore[return-value]


def _names(principal: Principal) -> dict[str, Naming]:
    kind = principal.kind
    names = {EVERYONE: Naming.DIRECT}
    if kind is PrincipalKind.ANONYMOUS:
        return names
    if kind is PrincipalKind.AWS_SERVICE:
        names[f"Service:{principal.text}"] = Naming.DIRECT
        return names
    if kind is PrincipalKind.FEDERATED:
        names[f"Federated:{principal.text}"] = Naming.DIRECT
        return names
    account, partition = principal.account, principal.partition
    of_account = Naming.DIRECT if kind is PrincipalKind.ROOT_USER else Naming.ACCOUNT
    names[account] = of_account
    names[f"arn:{partition}:iam::{account}:root"] = of_account
    if kind is PrincipalKind.IAM_USER:
        names[principal.text] = Naming.DIRECT
    elif kind is PrincipalKind.FEDERATED_USER:
        names[principal.text] = Naming.DIRECT
        if principal.issuer:
            names[principal.issuer] = Naming.USER_OF_SESSION
    elif kind is PrincipalKind.ROLE_SESSION:
        role = principal.name.rpartition("/")[2]
        names[f"arn:{partition}:iam::{account}:role/{role}"] = Naming.ROLE
        if principal.session_name:
            names[
                f"arn:{partition}:sts::{account}:assumed-role/{role}/{principal.session_name}"
            ] = Naming.DIRECT
    return names


def unnamed_beginning(principal: Principal) -> str:
    """The beginning of the ARNs of which one is the caller's, though nobody told which.

    It is the session's own ARN where a role is given for a session, and the ARN of the user
    behind a federated session; empty where all names are known.
    """
    partition, account = principal.partition, principal.account
    if principal.kind is PrincipalKind.ROLE_SESSION and not principal.session_name:
        role = principal.name.rpartition("/")[2]
        return f"arn:{partition}:sts::{account}:assumed-role/{role}/"
    if principal.kind is PrincipalKind.FEDERATED_USER and not principal.issuer:
        return f"arn:{partition}:iam::{account}:user/"
    return ""


def beginning_of(text: str) -> str:
    """The listed ARN without what tells sessions of a role, or users of an account, apart."""
    head, user, _ = text.partition(":user/")
    return head + user if user else f"{text.rpartition('/')[0]}/"


def listed_text(pattern: PrincipalPattern) -> str:
    """The key under which a listed principal is looked up among the caller's names.

    A role is known by account and name, since a session's ARN has no path (R-MATCH-08).
    """
    if pattern.text == "*" and pattern.kind in ("*", "AWS"):
        return EVERYONE
    if pattern.kind != "AWS":
        return f"{pattern.kind}:{pattern.text}"
    head, role, path_and_name = pattern.text.partition(":role/")
    if role and "/" in path_and_name and head.startswith("arn:"):
        return f"{head}{role}{path_and_name.rpartition('/')[2]}"
    return pattern.text


class CompiledPrincipal:
    """A Principal or NotPrincipal element, ready to be asked about many callers."""

    __slots__ = ("_beginnings", "_canonical", "_listed", "denies", "negated")

    def __init__(self, element: PrincipalElement, *, denies: bool) -> None:
        self.negated = element.negated
        self.denies = denies
        self._listed = frozenset(listed_text(pattern) for pattern in element.patterns)
        self._canonical = tuple(
            pattern.text for pattern in element.patterns if pattern.kind == "CanonicalUser"
        )
        self._beginnings = frozenset(
            beginning_of(pattern.text)
            for pattern in element.patterns
            if pattern.kind == "AWS" and not set(pattern.text) & {"*", "?"}
        )

    def naming(self, caller: Caller) -> Naming | None:
        """How the element names the caller: NOT_NAMED where it does not apply, None if unknown."""
        listed = Naming.NOT_NAMED
        for name, naming in caller.names.items():
            if naming > listed and name in self._listed:
                listed = naming
        unknown = listed < Naming.DIRECT and self._lists_one_of(caller)
        if self._canonical and not listed and caller.account in caller.names:
            accounts = [caller.canonical.get(user) for user in self._canonical]
            if caller.account in accounts:
                listed = caller.names[caller.account]
            elif None in accounts:
                unknown = True
        if self.negated:
            return self._all_but(listed, unknown, caller)
        # Named for certain, perhaps by a name that grants more (`may_grant_more`): it applies.
        return None if unknown and not listed else listed

    def may_grant_more(self, caller: Caller) -> bool:
        """Tell whether a listed name could be the caller's own, were its name known."""
        return not self.negated and self._lists_one_of(caller)

    def _lists_one_of(self, caller: Caller) -> bool:
        return bool(caller.unnamed) and caller.unnamed in self._beginnings

    def _all_but(self, listed: Naming, unknown: bool, caller: Caller) -> Naming | None:
        if not self.denies:  # R-MATCH-09: Allow with NotPrincipal is for everyone not listed
            if unknown:
                return None
            return Naming.NOT_NAMED if listed else Naming.DIRECT
        if caller.never_exempt:
            return Naming.DIRECT
        # AWS: only the caller's own ARN exempts it, not its role's, its account's or its user's.
        own_name = ":assumed-role/" in caller.unnamed or caller.is_root
        unknown = unknown and own_name
        if listed < Naming.DIRECT and not unknown:
            return Naming.DIRECT
        return Naming.NOT_NAMED if caller.never_exempt is False and not unknown else None
