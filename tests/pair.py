"""A pair on the emulated rig for tests and measurements: faults in, and when coil or contact answered, by the rig's clock."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from hotspare import board, configuration, example
from hotspare.errors import HotspareError
from hotspare.plan import plan_from
from hotspare.rig import technician
from hotspare.rig.interface import Order, Rig
from hotspare.rig.process import RigProcess
from hotspare.rig.trace import Record
from hotspare_engine import words as w

SETTLE_S_MAX = 20.0
LOOK_AGAIN_S = 0.01
OUTCOME_MS_MAX = 10_000
RELAY = "line-primary"


def file_with(text: str, **values: Any) -> str:
    """Return the text of a configuration with keys of its group set."""
    lines = []
    for line in text.splitlines():
        key = line.lstrip("# ").partition(" = ")[0]
        lines.append(f"{key} = {_toml(values[key])}" if key in values else line)
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


class Pair:
    """The example pair with some settings, running and armed; ends with the context."""

    def __init__(self, seed: int | None = None, armed: bool = True, firmware: Any = None, **values: Any) -> None:
        self._stack = ExitStack()
        self.chance = random.Random(seed)
        try:
            folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="hotspare-")))
            file = folder / configuration.FILE_NAME
            file.write_text(file_with(example.text("pair"), **values))
            self.configuration = configuration.load(file)
            self.group = self.configuration.groups[0]
            plan = plan_from(self.configuration)
            process = RigProcess(plan, self.configuration.rig_directory, seed=seed, firmware=firmware)
            self.process = self._stack.enter_context(process)
            self.rig: Rig = self.process.rig
            self.process.wait_answers()
            technician.look(self.configuration)
            if armed:
                technician.arm(self.configuration)
            self.settle()
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Pair:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def board(self, name: str) -> board.Board:
        """Return a session with a board, to be used as a context."""
        return board.open_board(self.configuration.board(name))

    def status(self) -> dict[str, Any]:
        """Return the controller's status."""
        with self.board(self.group.controller) as reached:
            return reached.status()

    def settle(self, on_spare: bool = False, healths: tuple[int, ...] = (w.OK, w.OK)) -> dict[str, Any]:
        """Return the status once the line rests where it should and the units have these healths; raises TimeoutError."""
        end_s = time.monotonic() + SETTLE_S_MAX
        wanted = w.ON_SPARE if on_spare else w.NORMAL
        status: dict[str, Any] = {}
        while time.monotonic() < end_s:
            with suppress(HotspareError):
                status = self.status()
                if status["state"] == wanted and tuple(status["health"][: len(healths)]) == healths:
                    return status
            time.sleep(LOOK_AGAIN_S)
        raise TimeoutError(f"the pair did not come to rest: {status}")

    def ask(self, request: int, unit: int = w.NONE, **values: int) -> dict[str, Any]:
        """Ask the controller for something; return the reply with its outcome."""
        with self.board(self.group.controller) as reached:
            number, seconds, flags = values.get("number", 0), values.get("seconds", 0), values.get("flags", 0)
            return reached.request(request, unit + 1, number, seconds, flags, OUTCOME_MS_MAX)

    def fail_back(self) -> None:
        """Return to the primary, once both units are well."""
        self.settle(on_spare=True)
        self.ask(w.MS_P, 0)
        self.settle()

    def wait_random_phase(self) -> None:
        """Let a random part of an interval pass."""
        time.sleep(self.chance.uniform(0, 2 * self.group.setting("interval_ms")) / 1000)

    def until(self, match: dict[str, str], act: Callable[[], int]) -> tuple[float, Record]:
        """Do something; return the milliseconds from it to the first record that matches, and the record."""
        before = self.rig.state()["trace_next"] - 1
        begin_us = act()
        record = self.rig.wait(match, before, OUTCOME_MS_MAX)
        return (record.us - begin_us) / 1000, record

    def until_coil(self, orders: list[Order]) -> float:
        """Carry out orders at one moment; return the milliseconds until the spare's coil is driven."""
        coil = {"kind": "coil", "name": RELAY, "event": "energised"}
        return self.until(coil, lambda: self.rig.do(orders))[0]

    def until_contact(self, unit: str, act: Callable[[], int]) -> float:
        """Do something; return the milliseconds until the contact on `unit` first touches."""
        return self.until({"kind": "contact", "name": RELAY, "event": "closed", "detail": unit}, act)[0]
