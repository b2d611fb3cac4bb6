"""The timing budget and the false failovers of a group, from its configuration alone: arithmetic, no I/O."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hotspare import autonomy, chain, options, standby, wiring
from hotspare_engine import switching
from hotspare_engine import words as w
from hotspare_engine.names import DIRECT_AGENT, PATH_NAMES
from hotspare_engine.path import QUIET_MS
from hotspare_engine.roles import POWER_REST_MS
from hotspare_wire import frame, messages

if TYPE_CHECKING:
    from hotspare.configuration import Board, Configuration, Group, Unit

BITS_A_BYTE = 10  # start, eight, stop
PERMILLE = 1000
SENT_EVERY = 0.9  # a beat goes out every 0.9 interval
LINE_SHARE = 0.5  # of the time between two beats, what a beat may take: the rest is for queries and their answers
MEDIAN_SAVES = 0.45  # of an interval, by which the median detection is sooner than the worst
BURST_FACTOR = 8  # a path that is silent for so many mean bursts is taken to be dead, not noisy
YEAR_MS = 365.25 * 24 * 3600 * 1000
BIT_ERROR_RATES = (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
# of boards, by their kinds, as measured on an emulated RP2040: docs/reference/on-the-chip.md
CHIPS = {"pico": "RP2040"}
MEASURED = "pico"  # the kind whose times stand for all
CONTROLLER_HEAP_KB = 148  # that a controller's firmware took there
BOARD_BOOT_MS = 6800  # reset to first beat of a controller: it compiles the firmware's files
DECISION_MS = 61  # the most that cause to coil took beyond the limit of detection: as a collection begins
QUERY_MS = 47  # the longest that a host's query took of one step
COLLECTION_MS = 24  # the longest collection of a controller under a key
BEAT_STEP_MS = 9  # that the step before it took, in which a beat goes out, in 99 of 100
INTERVAL_LEAST_MS = 50  # the shortest that a host's queries and collections fit into

EVENTS_A_PAGE = 100  # that one erase makes room for, rounded down
NETWORK_MS = 10.0  # that a datagram is taken to be on its way; the boards do not measure it
COIL_REST_LEAST_MS = 1  # between two tries, where coil_min_ms is 0


def size_on_wire(kind: int) -> int:
    """Return the bytes on the wire of a message without a rest."""
    return messages.body_size(kind) + frame.PAYLOAD_MIN + frame.WIRE_OVERHEAD


HEARTBEAT_SIZE = size_on_wire(messages.HEARTBEAT)
REPORT_SIZE = size_on_wire(messages.REPORT)


def wire_ms(size: int, baud: int) -> float:
    """Return how long `size` bytes take on a serial line."""
    return size * BITS_A_BYTE * 1000 / baud


def interval_least_ms(size: int, baud: int) -> int:
    """Return the shortest interval in which a frame of `size` bytes fits."""
    return math.ceil(wire_ms(size, baud) / (SENT_EVERY * LINE_SHARE))


def baud_least(size: int, interval_ms: int) -> int:
    """Return the lowest baud rate at which a frame of `size` bytes fits into the interval."""
    return math.ceil(size * BITS_A_BYTE * 1000 / (SENT_EVERY * LINE_SHARE * interval_ms))


@dataclass(frozen=True)
class Path:
    """A way on which the primary's heartbeat reaches the controller; `source` is who speaks on it."""

    name: str
    source: str
    wire_ms: float
    interval_ms: int
    beats: int
    frame_size: int  # 0: no frames, so that no bit error silences it

    @property
    def is_measured(self) -> bool:
        """Whether a board measures how many of its beats are lost."""
        return self.name not in (PATH_NAMES[w.PATH_PULSE], PATH_NAMES[w.PATH_CONTACT])


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
class Noise:
    """Expected false failovers a year on what `name` says, by bit error rate; those in `held` wait for a person."""

    name: str
    a_year: tuple[tuple[float, float], ...]
    held: tuple[float, ...] = ()


@dataclass(frozen=True)
class Budget:
    """All times of a group. `fall` is empty where no reset moves the load.

    `approval_ms` is what a person gets to answer, None for as long as it takes: then no sum holds the person's time.
    """

    group: str
    paths: tuple[Path, ...]
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
    noise: tuple[Noise, ...]
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


