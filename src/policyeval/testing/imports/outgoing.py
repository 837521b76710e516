"""One policy test as a request that the simulator takes: nothing but AWS's own parameters.

What has no place there is checked, not assumed: the request is asked here with the policies that
go along, and where that gives another answer, the test does not go out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from json import dumps

from policyeval.context import ABSENT, Facts, Presence
from policyeval.decision import Verdict
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.engine import evaluate
from policyeval.parsing.defect import quote
from policyeval.parsing.policy import read_policy
from policyeval.parsing.write import policy_to_dict, write_policy
from policyeval.policy import Policy
from policyeval.request import Request
from policyeval.stack import AttachedPolicy, Layer, PolicyStack
from policyeval.testing.expand import POLICY_TESTER
from policyeval.testing.imports.caller import account_of
from policyeval.testing.imports.draft import ANYBODY
from policyeval.testing.model import PolicyTest
from policyeval.value import Value

Levels = tuple[tuple[str, ...], ...]
"""Texts of policies; SCPs by level, of other layers there is one."""


class Outgoing(Value):
    """A request of the simulator, and the test that it comes from.

    `caller` and `owner` are empty where nothing needs them; `policies` are texts by layer and
    level. Of the values of `context`, a text is a single value and a tuple a list.
    """

    test: PolicyTest
    caller: str
    action: str
    resource: str
    owner: str
    context: Mapping[str, str | tuple[str, ...]]
    policies: Mapping[Layer, Levels]
    lost: tuple[Layer, ...] = ()

    def texts(self, layer: Layer) -> tuple[str, ...]:
        """Give the policies of a layer, whatever their level."""
        levels = self.policies.get(layer, ())
        return tuple(dict.fromkeys(text for level in levels for text in level))

    @property
    def key(self) -> str:
        """Tell what else than the action is asked: equal for requests that go together."""
        layers = {layer.value: texts for layer, texts in self.policies.items()}
        parts = (self.caller, self.resource, self.owner, dict(self.context), layers)
        return dumps(parts, sort_keys=True)


class NoEquivalentError(Exception):
    """The test cannot be said in the other format; the text is why."""


def outgoing(test: PolicyTest, layers: Iterable[Layer], *, by_level: bool) -> Outgoing:
    """Give the request of a test; raises NoEquivalentError.

    Policies of other than these `layers` are left out where the answer stays what it is; so is
    the level of an SCP, where it is not to be kept.
    """
    try:
        request = test.request()
        verdict = evaluate(request, test.world.policies).verdict
        resolved, stack = test.world.policies.resolve(request)
    except PolicyEvalError as error:
        raise NoEquivalentError(error.message) from error
    if test.facts is Facts.PARTIAL:
        raise NoEquivalentError("facts that are not given are unknown, not absent")
    kept = set(layers)
    policies = {
        layer: _levels(stack, layer, by_level=by_level)
        for layer in Layer
        if layer in kept and stack.policies(layer)
    }
    caller = _caller(test, resolved, has_policy=Layer.RESOURCE_POLICY in policies)
    owner = resolved.resource.account if not account_of(test.resource) else ""
    if owner == (account_of(caller) or account_of(POLICY_TESTER)):
        owner = ""
    lost = tuple(
        layer
        for layer in Layer
        if layer not in kept and any(map(_says_something, stack.policies(layer)))
    )
    sent = Outgoing(
        test,
        caller,
        test.action,
        test.resource,
        f"arn:aws:iam::{owner}:root" if owner else "",
        _context(test, resolved, caller or test.principal),
        policies,
        lost,
    )
    if verdict is not Verdict.UNKNOWN and _answer(sent) is not verdict:
        named = ", ".join(layer.value for layer in lost)
        why = f"it has no place for {named} policies" if lost else "the answer changes"
        raise NoEquivalentError(why)
    return sent


def _caller(test: PolicyTest, resolved: Request, *, has_policy: bool) -> str:
    """Give the user or role that asks: of a session, its role."""
    principal = test.principal
    if principal.endswith(f":{ANYBODY}") and not has_policy:
        return ""
    if ":assumed-role/" in principal:
        role = resolved.context["aws:PrincipalArn"]
        principal = role[0] if isinstance(role, tuple) and len(role) == 1 else ""
    if ":user/" not in principal and ":role/" not in principal:
        raise NoEquivalentError(f"its caller is a user or role, not {quote(test.principal)}")
    return principal


def _context(test: PolicyTest, resolved: Request, caller: str) -> dict[str, str | tuple[str, ...]]:
    """Give the keys that are given, assumed, or known to the environment alone."""
    given = {key.lower(): value for key, value in test.context.items()}
    bare = Request.of(
        caller,
        test.action,
        test.resource,
        resource_account=resolved.resource.account if not account_of(test.resource) else None,
        facts=Facts.COMPLETE,
    ).context
    in_environment = test.world.environment is not None
    found: dict[str, str | tuple[str, ...]] = {}
    order = {key: place for place, key in enumerate(given)}
    entries = sorted(
        resolved.context.entries.items(), key=lambda each: (order.get(each[0], len(order)), each[0])
    )
    for key, value in entries:
        if isinstance(value, Presence):
            if key in given and value is not ABSENT:
                raise NoEquivalentError(f"nobody knows {quote(resolved.context.name_of(key))}")
            continue
        own = in_environment and bare[key] != value
        if key in given or key in resolved.context.assumed or own:
            single = len(value) == 1 and not isinstance(given.get(key), tuple)
            found[resolved.context.name_of(key)] = value[0] if single else value
    return found


def _answer(sent: Outgoing) -> Verdict | None:
    """Give the answer to what goes out; None where it cannot be asked."""
    stack = _stack(tuple(sent.policies.items()))
    if stack is None:
        return None
    account = account_of(sent.owner) or account_of(sent.resource)
    anybody = f"arn:aws:iam::{account}:{ANYBODY}" if account else POLICY_TESTER
    try:
        request = Request.of(
            sent.caller or anybody,
            sent.action,
            sent.resource,
            sent.context,
            resource_account=account_of(sent.owner) or None,
            facts=Facts.COMPLETE,
        )
        return evaluate(request, stack).verdict
    except PolicyEvalError:
        return None


@lru_cache(maxsize=64)
def _stack(policies: tuple[tuple[Layer, Levels], ...]) -> PolicyStack | None:
    layers: dict[Layer, list[tuple[AttachedPolicy, ...]]] = {}
    for layer, levels in policies:
        for level in levels:
            read = [policy for policy in (read_policy(text)[0] for text in level) if policy]
            if len(read) < len(level):
                return None
            attached = tuple(AttachedPolicy(policy, layer.value) for policy in read)
            layers.setdefault(layer, []).append(attached)
    made = {layer: tuple(levels) for layer, levels in layers.items()}
    return PolicyStack(made, frozenset(Layer))


def _levels(stack: PolicyStack, layer: Layer, *, by_level: bool) -> Levels:
    levels = stack.layers.get(layer, ())
    if not by_level:
        levels = (stack.policies(layer),)
    return tuple(tuple(dict.fromkeys(map(_text, level))) for level in levels)


def _text(attached: AttachedPolicy) -> str:
    """Give the text of a policy as it stands in its file."""
    policy = attached.policy
    whole = policy.source.text
    if whole is None or policy.pointer or policy.source.pointer or policy.source.line != 1:
        return write_policy(policy)
    return whole


def _says_something(attached: AttachedPolicy) -> bool:
    """Tell whether a policy is more than AWS's own that allows everything."""
    return not _allows_everything(attached.policy)


def _allows_everything(policy: Policy) -> bool:
    plain = policy_to_dict(policy)["Statement"]
    return any(
        each.get("Effect") == "Allow"
        and each.get("Action") == "*"
        and each.get("Resource") == "*"
        and "Condition" not in each
        for each in plain
    ) and all(each.get("Effect") == "Allow" for each in plain)
