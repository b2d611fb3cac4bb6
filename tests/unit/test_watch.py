"""What a beacon believes: its own unit from the agent, and whether its controller is heard."""

from typing import Any

import pytest

from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_engine.watch import CONTROLLER, OWN, STATE_BEACON, Watch

AGENT, CROSSLINK = 0, 1
PATHS = ((w.PATH_AGENT, OWN, 100, 100, 5), (w.PATH_CROSSLINK_A, CONTROLLER, 2, 100, 5))


class Beacon:
    """A watch under virtual milliseconds; `agent` and `controller` are what they say, None for nothing."""

    def __init__(self, paths: Any = PATHS, **values: Any) -> None:
        chosen = list(settings.defaults())
        values.setdefault("boot_grace_s", 2)
        for name, value in values.items():
            chosen[settings.index(name)] = value
        self.values = tuple(chosen)
        self.watch = Watch(self.values, paths)
        self.agent: int | None = w.OK
        self.controller: int | None = w.UNKNOWN
        self.flags = w.ECHOED
        self.sends = 0
        self.now_ms = 0

    def run(self, ms: int) -> None:
        for _ in range(ms):
            self.now_ms += 1
            if self.now_ms % 90 == 0:
                if self.agent is not None:
                    self.watch.heard(AGENT, self.agent, w.ECHOED, 2)
                if self.controller is not None:
                    self.watch.heard(CROSSLINK, self.controller, self.flags)
            self.watch.elapsed(1)
            outbox = self.watch.outbox
            self.sends += sum(outbox.row(place)[0] == w.SEND for place in range(outbox.count))
            assert all(outbox.row(place)[0] in (w.SEND, w.RECORD) for place in range(outbox.count))
            outbox.clear()
            assert self.watch.next_ms() > 0


def test_a_beacon_says_what_its_agent_says_and_at_once() -> None:
    beacon = Beacon()
    beacon.run(200)
    assert (beacon.watch.own_health(), beacon.watch.alarms) == (w.OK, 0)
    sends = beacon.sends
    beacon.agent = w.FAILED
    beacon.run(90)
    assert beacon.watch.own_health() == w.FAILED
    assert beacon.sends > sends
    assert beacon.watch.alarms == w.A_PRIMARY_FAILED


def test_a_beacon_whose_agent_falls_silent_says_that_its_unit_failed() -> None:
    beacon = Beacon()
    beacon.run(200)
    beacon.agent = None
    beacon.run(600)
    assert beacon.watch.own_health() == w.FAILED


def test_F38_a_beacon_says_unknown_until_it_heard_its_agent_or_its_grace_is_over() -> None:
    beacon = Beacon()
    beacon.agent = None
    beacon.run(1900)
    assert beacon.watch.own_health() == w.UNKNOWN
    beacon.run(200)
    assert beacon.watch.own_health() == w.FAILED


def test_F26_F42_a_beacon_times_the_planned_stop_of_its_unit() -> None:
    beacon = Beacon()
    beacon.run(200)
    beacon.agent = w.LEAVING
    beacon.run(100)
    beacon.agent = None
    beacon.run(1700)
    assert beacon.watch.own_health() == w.LEAVING
    beacon.run(400)
    assert beacon.watch.own_health() == w.FAILED


def test_F35_a_beacon_that_does_not_hear_its_controller_alarms_and_its_unit_stays_ok() -> None:
    beacon = Beacon()
    beacon.run(200)
    beacon.controller = None
    beacon.run(600)
    assert beacon.watch.alarms == w.A_CONTROLLER_SILENT | w.A_PATH
    assert beacon.watch.own_health() == w.OK
    beacon.controller = w.FAILED
    beacon.run(100)
    assert beacon.watch.alarms == 0, "a controller that is heard is well, whatever its unit is"


def test_F22_a_beacon_alarms_a_conflict_and_forgets_it() -> None:
    beacon = Beacon()
    beacon.flags |= w.CONFLICT | w.DIFFERS
    beacon.run(200)
    assert beacon.watch.alarms == w.A_CONFLICT | w.A_DIFFERS
    beacon.flags = w.ECHOED
    beacon.run(5100)
    assert beacon.watch.alarms == 0


def test_a_beacon_that_stalls_alarms_for_a_while_and_blames_nobody() -> None:
    beacon = Beacon()
    beacon.run(200)
    beacon.watch.elapsed(3000)
    assert beacon.watch.alarms == w.A_STALLED
    beacon.run(10_100)
    assert (beacon.watch.alarms, beacon.watch.stalls) == (0, 1)


def test_a_beacon_decides_nothing_and_says_so() -> None:
    watch = Beacon().watch
    watch.asked(7, w.FS, 0, 0, 0, 0)
    assert watch.outbox.row(0)[:3] == (w.REPLY, 7, w.NOT_CONTROLLER)
    assert (watch.state, watch.saved(), watch.resume(())) == (STATE_BEACON, (), True)


