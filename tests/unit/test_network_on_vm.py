"""Heartbeats over UDP on the MicroPython VM: what a beat allocates stays within its named budget."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

from hotspare.rig.vm import find_micropython
from hotspare_wire.heap import NETWORK_BEAT_BYTES


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
    for opened in sockets:
        opened.bind(("127.0.0.1", 0))
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


def test_a_beat_over_udp_allocates_no_more_than_its_budget_whether_its_neighbour_lives_or_not(repository: Path) -> None:
    ports = [str(port) for port in free_ports(2)]
    command = [find_micropython(), "-X", "heapsize=8M", "tests/board/network_allocations.py", str(repository), *ports]
    result = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=50)
    assert result.returncode == 0, result.stdout + result.stderr
    found = {name: int(text.split()[0]) for name, text in (line.split(": ") for line in result.stdout.splitlines())}
    assert set(found) == {"alone", "together"}
    assert found["alone"] <= NETWORK_BEAT_BYTES
    assert found["together"] <= 2 * NETWORK_BEAT_BYTES
