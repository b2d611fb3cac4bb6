"""The commented hotspare.toml that `init` writes, made from the table of options; no I/O."""

from __future__ import annotations

import json
from typing import Any

from hotspare import options
from hotspare.options import REQUIRED, Option

COMMENT_COLUMN = 44

# section, name, what this file says there; every other key stands in it as a comment with its default
Said = tuple[tuple[str, str, dict[str, Any]], ...]

_GROUP = {"primaries": ["primary"], "spare": "spare", "controller": "controller"}
_DECISION = {"interval_ms": 100, "beats": 5, "hold_off_ms": 0, "retention": "falls", "revertive": False}

PAIR: Said = (
    ("group", "pair", {**_GROUP, **_DECISION}),
    ("unit", "primary", {"board": "beacon"}),
    ("unit", "spare", {"board": "controller"}),
    ("board", "beacon", {"port": "rig/beacon", "address": 1, "crosslink_b": "pulse", "fed_by": "primary"}),
    ("board", "controller", {"port": "rig/controller", "address": 2, "crosslink_b": "pulse"}),
    ("rig", "", {}),
)
TEMPLATE: Said = tuple(
    (
        section,
        name,
        {**said, "port": f"/dev/serial/by-id/usb-MicroPython_Board_in_FS_mode_SERIAL-OF-{name.upper()}-if00"}
        if section == "board"
        else said,
    )
    for section, name, said in PAIR
    if section != "rig"
)


def _pair(**group: Any) -> Said:
    return tuple((section, name, {**said, **group} if section == "group" else said) for section, name, said in PAIR)


def pool(primaries: int) -> Said:
    """Return a pool of so many primaries, whose boards are chained in their order."""
    names = [f"primary-{number}" for number in range(1, primaries + 1)]
    boards = [f"beacon-{number}" for number in range(1, primaries + 1)]
    last = primaries - 1
    return (
        ("group", "pool", {**_GROUP, **_DECISION, "primaries": names}),
        *(
            ("unit", name, {"board": board, "agent": "host" if place < last else "uart"})
            for place, (name, board) in enumerate(zip(names, boards, strict=True))
        ),
        ("unit", "spare", {"board": "controller"}),
        *(
            ("board", board, {"port": f"rig/{board}", "address": place + 1, "crosslink_b": "none", "fed_by": name})
            for place, (name, board) in enumerate(zip(names, boards, strict=True))
        ),
        ("board", "controller", {"port": "rig/controller", "address": primaries + 1, "crosslink_b": "none"}),
        ("rig", "", {}),
    )


EXAMPLES: dict[str, tuple[str, Said]] = {
    "pair": ("A pair on the emulated rig: hotspare emulate starts it.", PAIR),
    "interlocked": (
        "A pair with two contactors on the emulated rig: hotspare emulate starts it.",
        _pair(switch="interlocked"),
    ),
    "fenced": ("A pair with a fence on the emulated rig: hotspare emulate starts it.", _pair(switch="fenced")),
    "fenced-cold": (
        "A fenced pair whose spare is off until it is wanted, on the emulated rig: hotspare emulate starts it.",
        _pair(switch="fenced", standby="cold", start_limit_s=20, stop_delay_s=3),
    ),
    "pool": ("Three primaries share a spare on the emulated rig: hotspare emulate starts it.", pool(3)),
}
PURPOSE_OF_TEMPLATE = (
    "A pair: set each board's port (ls /dev/serial/by-id), then hotspare check and hotspare configure."
)
HEAD = """# {purpose}
# Lines that are commented out show the default. hotspare check says what follows from this file.
"""


def text(example: str | None) -> str:
    """Return the file of an example, or of the template for real boards."""
    return text_of(*(EXAMPLES[example] if example is not None else (PURPOSE_OF_TEMPLATE, TEMPLATE)))


def text_of(purpose: str, said: Said) -> str:
    """Return the file that says this."""
    shown: set[str] = set()
    top = "".join(f"{_line(option, {}, True)}\n" for option in options.of(options.TOP))
    parts = [HEAD.format(purpose=purpose) + "\n" + top]
    for section, name, values in said:
        title = f"[{section}.{name}]" if name else f"[{section}]"
        meaning = next(text for it, text, _ in options.SECTIONS if it == section)
        lines = [title if section in shown else f"# {section}: {meaning}\n{title}"]
        # a key is explained once; in the next table of its kind only what is set stands
        lines += [_line(option, values, section not in shown) for option in options.of(section)]
        shown.add(section)
        parts.append("\n".join(line for line in lines if line) + "\n")
    return "\n".join(parts)


def _line(option: Option, values: dict[str, Any], explained: bool) -> str:
    said = option.name in values
    if not said and not explained:
        return ""
    value = values[option.name] if said else option.default
    assert value is not REQUIRED, f"the example does not say {option.name}"
    # a key without a default shows its form
    setting = f"{option.name} = {json.dumps(option.form if value is None else value)}"
    if not said:
        setting = f"# {setting}"
    comment = f"# {option.meaning}" + (f"; {option.limits}" if _limits_say_more(option) else "")
    return f"{setting:<{COMMENT_COLUMN}} {comment}" if explained else setting


def _limits_say_more(option: Option) -> bool:
    return option.kind is options.Kind.NUMBER or (option.kind is options.Kind.WORD and len(option.words) > 1)