def test_what_the_controller_tells_is_sent_on_when_it_changed() -> None:
    beacon = Beacon()
    beacon.run(200)
    sends = beacon.sends
    beacon.watch.told(0, 1)
    assert beacon.watch.next_ms() == 0
    beacon.watch.elapsed(1)
    beacon.watch.told(0, 1)
    beacon.run(50)
    assert (beacon.watch.selected, beacon.watch.armed) == (0, 1)
    assert beacon.sends == sends + 1


def test_a_board_without_paths_says_that_it_is_not_configured() -> None:
    watch = Watch(settings.defaults(), ())
    for _ in range(100):
        watch.elapsed(10)
    assert watch.alarms == w.A_UNCONFIGURED


def test_a_restored_beacon_has_the_same_future() -> None:
    beacon = Beacon()
    beacon.run(150)
    beacon.agent = w.LEAVING
    beacon.run(100)
    twin = Watch(beacon.values, PATHS)
    twin.restore(beacon.watch.snapshot())
    for _ in range(4000):
        for watch in (beacon.watch, twin):
            watch.elapsed(1)
            watch.outbox.clear()
        assert twin.snapshot() == beacon.watch.snapshot()


def heard(watch: Watch, path: int, flags: int = w.ECHOED) -> None:
    watch.heard(path, w.OK, flags)
    watch.elapsed(1)
    watch.outbox.clear()


@pytest.mark.parametrize(
    ("before", "now", "news"),
    [
        ((0, 1, w.ACTIVE), (0, 1, w.ACTIVE), False),
        ((0, 1, w.ACTIVE), (w.NONE, 1, w.ACTIVE), True),
        ((0, 1, w.ACTIVE), (0, 0, w.ACTIVE), True),
        ((0, 1, w.ACTIVE), (0, 1, w.STANDBY), True),
        ((0, 1, w.ACTIVE), (0, 1, w.NOT_TOLD), False),
        ((0, 1, w.NOT_TOLD), (0, 1, w.ACTIVE), True),
    ],
)
def test_what_the_controller_says_is_news_when_any_of_it_changed(
    before: tuple[int, int, int], now: tuple[int, int, int], news: bool
) -> None:
    watch = Beacon().watch
    watch.told(*before)
    watch.elapsed(1)
    assert watch.next_ms() > 0
    watch.told(*now)
    assert (watch.next_ms() == 0) == news
    assert (watch.selected, watch.armed) == now[:2]
    assert watch.role == (now[2] or before[2]), "a controller that does not say a role takes none back"


def test_the_unit_is_told_its_role_and_others_what_it_acknowledges() -> None:
    watch = Beacon().watch
    watch.told(0, 1, w.STANDBY)
    heard(watch, AGENT, w.ECHOED | w.ACTIVE << w.ROLE_SHIFT)
    heard(watch, CROSSLINK)
    assert (watch.role_of(AGENT), watch.role_of(CROSSLINK)) == (w.STANDBY, w.ACTIVE)
    assert watch.role_bytes() == [w.STANDBY | w.ACTIVE << 4]
    before = watch.roles_told()
    heard(watch, AGENT, w.ECHOED | w.STANDBY << w.ROLE_SHIFT)
    assert watch.role_bytes() == [w.STANDBY | w.STANDBY << 4]
    assert watch.roles_told() != before
    for _ in range(6):
        watch.elapsed(100)
    assert watch.role_bytes() == [w.STANDBY | w.NOT_TOLD << 4], "who is silent acknowledges nothing"


def test_a_beacon_that_is_asked_answers_once_that_only_a_controller_decides() -> None:
    watch = Beacon().watch
    watch.asked(77, w.MS, 0, 0, 0, 0)
    assert [watch.outbox.row(place) for place in range(watch.outbox.count)] == [
        (w.REPLY, 77, w.NOT_CONTROLLER, 0, w.NONE, 0, 0)
    ]


def test_a_stop_that_the_agent_announces_without_a_duration_is_given_the_longest_one() -> None:
    watch = Beacon(leaving_max_s=7).watch
    heard(watch, AGENT)
    watch.heard(AGENT, w.LEAVING, w.ECHOED)
    watch.elapsed(1)
    assert watch.health.units[OWN].leaving_ms == 7000


def test_a_beacon_says_that_its_unit_is_degraded_or_silent_behind_noise_and_neither_when_it_is_well() -> None:
    watch = Beacon().watch
    heard(watch, AGENT)
    assert watch.own_flags() == 0
    watch.heard(AGENT, w.IMPAIRED, w.ECHOED)
    watch.elapsed(1)
    assert watch.own_flags() == w.DEGRADED
    watch.health.paths[AGENT].noisy = 1
    for _ in range(6):
        watch.elapsed(100)
    assert watch.own_health() == w.FAILED
    assert watch.own_flags() == w.NOISY
