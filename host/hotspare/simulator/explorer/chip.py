"""The explored chip: one board's hardware, files and firmware; it runs, hangs, is off or boots, when it is told so."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, cast

from hotspare.simulator import stand_ins
from hotspare.simulator.explorer.judge import Judge
from hotspare.simulator.explorer.memory import move
from hotspare.simulator.explorer.parts import End, Nobody, Watched
from hotspare.simulator.explorer.setups import KEY, WATCHDOG_MS
from hotspare_engine import words as w
from hotspare_firmware import assemble
from hotspare_firmware.board import PARTS
from hotspare_firmware.bootrecord import SIZE, BootRecord
from hotspare_firmware.store import Store

RUNS, HUNG, OFF, BOOTS = range(4)
BOOT_MS = 300
STEPS_MAX = 12  # of a board without any time between them


class Chip:
    """A chip of a board with that address. `drives(name, level)` hears its pins, `commanded` the commands to relays."""

    def __init__(
        self,
        address: int,
        blob: bytes,
        drives: Callable[[str, int], None],
        sinks: tuple[Callable[[bytes], None], Callable[[bytes], None]],
        commanded: Callable[[int, int, Any], None],
    ) -> None:
        self.address = address
        self.state = RUNS
        self.wake_ms = self.due_ms = self.stepped_ms = 0
        self.draw = stand_ins.Draw(b"board %d" % address)
        ident = b"board %3d" % address
        self.hardware = cast(Any, stand_ins.Hardware)(
            "pico", ident, self.draw, stand_ins.Clock(), stand_ins.NoFlash(), drives
        )
        self.crosslink, self.agent = End(sinks[0]), End(sinks[1])
        self.hardware.uarts = (self.crosslink, self.agent)
        self.kept = dict.fromkeys(range(0, SIZE, 4), 0)  # what outlives a reset
        self.files: dict[str, bytes] = {}
        store = Store("", stand_ins.Files(self.files))
        written = store.slots.store(blob), store.save_keys((KEY,))
        assert written == (True, True)
        self._commanded = commanded
        self.hardware.show("supply", 1)
        self.hardware.show("sense1_primary", 1)
        self.board = self._assembled()
        self._packed = self.board.recorder._state

    def _assembled(self) -> Any:
        boots = BootRecord(self.kept, 0, self.hardware.reset_cause)
        store = Store("", stand_ins.Files(self.files))
        board = assemble.board(self.hardware, store, Nobody(), boots, firmware_hash=1)
        for line, relay in enumerate(board.relays):
            board.relays[line] = Watched(relay, line, self._commanded)
        return board

    def link(self) -> Any:
        """Return the link of its crosslink, which is the last of its ports."""
        return self.board.ports[-1].links[0]

    def agents_link(self) -> Any:
        """Return its link with the agent."""
        return self.board.ports[0].links[0]

    def next_ms(self) -> int:
        """Return when something is due by time alone; a chip without power waits for nothing."""
        if self.state == OFF:
            return 1 << 29
        return self.due_ms if self.state == RUNS else self.wake_ms

    # -- what is done to it ---------------------------------------------------------------------------------------

    def hang(self, now_ms: int) -> None:
        """It hangs until its watchdog resets it."""
        self.state = HUNG
        self.wake_ms = now_ms + WATCHDOG_MS

    def power_off(self) -> None:
        """Its power goes: its pads fall."""
        self.state = OFF
        self._fall()

    def reset(self, now_ms: int, cause: int) -> None:
        """It is reset, or its power is back: its pads fall, and it boots."""
        self._fall()
        self.state = BOOTS
        self.wake_ms = now_ms + BOOT_MS
        self.hardware.reset_cause = cause

    def _fall(self) -> None:
        for pin in self.hardware.pins.values():
            if pin.listen:  # an output
                pin.value(0)

    def boot(self, now_ms: int, apart: Iterable[Any]) -> None:
        """The firmware starts; `apart` is what the board reaches that is no part of it."""
        fresh = self._assembled()
        hardware = self.hardware
        common = [hardware, self.kept, self.draw, self.files, *hardware.pins.values(), self.crosslink, self.agent]
        move(fresh, self.board, [*common, *apart])
        self.state = RUNS
        self.stepped_ms = self.due_ms = now_ms

    # -- what it does ---------------------------------------------------------------------------------------------

    def step(self, now_ms: int, laws: Judge) -> None:
        """Step the board until it has nothing more to do at this moment."""
        board = self.board
        steps = 0
        busy = True
        while busy and steps < STEPS_MAX:
            past_ms = now_ms - self.stepped_ms
            self.stepped_ms = now_ms
            board.step(past_ms)
            laws.stepped_whole(board.parts == PARTS)
            if board.engine.is_controller:
                laws.stepped(past_ms)
            steps += 1
            busy = not board.idle_ms or bool(self.crosslink.inbox) or bool(self.agent.inbox)
        laws.stepped_whole(steps < STEPS_MAX)
        recorder = board.recorder
        if recorder._state is not self._packed:  # made anew with each save: it goes into what can be put back
            self._packed[:] = recorder._state
            recorder._state = self._packed
        self.due_ms = now_ms + board.idle_ms


def cause_of(state: int) -> int:
    """Return the cause that the chip tells of its next boot."""
    return w.C_WATCHDOG if state == HUNG else w.C_POWER
