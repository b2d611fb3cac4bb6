"""A simulated board: the firmware in this process, stepped as its main loop steps it, only when something is due.

What the main loop does beside `Board.step` is done here, for that needs a clock: counting lateness, feeding the
watchdog, collecting garbage, resetting. A chip takes no time but for what stalls it: its flash, a collection, and
`latency_us` from an event to the step that sees it. Looks at pins that show nothing new are skipped; a level that
changes is seen at the look that would have seen it.
"""

from __future__ import annotations

import io
import random
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hotspare import wiring
from hotspare.rig.board import PIN, POWER, RESET, WATCHDOG
from hotspare.rig.building import UARTS, Tell
from hotspare.rig.cable import garbled, understood
from hotspare.rig.loop import Timeline, Timer
from hotspare.rig.plan import BoardPlan
from hotspare.simulator import stand_ins
from hotspare.simulator.booting import boot
from hotspare.simulator.edges import FlashVerbs, Pads, Uart
from hotspare.simulator.laws import Broken
from hotspare.simulator.tape import Tape
from hotspare_engine import words as w
from hotspare_firmware.board import PARTS
from hotspare_firmware.bootrecord import SIZE
from hotspare_firmware.restarts import WATCHDOG_DEFAULT_MS
from hotspare_firmware.store import Store
from hotspare_wire.heap import COLLECT_BYTES

FIRMWARE_HASH = 1  # of all simulated boards, unless one is to differ
CAUSES = {POWER: w.C_POWER, PIN: w.C_POWER, WATCHDOG: w.C_WATCHDOG, RESET: w.C_WATCHDOG}  # as an RP2040 says them
PULSE_IN = "pulse_in"
WORDS = range(0, SIZE, 4)
MILLION = 1_000_000


@dataclass(frozen=True)
class Chip:
    """How long a kind of chip takes for what costs a simulated one no time."""

    boot_us: int = 30_000
    latency_us: int = 0  # from an event to the step that sees it
    collect_us: int = 0


@dataclass
class Sight:
    """What somebody who watches a board is told; by default nobody does."""

    stepped: Callable[[SimulatedBoard, int], None] | None = None  # a step is over, before which so many ms had passed
    booted: Callable[[SimulatedBoard], None] | None = None
    drives: Callable[[SimulatedBoard, str, int], None] | None = None  # a pin is about to be driven to a level
    raised: Callable[[SimulatedBoard, str], None] | None = None  # an exception ended the loop: its text


