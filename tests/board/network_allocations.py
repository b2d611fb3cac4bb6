"""Measures what beats over UDP allocate, with a neighbour that answers and with none; runs on MicroPython only.

Arguments: the repository's root and two free UDP ports. Prints the bytes of a beat for each.
"""

import gc
import sys

ROOT, HERE, THERE = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sys.path[:0] = [ROOT + "/protocol", ROOT + "/firmware"]

from hotspare_firmware.network import Datagrams  # noqa: E402
from hotspare_firmware.ports import FramePort, encode  # noqa: E402
from hotspare_wire.link import Link  # noqa: E402

LOOPBACK = 127 << 24 | 1
BEATS = 1000
STEPS = 10  # drains of a beat: a step comes at least so often


def handle(port, payload, size):
    """Take a frame."""
    port.link.judge(payload, size)


def port_at(own, peer, address, neighbour):
    """Return a port of its own to the neighbour on loopback."""
    link = Link(address, neighbour, lambda: bytes([address] * 8), encode)
    return FramePort(Datagrams(own, LOOPBACK, peer), link, 0)


def beats(ports):
    """Return the bytes that a beat of all `ports` together allocates; frames are heartbeats of 32 bytes."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(BEATS):
        for port in ports:
            port.send(port.link.heartbeat(1, 0, 0, 1, 0, 0, 0))
        for _ in range(STEPS):
            for port in ports:
                port.drain(handle)
    after = gc.mem_alloc()
    gc.enable()
    return (after - before) // BEATS


def main():
    """A lonely port first, then both."""
    one = port_at(HERE, THERE, 1, 2)
    print(f"alone: {beats([one])} bytes")
    other = port_at(THERE, HERE, 2, 1)
    print(f"together: {beats([one, other])} bytes")
    assert other.link.refused >= BEATS, other.link.refused  # without a session, but they all came


main()
