"""The dissector: a line for each frame and damage of a capture, of raw bytes and of a live port; mistakes in a line."""

import contextlib
import json
import os
import pty
import subprocess
import sys
import termios
import threading
import tty
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hotspare import capture, cli, dissect, layouts, options, reading
from hotspare.capture import FROM_A, FROM_B, Capture, CaptureError, Piece
from hotspare.errors import Unreachable
from hotspare_wire import frame, messages
from tests.tools.wire import bodyless, pair

VECTORS = json.loads((Path(__file__).parent.parent.parent / "protocol" / "vectors.json").read_text(encoding="utf-8"))
HEARTBEAT = bytes.fromhex(VECTORS["frames"][0]["wire"])
STREAM = bytes.fromhex(VECTORS["streams"][-1]["wire"])

PORT_S_MAX = 10


def found(*pieces: Piece) -> list[dissect.Line]:
    """Return what the dissector makes of pieces."""
    dissector = dissect.Dissector()
    lines = [line for piece in pieces for line in dissector.take(piece)]
    return lines + list(dissector.end())


def run(*arguments: str) -> tuple[int, list[str]]:
    """Run the command in this process; return its exit code and lines, those of errors too."""
    result = CliRunner().invoke(as_program, ["dissect", *arguments])
    return result.exit_code, result.output.splitlines()


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.pass_context
def as_program(context: click.Context) -> None:
    """Stand in for the program, whose `main` returns the exit code."""
    context.exit(cli.main(context.args))


@pytest.fixture
def captured(tmp_path: Path) -> Path:
    """A capture of a handshake and beats both ways, with a damaged frame at its end."""
    a, b = pair()
    path = tmp_path / "crosslink-a.capture"
    with Capture(path, "crosslink-a", "beacon", "controller") as tap:
        for number in range(3):
            wire = a.beat()
            tap.write(number * 90_000 + 1_000, FROM_A, wire[:20])
            tap.write(number * 90_000 + 2_000, FROM_B, b.beat())
            tap.write(number * 90_000 + 3_000, FROM_A, wire[20:])
        tap.write(300_000, FROM_B, HEARTBEAT[:11] + b"\0")
    return path


def test_a_capture_shows_time_direction_and_fields_by_name(captured: Path) -> None:
    code, lines = run(str(captured))
    assert code == 0
    assert lines[0].split()[:4] == ["0.002000", "controller>beacon", "heartbeat", "2>1"]
    assert lines[1].split()[:4] == ["0.003000", "beacon>controller", "heartbeat", "1>2"]
    assert "health_role=ok" in lines[0]
    assert "config_hash=1234" in lines[0]
    assert lines[6] == "    0.300000 controller>beacon damage: broken, 10 bytes from byte 97 on"
    assert len(lines) == 7


def test_json_is_an_object_a_line_with_all_that_is_known(captured: Path) -> None:
    code, lines = run(str(captured), "--json")
    objects = [json.loads(line) for line in lines]
    assert code == 0
    assert [it["what"] for it in objects] == ["frame"] * 6 + ["damage"]
    heard = objects[1]
    assert (heard["at_us"], heard["from"], heard["to"]) == (3_000, "beacon", "controller")
    assert (heard["offset"], heard["size"]) == (1, 30)
    assert heard["fields"]["state"] == "normal"
    assert objects[-1]["kind"] == "broken"


def test_raw_bytes_are_shown_with_every_kind_of_damage_and_its_place(tmp_path: Path) -> None:
    path = tmp_path / "raw.bin"
    path.write_bytes(STREAM + b"\x05\x11")
    code, lines = run(str(path))
    assert code == 0
    kinds = [line.split("damage: ")[1].split(",")[0] for line in lines if "damage" in line]
    assert kinds == list(frame.DAMAGE_NAMES)
    assert lines[-2].split()[:4] == ["-", "-", "report", "agent1>1"]
    assert lines[-1].endswith(f"unfinished: 2 bytes from byte {len(STREAM)} on, and no end")


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_pieces_of_any_size_give_the_same_lines(size: int) -> None:
    whole = [(line.what, line.kind, line.offset, line.size) for line in found(Piece(STREAM))]
    pieces = [Piece(STREAM[start : start + size]) for start in range(0, len(STREAM), size)]
    assert [(line.what, line.kind, line.offset, line.size) for line in found(*pieces)] == whole


