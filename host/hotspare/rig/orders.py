"""The verbs of every rig in one table; server, client and command line derive from it; checks orders only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hotspare.rig.errors import Unknown
from hotspare.rig.nor import CUTS, ERASE_MS, ERASE_MS_MAX, NEVER, OPERATIONS_MAX
from hotspare.rig.plan import POLES_MAX

Order = tuple[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Param:
    """A parameter of a verb.

    `kind` is what it names (cable, relay, unit, board) or what it holds (number, word, flag, bytes); on the command
    line it is an argument, or the option that `option` says.
    """

    name: str
    kind: str
    meaning: str
    default: Any = None
    required: bool = False
    words: tuple[str, ...] = ()
    least: float = 0
    most: float = 0
    option: str = ""


def _of(kind: str) -> Param:
    return Param(kind, kind, f"name of the {kind}", required=True)


ON_OFF = ("on", "off")
SIDES = ("primary", "spare")
CONTACTS = (*SIDES, "primary-mirror", "spare-mirror", "auxiliary", "cascade", "feed")
COILS = ("set", "reset", "primary", "spare", "fence")
SENSED = ("open", "closed", "lost")
HOOKED = ("drain", "active")
ENDINGS = ("works", "fails", "hangs")
ALTERATIONS = ("frozen", "slow", "fast", "shuffled", "none")
BER_MAX = 0.5
DELAY_MS_MAX = 60_000
SPAN_MS_MAX = 3_600_000
LEAVING_S_MAX = 65_535

# verb, what it does, parameters
VERBS: Mapping[str, tuple[str, tuple[Param, ...]]] = {
    "cut": (
        "Cut a cable, or only one of its directions.",
        (_of("cable"), Param("direction", "word", "cut only what this end sends", option="--from")),
    ),
    "heal": (
        "Make a cable as good as new: joined, without noise or delay.",
        (_of("cable"), Param("direction", "word", "heal only what this end sends", option="--from")),
    ),
    "noise": (
        "Let each bit of a serial cable be wrong with a probability.",
        (
            _of("cable"),
            Param("ber", "number", "bit-error rate; 0 ends it", required=True, most=BER_MAX, option="--ber"),
        ),
    ),
    "burst": (
        "Let only garbage through a serial cable for a while.",
        (_of("cable"), Param("ms", "number", "how long", required=True, most=SPAN_MS_MAX, option="--ms")),
    ),
    "delay": (
        "Let everything on a cable arrive later.",
        (
            _of("cable"),
            Param("ms", "number", "how much later; 0 ends it", required=True, most=DELAY_MS_MAX, option="--ms"),
        ),
    ),
    "inject": (
        "Put bytes on a serial cable as if an end had sent them.",
        (
            _of("cable"),
            Param("direction", "word", "the end that seems to send", required=True),
            Param("data", "bytes", "bytes in hexadecimal", required=True),
        ),
    ),
    "capture": (
        "Write what arrives over a serial cable into a file for hotspare dissect; without a file, end that.",
        (_of("cable"), Param("path", "word", "the file, from the rig's point of view a full path")),
    ),
    "hang": ("Let a unit stand still with its power on.", (_of("unit"),)),
    "stop": (
        "Take the power of a unit, and of the boards that it feeds.",
        (
            _of("unit"),
            Param("leaving", "flag", "let its agent say first that it leaves as planned", False, option="--leaving"),
            Param(
                "after_ms",
                "number",
                "with --leaving: time until the power goes",
                500,
                most=SPAN_MS_MAX,
                option="--after",
            ),
            Param(
                "longest_s",
                "number",
                "with --leaving: longest stop announced",
                60,
                most=LEAVING_S_MAX,
                option="--longest",
            ),
        ),
    ),
    "start": ("Give a unit power and let it boot; a hung one is restarted.", (_of("unit"),)),
    "fail": ("Let the checks of a unit fail.", (_of("unit"),)),
    "degrade": ("Let the checks of a unit say that it is degraded.", (_of("unit"),)),
    "mend": ("Let the checks of a unit pass again.", (_of("unit"),)),
    "hook": (
        "Let the hook of a unit for a role work, fail or hang, from its next run on.",
        (
            _of("unit"),
            Param("role", "word", "the role", required=True, words=HOOKED),
            Param("how", "word", "how it ends", required=True, words=ENDINGS),
        ),
    ),
    "key": (
        "Restart the agent of a unit with the keys of a file, as hotspare key agent writes it; without one, with none.",
        (_of("unit"), Param("path", "word", "the file, from the rig's point of view a full path")),
    ),
    "alter": (
        "Alter the heartbeat of a unit: the same frame again and again, too seldom, too often, or out of order.",
        (_of("unit"), Param("how", "word", "how it is altered", required=True, words=ALTERATIONS)),
    ),
    "weld": (
        "Weld a contact of a relay: the closed one, or the named one at its next touch.",
        (
            _of("relay"),
            Param("contact", "word", "which contact", words=CONTACTS, option="--contact"),
            Param(
                "pole",
                "number",
                "weld only this pole, and let the others leave it behind",
                least=1,
                most=POLES_MAX,
                option="--pole",
            ),
        ),
    ),
    "unweld": ("Break the welds of a relay.", (_of("relay"),)),
    "bridge": (
        "Lay a wire across a contact that another contact or a coil is wired through: it conducts whatever it does.",
        (_of("relay"), Param("contact", "word", "which contact", required=True, words=CONTACTS)),
    ),
    "unbridge": ("Take the wires across contacts of a relay away.", (_of("relay"),)),
    "stick": (
        "Open the windings of a relay, or only one: its coil takes no current. Or let it have current for ever.",
        (
            _of("relay"),
            Param("coil", "word", "which coil, of a relay with two", words=COILS, option="--coil"),
            Param("shorted", "flag", "short its driver instead: it is driven for ever", False, option="--shorted"),
        ),
    ),
    "unstick": ("Mend the windings of a relay, and their drivers.", (_of("relay"),)),
    "sense": (
        "Break the read-back of a contact: it says one thing for ever, or its wire is lost; without a word, mend it.",
        (
            _of("relay"),
            Param("contact", "word", "which contact", required=True, words=SIDES),
            Param("stuck", "word", "what it says", words=SENSED),
        ),
    ),
    "supply": (
        "Switch the supply of the relay coils.",
        (Param("state", "word", "on or off", required=True, words=ON_OFF),),
    ),
    "power": (
        "Switch the power of a board.",
        (_of("board"), Param("state", "word", "on or off", required=True, words=ON_OFF)),
    ),
    "keyswitch": (
        "Turn the lockout key at a board.",
        (_of("board"), Param("state", "word", "on or off", required=True, words=ON_OFF)),
    ),
    "erase": (
        "Let an erase of a board's flash take so long from now on; nothing else runs there meanwhile.",
        (
            _of("board"),
            Param("ms", "number", "how long", ERASE_MS, least=1, most=ERASE_MS_MAX, option="--ms"),
        ),
    ),
    "powercut": (
        "Take the power of a board in the midst of an operation of its flash; it stays off until it is given back.",
        (
            _of("board"),
            Param(
                "operation",
                "number",
                "which program or erase, from 0 for the next",
                0,
                most=OPERATIONS_MAX,
                option="--operation",
            ),
            Param("how", "word", "how much of it is done", "none", words=(*CUTS, NEVER), option="--how"),
        ),
    ),
    "freeze": ("Let the firmware of a board stand still; its watchdog goes on.", (_of("board"),)),
    "thaw": ("Let a frozen board go on.", (_of("board"),)),
    "reset": ("Reset a board at its reset pin, as a button, or DTR of some, does.", (_of("board"),)),
}


def checked(order: Order, names: Mapping[str, Iterable[str]]) -> tuple[str, dict[str, Any]]:
    """Return the order with its defaults filled in; raises Unknown for what this rig or the table does not know."""
    verb, given = order
    if verb not in VERBS:
        raise Unknown(f"no verb is called {verb}: there is {', '.join(VERBS)}")
    params = {param.name: param for param in VERBS[verb][1]}
    for name in given:
        if name not in params:
            raise Unknown(f"{verb} takes no {name}: it takes {', '.join(params) or 'nothing'}")
    out: dict[str, Any] = {}
    for name, param in params.items():
        value = given.get(name, param.default)
        if value is None and param.required:
            raise Unknown(f"{verb} needs {name}: {param.meaning}")
        out[name] = None if value is None else _checked_value(verb, param, value, names)
    return verb, out


def _checked_value(verb: str, param: Param, value: Any, names: Mapping[str, Iterable[str]]) -> Any:
    known = names.get(param.kind, param.words)
    if param.kind in names or param.words:
        if value not in known:
            what = f"no {param.name} is called {value}" if param.kind in names else f"{param.name} can not be {value}"
            raise Unknown(f"{what}: there is {', '.join(known) or 'none'}")
    elif param.kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float) or not param.least <= value <= param.most:
            raise Unknown(f"{verb}: {param.name} is a number from {param.least:g} to {param.most:g}, not {value!r}")
    elif param.kind == "flag":
        if not isinstance(value, bool):
            raise Unknown(f"{verb}: {param.name} is true or false, not {value!r}")
    elif param.kind == "bytes":
        try:
            data = bytes.fromhex(value)
        except (TypeError, ValueError):
            raise Unknown(f"{verb}: {param.name} is bytes in hexadecimal, not {value!r}") from None
        if not data:
            raise Unknown(f"{verb}: {param.name} is one byte or more in hexadecimal, and is empty")
        return data
    elif not isinstance(value, str):
        raise Unknown(f"{verb}: {param.name} is a word, not {value!r}")
    return value
