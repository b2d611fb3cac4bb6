"""Codes in words: what a board sends as numbers, as people read it; from the tables of names, no I/O."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hotspare_engine import names
from hotspare_engine import words as w
from hotspare_wire import frame, messages

UNREAD = 255  # a position that was not read yet, and a line or unit that is none
STATE_OF_BEACON = 255
FLAPS = "fails again and again"
BEACON_REPORTS = "its beacon reports it"

KEY_TROUBLES = {
    messages.KEY_OTHER: "the neighbour holds another key",
    messages.KEY_NONE: "the neighbour holds no key, and this board does",
    messages.KEY_OURS: "the neighbour holds a key, and this board none",
}

REQUEST_NAMES = {code: name for code, name, _, _ in names.REQUESTS} | {code: name for code, name, _ in names.ASKS}
REQUEST_MEANINGS = {code: text for code, _, _, text in names.REQUESTS} | {code: text for code, _, text in names.ASKS}
EVENT_NAMES = {code: name for code, name, _, _ in names.EVENTS}
MEANINGS = {name: text for code, name, _, text in names.REQUESTS if code != w.NR}  # nothing is to be said of none
STANDS = {w.I_LOCKOUT: (w.LO,), w.I_OUT: (w.OUT,), w.I_FORCED: (w.FS, w.FX)}  # which standing requests hold back so


def pick(table: Sequence[str], code: int) -> str:
    """Return the name of a code, or the code of a newer firmware as it is."""
    return table[code] if 0 <= code < len(table) else f"code {code}"


def request_name(code: int) -> str:
    """Return what a request is called; `none` for 0 and for what is no request."""
    return REQUEST_NAMES.get(code, "none" if code <= 0 else f"code {code}")


def request_meaning(code: int) -> str:
    """Return what a request is, in words."""
    return REQUEST_MEANINGS.get(code, request_name(code))


def with_meaning(name: str) -> str:
    """Return a request's name and what it is."""
    return f"{name} ({MEANINGS[name]})" if name in MEANINGS else name


def position_name(code: int) -> str:
    """Return what the read-backs of a line say."""
    return "not read" if code in (UNREAD, w.NONE) else pick(names.POSITION_NAMES, code)


def state_name(code: int) -> str:
    """Return the state of a group; a beacon has none."""
    return "beacon" if code == STATE_OF_BEACON else pick(names.STATE_NAMES, code)


def role_name(code: int) -> str | None:
    """Return a role as it is told or acknowledged; None for none."""
    if not code:
        return None
    failed = " (its hook failed)" if code & w.ROLE_FAILED else ""
    return pick(names.ROLE_NAMES, code % w.ROLE_FAILED) + failed


def why_name(code: int, own: bool) -> str:
    """Return why a unit has its health; `own` says whether its report came from its agent, not from its beacon."""
    return BEACON_REPORTS if code == w.WHY_REPORTED and not own else pick(names.WHY_NAMES, code)


def verdict_name(code: int) -> str:
    """Return what a verdict says."""
    return names.VERDICTS[code][0] if 0 <= code < len(names.VERDICTS) else f"code {code}"


def verdict_refuses(code: int) -> bool:
    """Return whether a verdict means that what was asked is refused or failed."""
    return names.VERDICTS[code][1] if 0 <= code < len(names.VERDICTS) else True


def exception_name(kind: int, where: int) -> str:
    """Return what an exception of a board is called, with the 16 bits that stand for the place it came from."""
    return f"{pick(names.EXCEPTION_NAMES, kind)} at {where:04x}"


def bit_names(table: Sequence[tuple[int, str, str]], bits: int) -> list[str]:
    """Return the names of the bits that are set."""
    known = [name for bit, name, _ in table if bits & bit]
    rest = bits & ~sum(bit for bit, _, _ in table)
    return known + ([f"bits {rest:#x}"] if rest else [])


def alarm_names(bits: int) -> list[str]:
    """Return the alarms that stand."""
    return bit_names(names.ALARMS, bits)


def trouble_names(bits: int) -> list[str]:
    """Return the troubles of a board itself that stand."""
    return bit_names(names.TROUBLES, bits)


def inhibitor_names(bits: int) -> list[str]:
    """Return the inhibitors that stand."""
    return bit_names(names.INHIBITORS, bits)


def inhibitor_exits(bits: int, standing: Sequence[Any] = ()) -> list[str]:
    """Return each inhibitor that stands with how it ends."""
    return [f"{name} ({exit_of(bit, end, standing)})" for bit, name, end in names.INHIBITORS if bits & bit]


