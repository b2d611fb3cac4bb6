"""Time and readiness of the rig: the only place that reads a clock, waits, or says in which order things happen.

Everything in a rig is a function that a loop calls. Times are integers: microseconds since the start of the rig. Models
(cables, relays, units) get a Timeline and never know whether its time is real.
"""

from __future__ import annotations

import gc
import heapq
import select
import selectors
import time
from collections.abc import Callable
from itertools import count
from typing import Any

# longest wait without a timer: bounds how late a flag set by a signal handler is seen
WAIT_US_MAX = 250_000
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
LATE_BUCKETS = 24  # bucket n counts timers that came less than 2**n us late


class Timer:
    """One call at one time; `cancel` takes it back."""

    __slots__ = ("args", "call", "due_us")

    def __init__(self, due_us: int, call: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.due_us = due_us
        self.call: Callable[..., None] | None = call
        self.args = args

    def cancel(self) -> None:
        """Take the call back; harmless when it has been made."""
        self.call = None
        self.args = ()


class Timeline:
    """Timers in order of time and, at one time, in order of asking; time moves only when told to."""

    def __init__(self) -> None:
        self._now_us = 0
        self._order = count()
        self._heap: list[tuple[int, int, Timer]] = []
        self._came: Callable[[int, int], None] | None = None  # hears when a call was due, and when it is made

    def now_us(self) -> int:
        """Return the time of what happens now: a timer's own due time, however late the machine came to it."""
        return self._now_us

    def at(self, due_us: int, call: Callable[..., None], *args: Any) -> Timer:
        """Call `call(*args)` at `due_us`; a time that has passed means now."""
        timer = Timer(due_us if due_us > self._now_us else self._now_us, call, args)
        heapq.heappush(self._heap, (timer.due_us, next(self._order), timer))
        return timer

    def after(self, delay_us: int, call: Callable[..., None], *args: Any) -> Timer:
        """Call `call(*args)` in `delay_us`."""
        return self.at(self._now_us + delay_us, call, *args)

    def run_until(self, until_us: int) -> None:
        """Make every call that is due up to `until_us`, in order, and let that be the time."""
        heap = self._heap
        pop = heapq.heappop
        came = self._came
        while heap and heap[0][0] <= until_us:
            timer = pop(heap)[2]
            call = timer.call
            if call is not None:
                timer.call = None
                self._now_us = timer.due_us
                if came is not None:
                    came(timer.due_us, until_us)
                call(*timer.args)
        if until_us > self._now_us:
            self._now_us = until_us

    def run_for(self, span_us: int) -> None:
        """Let `span_us` pass."""
        self.run_until(self._now_us + span_us)

    def next_due_us(self) -> int | None:
        """Return when the next timer is due."""
        heap = self._heap
        while heap and heap[0][2].call is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else None


class Loop(Timeline):
    """A timeline on the machine's clock, with file descriptors; single-threaded, in an order that can be told.

    Timers that are due come before descriptors that are ready, descriptors in order of their numbers.
    """

    def __init__(self, clock_us: Callable[[], int] = lambda: time.monotonic_ns() // 1000) -> None:
        super().__init__()
        self._clock_us = clock_us
        self.start_us = clock_us()  # on the machine's clock
        self._selector = selectors.DefaultSelector()
        self._waiting = (self._selector.fileno(),)
        self._stopped = False
        self.late_us_max = 0
        self.late_counts = [0] * LATE_BUCKETS
        self._came = self._is_late

    def close(self) -> None:
        """Let go of the descriptor that all others are waited for with."""
        self._selector.close()

    def watch(self, fd: int, call: Callable[[int], None], events: int = READ) -> None:
        """Call `call(events)` whenever `fd` is ready."""
        self._selector.register(fd, events, call)

    def modify(self, fd: int, events: int) -> None:
        """Wait for other events of a watched `fd`."""
        key = self._selector.get_key(fd)
        if key.events != events:
            self._selector.modify(fd, events, key.data)

    def unwatch(self, fd: int) -> None:
        """Wait for `fd` no more, if it was waited for; to be done before it is closed."""
        if fd in self._selector.get_map():
            self._selector.unregister(fd)

    def stop(self) -> None:
        """Make `run` return at the end of its pass; may be called by a signal handler."""
        self._stopped = True

    def run(self, done: Callable[[], bool] | None = None, limit_us: int | None = None) -> bool:
        """Run until stopped, until `done()` holds after a pass, or for `limit_us`; return whether `done()` held."""
        self._stopped = False
        end_us = None if limit_us is None else self.now_us() + limit_us
        while not self._stopped:
            if done is not None and done():
                return True
            if end_us is not None and self.now_us() >= end_us:
                return False
            self._pass(end_us)
        return done is not None and done()

    def _pass(self, end_us: int | None) -> None:
        due_us = self.next_due_us()
        if end_us is not None and (due_us is None or end_us < due_us):
            due_us = end_us
        wait_us = WAIT_US_MAX if due_us is None else due_us - (self._clock_us() - self.start_us)
        # the selector itself waits in milliseconds, select waits in microseconds
        some, _, _ = select.select(self._waiting, (), (), min(max(wait_us, 0), WAIT_US_MAX) / 1e6)
        self.run_until(self._clock_us() - self.start_us)
        if not some:
            return
        ready = self._selector.select(0)
        if len(ready) > 1:
            ready.sort(key=_by_number)
        watched = self._selector.get_map()
        for key, events in ready:
            # one that came before may have ended the wait for this one
            if watched.get(key.fd) is key:
                key.data(events)

    def _is_late(self, due_us: int, now_us: int) -> None:
        late_us = now_us - due_us
        self.late_counts[min(late_us.bit_length(), LATE_BUCKETS - 1)] += 1
        if late_us > self.late_us_max:
            self.late_us_max = late_us


def _by_number(ready: tuple[selectors.SelectorKey, int]) -> int:
    return ready[0].fd


def freeze_garbage() -> None:
    """Keep the collector out of the loop: what lives now lives on, and nothing later makes cycles in steady use."""
    gc.collect()
    gc.freeze()
    gc.disable()
