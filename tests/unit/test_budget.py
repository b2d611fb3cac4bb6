"""The budget: limits of detection, sums of times and false failovers, against figures that stand elsewhere."""

from __future__ import annotations

import pytest

from hotspare import budget, cautions, chips, noise, path_times, wiretime
from hotspare.configuration import Configuration
from hotspare_engine import timers
from hotspare_engine import words as w
from hotspare_engine.engine import Engine
from hotspare_wire import configuration as wire
from tests import files


@pytest.mark.parametrize(
    ("interval_ms", "beats", "median_ms", "worst_ms"),
    [(10, 3, 28.3, 32.8), (20, 3, 53.8, 62.8), (100, 5, 457.8, 502.8)],
)
def test_detection_is_within_the_limits_of_the_design(
    interval_ms: int, beats: int, median_ms: float, worst_ms: float
) -> None:
    group = files.pair({"group.pair.interval_ms": interval_ms, "group.pair.beats": beats}).groups[0]
    silence = budget.of(group).causes[0]
    assert silence.median_ms == pytest.approx(median_ms, abs=0.05)
    assert silence.worst_ms == pytest.approx(worst_ms, abs=0.05)


@pytest.mark.parametrize(
    ("interval_ms", "beats", "ber", "a_year"),
    [
        (100, 5, 1e-4, 6.3),
        (100, 5, 1e-5, 6.8e-5),
        (50, 3, 1e-4, 1.56e4),
        (50, 3, 1e-5, 16.6),
        (20, 5, 1e-4, 31.4),
        (20, 5, 1e-5, 3.4e-4),
        (10, 3, 1e-4, 7.8e4),
        (10, 3, 1e-5, 83),
    ],
)
def test_false_failovers_a_year_are_those_that_were_worked_out_by_hand(
    interval_ms: int, beats: int, ber: float, a_year: float
) -> None:
    found = noise.false_failovers_a_year(ber, interval_ms, beats, wiretime.HEARTBEAT_SIZE)
    assert found == pytest.approx(a_year, rel=0.05)


def test_paths_that_must_all_be_silent_fail_over_falsely_far_less_often() -> None:
    alone, together, agent = budget.of(files.pair().groups[0]).noise
    assert [ber for ber, _ in alone.a_year] == [1e-3, 1e-4, 1e-5, 1e-6, 1e-7]
    assert all(one > 100 * both for (_, one), (_, both) in zip(alone.a_year, together.a_year, strict=True))
    assert agent.name == "the agent's cable"


def test_a_heartbeat_fits_the_receive_fifo() -> None:
    assert wiretime.HEARTBEAT_SIZE == 32
    assert wiretime.wire_ms(32, 115_200) == pytest.approx(2.78, abs=0.01)


def test_the_least_interval_and_the_least_baud_just_fit() -> None:
    for baud in (1200, 9600, 115_200):
        least_ms = wiretime.interval_least_ms(32, baud)
        room = wiretime.SENT_EVERY * wiretime.LINE_SHARE
        assert wiretime.wire_ms(32, baud) <= room * least_ms
        assert wiretime.wire_ms(32, baud) > room * (least_ms - 1)
        assert wiretime.wire_ms(32, wiretime.baud_least(32, least_ms)) <= room * least_ms


def test_the_worst_case_is_the_slowest_detection_then_hold_off_then_the_decision_then_switching() -> None:
    times = budget.of(files.pair({"group.pair.hold_off_ms": 250, "group.pair.agent_interval_ms": 200}).groups[0])
    slowest = max(times.causes, key=lambda cause: cause.worst_ms)
    assert slowest.name == "primary hangs, its board lives"
    assert times.switching_ms == 65
    assert times.failover_worst_ms == pytest.approx(slowest.worst_ms + 250 + chips.DECISION_MS + 65)


def test_a_falling_relay_has_a_fall_and_a_latching_one_has_none() -> None:
    falls = budget.of(files.pair({"group.pair.watchdog_ms": 3000}).groups[0])
    assert falls.fall[0] == budget.Term("watchdog", 3000)
    assert falls.fall_ms == 3000 + chips.BOARD_BOOT_MS + 501 + chips.DECISION_MS + 65
    assert budget.of(files.pair({"group.pair.retention": "latching"}).groups[0]).fall == ()


AUTONOMIES = ["auto", "ask", "ask-then-auto", "manual", "shadow"]