def test_the_directions_of_a_cable_do_not_mix() -> None:
    there, back = (lambda data: Piece(data, 1, "a", "b")), (lambda data: Piece(data, 1, "b", "a"))
    lines = found(there(HEARTBEAT[:10]), back(HEARTBEAT), there(HEARTBEAT[10:]))
    assert [(line.what, line.piece.sender) for line in lines] == [("frame", "b"), ("frame", "a")]


@pytest.mark.parametrize("vector", VECTORS["frames"], ids=lambda vector: vector["name"])
def test_every_message_is_shown_with_all_its_fields(vector: dict[str, object]) -> None:
    (line,) = found(Piece(bytes.fromhex(str(vector["wire"]))))
    assert (line.what, line.kind) == ("frame", vector["kind"])
    kind = next(row[0] for row in messages.MESSAGES if row[1] == vector["kind"])
    assert [name for name in line.fields if name != "text"] == [name for name, _ in messages.fields(kind)]
    json.dumps(line.json())
    assert "\n" not in line.text()


def test_codes_without_a_name_are_shown_as_numbers() -> None:
    encoder = frame.Encoder()
    size = messages.pack(messages.REQUEST, encoder.payload, (1, 77, 9, 0, 0, 0x81))
    (line,) = found(Piece(bytes(encoder.close(messages.REQUEST, 240, 2, 0, 1, size))))
    assert line.fields["request"] == "code 77"
    assert line.fields["flags"] == ["dry run", "bits 0x80"]


def test_a_good_frame_that_the_table_does_not_fit_is_shown_as_it_came() -> None:
    lines = found(Piece(bodyless(31) + bodyless(messages.HEARTBEAT)))
    assert [(line.what, line.kind, line.fields) for line in lines] == [
        ("misfit", "kind 31", {"body": ""}),
        ("misfit", "heartbeat", {"body": ""}),
    ]
    assert "misfit" in lines[0].text()


def test_every_field_that_is_read_in_a_special_way_exists() -> None:
    fields = {(name, field) for kind, name, _ in messages.MESSAGES for field, _ in messages.fields(kind)}
    assert set(reading.FIELDS) <= fields


def test_addresses_have_names_where_they_have_a_meaning() -> None:
    shown = [reading.address(value) for value in (0, 1, 99, 100, 107, 108, 240, 255)]
    assert shown == ["none", "1", "99", "agent1", "agent8", "108", "host", "any"]


def test_the_oracle_refuses_a_wrong_crc_and_a_wrong_size() -> None:
    (payload,) = [bytes.fromhex(VECTORS["frames"][0]["payload"].replace("|", " "))]
    with pytest.raises(layouts.c.ChecksumError):
        layouts.parse(payload[:-1] + bytes([payload[-1] ^ 1]))
    with pytest.raises(layouts.c.ConstructError):
        layouts.parse(payload[:8] + payload[9:])


# -- captures -----------------------------------------------------------------------------------------------------


