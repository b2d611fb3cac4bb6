"""A rig as a process: its client, bad requests, and that nothing is left behind however it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hotspare.rig.client import RigClient
from hotspare.rig.control import LINE_BYTES_MAX, short_address
from hotspare.rig.errors import NoRig, Refused, RigError, TimedOut, Unknown
from hotspare.rig.plan import BoardPlan, RigPlan, SerialCable, to_plain
from hotspare.rig.process import RigEnded, RigProcess, allow_descriptors
from tests.rig.conftest import PRELUDE, RELAY, UNITS

LIMIT_S = 10.0

FEEDS = "w = machine.WDT(timeout=2000)\nwhile True:\n    w.feed()\n    time.sleep_ms(20)\n"
HANGS = "tell(up=1)\nmicropython.kbd_intr(-1)\nsys.stdout.write('here')\nwhile True:\n    pass\n"
PLAN = RigPlan(
    UNITS,
    (
        BoardPlan("board", flash={"/main.py": (PRELUDE + FEEDS).encode()}),
        BoardPlan("other", flash={"/main.py": (PRELUDE + FEEDS).encode()}),
    ),
    (SerialCable("cable", ("board", "uart0"), ("other", "uart0")),),
    (RELAY,),
)


def soon(holds: Callable[[], object], limit_s: float = LIMIT_S) -> None:
    """Wait until `holds()` is true; fails after a generous limit."""
    end_s = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end_s, f"not within {limit_s} s"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Return whether a process has ended; a zombie that nobody waits for has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def board_pids(rig: RigClient) -> list[int]:
    """Return the processes of the boards that run."""
    return [board["process"] for board in rig.state()["boards"].values() if board["process"]]


@pytest.fixture
def process(tmp_path: Path) -> Iterator[RigProcess]:
    with RigProcess(PLAN, tmp_path / "rig", firmware={}, seed=1) as process:
        process.wait_answers()
        yield process


def test_a_client_has_the_same_verbs_and_the_same_errors(process: RigProcess) -> None:
    rig = process.rig
    since = rig.state()["trace_next"] - 1
    us = rig.do([("stop", {"unit": "primary"}), ("power", {"board": "board", "state": "off"})])
    assert rig.wait({"kind": "board", "name": "board", "event": "off"}, since).us == us
    assert [record.us for record in rig.trace(since)][:2] == [us, us]
    assert rig.state()["units"]["primary"]["powered"] is False
    with pytest.raises(Unknown, match="no unit is called x: there is primary, spare"):
        rig.hang("x")
    with pytest.raises(Refused, match="the power of board is off already"):
        rig.power("board", False)
    with pytest.raises(TimedOut, match="within 20 ms"):
        rig.wait({"kind": "nothing"}, limit_ms=20)
    with pytest.raises(Unknown, match="records have no colour: they have kind, name, event, detail"):
        rig.wait({"colour": "red"})


def test_a_trace_longer_than_a_page_comes_whole(process: RigProcess) -> None:
    rig = process.rig
    since = rig.state()["trace_next"] - 1
    for _ in range(20):
        rig.do([("cut", {"cable": "cable"}), ("heal", {"cable": "cable"})] * 20)
    records = [record for record in rig.trace(since) if record.kind == "cable"]
    assert len(records) == 800
    assert [record.number for record in records] == sorted(record.number for record in records)


def test_several_clients_are_served_and_one_that_goes_away_disturbs_nobody(process: RigProcess) -> None:
    clients = [RigClient(process.directory) for _ in range(5)]
    raw = connected(process.directory)
    raw.sendall(b'{"id": 1, "wait": {"match": {"kind": "nothing"}, "limit_ms": 60000}}\n')
    raw.close()
    for client in clients:
        assert client.state()["units"]
        client.close()
    assert process.rig.state()["units"]


def connected(directory: Path) -> socket.socket:
    """Return a connection to a rig's control socket."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(LIMIT_S)
    with short_address(directory / "control") as address:
        sock.connect(address)
    return sock


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"not json\n", "this is no request"),
        (b"\xff\xfe\n", "this is no request"),
        (b"[]\n", "a request is a JSON object"),
        (b"{}\n", "this is no request"),
        (b'{"id": 1, "explode": {}}\n', "a rig is not asked for explode"),
        (b'{"id": 1, "do": 5}\n', "this is no request"),
        (b'{"id": 1, "do": [["cut"]]}\n', "this is no request"),
        (b'{"id": 1, "do": [["cut", "cable"]]}\n', ""),
        (b'{"id": 1, "do": [["cut", {"cable": {}}]]}\n', "no cable is called"),
        (b'{"id": 1, "page": {"since": "x"}}\n', "this is no request"),
        (b'{"id": null, "wait": {}}\n', "an id of its own"),
    ],
)
def test_a_request_that_makes_no_sense_is_answered_and_changes_nothing(
    process: RigProcess, line: bytes, complaint: str
) -> None:
    before = process.rig.state()["trace_next"]
    with connected(process.directory) as sock:
        sock.sendall(line)
        answer = json.loads(sock.makefile().readline())
    assert answer["error"] == "unknown"
    assert complaint in answer["message"]
    assert process.rig.state()["trace_next"] == before