class SimulatedBoard:
    """A board; `tell(event, detail)` goes to the trace, `sight` what its firmware does, `tape` what passes its seam."""

    def __init__(
        self,
        timeline: Timeline,
        plan: BoardPlan,
        pins: Mapping[str, int],
        chance: random.Random,
        tell: Tell,
        sight: Sight,
        chip: Chip,
        tape: Tape | None = None,
    ) -> None:
        self.plan = plan
        self.chip = chip
        self.powered = False
        self.frozen = False
        self.crashed = ""
        self.in_repl = False
        self.resets: dict[str, int] = {}
        self.boots = 0
        self.steps = 0
        self.hears_power: list[Callable[[bool], None]] = []
        self.hears_host: Callable[[bytes], None] | None = None
        self.hosts: list[Callable[[bytes], None]] = []  # who else hears what it says at its host port
        self.network: Callable[[bytes], None] | None = None
        self.firmware_hash = FIRMWARE_HASH
        self.pads = Pads(pins, self._shown)
        self.uarts = {name: Uart() for name in UARTS}
        self.uid = chance.randbytes(stand_ins.ID_BYTES)
        self.files = {path.lstrip("/"): data for path, data in plan.flash.items()}
        self.words = dict.fromkeys(WORDS, 0)  # memory that outlives a reset
        self.hardware: stand_ins.Hardware | None = None
        self.board: Any = None  # its firmware, while it runs
        self._clock = stand_ins.Clock()
        self._seed = chance.randbytes(16)
        self._flash = stand_ins.Flash(self._clock, stand_ins.Draw(self._seed + b"flash"))
        self.flash = FlashVerbs(self._flash)
        self._levels: dict[str, int] = {}
        self._timeline = timeline
        self._chance = chance
        self._tell = tell
        self._sight, self._tape = sight, tape
        self._keeps_pads = wiring.of(plan.kind).keeps_pads
        self._rate = MILLION + plan.drift_ppm  # of its clock, in millionths
        self._timer: Timer | None = None
        self._guard: Timer | None = None
        self.begun_us = self._last_us = self._fed_us = 0
        self._last_ms = self._asked_ms = 0
        self._busy_us = 0  # until when it stalls
        self._watchdog_us = 0
        self._unseen = False  # the pulse's input fell since the last step
        self._held = ""  # the cause of a boot in which it was frozen

    # -- verbs ----------------------------------------------------------------------------------------------------

    def power_on(self) -> None:
        """Power comes: the chip boots."""
        self.powered = True
        self._tell("on", "")
        for hear in self.hears_power:
            hear(True)
        self._forget()
        self._begin(POWER)

    def power_off(self) -> None:
        """Power goes, and with it everything that is not in the flash."""
        self.powered = False
        self._flash.cut(-1, 0)
        self._tell("off", "")
        self.end()
        self.pads.fall()
        for hear in self.hears_power:
            hear(False)

    def reset(self, cause: str) -> None:
        """The chip is reset: pads fall now, or outlive it; the firmware starts once the chip has booted."""
        self.resets[cause] = self.resets.get(cause, 0) + 1
        self._tell("reset", cause)
        self.end()
        if cause == PIN or not self._keeps_pads:
            self.pads.fall()
        if cause == PIN:
            self._forget()
        self._begin(cause)

    def freeze(self) -> None:
        """The firmware stands still; pads and watchdog go on."""
        self.frozen = True
        self._tell("frozen", "")
        if self.board is not None and self._watchdog_us:
            self._guard = self._timeline.at(self._fed_us + self._watchdog_us, self.reset, WATCHDOG)

    def thaw(self) -> None:
        """The firmware goes on where it stood still."""
        self.frozen = False
        self._tell("thawed", "")
        self._unguard()
        if self.board is not None:
            self._wake(self._timeline.now_us())
        elif self._held:
            self._timer = self._timeline.after(0, self._start, self._held)

    def received(self, port: str, data: bytes, baud: int) -> None:
        """Bytes arrive at a UART."""
        if self.hardware is None:
            return
        uart = self.hardware.uarts[UARTS.index(port)]
        if not uart.baud:
            return
        now_us = self._timeline.now_us()
        if not understood(baud, uart.baud):
            data = garbled(data, self._chance)
        uart.receive(data, self._busy_us > now_us)
        self._wake(now_us + self.chip.latency_us)

    def host_received(self, data: bytes, baud: int = 0) -> None:
        """Bytes of the unit's agent or of a host arrive at the host port."""
        if self.board is not None:
            self.stream.receive(data)
            self._wake(self._timeline.now_us() + self.chip.latency_us)

    def datagram(self, data: bytes) -> None:
        """A datagram arrives."""
        if self.hardware is not None:
            self.hardware.network.receive(data)
            self._wake(self._timeline.now_us() + self.chip.latency_us)

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the board."""
        return {
            "powered": self.powered,
            "running": self.board is not None and not self.frozen and not self.in_repl,
            "frozen": self.frozen,
            "crashed": self.crashed,
            "repl": self.in_repl,
            "resets": dict(self.resets),
            "watchdog_ms": self._watchdog_us // 1000,
            "outputs": {str(pin): level for pin, level in sorted(self.pads.outputs.items())},
        }

    def end(self) -> None:
        """End the firmware; the pads are the caller's matter."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._unguard()
        if self._tape is not None:
            self._tape.end(self._timeline.now_us())
        self.board = self.hardware = None
        self.frozen = self.in_repl = False
        self._held = self.crashed = ""
        for uart in self.uarts.values():
            if uart.wire is not None:
                uart.wire.stop_sender()

    def close(self) -> None:
        """Leave nothing behind: there is nothing."""

    def time_us(self, boot_us: int, at_ms: int) -> int:
        """Return when its clock showed `at_ms` in a boot that began at `boot_us`."""
        return boot_us - -at_ms * 1000 * MILLION // self._rate

    # -- the firmware -----------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self.words.update((at, self._chance.getrandbits(32)) for at in WORDS)

    def _unguard(self) -> None:
        if self._guard is not None:
            self._guard.cancel()
            self._guard = None

    def _begin(self, cause: str) -> None:
        self._tell("booting", cause)
        self._timer = self._timeline.after(self.chip.boot_us, self._start, cause)

    def _start(self, cause: str) -> None:
        self._held = cause if self.frozen else ""
        if self._held:
            return
        if self._keeps_pads:
            self.pads.fall()  # before it does anything else, as its main does
        self.boots += 1
        self._clock.now_us = self._timeline.now_us()
        self._clock.stalled_us = 0
        draw = stand_ins.Draw(self._seed + self.boots.to_bytes(4, "little"))
        hardware = stand_ins.Hardware(self.plan.kind, self.uid, draw, self._clock, self._flash, self._drives)
        hardware.reset_cause = CAUSES[cause]
        hardware.levels = self._levels
        self._wire(hardware)
        self.hardware = hardware
        self.stream = stand_ins.HostStream(self._said)
        begin: Any = boot if self._tape is None else self._tape.boot
        try:
            board = begin(hardware, self.stream, self.words, self.files, self.firmware_hash)
        except stand_ins.PowerCut:
            self._power_cut()
            return
        if board is None:
            self.hardware = None
            self.in_repl = True
            self._tell("repl", "")
            return
        self.board = board
        self._watchdog_us = 1000 * (board.configuration.watchdog_ms if board.configuration else WATCHDOG_DEFAULT_MS)
        self.begun_us = self._last_us = self._fed_us = self._timeline.now_us() + self._clock.stalled_us
        self._busy_us = self.begun_us
        self._last_ms = self._asked_ms = 0
        self._tell("answers", "")
        if self._sight.booted is not None:
            self._sight.booted(self)
        self._timer = self._timeline.at(self.begun_us, self._step)

    def _wire(self, hardware: stand_ins.Hardware) -> None:
        for uart, name in zip(hardware.uarts, UARTS, strict=True):
            wire = self.uarts[name].wire
            if wire is not None:
                uart.sink = lambda data, wire=wire, uart=uart: wire.send(data, uart.baud)
        hardware.network.sink = self.network

    def _said(self, data: bytes) -> None:
        if self.hears_host is not None:
            self.hears_host(data)
        for hear in self.hosts:
            hear(data)

    def _drives(self, name: str, level: int) -> None:
        if name != "led":
            if self._sight.drives is not None:
                self._sight.drives(self, name, level)
            self.pads.output(name, level)

    def _ticks_ms(self, at_us: int) -> int:
        return (at_us - self.begun_us) * self._rate // (MILLION * 1000)

    def _due_us(self, ticks_ms: int) -> int:
        """Return when its clock shows so many ms."""
        return self.time_us(self.begun_us, ticks_ms)

    def _wake(self, at_us: int) -> None:
        """Let the next step be no later than at that time, or than it can."""
        if self.frozen:
            return
        at_us = max(at_us, self._busy_us)
        if self._timer is not None:
            if self._timer.due_us <= at_us:
                return
            self._timer.cancel()
        self._timer = self._timeline.at(at_us, self._step)

    def _step(self) -> None:
        self._timer = None
        board: Any = self.board
        if board is None or self.frozen:
            return
        self._unseen = False
        clock = self._clock
        now_us = clock.now_us = self._timeline.now_us()
        clock.stalled_us = 0
        now_ms = self._ticks_ms(now_us)
        elapsed_ms = now_ms - self._last_ms
        self._last_ms, self._last_us = now_ms, now_us
        if elapsed_ms > self._asked_ms:
            board.count_late(elapsed_ms - self._asked_ms)
        self.steps += 1
        try:
            board.step(elapsed_ms)
        except stand_ins.PowerCut:
            self._power_cut()
            return
        except Broken:
            raise
        except Exception as error:
            self._fail(error)
            return
        if self.board is not board:
            return  # what it drove took its own power
        if board.parts == PARTS:
            self._fed_us = now_us
        if self._sight.stepped is not None:
            self._sight.stepped(self, elapsed_ms)
        if board.restarts.is_due():
            board.boots.intend(board.restarts.intent)
            self.reset(RESET)
            return
        if board.beat_left_ms == board.beat_ms and board.debt_bytes >= COLLECT_BYTES:
            board.debt_bytes = 0
            clock.stalled_us += self.chip.collect_us
        self._go_on(now_us, board.idle_ms, clock.stalled_us)

    def _go_on(self, now_us: int, asked_ms: int, stalled_us: int) -> None:
        """Let the next step come when it is due, and not while the chip stalls."""
        self._asked_ms = asked_ms
        due_us = self._due_us(self._last_ms + asked_ms)
        if stalled_us:
            self._busy_us = now_us + stalled_us
            due_us = max(due_us, self._busy_us)
        elif due_us <= now_us:
            due_us = now_us + 1  # a loop that asks for no wait does not stand still
        if self._timer is not None:  # what it sent came back at once
            due_us = min(due_us, max(self._timer.due_us, self._busy_us))
            self._timer.cancel()
        self._timer = self._timeline.at(due_us, self._step)

    def _shown(self, name: str, level: int) -> None:
        """A level at an input changes: the board sees it when it looks next."""
        if self._levels.get(name) == level:
            return
        self._levels[name] = level
        pulse = name == PULSE_IN
        if pulse and level and self._unseen:
            self._step_now()  # that the level fell is seen by whatever step comes between, or by a look of its own
        hardware = self.hardware
        if hardware is None:
            return
        hardware.show(name, level)
        if pulse and not level:
            self._unseen = True
        elif self.board is not None and not self.frozen:
            self._wake(self._look_us() + self.chip.latency_us)

    def _step_now(self) -> None:
        if self.board is not None and not self.frozen and self._busy_us <= self._timeline.now_us():
            if self._timer is not None:
                self._timer.cancel()
            self._step()

    def _look_us(self) -> int:
        """Return when the board looks next at its pins, were every look done."""
        board = self.board
        now_us = self._timeline.now_us()
        assert board is not None
        if board.pulse is None:
            return now_us
        age_ms = board.engine.health.paths[board.pulse.path].age_ms
        at_us = self._last_us
        while at_us <= now_us:
            wait_ms = board.pulse.look_ms(age_ms)
            age_ms += wait_ms
            at_us += wait_ms * 1000
        return at_us

    def _power_cut(self) -> None:
        self._tell("power cut", "in its flash")
        self.power_off()

    def _fail(self, error: Exception) -> None:
        """An exception ended the loop: as the firmware's main does it, remember it and reset."""
        assert self.board is not None
        if self._tape is not None:
            self._tape.raised(error)
        told = io.StringIO()
        traceback.print_exception(error, file=told)
        if self._sight.raised is not None:
            self._sight.raised(self, told.getvalue())
        self.board.boots.failed(error)
        self.board.boots.came_from(told.getvalue())
        Store(files=stand_ins.Files(self.files)).save_fault(told.getvalue())
        self.reset(RESET)