def exit_of(bit: int, end: str, standing: Sequence[Any]) -> str:
    """Return how an inhibitor ends, with the id of the one standing request behind it."""
    behind = [row for row in standing if row["request"] in STANDS.get(bit, ())]
    if len(behind) != 1:
        return end
    end = end.replace("ID", str(behind[0]["id"]))
    return end if behind[0]["left_s"] else end.partition(",")[0]  # nothing expires that stands until it is cleared


@dataclass(frozen=True)
class Place:
    """Where an event happened: the names that its numbers stand for on that board."""

    units: tuple[str, ...]  # by index
    lines: tuple[str, ...]
    paths: tuple[str, ...]
    far: tuple[int, ...] = ()  # units that this board knows by their beacons only

    def unit(self, index: int) -> str:
        """Return a unit's name; none for the code of no unit."""
        return "none" if index in (w.NONE, UNREAD) else pick(self.units, index)

    def line(self, index: int) -> str:
        """Return a line's name."""
        return "none" if index in (w.NONE, UNREAD) else pick(self.lines, index)

    def path(self, index: int) -> str:
        """Return a path's name; the host's own for the code of none."""
        return "host" if index == w.NONE else pick(self.paths, index)


def _state(place: Place, a: int, b: int) -> str:
    return f"{state_name(a)}" + (f", by {request_name(b)}" if b > 0 else "")


def _winner(place: Place, a: int, b: int) -> str:
    held = inhibitor_names(b & (1 << w.TARGET_SHIFT) - 1)
    text = f"{request_name(a)}, {_selection(place, (b >> w.TARGET_SHIFT & 15) - 1)}"
    return text + (f"; held back by {', '.join(held)}" if held else "")


def _selection(place: Place, line: int) -> str:
    return "the line is the primary's" if line in (w.NONE, UNREAD) else f"spare on line {place.line(line)}"


def _asked(place: Place, a: int, b: int) -> str:
    unit, number = b & 255, b >> 8
    about = f"line {place.line(number - 1)}" if a in (w.MS, w.FS, w.FX) else f"id {number}"
    parts = [request_name(a), f"unit {place.unit(unit)}" if unit != UNREAD else "", about if number else ""]
    return ", ".join(part for part in parts if part)


def _contact(place: Place, a: int, b: int) -> str:
    return f"line {place.line(a)} {'rests at' if b & w.RESTS else 'leaves, reads'} {position_name(b & ~w.RESTS)}"


def _alarms(place: Place, a: int, b: int) -> str:
    return _came_and_went(alarm_names(a & ~b), alarm_names(b & ~a))


def _troubles(place: Place, a: int, b: int) -> str:
    return _came_and_went(trouble_names(a & ~b), trouble_names(b & ~a))


def _came_and_went(came: list[str], went: list[str]) -> str:
    parts = [f"raised: {', '.join(came)}"] if came else []
    parts += [f"ended: {', '.join(went)}"] if went else []
    return "; ".join(parts) or "none"


def text_of(a: int, b: int) -> str:
    """Return the text of eight bytes that the two values of an event hold."""
    return readable(struct.pack("<ii", a, b))


def readable(data: bytes) -> str:
    """Return UTF-8 that came over the wire as it may be shown: nothing in it moves a terminal's cursor."""
    text = data.rstrip(b"\0").decode("utf-8", "replace")
    return "".join(character if character.isprintable() else "?" for character in text)


def _fingerprint(value: int) -> str:
    return struct.pack("<i", value).hex()