def paths_of(group: Group, place: int = 0) -> tuple[Path, ...]:
    """Return the paths from the primary at `place` to the controller."""
    beacon = group.chain[place]
    beat = _beat(group, "")
    forwarding_ms = chain.forwarding_ms(group, place) if chain.is_chain(group) else 0.0
    heartbeat_ms = wire_ms(HEARTBEAT_SIZE, group.baud) + forwarding_ms
    # each cable of a chain may damage the frame
    paths = [Path("crosslink-a", beacon.name, heartbeat_ms, *beat, HEARTBEAT_SIZE * (place + 1))]
    if beacon.crosslink_b == "uart":
        paths.append(Path("crosslink-b", beacon.name, heartbeat_ms, *beat, HEARTBEAT_SIZE))
    elif beacon.crosslink_b == "pulse":
        # a pulse is taken to be lost as often as a heartbeat
        paths.append(Path("pulse", beacon.name, 0.0, *beat, HEARTBEAT_SIZE))
    if beacon.network:
        # a datagram is taken to be lost as often as a heartbeat
        paths.append(Path(PATH_NAMES[w.PATH_NETWORK], beacon.name, NETWORK_MS, *beat, HEARTBEAT_SIZE))
    return (*paths, *_bypasses(group, group.units[place]))


def _bypasses(group: Group, unit: Unit) -> list[Path]:
    """Return the paths on which a primary itself is heard, past its beacon."""
    paths = []
    if unit.contact:
        paths.append(Path(PATH_NAMES[w.PATH_CONTACT], unit.name, 0.0, *_beat(group, ""), 0))
    if unit.agent_direct:
        report_ms = wire_ms(REPORT_SIZE, group.agent_baud)
        paths.append(Path(DIRECT_AGENT, unit.name, report_ms, *_beat(group, "agent_"), REPORT_SIZE))
    return paths


def _beat(group: Group, whose: str) -> tuple[int, int]:
    return group.setting(f"{whose}interval_ms"), group.setting(f"{whose}beats")


def sources_of(group: Group, place: int = 0) -> dict[str, tuple[str, ...]]:
    """Return the independent sources from which the controller hears of a primary, each with its paths."""
    paths = paths_of(group, place)
    return {
        source: tuple(it.name for it in paths if it.source == source)
        for source in dict.fromkeys(it.source for it in paths)
    }


def sent_ms(board: Board, group: Group) -> float:
    """Return how long the frames of one beat of a board are on its UARTs, one after another."""
    crosslinks = 1 + (board.crosslink_b == "uart")
    if chain.is_chain(group):
        crosslinks = chain.frames_sent(group, board.name)
    agents = sum(unit.board == board.name and unit.agent == "uart" for unit in group.units)
    agents += sum(unit.agent_direct for unit in group.units) * (board.name == group.controller)
    return crosslinks * wire_ms(HEARTBEAT_SIZE, group.baud) + agents * wire_ms(HEARTBEAT_SIZE, group.agent_baud)


def loss(ber: float, size: int) -> float:
    """Return the probability that a frame of `size` bytes is damaged."""
    return -math.expm1(size * BITS_A_BYTE * math.log1p(-ber))


def false_failovers_a_year(ber: float, interval_ms: int, beats: int, size: int, paths: int = 1) -> float:
    """Return how often a year noise alone silences all of `paths` independent paths at once."""
    lost = loss(ber, size) ** paths
    return YEAR_MS / (SENT_EVERY * interval_ms) * (1 - lost) * lost**beats


def together_a_year(ber: float, paths: Sequence[Path]) -> float:
    """Return how often a year noise alone silences all of these paths at once, each past its own dead time."""
    if not all(path.frame_size for path in paths):
        return 0.0
    losses = [loss(ber, path.frame_size) for path in paths]
    silent = math.prod(lost**path.beats for lost, path in zip(losses, paths, strict=True))
    return YEAR_MS / (SENT_EVERY * min(path.interval_ms for path in paths)) * (1 - math.prod(losses)) * silent


def _noises(group: Group, paths: tuple[Path, ...]) -> tuple[Noise, ...]:
    beacon = paths[0].source
    crosslinks = [path for path in paths if path.source == beacon]
    direct = [path for path in paths if path.source != beacon and path.frame_size]
    agent = Path("", "", 0.0, *_beat(group, "agent_"), REPORT_SIZE)
    rows = [(f"{paths[0].name} alone", paths[:1])] if len(crosslinks) == len(paths) else []
    if len(crosslinks) > 1 and len(crosslinks) == len(paths):
        rows.append(("all crosslinks together", paths))
    elif len(crosslinks) < len(paths):
        rows.append((f"{', '.join(path.name for path in paths)} together", paths))
    # a direct ok beats what a beacon infers from an agent's silence
    rows.append(("both cables of the agent together" if direct else "the agent's cable", (agent, *direct)))
    farthest = f"{group.primaries[-1]}: " if chain.is_chain(group) else ""
    return tuple(
        Noise(farthest + name, tuple((ber, together_a_year(ber, them)) for ber in BIT_ERROR_RATES), _held(group, them))
        for name, them in rows
    )