def with_autonomy(word: str, **changes: object) -> Configuration:
    return files.pair({"group.pair.autonomy": word, "group.pair.approve_s": 90, **changes})


@pytest.mark.parametrize(("word", "approval_ms"), [*zip(AUTONOMIES, (0, None, 90_000, None, None), strict=True)])
def test_the_time_that_a_person_gets_is_in_the_worst_case_and_a_persons_own_time_is_in_no_sum(
    word: str, approval_ms: int | None
) -> None:
    alone, times = (budget.of(with_autonomy(it).groups[0]) for it in ("auto", word))
    assert times.approval_ms == approval_ms
    assert times.failover_worst_ms == pytest.approx(alone.failover_worst_ms + (approval_ms or 0))
    assert times.fall_ms == alone.fall_ms + (approval_ms or 0)
    if word == "ask-then-auto":
        assert budget.Term("a person may answer", 90_000) in times.fall


@pytest.mark.parametrize(
    ("word", "note"),
    [
        ("ask", "the time that a person takes is added to every failover (autonomy ask): hotspare approve"),
        ("manual", "no automatic failover (autonomy manual): hotspare approve, or hotspare switchover --force"),
        ("shadow", "no automatic failover (autonomy shadow)"),
        *[(word, "after a reset of the controller the line is on primary until its") for word in AUTONOMIES[1:]],
    ],
)
def test_what_an_autonomy_means_is_noted(word: str, note: str) -> None:
    pair = with_autonomy(word)
    assert any(found.startswith(note) for found in cautions.notes(pair.groups[0], pair))


def test_a_group_that_acts_alone_and_a_latching_relay_in_a_reset_have_no_note_of_autonomy() -> None:
    for pair in (with_autonomy("auto"), with_autonomy("ask-then-auto", **{"group.pair.retention": "latching"})):
        assert not any("autonomy" in found for found in cautions.notes(pair.groups[0], pair))


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({}, "a beacon failure is a failover: no path from primary to controller bypasses beacon"),
        ({}, "a dead controller gives the line back to primary"),
        ({"group.pair.retention": "latching"}, "a dead controller leaves the line where it is"),
        ({"board.beacon.crosslink_b": "none", "board.controller.crosslink_b": "none"}, "one path only"),
        ({"group.pair.on_silence": False}, "silence alone never switches"),
        ({}, "a path that loses more than 30 of 1000 beats (a bit error rate of about 1e-04) is noisy"),
        ({"group.pair.loss_max_permille": 100}, "more than 100 of 1000 beats (a bit error rate of about 4e-04)"),
        (
            {"board.beacon.crosslink_b": "none", "board.controller.crosslink_b": "none"},
            "primary: no pulse and no dry contact, which noise does not silence",
        ),
        ({"board.controller.fed_by": "spare"}, "controller loses power with spare: feed it from both racks"),
        ({"group.pair.dead_time_ms": 1}, "dead_time_ms is shorter than release_us + bounce_us"),
        ({"board.controller.kind": "esp32"}, "a reset of controller by its watchdog leaves its relay as it is until"),
        (
            {"board.beacon.kind": "pyboard"},
            "decision and boot were not measured on kind pyboard: they are those of pico",
        ),
        ({"group.pair.agent_baud": 9600}, "agent_baud = 9600: each agent needs it too, hotspare agent --baud 9600"),
        (
            {"group.pair.agent_interval_ms": 50},
            "agent_interval_ms = 50: each agent needs it too, hotspare agent --interval 50",
        ),
        ({"rig.operate_us": 70_000}, "every switch would fail there"),
        ({"rig.unit_boot_ms": 100_000}, "boot_grace_s is shorter than unit_boot_ms"),
    ],
)
def test_what_a_person_should_know_is_noted(changes: dict[str, object], note: str) -> None:
    pair = files.pair(changes)
    assert any(note in found for found in cautions.notes(pair.groups[0], pair))


def test_agents_that_need_nothing_but_the_defaults_are_not_noted() -> None:
    pair = files.pair()
    assert not any("each agent needs it" in note for note in cautions.notes(pair.groups[0], pair))


def test_F3_a_pulse_lets_a_death_behind_a_noisy_cable_be_a_failover_and_that_is_not_warned_of() -> None:
    pair = files.pair()
    assert not any("no pulse" in note for note in cautions.notes(pair.groups[0], pair))
    never = files.pair({"group.pair.loss_max_permille": 1000})
    assert any("no path is ever noisy" in warning for warning in cautions.warnings(never.groups[0]))
    assert not any("noisy" in note for note in cautions.notes(never.groups[0], never))
    assert not any("noisy" in warning for warning in cautions.warnings(pair.groups[0]))


