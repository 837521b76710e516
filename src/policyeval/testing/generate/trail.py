"""Tests out of what CloudTrail saw: AWS's own answers, to be kept.

One test for each principal, action, resource and set of facts that the policies ask about. Where
today's policies answer otherwise than AWS did, the test keeps AWS's answer and says so.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from policyeval.claim import Claim
from policyeval.context import ABSENT, Facts
from policyeval.decision import Decision, Outcome
from policyeval.environment.model import Environment
from policyeval.errors import PolicyEvalError
from policyeval.evaluation.compile import USES, compile_statement
from policyeval.evaluation.engine import evaluate
from policyeval.evaluation.facts_used import POLICIES
from policyeval.finding import Finding, Severity
from policyeval.matching.statement import keys_of
from policyeval.parsing.defect import quote
from policyeval.paste.pasted import NotMapped, Pasted, PasteKind
from policyeval.paste.read import GZIP, Found, read_paste, read_trail
from policyeval.policy import Effect
from policyeval.principal import PrincipalKind
from policyeval.rendering.words import counted
from policyeval.request import Request
from policyeval.stack import LEVELED, PolicyStack
from policyeval.testing.generate.entries import Names, entry_of, expectation
from policyeval.testing.generate.facts import satisfying
from policyeval.testing.generate.ground import knows_organization
from policyeval.testing.generate.setting import Setting, setting_of
from policyeval.testing.generate.texts import Whereabouts
from policyeval.testing.generate.written import Written, is_writable, listed, wrapped
from policyeval.testing.judge import is_met
from policyeval.testing.model import Expectation, Want
from policyeval.testing.write import flow, suite_text
from policyeval.value import Value, replace

HEAD = (
    "Written by `policyeval test --from-trail`: what CloudTrail saw, one test for each principal, "
    "action, resource and set of facts that the policies ask about. What is expected is what AWS "
    "answered then. Where that is not what should be, change the test and the policies."
)
_HEAD_SIZE = 65_536
_MARKS = (b"eventName", b"CloudTrailEvent")
_PASSING = frozenset(
    {"aws:currenttime", "aws:epochtime", "aws:tokenissuetime", "aws:useragent", "aws:userid"}
)
"""Keys that differ from call to call: by these alone no request is another one."""

_WITH_IDENTITY = (PrincipalKind.IAM_USER, PrincipalKind.ROLE_SESSION)
_MOST_REASONS = 20

Log = str | os.PathLike[str] | bytes


class Seen(Value):
    """One request of the log, as a test asks it, with AWS's answer.

    `supposed` are facts that the event does not tell and from which AWS's answer follows; they are
    part of `context`. `today` is what the policies answer where that is another thing, `untold`
    the facts that this may hang on.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, Any]
    resource_account: str | None
    expect: Expectation
    today: Decision | None = None
    supposed: tuple[tuple[str, str | None], ...] = ()
    untold: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells one request from another: sessions of a role are alike, facts are as told."""
        facts = frozenset(
            (key.lower(), str(value))
            for key, value in self.context.items()
            if key.lower() not in _PASSING and (key, value) not in self.supposed
        )
        return (
            _role_of(self.principal),
            self.action.lower(),
            self.resource,
            self.resource_account,
            facts,
        )


def tests_from_events(
    logs: Log | Sequence[Log],
    environment: str | os.PathLike[str] | Environment,
    *,
    beside: str | os.PathLike[str] = ".",  # noqa: PT028 - it writes tests, and is none
) -> Written:
    """Give a suite of the requests in CloudTrail logs, with the answers that AWS gave.

    A log is the path of a file (plain or gzip, in any form in which CloudTrail events come), or
    its bytes. `beside` is the folder in which the suite will lie. Counts are `tests`, `events`
    (requests and records without one), `duplicates`, `differ` (AWS's answer is not today's),
    `supposed` (tests with facts that no event tells) and `left_out`. Raises
    EnvironmentLoadError where the environment cannot be read, OSError where a log cannot.
    """
    setting = setting_of(environment, Path(beside))
    reading = _Reading(setting)
    several = [logs] if isinstance(logs, (str, bytes, os.PathLike)) else logs
    for number, log in enumerate(several, start=1):
        for found in _records(log, number):
            reading.take(found)
    return reading.written()


def _records(log: Log, number: int) -> Iterator[Found]:
    """Give what a log tells, record by record."""
    if isinstance(log, bytes):
        yield from _pasted(log, f"log {number}")
        return
    name = os.fspath(log)
    with Path(log).open("rb") as stream:
        head = stream.read(_HEAD_SIZE)
        stream.seek(0)
        if not head.startswith(GZIP) and not any(mark in head for mark in _MARKS):
            yield from _pasted(stream.read(), name)
            return
        yield from read_trail(stream, name)


def _pasted(data: bytes, name: str) -> Iterator[Found]:
    try:
        yield from read_paste(data, name)
    except PolicyEvalError as error:
        yield NotMapped(PasteKind.CLOUDTRAIL, f"{quote(name)}: {error.message}")


class _Reading:
    """The tests while the log is read."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._environment = setting.environment
        self._seen: dict[tuple[Any, ...], Seen] = {}
        self._times: dict[tuple[Any, ...], int] = {}
        self._told: dict[tuple[Any, ...], Pasted] = {}
        self._answers: dict[tuple[Any, ...], Counter[Want | None]] = {}
        self._reasons: Counter[str] = Counter()
        self._strangers: Counter[str] = Counter()
        self._events = 0
        self._keys: dict[int, tuple[PolicyStack, frozenset[str]]] = {}

    def take(self, found: Found) -> None:
        """Add one record."""
        self._events += 1
        if isinstance(found, NotMapped):
            self._reasons[found.reason] += 1
            return
        if found.missing:
            self._reasons[f"it does not tell the {' and the '.join(found.missing)}"] += 1
            return
        if found.claim is None:
            self._reasons["it does not tell whether policies allowed the call"] += 1
            return
        try:
            seen = self._request(found, found.claim)
        except PolicyEvalError as error:
            self._reasons[error.message] += 1
            return
        if seen is None:
            return
        key = seen.key
        self._answers.setdefault(key, Counter())[seen.expect.decision] += 1
        # The last answer is the one that counts, in whatever order the log has them.
        when = _when(found)
        if key not in self._seen or when >= self._times[key]:
            self._seen[key], self._times[key], self._told[key] = seen, when, found

    def written(self) -> Written:
        # Only the answer that counts is laid beside today's: most events are seen again.
        kept = [self._compared(seen, self._told[key]) for key, seen in self._seen.items()]
        names = Names(self._environment)
        tests: list[dict[str, Any]] = []
        comments: dict[tuple[str | int, ...], str] = {}
        taken: set[str] = set()
        former = ""
        for seen in sorted(kept, key=self._order()):
            remark = self._remark(seen)
            caller = names.principal(seen.principal)
            if ":assumed-role/" in seen.principal:
                caller = caller.rpartition("/")[0]
            if caller != former:
                remark, former = "\n".join(filter(None, (f"---- {caller}", remark))), caller
            if remark:
                comments["tests", len(tests)] = remark
            tests.append(self._entry(seen, names, taken))
        differing = [seen for seen in kept if seen.today is not None]
        left_out = self._reasons.total() + self._strangers.total()
        counts = {
            "tests": len(tests),
            "events": self._events,
            "duplicates": self._events - left_out - len(tests),
            "differ": len(differing),
            "supposed": sum(bool(seen.supposed) for seen in kept),
            "left_out": left_out,
        }
        findings = tuple(self._findings(len(differing)))
        remarks = [wrapped(f"- {finding.message}", "  ") for finding in findings]
        text = suite_text(
            {**self._setting.head, "tests": tests},
            head="\n".join([wrapped(HEAD), *remarks]),
            comments=comments,
            packed=True,
        )
        return Written(text, counts, findings)

    def _order(self) -> Any:
        """Put the callers together, each in the order of its first request."""
        first: dict[str, int] = {}
        for place, seen in enumerate(self._seen.values()):
            first.setdefault(seen.key[0], place)
        return lambda seen: first[seen.key[0]]

    # ---- one request ------------------------------------------------------------------------

    def _request(self, pasted: Pasted, claim: Claim) -> Seen | None:
        """Give the request as a test asks it; None where nobody can say what is right."""
        texts = (pasted.principal, pasted.action, pasted.resource)
        if not is_writable(*texts):
            self._reasons["it holds half a character"] += 1
            return None
        whole = pasted.to_request(Facts.TYPED)
        index = self._environment.index
        if whole.principal.kind in _WITH_IDENTITY and index.identity(whole.principal) is None:
            self._strangers[_role_of(pasted.principal)] += 1
            return None
        resolved, stack = self._setting.policies.resolve(whole)
        asked = self._asked_for(stack)
        context = {key: value for key, value in pasted.context.items() if key.lower() in asked}
        account = pasted.resource_account or None
        seen = Seen(*texts, context, account, _expected(claim))
        return self._shortened(seen, resolved)

    def _asked_for(self, stack: PolicyStack) -> frozenset[str]:
        """Give the condition keys, lower case, that the policies of a stack ask about."""
        found = self._keys.get(id(stack))
        if found is None:
            # The stack is kept, so that no other one can have its id.
            found = self._keys[id(stack)] = (stack, frozenset(_keys_of(stack)))
        return found[1]

    def _shortened(self, seen: Seen, resolved: Request) -> Seen:
        """Leave away what follows without being told."""
        if seen.resource_account is not None:
            shorter = replace(seen, resource_account=None)
            if _ask(shorter, self._setting)[0].resource.account == resolved.resource.account:
                seen = shorter
        for key in list(seen.context):
            kept = {name: value for name, value in seen.context.items() if name != key}
            shorter = replace(seen, context=kept)
            if _ask(shorter, self._setting)[0].context[key] == resolved.context[key]:
                seen = shorter
        return seen

    def _compared(self, seen: Seen, pasted: Pasted) -> Seen:
        """Lay AWS's answer beside today's, with facts supposed that the event does not tell."""
        today = _decide(seen, self._setting)
        if is_met(seen.expect, today):
            return seen
        partial = pasted.to_request(Facts.PARTIAL)
        missing = evaluate(partial, self._setting.policies).missing
        untold = tuple(key for key in missing if not key.startswith(POLICIES))
        for supposed in self._suppositions(seen, today, untold):
            told = {**seen.context, **dict(supposed)}
            with_facts = replace(seen, context=told, supposed=supposed)
            if is_met(seen.expect, _decide(with_facts, self._setting)):
                return with_facts
        return replace(seen, today=today, untold=untold)

    def _suppositions(
        self, seen: Seen, today: Decision, untold: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, str | None], ...]]:
        """Give facts that the event does not tell and from which AWS's answer may follow."""
        folded = {key.lower() for key in untold}
        if not folded:
            return
        wanted = Effect.ALLOW if seen.expect.decision is Want.ALLOW else Effect.DENY
        request = today.request
        where = Whereabouts(
            request.principal.account,
            (request.resource.region or "us-east-1",),
            request.context.entries,
            has_organization=knows_organization(self._environment),
        )
        for said in today.layers:
            for ref in said.refs(wanted, Outcome.CONDITION_FAILS):
                compiled = compile_statement(ref.statement, USES[ref.layer])
                facts = satisfying(compiled, request.context, where, loose=False)
                if facts and folded.issuperset(key.lower() for key in facts):
                    yield tuple(facts.items())

    # ---- words ------------------------------------------------------------------------------

    def _entry(self, seen: Seen, names: Names, taken: set[str]) -> dict[str, Any]:
        who = names.principal(seen.principal)
        what = names.resource(seen.resource)
        allowed = seen.expect.decision is Want.ALLOW
        name = f"{who} was {'allowed' if allowed else 'denied'} {seen.action}"
        name += f" on {what}" if what != "*" else ""
        chosen, number = name, 1
        while chosen in taken:
            number += 1
            chosen = f"{name} ({number})"
        taken.add(chosen)
        return entry_of(
            chosen,
            (seen.principal, seen.action, seen.resource),
            seen.context,
            names,
            resource_account=seen.resource_account,
            expect=_written(seen.expect),
        )

    def _remark(self, seen: Seen) -> str:
        answers = self._answers[seen.key]
        parts = []
        if answers.total() > 1:
            parts.append(f"seen {answers.total()} times")
        others = answers.total() - answers[seen.expect.decision]
        if others:
            parts.append(f"AWS answered otherwise {counted(others, 'time')} before")
        lines = ["; ".join(parts)] if parts else []
        for key, value in seen.supposed:
            shown = "absent" if value is None else value
            lines.append(f"supposed, so that AWS's answer follows: {key} is {shown}")
        if seen.today is not None:
            lines.append(f"today: {flow(expectation(seen.today))}")
            if seen.untold:
                lines.append(f"the event does not tell {listed(list(seen.untold))}")
        return "\n".join(wrapped(line, "  ") for line in lines)

    def _findings(self, differing: int) -> Iterator[Finding]:
        for reason, count in self._reasons.most_common(_MOST_REASONS):
            yield Finding("PE2345", Severity.NOTE, f"{count} x no test of an event: {reason}")
        rest = self._reasons.most_common()[_MOST_REASONS:]
        if rest:
            count = sum(count for _, count in rest)
            yield Finding(
                "PE2345", Severity.NOTE, f"{count} x no test, for {len(rest)} more reasons"
            )
        if self._strangers:
            count = self._strangers.total()
            shown = [quote(arn) for arn, _ in self._strangers.most_common()]
            yield Finding(
                "PE2346",
                Severity.WARNING,
                f"{count} x no test, since the environment does not know who asked: "
                f"{listed(shown)}",
                help="add them to the environment, with their policies",
            )
        if differing:
            tests = "1 test expects" if differing == 1 else f"{differing} tests expect"
            yield Finding(
                "PE2347",
                Severity.WARNING,
                f"{tests} what AWS answered, and today's policies answer otherwise: see `today:`",
                help="the policies may have changed since, or the environment lacks some",
            )


