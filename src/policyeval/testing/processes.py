"""Processes that share out work: how they start, how they end, how much each gets at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import wait
from threading import Thread
from typing import Any

COPIES = sys.platform == "linux"
"""Whether processes are copies of this one: what is loaded here need not be loaded again."""


def pool_of(
    jobs: int, begin: Callable[..., None], arguments: tuple[Any, ...]
) -> ProcessPoolExecutor:
    """Give a pool of processes, each of which calls `begin` first."""
    context = multiprocessing.get_context("fork" if COPIES else "spawn")
    return ProcessPoolExecutor(jobs, context, begin, arguments)


def begin_worker() -> None:
    """Prepare this process to work for the one that started it, and to end with it.

    The interrupt key is for whoever started it; a pool's workers would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def shares_of(
    numbers: Sequence[int], jobs: int, *, largest: int, for_each: int
) -> list[Sequence[int]]:
    """Cut numbers into shares: about `for_each` for each process, none larger than `largest`."""
    size = min(largest, max(1, len(numbers) // (jobs * for_each)))
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]
