"""A pair on the emulated rig for tests and measurements: faults in, and what contacts and boards did, by its clock."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from hotspare import blob, configuration, example, reading
from hotspare import board as boards
from hotspare.configuration import Board, Group
from hotspare.errors import HotspareError
from hotspare.plan import plan_from
from hotspare.rig import flash, technician
from hotspare.rig.interface import Rig
from hotspare.rig.orders import Order
from hotspare.rig.place import FLASH
from hotspare.rig.plan import RigPlan
from hotspare.rig.process import RigProcess
from hotspare.rig.trace import Record
from hotspare_engine import words as w

SETTLE_S_MAX = 20.0
LOOK_AGAIN_S = 0.01
OUTCOME_MS_MAX = 10_000
BY_ITSELF = w.A_STALLED | w.A_FLAPPING  # alarms of what was done before, which end when time has passed
RELAY = "line-primary"
# for tests that are not about times: hiccups of a busy machine fail nobody, and one test's falls are not the next one's
UNHURRIED = {"beats": 8, "agent_beats": 8, "attempts_max": 50, "boot_grace_s": 30}


def file_with(text: str, **values: Any) -> str:
    """Return the text of a configuration with keys of its group set."""
    lines = []
    unsaid = set(values)
    for line in text.splitlines():
        key = line.lstrip("# ").partition(" = ")[0]
        unsaid.discard(key)
        lines.append(f"{key} = {_toml(values[key])}" if key in values else line)
    assert not unsaid, f"the example has no key called {', '.join(sorted(unsaid))}"
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


class Pair:
    """The example pair with some settings, running and armed; ends with the context.

    `plan_change` returns the rig that is built in place of the one that the configuration describes, `changes` are
    texts of its file with what stands there instead.
    """

    example = "pair"

    def __init__(
        self,
        seed: int | None = None,
        armed: bool = True,
        firmware: Mapping[str, bytes] | None = None,
        plan_change: Callable[[RigPlan], RigPlan] | None = None,
        changes: Mapping[str, str] | None = None,
        **values: Any,
    ) -> None:
        self._stack = ExitStack()
        self.chance = random.Random(seed)
        self._firmware = flash.firmware_files() if firmware is None else firmware
        try:
            folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="hotspare-")))
            file = folder / configuration.FILE_NAME
            text = file_with(example.text(self.example), **values)
            for old, new in (changes or {}).items():
                assert text.count(old) == 1, f"{old} stands {text.count(old)} times in the example"
                text = text.replace(old, new)
            file.write_text(text)
            self.configuration = configuration.load(file).on_rig()
            self.group = self.configuration.groups[0]
            plan = plan_from(self.configuration)
            if plan_change is not None:
                plan = plan_change(plan)
            process = RigProcess(plan, self.configuration.rig_directory, seed=seed, firmware=firmware)
            self.process = self._stack.enter_context(process)
            self.rig: Rig = self.process.rig
            self.process.wait_answers()
            technician.look(self.configuration)
            if armed:
                technician.arm(self.configuration)
            self.settle()
            self.until_all_heard()
            self._firmware_hashes = {it.name: self._firmware_hash(it.name) for it in self.group.boards}
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Pair:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def board(self, name: str) -> boards.Board:
        """Return a session with a board, to be used as a context."""
        return boards.open_board(self.configuration.board(name))

    def status(self) -> dict[str, Any]:
        """Return the controller's status."""
        with self.board(self.group.controller) as reached:
            return reached.status()

    def settle(self, on_spare: bool = False, healths: tuple[int, ...] = ()) -> dict[str, Any]:
        """Return the status once the line rests where it should and the units are so, or all well; or TimeoutError."""
        wanted = w.ON_SPARE if on_spare else w.NORMAL
        healths = healths or self._at_rest(on_spare)

        def rests(status: dict[str, Any]) -> bool:
            return status["state"] == wanted and tuple(status["health"][: len(healths)]) == healths

        return self.until_status(rests)

    def _at_rest(self, on_spare: bool) -> tuple[int, ...]:
        cold = self.group.standby == "cold" and not on_spare
        return (w.OK,) * len(self.group.primaries) + (w.OFF if cold else w.OK,)

    def until_status(self, holds: Callable[[dict[str, Any]], Any], board_name: str = "") -> dict[str, Any]:
        """Return the first status of a board, the controller unless named, for which `holds`; raises TimeoutError."""
        end_s = time.monotonic() + SETTLE_S_MAX
        status: dict[str, Any] = {}
        while time.monotonic() < end_s:
            with suppress(HotspareError), self.board(board_name or self.group.controller) as reached:
                status = reached.status()
                if holds(status):
                    return status
            time.sleep(LOOK_AGAIN_S)
        raise TimeoutError(f"what was waited for did not come: {told(status)}")

    def until_alarm(self, bits: int, board_name: str = "") -> dict[str, Any]:
        """Return the first status of a board in which all these alarms stand."""
        return self.until_status(lambda status: status["alarms"] & bits == bits, board_name)

    def until_restarted(self, board_name: str, boot: int) -> None:
        """Return when a board answers that has started since its boot of that number; raises TimeoutError."""
        end_s = time.monotonic() + SETTLE_S_MAX
        while time.monotonic() < end_s:
            with suppress(HotspareError), self.board(board_name) as reached:
                if reached.identity()["boot"] > boot:
                    return
            time.sleep(LOOK_AGAIN_S)
        raise TimeoutError(f"{board_name} did not start again")

    def pass_ms(self, ms: float) -> None:
        """Let so much of the rig's time pass."""
        end_us = self.rig.state()["us"] + ms * 1000
        while self.rig.state()["us"] < end_us:
            time.sleep(LOOK_AGAIN_S)

    def active(self) -> str | None:
        """Return the unit that the contacts really connect to the line; the alarm is the caller's if there are two."""
        state = self.rig.state()
        units = [name for name, unit in state["units"].items() if unit["connected"]]
        assert len(units) <= 1, units
        assert state["both_connected_us"] == 0
        return units[0] if units else None

    def alarm_stands(self, board_name: str) -> bool:
        """Return whether a board's alarm relay is released."""
        return bool(self.rig.state()["relays"][f"alarm-{board_name}"]["contact"] == "alarm")

    def ask(self, request: int, unit: int = w.NONE, **values: int) -> dict[str, Any]:
        """Ask the controller for something; return the reply with its outcome."""
        with self.board(self.group.controller) as reached:
            number, seconds, flags = values.get("number", 0), values.get("seconds", 0), values.get("flags", 0)
            return reached.request(request, unit + 1, number, seconds, flags, OUTCOME_MS_MAX)

    def pending(self) -> dict[str, Any]:
        """Return what is pending at the controller."""
        with self.board(self.group.controller) as reached:
            pending = reached.pending()
            assert pending is not None
            return pending

    def fail_back(self) -> None:
        """Return to the primary, once both units are well."""
        self.settle(on_spare=True)
        self.ask(w.MS_P, 0)
        self.settle()

    def fail_over_and_back(self) -> None:
        """The primary loses its power, the spare takes the line and gives it back; raises if one of them does not."""
        self.rig.stop("primary")
        self.settle(on_spare=True, healths=(w.FAILED, w.OK))
        assert self.active() == "spare"
        self.rig.start("primary")
        self.fail_back()
        assert self.active() == "primary"

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
        """Do something; return the milliseconds until the contact on `unit` first touched; it rests by now."""
        took_ms, _ = self.until({"kind": "contact", "name": RELAY, "event": "closed", "detail": unit}, act)
        self.pass_ms(self.configuration.rig.bounce_us / 1000)
        return took_ms

    def until_all_heard(self) -> None:
        """Return when every board hears on all of its paths: one that was never heard is not missed when it is cut."""
        end_s = time.monotonic() + SETTLE_S_MAX
        while not all(self._hears(it.name) for it in self.group.boards):
            if time.monotonic() > end_s:
                raise TimeoutError("a board does not hear on all of its paths")
            time.sleep(LOOK_AGAIN_S)

    def _hears(self, board_name: str) -> bool:
        with suppress(HotspareError), self.board(board_name) as reached:
            status = reached.status()
            resting = {index + 1 for index, health in enumerate(status["health"]) if health == w.OFF}
            paths = reached.paths(status["paths"])
            return all(path["state"] == w.ALIVE or path["unit"] in resting for path in paths)
        return False

    # -- what boards hold -----------------------------------------------------------------------------------------

    def give(self, board: Board, group: Group) -> None:
        """Write a configuration to the board of that name and wait until it runs it."""
        with self.board(board.name) as reached:
            before = reached.identity()["boot"]
            reached.write_configuration(blob.of(board, group))
        self.until_restarted(board.name, before)

    def flash(self, board_name: str, changed: Mapping[str, bytes]) -> None:
        """Put the firmware with some files changed onto an emulated board and wait until it runs it."""
        self.rig.power(board_name, False)
        flash.install(self.configuration.rig_directory / FLASH / board_name, {**self._firmware, **changed})
        self.rig.power(board_name, True)
        self.until_status(bool, board_name)

    def holds_its_own(self, board: Board) -> tuple[bool, bool]:
        """Return whether a board holds its configuration, and its firmware."""
        with self.board(board.name) as reached:
            configured = reached.kept_configuration() == blob.of(board, self.group)
        return configured, self._firmware_hash(board.name) == self._firmware_hashes[board.name]

    def _firmware_hash(self, board_name: str) -> int:
        with self.board(board_name) as reached:
            return int(reached.identity()["firmware_hash"])


def told(status: dict[str, Any]) -> dict[str, Any]:
    """Return a status as people read it."""
    return {**status, **reading.read("status", status)} if status else {}
