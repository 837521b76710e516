"""Makes the mutants of all policies that tests meet, and finds out what comes of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from time import monotonic

from policyeval.finding import Finding, Severity
from policyeval.glob import compile_glob, wildcard_tokens
from policyeval.parsing.defect import quote
from policyeval.testing.model import Suite
from policyeval.testing.mutation.ask import Asking
from policyeval.testing.mutation.attachments import attachments_of, detach_mutant
from policyeval.testing.mutation.cache import Cache
from policyeval.testing.mutation.equivalent import proof_of
from policyeval.testing.mutation.errors import MutationError
from policyeval.testing.mutation.model import (
    Fate,
    Mutant,
    MutantResult,
    MutationRun,
    Operator,
)
from policyeval.testing.mutation.operators import mutants_of
from policyeval.testing.mutation.plan import Plan
from policyeval.testing.mutation.witness import Searching
from policyeval.testing.run import Rules
from policyeval.value import Value

Progress = Callable[[int, int], None]
"""Called with the number of mutants done and of all."""


class Wanted(Value):
    """What is to be mutated, and by whose tests. No path: every policy."""

    suites: tuple[Suite, ...]
    rules: Rules
    operators: tuple[Operator, ...] = tuple(Operator)
    paths: tuple[str, ...] = ()


class Mutating:
    """The mutants of some suites, ready to be asked about one by one."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.findings: list[Finding] = []
        self.tests = [test for suite in wanted.suites for test in suite.tests]
        self.plan = Plan(wanted.suites, wanted.rules, _named(wanted.paths))
        self.mutants = list(self._mutants(wanted.operators))
        self.asking = Asking(self.plan)
        self.searching = Searching(self.plan, self.asking)

    def _mutants(self, operators: Collection[Operator]) -> Iterator[Mutant]:
        for unit in self.plan.units:
            made, more = mutants_of(unit.policy, unit.name, tuple(unit.types), operators)
            yield from made
            for statement in more:
                self.findings.append(
                    Finding(
                        "PE2324",
                        Severity.WARNING,
                        f"statement {statement.index + 1} of {quote(unit.name)} has more mutants "
                        "than are made",
                        unit.policy.location(statement.pointer),
                        "the score speaks of those that were made",
                    )
                )
        if Operator.DETACH in operators:
            for attachment, attached in attachments_of(self.plan.stacks):
                if self.plan.unit_of(attached.policy) is not None:
                    yield detach_mutant(attachment, attached)

    def result(self, number: int) -> MutantResult:
        """Find out what comes of one mutant."""
        mutant = self.mutants[number]
        met = self.asking.met(mutant)
        killer = self.asking.killer(mutant)
        if killer is not None:
            return MutantResult(mutant, Fate.KILLED, killer.test.id, met=met)
        unit = self.plan.unit_of(mutant.policy)
        proof = None
        if unit is not None:
            proof = proof_of(mutant, tuple(unit.layers), self.plan.owners(unit))
        if proof is not None:
            return MutantResult(mutant, Fate.EQUIVALENT, proof=proof, met=met)
        witness = self.searching.witness(mutant)
        fate = Fate.SURVIVED if witness is not None else Fate.UNDECIDED
        return MutantResult(mutant, fate, witness=witness, met=met)

    def ask(
        self, waiting: Sequence[int], until: float | None
    ) -> Iterator[tuple[int, MutantResult]]:
        """Give the results of mutants by number, until the time is over."""
        for number in waiting:
            if until is not None and monotonic() >= until:
                return
            yield number, self.result(number)


