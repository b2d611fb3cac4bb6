"""The timing budget of a group, from its configuration alone: arithmetic, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspare import autonomy, chain, chips, noise, path_times, wiretime, wiring
from hotspare_engine import switching
from hotspare_engine.roles import POWER_REST_MS

if TYPE_CHECKING:
    from hotspare.configuration import Group

MEDIAN_SAVES = 0.45  # of an interval, by which the median detection is sooner than the worst
BURST_FACTOR = 8  # a path that is silent for so many mean bursts is taken to be dead, not noisy
COIL_REST_LEAST_MS = 1  # between two tries, where coil_min_ms is 0


@dataclass(frozen=True)
class Cause:
    """A way to fail, and how soon it is detected."""

    name: str
    median_ms: float
    worst_ms: float


@dataclass(frozen=True)
class Term:
    """One part of a sum of times."""

    name: str
    ms: float


@dataclass(frozen=True)
class Budget:
    """All times of a group. `fall` is empty where no reset moves the load.

    `approval_ms` is what a person gets to answer, None for as long as it takes: then no sum holds the person's time.
    """

    group: str
    paths: tuple[path_times.Path, ...]
    sources: dict[str, dict[str, tuple[str, ...]]]  # by primary
    causes: tuple[Cause, ...]
    hold_off_ms: int
    decision_ms: int
    approval_ms: int | None
    switching: tuple[Term, ...]
    ready: tuple[Term, ...]  # what the spare is waited for before it is connected
    drain_ms: int  # what a planned release waits for the unit that is released
    relay_fault_ms: int
    fall: tuple[Term, ...]
    noise: tuple[noise.Noise, ...]
    burst_ms: float
    stall_adds_ms: int

    @property
    def switching_ms(self) -> float:
        """Longest time from decision to a contact that is seen."""
        return sum(term.ms for term in self.switching)

    @property
    def ready_ms(self) -> float:
        """Longest time that the spare is waited for."""
        return sum(term.ms for term in self.ready)

    @property
    def failover_worst_ms(self) -> float:
        """Longest time from any cause to the spare's contact."""
        detection_ms = max(cause.worst_ms for cause in self.causes)
        return (
            detection_ms
            + self.hold_off_ms
            + self.decision_ms
            + (self.approval_ms or 0)
            + self.ready_ms
            + self.switching_ms
        )

    @property
    def fall_ms(self) -> float:
        """Longest time from a hang of the controller, while the spare carries the line, until it carries it again."""
        return sum(term.ms for term in self.fall)


def detection(interval_ms: int, beats: int, wires_ms: float) -> tuple[float, float]:
    """Return the limits of detecting silence, median and worst."""
    return (beats - MEDIAN_SAVES) * interval_ms + wires_ms, beats * interval_ms + wires_ms


def of(group: Group) -> Budget:
    """Return the budget of a group."""
    interval_ms, beats = path_times.beat_of(group, "")
    places = range(len(group.primaries))
    paths = tuple(path for place in places for path in path_times.paths_of(group, place))
    return Budget(
        group=group.name,
        paths=paths,
        sources={group.primaries[place]: path_times.sources_of(group, place) for place in places},
        causes=tuple(cause for place in places for cause in _causes(group, place)),
        hold_off_ms=group.setting("hold_off_ms"),
        decision_ms=chips.DECISION_MS,
        approval_ms=autonomy.approval_ms(group),
        switching=_relay(group),
        ready=_ready(group),
        drain_ms=group.setting("drain_s") * 1000,
        relay_fault_ms=relay_fault_ms(group),
        fall=_fall(group),
        noise=noise.of_paths(group, path_times.paths_of(group, places[-1])),
        burst_ms=interval_ms * beats / BURST_FACTOR,
        stall_adds_ms=interval_ms * beats,
    )


