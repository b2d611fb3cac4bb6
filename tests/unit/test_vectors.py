"""protocol/vectors.json, read by CPython, by MicroPython, by the compiled twin of the codec and by construct."""

import json
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest

from hotspare import layouts
from hotspare.rig.vm import find_micropython
from hotspare_wire import frame, link, messages
from hotspare_wire.heap import HELLO_BYTES

REPOSITORY = Path(__file__).resolve().parent.parent.parent
SCRIPTS = REPOSITORY / "tests" / "board"
VECTORS = json.loads((REPOSITORY / "protocol" / "vectors.json").read_text(encoding="utf-8"))
FRAMES = VECTORS["frames"]


def unhex(text: str) -> bytes:
    """Return the bytes of a text in which spaces and bars only part what belongs together."""
    return bytes.fromhex(text.replace("|", " "))


def run(python: str, script: str, *arguments: str) -> list[str]:
    """Return the lines that a script of tests/board prints; it must end well."""
    command = [python, str(SCRIPTS / script), str(REPOSITORY), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=50)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout.splitlines()


def by_name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


@pytest.mark.parametrize("codec", ["plain", "viper"])
def test_micropython_prints_of_every_vector_what_cpython_prints(codec: str) -> None:
    lines = run(sys.executable, "wire_vectors.py", "plain")
    assert run(find_micropython(), "wire_vectors.py", codec) == lines
    assert [line for line in lines if not line.endswith(": ok")] == []
    assert len(lines) == sum(len(VECTORS[part]) for part in ("cobs", "frames", "streams", "handshakes"))


@pytest.mark.parametrize("vector", FRAMES, ids=by_name)
def test_the_oracle_reads_and_builds_the_pinned_bytes(vector: dict[str, Any]) -> None:
    payload = unhex(vector["payload"])
    header, fields = layouts.parse(payload)
    values = [value.hex() if isinstance(value, bytes) else value for value in fields.values()]
    assert (messages.name(header.first.kind), header.first.version) == (vector["kind"], frame.VERSION)
    assert [header.source, header.destination, header.sequence] == [
        vector[name] for name in ("source", "destination", "sequence")
    ]
    assert values == vector["values"]
    assert layouts.build(header.first.kind, header.source, header.destination, header.sequence, fields) == payload


@pytest.mark.parametrize("vector", FRAMES, ids=by_name)
def test_the_pinned_bytes_are_what_the_definitions_say(vector: dict[str, Any]) -> None:
    payload = unhex(vector["payload"])
    header, _, tag, crc = (unhex(part) for part in vector["payload"].split("|"))
    assert len(header) == frame.HEADER_SIZE
    assert tag == bytes(frame.TAG_SIZE)
    assert crc == zlib.crc32(payload[:-4]).to_bytes(4, "little")
    blocks = b"".join(bytes([len(block) + 1]) + block for block in payload.split(b"\0"))
    assert unhex(vector["wire"]) == b"\0" + blocks + b"\0"


def test_every_message_every_damage_and_every_verdict_has_a_vector() -> None:
    assert {vector["kind"] for vector in FRAMES} == {row[1] for row in messages.MESSAGES}
    assert {kind for vector in VECTORS["streams"] for kind in vector["damage"]} == set(frame.DAMAGE_NAMES)
    steps = [step for vector in VECTORS["handshakes"] for step in vector["steps"]]
    assert {step["verdict"] for step in steps if "verdict" in step} - {"lost"} == set(link.VERDICT_NAMES)


def test_heartbeats_of_the_vectors_are_32_bytes_on_the_wire() -> None:
    assert {len(unhex(vector["wire"])) for vector in FRAMES if vector["kind"] == "heartbeat"} == {32}


@pytest.mark.parametrize("codec", ["plain", "viper"])
def test_steady_traffic_allocates_nothing_on_micropython(codec: str) -> None:
    lines = run(find_micropython(), "wire_allocations.py", codec)
    assert lines[0] == "heap locked: ok"
    assert len(lines) == 5
    assert [line for line in lines[1:] if ": 0 bytes," not in line] == []


def test_a_hello_allocates_no_more_than_its_budget() -> None:
    words = 2  # of 64 bits here, where a board has 32
    assert 0 < int(run(find_micropython(), "hello_allocations.py")[0]) <= words * HELLO_BYTES
