"""The shape of hotspare.toml: pydantic models made from the table of options, and one line for each thing that is wrong."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints, ValidationError, create_model

from hotspare import options
from hotspare.options import Kind, Option
from hotspare_wire import messages

SHOWN_SIZE_MAX = 60
COMPLAINTS_MAX = 20

_Name = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=messages.NAME_SIZE, pattern=options.NAME_PATTERN),
]


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("not printable")
    return text


def _type_of(option: Option) -> Any:
    if option.kind is Kind.NUMBER:
        return Annotated[int, Field(strict=True, ge=option.least, le=option.most)]
    if option.kind is Kind.YES_NO:
        return StrictBool
    if option.kind is Kind.WORD:
        return Annotated[str, StringConstraints(strict=True, pattern=f"^({'|'.join(map(re.escape, option.words))})$")]
    if option.kind is Kind.NAMES:
        return Annotated[list[_Name], Field(min_length=1, max_length=1)]
    if option.kind is Kind.TEXT:
        text = StringConstraints(strict=True, min_length=1, max_length=options.TEXT_SIZE_MAX)
        return Annotated[str, text, AfterValidator(_printable)]
    return _Name


def _model(section: str) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for option in options.of(section):
        kind = _type_of(option) if option.default is not None else _type_of(option) | None
        fields[option.name] = (kind, ... if option.default is options.REQUIRED else option.default)
    return create_model(section.title(), __config__=ConfigDict(extra="forbid", frozen=True), **fields)


_MODELS = {section: _model(section) for section, _, _ in options.SECTIONS}
_tables: dict[str, Any] = {
    section: (dict[str, _MODELS[section]], {}) if named else (_MODELS[section], _MODELS[section]())  # type: ignore[misc]
    for section, _, named in options.SECTIONS
}
_File = create_model("File", __config__=ConfigDict(extra="forbid", frozen=True), **_tables)


def read(data: Any) -> tuple[Any, list[str]]:
    """Return the file's content as a model, or None and one complaint for each thing that is wrong."""
    try:
        content = _File.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        complaints = [_complaint(tuple(item["loc"]), item["type"], item["input"]) for item in found[:COMPLAINTS_MAX]]
        if len(found) > COMPLAINTS_MAX:
            complaints.append(f"and {len(found) - COMPLAINTS_MAX} more")
        return None, complaints
    bad = [
        f"{dotted((section, name))}: a name must be {options.NAME_ALLOWED}"
        for section, _, named in options.SECTIONS
        if named
        for name in getattr(content, section)
        if not re.fullmatch(options.NAME_PATTERN, name) or len(name) > messages.NAME_SIZE
    ]
    return (None, bad) if bad else (content, [])


def _complaint(place: tuple[Any, ...], kind: str, value: Any) -> str:
    if kind == "missing":
        option = options.find(place[0], place[-1])
        end = f": {option.meaning}; {option.must_be}" if option else ""
        return f"{dotted(place)} is missing{end}"
    if kind == "extra_forbidden":
        return f"{dotted(place)}: {_unknown(place)}"
    if len(place) == 1 or (len(place) == 2 and place[0] != "rig"):
        section = str(place[0])
        table = f"[{section}]" if section == "rig" else f"[{section}.NAME]"
        return f"{dotted(place)} = {shown(value)}: must be a table, {table}"
    key = place[1] if place[0] == "rig" else place[2]
    option = options.find(str(place[0]), str(key))
    return f"{dotted(place)} = {shown(value)}: {option.must_be if option else 'is not valid'}"


def _unknown(place: tuple[Any, ...]) -> str:
    known = [option.name for option in options.of(str(place[0]))] if len(place) > 1 else [row[0] for row in options.SECTIONS]
    what = "key" if len(place) > 1 else "section"
    close = get_close_matches(str(place[-1]), known, n=1)
    return f"there is no {what} of that name: " + (f"did you mean {close[0]}?" if close else f"known: {', '.join(known)}")


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
