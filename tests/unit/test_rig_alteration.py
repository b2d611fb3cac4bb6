"""Altered heartbeats: what goes onto the cable in place of what the agent sends."""

from __future__ import annotations

import pytest

from hotspare.rig.alteration import FROZEN, NONE, SHUFFLED, Alteration, is_report
from hotspare_engine import words as w
from hotspare_wire import link


class End:
    """An agent's link, and the cable that its bytes go onto."""

    def __init__(self) -> None:
        self.link = link.Link(100, 1, lambda: bytes(range(1, 9)))
        self.said: list[bytes] = []
        self.alteration = Alteration()
        self.alteration.connect(self.said.append)

    def report(self) -> bytes:
        data = bytes(self.link.report(w.OK, 0))
        self.alteration.send(data)
        return data

    def hello(self) -> bytes:
        data = bytes(self.link.hello())
        self.alteration.send(data)
        return data


@pytest.fixture
def end() -> End:
    return End()


def test_a_frozen_heartbeat_is_the_last_report_even_when_a_hello_went_out_after_it(end: End) -> None:
    last = end.report()
    end.hello()
    end.alteration.how = FROZEN
    end.report()
    end.report()
    assert end.said[2:] == [last, last]


def test_an_agent_that_has_not_reported_yet_is_frozen_at_its_first_report(end: End) -> None:
    end.alteration.how = FROZEN
    sent = [end.hello(), end.report()]
    end.report()
    assert end.said == [*sent, sent[1]]


def test_shuffled_reports_come_in_pairs_the_wrong_way_round(end: End) -> None:
    end.alteration.how = SHUFFLED
    first, second = end.report(), end.report()
    assert end.said == [second + first]


def test_what_is_not_altered_goes_out_as_it_is(end: End) -> None:
    assert end.alteration.how == NONE
    assert [end.hello(), end.report()] == end.said


def test_a_report_is_told_from_a_hello_and_from_garbage(end: End) -> None:
    assert is_report(end.report())
    assert not is_report(end.hello())
    assert not is_report(end.hello() + end.report())
    assert not is_report(b"\x00\x01")
    assert not is_report(b"")
