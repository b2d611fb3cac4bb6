"""The ledger's sums against one transaction after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hotspare.rig.ledger import Counts, Ledger

STEPS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["take", "stop", "cut"])), max_size=12)


class OneByOne:
    """The same as a ledger, by following each transaction."""

    def __init__(self, every_us: int, takes_us: int, patience_us: int) -> None:
        self.every_us, self.takes_us, self.patience_us = every_us, takes_us, patience_us
        self.now_us = 0
        self.taking = False
        self.next_us: int | None = None
        self.ends: list[int] = []
        self.held: list[int] = []
        self.sent = self.served = self.lost = self.delayed = self.refused = 0
        self.delay_us_max = self.delay_us_last = 0

    def run_before(self, until_us: int) -> None:
        """Follow what happens before a moment."""
        while self.now_us < until_us:
            self.served += sum(end <= self.now_us for end in self.ends)
            self.ends = [end for end in self.ends if end > self.now_us]
            if self.next_us == self.now_us:
                self.sent += 1
                self.next_us += self.every_us
                if not self.taking:
                    self.held.append(self.now_us)
                elif self.takes_us:
                    self.ends.append(self.now_us + self.takes_us)
                else:
                    self.served += 1
            self.now_us += 1

    def act(self, us: int, what: str) -> None:
        """Do what a ledger is told, before anything else at that moment; but what ends then has ended."""
        self.run_before(us)
        self.served += sum(end <= us for end in self.ends)
        self.ends = [end for end in self.ends if end > us]
        if what == "take":
            self.taking = True
            self.next_us = us if self.next_us is None else self.next_us
            patient = [at for at in self.held if us - at <= self.patience_us]
            self.refused += len(self.held) - len(patient)
            self.delayed += len(patient)
            if patient:
                self.delay_us_last = us - patient[0]
                self.delay_us_max = max(self.delay_us_max, self.delay_us_last)
            self.ends += [us + self.takes_us] * len(patient)
            self.held = []
            return
        self.taking = False
        if what == "cut":
            self.lost += len(self.ends)
            self.ends = []

    def counts(self, us: int) -> Counts:
        self.run_before(us + 1)
        gone = sum(us - at > self.patience_us for at in self.held)
        return Counts(
            self.sent,
            self.served,
            self.lost,
            self.delayed,
            self.refused + gone,
            len(self.ends),
            len(self.held) - gone,
            self.delay_us_max,
            self.delay_us_last,
        )


@given(STEPS, st.integers(1, 7), st.integers(0, 30), st.integers(0, 30), st.integers(0, 60))
def test_sums_and_steps_agree_at_every_moment(
    steps: list[tuple[int, str]], every_us: int, takes_us: int, patience_us: int, rest_us: int
) -> None:
    ledger, model = Ledger(every_us, takes_us, patience_us), OneByOne(every_us, takes_us, patience_us)
    us = 0
    for gap_us, what in steps:
        us += gap_us + 1  # a moment of which all has been counted is over
        if what != "take" or not ledger.open:
            getattr(ledger, what)(us)
            model.act(us, what)
        found = ledger.counts(us)
        assert found == model.counts(us)
        assert found.sent == found.served + found.lost + found.refused + found.under_way + found.waiting
    assert ledger.counts(us + rest_us) == model.counts(us + rest_us)
