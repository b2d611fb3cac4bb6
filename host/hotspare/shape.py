"""The shape of hotspare.toml: a pydantic schema from the table of options, a line for each thing that is wrong.

It is given to pydantic's core as it is: the layer of model classes above it would take a quarter of a command's time.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from types import SimpleNamespace
from typing import Any

from pydantic_core import CoreSchema, SchemaError, SchemaValidator, ValidationError
from pydantic_core import core_schema as core

from hotspare import options
from hotspare.options import Kind, Option
from hotspare_wire import configuration as blob
from hotspare_wire import messages

SHOWN_SIZE_MAX = 60

_NAME = core.str_schema(strict=True, min_length=1, max_length=messages.NAME_SIZE, pattern=options.NAME_PATTERN)
_PRINTABLE = r"^[^\p{C}]+$"  # no control, format or unassigned character


def _type_of(option: Option) -> CoreSchema:
    if option.kind is Kind.NUMBER:
        return core.int_schema(strict=True, ge=option.least, le=option.most)
    if option.kind is Kind.YES_NO:
        return core.bool_schema(strict=True)
    if option.kind is Kind.WORD:
        return core.literal_schema(list(option.words))
    if option.kind is Kind.NAMES:
        return core.list_schema(_NAME, strict=True, min_length=option.least, max_length=option.most)
    if option.kind is Kind.PINS:
        # what may stand where depends on the kind of board: hardware.py says that
        return core.dict_schema(core.str_schema(), core.any_schema(), strict=True, max_length=blob.PINS_MOVED_MAX)
    if option.kind is Kind.TEXT:
        return core.str_schema(strict=True, min_length=1, max_length=options.TEXT_SIZE_MAX, pattern=_PRINTABLE)
    return _NAME


def _table(section: str) -> CoreSchema:
    return core.typed_dict_schema(_keys(section), extra_behavior="forbid", strict=True)


def _keys(section: str) -> dict[str, core.TypedDictField]:
    fields = {}
    for option in options.of(section):
        kind = _type_of(option)
        if option.default is not options.REQUIRED:
            kind = core.with_default_schema(kind, default=option.default)
        fields[option.name] = core.typed_dict_field(kind, required=option.default is options.REQUIRED)
    return fields


def _file() -> CoreSchema:
    fields = _keys(options.TOP)
    for section, _, named in options.SECTIONS:
        table = core.dict_schema(values_schema=_table(section), strict=True) if named else _table(section)
        with_default = core.with_default_schema(table, default={}, validate_default=True)
        fields[section] = core.typed_dict_field(with_default, required=False)
    return core.typed_dict_schema(fields, extra_behavior="forbid", strict=True)


def _validator() -> SchemaValidator:
    try:
        return SchemaValidator(_file())
    except SchemaError as error:  # pydantic makes one of a Ctrl-C, too
        if KeyboardInterrupt.__name__ in str(error):
            raise KeyboardInterrupt from error
        raise


_VALIDATOR = _validator()


def read(data: Any) -> tuple[Any, list[str]]:
    """Return the file's content, a table as an object, or None and one complaint for each thing that is wrong."""
    try:
        tables = _VALIDATOR.validate_python(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        return None, [_complaint(tuple(item["loc"]), item["type"], item["input"]) for item in found]
    bad = [
        f"{dotted((section, name))}: a name must be {options.NAME_ALLOWED}"
        for section, _, named in options.SECTIONS
        if named
        for name in tables[section]
        if not re.fullmatch(options.NAME_PATTERN, name) or len(name) > messages.NAME_SIZE
    ]
    return (None, bad) if bad else (_content(tables), [])


def _content(tables: dict[str, Any]) -> SimpleNamespace:
    content = SimpleNamespace(**{option.name: tables[option.name] for option in options.of(options.TOP)})
    for section, _, named in options.SECTIONS:
        table = tables[section]
        rows = {name: SimpleNamespace(**row) for name, row in table.items()} if named else SimpleNamespace(**table)
        setattr(content, section, rows)
    return content


def _complaint(place: tuple[Any, ...], kind: str, value: Any) -> str:
    if kind == "missing":
        option = options.find(place[0], place[-1])
        end = f": {option.meaning}; {option.must_be}" if option else ""
        return f"{dotted(place)} is missing{end}"
    if kind == "extra_forbidden":
        return f"{dotted(place)}: {_unknown(place)}"
    top = options.find(options.TOP, str(place[0]))
    if top is not None:
        return f"{dotted(place)} = {shown(value)}: {top.must_be}"
    if len(place) == 1 or (len(place) == 2 and place[0] != "rig"):
        section = str(place[0])
        table = f"[{section}]" if section == "rig" else f"[{section}.NAME]"
        return f"{dotted(place)} = {shown(value)}: must be a table, {table}"
    key = place[1] if place[0] == "rig" else place[2]
    option = options.find(str(place[0]), str(key))
    return f"{dotted(place)} = {shown(value)}: {option.must_be if option else 'is not valid'}"


def _unknown(place: tuple[Any, ...]) -> str:
    known = (
        [option.name for option in options.of(str(place[0]))]
        if len(place) > 1
        else [row[0] for row in options.SECTIONS] + [option.name for option in options.of(options.TOP)]
    )
    close = get_close_matches(str(place[-1]), known, n=1)
    is_key = len(place) > 1 or (close and options.find(options.TOP, close[0]) is not None)
    what = "key" if is_key else "section"
    return f"there is no {what} of that name: " + (
        f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}"
    )


def dotted(place: tuple[Any, ...]) -> str:
    """Return a place in the file as TOML writes it: bare words with dots, anything else quoted."""
    parts = [part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else shown(part) for part in map(str, place)]
    return ".".join(parts)


def shown(value: Any) -> str:
    """Return a value on one line and not too long, as it stands in the file."""
    try:
        text = json.dumps(value) if isinstance(value, str | bool | list) else str(value)
    except (TypeError, ValueError, RecursionError):  # dates in a list, a number of ten thousand digits
        text = f"a {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= SHOWN_SIZE_MAX else text[: SHOWN_SIZE_MAX - 3] + "..."
