"""Whether boards of a keyed group take only what their neighbours said, and each of it once (L6); no I/O."""

from __future__ import annotations

from functools import partial
from typing import Any

from hotspare.simulator.laws import Broken
from hotspare.simulator.stranger import Stranger
from hotspare_wire import link


class Secrecy:
    """Looks on while links judge frames."""

    def __init__(self) -> None:
        self.accepted: set[bytes] = set()
        self.judged = 0

    def watch(self, board: Any, stranger: Stranger) -> None:
        """Look on at all links of a board that has just booted."""
        for port in (*board.ports, board.host):
            for it in port.links:
                it.judge = partial(self._judge, it.judge, stranger)

    def _judge(self, judge: Any, stranger: Stranger, payload: bytearray, size: int) -> int:
        verdict: int = judge(payload, size)
        if verdict == link.NEWS:
            self.judged += 1
            frame = bytes(payload[:size])
            if frame in self.accepted:
                raise Broken(f"L6: a frame was taken twice: {frame.hex()}")
            if frame in stranger.made:
                raise Broken(f"L6: a frame of a stranger was taken: {frame.hex()}")
            self.accepted.add(frame)
        return verdict