_TEXTS: dict[int, Callable[[Place, int, int], str]] = {
    w.E_BOOT: lambda place, a, b: f"boot {b} after {pick(names.CAUSE_NAMES, a)}",
    w.E_STATE: _state,
    w.E_HEALTH: lambda place, a, b: (
        f"{place.unit(a)} is {pick(names.HEALTH_NAMES, b & 255)}: {why_name(b >> 8, a not in place.far)}"
    ),
    w.E_PATH: lambda place, a, b: f"{place.path(a)} is {pick(names.PATH_STATE_NAMES, b)}",
    w.E_DRIVE: lambda place, a, b: f"line {place.line(a)} to {position_name(b)}",
    w.E_CONTACT: _contact,
    w.E_WINNER: _winner,
    w.E_ASKED: _asked,
    w.E_VERDICT: lambda place, a, b: f"{request_name(b & 255)}, id {b >> 8}: {verdict_name(a)}",
    w.E_ARMED: lambda place, a, b: ("armed" if a else "disarmed") + (", split brain accepted" if b else ""),
    w.E_ALARMS: _alarms,
    w.E_SWITCHED: lambda place, a, b: f"{_selection(place, a)}, {b} ms from decision to contact",
    w.E_SWITCH_FAILED: lambda place, a, b: f"{_selection(place, a)} failed, contacts at {position_name(b)}",
    w.E_FELL: lambda place, a, b: f"line {place.line(a)} at {position_name(b)} without an order",
    w.E_STALL: lambda place, a, b: f"{a} ms, limit {b} ms",
    w.E_EXPIRED: lambda place, a, b: f"{request_name(a)}, id {b}",
    w.E_EXPIRING: lambda place, a, b: f"{request_name(a)}, id {b}",
    w.E_ALTERED: lambda place, a, b: f"{place.path(a)}: {pick(names.ALTERED_NAMES, b)}",
    w.E_DIFFERS: lambda place, a, b: "configuration or firmware differ" if a else "equal again",
    w.E_CONFLICT: lambda place, a, b: f"heard on {place.path(b)}" if a else "not heard any more",
    w.E_CONFIGURED: lambda place, a, b: f"hash {a:#06x}, was {b:#06x}",
    w.E_SUPPLY: lambda place, a, b: "present" if a else "lost",
    w.E_LINK: lambda place, a, b: f"{place.path(a)}, session {b}",
    w.E_SAVE_FAILED: lambda place, a, b: "the selection and what stands may be lost at the next reset",
    w.E_HELD: lambda place, a, b: f"line {place.line(a)} at {position_name(b)}",
    w.E_NOISY: lambda place, a, b: f"{place.path(a)} loses {b >> 1} of 1000 beats" + ("" if b & 1 else ": quiet again"),
    w.E_FLAPPING: lambda place, a, b: f"{place.unit(a)} " + (FLAPS if b else "has not failed for attempts_window_s"),
    w.E_LOCAL: lambda place, a, b: "on: the spare is locked out" if a else "off",
    w.E_PENDING: lambda place, a, b: (
        f"id {a}, {request_name(b & 255)}, {_selection(place, b >> 8 & 255)}: {pick(names.BECAME_NAMES, b >> 16)}"
    ),
    w.E_WOULD: lambda place, a, b: f"id {a >> 8}, {_selection(place, a & 255)}, {b} ms after the failure",
    w.E_REFUSED_FRAMES: lambda place, a, b: f"{place.path(a)}: {b}",
    w.E_FENCED: lambda place, a, b: (
        f"{place.unit(a)} is disconnected as failed" if b else f"{place.unit(a)} may be used"
    ),
    w.E_CABLE: lambda place, a, b: (
        f"the cable of {place.path(a)} is " + ("there again" if b else "gone, or its other end has no power")
    ),
    w.E_ROLE: lambda place, a, b: f"{place.unit(a)}: {role_name(b)}",
    w.E_ACKNOWLEDGED: lambda place, a, b: f"{place.unit(a)}: {role_name(b)}",
    w.E_START: lambda place, a, b: "on: it is started" if a else "off",
    w.E_UNREADY: lambda place, a, b: f"{place.unit(a)}, after {b} ms",
    w.E_UNDRAINED: lambda place, a, b: (
        f"{', '.join(place.unit(unit) for unit in range(a.bit_length()) if a >> unit & 1)}, after {b} ms"
    ),
    w.E_EXERCISED: lambda place, a, b: verdict_name(a) + (f", started within {b} ms" if b else ""),
    w.E_TROUBLES: _troubles,
    w.E_TRIAL: lambda place, a, b: pick(names.TRIAL_NAMES, a) + (f", {b} s left" if b else ""),
    w.E_MAINTENANCE: lambda place, a, b: "the fall of a relay was accepted" if a else "it restarts into the REPL",
    w.E_EXCEPTION: lambda place, a, b: exception_name(a, b),
    w.E_HUNG: lambda place, a, b: f"{pick(names.PART_NAMES, a)} checked in last; longest lateness before {b} ms",
    w.E_BY: lambda place, a, b: text_of(a, b),
    w.E_WHY: lambda place, a, b: text_of(a, b),
    w.E_KEYS: lambda place, a, b: "holds key " + (", ".join(_fingerprint(it) for it in (a, b) if it) or "none"),
    w.E_TORN: lambda place, a, b: f"the poles of line {place.line(a)} disagree",
}


def event_text(kind: int, a: int, b: int, place: Place) -> str:
    """Return what an event says, without its name."""
    write = _TEXTS.get(kind)
    return write(place, a, b) if write else f"{a}, {b}"


def event_name(kind: int) -> str:
    """Return what an event is called."""
    return EVENT_NAMES.get(kind, f"event {kind}")


def beacon_silent(name: str) -> str:
    """Return what is said of a beacon from which nothing comes any more."""
    return f"beacon {name} is silent on all its paths"


def damage_total(path: dict[str, int]) -> int:
    """Return how many damaged frames a path has had."""
    return sum(path[f"damage_{name}"] for name in frame.DAMAGE_NAMES)


assert all(f"damage_{name}" in [field for field, _ in messages.fields(messages.PATH)] for name in frame.DAMAGE_NAMES)
