"""Targets for what the host reads: messages, batches, files, captures; touches files of a folder of its own only.

A target takes any bytes, raises nothing but AssertionError, which is a finding, and tells what it saw as a checksum.
"""

from __future__ import annotations

import copy
import json
import math
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import construct

from hotspare import (
    blob,
    budget,
    capture,
    cautions,
    configuration,
    dissect,
    garbage,
    keyfile,
    layouts,
    options,
    plan,
    wiring,
)
from hotspare.capture import CaptureError, Piece
from hotspare.cli import check
from hotspare.errors import ConfigurationInvalid, Unreachable
from hotspare.history import batch
from hotspare_wire import configuration as wire_configuration
from hotspare_wire import frame
from hotspare_wire import messages as m
from tests import files
from tests.fuzz.board import wire
from tests.fuzz.board.given import Given, Told


@cache
def folder() -> Path:
    """Return a folder for files that only their content matters of; it goes with the program."""
    it = tempfile.TemporaryDirectory(prefix="hotspare-fuzz-")
    _KEPT.append(it)
    return Path(it.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def written(name: str, content: bytes) -> Path:
    """Return a file with this content that its owner alone may read."""
    path = folder() / name
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


def _told(*values: object) -> int:
    told = Told()
    told.add(*values)
    return told.crc


def layout(data: bytes) -> int:
    """Whatever a message holds: the board's struct and the host's construct read the same, or both refuse it."""
    given = Given(data)
    kind = given.byte() & frame.KIND_MASK
    head = bytes([frame.VERSION << frame.KIND_BITS | kind]) + given.data(frame.AT_BODY - 1)
    body = given.piece(frame.BODY_MAX)
    payload = wire.with_crc(head + body + bytes(frame.TAG_SIZE))
    values = wire.unpacked(kind, body)
    try:
        header, fields = layouts.parse(payload)
    except (construct.ConstructError, KeyError):
        assert values is None, "the host refuses what the board reads"
        return 0
    assert values == tuple(fields.values()), "host and board read other values"
    built = layouts.build(kind, header.source, header.destination, header.sequence, fields)
    assert built == payload, "it is built as other bytes"
    return _told(kind, *values)


def records(data: bytes) -> int:
    """Whatever a board tells as records: consecutive ones from where was asked on, or no answer."""
    given = Given(data)
    first = given.byte()
    number = (batch.NUMBERS - 1 if first & 1 else 0) ^ given.number(2)
    asked = number + given.byte() - 64 if first & 2 else given.number(4)
    fields = {"recorder": given.number(4), "number": number, "boot": given.number(4), "rows": given.rest()}
    if first & 4:
        fields["rows"] = fields["rows"][: len(fields["rows"]) // m.RECORD_SIZE * m.RECORD_SIZE]
    try:
        found = batch.parse("board", fields, asked)
    except Unreachable as error:
        assert _can_be_told(error.lines)
        return 0
    assert [it.number for it in found.records] == list(range(number, found.next)), "numbers are not consecutive"
    assert not found.records or number >= asked, "records before the one that was asked for"
    assert found.next <= batch.NUMBERS
    assert len(found.records) * m.RECORD_SIZE == len(fields["rows"]), "a record is lost"
    return _told(*(value for it in found.records for value in it))


# -- the configuration -----------------------------------------------------------------------------------------------

NAMED = ("group", "unit", "board")
WORDS = ("primary", "spare", "controller", "beacon", "127.0.0.1:4700", "127.0.0.1:4701", "a/b", "", "x" * 17, "\x1b[2J")
PINS = tuple(wiring.of("pico").pins)
CHANGES_MAX = 12
WILD = 224  # of a byte: from here on anything may stand anywhere


def text(data: bytes) -> int:
    """Whatever a file holds: lines for a person, or a configuration of which check, rig and boards are made."""
    return _built(lambda: configuration.parse(data, files.HERE))


def tables(data: bytes) -> int:
    """The same of the tables of an example in which some values are others: more of them come far."""
    given = Given(data)
    content = copy.deepcopy(_example(given.byte() % 3))
    for _ in range(CHANGES_MAX):
        if not given.left():
            break
        _change(given, content)
    return _built(lambda: configuration.build(content, files.HERE))


def _example(which: int) -> files.Tables:
    return (files.tables(), files.many(2), _pool())[which]


@cache
def _pool() -> files.Tables:
    from hotspare import example

    return configuration.tomllib.loads(example.text_of("", example.pool(3)))


def _change(given: Given, content: dict[str, Any]) -> None:
    section = sorted(content)[given.byte() % len(content)]
    table: Any = content[section]
    if section in NAMED and isinstance(table, dict) and table:
        table = table[sorted(table)[given.byte() % len(table)]]
    known = options.of(section if isinstance(table, dict) else options.TOP)
    what = given.byte()
    if not isinstance(table, dict) or not known or what >= WILD:
        table = content if what & 1 or not isinstance(table, dict) else table
        table[(*sorted(content), *WORDS)[given.byte() % (len(content) + len(WORDS))]] = _wild(given)
        return
    option = known[given.byte() % len(known)]
    if what & 7 == 7:
        table.pop(option.name, None)
    else:
        table[option.name] = _tame(given, option)


def _tame(given: Given, option: options.Option) -> Any:
    """Return a value of the kind that the option wants, most often one within its limits."""
    what = given.number(4)
    if option.kind is options.Kind.NUMBER:
        return option.least - 1 + what % (option.most - option.least + 3)
    if option.kind is options.Kind.YES_NO:
        return what & 1 == 1
    if option.kind is options.Kind.WORD:
        return option.words[what % len(option.words)]
    if option.kind is options.Kind.NAMES:
        return [WORDS[place % len(WORDS)] for place in given.data(1 + what % 2)]
    if option.kind is options.Kind.PINS:
        return {PINS[given.byte() % len(PINS)]: given.byte() % 32 for _ in range(what % 3)}
    return WORDS[what % len(WORDS)]


def _wild(given: Given) -> Any:
    what = given.byte() % 7
    if what == 0:
        return given.number(4) - (1 << 31)
    if what == 1:
        return given.byte() & 1 == 1
    if what == 2:
        return (math.nan, math.inf, -0.0, 1e300)[given.byte() & 3]
    if what == 3:
        return WORDS[given.byte() % len(WORDS)]
    if what == 4:
        return given.piece(24).decode("utf-8", "replace")
    if what == 5:
        return [_wild(given) for _ in range(given.byte() & 3) if given.left()]
    return {"primary": given.byte(), "port": {}}


def _built(build: Any) -> int:
    try:
        found = build()
    except ConfigurationInvalid as error:
        assert _can_be_told(error.lines)
        assert len(error.lines) <= configuration.COMPLAINTS_MAX + 1, "more lines than a person reads"
        return 0
    told = Told()
    for group in found.groups:
        refused = garbage.refusals(group)
        if not refused:
            lines = cautions.warnings(group), cautions.notes(group, found)
            shown = check.as_plain(group, budget.of(group), *lines)
            told.add(json.dumps(shown, allow_nan=False))
            refused = [*lines[0], *lines[1]]
        assert _can_be_told(refused)
        for board in group.boards:
            kept = blob.of(board, group)
            assert wire_configuration.verify(kept) == (m.ACK_OK, 0), f"the board refuses it: {board.name}"
            assert blob.differences(kept, kept) == []
            told.add(kept)
    if not any(group.key for group in found.groups):
        plan.plan_from(found)
    return told.crc


def _can_be_told(lines: Any) -> bool:
    """Return whether nothing in these lines moves a terminal's cursor."""
    return all(line.isprintable() for line in lines)


def keys(data: bytes) -> int:
    """Whatever a file of keys holds: keys that write the same file again, or a line that shows none of it."""
    path = written("keys", data)
    try:
        found = keyfile.read(path)
    except ConfigurationInvalid as error:
        assert _can_be_told(error.lines)
        assert not any(word in str(error) for word in data.decode("latin1").split() if len(word) > 16), "keys are shown"
        return 0
    assert "".join(found.text().split()) == "".join(data.decode().lower().split()), "other keys than the file's"
    return _told(found.text())


# -- what is seen on a cable -----------------------------------------------------------------------------------------


def cable(data: bytes) -> int:
    """Whatever goes over a cable, in whatever pieces: a line for each frame and damage, in order, with its place.

    No byte is lost, pieces make no difference, and each line can be shown on a terminal and as JSON.
    """
    given = Given(data)
    first = given.byte()
    said = wire.structured(given) if first & wire.STRUCTURED else given.rest()
    whole = _dissected(said, len(said) or 1)
    assert _dissected(said, 1 + (first & wire.CHUNKS_MASK)) == whole, "pieces make a difference"
    places = []
    at = 0
    for part in said.split(b"\0"):
        if part:
            places.append((at, len(part)))
        at += len(part) + 1
    assert [(line["offset"], line["size"]) for line in whole] == places, "bytes are lost, or stand elsewhere"
    return _told(json.dumps(whole))


def _dissected(said: bytes, size: int) -> list[dict[str, Any]]:
    it = dissect.Dissector()
    lines = [line for at in range(0, len(said), size) for line in it.take(Piece(said[at : at + size], 7, "a", "b"))]
    lines += it.end()
    for line in lines:
        assert line.text().isprintable(), "a line that moves a terminal's cursor"
    return [line.json() for line in lines]


def recording(data: bytes) -> int:
    """Whatever a capture holds: pieces that can be dissected and shown, or one line for a person."""
    dissector = dissect.Dissector()
    told = Told()
    try:
        for piece in capture.read(written("capture", data)):
            for line in dissector.take(piece):
                told.add(line.text(), json.dumps(line.json()))
    except CaptureError as error:
        assert _can_be_told(error.lines)
    for line in dissector.end():
        told.add(line.text(), json.dumps(line.json()))
    return told.crc
