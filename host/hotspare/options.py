"""Every key of hotspare.toml, once: type, default, limits, meaning; validation, `init`, documents derive from it.

A group's settings come from the engine's own table; what only the host needs stands here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from hotspare import wiring
from hotspare.rig.plan import ChangeoverRelay, ClientsPlan, SerialCable, UnitPlan
from hotspare_engine import names, settings
from hotspare_wire import configuration as blob
from hotspare_wire import messages

NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
NAME_ALLOWED: Final = f"1 to {messages.NAME_SIZE} letters, digits, - or _, a letter or digit first"
TEXT_SIZE_MAX: Final = 4096


class Kind(Enum):
    """What a value looks like in the file."""

    NUMBER = "whole number"
    YES_NO = "true or false"
    WORD = "word"
    NAME = "name"
    NAMES = "list of names"
    TEXT = "text"
    PINS = "table of pins"


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED: Final = _Required()


@dataclass(frozen=True)
class Option:
    """One key of one section; `default` is REQUIRED for a key that must be there, None for one that may be absent."""

    section: str
    name: str
    kind: Kind
    meaning: str
    default: Any = REQUIRED
    least: int = 0
    most: int = 0
    words: tuple[str, ...] = ()
    form: str = "NAME"  # of a value that may be absent

    @property
    def limits(self) -> str:
        """What the value may be, in words."""
        if self.kind is Kind.NUMBER:
            return f"{self.least} to {self.most}"
        if self.kind is Kind.WORD:
            return " or ".join(json.dumps(word) for word in self.words)
        if self.kind is Kind.YES_NO:
            return "true or false"
        if self.kind is Kind.TEXT:
            return "text that is not empty"
        if self.kind is Kind.NAMES:
            return f"{self.least} to {self.most} names"
        if self.kind is Kind.PINS:
            return f"at most {blob.PINS_MOVED_MAX} pins"
        return NAME_ALLOWED

    @property
    def must_be(self) -> str:
        """The end of a complaint about a wrong value."""
        if self.kind is Kind.NUMBER:
            return f"must be a whole number, {self.limits}"
        if self.kind is Kind.NAMES:
            return f"must be a list of 1 to {self.most} names, as in {self.name} = [{json.dumps('primary')}]"
        if self.kind is Kind.PINS:
            return f"must be a table of {self.limits}, [board.NAME.pins] with relay1 = 16 and the like"
        return f"must be {self.limits}"


TOP: Final = ""  # the section of the keys above all tables
LOG_FILE: Final = "hotspare.db"

SECTIONS: Final = (
    ("group", "units that cover for one another, and how their controller decides", True),
    ("unit", "a piece of protected equipment", True),
    ("board", "a microcontroller beside a unit", True),
    ("rig", "physics of the emulated rig; real boards never see them", False),
)

# words for the settings whose numbers are places in a list of words
SETTING_WORDS: Final = {
    "retention": names.RETENTION_NAMES,
    "on_altered": ("impaired", "failed"),
    "switch": names.SWITCH_NAMES,
    "autonomy": names.AUTONOMY_NAMES,
    "standby": names.STANDBY_NAMES,
    "on_degraded": ("alarm", "switch"),
}
SETTING_YES_NO: Final = ("revertive", "on_silence")

CROSSLINK_B_WORDS: Final = ("none", "pulse", "uart")  # in the order of the codes B_NONE ...
RELAY_INPUTS: Final = ("active-high", "active-low")
AGENT_WORDS: Final = ("none", "uart", "host")  # in the order of the codes AGENT_NONE ...

_LIMITS = {name: (least, most) for name, least, most in blob.LIMITS}
_UNIT = {name: field.default for name, field in UnitPlan.__dataclass_fields__.items()}
_CLIENTS = {name: field.default for name, field in ClientsPlan.__dataclass_fields__.items()}
_CHANGEOVER = {name: field.default for name, field in ChangeoverRelay.__dataclass_fields__.items()}


def _number(section: str, name: str, default: Any, limits: tuple[int, int], meaning: str) -> Option:
    return Option(section, name, Kind.NUMBER, meaning, default, *limits)


def _word(section: str, name: str, default: Any, words: tuple[str, ...], meaning: str) -> Option:
    return Option(section, name, Kind.WORD, meaning, default, words=words)


def _setting(name: str, default: int, least: int, most: int) -> Option:
    meaning = dict(names.SETTINGS)[name]
    if name in SETTING_WORDS:
        words = SETTING_WORDS[name]
        return _word("group", name, words[default], words, meaning)
    if name in SETTING_YES_NO:
        return Option("group", name, Kind.YES_NO, meaning, bool(default))
    return _number("group", name, default, (least, most), meaning)


TOP_OPTIONS: Final = (
    Option(
        TOP,
        "log",
        Kind.TEXT,
        "the database of what the boards recorded; a relative path starts at this file",
        LOG_FILE,
    ),
)
HOST_OPTIONS: Final = (
    Option(
        "group",
        "primaries",
        Kind.NAMES,
        "the units that carry their lines when all is well; the first has the highest priority",
        least=1,
        most=messages.UNITS_MAX - 1,
    ),
    Option("group", "spare", Kind.NAME, "the unit that takes a line when its primary can not carry it"),
    Option("group", "controller", Kind.NAME, "the board that drives the relays; it stands at the spare"),
    _number("group", "baud", SerialCable.__dataclass_fields__["baud"].default, _LIMITS["baud"], "of the crosslinks"),
    _number(
        "group",
        "agent_baud",
        SerialCable.__dataclass_fields__["baud"].default,
        _LIMITS["agent_baud"],
        "of the agents' ports",
    ),
    _number("group", "watchdog_ms", 2000, _LIMITS["watchdog_ms"], "how long a board may hang before it is reset"),
    Option(
        "group", "key", Kind.TEXT, "the file of its keys; without one its frames are not signed", None, form="pair.key"
    ),
    Option("unit", "board", Kind.NAME, "the board beside this unit"),
    _word("unit", "agent", "uart", AGENT_WORDS[1:], "port of the board for the unit's agent, which has it alone"),
    Option("unit", "agent_direct", Kind.YES_NO, "whether its agent speaks on the controller's UART1 too", False),
    Option("unit", "contact", Kind.YES_NO, "whether its dry contact is at the controller's pin contact", False),
    _word("board", "kind", "pico", wiring.KINDS, "what the board is, by the name of its wiring"),
    Option("board", "port", Kind.TEXT, "host port; a relative path starts at this file"),
    _number("board", "address", REQUIRED, _LIMITS["address"], "on the wire; no two boards of a group share one"),
    _word("board", "crosslink_b", "pulse", CROSSLINK_B_WORDS, "second way to the other board, the same on both"),
    Option("board", "fed_by", Kind.NAME, "the unit whose power feeds this board, if one does", None),
    _word("board", "relay_input", "active-high", RELAY_INPUTS, "level at which its relay drivers energise"),
    Option("board", "relay_buffered", Kind.YES_NO, "whether a buffer keeps active-low drivers off in a reset", False),
    Option("board", "invalid_a", Kind.YES_NO, "whether the INVALID output of crosslink A's receiver is wired", False),
    Option("board", "invalid_b", Kind.YES_NO, "the same of crosslink B's", False),
    Option("board", "network", Kind.TEXT, "where its heartbeats over UDP come in", None, form="10.0.0.1:4700"),
    Option("board", "lockout_switch", Kind.YES_NO, "whether a lockout switch stands at this controller", False),
    Option("board", "pins", Kind.PINS, "pins that stand elsewhere than the wiring of its kind says", {}),
    _number("rig", "unit_boot_ms", _UNIT["boot_ms"], (0, 600_000), "boot of a unit"),
    _number("rig", "drain_ms", _UNIT["drain_ms"], (0, 600_000), "drain hook of a unit"),
    _number("rig", "active_ms", _UNIT["active_ms"], (0, 600_000), "hook that makes a unit active"),
    _number("rig", "hook_limit_ms", _UNIT["hook_limit_ms"], (1, 600_000), "a hook that takes longer has failed"),
    _number(
        "rig", "operate_us", _CHANGEOVER["operate_us"], (100, 1_000_000), "coil driven to first touch of the spare"
    ),
    _number("rig", "release_us", _CHANGEOVER["release_us"], (100, 1_000_000), "coil off to first touch of the primary"),
    _number("rig", "bounce_us", _CHANGEOVER["bounce_us"], (0, 100_000), "chatter of a contact after its first touch"),
    _number("rig", "transfer_us", _CHANGEOVER["transfer_us"], (1, 1_000_000), "both contacts open while it moves"),
    _number(
        "rig",
        "transaction_us",
        _CLIENTS["transaction_us"],
        (0, 60_000_000),
        "how often clients send a transaction to each line; 0 never",
    ),
    _number("rig", "transaction_ms", _CLIENTS["transaction_ms"], (0, 600_000), "how long a unit needs for one"),
    _number("rig", "client_timeout_ms", _CLIENTS["timeout_ms"], (0, 600_000), "how long a client waits to be served"),
)

_GROUP_OPTIONS: Final = tuple(option for option in HOST_OPTIONS if option.section == "group")
OPTIONS: Final = (
    TOP_OPTIONS
    + _GROUP_OPTIONS
    + tuple(_setting(*row) for row in settings.SETTINGS)
    + HOST_OPTIONS[len(_GROUP_OPTIONS) :]
)


def of(section: str) -> tuple[Option, ...]:
    """Return the options of a section, in the order in which the file and the documents list them."""
    return tuple(option for option in OPTIONS if option.section == section)


def find(section: str, name: str) -> Option | None:
    """Return the option of that name, if there is one."""
    return next((option for option in OPTIONS if (option.section, option.name) == (section, name)), None)


def to_number(name: str, value: Any) -> int:
    """Return a setting of the file as the number that the boards keep."""
    words = SETTING_WORDS.get(name)
    return words.index(value) if words is not None else int(value)


def from_number(name: str, number: int) -> str:
    """Return a setting that a board keeps as it stands in the file; a number that no word has stays a number."""
    words = SETTING_WORDS.get(name)
    if words is not None and number < len(words):
        return json.dumps(words[number])
    if name in SETTING_YES_NO and number in (0, 1):
        return json.dumps(bool(number))
    return str(number)
