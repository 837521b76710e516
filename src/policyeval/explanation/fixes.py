"""What would make a denied request pass? Every answer is tried before it is given.

The search goes from layer to layer: it takes the layer that decides, makes one small change
there, and asks the engine again. Allowed: that is a fix. Still denied, but by fewer statements or
layers: the search goes on from there, so that a request stopped by three layers gets a fix of
three changes. What was found is given in the order of what it opens: changes of the request alone,
then narrow changes of policies, then wide ones. None ever allows all actions or all resources.
"""

from __future__ import annotations

from collections.abc import Iterator

from policyeval.context import ABSENT, ContextValue
from policyeval.decision import Decision, LayerVerdict, StatementRef
from policyeval.evaluation.engine import evaluate_once
from policyeval.evaluation.samples import OTHER, Samples
from policyeval.evaluation.service_rules import (
    ResourcePart,
    closure_of,
    forbidden_to,
    rule_for,
)
from policyeval.explanation import changes as make
from policyeval.explanation.changes import breadth_of
from policyeval.explanation.near_miss import near_misses
from policyeval.explanation.replay import take_apart
from policyeval.explanation.tree import (
    Change,
    ContextChange,
    Fix,
    Part,
    StatementEdit,
    StatementView,
)
from policyeval.literals import contains, read_address, read_network
from policyeval.matching.condition import compile_clause
from policyeval.matching.operators import OPERATORS
from policyeval.matching.result import NO, YES
from policyeval.matching.statement import CompiledStatement
from policyeval.policy import Effect, PolicyType, Statement, Wildcard
from policyeval.request import Request
from policyeval.stack import Layer
from policyeval.value import replace

MOST_EVALUATIONS = 60
MOST_STEPS = 6
NEAR_MISSES_TRIED = 2
MOST_COMPARED = 8
MOST_VALUES = 3

NOT_THE_CALLERS_CHOICE = frozenset(
    {
        "aws:principalarn",
        "aws:principalaccount",
        "aws:principaltype",
        "aws:principalisawsservice",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:userid",
        "aws:username",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "aws:viaawsservice",
        "aws:federatedprovider",
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:assumedroot",
        "aws:tokenissuetime",
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "kms:calleraccount",
        "s3:resourceaccount",
    }
)
"""Keys that say who the caller is or whose the resource is: no advice can change them."""

Steps = tuple[Change, ...]


def find_fixes(decision: Decision, most: int) -> tuple[Fix, ...]:
    """Give at most `most` fixes, each proven: the engine answers ALLOWED after its changes."""
    search = _Search(decision)
    fixes: list[Fix] = []
    for steps, after in search.try_all(decision, ()):
        whole = search.to_the_end(steps, after) if not after.allowed else steps
        if whole is None:
            continue
        fix = Fix(whole, tuple(make.opens_of(change) for change in whole))
        if fix not in fixes:
            fixes.append(fix)
        if len(fixes) == MOST_COMPARED:
            break
    fixes.sort(key=_breadth)
    return tuple(
        replace(fix, changes=search.with_proven_values(fix.changes)) for fix in fixes[:most]
    )


def _breadth(fix: Fix) -> tuple[int, int]:
    """How much a fix opens beside the request, and how many changes it takes."""
    return max(breadth_of(opens) for opens in fix.opens), len(fix.changes)


def decide_after(decision: Decision, steps: Steps) -> Decision:
    """Ask the same question once more, after the changes.

    A changed context is looked up anew in the source of the policies: an environment may hold
    the policy of the endpoint that a fix would go through.
    """
    request, stack = decision.request, decision.stack
    changed = any(isinstance(step, ContextChange) for step in steps)
    if changed and decision.asked is not None and decision.policies is not None:
        request, _ = make.apply_changes(_of_request(steps), decision.asked, stack)
        request, stack = decision.policies.resolve(request)
    request, stack = make.apply_changes(steps, request, stack)
    return evaluate_once(request, stack)


def _of_request(steps: Steps) -> Steps:
    return tuple(step for step in steps if isinstance(step, ContextChange))


