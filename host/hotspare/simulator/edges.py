"""The outer edges of a simulated board, as the rig's models and verbs reach it: pads, UARTs, flash; decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hotspare.rig.cable import Wire
from hotspare.rig.nor import CUTS, NEVER
from hotspare.rig.pads import Listener
from hotspare.simulator import stand_ins


class Pads:
    """The pads of a board by their numbers, as the rig's models are wired to them."""

    def __init__(self, numbers: Mapping[str, int], shown: Callable[[str, int], None]) -> None:
        self.outputs: dict[int, int] = {}
        self._numbers = numbers
        self._names = {number: name for name, number in numbers.items()}
        self._shown = shown
        self._listeners: dict[int, Listener] = {}

    def show(self, pin: int, level: int) -> None:
        """Drive the input `pin` from outside."""
        self._shown(self._names[pin], level)

    def listen(self, pin: int, listener: Listener) -> None:
        """Tell `listener` what the board drives `pin` to: a level, or None while it does not drive it."""
        self._listeners[pin] = listener

    def output(self, name: str, level: int) -> None:
        """The firmware drives a pin."""
        pin = self._numbers[name]
        if self.outputs.get(pin) != level:
            self.outputs[pin] = level
            listener = self._listeners.get(pin)
            if listener is not None:
                listener(level)

    def fall(self) -> None:
        """Reset or power loss: every pad is an input again, in the order of the pins."""
        for pin in sorted(self.outputs):
            del self.outputs[pin]
            listener = self._listeners.get(pin)
            if listener is not None:
                listener(None)


class Uart:
    """The outer end of a UART; its baud rate and buffer are the firmware's."""

    def __init__(self) -> None:
        self.wire: Wire | None = None


class FlashVerbs:
    """A board's flash as verbs reach it."""

    def __init__(self, flash: stand_ins.Flash) -> None:
        self._flash = flash

    def stall(self, erase_ms: float) -> None:
        """Let an erase take so long from now on."""
        self._flash.erase_us = round(erase_ms * 1000)

    def cut(self, operation: int, how: str) -> None:
        """Let power go at an operation of which so much is done, counted from 0 for the next one."""
        if how == NEVER:
            self._flash.cut(-1, 0)
        else:
            self._flash.cut(operation, CUTS.index(how))
