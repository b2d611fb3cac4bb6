"""Judging: a process for each mutant, forked from one in which the tests are loaded; the first that fails ends it.

Only tests that run the changed statement are asked, those that killed its neighbours first, then those of its module
by the file's name, then the quickest, until ASKED_S is spent; what they leave alive runs under the laws. What is not
asked kills nothing, so a score is rather too low than too high. Time is CPU time: a busy machine kills no mutant.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage

from hotspare_engine import words as w
from tests.mutation.mutants import Mutant
from tests.simulation.chaos import AUTONOMIES, Chaos

SECONDS_LEAST, SLOWER_MAX = 2.0, 10  # a test may take so long, or so many times what it takes without a mutant
SLOWED = 3  # so many times what it takes is measured while it is looked which lines run
ASKED_S, QUICKLY_S = 5.0, 1.0  # for one mutant
NEIGHBOURS_MAX = 20  # tests that killed mutants of the same module lately
BYTES_MAX = 2 << 30  # a mutant that collects without end stops here
SEEDS = 4  # runs under the laws, of each kind of switch
KINDS = (w.CHANGEOVER, w.INTERLOCKED, w.FENCED_FEED)
ASKING = (w.ASK, w.ASK_THEN_AUTO)
SURVIVED, KILLED, BY_LAW, BROKE = 0, 10, 11, 12  # exit codes of a mutant's process


class Unfit(Exception):
    """Nothing can be said of mutants: the tests fail without one."""


class Judge:
    """A plugin of pytest that takes the place of its loop: all tests once, then those that matter for each mutant."""

    def __init__(
        self,
        mutants: Iterable[Mutant],
        jobs: int,
        told: Callable[[Mutant, str], None],
        asked_s: float = ASKED_S,
        seeds: int = SEEDS,
        newest_first: bool = False,
    ) -> None:
        self.mutants = list(mutants)
        self.jobs = jobs
        self.told = told
        self.asked_s = asked_s
        self.seeds = seeds
        self.newest_first = newest_first
        self.wrong = ""
        self._took_s: dict[int, float] = {}
        self._runs: dict[tuple[str, int], set[int]] = defaultdict(set)  # the tests that run a line
        self._killers: dict[str, list[int]] = defaultdict(list)  # by function and by module, the newest first
        self._items: list[pytest.Item] = []
        self._under_way: dict[int, tuple[Mutant, int]] = {}  # by process: what it judges, and where it says what killed

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Do everything."""
        self._items = session.items
        try:
            self._measure()
            for mutant in self.mutants:
                while len(self._under_way) >= self.jobs:
                    self._wait()
                self._begin(mutant)
            while self._under_way:
                self._wait()
        except Unfit as error:
            self.wrong = str(error)
        finally:
            for process in self._under_way:
                os.kill(process, signal.SIGKILL)
        return True

    def _measure(self) -> None:
        if not self._items:
            raise Unfit("no test was found")
        with ProcessPoolExecutor(self.jobs, multiprocessing.get_context("fork"), _take, (self._items,)) as pool:
            shares = [range(first, len(self._items), 8 * self.jobs) for first in range(8 * self.jobs)]
            for took_s, runs, wrong in pool.map(_measured, shares):
                if wrong:
                    raise Unfit(f"{wrong} fails without a mutant")
                self._took_s.update(took_s)
                for place, tests in runs.items():
                    self._runs[place] |= tests
        broken = next(_under_laws(self.seeds), None)
        if broken:
            raise Unfit(f"a law is broken without a mutant: {broken}")

    def _asked(self, mutant: Mutant) -> list[int]:
        found: set[int] = set()
        for line in mutant.lines:
            found |= self._runs[mutant.module, line]
        known = self._killers[_family(mutant)] + self._killers[mutant.module][:NEIGHBOURS_MAX]
        order = [test for test in dict.fromkeys(known) if test in found]
        order += sorted(found - set(order), key=lambda test: self._order(test, mutant.module))
        spent_s, asked = 0.0, []
        for test in order:
            spent_s += self._took_s[test]
            if asked and spent_s > self.asked_s:
                break
            asked.append(test)
        return asked

    def _order(self, test: int, module: str) -> tuple[bool, float, float]:
        path = self._items[test].path
        return module not in path.stem, -path.stat().st_mtime if self.newest_first else 0, self._took_s[test]

    def _begin(self, mutant: Mutant) -> None:
        tests = self._asked(mutant)
        reads, writes = os.pipe()
        gc.freeze()
        sys.stdout.flush()
        process = os.fork()
        if process:
            os.close(writes)
            self._under_way[process] = (mutant, reads)
            return
        code = BROKE
        try:
            os.close(reads)
            code = self._judge(mutant, tests, writes)
        finally:
            os._exit(code)

    def _judge(self, mutant: Mutant, tests: list[int], writes: int) -> int:
        # in the mutant's own process
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        resource.setrlimit(resource.RLIMIT_AS, (BYTES_MAX, BYTES_MAX))
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        mutant.put_in()
        for at, following in pairwise([*tests, None]):
            assert at is not None
            signal.setitimer(signal.ITIMER_PROF, max(SECONDS_LEAST, SLOWER_MAX * self._took_s[at]))
            nextitem = None if following is None else self._items[following]
            reports = runtestprotocol(self._items[at], log=False, nextitem=nextitem)
            if any(report.failed for report in reports):
                os.write(writes, str(at).encode())
                return KILLED
        return BY_LAW if any(_under_laws(self.seeds)) else SURVIVED

    def _wait(self) -> None:
        process, status = os.wait()
        mutant, reads = self._under_way.pop(process)
        with os.fdopen(reads) as pipe:
            killer = pipe.read()
        if os.WIFSIGNALED(status):
            if os.WTERMSIG(status) in (signal.SIGKILL, signal.SIGTERM):
                raise Unfit(f"{mutant.name} was ended from outside: is there memory enough?")
            how = "time-out" if os.WTERMSIG(status) == signal.SIGPROF else "crash"
        else:
            code = os.WEXITSTATUS(status)
            if code not in (SURVIVED, KILLED, BY_LAW):
                raise Unfit(f"{mutant.name} could not be judged")
            how = {SURVIVED: "", KILLED: "test", BY_LAW: "law"}[code]
        if killer:
            for family in (_family(mutant), mutant.module):
                killers = self._killers[family]
                if int(killer) in killers:
                    killers.remove(int(killer))
                killers.insert(0, int(killer))
        self.told(mutant, how)


