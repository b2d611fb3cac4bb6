"""The host port of an emulated board: a PTY that comes and goes with the board, fills up, and interrupts."""

import fcntl
import os
import select
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hotspare.port import Port
from hotspare.rig.board import ATTACH_US
from hotspare.rig.hostport import BOARD_SEND_BUFFER_BYTES, FREE_US, TO_HOST_BYTES_MAX, is_exclusive
from hotspare.rig.vm import catches_interrupts
from hotspare.rig.world import World
from tests.rig.conftest import MakeWorld, eventually, heard, run_ms, told

ECHOES = """
micropython.kbd_intr(-1)
poll = select.poll()
poll.register(sys.stdin, select.POLLIN)
byte = bytearray(1)
sys.stdout.buffer.write(b"here")
while True:
    for _ in poll.ipoll(1000):
        if sys.stdin.buffer.readinto(byte):
            sys.stdout.buffer.write(byte)
"""


@contextmanager
def opened(world: World, board: str = "board") -> Iterator[int]:
    """Open a board's host port as a host does."""
    link = world.place.link(board)
    eventually(world, link.exists)
    fd = os.open(link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        yield fd
    finally:
        os.close(fd)


def read(fd: int) -> bytes:
    """Return what waits to be read."""
    try:
        return os.read(fd, 65_536)
    except BlockingIOError:
        return b""


def test_every_byte_goes_through_both_ways_as_it_is(make_world: MakeWorld) -> None:
    world = make_world(ECHOES)
    sent = bytes(range(256)) * 4
    with opened(world) as fd:
        got = bytearray()

        def all_there() -> bool:
            got.extend(read(fd))
            return len(got) >= len(sent) + 4

        os.write(fd, sent)
        eventually(world, all_there)
        assert bytes(got) == b"here" + sent


FLOODS_THE_HOST = """
w = machine.WDT(timeout=500)
tell(boot=boots())
while True:
    w.feed()
    sys.stdout.buffer.write(bytes(64))
    time.sleep_ms(1)
"""
WRITES_WHEN_IT_MAY = """
w = machine.WDT(timeout=500)
poll = select.poll()
poll.register(sys.stdout, select.POLLOUT)
dropped = written = 0
while True:
    w.feed()
    for _ in poll.ipoll(0):
        written += sys.stdout.buffer.write(bytes(64))
        break
    else:
        dropped += 1
        if dropped == 200:
            tell(written=written)
    time.sleep_ms(1)
"""


def test_firmware_that_writes_without_asking_is_held_up_by_a_host_that_does_not_read(make_world: MakeWorld) -> None:
    world = make_world(FLOODS_THE_HOST)
    world.wait({"kind": "board", "event": "reset", "detail": "watchdog"})
    assert told(world)[0] == {"boot": 1}


def test_firmware_that_asks_first_drops_and_lives(make_world: MakeWorld) -> None:
    world = make_world(WRITES_WHEN_IT_MAY)
    (said,) = heard(world)
    assert TO_HOST_BYTES_MAX <= said["written"] <= TO_HOST_BYTES_MAX + BOARD_SEND_BUFFER_BYTES
    run_ms(world, 700)
    assert all(record.event != "reset" for record in world.trace())
    with opened(world) as fd:
        total = 0

        def flows_again() -> bool:
            nonlocal total
            total += len(read(fd))
            return total > 4_000

        eventually(world, flows_again)


def test_a_board_that_does_not_read_holds_its_host_up(make_world: MakeWorld) -> None:
    world = make_world("time.sleep_ms(100000)\n")
    with opened(world) as fd:
        taken = refused_in_a_row = 0
        while refused_in_a_row < 50 and taken < 1_000_000:
            try:
                taken += os.write(fd, bytes(4096))
                refused_in_a_row = 0
            except BlockingIOError:  # for now: what is still on its way to the board makes room once more
                refused_in_a_row += 1
            run_ms(world, 1)
        assert taken < 1_000_000
        assert refused_in_a_row == 50


def test_a_reset_takes_the_port_away_and_brings_another(make_world: MakeWorld) -> None:
    world = make_world("micropython.kbd_intr(-1)\nwhile not sys.stdin.buffer.read(1): pass\nmachine.reset()\n")
    eventually(world, world.place.link("board").exists)
    with opened(world) as fd:
        os.write(fd, b"x")
        world.wait({"kind": "board", "event": "reset"})
        ready, _, _ = select.select([fd], [], [], 1)
        assert ready
        assert hung_up(fd)
    world.wait({"kind": "board", "event": "booting", "detail": "reset"})
    with opened(world) as fd:
        assert not hung_up(fd)


def hung_up(fd: int) -> bool:
    """Return whether the other side of a terminal is gone."""
    ready, _, _ = select.select([fd], [], [], 0)
    if not ready:
        return False
    try:
        return os.read(fd, 1) == b""
    except OSError:
        return True


def test_a_board_without_power_has_no_port(make_world: MakeWorld) -> None:
    world = make_world(ECHOES)
    link = world.place.link("board")
    eventually(world, link.exists)
    world.power("board", False)
    assert not os.path.lexists(link)


WAITS = """
tell(waits=True)
try:
    while True:
        time.sleep_ms(10)
except KeyboardInterrupt:
    tell(interrupted=True)
time.sleep_ms(100000)
"""


def test_firmware_that_does_not_switch_ctrl_c_off_is_interrupted_by_a_byte_of_a_frame(make_world: MakeWorld) -> None:
    world = make_world(WAITS)
    heard(world)
    run_ms(world, ATTACH_US // 1000)
    with opened(world) as fd:
        os.write(fd, b"\x00\x03\x00")
        assert heard(world, 2)[1] == {"interrupted": True}


def test_no_ctrl_c_interrupts_a_chip_that_boots(make_world: MakeWorld) -> None:
    world = make_world(ECHOES)
    process = world.state()["boards"]["board"]["process"]
    with opened(world) as fd:
        got = bytearray()

        def speaks() -> bool:
            if catches_interrupts(process):
                os.write(fd, b"\x03")
            got.extend(read(fd))
            return bool(got)

        eventually(world, speaks, slice_ms=1)
    assert got.startswith(b"here")
    assert world.state()["boards"]["board"]["crashed"] == ""


def test_firmware_that_switches_ctrl_c_off_gets_it_as_a_byte(make_world: MakeWorld) -> None:
    main = "micropython.kbd_intr(-1)\ntell(waits=True)\ntell(byte=sys.stdin.buffer.read(1)[0])\ntime.sleep_ms(100000)\n"
    world = make_world(main)
    heard(world)
    with opened(world) as fd:
        os.write(fd, b"\x03")
        assert heard(world, 2)[1] == {"byte": 3}


HOLDS = """
import sys, time
from pathlib import Path
from hotspare.port import Port
port = Port(Path(sys.argv[1]), "board")
print("held", flush=True)
time.sleep(100)
"""


@contextmanager
def host_at(link: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A host in a process of its own that keeps a port open."""
    with subprocess.Popen([sys.executable, "-c", HOLDS, str(link)], stdout=subprocess.PIPE) as host:
        try:
            assert host.stdout is not None
            assert host.stdout.readline() == b"held\n"
            yield host
        finally:
            host.kill()


def test_a_host_keeps_its_port_for_itself_until_it_is_killed(make_world: MakeWorld) -> None:
    world = make_world("time.sleep_ms(100000)\n")
    link = world.place.link("board")
    with opened(world) as fd, host_at(link) as host:
        run_ms(world, 3 * FREE_US // 1000)
        assert is_exclusive(fd)
        host.kill()
        host.wait()
        assert is_exclusive(fd), "what a host that is killed can not clear"
        eventually(world, lambda: not is_exclusive(fd))
        Port(link, "board").close()


def test_the_port_passes_no_echo_and_no_line_discipline(make_world: MakeWorld) -> None:
    world = make_world("time.sleep_ms(100000)\n")
    with opened(world) as fd:
        mode = termios.tcgetattr(fd)
        assert (mode[0], mode[1], mode[3]) == (0, 0, 0)
        fcntl.ioctl(fd, termios.TIOCEXCL)
        fcntl.ioctl(fd, termios.TIOCNXCL)
