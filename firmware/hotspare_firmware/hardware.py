"""The hardware: the one module that imports `machine`; pins, ports, watchdog and reset come from here."""

import gc
import os

import machine

from .wiring import pico as wiring

_CAUSES = ("PWRON_RESET", "HARD_RESET", "WDT_RESET", "DEEPSLEEP_RESET", "SOFT_RESET")


class Hardware:
    """Pins by the names of the wiring file; a pin is made once, outputs with their level before their direction."""

    def __init__(self):
        self.kind = wiring.KIND
        self._gpio = {row[0]: row[1] for row in wiring.PINS}
        self._watchdog = None

    def output(self, name, level=0):
        """Return a pin that drives `level` from the moment it drives at all."""
        return machine.Pin(self._gpio[name], machine.Pin.OUT, value=level)

    def input(self, name):
        """Return an input whose pull-down makes a lost wire read 0."""
        return machine.Pin(self._gpio[name], machine.Pin.IN, machine.Pin.PULL_DOWN)

    def uart(self, number, baud):
        """Return UART `number` at `baud`; a write takes what fits, a read of no more than any() says never waits."""
        for ident, tx, rx in wiring.UARTS:
            if ident == number:
                return machine.UART(
                    ident,
                    baudrate=baud,
                    tx=machine.Pin(self._gpio[tx]),
                    rx=machine.Pin(self._gpio[rx]),
                    txbuf=256,
                    rxbuf=256,
                    timeout=0,
                )
        raise ValueError("this board has no UART %d" % number)

    def start_watchdog(self, timeout_ms):
        """Start the watchdog; it can not be stopped again."""
        self._watchdog = machine.WDT(timeout=min(timeout_ms, wiring.WATCHDOG_MAX_MS))

    def feed(self):
        """Feed the watchdog, once it is started."""
        if self._watchdog:
            self._watchdog.feed()

    def reset(self):
        """Reset the chip: every pad returns to its reset state, so an energised plain relay falls."""
        machine.reset()

    def cause(self):
        """Return the cause of the last reset: 0 power-on, 1 hard, 2 watchdog, 3 deep sleep, 4 soft, 255 unknown."""
        cause = machine.reset_cause()
        for place, name in enumerate(_CAUSES):
            if getattr(machine, name, None) == cause:
                return place
        return 255

    def unique_id(self):
        """Return the chip's id as exactly eight bytes."""
        return (bytes(machine.unique_id()) + bytes(8))[:8]

    def heap_free(self):
        """Return the free heap in bytes."""
        return gc.mem_free()

    def draw(self):
        """Return eight random bytes for a session's nonce."""
        return os.urandom(8)