_items: list[pytest.Item] = []  # in a process that measures


def _take(items: list[pytest.Item]) -> None:
    _items.extend(items)


def _measured(share: range) -> tuple[dict[int, float], dict[tuple[str, int], set[int]], str]:
    """Run some of the tests; return how long each takes, which of them run each line, and the first that fails."""
    took_s: dict[int, float] = {}
    runs: dict[tuple[str, int], set[int]] = {}
    coverage = Coverage(data_file=None, config_file=False, include=["*/hotspare_engine/*"])
    coverage.start()
    for at in share:
        coverage.switch_context(str(at))
        began_s = time.process_time()
        reports = runtestprotocol(_items[at], log=False, nextitem=None)
        took_s[at] = (time.process_time() - began_s) / SLOWED
        if any(report.failed for report in reports):
            return took_s, runs, _items[at].nodeid
    coverage.stop()
    data = coverage.get_data()
    for file in data.measured_files():
        module = os.path.basename(file).removesuffix(".py")
        for line, tests in data.contexts_by_lineno(file).items():
            runs.setdefault((module, line), set()).update(int(test) for test in tests if test)
    return took_s, runs, ""


def _family(mutant: Mutant) -> str:
    return f"{mutant.module}:{mutant.function}"


def _under_laws(seeds: int) -> Iterator[str]:
    """Run seeds under the laws; yield what each one broke, whatever it is."""
    drawn = [(seed, kind, AUTONOMIES) for seed in range(seeds) for kind in KINDS]
    drawn += [(seed, w.CHANGEOVER, ASKING) for seed in range(seeds)]
    for seed, kind, autonomies in drawn:
        signal.setitimer(signal.ITIMER_PROF, SLOWER_MAX)
        try:
            Chaos(seed, kind, autonomies).run()
        except Exception as error:
            yield f"seed {seed}: {error!r}"
    signal.setitimer(signal.ITIMER_PROF, 0)