class _Search:
    """A budget of evaluations, spent step by step."""

    def __init__(self, decision: Decision) -> None:
        self.start = decision
        self.left = MOST_EVALUATIONS

    def _after(self, steps: Steps) -> Decision:
        self.left -= 1
        return decide_after(self.start, steps)

    def try_all(self, decision: Decision, before: Steps) -> Iterator[tuple[Steps, Decision]]:
        """Give every first step that gets nearer, with the decision after it."""
        for step in _candidates(decision):
            if self.left <= 0:
                return
            after = self._after((*before, *step))
            if after.allowed or (after.denied and _size(after) < _size(decision)):
                yield before + step, after

    def to_the_end(self, before: Steps, decision: Decision) -> Steps | None:
        """Go on with the first step that leads to an allow."""
        if len(before) >= MOST_STEPS:
            return None
        for steps, after in self.try_all(decision, before):
            if after.allowed:
                return steps
            whole = self.to_the_end(steps, after)
            if whole is not None:
                return whole
        return None

    def with_proven_values(self, steps: Steps) -> Steps:
        """Keep those further values of a context change with which the answer is ALLOWED too."""
        proven = list(steps)
        for place, change in enumerate(steps):
            if isinstance(change, ContextChange) and change.also:
                also = tuple(
                    text
                    for text in change.also[:MOST_VALUES]
                    if self._after(_with_value(steps, place, text)).allowed
                )
                proven[place] = replace(change, also=also)
        return tuple(proven)


def _with_value(steps: Steps, place: int, text: str) -> Steps:
    change = steps[place]
    assert isinstance(change, ContextChange)
    other = ContextChange(change.key, (text,), change.was)
    return (*steps[:place], other, *steps[place + 1 :])


def _size(decision: Decision) -> tuple[int, int]:
    """How much stands in the way: blocking layers, silent levels, matching Deny statements."""
    denies = sum(len(layer.refs(Effect.DENY)) for layer in decision.layers)
    silent = sum(layer.levels.count(LayerVerdict.NO_ALLOW) for layer in decision.layers)
    return len(decision.blocking) + silent + denies, denies


def _candidates(decision: Decision) -> Iterator[Steps]:
    """Give the changes worth trying at the layer that decides, best first."""
    for steps in _thinkable(decision):
        edits = (step for step in steps if isinstance(step, StatementEdit))
        if not any(make.is_by_aws(edit.ref.policy) for edit in edits):
            yield steps


def _thinkable(decision: Decision) -> Iterator[Steps]:
    layer = decision.decided_by
    request = decision.request
    forbidden, certain = forbidden_to(request, decision.stack.organization)
    if (
        layer is None
        or (forbidden and certain)
        or closure_of(request, rule_for(request)) is not None
    ):
        return  # closed to this caller, whatever the policies say
    said = decision.layer(layer)
    if said.verdict is LayerVerdict.DENIED:
        yield from _against_deny(decision, said.refs(Effect.DENY)[0])
        return
    level = said.silent_level
    for view in near_misses(decision, layer, level)[:NEAR_MISSES_TRIED]:
        yield from _complete(decision, view)
    trust = rule_for(decision.request).part is ResourcePart.TRUST
    new = make.new_statement(decision, layer, level, trust=trust and layer is Layer.RESOURCE_POLICY)
    if new is not None:
        yield (new,)


def _against_deny(decision: Decision, ref: StatementRef) -> Iterator[Steps]:
    """Make one part of a matching Deny fail: by the request, then by the statement."""
    view = take_apart(ref, decision)
    statement = ref.statement
    for part in view.parts:
        if part.element == "Condition":
            change = _other_value(decision.request, statement, part, NO)
            if change is not None:
                yield (change,)
    for part in view.parts:
        if part.element == "NotAction":
            yield (make.add_action(ref, statement, part, decision.request.action.text),)
        elif part.element == "NotResource":
            yield (make.add_resource(ref, statement, part, decision.request.resource.text),)
        elif part.element == "Condition":
            yield from _loosen_deny(ref, statement, part)
    exempting = make.exempt_caller(ref, statement, decision)
    if exempting is not None:
        yield (exempting,)


def _loosen_deny(ref: StatementRef, statement: Statement, part: Part) -> Iterator[Steps]:
    operator = make.find_clause(statement, part).operator.name
    if operator == "Null" or not isinstance(part.got, tuple) or len(part.got) != 1:
        return
    if OPERATORS[operator].negated:
        yield (make.add_value(ref, statement, part, part.got[0]),)
    elif part.got[0] in part.wanted:
        removal = make.remove_listed(ref, statement, part, part.wanted.index(part.got[0]))
        if removal is not None:
            yield (removal,)


def _complete(decision: Decision, view: StatementView) -> Iterator[Steps]:
    """Make every failing part of an Allow hold: once by the request, once by the statement."""
    by_request = _steps(decision, view, prefer_request=True)
    if by_request:
        yield by_request
    by_policy = _steps(decision, view, prefer_request=False)
    if by_policy and by_policy != by_request:
        yield by_policy


