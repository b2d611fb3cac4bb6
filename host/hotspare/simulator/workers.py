"""Workers: processes that share the simulations of one forecast, bounded, and gone at once when somebody interrupts."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection
from typing import TypeVar

from hotspare.errors import HotspareError

Task = TypeVar("Task")
Found = TypeVar("Found")

WAITING_A_WORKER = 2  # tasks that wait for a worker
JOBS_MAX = 64
TERMINAL_SIGNALS = (signal.SIGINT, signal.SIGHUP)  # which a terminal sends to every process of a command


class WorkerLost(HotspareError):
    """A worker ended before its task: somebody killed it, or memory was short."""


def cores() -> int:
    """Return how many processes may run at once on this machine."""
    return min(JOBS_MAX, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


def share(work: Callable[[Task], Found], tasks: Sequence[Task], jobs: int) -> Iterator[tuple[int, Found]]:
    """Do every task, in so many processes or, for one, in this one; give place and outcome of each as it comes."""
    if jobs == 1 or len(tasks) <= 1:
        yield from ((place, work(task)) for place, task in enumerate(tasks))
        return
    executor = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin)
    try:
        yield from _share(executor, work, tasks, jobs * (1 + WAITING_A_WORKER))
    except BrokenProcessPool:
        raise WorkerLost("a process of the simulation ended: killed, or out of memory; try --jobs 1") from None
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _share(
    executor: ProcessPoolExecutor, work: Callable[[Task], Found], tasks: Sequence[Task], most: int
) -> Iterator[tuple[int, Found]]:
    running: dict[Future[Found], int] = {}
    place = 0
    while running or place < len(tasks):
        while place < len(tasks) and len(running) < most:
            with _blocked():
                running[executor.submit(work, tasks[place])] = place
            place += 1
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future.result()


@contextmanager
def _blocked() -> Iterator[None]:
    """Let processes that begin now hear no signal of the terminal: whoever began them ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, TERMINAL_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
