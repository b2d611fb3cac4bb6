"""What a rig is made of, as plain frozen data that travels as JSON: no behaviour, no devices, no wiring numbers."""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass, field
from typing import Any, get_args

from hotspare.errors import ConfigurationInvalid
from hotspare.roles import HOOK_LIMIT_MS

FALLS = "falls"
LATCHING = "latching"
POLES_MAX = 4

# an end of a serial cable: (board, "uart0", "uart1" or "host") or (unit, "agent"); (unit, "direct"): its second agent's
End = tuple[str, str]


@dataclass(frozen=True)
class UnitPlan:
    """A unit: boots for `boot_ms`, then its agent reports from wire address `address` over `agent_cable`.

    Its hook for a role takes `drain_ms` or `active_ms`, and has failed when it takes longer than `hook_limit_ms`.
    """

    name: str
    address: int
    agent_interval_ms: int
    agent_cable: str | None
    boot_ms: int = 500
    hold_up_us: int = 16_000  # how long it runs on when the start relay that feeds it, if any, opens
    drain_ms: int = 0
    active_ms: int = 0
    hook_limit_ms: int = HOOK_LIMIT_MS


@dataclass(frozen=True)
class BoardPlan:
    """A board; `flash` holds files put on its filesystem at first start, over those of the firmware."""

    name: str
    kind: str = "pico"
    flash: dict[str, bytes] = field(default_factory=dict)
    fed_by: str | None = None  # the unit whose power feeds it
    ticks_start_ms: int | None = None  # where its millisecond ticks begin; None: drawn, often just before the wrap
    drift_ppm: int = 0  # how much its clock runs fast
    pins: dict[str, int] = field(default_factory=dict)  # numbers of those that stand elsewhere than its wiring says


@dataclass(frozen=True)
class SerialCable:
    """A serial cable between two ends; `baud` is what an agent at one of them speaks."""

    name: str
    a: End
    b: End
    baud: int = 115_200


@dataclass(frozen=True)
class PulseCable:
    """Two wires: each board's pulse output to the other's pulse input."""

    name: str
    a: str
    b: str


@dataclass(frozen=True)
class NetworkCable:
    """A network between two boards, each with the address, as in 10.0.0.1:4700, at which the other finds it."""

    name: str
    a: str
    b: str
    a_address: str
    b_address: str


@dataclass(frozen=True)
class ContactCable:
    """Two wires from a dry contact of a unit, closed while its service runs, to the pin `contact` of a board."""

    name: str
    unit: str
    board: str


# Of every relay: operate and release times end at the first touch of the contact moved to; the contact moved from opens
# `transfer_us` earlier (break before make), and the touched one chatters for `bounce_us`. `through` names the relay of
# the line that comes before in the cascade of the spare's feed.


@dataclass(frozen=True)
class ChangeoverRelay:
    """A force-guided form-C contact a pole that gives `line` to `primary` or `spare`.

    A latching relay returns to where it was when its pulse was shorter than `pulse_min_us`.
    """

    name: str
    board: str
    line: str
    primary: str
    spare: str
    retention: str = FALLS
    operate_us: int = 8_000
    release_us: int = 6_000
    bounce_us: int = 1_500
    transfer_us: int = 2_500
    pulse_min_us: int = 10_000
    poles: int = 1
    through: str | None = None


@dataclass(frozen=True)
class InterlockedRelay:
    """Two contactors, at rest open; with `mirrors` each coil is wired through the other's, and both are read back."""

    name: str
    board: str
    line: str
    primary: str
    spare: str
    operate_us: int = 8_000
    release_us: int = 6_000
    bounce_us: int = 1_500
    transfer_us: int = 2_500
    through: str | None = None
    mirrors: bool = True


@dataclass(frozen=True)
class FencedRelay:
    """A normally closed fence contact between primary and line; the spare's contact is wired through the fence."""

    name: str
    board: str
    line: str
    primary: str
    spare: str
    operate_us: int = 8_000
    release_us: int = 6_000
    bounce_us: int = 1_500
    transfer_us: int = 2_500
    through: str | None = None


@dataclass(frozen=True)
class StartRelay:
    """A normally open contact that feeds a unit, which is off without it."""

    name: str
    board: str
    unit: str
    pin: str = "start"
    operate_us: int = 8_000
    release_us: int = 6_000
    bounce_us: int = 1_500
    transfer_us: int = 2_500


@dataclass(frozen=True)
class AlarmRelay:
    """A relay that its board holds energised while all is well, fed from the board."""

    name: str
    board: str
    pin: str = "alarm"


Cable = SerialCable | PulseCable | ContactCable | NetworkCable
LineRelay = ChangeoverRelay | InterlockedRelay | FencedRelay
Relay = LineRelay | StartRelay | AlarmRelay


@dataclass(frozen=True)
class RigPlan:
    """A whole rig."""

    units: tuple[UnitPlan, ...] = ()
    boards: tuple[BoardPlan, ...] = ()
    cables: tuple[Cable, ...] = ()
    relays: tuple[Relay, ...] = ()


class PlanError(ConfigurationInvalid):
    """A plan that can not be built; the message says what to mend."""


_KINDS: dict[str, type[Any]] = {cls.__name__: cls for cls in (UnitPlan, BoardPlan, *get_args(Cable), *get_args(Relay))}
_PARTS = ("units", "boards", "cables", "relays")


def to_plain(plan: RigPlan) -> dict[str, Any]:
    """Return the plan as what JSON can carry."""
    return {part: [_part_to_plain(item) for item in getattr(plan, part)] for part in _PARTS}


