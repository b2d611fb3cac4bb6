"""Whatever datagrams bring, nothing raises, reads are bounded, and the next good frame is heard."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from hotspare_firmware.network import OPEN_AGAIN_WRITES, Datagrams
from hotspare_firmware.ports import READS_MAX, FramePort
from hotspare_wire import frame
from hotspare_wire import messages as m
from hotspare_wire.link import Link

PEER = 10 << 24 | 2


class FlakySockets:
    """Stands in for the module: a socket that hears what the test queues; None is an error of the network."""

    AF_INET, SOCK_DGRAM = 2, 1

    def __init__(self, up: bool = True) -> None:
        self.up = up
        self.inbox: deque[bytes | None] = deque()
        self.sent: list[bytes] = []
        self.reads = 0
        self.bound = self.connected = ("", 0)
        self.closed = 0
        self.refuses = False

    def getaddrinfo(self, host: str, port: int) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", (host, port))]

    def socket(self, family: int, kind: int) -> FlakySockets:
        return self

    def setblocking(self, waits: bool) -> None:
        assert not waits

    def bind(self, address: tuple[str, int]) -> None:
        self.bound = address

    def connect(self, address: tuple[str, int]) -> None:
        if not self.up:
            raise OSError(101)
        self.connected = address

    def close(self) -> None:
        self.closed += 1

    def readinto(self, buffer: bytearray, size: int) -> int | None:
        self.reads += 1
        if not self.inbox:
            return None
        data = self.inbox.popleft()
        if data is None:
            raise OSError(111)
        data = data[:size]
        buffer[: len(data)] = data
        return len(data)

    def write(self, data: bytes) -> int:
        if self.refuses:
            raise OSError(101)
        self.sent.append(bytes(data))
        return len(data)


def port_on(sockets: FlakySockets) -> FramePort:
    link = Link(1, 2, lambda: bytes(range(8)))
    return FramePort(Datagrams(4700, PEER, 4701, sockets), link, 0)


def hello() -> bytes:
    return bytes(Link(2, 1, lambda: bytes(range(8, 16))).hello())


@given(st.lists(st.none() | st.binary(max_size=400) | st.just(hello()), max_size=12), st.integers(0, 3))
def test_any_datagrams_are_drained_within_bounds_and_a_good_frame_after_them_is_heard(
    datagrams: list[bytes | None], cut: int
) -> None:
    sockets = FlakySockets()
    port = port_on(sockets)
    heard: list[int] = []
    sockets.inbox.extend(datagrams)
    if datagrams and cut:
        sockets.inbox.append(hello()[:-cut])  # truncated on the way
    for _ in range(len(datagrams) + 2):
        before = sockets.reads
        port.drain(lambda port, payload, size: heard.append(payload[frame.AT_KIND] & frame.KIND_MASK))
        assert sockets.reads - before <= READS_MAX
    assert not sockets.inbox, "errors and empty datagrams hold nothing up"
    count = len(heard)
    sockets.inbox.append(hello())
    port.drain(lambda port, payload, size: heard.append(payload[frame.AT_KIND] & frame.KIND_MASK))
    assert heard[count:][-1:] == [m.HELLO], "what was cut short may end with its first byte"


def test_a_flood_is_read_in_bounded_pieces() -> None:
    sockets = FlakySockets()
    port = port_on(sockets)
    sockets.inbox.extend([hello()] * 100)
    port.drain(lambda port, payload, size: None)
    assert sockets.reads == READS_MAX


def test_the_socket_is_bound_to_its_port_and_hears_its_neighbour_only() -> None:
    sockets = FlakySockets()
    port = port_on(sockets)
    assert sockets.bound == ("0.0.0.0", 4700)
    assert sockets.connected == ("10.0.0.2", 4701)
    port.send(hello())
    assert sockets.sent == [hello()], "one frame, one datagram"


def test_an_interface_that_comes_up_late_is_tried_again_and_what_was_lost_is_counted() -> None:
    sockets = FlakySockets(up=False)
    port = port_on(sockets)
    assert port.stream is None
    assert sockets.closed == 1, "a socket that could not be used is given back"
    port.drain(lambda port, payload, size: None)
    sockets.up = True
    for _ in range(OPEN_AGAIN_WRITES):
        port.send(hello())
    assert port.short_writes == OPEN_AGAIN_WRITES - 1
    assert sockets.sent == [hello()]


def test_a_frame_that_the_network_refuses_is_lost_and_counted() -> None:
    sockets = FlakySockets()
    port = port_on(sockets)
    sockets.refuses = True
    port.send(hello())
    assert port.short_writes == 1
