"""What a group may do alone, on the emulated rig: contacts by the rig's trace, answers by the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hil.pair import UNHURRIED, Pair
from hil.restoration import restore
from hil.story import Story
from hotspare import budget
from hotspare.cli import exits
from hotspare_engine import words as w
from tests.desk import Desk

APPROVE_S = 5
STILL_MS = 500
BOOT_GRACE_S = 2  # a rebooted board gets its time to hear the others
STEP_MS_MAX = 100  # a hiccup of the machine between the deadline of a board and its step


def autonomy(word: str, **values: object) -> Iterator[Pair]:
    with Pair(**{**UNHURRIED, "boot_grace_s": BOOT_GRACE_S, "autonomy": word, **values}) as pair:
        yield pair


def restored(pair: Pair) -> Iterator[Pair]:
    yield pair
    restore(pair)
    assert pair.rig.state()["both_connected_us"] == 0


@pytest.fixture(scope="module")
def running_ask() -> Iterator[Pair]:
    yield from autonomy("ask")


@pytest.fixture(scope="module")
def running_ask_then_auto() -> Iterator[Pair]:
    yield from autonomy("ask-then-auto", approve_s=APPROVE_S)


@pytest.fixture(scope="module")
def running_manual() -> Iterator[Pair]:
    yield from autonomy("manual")


@pytest.fixture(scope="module")
def running_shadow() -> Iterator[Pair]:
    yield from autonomy("shadow")


@pytest.fixture
def ask(running_ask: Pair) -> Iterator[Pair]:
    yield from restored(running_ask)


@pytest.fixture
def ask_then_auto(running_ask_then_auto: Pair) -> Iterator[Pair]:
    yield from restored(running_ask_then_auto)


@pytest.fixture
def manual(running_manual: Pair) -> Iterator[Pair]:
    yield from restored(running_manual)


@pytest.fixture
def shadow(running_shadow: Pair) -> Iterator[Pair]:
    yield from restored(running_shadow)


def asked(pair: Pair) -> int:
    """Return the id of what is pending."""
    return int(pair.pending()["id"])


# -- ask ------------------------------------------------------------------------------------------------------------


def test_in_ask_a_failover_waits_with_an_alarm_until_it_is_approved(
    ask: Pair, capfd: pytest.CaptureFixture[str]
) -> None:
    desk, story = Desk(ask, capfd), Story(ask)
    ask.rig.fail("primary")
    status = ask.until_alarm(w.A_PRIMARY_FAILED | w.A_INHIBITED | w.A_ASKING)
    assert status["inhibitors"] == w.I_ASKING
    ask.pass_ms(STILL_MS)
    assert (ask.active(), story.moves()) == ("primary", [])
    assert ask.alarm_stands("controller")
    number = asked(ask)
    for command in ("status", "explain"):
        assert desk.run(command) == exits.OK
        assert f"hotspare approve {number} pair, or hotspare reject {number} pair" in desk.out
        told = desk.json(command)
        pending = told["groups"]["pair"]["pending"] if command == "status" else told["pending"]
        assert (pending["id"], pending["request"], pending["onto"]) == (number, "SF-W", "spare")
        assert 0 < pending["age_ms"] < pending["left_ms"]
    assert desk.run("approve", str(number), "--dry-run") == exits.OK
    assert story.moves() == []
    assert desk.run("approve", str(number)) == exits.OK
    assert f"approve {number} of pair: done; line primary: primary -> spare" in desk.out
    assert ask.active() == "spare"
    assert story.tells((w.E_PENDING, number), (w.E_ASKED, w.APPROVE), (w.E_PENDING, number), (w.E_SWITCHED, 0))
    texts = [it["text"] for it in desk.json("log")["events"] if it["event"] == "pending"]
    assert texts[-2:] == [
        f"id {number}, SF-W, spare on line primary: raised",
        f"id {number}, SF-W, spare on line primary: approved",
    ]
    assert not ask.until_status(lambda status: status["state"] == w.ON_SPARE)["alarms"] & w.A_ASKING


def test_f32_an_approval_after_the_situation_changed_is_refused_and_moves_nothing(
    ask: Pair, capfd: pytest.CaptureFixture[str]
) -> None:
    desk, story = Desk(ask, capfd), Story(ask)
    ask.rig.fail("primary")
    ask.until_alarm(w.A_ASKING)
    first = asked(ask)
    ask.rig.mend("primary")
    ask.settle()
    assert desk.run("approve", str(first)) == exits.FAILED
    assert f"approve {first} of pair refused: not pending: nothing waits for approval: NR (none) wins" in desk.err
    ask.rig.fail("primary")
    ask.until_alarm(w.A_ASKING)
    now = asked(ask)
    assert now != first
    for command in ("approve", "reject"):
        assert desk.run(command, str(first)) == exits.FAILED
        assert f"what waits now is id {now}, SF-W (primary failed), spare onto the line" in desk.err
    ask.pass_ms(STILL_MS)
    assert (ask.active(), story.moves()) == ("primary", [])


def test_in_ask_nobody_answers_and_it_is_asked_again_under_a_new_id_until_it_is_rejected() -> None:
    with Pair(**UNHURRIED, autonomy="ask", approve_s=APPROVE_S) as pair:
        story = Story(pair)
        pair.rig.fail("primary")
        pair.until_alarm(w.A_ASKING)
        first = asked(pair)
        pair.pass_ms(APPROVE_S * 1000)
        second = asked(pair)
        assert second != first
        assert pair.ask(w.APPROVE, number=first)["verdict"] == w.NOT_PENDING
        assert pair.ask(w.REJECT, number=second)["verdict"] == w.DONE
        status = pair.until_status(lambda status: not status["alarms"] & w.A_ASKING)
        assert status["inhibitors"] == w.I_REJECTED
        assert status["alarms"] & w.A_INHIBITED
        pair.pass_ms(APPROVE_S * 1000)
        assert asked(pair) == second
        assert (pair.active(), story.moves()) == ("primary", [])
        assert story.tells((w.E_PENDING, first), (w.E_PENDING, second), (w.E_PENDING, second))


def test_in_ask_a_forced_switch_that_stands_waits_for_approval_after_a_reset(
    ask: Pair, capfd: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(ask, capfd)
    assert desk.run("switchover", "--force") == exits.OK
    assert ask.active() == "spare"
    ask.rig.power("controller", False)
    ask.rig.power("controller", True)
    ask.until_alarm(w.A_ASKING)
    assert ask.active() == "primary"
    pending = desk.json("status")["groups"]["pair"]["pending"]
    assert (pending["request"], pending["waits"]) == ("FS", "asked")
    assert desk.run("approve", str(pending["id"])) == exits.OK
    assert ask.active() == "spare"


def test_in_ask_what_a_person_wants_needs_no_approval(ask: Pair, capfd: pytest.CaptureFixture[str]) -> None:
    desk, story = Desk(ask, capfd), Story(ask)
    assert desk.run("switchover") == exits.OK
    assert ask.active() == "spare"
    assert desk.run("failback") == exits.OK
    assert ask.active() == "primary"
    assert not story.tells((w.E_PENDING,))


# -- ask, then auto -------------------------------------------------------------------------------------------------


def test_in_ask_then_auto_a_failover_is_done_when_the_time_is_over_and_within_what_check_says(
    ask_then_auto: Pair,
) -> None:
    times = budget.of(ask_then_auto.group)
    took_ms = ask_then_auto.until_contact("spare", lambda: ask_then_auto.rig.fail("primary"))
    assert APPROVE_S * 1000 <= took_ms <= times.failover_worst_ms + STEP_MS_MAX
    assert ask_then_auto.active() == "spare"


def test_in_ask_then_auto_an_approval_does_it_at_once_and_a_rejection_never(
    ask_then_auto: Pair,
) -> None:
    story = Story(ask_then_auto)
    ask_then_auto.rig.fail("primary")
    ask_then_auto.until_alarm(w.A_ASKING)
    number = asked(ask_then_auto)
    assert ask_then_auto.ask(w.REJECT, number=number)["verdict"] == w.DONE
    ask_then_auto.pass_ms(APPROVE_S * 1000 + STILL_MS)
    assert (ask_then_auto.active(), story.moves()) == ("primary", [])
    assert ask_then_auto.ask(w.APPROVE, number=number)["verdict"] == w.DONE
    assert ask_then_auto.active() == "spare"


# -- manual ---------------------------------------------------------------------------------------------------------


def test_in_manual_a_failover_is_never_done_alone_and_nobody_is_asked(
    manual: Pair, capfd: pytest.CaptureFixture[str]
) -> None:
    desk, story = Desk(manual, capfd), Story(manual)
    manual.rig.fail("primary")
    status = manual.until_alarm(w.A_PRIMARY_FAILED | w.A_INHIBITED)
    assert status["inhibitors"] == w.I_MANUAL
    assert not status["alarms"] & w.A_ASKING
    manual.pass_ms(STILL_MS)
    assert (manual.active(), story.moves()) == ("primary", [])
    (row,) = desk.json("explain")["inhibitors"]
    assert row == {
        "inhibitor": "autonomy is manual",
        "ends": f"hotspare approve {asked(manual)}, or another autonomy",
    }
    assert desk.run("switchover") == exits.FAILED
    assert "outranked: by SF-W (primary failed), itself held back: autonomy is manual (hotspare approve ID" in desk.err
    assert desk.run("approve", str(asked(manual))) == exits.OK
    assert manual.active() == "spare"


# -- shadow ---------------------------------------------------------------------------------------------------------


def test_in_shadow_it_is_recorded_once_what_would_have_been_done_and_how_long_it_would_have_taken(
    shadow: Pair, capfd: pytest.CaptureFixture[str]
) -> None:
    desk, story = Desk(shadow, capfd), Story(shadow)
    shadow.rig.stop("primary")  # and the beacon, which it feeds: silence on every path
    status = shadow.until_alarm(w.A_PRIMARY_FAILED | w.A_INHIBITED)
    assert status["inhibitors"] == w.I_SHADOW
    shadow.pass_ms(STILL_MS)
    assert (shadow.active(), story.moves()) == ("primary", []), "the line stays with a unit that has no power"
    ((_, what, took_ms),) = [event for event in story.events() if event[0] == w.E_WOULD]
    assert (what & 255, what >> 8) == (0, asked(shadow))
    dead_ms = shadow.group.setting("interval_ms") * shadow.group.setting("beats")
    switching_ms = budget.of(shadow.group).switching_ms
    assert dead_ms <= took_ms - switching_ms <= dead_ms + STEP_MS_MAX
    (text,) = [it["text"] for it in desk.json("log")["events"] if it["event"] == "would have switched"]
    assert text == f"id {what >> 8}, spare on line primary, {took_ms} ms after the failure"
