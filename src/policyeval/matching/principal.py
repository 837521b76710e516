"""Does the Principal or NotPrincipal element name the caller, and how? (R-MATCH-08 to -10)

A caller goes by several names: its own ARN, its role's, its account's, `*`. Each name carries
what being named so grants (`Naming`). An element matches by set membership, never by wildcard.
"""

from __future__ import annotations

from collections.abc import Mapping

from policyeval.decision import Naming
from policyeval.policy import PrincipalElement, PrincipalPattern
from policyeval.principal import Principal, PrincipalKind
from policyeval.value import Value, fill_cache

EVERYONE = "*"


class Caller(Value):
    """How elements may name the caller of one request at one kind of policy.

    `names` maps a listed text to what it grants. `session_of` is the beginning of the session
    ARNs of a role session whose name is not known, else empty. `canonical` maps canonical user
    ids to accounts. `never_exempt`: a Deny with NotPrincipal always applies (R-MATCH-10); None
    where that is not known. `user_of` is the beginning of the user ARNs of which one may stand
    behind a federated session, empty where the user is known.
    """

    names: Mapping[str, Naming]
    account: str
    session_of: str
    canonical: Mapping[str, str]
    never_exempt: bool | None = False
    user_of: str = ""


def names_of(principal: Principal) -> Mapping[str, Naming]:
    """Give every text that names the principal, with what it grants (R-FLOW-08)."""
    if principal._names is None:
        fill_cache(principal, "_names", _names(principal))
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


def session_prefix(principal: Principal) -> str:
    """The beginning of the session's ARN where the session's own name is not known."""
    if principal.kind is not PrincipalKind.ROLE_SESSION or principal.session_name:
        return ""
    role = principal.name.rpartition("/")[2]
    return f"arn:{principal.partition}:sts::{principal.account}:assumed-role/{role}/"


def session_user_prefix(principal: Principal) -> str:
    """The beginning of the ARN of the user behind a federated session, where nobody told it."""
    if principal.kind is not PrincipalKind.FEDERATED_USER or principal.issuer:
        return ""
    return f"arn:{principal.partition}:iam::{principal.account}:user/"


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

    __slots__ = ("_canonical", "_listed", "_sessions", "_users", "denies", "negated")

    def __init__(self, element: PrincipalElement, *, denies: bool) -> None:
        self.negated = element.negated
        self.denies = denies
        self._listed = frozenset(listed_text(pattern) for pattern in element.patterns)
        self._canonical = tuple(
            pattern.text for pattern in element.patterns if pattern.kind == "CanonicalUser"
        )
        self._sessions = frozenset(
            f"{pattern.text.rpartition('/')[0]}/"
            for pattern in element.patterns
            if ":assumed-role/" in pattern.text
        )
        self._users = frozenset(
            f"{pattern.text.partition(':user/')[0]}:user/"
            for pattern in element.patterns
            if ":user/" in pattern.text
        )

    def naming(self, caller: Caller) -> Naming | None:
        """How the element names the caller: NOT_NAMED where it does not apply, None if unknown."""
        listed = Naming.NOT_NAMED
        for name, naming in caller.names.items():
            if naming > listed and name in self._listed:
                listed = naming
        unknown = False
        if listed < Naming.DIRECT and caller.session_of and caller.session_of in self._sessions:
            unknown = True
        if listed < Naming.DIRECT and caller.user_of and caller.user_of in self._users:
            unknown = True
        if self._canonical and listed < Naming.ACCOUNT and caller.account:
            accounts = [caller.canonical.get(user) for user in self._canonical]
            if caller.account in accounts:
                listed = max(listed, Naming.ACCOUNT)
            elif None in accounts:
                unknown = True
        if self.negated:
            return self._all_but(listed, unknown, caller.never_exempt)
        return None if unknown else listed

    def _all_but(self, listed: Naming, unknown: bool, never_exempt: bool | None) -> Naming | None:
        if not self.denies:  # R-MATCH-09: Allow with NotPrincipal is for everyone not listed
            if unknown:
                return None
            return Naming.NOT_NAMED if listed else Naming.DIRECT
        if never_exempt:
            return Naming.DIRECT
        # AWS: only the caller's own ARN exempts it, not its role's or its account's.
        if listed < Naming.DIRECT and not unknown:
            return Naming.DIRECT
        return Naming.NOT_NAMED if never_exempt is False and not unknown else None
