"""The explored line: a relay under the pins of the controller's board, its supply, and its read-backs; no clock."""

from __future__ import annotations

from typing import Any

from hotspare.simulator.explorer.judge import Judge
from hotspare_engine import words as w


class Line:
    """A relay whose coils hang on two pins, of which each change is told; `moved` counts what it did."""

    def __init__(self, relay: Any, laws: Judge) -> None:
        self.relay = relay
        self.laws = laws
        self.coils = [0, 0]  # levels of the pins: the spare's coil, the second one
        self.supply = 1
        self.moved = 0
        self.commands = 0  # of the engine under way: whatever energises a coil outside of one is nobody's wish
        self.pins: Any = None  # the Hardware that reads it back

    def commanded(self, line: int, position: int, driver: Any) -> None:
        """The engine commands the relay; the firmware's `driver` turns that into levels."""
        self.laws.driven(line, position)
        self.commands += 1
        driver.drive(position)
        self.commands -= 1

    def drives(self, now_ms: int, name: str, level: int) -> None:
        """The firmware, or a reset, drives a pin."""
        if level:
            self.laws.rose(self.commands)
        self.coils[1 if name.endswith("second") else 0] = level
        self.relay.wire(now_ms, self.coils[0], self.coils[1], self.supply)
        self.show()

    def show(self) -> None:
        """Put what the read-backs say, and whether the supply is there, to the board's pins."""
        self.relay.show()
        primary, spare = self.relay.senses()
        self.pins.show("sense1_primary", primary)
        self.pins.show("sense1_spare", spare)
        self.pins.show("supply", self.supply)

    def move(self, now_ms: int) -> None:
        """Let contacts move as far as they have by now."""
        relay = self.relay
        was = relay.contact, relay.senses()
        relay.update(now_ms, self.supply)
        if (relay.contact, relay.senses()) != was:
            self.moved += 1
            self.laws.moved()
        self.show()

    def mend(self) -> None:
        """Everything about it is mended."""
        self.supply = 1
        self.relay.welded = self.relay.coil_open = 0
        self.relay.lose(0)

    def unit(self) -> int:
        """Return the unit that it is connected to, NONE for none."""
        return {w.AT_PRIMARY: 0, w.AT_SPARE: 1}.get(self.relay.contact, w.NONE)