def test_a_request_without_end_is_cut_off(process: RigProcess) -> None:
    def send_on_and_on(sock: socket.socket) -> None:
        for _ in range(3 * LINE_BYTES_MAX // 65_536):
            sock.sendall(b"x" * 65_536)
            time.sleep(0.001)

    with connected(process.directory) as sock, pytest.raises((BrokenPipeError, ConnectionResetError)):
        send_on_and_on(sock)
    assert process.rig.state()["units"]


def test_the_end_of_a_rig_leaves_nothing_behind_even_if_a_board_hangs_or_is_frozen(tmp_path: Path) -> None:
    hanging = RigPlan(UNITS, tuple(BoardPlan(name, flash={"/main.py": (PRELUDE + HANGS).encode()}) for name in "ab"))
    (tmp_path / "deep").mkdir()
    with RigProcess(hanging, tmp_path / "deep" / "rig", firmware={}) as process:
        process.wait_answers()
        process.rig.freeze("b")
        pids = board_pids(process.rig)
        assert len(pids) == 2
    assert all(gone(pid) for pid in pids)
    assert not (tmp_path / "deep" / "rig").exists()


def test_a_directory_that_was_there_before_stays_with_what_was_in_it(tmp_path: Path) -> None:
    (tmp_path / "note").write_text("mine")
    with RigProcess(PLAN, tmp_path, firmware={}) as process:
        process.wait_answers()
        assert (tmp_path / "board").is_symlink()
    assert [path.name for path in tmp_path.iterdir()] == ["note"]


def test_a_rig_killed_outright_takes_its_boards_along_and_clears_up(tmp_path: Path) -> None:
    directory = tmp_path / "rig"
    hanging = RigPlan(UNITS, tuple(BoardPlan(name, flash={"/main.py": (PRELUDE + HANGS).encode()}) for name in "ab"))
    process = RigProcess(hanging, directory, firmware={})
    try:
        process.wait_answers()
        process.rig.freeze("a")
        pids = board_pids(process.rig)
        os.kill(process.pid, signal.SIGKILL)
        soon(lambda: all(gone(pid) for pid in pids))
        soon(lambda: not directory.exists())
        with pytest.raises(RigEnded, match="ended: it was killed"):
            process.wait_end(LIMIT_S)
        with pytest.raises(NoRig):
            process.rig.state()
    finally:
        process.close()


def test_a_directory_left_by_a_killed_rig_and_its_warden_is_taken_over(tmp_path: Path) -> None:
    directory = tmp_path / "rig"
    process = RigProcess(PLAN, directory, firmware={})
    try:
        process.wait_answers()
        pids = board_pids(process.rig)
        wardens = [pid for pid in children(process.pid) if pid not in pids]
        assert len(wardens) == 1
        for pid in (*wardens, process.pid, *pids):
            os.kill(pid, signal.SIGKILL)
        soon(lambda: gone(process.pid))
        assert (directory / ".lock").exists()
        with RigProcess(PLAN, directory, firmware={}) as again:
            again.wait_answers()
            assert again.rig.state()["boards"]["board"]["answers"]
        assert not directory.exists()
    finally:
        process.close()


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_rig_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    directory = tmp_path / "rig"
    code = (
        "import json, sys, time\nfrom pathlib import Path\n"
        "from hotspare.rig.plan import from_plain\nfrom hotspare.rig.process import RigProcess\n"
        "process = RigProcess(from_plain(json.loads(sys.argv[1])), Path(sys.argv[2]), firmware={})\n"
        "process.wait_answers()\nprint(process.pid, flush=True)\ntime.sleep(1000)\n"
    )
    argv = [sys.executable, "-c", code, json.dumps(to_plain(PLAN)), str(directory)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        rig = int(starter.stdout.readline())
        with RigClient(directory) as client:
            pids = board_pids(client)
        starter.kill()
        soon(lambda: gone(rig) and all(gone(pid) for pid in pids))
        soon(lambda: not directory.exists())


def test_a_second_rig_in_the_same_directory_is_refused_in_one_line(process: RigProcess) -> None:
    with pytest.raises(RigEnded, match=r"^a rig already runs in .* \(process \d+\): stop it, or choose .* --dir$"):
        RigProcess(PLAN, process.directory, firmware={})
    assert process.rig.state()["units"]


def test_where_no_directory_can_be_one_line_says_why_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place, why in (
        (tmp_path / "file", "file exists"),
        (tmp_path / "file" / "rig", "not a directory"),
        (Path("/dev/null"), "file exists"),
        (Path("/proc/x"), "no such file or directory"),
        (tmp_path / "no" / "where", "no such file or directory"),
        (tmp_path / ("x" * 300), "file name too long"),
    ):
        with pytest.raises(RigEnded, match=rf"^no rig can have its directory at {place}: {why}; choose .* --dir$"):
            RigProcess(PLAN, place, firmware={})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_directory_too_deep_for_a_sockets_address_serves_all_the_same(tmp_path: Path) -> None:
    directory = tmp_path / ("d" * 100) / ("e" * 100)
    directory.parent.mkdir()
    with RigProcess(PLAN, directory, firmware={}) as process:
        assert process.rig.state()["units"]


def test_where_no_rig_runs_one_line_says_so(tmp_path: Path) -> None:
    with pytest.raises(
        NoRig, match=r"no rig runs in .*: start one with `hotspare emulate`, or say where it is with --dir"
    ):
        RigClient(tmp_path)


def test_firmware_that_ends_before_it_answers_is_said_with_its_last_line(tmp_path: Path) -> None:
    plan = RigPlan(UNITS, tuple(BoardPlan(name, flash={"/main.py": b"import nothing_there"}) for name in "ab"))
    complaint = r"the firmware of [ab].* ended: ImportError: no module named 'nothing_there'"
    with RigProcess(plan, tmp_path / "rig", firmware={}) as process, pytest.raises(RigError, match=complaint):
        process.wait_answers()


def test_a_board_that_does_not_answer_is_named(tmp_path: Path) -> None:
    plan = RigPlan(UNITS, (BoardPlan("mute", flash={"/main.py": b"import time\ntime.sleep(100)"}),))
    complaint = r"no answer within 0.3 s from mute"
    with RigProcess(plan, tmp_path / "rig", firmware={}) as process, pytest.raises(RigError, match=complaint):
        process.wait_answers(0.3)


def test_what_comes_instead_of_a_plan_ends_the_rig_in_one_line() -> None:
    for given, said in ((b"", "no plan came"), (b"junk\n", "no plan came"), (b'{"plan": {}}\n', "not a plan of a rig")):
        ended = subprocess.run(
            [sys.executable, "-m", "hotspare.rig.process"], input=given, capture_output=True, check=False
        )
        assert ended.returncode == 1
        assert said in ended.stdout.decode()
        assert ended.stderr == b""


def test_a_starter_that_is_gone_before_the_rig_runs_is_no_traceback(tmp_path: Path) -> None:
    plan = {"plan": to_plain(PLAN), "directory": str(tmp_path / "rig"), "firmware": {}, "powered": True, "seed": 1}
    read_end, write_end = os.pipe()
    os.close(read_end)
    ended = subprocess.run(
        [sys.executable, "-m", "hotspare.rig.process"],
        input=json.dumps(plan).encode() + b"\n",
        stdout=write_end,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write_end)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert not (tmp_path / "rig").exists()


def test_more_open_files_than_the_system_allows_are_refused_beforehand() -> None:
    with pytest.raises(RigError, match="raise it with `ulimit -n`"):
        allow_descriptors(1 << 40)
