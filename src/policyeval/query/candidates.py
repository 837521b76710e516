"""Which principals may be allowed at all? The few that are worth evaluating.

The truth table (`evaluation.combine`) needs an Allow for every principal: of its own policies, or
of a resource policy that names it. Both are looked up, not tried. Nobody who is allowed, or of
whom that is unknown, is left out; who is found may still be denied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from policyeval.arn import is_account_id
from policyeval.context import Facts
from policyeval.environment.model import Environment
from policyeval.evaluation.compile import compile_stack
from policyeval.evaluation.service_rules import ResourcePart, ServiceRule, rule_for
from policyeval.matching.principal import EVERYONE, beginning_of, listed_text
from policyeval.policy import Statement
from policyeval.query.index import QueryIndex, index_of
from policyeval.request import Request
from policyeval.stack import Layer, PolicyStack
from policyeval.value import Value

Ask = Callable[[str], Request]
"""Gives the request that a principal, by its ARN, would make."""

ROOT = ":root"


class Named(Value):
    """Whom the Allow statements of a resource policy name.

    `everyone`: any caller by itself. `accounts`: all callers of an account. `texts`: single names,
    or their beginnings.
    """

    everyone: bool = False
    accounts: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()


NOBODY = Named()
ANYBODY = Named(everyone=True)


def candidates(environment: Environment, ask: Ask) -> list[str]:
    """Give the ARNs of users, roles and root users that may be allowed, account by account."""
    index = index_of(environment)
    found: list[str] = []
    own: set[str] | None = None
    for account, arns in index.accounts.items():
        root = root_of(environment, index, account)
        found.append(root)
        if not arns:
            continue
        asked = ask(root)
        request, stack = environment.resolve(asked)
        rule = rule_for(request)
        if rule.always or request.facts is not asked.facts:
            # A policy of the account or the resource cannot be read: anything may be.
            found += arns
            continue
        if own is None:
            own = index.perhaps_allowed(request.action.folded, request.resource.text)
        named = _named(request, stack, rule)
        found += _of_account(index, account, own, named, (request, rule))
    return found


def _of_account(
    index: QueryIndex,
    account: str,
    own: set[str],
    named: Named,
    asked: tuple[Request, ServiceRule],
) -> Iterable[str]:
    """Give the candidates of one account; the parts follow `evaluation.combine`."""
    request, rule = asked
    arns = index.accounts[account]
    same_account = request.same_account or rule.any_account
    whole = named.everyone or account in named.accounts
    direct = set(arns) if named.everyone else _called(index, named)
    if not same_account:  # R-FLOW-09: both sides
        wanted = own if whole else own & direct
    elif rule.part in (ResourcePart.TRUST, ResourcePart.KEY):  # R-FLOW-10, R-FLOW-11
        wanted = own | direct if whole else direct
    else:  # R-FLOW-07, R-FLOW-08: either side
        wanted = own | direct
    if len(wanted) < len(arns):  # most often a few of many
        return sorted(wanted.intersection(index.members[account]), key=index.place)
    return [arn for arn in arns if arn in wanted]


def _called(index: QueryIndex, named: Named) -> set[str]:
    return {arn for text in named.texts for arn in index.called(text)}


def _named(request: Request, stack: PolicyStack, rule: ServiceRule) -> Named:
    """Whom the resource's policies may let in, after what R-FLOW-20 says of policies not given."""
    layer = Layer.RESOURCE_POLICY
    if rule.part is ResourcePart.NONE:
        return NOBODY
    if layer not in stack.layers:
        if request.facts is Facts.COMPLETE or layer in stack.complete:
            return NOBODY
        must_allow = rule.part is not ResourcePart.EITHER or not request.same_account
        return ANYBODY if must_allow or request.facts is Facts.PARTIAL else NOBODY
    return named_by(granting(request, stack), stack.canonical_users)


def granting(request: Request, stack: PolicyStack) -> list[Statement]:
    """Give the Allow statements of the resource's policies that cover the action."""
    compiled = compile_stack(stack).get(Layer.RESOURCE_POLICY)
    if compiled is None:
        return []
    listed = compiled.candidates(request.action.folded).statements
    return [each.statement for each, _ in listed if not each.denies]


def named_by(statements: Iterable[Statement], canonical: Mapping[str, str]) -> Named:
    """Give whom these Allow statements of a resource policy name."""
    everyone = False
    accounts: set[str] = set()
    texts: set[str] = set()
    for statement in statements:
        element = statement.principal
        if element is None or element.negated:
            everyone = True  # R-MATCH-09: all but those listed
            continue
        for pattern in element.patterns:
            text = listed_text(pattern)
            everyone = everyone or text == EVERYONE
            if pattern.kind == "CanonicalUser":
                account = canonical.get(pattern.text)
                everyone = everyone or account is None  # it may be any account's
                accounts.add(account or "")
            elif is_account_id(text):
                accounts.add(text)
            elif text.endswith(ROOT):
                accounts.add(text.split(":")[4] if text.count(":") == 5 else "")
            else:
                texts |= {text, beginning_of(text)}
    return Named(everyone, frozenset(accounts), frozenset(texts))


def root_of(environment: Environment, index: QueryIndex, account: str) -> str:
    """Give the ARN of an account's root user."""
    arns = index.accounts.get(account)
    partition = index.callers[arns[0]].partition if arns else environment.partition
    return f"arn:{partition}:iam::{account}{ROOT}"