def test_a_capture_reads_back_what_was_written_and_keeps_remarks_apart(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with Capture(path, "cable", "left", "right") as tap:
        tap.write(0, FROM_A, b"\x00\x01")
        tap.write(7, FROM_B, memoryview(b"\xff"))
        tap.write(8, FROM_A, b"")
    with path.open("a") as file:
        file.write("# a remark\n")
    assert list(capture.read(path)) == [Piece(b"\x00\x01", 0, "left", "right"), Piece(b"\xff", 7, "right", "left")]


def test_a_capture_that_is_full_says_so_and_takes_no_more(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with Capture(path, "cable", "left", "right", bytes_max=100) as tap:
        for number in range(1000):
            tap.write(number, FROM_A, b"\x01" * 10)
        assert tap.full
    assert path.stat().st_size < 200
    assert path.read_text().splitlines()[-1].startswith("# full")
    assert len(list(capture.read(path))) == 2


def test_a_capture_that_was_cut_off_in_a_line_is_read_up_to_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("hotspare capture 1: cable a b\n5 > 0011\n6 < 00")
    assert list(capture.read(path)) == [Piece(b"\x00\x11", 5, "a", "b")]


@pytest.mark.parametrize("time", ["9" * 19, "9" * 400, "-5", "1_0", "+1"])
def test_a_time_that_is_none_is_one_line_and_no_traceback(tmp_path: Path, time: str) -> None:
    path = tmp_path / "a"
    path.write_text(f"hotspare capture 1: cable a b\n{time} > 0002010200\n")
    status, lines = run(str(path))
    assert status != 0
    assert lines == [f"hotspare: {path}, line 2: is not 'MICROSECONDS > HEX' or '<'"]


@pytest.mark.parametrize(
    "line", ["x > 00", "5 = 00", "5 > 0", "5 > zz", "5 >", "-1", "\xff\xfe", "", "5 > 00 00", "5 > " + "00" * 40_000]
)
def test_a_line_that_is_none_is_named_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"hotspare capture 1: cable a b\n5 > 0011\n" + line.encode("latin-1") + b"\n")
    with pytest.raises(CaptureError, match="line 3: is not 'MICROSECONDS"):
        list(capture.read(path))


def test_a_first_line_without_names_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("hotspare capture 1: cable\n")
    assert run(str(path)) == (1, [f"hotspare: {path}, line 1: is not 'hotspare capture 1: CABLE A B'"])


def test_a_capture_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="can not be written: no such file or directory"):
        Capture(tmp_path / "nowhere" / "a", "cable", "a", "b")


def test_a_capture_writes_over_no_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    with pytest.raises(CaptureError, match="is there already and stays as it is"):
        Capture(tmp_path / "a", "cable", "a", "b")
    assert (tmp_path / "a").read_text() == "mine"


def test_a_capture_that_can_not_even_begin_is_said() -> None:
    with Path("/dev/full").open("w") as full, pytest.raises(CaptureError, match="no space left on device"):
        Capture(Path("full"), "cable", "a", "b", open_new=lambda path: full)


