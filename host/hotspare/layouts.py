"""The wire's layouts as `construct` structs, derived from the table of messages: a second opinion on every byte.

The board's own way through the table is `struct`; this one shares the table and no code with it, so that the dissector
and the tests hold the one against the other.
"""

from __future__ import annotations

import zlib
from functools import cache
from typing import Any

import construct as c

from hotspare_wire import frame, messages

NUMBERS = {"B": c.Int8ul, "H": c.Int16ul, "I": c.Int32ul, "b": c.Int8sl, "i": c.Int32sl}

HEADER = c.Struct(
    "first" / c.BitStruct("version" / c.BitsInteger(8 - frame.KIND_BITS), "kind" / c.BitsInteger(frame.KIND_BITS)),
    "source" / c.Int8ul,
    "destination" / c.Int8ul,
    "sequence" / c.Int32ul,
)
TAG = c.Bytes(frame.TAG_SIZE)
CRC = c.Int32ul


def field(format_: str) -> Any:
    """Return the construct of one field's format."""
    if format_ == "*":
        return c.GreedyBytes
    if format_ in NUMBERS:
        return NUMBERS[format_]
    return c.Bytes(int(format_.removesuffix("s")))


@cache
def body(kind: int) -> Any:
    """Return the layout of the body of the message `kind`; bytes that are left over are an error."""
    return c.Struct(*(name / field(format_) for name, format_ in messages.fields(kind)), c.Terminated)


@cache
def payload(kind: int, body_size: int) -> Any:
    """Return the layout of a whole payload whose body is `body_size` bytes long."""
    return c.Struct(
        "covered" / c.RawCopy(c.Struct("header" / HEADER, "body" / c.FixedSized(body_size, body(kind)), "tag" / TAG)),
        "crc" / c.Checksum(CRC, zlib.crc32, lambda context: context.covered.data),
    )


def parse(data: bytes) -> tuple[Any, dict[str, Any]]:
    """Return header and fields of a payload; raises construct.ConstructError or KeyError for one that is not right."""
    kind = HEADER.parse(data).first.kind
    covered = payload(kind, len(data) - frame.PAYLOAD_MIN).parse(data).covered.value
    return covered.header, {name: covered.body[name] for name, _ in messages.fields(kind)}


def build(kind: int, source: int, destination: int, sequence: int, values: dict[str, Any]) -> bytes:
    """Return the payload with `values`; raises construct.ConstructError for a value that does not fit."""
    first = {"version": frame.VERSION, "kind": kind}
    header = {"first": first, "source": source, "destination": destination, "sequence": sequence}
    size = len(body(kind).build(values))
    covered = {"header": header, "body": values, "tag": bytes(frame.TAG_SIZE)}
    return bytes(payload(kind, size).build({"covered": {"value": covered}}))
