"""Setups: what groups are explored, with how many faults and asks in one schedule; plain data, and their bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_wire import configuration as c
from hotspare_wire import messages as m

BEACON, CONTROLLER = 1, 2  # addresses; the unit at each has the same number, counted from 1
BAUD = 115200
WATCHDOG_MS = 1000
KEY = bytes(range(1, 33))
# so that what takes long comes soon: a dead time of three beats, and four beats of grace, WTR and watchdog
SHORT = {
    "interval_ms": 300,
    "beats": 3,
    "agent_interval_ms": 300,
    "agent_beats": 3,
    "hold_off_ms": 0,
    "wtr_s": 1,
    "revertive": 1,
    "boot_grace_s": 1,
    "stay_min_s": 0,
    "attempts_max": 3,
}


@dataclass(frozen=True)
class Setup:
    """A pair that is explored. `judged` are the laws that must hold, None for all; `idle` can not be tested by it."""

    name: str
    values: dict[str, int] = field(default_factory=dict)
    faults: int = 2
    asks: int = 1
    judged: tuple[str, ...] | None = None
    idle: tuple[str, ...] = ()
    requests: tuple[int, ...] = (
        w.MS, w.MS_P, w.FS, w.FX, w.LO, w.OUT, w.CLEAR, w.CLEAR_RELAY, w.UNFENCE, w.ARM, w.DISARM,
    )  # fmt: skip

    @property
    def switch(self) -> int:
        """How units are kept apart."""
        return self.values.get("switch", w.CHANGEOVER)

    def settings(self) -> tuple[int, ...]:
        """Return the settings of the group."""
        chosen = list(settings.defaults())
        for name, value in {**SHORT, **self.values}.items():
            chosen[settings.index(name)] = value
        assert settings.first_bad(tuple(chosen)) < 0
        return tuple(chosen)

    def blob(self, address: int) -> bytes:
        """Return the configuration of a board."""
        controller = address == CONTROLLER
        role = m.ROLE_CONTROLLER | m.ROLE_SPARE if controller else 0
        name = (b"controller" if controller else b"beacon").ljust(m.NAME_SIZE, b"\0")
        peer = BEACON if controller else CONTROLLER
        board = (address, peer, role, address, c.B_NONE, c.AGENT_UART, BAUD, BAUD, WATCHDOG_MS, name)
        group = (b"pair".ljust(m.NAME_SIZE, b"\0"), 1, bytes(m.UNITS_MAX - 1), *self.settings())
        return c.pack(board, group)


PERSONS = (w.MS, w.MS_P, w.LO, w.OUT, w.CLEAR, w.APPROVE, w.REJECT)
SAFE = (
    Setup("changeover"),
    Setup("latching", {"retention": w.LATCHING}),
    Setup("interlocked", {"switch": w.INTERLOCKED}),
    Setup("fenced", {"switch": w.FENCED_FEED}),
    Setup("interlocked, warm", {"switch": w.INTERLOCKED, "standby": w.WARM}),
    # who asks acts on nothing in a time of its own
    Setup("changeover, asked", {"autonomy": w.ASK}, asks=2, idle=("L5",), requests=PERSONS),
)
UNPROVEN = Setup("unproven", {"switch": w.UNPROVEN}, judged=("L1",))
SETUPS = {setup.name: setup for setup in (*SAFE, UNPROVEN)}