def test_a_disk_that_fills_up_hurts_nobody_and_is_said(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with Capture(tmp_path / "a", "cable", "a", "b", open_new=lambda path: open(writer, "w")) as tap:
        assert tap.failure == ""
        os.close(reader)
        for _ in range(2):
            tap.write(1, ">", bytes(50_000))
        assert tap.failure.endswith("can not be written: broken pipe")


# -- mistakes and ports -------------------------------------------------------------------------------------------


def test_what_is_not_there_or_can_not_be_read_is_one_line(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert run(str(missing)) == (1, [f"hotspare: {missing}: there is no such file or port"])
    assert run(str(tmp_path)) == (1, [f"hotspare: {tmp_path}: can not be read: is a directory"])
    (code, lines) = run("/dev/null")
    assert code != 0
    assert len(lines) == 1


def test_an_empty_file_has_no_frames_and_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.touch()
    assert run(str(path)) == (0, [])


@pytest.fixture
def port() -> Iterator[tuple[int, Path]]:
    """A pseudo port: its far end, and the path of ours."""
    far, near = pty.openpty()
    tty.setraw(near)
    name = os.ttyname(near)
    yield far, Path(name)
    os.close(near)
    os.close(far)


def test_a_live_port_is_listened_to_and_nothing_is_written_to_it(port: tuple[int, Path]) -> None:
    far, near = port
    halves = [HEARTBEAT[15:], HEARTBEAT[:15]]
    lines: list[dissect.Line] = []
    dissector = dissect.Dissector()
    with contextlib.closing(dissect.listen(near, PORT_S_MAX)) as listening:
        for piece in listening:
            lines += dissector.take(piece)
            if lines:
                break
            if halves:
                os.write(far, halves.pop())
    assert [(line.what, line.kind) for line in lines] == [("frame", "heartbeat")]
    assert lines[0].piece.at_us is not None
    os.set_blocking(far, False)
    with pytest.raises(BlockingIOError):
        os.read(far, 1)


def test_listening_ends_after_the_time_that_was_asked_for(port: tuple[int, Path]) -> None:
    far, near = port
    over = threading.Event()

    def speak() -> None:
        while not over.wait(0.02):
            os.write(far, HEARTBEAT)

    speaker = threading.Thread(target=speak)
    speaker.start()
    code, lines = run(str(near), "--for", "0.3")
    over.set()
    speaker.join()
    assert code == 0
    assert lines
    assert all("heartbeat 1>2 #7" in line for line in lines)


@pytest.mark.parametrize(("said", "speed"), [([], termios.B115200), (["--baud", "9600"], termios.B9600)])
def test_a_port_is_listened_to_at_the_baud_rate_that_was_said(
    port: tuple[int, Path], said: list[str], speed: int
) -> None:
    far, near = port
    assert run(str(near), "--for", "0.1", *said) == (0, [])
    assert termios.tcgetattr(far)[4:6] == [speed, speed]


def test_the_baud_rate_is_that_of_a_group_unless_it_is_said() -> None:
    command = cli.root.get_command(click.Context(cli.root), "dissect")
    assert command is not None
    (baud,) = [it for it in command.params if it.name == "baud"]
    option = options.find("group", "baud")
    assert option is not None
    assert baud.default == option.default
    assert isinstance(baud.type, click.IntRange)
    assert (baud.type.min, baud.type.max) == (option.least, option.most)


@pytest.mark.parametrize("baud", ["0", "1199", "1000001", "-9600", "fast", "96e2", ""])
def test_a_baud_rate_that_is_none_is_one_line(port: tuple[int, Path], baud: str) -> None:
    code, lines = run(str(port[1]), "--for", "0.1", "--baud", baud)
    assert code == 2
    assert len(lines) == 1
    assert "--baud" in lines[0]


@pytest.mark.parametrize("baud", ["9600", "115200"])
def test_a_baud_rate_for_a_capture_is_refused_with_the_mend(captured: Path, baud: str) -> None:
    code, lines = run(str(captured), "--baud", baud)
    assert (code, lines) == (
        2,
        [f"hotspare: --baud {baud}: {captured} is no port and has no baud rate: leave --baud out"],
    )
    missing = captured.with_name("missing")
    assert run(str(missing), "--baud", baud) == (1, [f"hotspare: {missing}: there is no such file or port"])


def test_a_busy_port_is_one_line_and_free_again_afterwards(port: tuple[int, Path]) -> None:
    _, near = port
    with contextlib.closing(dissect.listen(near, PORT_S_MAX)) as first:
        next(first)
        code, lines = run(str(near), "--for", "1")
    assert code != 0
    assert len(lines) == 1
    assert "in use by another program" in lines[0]
    assert run(str(near), "--for", "0.1") == (0, [])


def test_a_port_that_goes_away_is_one_line(port: tuple[int, Path]) -> None:
    far, near = port
    with contextlib.closing(dissect.listen(near, PORT_S_MAX)) as listening:
        next(listening)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, far)  # the far end is gone, and the number stays ours to close
        os.close(nothing)
        with pytest.raises(Unreachable, match="is gone"):
            list(listening)


def test_output_that_nobody_reads_any_more_ends_quietly(tmp_path: Path) -> None:
    path = tmp_path / "raw.bin"
    path.write_bytes(HEARTBEAT * 5_000)
    program = [
        sys.executable,
        "-c",
        "import sys; from hotspare.cli import main; sys.exit(main())",
        "dissect",
        str(path),
    ]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        process.wait(timeout=20)
