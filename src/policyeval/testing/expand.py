"""The entries of a suite multiplied out: matrix, table, cases; defaults put in.

Texts are resolved and checked once for each place where they stand, so a matrix of thousands of
tests costs little more than its lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import product
from typing import Any

from policyeval.catalogue.remarks import remarks_on_action, remarks_on_key
from policyeval.context import UNKNOWN, Facts
from policyeval.environment.model import Environment
from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.glob import compile_glob, wildcard_tokens
from policyeval.parsing.caller import parse_caller
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.request import Request
from policyeval.stack import Layer
from policyeval.testing.file import (
    NAMED,
    AskEntry,
    ContextMap,
    ExpectEntry,
    ReasonedExpectation,
    SuiteFile,
    TestEntry,
)
from policyeval.testing.forms import ASKED, MOST_TESTS, Asked, Said, asked_by, refuse_many
from policyeval.testing.model import Expectation, PolicyTest, Skip, Want, World
from policyeval.testing.notes import Notes, Steps
from policyeval.testing.texts import endpoint_id, full_texts, put
from policyeval.testing.worlds import Worlds
from policyeval.value import Value, replace

LONGEST_PARAMETERS = 80
MOST_SUGGESTED = MOST_LISTED = 20
"""Context names that are looked for among all others, and told, where one is not known."""
POLICY_TESTER = "arn:aws:iam::123456789012:role/policy-test"
"""Who asks, where a policy or a stack is tested and nobody is named."""


class Text(Value):
    """A text of the file: as written, and in full."""

    written: str
    full: str


class Expansion:
    """Makes the tests of one suite."""

    def __init__(self, file: str, suite: SuiteFile, worlds: Worlds, notes: Notes) -> None:
        self._file = file
        self._suite = suite
        self._worlds = worlds
        self._notes = notes
        self._texts: dict[tuple[str, str, int], tuple[Text, ...]] = {}
        self._contexts: dict[tuple[Any, ...], Mapping[str, Any] | None] = {}
        self._no_contexts: dict[str, str] = {}
        self._remarked: set[str] = set()
        self._expectations: dict[Steps, Expectation | None] = {}
        self._skips = [
            (
                [compile_glob(wildcard_tokens(text)) for text in entry.tests],
                Skip(entry.reason, entry.until),
            )
            for entry in suite.skip
        ]

    def tests(self) -> Iterator[PolicyTest]:
        """Give all tests, in the order of the file; notes what is wrong with them."""
        if self._worlds.base is None:
            return
        self._remark_on_skips()
        names: set[str] = set()
        # Names that look like those of one test of a matrix.
        bracketed = {entry.name for entry in self._suite.tests if entry.name.endswith("]")}
        count = 0
        for number, entry in enumerate(self._suite.tests):
            steps: Steps = ("tests", number)
            if entry.name in names:
                message = f"another test is named {quote(entry.name)}"
                help = "give each test a name of its own: ids are made of them"
                self._notes.add("PE2203", message, (*steps, "name"), help)
                continue
            names.add(entry.name)
            for test in _numbered(self._tests_of(entry, steps)):
                if test.parameters and test.title in bracketed:
                    message = f"another test is named {quote(test.title)}"
                    self._notes.add("PE2203", message, (*steps, "name"), "rename one of them")
                count += 1
                if count > MOST_TESTS:  # patterns make many of one, and entries add up
                    refuse_many(count, steps, self._notes)
                    return
                yield test

    def _tests_of(self, entry: TestEntry, steps: Steps) -> Iterator[PolicyTest]:
        for asked in asked_by(entry, steps, self._suite.defaults, self._notes):
            yield from self._made(entry, asked)

    def _made(self, entry: TestEntry, asked: Asked) -> Iterator[PolicyTest]:
        entries = [(said.entry, said.steps) for said in asked.said]
        world = self._worlds.world(entries, asked.last("session_policy"))
        skip = self._skip(entry)
        expect = self._expectation(asked, needed=skip is None)
        if world is None or expect is None:
            return
        texts = [self._resolved(word, asked, world) for word in ASKED]
        context = self._context(asked, world)
        if context is None or not all(texts):
            return
        account, facts = asked.last("resource_account"), asked.last("facts")
        location = self._notes.place(asked.steps)
        for principal, action, resource in product(*texts):
            label = asked.label
            if any(len(listed) > 1 for listed in texts):
                label = (
                    *label,
                    *(
                        text.full
                        for text, listed in zip((principal, action, resource), texts, strict=True)
                        if len(listed) > 1
                    ),
                )
            yield PolicyTest(
                self._file,
                entry.name,
                _parameters(label),
                principal.full,
                action.full,
                resource.full,
                context,
                expect,
                world,
                location,
                account[0] if account else None,
                Facts(facts[0]) if facts else Facts.TYPED,
                skip,
                (principal.written, action.full, resource.written),
            )

    def _skip(self, entry: TestEntry) -> Skip | None:
        if entry.skip is not None:
            return Skip(entry.skip)
        for patterns, skip in self._skips:
            if any(matches(entry.name) for matches in patterns):
                return skip
        return None

    def _remark_on_skips(self) -> None:
        """Note patterns that skip nothing: a test that was renamed runs again, unseen."""
        names = [entry.name for entry in self._suite.tests]
        for number, (patterns, _) in enumerate(self._skips):
            for place, matches in enumerate(patterns):
                if not any(map(matches, names)):
                    text = self._suite.skip[number].tests[place]
                    message = f"no test is named {quote(text)}, so nothing is skipped"
                    finding = Finding("PE2214", Severity.WARNING, message)
                    self._notes.remark(finding, ("skip", number, "tests", place))

    def _resolved(self, word: str, asked: Asked, world: World) -> tuple[Text, ...]:
        """Give the texts that a text of the file means; none where it means nothing."""
        found = asked.chosen.get(word) or asked.last(word)
        if found is None:
            if word == "principal" and world.environment is None:
                return (Text(POLICY_TESTER, POLICY_TESTER),)
            self._notes.add("PE2202", f"the test has no `{word}`", asked.steps, f"add `{word}`")
            return ()
        text, steps = found
        key = (word, text, id(world.environment))
        if key not in self._texts:
            try:
                full = full_texts(word, text, world.environment)
                for each in full:
                    _try(word, each)
                self._texts[key] = tuple(
                    Text(text if len(full) == 1 else each, each) for each in full
                )
                if word == "action" and full == [text]:
                    self._remark_on_action(text, steps)
                elif word == "principal" and world.environment is not None and full == [text]:
                    self._remark_on_principal(text, world.environment, steps)
            except PolicyEvalError as error:
                self._texts[key] = ()
                self._notes.take(error, steps)
        return self._texts[key]

    def _remark_on_principal(self, arn: str, environment: Environment, steps: Steps) -> None:
        """Note that the environment has this name with another path: this caller has no policy."""
        if not arn.startswith("arn:"):
            return
        caller = parse_caller(arn)
        if not caller.account or environment.index.identity(caller) is not None:
            return
        name = caller.name.rpartition("/")[2]
        for entry in environment.identities.values():
            if entry.bare_name == name and f"::{caller.account}:" in entry.arn:
                message = f"the environment has no principal {quote(arn)}"
                help = f"did you mean `{entry.arn}`?"
                remark = Finding("PE0740", Severity.WARNING, message, help=help)
                self._notes.remark(remark, steps)
                return

    def _remark_on_action(self, action: str, steps: Steps) -> None:
        """Note that AWS has no such action: whoever misspells one is denied it for ever."""
        self._remark(remarks_on_action(action), steps)

    def _remark(self, remarks: Iterable[Finding], steps: Steps) -> None:
        for remark in remarks:
            if remark.severity is Severity.WARNING and remark.message not in self._remarked:
                self._remarked.add(remark.message)
                self._notes.remark(remark, steps)

    def _context(self, asked: Asked, world: World) -> Mapping[str, Any] | None:
        """Put the context together: defaults, test, case, what a matrix chose; the later wins."""
        saying = [said for said in asked.said if _tells_context(said.entry)]
        chosen = asked.context
        key = (*(said.steps for said in saying), chosen and chosen[1], id(world))
        if key not in self._contexts:
            places = [said.place_of("context") for said in saying if said.entry.context is not None]
            if chosen is not None:
                places.append(chosen[1])
            try:
                context: dict[str, Any] = {}
                for said in saying:
                    self._add_said(context, said, world)
                if chosen is not None:
                    self._add_maps(context, *chosen, world)
                # A service has no account and no ARN that the context could contradict.
                Request.of("s3.amazonaws.com", "s3:GetObject", "*", context)
                self._contexts[key] = context
            except PolicyEvalError as error:
                self._contexts[key] = None
                self._notes.take(error, places[-1] if places else asked.steps)
        return self._contexts[key]

    def _add_said(self, context: dict[str, Any], said: Said, world: World) -> None:
        """Add what one entry says of the context: keys, the endpoint, what nobody knows."""
        entry = said.entry
        if entry.context is not None:
            self._add_maps(context, entry.context, said.place_of("context"), world)
        if entry.vpc_endpoint is not None:
            put(context, "aws:SourceVpce", endpoint_id(entry.vpc_endpoint, world.environment))
        for name in entry.unknown:
            put(context, name, UNKNOWN)

    def _add_maps(
        self, context: dict[str, Any], maps: Sequence[ContextMap], steps: Steps, world: World
    ) -> None:
        for place, each in enumerate(maps):
            here = (*steps, place)
            for name, value in self._named(each, world, here).items():
                put(context, name, value)
                if NAMED not in each:
                    self._remark(remarks_on_key(name), (*here, name))

    def _named(self, given: ContextMap, world: World, steps: Steps) -> Mapping[str, Any]:
        name = given.get(NAMED)
        if name is None:
            return given
        if name in self._suite.context_sets:
            return self._suite.context_sets[name]
        if world.environment is not None and name in world.environment.contexts:
            return world.environment.contexts[name]
        if name not in self._no_contexts:
            self._no_contexts[name] = self._other_contexts(name, world)
        help = self._no_contexts[name]
        self._notes.add("PE2202", f"there is no context {quote(name)}", steps, help)
        return {}

    def _other_contexts(self, name: str, world: World) -> str:
        """Say which context may be meant; of a file full of such names only for the first ones."""
        known = [*self._suite.context_sets]
        known += world.environment.contexts if world.environment is not None else ()
        if not known:
            return "name them under `context-sets`"
        told = len(self._no_contexts) < MOST_SUGGESTED
        more = f" and {len(known) - MOST_LISTED} more" if len(known) > MOST_LISTED else ""
        listed = f"there are {', '.join(known[:MOST_LISTED])}{more}"
        return (did_you_mean(name, known) if told else "") or listed

    def _expectation(self, asked: Asked, *, needed: bool) -> Expectation | None:
        """Give what is expected; a test that is not run may leave it to be decided."""
        found: tuple[ExpectEntry, Steps] | None = asked.last("expect")
        if found is None:
            if needed:
                help = "add `expect: allow`, or `expect: deny`"
                self._notes.add("PE2202", "the test expects nothing", asked.steps, help)
                return None
            return Expectation()
        entry, steps = found
        if steps not in self._expectations:
            self._expectations[steps] = self._checked(entry, steps, needed=needed)
        return self._expectations[steps]

    def _checked(self, entry: ExpectEntry, steps: Steps, *, needed: bool) -> Expectation | None:
        made = _expectation_of(entry)
        if needed and made == Expectation(negated=made.negated):
            # An empty map would be met by any answer.
            self._notes.add("PE2204", "the expectation is empty", steps, "write what is expected")
            return None
        if entry.negated is not None and len(entry.model_fields_set) > 1:
            help = "put all that must not be into it"
            self._notes.add("PE2204", "`not` stands alone", steps, help)
        return made


def _tells_context(entry: AskEntry) -> bool:
    return entry.context is not None or entry.vpc_endpoint is not None or bool(entry.unknown)


def _numbered(tests: Iterable[PolicyTest]) -> Iterator[PolicyTest]:
    """Keep ids apart where two tests of an entry have the same parameters."""
    seen: dict[str, int] = {}
    for test in tests:
        label = test.parameters
        while label in seen:
            seen[test.parameters] += 1
            label = f"{test.parameters}#{seen[test.parameters]}"
        seen[label] = 1
        yield test if label == test.parameters else replace(test, parameters=label)


def _try(word: str, text: str) -> None:
    """Raise what is wrong with a text, before any test is run."""
    if word == "principal":
        # The plain name of an identity provider is a caller of this one action alone.
        is_provider = "." in text and ":" not in text
        action = "AssumeRoleWithWebIdentity" if is_provider else "GetCallerIdentity"
        Request.of(text, f"sts:{action}", "*")
    elif word == "action":
        Request.of("*", text, "*")
    else:
        Request.of("*", "s3:GetObject", text)


def _parameters(label: tuple[str, ...]) -> str:
    """Give the part of an id in brackets; beyond 80 characters its end is a hash."""
    text = "-".join(label)
    if len(text) <= LONGEST_PARAMETERS:
        return text
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{text[: LONGEST_PARAMETERS - 9]}~{digest}"


def _expectation_of(entry: ReasonedExpectation) -> Expectation:
    if isinstance(entry, ExpectEntry) and entry.negated is not None:
        return replace(_expectation_of(entry.negated), negated=True)
    return Expectation(
        Want(entry.decision) if entry.decision is not None else None,
        Layer(entry.layer) if entry.layer is not None else None,
        entry.statement,
        entry.message,
        entry.near_miss,
        tuple(entry.missing),
    )
