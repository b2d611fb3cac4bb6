"""The reference of hotspare.toml, from the table of its keys."""

from __future__ import annotations

import json

from docs.sections.markdown import table
from hotspare import example, options, wiretime
from hotspare.options import Kind, Option

INTRODUCTION = """
One file describes groups, units and boards. `hotspare init` writes one with every key in it, `hotspare check` validates
it and says what follows from it. Names are unique across the file. Keys that are not listed here, and words that are
not accepted here, are refused.
""".strip()
TOGETHER = """
- The controller stands at the spare. Each unit has a board of its own, and every unit and board belongs to a group.
- A board has two UARTs for cables: the first is crosslink A's, the second the agent's or crosslink B's. With
  `crosslink_b = "uart"` the agent speaks on the host port.
- A controller has pins for every line of its group; no pin breaks a rule of its board ([boards](../how-to/boards.md)).
- An active-low relay module has a buffer.
- `operate_limit_ms` is longer than `steady_ms`.
""".strip()


def page() -> str:
    """Return the page on all keys."""
    parts = ["# hotspare.toml", INTRODUCTION]
    parts += ["## Above all tables", _keys(options.TOP)]
    for section, meaning, named in options.SECTIONS:
        parts.append(f"## [{section}{'.NAME' if named else ''}]")
        parts.append(f"{meaning[0].upper()}{meaning[1:]}.")
        parts.append(_keys(section))
    parts += ["## What must fit together", _together(), "## Example", f"```toml\n{example.text('pair')}```"]
    return "\n\n".join(parts)


def _keys(section: str) -> str:
    rows = [(f"`{it.name}`", it.kind.value, _default(it), _limits(it), it.meaning) for it in options.of(section)]
    return table(("key", "type", "default", "limits", "meaning"), rows)


def _together() -> str:
    share = f"{wiretime.LINE_SHARE:.0%}".replace("%", " %")
    sizes = f"A heartbeat is {wiretime.HEARTBEAT_SIZE} bytes on the wire, an agent's report {wiretime.REPORT_SIZE}."
    return f"- {sizes} One goes out every {wiretime.SENT_EVERY} interval and may take {share} of that time.\n{TOGETHER}"


def _default(option: Option) -> str:
    if option.default is options.REQUIRED:
        return "required"
    return "none" if option.default is None else f"`{json.dumps(option.default)}`"


def _limits(option: Option) -> str:
    if option.kind is Kind.NUMBER:
        return option.limits
    if option.kind is Kind.WORD:
        return ", ".join(f"`{json.dumps(word)}`" for word in option.words)
    return ""