def _steps(decision: Decision, view: StatementView, *, prefer_request: bool) -> Steps:
    """Give one change for each failing part; nothing where one part has none."""
    ref = view.ref
    statement = ref.statement
    steps: list[Change] = []
    for part in view.failing:
        change: Change | None = None
        if part.element == "Condition" and prefer_request:
            change = _other_value(decision.request, statement, part, YES)
        if change is None:
            change = _loosen_allow(decision, ref, statement, part)
        if change is None:
            return ()
        if isinstance(change, StatementEdit):
            statement = change.edited
        steps.append(change)
    return tuple(steps)


def _loosen_allow(  # noqa: PLR0911 - a list of elements
    decision: Decision, ref: StatementRef, statement: Statement, part: Part
) -> Change | None:
    request = decision.request
    if part.element == "Action":
        if _covers_everything(statement) and request.resource.text != "*":
            return None  # it would be open on every resource: better a statement of its own
        return make.add_action(ref, statement, part, request.action.text)
    if part.element == "NotAction":
        listed = [pattern.text for pattern in statement.action.patterns]
        exact = next(
            (p for p, text in enumerate(listed) if text.lower() == request.action.folded), None
        )
        return None if exact is None else make.remove_listed(ref, statement, part, exact)
    if part.element == "Resource":
        return make.add_resource(ref, statement, part, _resource_to_add(request, part))
    if part.element == "Principal":
        return make.add_principal(ref, statement, part, request.principal)
    if part.element == "Condition":
        return _loosen_condition(ref, statement, part)
    return None


def _covers_everything(statement: Statement) -> bool:
    resource = statement.resource
    return resource is not None and (
        resource.negated or any(item.pieces == (Wildcard.ANY_RUN,) for item in resource.patterns)
    )


def _resource_to_add(request: Request, part: Part) -> str:
    """A listed bucket whose objects are asked for lacks its `/*`; else the resource itself."""
    for wanted in part.wanted:
        if request.resource.text.startswith(f"{wanted}/"):
            return f"{wanted}/*"
    return request.resource.text


def _loosen_condition(ref: StatementRef, statement: Statement, part: Part) -> Change:
    operator = make.find_clause(statement, part).operator
    one_value = isinstance(part.got, tuple) and len(part.got) == 1
    if operator.name != "Null" and one_value and not OPERATORS[operator.name].negated:
        literal = operator.name.startswith(("String", "Arn", "IpAddress", "NumericEquals"))
        if literal and isinstance(part.got, tuple):
            return make.add_value(ref, statement, part, part.got[0])
    return make.drop_condition(ref, statement, part)


def _other_value(
    request: Request, statement: Statement, part: Part, wanted: int
) -> ContextChange | None:
    """Give another value of a condition's key with which the condition answers `wanted`.

    Listed values come first, absence last; further listed values that do the same go along.
    """
    key = part.key.lower()
    if key in NOT_THE_CALLERS_CHOICE:
        return None
    clause = make.find_clause(statement, part)
    alone = Statement(0, "", None, Effect.ALLOW, None, statement.action, None, (clause,))
    compiled = CompiledStatement(alone, PolicyType.IDENTITY)
    samples = Samples.of(key, (compiled,), request.context).values
    resolved = [text.replace("*", "any") for text in part.resolved]
    test = compile_clause(clause)
    fitting: list[str | None] = []
    for value in (*resolved, *(v for v in samples if v not in (OTHER, None)), OTHER, None):
        entry: ContextValue = ABSENT if value is None else (value,)
        context = request.context.with_values({key: entry})
        answer = test(context.entries, context.default)
        if entry != part.got and value not in fitting and answer == wanted:
            fitting.append(value)
    if not fitting:
        return None
    first, *others = fitting
    also = tuple(value for value in others if value in part.wanted)
    chosen: ContextValue = ABSENT if first is None else (first,)
    return ContextChange(part.key, chosen, part.got, also, _range_of(first, part))


def _range_of(value: str | None, part: Part) -> str:
    """The listed block that an address stands for, `-` for outside all; empty for other values."""
    if value is None or "IpAddress" not in part.operator:
        return ""
    address = read_address(value)
    networks = {text: read_network(text) for text in part.wanted}
    for text, network in networks.items():
        if address and network and contains(network, address):
            return text
    return "-" if any(networks.values()) else ""
