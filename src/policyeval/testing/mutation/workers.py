"""Mutants shared out over processes.

Each process makes the same mutants of the same suites, so only numbers go in and plain data come
back. Where a process cannot be used, the mutants are asked about here: the answers are the same.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from hashlib import sha256
from time import monotonic, time
from typing import TYPE_CHECKING, Any

from policyeval.testing.mutation.model import Mutant, MutantResult
from policyeval.testing.mutation.plain import from_plain, to_plain
from policyeval.testing.processes import COPIES, begin_worker, pool_of, shares_of

if TYPE_CHECKING:
    from policyeval.testing.mutation.run import Mutating

LARGEST_SHARE = 64
SHARES_FOR_EACH = 8

_here: dict[str, Any] = {}
"""What a worker process has made of the suites; empty in the process that shares out."""


def in_processes(
    mutating: Mutating, waiting: Sequence[int], jobs: int, until: float | None
) -> Iterator[tuple[int, MutantResult]]:
    """Give the results of the waiting mutants as they come, by number."""
    done: set[int] = set()
    tests = {test.id: test for test in mutating.tests}
    deadline = None if until is None else time() + (until - monotonic())
    payload = b""
    if not COPIES:
        try:
            payload = pickle.dumps(mutating.wanted)
        except (pickle.PicklingError, AttributeError, TypeError, RecursionError):
            yield from mutating.ask(waiting, until)
            return
    shares = shares_of(waiting, jobs, largest=LARGEST_SHARE, for_each=SHARES_FOR_EACH)
    if COPIES:
        _here["mutating"] = mutating
    pool = None
    try:
        pool = pool_of(min(jobs, len(shares)), _begin, (payload, fingerprint(mutating.mutants)))
        for future in as_completed([pool.submit(_share, share, deadline) for share in shares]):
            for number, plain in future.result():
                result = from_plain(plain, mutating.mutants[number], tests)
                if result is not None:
                    done.add(number)
                    yield number, result
    except (BrokenProcessPool, OSError):
        left = [number for number in waiting if number not in done]
        yield from mutating.ask(left, until)
    finally:
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
        _here.clear()


def fingerprint(mutants: Sequence[Mutant]) -> str:
    """Give a digest of what is changed where, in order."""
    digest = sha256()
    for each in mutants:
        digest.update(f"{each.name} {each.index} {each.location.pointer} {each.change}".encode())
    return digest.hexdigest()


def _begin(payload: bytes, wanted: str) -> None:
    """Make the mutants in a new process; it dies where they are not those that were shared out."""
    from policyeval.testing.mutation.run import Mutating

    begin_worker()
    if "mutating" in _here:
        return
    mutating = Mutating(pickle.loads(payload))
    if fingerprint(mutating.mutants) != wanted:
        raise RuntimeError("the policies changed while they were read")
    _here["mutating"] = mutating


def _share(numbers: Sequence[int], deadline: float | None) -> list[tuple[int, dict[str, Any]]]:
    mutating = _here["mutating"]
    found = []
    for number in numbers:
        if deadline is not None and time() >= deadline:
            break
        found.append((number, to_plain(mutating.result(number))))
    return found