def _held(group: Group, paths: Sequence[Path]) -> tuple[float, ...]:
    """Return the bit error rates at which all of these paths are noisy."""
    limit = group.setting("loss_max_permille") / PERMILLE
    return tuple(
        ber for ber in BIT_ERROR_RATES if all(it.is_measured and loss(ber, it.frame_size) > limit for it in paths)
    )


def of(group: Group) -> Budget:
    """Return the budget of a group."""
    interval_ms, beats = _beat(group, "")
    places = range(len(group.primaries))
    paths = tuple(path for place in places for path in paths_of(group, place))
    return Budget(
        group=group.name,
        paths=paths,
        sources={group.primaries[place]: sources_of(group, place) for place in places},
        causes=tuple(cause for place in places for cause in _causes(group, place)),
        hold_off_ms=group.setting("hold_off_ms"),
        decision_ms=DECISION_MS,
        approval_ms=autonomy.approval_ms(group),
        switching=_relay(group),
        ready=_ready(group),
        drain_ms=group.setting("drain_s") * 1000,
        relay_fault_ms=relay_fault_ms(group),
        fall=_fall(group),
        noise=_noises(group, paths_of(group, places[-1])),
        burst_ms=interval_ms * beats / BURST_FACTOR,
        stall_adds_ms=interval_ms * beats,
    )


def _causes(group: Group, place: int) -> tuple[Cause, ...]:
    agent_ms, agent_beats = _beat(group, "agent_")
    paths = paths_of(group, place)
    silence = [detection(path.interval_ms, path.beats, path.wire_ms) for path in paths]
    heartbeat_ms = max(path.wire_ms for path in paths if path.source == paths[0].source)
    told_ms = wire_ms(REPORT_SIZE, group.agent_baud) + heartbeat_ms
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
        Term("board boots", BOARD_BOOT_MS),
        Term("one dead time of the primary, spare is heard", hearing_ms),
        Term("decision on the chip", DECISION_MS),
        *((Term("a person may answer", approval_ms),) if approval_ms else ()),
        *_ready(group),
        *_one_line(group),
    )


def warnings(group: Group) -> list[str]:
    """Return what makes a false failover likely on boards of the kinds that the group has."""
    controller = group.boards[0]
    heap_kb = wiring.of(controller.kind).heap_kb
    found = []
    if heap_kb < CONTROLLER_HEAP_KB:
        found.append(
            f"board.{controller.name}.kind = {controller.kind} has about {heap_kb} KB of heap, and a controller took "
            f"{CONTROLLER_HEAP_KB} KB on an {CHIPS[MEASURED]}: use it as a beacon"
        )
    if group.setting("loss_max_permille") == PERMILLE:
        found.append(
            f"group.{group.name}.loss_max_permille = {PERMILLE}: no path is ever noisy: noise that silences a unit's "
            f"paths is a failover"
        )
    return found + _short(group)


def _short(group: Group) -> list[str]:
    interval_ms = group.setting("interval_ms")
    if interval_ms >= INTERVAL_LEAST_MS:
        return []
    return [
        f"group.{group.name}.interval_ms = {interval_ms} is short for an {CHIPS[kind]} (kind {kind}): a step takes up "
        f"to {QUERY_MS} ms while a host asks; an own stall is blind time and sends no beat, so a false failover is "
        f"possible: raise interval_ms to {INTERVAL_LEAST_MS} or more"
        for kind in sorted({board.kind for board in group.boards} & CHIPS.keys())
    ]


def notes(group: Group, configuration: Configuration) -> list[str]:
    """Return what a person should know about the group before relying on it."""
    found = chain.notes(group) if chain.is_chain(group) else []
    for place in range(len(group.primaries)):
        found += _independence(group, place)
    found += _noisy(group)
    found.append(
        f"a board erases a page of its flash about once for {EVENTS_A_PAGE} events, less than once a day as a rule; it "
        f"says so first, and a failure in that moment is acted on up to {QUIET_MS} ms later"
    )
    found.append(_dead_controller(group))
    found += autonomy.notes(group) + standby.notes(group, configuration) + _cautions(group, configuration)
    return found + _of_kinds(group)


def _independence(group: Group, place: int) -> list[str]:
    primary = group.units[place]
    beacon, *others = sources_of(group, place).items()
    if not others:
        text = f"a beacon failure is a failover: no path from {primary.name} to {group.controller} bypasses {beacon[0]}"
        return [text]
    bypass = ", ".join(name for _, paths in others for name in paths)
    found = [f"a beacon failure alone is no failover: {bypass} of {primary.name} bypasses {beacon[0]}"]
    if primary.contact:
        found.append(
            f"while the contact of {primary.name} is closed, silence on all other paths switches nothing: wire one "
            f"that opens when {primary.name} fails or loses power"
        )
    return found


