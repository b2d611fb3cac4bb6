"""One emulated board: its pads, UARTs, host port and watchdog around a process; it ends and begins as a chip does.

A reset of any kind, and power that goes, lets every pad fall at that very moment, but for kinds of chip whose pads
outlive all resets but a loss of power. The process is ended from outside, so that nothing the firmware does can keep it
from being reset.
"""

from __future__ import annotations

import os
import random
import signal
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from hotspare import wiring
from hotspare.rig import vm
from hotspare.rig.building import UARTS
from hotspare.rig.hostport import HostPort
from hotspare.rig.loop import Loop, Timer
from hotspare.rig.nor import Nor
from hotspare.rig.pads import KEPT_BYTES, Pads, Page
from hotspare.rig.plan import BoardPlan
from hotspare.rig.uart import Uart

READ_BYTES = 4096
# pause between two looks whether an ended process is gone
REAP_US = 1_000
# USB 2.0 lets a device rest so long before the host may speak to it (T_ATTDB): no Ctrl-C reaches younger firmware
ATTACH_US = 100_000

POWER, WATCHDOG, RESET, PIN = "power", "watchdog", "reset", "pin"


class Board:
    """A board; `tell(event, detail)` goes to the trace."""

    def __init__(
        self,
        loop: Loop,
        plan: BoardPlan,
        surroundings: vm.Surroundings,
        link: Path,
        chance: random.Random,
        tell: Callable[[str, str], None],
    ) -> None:
        self.plan = plan
        self.powered = False
        self.frozen = False
        self.crashed = ""
        self.answers = self.in_repl = False
        self.resets: dict[str, int] = {}
        self.hears_power: list[Callable[[bool], None]] = []
        self.network = ""  # ADDRESS:PORT of the neighbour = the rig's port that stands for it
        self.hears_host: Callable[[bytes], None] | None = None  # the unit's agent, where it shares the host port
        self.page = Page()
        self.pads = Pads(self.page)
        self.flash = Nor(self.page)
        self.uarts: Mapping[str, Uart] = {name: Uart(loop, chance) for name in UARTS}
        self.uid = chance.randbytes(8)
        self._loop = loop
        self._surroundings = surroundings
        self._link = link
        self._chance = chance
        self._tell = tell
        self._pid = 0
        self._cause = POWER
        self._control: socket.socket | None = None
        self._messages = vm.Messages(self._obey, self._crash)
        self._host: HostPort | None = None
        self._watchdog_us = 0
        self._watchdog: Timer | None = None
        self._ending: dict[int, Timer] = {}
        self._attach: Timer | None = None
        self._catches_interrupts = False

    # -- verbs ----------------------------------------------------------------------------------------------------

    def power_on(self) -> None:
        """Power comes: the chip boots."""
        self.powered = True
        self._tell("on", "")
        for hear in self.hears_power:
            hear(True)
        self.page.forget(self._chance.randbytes(KEPT_BYTES))
        self._begin(POWER)

    def power_off(self) -> None:
        """Power goes, and with it everything that is not in the flash."""
        self.powered = False
        self.flash.mend()
        self._tell("off", "")
        self.end()
        self.pads.fall()
        for hear in self.hears_power:
            hear(False)

    def reset(self, cause: str) -> None:
        """The chip is reset: pads fall now, or outlive it; the firmware starts once the old process is gone."""
        self.resets[cause] = self.resets.get(cause, 0) + 1
        self._tell("reset", cause)
        self.end()
        if cause == PIN or not wiring.of(self.plan.kind).keeps_pads:
            self.pads.fall()
        if cause == PIN:  # what outlives other resets is not there on every kind
            self.page.forget(self._chance.randbytes(KEPT_BYTES))
        self._begin(cause)

    def freeze(self) -> None:
        """The firmware stands still; pads and watchdog go on."""
        self.frozen = True
        self._tell("frozen", "")
        if self._pid:
            os.kill(self._pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """The firmware goes on where it stood still."""
        self.frozen = False
        self._tell("thawed", "")
        if self._pid:
            os.kill(self._pid, signal.SIGCONT)

    def close(self) -> None:
        """End the process and wait until it is gone; nothing is traced."""
        self.end()
        for pid, timer in self._ending.items():
            timer.cancel()
            os.waitpid(pid, 0)
        self._ending.clear()
        self.page.close()

    def received(self, port: str, data: bytes, baud: int) -> None:
        """Bytes arrive at a UART."""
        self.uarts[port].receive(data, baud)

    def host_received(self, data: bytes, baud: int) -> None:
        """Bytes of the unit's agent arrive at the host port."""
        if self._host is not None:
            self._host.inject(data)

    def state(self) -> dict[str, Any]:
        """Return what is to be told of the board."""
        return {
            "powered": self.powered,
            "running": bool(self._pid) and not self.frozen and not self.crashed and not self.in_repl,
            "answers": self.answers,
            "frozen": self.frozen,
            "crashed": self.crashed,
            "repl": self.in_repl,
            "process": self._pid,
            "resets": dict(self.resets),
            "watchdog_ms": self._watchdog_us // 1000,
            "outputs": {str(pin): level for pin, level in sorted(self.pads.outputs.items())},
            "uarts": {name: uart.state() for name, uart in self.uarts.items()},
            "flash": self.flash.state(),
        }

    # -- the process ----------------------------------------------------------------------------------------------

    def _begin(self, cause: str) -> None:
        self._cause = cause
        if self._ending:
            # the old process must be gone before another uses its flash
            self._loop.after(REAP_US, self._begin_if_powered)
            return
        if self._host is None:
            self._host = HostPort(self._loop, self._link, self._heard, self._interrupt, self.hears_host)
        self._control, control_end = socket.socketpair()
        self._control.setblocking(False)
        for uart in self.uarts.values():
            uart.plug(self._reader(uart))
        self._pid = vm.spawn(
            self._surroundings,
            vm.environment_of(
                self.plan, self._surroundings.flash, cause, self.uid, self._chance, self.network, self._host.raw_repl
            ),
            self._host.board_end.fileno(),
            (control_end.fileno(), self.page.fd, *(uart.board_fd() for uart in self.uarts.values())),
        )
        control_end.close()
        self._loop.watch(self._control.fileno(), self._told)
        self._tell("booting", cause)

    def _begin_if_powered(self) -> None:
        if self.powered and not self._pid:
            self._begin(self._cause)

    def end(self) -> None:
        """End the process, whatever it does, and take the host port away; the pads are the caller's matter."""
        self._end_process()
        if self._host is not None:
            self._host.close()
            self._host = None

    def _end_process(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
        self._watchdog = None
        self._watchdog_us = 0
        if self._attach is not None:
            self._attach.cancel()
        self._attach = None
        self._catches_interrupts = False
        self.frozen = self.answers = self.in_repl = False
        self.crashed = ""
        self._messages = vm.Messages(self._obey, self._crash)
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            self._ending[self._pid] = self._loop.after(REAP_US, self._reap, self._pid)
            self._pid = 0
        if self._control is not None:
            self._loop.unwatch(self._control.fileno())
            self._control.close()
            self._control = None
        for uart in self.uarts.values():
            uart.unplug()

    def _reap(self, pid: int) -> None:
        if os.waitpid(pid, os.WNOHANG)[0]:
            del self._ending[pid]
        else:
            self._ending[pid] = self._loop.after(REAP_US, self._reap, pid)

    # -- what the board does ----------------------------------------------------------------------------------------

    def _reader(self, uart: Uart) -> Callable[[int], None]:
        def read(events: int) -> None:
            if not uart.baud:
                self._told(0)  # the set-up is on its way
            if uart.send():
                self._heard()

        return read

    def _heard(self) -> None:
        if not self.answers:
            self.answers = True
            self._tell("answers", "")

    def _told(self, events: int) -> None:
        assert self._control is not None
        try:
            data = self._control.recv(READ_BYTES)
        except BlockingIOError:
            return
        except ConnectionResetError:
            data = b""
        self._messages.feed(data) if data else self._died()

    def _obey(self, operation: int, number: int, half: int, whole: int) -> bool:
        """Do what the chip does; return whether the process that said so still runs."""
        if operation == vm.OP_OUT:
            self.pads.output(number, half)
        elif operation == vm.OP_IN:
            self.pads.release(number)
        elif operation == vm.OP_UART:
            self.uarts[UARTS[number]].set_up(whole, half)
        elif operation == vm.OP_WATCHDOG:
            self._heard()
            self._watchdog_us = whole * 1000
            self._guard()
        elif operation == vm.OP_BEGUN:
            self._attach = self._loop.after(ATTACH_US, self._attached)  # what starts the VM is no firmware yet
        elif operation == vm.OP_FLASH:
            self.flash.done(number, bool(half), whole)
        elif operation == vm.OP_OVERRUN:
            self.uarts[UARTS[number]].overrun += whole
        elif operation == vm.OP_CUT:
            self._tell("power cut", f"{'erase' if half else 'program'} of page {number}")
            self.power_off()
        elif operation == vm.OP_REPL:
            self.in_repl = True
            self._tell("repl", "")
        elif operation == vm.OP_RESET:
            self.reset(RESET)
        elif operation == vm.OP_SOFT_RESET:
            self._tell("soft reset", "")  # the interpreter starts again; pads stay as they are
            self.end()
            self._begin(RESET)
        return self._control is not None and operation not in (vm.OP_RESET, vm.OP_SOFT_RESET, vm.OP_CUT)

    def _soft_reset(self) -> None:
        self._tell("soft reset", "")
        assert self._host is not None
        self._host.soft_reset()
        self._end_process()
        self._begin(RESET)

    def _crash(self, text: str) -> None:
        self.crashed = text
        self._tell("crashed", text)

    def _died(self) -> None:
        """The VM itself ended: as on a chip that locks up, the pads stay until the watchdog or somebody resets it.

        Out of its REPL it was told to, by Ctrl-D: a soft reset, at which USB and pads stay as they are.
        """
        assert self._control is not None
        if self.in_repl:
            self._soft_reset()
            return
        self._loop.unwatch(self._control.fileno())
        pid, self._pid = self._pid, 0
        self._ending[pid] = self._loop.after(0, self._reap, pid)
        self._crash("the interpreter ended")

    def _guard(self) -> None:
        if self._watchdog is not None:
            self._watchdog.cancel()
        due_us = self.page.feed_us() - self._loop.start_us + self._watchdog_us
        if due_us <= self._loop.now_us():
            self.reset(WATCHDOG)
        else:
            self._watchdog = self._loop.at(due_us, self._guard)

    def _attached(self) -> None:
        self._catches_interrupts = True

    def _interrupt(self) -> bool:
        """A host sent Ctrl-C: interrupt the firmware unless it has switched that off; return whether it was."""
        if self.in_repl and self._pid:  # at its prompt the VM takes a Ctrl-C as it comes
            runs = vm.catches_interrupts(self._pid)
            if runs:
                os.kill(self._pid, signal.SIGINT)
            return runs
        if self._catches_interrupts and self._pid:
            self._catches_interrupts = vm.catches_interrupts(self._pid)
            if self._catches_interrupts:
                os.kill(self._pid, signal.SIGINT)
        return self._catches_interrupts