def test_F3_false_failovers_at_bit_error_rates_that_make_every_path_noisy_are_held_back() -> None:
    alone, together, agent = budget.of(files.pair().groups[0]).noise
    assert alone.held == (1e-3, 1e-4)
    assert together.held == (), "the pulse is never noisy"
    assert agent.held == (1e-3, 1e-4)
    uarts = {"board.beacon.crosslink_b": "uart", "board.controller.crosslink_b": "uart", "unit.spare.agent": "host"}
    assert budget.of(files.pair({**uarts, "unit.primary.agent": "host"}).groups[0]).noise[1].held == (1e-3, 1e-4)


def test_beyond_nine_beats_one_more_must_be_lost_for_ten_and_those_of_hold_off_too() -> None:
    assert [noise.beats_lost(100, beats) for beats in (2, 5, 9, 10, 19, 50)] == [2, 5, 9, 11, 21, 55]
    assert noise.beats_lost(100, 5, hold_off_ms=200) == 7
    plain, waits = (budget.of(files.pair({"group.pair.hold_off_ms": ms}).groups[0]).noise for ms in (0, 200))
    for row, later in zip(plain, waits, strict=True):
        assert all(0 < rate < less / 10 for (_, less), (_, rate) in zip(row.a_year, later.a_year, strict=True))


def test_kinds_whose_pads_fall_in_a_reset_or_whose_relay_stays_anyway_get_no_note_on_it() -> None:
    for changes in (
        {"board.beacon.kind": "esp32"},
        {"board.controller.kind": "esp32", "group.pair.retention": "latching"},
    ):
        pair = files.pair(changes)
        assert not [note for note in cautions.notes(pair.groups[0], pair) if "leaves its relay as it is" in note]


def test_a_watchdog_that_may_bite_late_lengthens_the_fall() -> None:
    group = files.pair({"group.pair.watchdog_ms": 3000, "board.controller.kind": "pyboard"}).groups[0]
    assert budget.of(group).fall[0] == budget.Term("watchdog", 3000 * 1.88)


def test_a_controller_on_a_board_with_too_little_heap_is_warned_of() -> None:
    (warning,) = cautions.warnings(files.pair({"board.controller.kind": "pyboard"}).groups[0])
    assert warning.startswith("board.controller.kind = pyboard has about 100 KB of heap")
    assert cautions.warnings(files.pair({"board.beacon.kind": "pyboard"}).groups[0]) == []


def test_a_spare_that_is_heard_later_than_the_primary_may_speak_lengthens_the_fall() -> None:
    usual, late = (budget.of(files.pair(changes).groups[0]) for changes in ({}, {"group.pair.agent_interval_ms": 900}))
    assert late.fall_ms - usual.fall_ms == 900 - 501


def test_F35_after_a_reset_the_engine_waits_for_the_primary_as_long_as_check_counts() -> None:
    group = files.pair({"group.pair.interval_ms": 70, "group.pair.beats": 3}).groups[0]
    heartbeats = [(kind, 0, 1, 70, 3) for kind in (w.PATH_CROSSLINK_A, w.PATH_PULSE)]
    engine = Engine(group.settings, 1, 1, ((w.PATH_AGENT, 1, 101, 100, 5), *heartbeats))
    armed, none_selected, *rest = engine.saved()[1:]
    assert none_selected == w.NONE
    assert engine.resume((engine.saved()[0], armed, 0, *rest))
    assert engine.timers.left(timers.RESUME) == budget.primary_may_speak_ms(group)


def test_an_interval_that_a_hosts_query_does_not_fit_into_is_warned_of_with_the_chip_and_the_mend() -> None:
    (warning,) = cautions.warnings(files.pair({"group.pair.interval_ms": chips.INTERVAL_LEAST_MS - 1}).groups[0])
    assert warning.startswith(
        f"group.pair.interval_ms = {chips.INTERVAL_LEAST_MS - 1} is short for an RP2040 (kind pico)"
    )
    assert "while a host asks" in warning
    assert "a false failover is possible" in warning
    assert warning.endswith(f"raise interval_ms to {chips.INTERVAL_LEAST_MS} or more")
    assert cautions.warnings(files.pair({"group.pair.interval_ms": chips.INTERVAL_LEAST_MS}).groups[0]) == []


