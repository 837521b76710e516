"""The entries of a suite multiplied out: matrix, table, cases; defaults put in.

Texts are resolved and checked once for each place where they stand, so a matrix of thousands of
tests costs little more than its lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import product
from typing import Any

from pydantic import ValidationError

from policyeval.context import UNKNOWN, Facts
from policyeval.environment.problems import findings_of
from policyeval.environment.yaml_tree import Node
from policyeval.errors import PolicyEvalError
from policyeval.finding import Finding, Severity
from policyeval.glob import compile_glob, wildcard_tokens
from policyeval.parsing.defect import quote
from policyeval.parsing.nearest import did_you_mean
from policyeval.request import Request
from policyeval.source import Location, Span
from policyeval.stack import Layer
from policyeval.testing.file import (
    NAMED,
    AskEntry,
    ContextMap,
    ExpectEntry,
    ReasonedExpectation,
    SuiteFile,
    TestEntry,
    suite_schema,
)
from policyeval.testing.model import Expectation, PolicyTest, Skip, Want, World
from policyeval.testing.texts import context_label, full_texts, put
from policyeval.testing.worlds import Steps, Worlds
from policyeval.value import Value, replace

LONGEST_PARAMETERS = 80
POLICY_TESTER = "arn:aws:iam::123456789012:role/policy-test"
"""Who asks, where a policy or a stack is tested and nobody is named."""

COLUMNS = ("principal", "action", "resource", "context", "expect", "resource-account")
_ASKED = ("principal", "action", "resource")


class Text(Value):
    """A text of the file: as written, in full, and where it stands."""

    written: str
    full: str


class Asked(Value):
    """What one test asks, with the entries that say so: the most special one last."""

    entries: tuple[tuple[AskEntry, Steps], ...]
    label: tuple[str, ...] = ()
    chosen: Mapping[str, tuple[str, Steps]] = {}
    context: tuple[list[ContextMap], Steps] | None = None
    steps: Steps = ()


class Expansion:
    """Makes the tests of one suite. `findings` is where errors are noted."""

    def __init__(
        self, file: str, suite: SuiteFile, tree: Node, worlds: Worlds, findings: list[Finding]
    ) -> None:
        self._file = file
        self._suite = suite
        self._tree = tree
        self._worlds = worlds
        self._findings = findings
        self._texts: dict[tuple[str, str, int], tuple[Text, ...]] = {}
        self._contexts: dict[tuple[Any, ...], Mapping[str, Any] | None] = {}
        self._expectations: dict[Steps, Expectation] = {}
        self._places: dict[Steps, Location] = {}
        self._skips = [
            (
                [compile_glob(wildcard_tokens(text)) for text in entry.tests],
                Skip(entry.reason, entry.until),
            )
            for entry in suite.skip
        ]

    def tests(self) -> list[PolicyTest]:
        """Give all tests, in the order of the file; notes what is wrong with them."""
        found: list[PolicyTest] = []
        if self._worlds.base is None:
            return found
        names: set[str] = set()
        for number, entry in enumerate(self._suite.tests):
            steps: Steps = ("tests", number)
            if entry.name in names:
                self._add(
                    "PE2203",
                    f"another test is named {quote(entry.name)}",
                    (*steps, "name"),
                    "give each test a name of its own: ids are made of them",
                )
                continue
            names.add(entry.name)
            found += self._numbered(self._tests_of(entry, steps))
        return found

    def _numbered(self, tests: Iterable[PolicyTest]) -> Iterator[PolicyTest]:
        """Keep ids apart where two tests of an entry have the same parameters."""
        seen: dict[str, int] = {}
        for test in tests:
            count = seen[test.parameters] = seen.get(test.parameters, 0) + 1
            yield test if count == 1 else replace(test, parameters=f"{test.parameters}#{count}")

    # ---- one entry --------------------------------------------------------------------------

    def _tests_of(self, entry: TestEntry, steps: Steps) -> Iterator[PolicyTest]:
        forms = [word for word in ("matrix", "rows", "cases") if getattr(entry, word) is not None]
        if len(forms) > 1:
            self._add(
                "PE2206",
                f"`{forms[0]}` and `{forms[1]}` exclude each other",
                (*steps, forms[1]),
                "make two tests of them",
            )
            return
        if (entry.rows is None) is not (entry.columns is None):
            self._add(
                "PE2206",
                "a table needs both `columns` and `rows`",
                (*steps, "name"),
                "add the other",
            )
            return
        entries: list[tuple[AskEntry, Steps]] = [(entry, steps)]
        if self._suite.defaults is not None:
            entries.insert(0, (self._suite.defaults, ("defaults",)))
        for asked in self._asked(entry, Asked(tuple(entries), steps=steps)):
            yield from self._made(entry, asked)

    def _asked(self, entry: TestEntry, base: Asked) -> Iterator[Asked]:
        if entry.matrix is not None:
            yield from self._matrix(entry, base)
        elif entry.rows is not None:
            yield from self._table(entry, base)
        elif entry.cases is not None:
            for number, case in enumerate(entry.cases):
                steps = (*base.steps, "cases", number)
                label = tuple(self._case_label(case))
                yield replace(
                    base, entries=(*base.entries, (case, steps)), label=label, steps=steps
                )
        else:
            yield base

    def _matrix(self, entry: TestEntry, base: Asked) -> Iterator[Asked]:
        matrix = entry.matrix
        assert matrix is not None
        dimensions: list[list[tuple[str, str, Any, Steps]]] = []
        for word in (*_ASKED, "context"):
            listed = getattr(matrix, word)
            if listed is None:
                continue
            at = (*base.steps, "matrix", word)
            if not listed:
                self._add("PE2206", f"the list of `{word}` is empty", at, "write at least one")
                return
            dimension = []
            for place, item in enumerate(listed):
                label = item if word != "context" else _context_label(item)
                dimension.append((word, label, item, (*at, place)))
            dimensions.append(dimension)
        for combination in product(*dimensions):
            chosen = {
                word: (item, place) for word, _, item, place in combination if word != "context"
            }
            contexts = [(item, place) for word, _, item, place in combination if word == "context"]
            label = tuple(
                label
                for (_, label, _, _), dimension in zip(combination, dimensions, strict=True)
                if len(dimension) > 1
            )
            yield Asked(base.entries, label, chosen, contexts[0] if contexts else None, base.steps)

    def _table(self, entry: TestEntry, base: Asked) -> Iterator[Asked]:
        columns = entry.columns or []
        for place, column in enumerate(columns):
            if column not in COLUMNS or column in columns[:place]:
                self._add(
                    "PE2205",
                    f"{quote(column)} cannot be a column"
                    if column not in COLUMNS
                    else f"the column {quote(column)} stands here twice",
                    (*base.steps, "columns", place),
                    did_you_mean(column, COLUMNS) or f"expected some of {', '.join(COLUMNS)}",
                )
                return
        for number, row in enumerate(entry.rows or []):
            steps = (*base.steps, "rows", number)
            if len(row) != len(columns):
                self._add(
                    "PE2205",
                    f"the row has {len(row)} cells, the table {len(columns)} columns",
                    steps,
                    f"the columns are {', '.join(columns)}",
                )
                continue
            case = self._row(columns, row, steps)
            if case is not None:
                label = tuple(
                    str(cell)
                    if not isinstance(cell, (dict, list))
                    else _context_label(getattr(case, "context") or [])  # noqa: B009
                    for column, cell in zip(columns, row, strict=True)
                    if column in (*_ASKED, "context")
                )
                yield replace(
                    base, entries=(*base.entries, (case, steps)), label=label, steps=steps
                )

    def _row(self, columns: list[str], row: list[Any], steps: Steps) -> AskEntry | None:
        try:
            return AskEntry.model_validate(dict(zip(columns, row, strict=True)))
        except ValidationError as error:
            problems = []
            for problem in error.errors(include_url=False):
                column, *rest = problem["loc"]
                place = (*steps, columns.index(str(column)), *rest)
                problems.append({**problem, "loc": place})
            self._findings.extend(findings_of(problems, self._tree, suite_schema()))
            return None

    def _case_label(self, case: AskEntry) -> Iterator[str]:
        """Name a case by what it says itself."""
        for word in (*_ASKED, "resource_account", "vpc_endpoint", "facts"):
            if getattr(case, word) is not None:
                yield getattr(case, word)
        if case.context is not None:
            yield _context_label(case.context)
        yield from (f"{key}=unknown" for key in case.unknown)
        if case.session_policy is not None:
            yield "+".join(case.session_policy) or "no-session-policy"

    # ---- one test ---------------------------------------------------------------------------

    def _made(self, entry: TestEntry, asked: Asked) -> Iterator[PolicyTest]:
        world = self._worlds.world(asked.entries, _last(asked, "session_policy"))
        skip = self._skip(entry)
        expect = self._expectation(asked, needed=skip is None)
        if world is None or expect is None:
            return
        texts = [self._resolved(word, asked, world) for word in _ASKED]
        context = self._context(asked, world)
        if context is None or not all(texts):
            return
        account, facts = _last(asked, "resource_account"), _last(asked, "facts")
        location = self._place(asked.steps)
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

    def _resolved(self, word: str, asked: Asked, world: World) -> tuple[Text, ...]:
        """Give the texts that a text of the file means; none where it means nothing."""
        found = asked.chosen.get(word) or _last(asked, word)
        if found is None:
            if word == "principal" and world.environment is None:
                return (Text(POLICY_TESTER, POLICY_TESTER),)
            self._add("PE2202", f"the test has no `{word}`", asked.steps, f"add `{word}`")
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
            except PolicyEvalError as error:
                self._texts[key] = ()
                self._note(error, steps)
        return self._texts[key]

    def _context(self, asked: Asked, world: World) -> Mapping[str, Any] | None:
        """Put the context together: defaults, test, case; names and maps in their order."""
        given = [
            (entry.context, (*steps, "context"))
            for entry, steps in asked.entries
            if entry.context is not None
        ]
        if asked.context is not None:
            given.append(asked.context)
        unknown = [(key, entry) for entry, _ in asked.entries for key in entry.unknown]
        endpoint = _last(asked, "vpc_endpoint")
        key = (
            *(steps for _, steps in given),
            *(name for name, _ in unknown),
            endpoint and endpoint[0],
            id(world),
        )
        if key not in self._contexts:
            try:
                context = self._merged(given, world)
                if endpoint is not None:
                    put(context, "aws:SourceVpce", self._endpoint(endpoint, world))
                for name, _ in unknown:
                    put(context, name, UNKNOWN)
                Request.of("*", "s3:GetObject", "*", context)
                self._contexts[key] = context
            except PolicyEvalError as error:
                self._contexts[key] = None
                self._note(error, given[-1][1] if given else asked.steps)
        return self._contexts[key]

    def _merged(
        self, given: Sequence[tuple[list[ContextMap], Steps]], world: World
    ) -> dict[str, Any]:
        context: dict[str, Any] = {}
        for maps, steps in given:
            for place, each in enumerate(maps):
                for name, value in self._named(each, world, (*steps, place)).items():
                    put(context, name, value)
        return context

    def _named(self, given: ContextMap, world: World, steps: Steps) -> Mapping[str, Any]:
        name = given.get(NAMED)
        if name is None:
            return given
        if name in self._suite.context_sets:
            return self._suite.context_sets[name]
        if world.environment is not None and name in world.environment.contexts:
            return world.environment.contexts[name]
        known = [*self._suite.context_sets]
        known += world.environment.contexts if world.environment is not None else ()
        help = did_you_mean(name, known) or (
            f"there are {', '.join(known)}" if known else "name them under `context-sets`"
        )
        self._add("PE2202", f"there is no context {quote(name)}", steps, help)
        return {}

    def _endpoint(self, named: tuple[str, Steps], world: World) -> str:
        if world.environment is None or named[0].startswith("vpce-"):
            return named[0]
        from policyeval.environment.names import find_endpoint

        return find_endpoint(world.environment, named[0]).id

    def _expectation(self, asked: Asked, *, needed: bool) -> Expectation | None:
        """Give what is expected; a test that is not run may leave it to be decided."""
        found: tuple[ExpectEntry, Steps] | None = _last(asked, "expect")
        if found is None and not needed:
            return Expectation()
        if found is None:
            self._add(
                "PE2202",
                "the test expects nothing",
                asked.steps,
                "add `expect: allow`, or `expect: deny`",
            )
            return None
        entry, steps = found
        if steps not in self._expectations:
            if entry.negated is not None and len(entry.model_fields_set) > 1:
                self._add("PE2204", "`not` stands alone", steps, "put all that must not be into it")
            self._expectations[steps] = _expectation_of(entry)
        return self._expectations[steps]

    # ---- findings ---------------------------------------------------------------------------

    def _place(self, steps: Steps) -> Location:
        if steps not in self._places:
            node, place = self._tree.find(steps)
            whole = isinstance(node.value, (dict, list))
            if whole and isinstance(node.value, dict) and "name" in node.value:
                place = node.value["name"].location
            elif steps and isinstance(steps[-1], int):
                place = node.location
            self._places[steps] = place if whole else node.location
        return self._places[steps]

    def _add(self, code: str, message: str, steps: Steps, help: str = "") -> None:
        finding = Finding(code, Severity.ERROR, message, self._place(steps), help)
        if finding not in self._findings[-20:]:
            self._findings.append(finding)

    def _note(self, error: PolicyEvalError, steps: Steps) -> None:
        """Note an error of a text with its place in the file."""
        node, _ = self._tree.find(steps)
        place = self._place(steps)
        for finding in error.findings or (Finding(error.code, Severity.ERROR, error.message),):
            self._findings.append(replace(finding, location=_inside(finding.location, node, place)))


def _inside(within: Location | None, node: Node, place: Location) -> Location:
    """Give the place in the file of a place in a text of it."""
    text = within.source.text if within is not None else None
    if within is None or within.span is None or text is None or node.value != text:
        return place
    whole = node.source.text or ""
    start = whole.find(text, node.span.start, node.span.end)
    if start < 0:  # the text is written with escapes
        return place
    return Location(node.source, span=Span(start + within.span.start, start + within.span.end))


def _last(asked: Asked, word: str) -> Any:
    """Give what the most special entry says of a field, with its place; None where none does."""
    for entry, steps in reversed(asked.entries):
        value = getattr(entry, word)
        if value is not None:
            return value, (*steps, word.replace("_", "-"))
    return None


def _try(word: str, text: str) -> None:
    """Raise what is wrong with a text, before any test is run."""
    if word == "principal":
        Request.of(text, "sts:GetCallerIdentity", "*")
    elif word == "action":
        Request.of("*", text, "*")
    else:
        Request.of("*", "s3:GetObject", text)


def _context_label(maps: list[ContextMap]) -> str:
    """Name a context in an id."""
    return context_label(str(each[NAMED]) if NAMED in each else each for each in maps)


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