def _when(pasted: Pasted) -> int:
    """Give the second of an event; one that tells no time is as old as can be."""
    told = pasted.context.get("aws:EpochTime")
    return told if isinstance(told, int) else 0


def _keys_of(stack: PolicyStack) -> Iterator[str]:
    for layer in stack.layers:
        for attached in stack.policies(layer):
            for statement in attached.policy.statements:
                yield from keys_of(statement)
    yield "aws:sourcevpce"  # tells which endpoint policy applies


def _ask(seen: Seen, setting: Setting) -> tuple[Request, PolicyStack]:
    return setting.policies.resolve(_request_of(seen))


def _decide(seen: Seen, setting: Setting) -> Decision:
    return evaluate(_request_of(seen), setting.policies)


def _request_of(seen: Seen) -> Request:
    return Request.of(
        seen.principal,
        seen.action,
        seen.resource,
        {key: ABSENT if value is None else value for key, value in seen.context.items()},
        resource_account=seen.resource_account,
    )


def _expected(claim: Claim) -> Expectation:
    """Give AWS's word as an expectation."""
    if claim.allowed:
        return Expectation(Want.ALLOW)
    kinds = {True: Want.EXPLICIT_DENY, False: Want.IMPLICIT_DENY, None: Want.DENY}
    want = kinds[claim.explicit]
    if claim.layer in LEVELED and claim.explicit:
        want = Want.DENY  # R-MSG-04: their silence is called an explicit deny too
    return Expectation(want, claim.layer)


def _written(expect: Expectation) -> str:
    assert expect.decision is not None
    layer = f" {expect.layer.value}" if expect.layer is not None else ""
    return f"{expect.decision.value}{layer}"


def _role_of(principal: str) -> str:
    """Give a caller without the name of its session."""
    return principal.rpartition("/")[0] if ":assumed-role/" in principal else principal