def test_the_wait_for_an_outcome_outlasts_a_switch_with_retries() -> None:
    group = files.pair({"group.pair.operate_limit_ms": 5000, "group.pair.coil_min_ms": 10_000}).groups[0]
    assert budget.outcome_ms_max(group) > 2 * (10_000 + 5000) * 2


def test_the_watchdog_of_the_file_is_one_that_the_chip_has() -> None:
    assert {name: most for name, _, most in wire.LIMITS}["watchdog_ms"] == 8388


CONTACT, DIRECT = {"unit.primary.contact": True}, {"unit.primary.agent_direct": True, "unit.spare.agent": "host"}


@pytest.mark.parametrize(
    ("changes", "bypass"),
    [(CONTACT, ("contact",)), (DIRECT, ("direct-agent",)), (CONTACT | DIRECT, ("contact", "direct-agent"))],
)
def test_independence_is_counted_by_source(changes: dict[str, object], bypass: tuple[str, ...]) -> None:
    pair = files.pair(changes)
    assert path_times.sources_of(pair.groups[0]) == {"beacon": ("crosslink-a", "pulse"), "primary": bypass}
    notes = cautions.notes(pair.groups[0], pair)
    assert not any("a beacon failure is a failover" in note for note in notes)
    assert f"a beacon failure alone is no failover: {', '.join(bypass)} of primary bypasses beacon" in notes
    assert any("that opens when primary fails or loses power" in note for note in notes) == ("contact" in bypass)


def test_without_a_bypass_there_is_one_source() -> None:
    assert path_times.sources_of(files.pair().groups[0]) == {"beacon": ("crosslink-a", "pulse")}


def test_detection_of_silence_takes_as_long_as_the_slowest_of_all_paths() -> None:
    slow = DIRECT | {"group.pair.agent_interval_ms": 300}
    usual, slower = (budget.of(files.pair(changes).groups[0]).causes[0] for changes in (DIRECT, slow))
    assert usual.worst_ms == pytest.approx(500 + wiretime.wire_ms(32, 115_200))
    assert slower.worst_ms == pytest.approx(1500 + wiretime.wire_ms(wiretime.REPORT_SIZE, 115_200))
    assert slower.median_ms == pytest.approx((5 - 0.45) * 300 + wiretime.wire_ms(wiretime.REPORT_SIZE, 115_200))


def test_noise_must_silence_every_source_and_never_opens_a_contact() -> None:
    plain, contact, direct = (budget.of(files.pair(changes).groups[0]).noise for changes in ({}, CONTACT, DIRECT))
    assert [row.name for row in contact] == ["crosslink-a, pulse, contact together", "the agent's cable"]
    assert {rate for _, rate in contact[0].a_year} == {0.0}
    assert [row.name for row in direct] == [
        "crosslink-a, pulse, direct-agent together",
        "both cables of the agent together",
    ]
    assert all(less < more for (_, less), (_, more) in zip(direct[0].a_year, plain[1].a_year, strict=True))
    assert all(less < more for (_, less), (_, more) in zip(direct[1].a_year, plain[2].a_year, strict=True))


def test_paths_of_one_interval_are_counted_together_as_they_were_worked_out_by_hand() -> None:
    group = files.pair().groups[0]
    paths = path_times.paths_of(group)
    for ber in noise.BIT_ERROR_RATES:
        for count in (1, 2):
            expected = noise.false_failovers_a_year(ber, 100, 5, wiretime.HEARTBEAT_SIZE, count)
            assert noise.together_a_year(ber, paths[:count]) == pytest.approx(expected, rel=1e-6)


def test_a_path_over_a_network_is_of_the_beacon_and_takes_as_long_as_a_network_may() -> None:
    pair = files.pair(
        {
            "board.beacon.kind": "esp32",
            "board.beacon.network": "10.0.0.1:4700",
            "board.controller.kind": "esp32",
            "board.controller.network": "10.0.0.2:4700",
        }
    )
    group = pair.groups[0]
    assert path_times.sources_of(group) == {"beacon": ("crosslink-a", "pulse", "network")}
    notes = cautions.notes(group, pair)
    assert any("a beacon failure is a failover" in note for note in notes)
    assert any("the network is taken to deliver a heartbeat within 10 ms" in note for note in notes)
    assert budget.of(group).causes[0].worst_ms == 500 + path_times.NETWORK_MS