def _noisy(group: Group) -> list[str]:
    permille = group.setting("loss_max_permille")
    if permille == PERMILLE:
        return []
    ber = -math.expm1(math.log1p(-permille / PERMILLE) / (HEARTBEAT_SIZE * BITS_A_BYTE))
    alone = [
        primary
        for place, primary in enumerate(group.primaries)
        if all(path.is_measured for path in paths_of(group, place))
    ]
    text = (
        f"a path that loses more than {permille} of {PERMILLE} beats (a bit error rate of about {ber:.0e}) is noisy; a "
        f"unit that falls silent behind noisy paths alone waits for a person: hotspare approve"
    )
    advice = ", which noise does not silence: with one, its death behind a noisy cable is a failover"
    return [text + (f". {', '.join(alone)}: no pulse and no dry contact{advice}" if alone else "")]


def _of_kinds(group: Group) -> list[str]:
    controller = group.boards[0]
    it = wiring.of(controller.kind)
    found = []
    if it.keeps_pads and not group.setting("retention"):
        found.append(
            f"a reset of {controller.name} by its watchdog leaves its relay as it is until its firmware runs again "
            f"(kind {it.kind}); only a loss of power lets it fall at once"
        )
    others = sorted({board.kind for board in group.boards} - {MEASURED})
    if others:
        found.append(f"decision and boot were not measured on kind {', '.join(others)}: they are those of {MEASURED}")
    return found


def _dead_controller(group: Group) -> str:
    if chain.is_chain(group):
        return chain.dead_controller(group)
    if group.switch == "fenced":
        return f"a dead controller gives the line back to {group.primaries[0]}: its fence closes and cuts the spare off"
    if group.switch != "changeover":
        return "a dead controller opens both contacts: THE SERVICE IS LOST until it runs again (switch interlocked)"
    if group.setting("retention"):
        return "a dead controller leaves the line where it is (retention latching)"
    return f"a dead controller gives the line back to {group.primaries[0]} (retention falls)"


def _cautions(group: Group, configuration: Configuration) -> list[str]:
    found = []
    controller = next(board for board in group.boards if board.name == group.controller)
    if len(paths_of(group)) == 1 and not chain.is_chain(group):
        found.append("one path only: noise or one cut cable is silence on every path; set crosslink_b")
    if controller.network:
        found.append(
            f"the network is taken to deliver a heartbeat within {NETWORK_MS:.0f} ms; a path over it shares the "
            "beacon, and switches and access points on the way should be fed from both racks"
        )
    if not group.setting("on_silence"):
        found.append("silence alone never switches (on_silence = false): only a reported failure does")
    if controller.fed_by is not None:
        found.append(f"{controller.name} loses power with {controller.fed_by}: feed it from both racks")
    defaults = {option.name: option.default for option in options.of("group")}
    on_uart = any(unit.agent == "uart" for unit in group.units)
    for key, value, option, matters in (
        ("agent_baud", group.agent_baud, "--baud", on_uart),
        ("agent_interval_ms", group.setting("agent_interval_ms"), "--interval", True),
    ):
        if value != defaults[key] and matters:
            found.append(f"{key} = {value}: each agent needs it too, hotspare agent {option} {value}")
    if group.key is None:
        found.append(
            "frames are not signed: whoever can write on a cable, or reach a host port, can command the boards "
            "(hotspare key new)"
        )
    rig = configuration.rig
    if group.setting("dead_time_ms") * 1000 < rig.release_us + rig.bounce_us:
        found.append("dead_time_ms is shorter than release_us + bounce_us of [rig]")
    if group.setting("operate_limit_ms") * 1000 < max(rig.operate_us, rig.release_us) + rig.bounce_us:
        found.append("operate_limit_ms is shorter than a move and its bounce in [rig]: every switch would fail there")
    if group.setting("boot_grace_s") * 1000 < rig.unit_boot_ms:
        found.append("boot_grace_s is shorter than unit_boot_ms of [rig]: a unit that boots counts as failed")
    return found


OUTCOME_MARGIN_MS = 3000


def outcome_ms_max(group: Group) -> int:
    """Return how long a host waits for an outcome: both moves of a switch, each tried twice, units, and a margin."""
    move_ms = group.setting("coil_min_ms") + group.setting("operate_limit_ms") + group.setting("steady_ms")
    units_ms = group.setting("drain_s") * 1000 + round(sum(term.ms for term in _ready(group)))
    if group.standby == "cold":  # one that still shuts down is stopped first
        units_ms += group.setting("stop_delay_s") * 1000 + POWER_REST_MS
    return units_ms + 4 * move_ms + group.setting("dead_time_ms") + group.setting("coil_pulse_ms") + OUTCOME_MARGIN_MS