def mutate(  # noqa: PLR0913 - the options of the command
    suites: Sequence[Suite],
    rules: Rules,
    *,
    operators: Collection[Operator] = tuple(Operator),
    paths: Sequence[str] = (),
    jobs: int = 1,
    budget_seconds: float | None = None,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> MutationRun:
    """Give what comes of every mutant of the policies that the suites' worlds hold.

    `paths` are patterns (`policies/scp/*`) of the policies to mutate, all where there is none.
    After `budget_seconds` no further mutant is asked about. `cache` is a file in which results are
    remembered for the next run. Raises MutationError where no policy is left to mutate.
    """
    started = monotonic()
    until = None if budget_seconds is None else started + budget_seconds
    in_order = tuple(each for each in Operator if each in operators)
    mutating = Mutating(Wanted(tuple(suites), rules, in_order, tuple(paths)))
    _require(mutating, paths)
    remembered = Cache.read(cache, mutating) if cache is not None else None
    findings = [*mutating.findings, *(remembered.findings if remembered else ())]
    results: dict[int, MutantResult] = dict(remembered.results) if remembered else {}
    known = len(results)
    waiting = [number for number in in_turn(mutating.mutants) if number not in results]
    total = len(mutating.mutants)
    made: Iterator[tuple[int, MutantResult]]
    if jobs > 1 and len(waiting) > 1:
        from policyeval.testing.mutation.workers import in_processes

        made = in_processes(mutating, waiting, jobs, until)
    else:
        made = mutating.ask(waiting, until)
    for number, result in made:
        results[number] = result
        if progress is not None:
            progress(len(results), total)
    if remembered is not None:
        findings += remembered.write(results)
    left = total - len(results)
    if left:
        findings.append(_out_of_time(left, total))
    ordered = tuple(
        results.get(number) or MutantResult(mutant, Fate.NOT_ASKED)
        for number, mutant in enumerate(mutating.mutants)
    )
    plan = mutating.plan
    if plan.left_out:
        findings.append(_left_out(len(plan.left_out)))
    return MutationRun(
        ordered,
        len(plan.asked),
        tuple(plan.left_out),
        tuple(findings),
        known,
        monotonic() - started,
    )


def in_turn(mutants: Sequence[Mutant]) -> list[int]:
    """Give the order of asking: the first statement of every policy, then the second of each.

    Within a budget every policy gets its turn. The mutants of one statement stay together, since
    what it says about the tests is found out once for all of them.
    """
    return sorted(range(len(mutants)), key=lambda number: mutants[number].index)


def _named(paths: Sequence[str]) -> Callable[[str], bool]:
    """Tell by its name whether a policy is to be mutated."""
    tests = [compile_glob(wildcard_tokens(path)) for path in paths]
    tails = [compile_glob(wildcard_tokens(f"*/{path}")) for path in paths]
    folders = [f"{path.rstrip('/')}/" for path in paths]

    def wanted(name: str) -> bool:
        name = name.replace("\\", "/").removeprefix("./")
        return not paths or any(
            whole(name) or tail(name) or name.startswith(folder) or f"/{folder}" in name
            for whole, tail, folder in zip(tests, tails, folders, strict=True)
        )

    return wanted


def _require(mutating: Mutating, paths: Sequence[str]) -> None:
    plan = mutating.plan
    if mutating.mutants:
        return
    if paths and not plan.units:
        message = f"no policy is named {' or '.join(map(quote, paths))}"
        help = "the patterns are of the policies' files, such as `policies/scp/*`"
    elif not plan.units:
        message, help = "the tests ask no policy that could be changed", ""
    else:
        message = "these operators change nothing in these policies"
        help = "leave them out to use all"
    finding = Finding("PE2320", Severity.ERROR, message, help=help)
    raise MutationError(message, (finding,))


def _out_of_time(left: int, total: int) -> Finding:
    return Finding(
        "PE2323",
        Severity.WARNING,
        f"the time ran out: {left} of {total} mutants were not asked about",
        help="give a larger `--mutate-budget`, or mutate fewer policies with `--mutate-paths`",
    )


def _left_out(count: int) -> Finding:
    tests = "1 test fails" if count == 1 else f"{count} tests fail"
    return Finding(
        "PE2322",
        Severity.WARNING,
        f"{tests} without any mutant, so {'it' if count == 1 else 'they'} can kill none",
        help="mend them first: the score speaks of the tests that pass",
    )