def from_plain(plain: dict[str, Any]) -> RigPlan:
    """Return the plan that `to_plain` made `plain` from; raises PlanError."""
    try:
        return RigPlan(**{part: tuple(_part_from_plain(item) for item in plain[part]) for part in _PARTS})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PlanError(f"this is not a plan of a rig: {error!r}") from error


def _part_to_plain(part: Any) -> dict[str, Any]:
    values = asdict(part)
    if "flash" in values:
        values["flash"] = {path: base64.b64encode(data).decode() for path, data in values["flash"].items()}
    return {"is": type(part).__name__, **values}


def _part_from_plain(values: dict[str, Any]) -> Any:
    kind = _KINDS[values["is"]]
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items() if key != "is"}
    if "flash" in values:
        values["flash"] = {path: base64.b64decode(data) for path, data in values["flash"].items()}
    return kind(**values)


def verify(plan: RigPlan) -> None:
    """Raise PlanError when names are used twice or a part names another that is not there."""
    boards = _names(plan.boards, "board")
    units = _names(plan.units, "unit")
    _names(plan.cables, "cable")
    _names(plan.relays, "relay")
    for board in plan.boards:
        if board.fed_by is not None and board.fed_by not in units:
            raise PlanError(f"board {board.name} is fed by {board.fed_by}, which is no unit")
    ends: set[End] = set()
    for cable in plan.cables:
        _verify_cable(cable, boards, units, ends)
    for place, relay in enumerate(plan.relays):
        if relay.board not in boards:
            raise PlanError(f"relay {relay.name} is driven by {relay.board}, which is no board")
        if isinstance(relay, LineRelay):
            _verify_line(relay, plan.relays[:place], units)
        elif isinstance(relay, StartRelay):
            _verify_start(relay, plan, units)
        if not isinstance(relay, AlarmRelay) and not 0 < relay.transfer_us <= min(relay.operate_us, relay.release_us):
            raise PlanError(f"relay {relay.name}: the transfer takes part of the operate and of the release time")
    cables = {cable.name: cable for cable in plan.cables}
    for unit in plan.units:
        found = cables.get(unit.agent_cable) if unit.agent_cable is not None else None
        if unit.agent_cable is not None and not (
            isinstance(found, SerialCable) and (unit.name, "agent") in (found.a, found.b)
        ):
            raise PlanError(f"unit {unit.name}: its agent's cable {unit.agent_cable} does not end at the unit")


def _names(parts: tuple[Any, ...], what: str) -> set[str]:
    names: set[str] = set()
    for part in parts:
        if part.name in names:
            raise PlanError(f"two {what}s are called {part.name}")
        names.add(part.name)
    return names


def _verify_cable(cable: Cable, boards: set[str], units: set[str], ends: set[End]) -> None:
    pair: tuple[End, ...]
    if isinstance(cable, PulseCable):
        pair = ((cable.a, "pulse"), (cable.b, "pulse"))
    elif isinstance(cable, NetworkCable):
        pair = ((cable.a, "network"), (cable.b, "network"))
    elif isinstance(cable, ContactCable):
        pair = ((cable.board, "contact"),)
        if cable.unit not in units:
            raise PlanError(f"cable {cable.name}: {cable.unit} is no unit")
    else:
        pair = (cable.a, cable.b)
        if cable.baud <= 0:
            raise PlanError(f"cable {cable.name}: {cable.baud} baud carries nothing")
    for name, port in pair:
        known = port in ("uart0", "uart1", "host", "pulse", "contact", "network") and name in boards
        if not known and not (port in ("agent", "direct") and name in units):
            raise PlanError(f"cable {cable.name}: {name} has no port {port}")
        if (name, port) in ends:
            raise PlanError(f"cable {cable.name}: {port} of {name} has a cable already")
        ends.add((name, port))


def _verify_line(relay: LineRelay, before: tuple[Relay, ...], units: set[str]) -> None:
    for unit in (relay.primary, relay.spare):
        if unit not in units:
            raise PlanError(f"relay {relay.name} connects {unit}, which is no unit")
    if isinstance(relay, ChangeoverRelay):
        if relay.retention not in (FALLS, LATCHING):
            raise PlanError(f"relay {relay.name}: retention is {FALLS} or {LATCHING}, not {relay.retention}")
        if not 1 <= relay.poles <= POLES_MAX:
            raise PlanError(f"relay {relay.name} has 1 to {POLES_MAX} poles, not {relay.poles}")
    if relay.through is None:
        return
    lines = [other for other in before if isinstance(other, LineRelay)]
    found = next((other for other in lines if other.name == relay.through), None)
    if found is None or (found.spare, _poles(found)) != (relay.spare, _poles(relay)):
        raise PlanError(f"relay {relay.name}: {relay.through} is no earlier relay of that spare and as many poles")
    if any(other.through == relay.through for other in lines):
        raise PlanError(f"relay {relay.name}: the spare's feed goes on from {relay.through} already")


def _poles(relay: LineRelay) -> int:
    return relay.poles if isinstance(relay, ChangeoverRelay) else 1


def _verify_start(relay: StartRelay, plan: RigPlan, units: set[str]) -> None:
    if relay.unit not in units:
        raise PlanError(f"relay {relay.name} feeds {relay.unit}, which is no unit")
    if sum(isinstance(other, StartRelay) and other.unit == relay.unit for other in plan.relays) > 1:
        raise PlanError(f"relay {relay.name}: {relay.unit} is fed through another relay too")
    if any(board.name == relay.board and board.fed_by == relay.unit for board in plan.boards):
        raise PlanError(f"relay {relay.name}: {relay.board} is fed by {relay.unit} and could never start it")
