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
    keys: str = ""  # of its agent, as hexadecimal digits with blanks between


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


@dataclass(frozen=True)
class ClientsPlan:
    """Clients of a line: one transaction every `transaction_us`, each takes `transaction_ms` and waits `timeout_ms`."""

    name: str
    line: str
    transaction_us: int = 1_000
    transaction_ms: int = 50
    timeout_ms: int = 30_000


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
    clients: tuple[ClientsPlan, ...] = ()


class PlanError(ConfigurationInvalid):
    """A plan that can not be built; the message says what to mend."""


_PLANS = (UnitPlan, BoardPlan, ClientsPlan, *get_args(Cable), *get_args(Relay))
_KINDS: dict[str, type[Any]] = {cls.__name__: cls for cls in _PLANS}
_PARTS = ("units", "boards", "cables", "relays", "clients")


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