def _causes(group: Group, place: int) -> tuple[Cause, ...]:
    agent_ms, agent_beats = path_times.beat_of(group, "agent_")
    paths = path_times.paths_of(group, place)
    silence = [detection(path.interval_ms, path.beats, path.wire_ms) for path in paths]
    heartbeat_ms = max(path.wire_ms for path in paths if path.source == paths[0].source)
    told_ms = wiretime.wire_ms(wiretime.REPORT_SIZE, group.agent_baud) + heartbeat_ms
    name = group.primaries[place] if chain.is_chain(group) else "primary"
    return (
        # all its paths must be silent: the slowest one counts
        Cause(f"{name} and its board lose power", *(max(limits) for limits in zip(*silence, strict=True))),
        Cause(f"{name} hangs, its board lives", *detection(agent_ms, agent_beats, told_ms)),
        Cause(f"{name} says that it fails", told_ms, told_ms),
    )


def _relay(group: Group) -> tuple[Term, ...]:
    once = _one_line(group)
    if len(group.primaries) == 1:
        return once
    operate_ms, steady_ms = group.setting("operate_limit_ms"), group.setting("steady_ms")
    left = Term("the spare leaves the line of a lower priority", operate_ms + steady_ms)
    return left, Term("between two lines", group.setting("dead_time_ms")), *once


def _ready(group: Group) -> tuple[Term, ...]:
    return {
        "hot": (),
        "warm": (Term("the spare acknowledges that it is active", group.setting("ready_limit_ms")),),
        "cold": (Term("the spare is started and heard", group.setting("start_limit_s") * 1000),),
    }[group.standby]


def _one_line(group: Group) -> tuple[Term, ...]:
    operates = Term("relay operates", group.setting("operate_limit_ms"))
    rests = Term("contact rests", group.setting("steady_ms"))
    if group.switch == "changeover":
        return operates, rests
    opens = Term("contact of the other unit opens", group.setting("operate_limit_ms"))
    return opens, rests, Term("both are held open", group.setting("dead_time_ms")), operates, rests


def relay_fault_ms(group: Group) -> int:
    """Return how long after its first command a relay that does not operate is at fault, as `Switching` has it."""
    coil_min_ms = group.setting("coil_min_ms")
    try_ms = max(group.setting("operate_limit_ms"), coil_min_ms)
    tries = switching.TRIES_MAX
    return tries * try_ms + (tries - 1) * max(COIL_REST_LEAST_MS, coil_min_ms)


def primary_may_speak_ms(group: Group) -> int:
    """Return how long a controller that saved the spare waits after a reset for a primary that is well."""
    return 1 + group.setting("interval_ms") * group.setting("beats")


def _fall(group: Group) -> tuple[Term, ...]:
    if group.setting("retention"):  # a latching relay stays where it is
        return ()
    # both begin when the board has booted: the longer one counts
    hearing_ms = max(primary_may_speak_ms(group), group.setting("agent_interval_ms"))
    approval_ms = autonomy.approval_ms(group)
    return (
        Term("watchdog", group.watchdog_ms * wiring.of(group.boards[0].kind).watchdog_late_percent / 100),
        Term("board boots", chips.BOARD_BOOT_MS),
        Term("one dead time of the primary, spare is heard", hearing_ms),
        Term("decision on the chip", chips.DECISION_MS),
        *((Term("a person may answer", approval_ms),) if approval_ms else ()),
        *_ready(group),
        *_one_line(group),
    )


OUTCOME_MARGIN_MS = 3000


def outcome_ms_max(group: Group) -> int:
    """Return how long a host waits for an outcome: both moves of a switch, each tried twice, units, and a margin."""
    move_ms = group.setting("coil_min_ms") + group.setting("operate_limit_ms") + group.setting("steady_ms")
    units_ms = group.setting("drain_s") * 1000 + round(sum(term.ms for term in _ready(group)))
    if group.standby == "cold":  # one that still shuts down is stopped first
        units_ms += group.setting("stop_delay_s") * 1000 + POWER_REST_MS
    return units_ms + 4 * move_ms + group.setting("dead_time_ms") + group.setting("coil_pulse_ms") + OUTCOME_MARGIN_MS
