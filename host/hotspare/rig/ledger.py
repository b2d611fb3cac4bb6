"""What becomes of transactions, counted: from the moments at which somebody takes them or not, none one by one; pure.

Clients send one every `every_us`, from the first moment at which somebody takes them. Each needs `takes_us`, however
many are under way. One that nobody takes is held by its client and sent again at the moment at which somebody does; it
is refused when that comes later than `patience_us`.

Every transaction sent is exactly one of these: served, lost, refused, under way, or waiting. Lost is what was taken and
never finished; delayed is what had to wait, and was taken then.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Taking:
    """A time during which transactions were taken, from its first microsecond to before its last; None: it goes on.

    `held` waited for it and were sent again at its beginning.
    """

    held: int
    from_us: int
    to_us: int | None = None


@dataclass(frozen=True)
class Counts:
    """All counts at one moment; waits in microseconds: the longest ever, and the longest of the newest interruption."""

    sent: int = 0
    served: int = 0
    lost: int = 0
    delayed: int = 0
    refused: int = 0
    under_way: int = 0
    waiting: int = 0
    delay_us_max: int = 0
    delay_us_last: int = 0


class Ledger:
    """The transactions of one line; times never go back."""

    def __init__(self, every_us: int, takes_us: int, patience_us: int) -> None:
        assert every_us > 0
        assert takes_us >= 0
        assert patience_us >= 0
        self._every_us = every_us
        self._takes_us = takes_us
        self._patience_us = patience_us
        self._begin_us: int | None = None
        self._takings: list[Taking] = []  # of which something may be under way; the last one may go on
        self._idle_us = 0  # since when nobody takes, unless somebody does
        self._served = self._lost = self._delayed = self._refused = 0
        self._delay_us_max = self._delay_us_last = 0

    @property
    def open(self) -> bool:
        """Whether somebody takes transactions."""
        return bool(self._takings) and self._takings[-1].to_us is None

    def take(self, us: int) -> None:
        """From now on somebody takes them; who has waited is first."""
        assert not self.open
        held = 0
        if self._begin_us is None:
            self._begin_us = us
        else:
            held = self._release(self._begin_us, us)
        self._fold(us)
        self._takings.append(Taking(held, us))

    def stop(self, us: int) -> None:
        """From now on nobody does; what is under way goes on."""
        if self.open:
            self._takings[-1].to_us = self._idle_us = us
        self._fold(us)

    def cut(self, us: int) -> None:
        """From now on nobody does, and what is under way is lost."""
        self.stop(us)
        for taking in self._takings:
            served = self._finished(taking, us)
            self._served += served
            self._lost += self._taken(taking, us) - served
        self._takings.clear()

    def counts(self, us: int, sure_us: int | None = None) -> Counts:
        """Return all counts now; `sure_us`: since when it is open whether what is under way goes on."""
        if self._begin_us is None:
            return Counts()
        end_us, taken_us = (us, us + 1) if sure_us is None else (sure_us, sure_us)
        served = sum(self._finished(taking, end_us) for taking in self._takings)
        taken = sum(self._taken(taking, taken_us) for taking in self._takings)
        idle_us = taken_us if self.open else self._idle_us
        given_up = self._sent_before(max(idle_us, us - self._patience_us)) - self._sent_before(idle_us)
        return Counts(
            sent=self._sent_before(us + 1),
            served=self._served + served,
            lost=self._lost,
            delayed=self._delayed,
            refused=self._refused + given_up,
            under_way=taken - served,
            waiting=self._sent_before(us + 1) - self._sent_before(idle_us) - given_up,
            delay_us_max=self._delay_us_max,
            delay_us_last=self._delay_us_last,
        )

    def _release(self, begin_us: int, us: int) -> int:
        """Somebody takes again: return how many have waited for it."""
        patient_us = max(self._idle_us, us - self._patience_us)
        self._refused += self._sent_before(patient_us) - self._sent_before(self._idle_us)
        held = self._sent_before(us) - self._sent_before(patient_us)
        if held:
            oldest_us = begin_us + self._sent_before(patient_us) * self._every_us
            self._delayed += held
            self._delay_us_last = us - oldest_us
            self._delay_us_max = max(self._delay_us_max, self._delay_us_last)
        return held

    def _fold(self, us: int) -> None:
        """Count what was taken and has all been finished, and forget it."""
        while self._takings and (to_us := self._takings[0].to_us) is not None and to_us + self._takes_us <= us:
            self._served += self._taken(self._takings.pop(0), us)

    def _taken(self, taking: Taking, before_us: int) -> int:
        to_us = before_us if taking.to_us is None else taking.to_us
        return taking.held + self._sent_before(to_us) - self._sent_before(taking.from_us)

    def _finished(self, taking: Taking, us: int) -> int:
        """Return how many of a taking are finished by then."""
        done_us = us - self._takes_us + 1  # what was sent before this moment is
        if done_us <= taking.from_us:
            return 0
        to_us = done_us if taking.to_us is None else min(taking.to_us, done_us)
        return taking.held + self._sent_before(to_us) - self._sent_before(taking.from_us)

    def _sent_before(self, us: int) -> int:
        """Return how many were sent before a moment."""
        assert self._begin_us is not None
        return max(0, -(-(us - self._begin_us) // self._every_us))
