"""The nouns of `who_can`: who holds a permission, under which conditions, by what way."""

from __future__ import annotations

from policyeval.decision import Alternative, Decision, StatementRef, Verdict
from policyeval.finding import Finding
from policyeval.principal import PrincipalKind
from policyeval.query.conditions import Condition, conditions_of, granting_statements
from policyeval.value import Value, Word


class HolderKind(Word):
    """What kind of principal holds a permission."""

    USER = "user"
    ROLE = "role"
    SESSION = "session"
    ROOT = "root"
    SERVICE = "service"
    FEDERATED = "federated"
    ANONYMOUS = "anonymous"  # anyone, without signing the call
    ANY_ACCOUNT = "any_account"  # principals of accounts that the environment does not list


class Step(Value):
    """One link of a role chain: by `action`, `principal` may assume `role`, or perhaps may."""

    principal: str
    role: str
    action: str
    verdict: Verdict
    conditions: tuple[Condition, ...] = ()
    missing: tuple[str, ...] = ()


class Holder(Value):
    """A principal that can, or perhaps can.

    `verdict` is ALLOWED or UNKNOWN. `by` are the granting statements of identity and resource
    policies; none where none is needed (an account's root user). `conditions` are what the answer
    rests on. `missing` names the facts that would settle an unknown one, `alternatives` what they
    lead to. `in_environment` is false for principals that only a resource policy names: their own
    account's policies are not known. `via` leads through roles, from the principal to the one that
    holds the permission itself; empty where that is the principal.
    """

    principal: str
    kind: HolderKind
    account: str
    verdict: Verdict
    by: tuple[StatementRef, ...] = ()
    conditions: tuple[Condition, ...] = ()
    missing: tuple[str, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    in_environment: bool = True
    via: tuple[Step, ...] = ()


class WhoCan(Value):
    """The answer to "who can do this?".

    `holders` come account by account, in the order of the environment; those of no account last.
    `asked` counts the principals of the environment that the question was about, `evaluated` those
    for which the policies had to be evaluated. `unasked` are entries that are known by name alone:
    nobody can tell their ARN, so they cannot be asked about. `any_context`: keys that were not
    given are unknown.
    """

    action: str
    resource: str
    holders: tuple[Holder, ...]
    asked: int = 0
    evaluated: int = 0
    unasked: tuple[str, ...] = ()
    any_context: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def allowed(self) -> tuple[Holder, ...]:
        """Those who can for certain."""
        return tuple(each for each in self.holders if each.verdict is Verdict.ALLOWED)

    @property
    def perhaps(self) -> tuple[Holder, ...]:
        """Those for whom a missing fact decides."""
        return tuple(each for each in self.holders if each.verdict is Verdict.UNKNOWN)


_KINDS = {
    PrincipalKind.IAM_USER: HolderKind.USER,
    PrincipalKind.ROLE_SESSION: HolderKind.ROLE,
    PrincipalKind.FEDERATED_USER: HolderKind.SESSION,
    PrincipalKind.ROOT_USER: HolderKind.ROOT,
    PrincipalKind.AWS_SERVICE: HolderKind.SERVICE,
    PrincipalKind.FEDERATED: HolderKind.FEDERATED,
    PrincipalKind.ANONYMOUS: HolderKind.ANONYMOUS,
}


def holder_of(
    decision: Decision,
    principal: str,
    *,
    in_environment: bool = True,
    hangs_on: tuple[str, ...] | None = None,
) -> Holder:
    """Give the holder that a positive decision speaks of.

    `hangs_on` names policies of the principal's own account that nobody gave: the answer is
    unknown for their sake, though without them it is a denial.
    """
    caller = decision.request.principal
    is_session = caller.kind is PrincipalKind.ROLE_SESSION and caller.session_name
    return Holder(
        principal,
        HolderKind.SESSION if is_session else _KINDS[caller.kind],
        caller.account,
        decision.verdict if hangs_on is None else Verdict.UNKNOWN,
        granting_statements(decision),
        conditions_of(decision),
        decision.missing if hangs_on is None else hangs_on,
        decision.alternatives,
        in_environment,
    )
