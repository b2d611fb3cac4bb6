"""How the emulated rig carries out each verb; names and values were checked; what stays is whether it can be done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspare import keyfile
from hotspare.capture import FROM_A, FROM_B, Capture, CaptureError
from hotspare.errors import ConfigurationInvalid
from hotspare.rig.board import PIN
from hotspare.rig.building import LOCKOUT, FlashModel
from hotspare.rig.cable import CableModel, Wire
from hotspare.rig.circuits import Contact
from hotspare.rig.datagrams import Way
from hotspare.rig.errors import Refused, Unknown
from hotspare.rig.levels import Pulse
from hotspare.rig.relay import LineModel
from hotspare.rig.unit import HUNG

if TYPE_CHECKING:
    from hotspare.rig.model import RigModel


class Verbs:
    """One method a verb, with the verb's parameters."""

    def __init__(self, world: RigModel) -> None:
        self._world = world
        self._captures: dict[str, Capture] = {}

    def close(self) -> None:
        """Write down what captures still hold."""
        for cable in list(self._captures):
            self._end_capture(cable)

    def carry_out(self, verb: str, arguments: dict[str, Any]) -> None:
        """Do `verb`; raises Refused or Unknown before anything has changed."""
        method: Callable[..., None] = getattr(self, f"_{verb}")
        method(**arguments)

    # -- cables -----------------------------------------------------------------------------------------------------

    def _cut(self, cable: str, direction: str | None) -> None:
        for way in self._ways(cable, direction):
            way.set_cut(True)
        self._tell_cable(cable, "cut", direction)

    def _heal(self, cable: str, direction: str | None) -> None:
        for way in self._ways(cable, direction):
            way.set_cut(False)
            way.set_delay(0)
            if not isinstance(way, Pulse):
                way.set_ber(0.0)
                way.end_burst()
        self._tell_cable(cable, "healed", direction)

    def _noise(self, cable: str, ber: float) -> None:
        for wire in self._wires(cable):
            wire.set_ber(ber)
        self._tell_cable(cable, "noise", f"{ber:g}")

    def _burst(self, cable: str, ms: float) -> None:
        for wire in self._wires(cable):
            wire.burst(round(ms * 1000))
        self._tell_cable(cable, "burst", f"{ms:g} ms")

    def _delay(self, cable: str, ms: float) -> None:
        for way in self._ways(cable, None):
            way.set_delay(round(ms * 1000))
        self._tell_cable(cable, "delay", f"{ms:g} ms")

    def _inject(self, cable: str, direction: str, data: bytes) -> None:
        wires = dict(zip(self._model(cable).ways, self._wires(cable), strict=True))
        self._ways(cable, direction)
        wires[direction].send(data, self._world.baud_of.get(cable, 0))
        self._tell_cable(cable, "injected", f"{len(data)} bytes from {direction}")

    def _capture(self, cable: str, path: str | None) -> None:
        wires = self._wires(cable)
        if path is None:
            failure = self._end_capture(cable)
            self._tell_cable(cable, "capture ended", failure)
            if failure:
                raise Refused(f"the capture of {cable} is not whole: {failure}")
            return
        a, b = self._model(cable).ways
        try:
            kept = Capture(Path(path), cable, a, b)
        except CaptureError as error:
            raise Refused(str(error)) from error
        self._end_capture(cable)
        self._captures[cable] = kept
        for wire, mark in zip(wires, (FROM_A, FROM_B), strict=True):
            wire.tap = partial(self._captured, cable, kept, mark)
        self._tell_cable(cable, "captured", path)

    def _captured(self, cable: str, kept: Capture, mark: str, data: bytes) -> None:
        was = kept.failure
        kept.write(self._world.timeline.now_us(), mark, data)
        if kept.failure != was:
            self._tell_cable(cable, "capture failed", kept.failure)

    def _end_capture(self, cable: str) -> str:
        """End a capture, if there is one; return why it is not whole."""
        kept = self._captures.pop(cable, None)
        if kept is None:
            return ""
        for wire in self._wires(cable):
            wire.tap = None
        kept.close()
        return kept.failure

    def _model(self, cable: str) -> CableModel:
        return self._world.cables[cable]

    def _ways(self, cable: str, direction: str | None) -> list[Wire | Pulse | Way]:
        ways = self._model(cable).ways
        if direction is None:
            return list(ways.values())
        if direction not in ways:
            raise Unknown(f"{direction} is no end of {cable}: it has {', '.join(ways)}")
        return [ways[direction]]

    def _wires(self, cable: str) -> list[Wire | Way]:
        wires = [way for way in self._model(cable).ways.values() if not isinstance(way, Pulse)]
        if not wires:
            raise Refused(f"{cable} carries a level, no bytes: it can be cut, delayed and healed")
        return wires

    def _tell_cable(self, cable: str, event: str, detail: str | None) -> None:
        self._world.tracer.add("cable", cable, event, detail or "")

    # -- units --------------------------------------------------------------------------------------------------------

    def _hang(self, unit: str) -> None:
        if not self._world.units[unit].powered:
            raise Refused(f"{unit} has no power: start it first")
        self._world.units[unit].hang()
        self._world.silence(unit)

    def _stop(self, unit: str, leaving: bool, after_ms: float, longest_s: float) -> None:
        model = self._world.units[unit]
        if (leaving and not model.powered) or not model.mains:
            raise Refused(f"{unit} has no power already")
        if leaving:
            model.leave(int(longest_s), round(after_ms * 1000), model.stop)
        else:
            model.stop()

    def _start(self, unit: str) -> None:
        model = self._world.units[unit]
        if model.mains and model.status != HUNG:
            raise Refused(f"{unit} is {model.status} already" + ("" if model.fed else ": its start relay is open"))
        model.start()

    def _fail(self, unit: str) -> None:
        self._world.units[unit].set_failing(True)

    def _degrade(self, unit: str) -> None:
        self._world.units[unit].degrade()

    def _mend(self, unit: str) -> None:
        self._world.units[unit].set_failing(False)

    def _hook(self, unit: str, role: str, how: str) -> None:
        self._world.units[unit].endings[role] = how
        self._world.tracer.add("unit", unit, "hook", f"{role} {how}")

    def _key(self, unit: str, path: str | None) -> None:
        try:
            keys = keyfile.load(Path(path)) if path is not None else ()
        except ConfigurationInvalid as error:
            raise Refused(str(error)) from error
        self._world.units[unit].hold_keys(" ".join(key.hex() for key in keys))
        self._world.tracer.add("unit", unit, "key", ", ".join(keyfile.fingerprint(key) for key in keys) or "none")

    def _alter(self, unit: str, how: str) -> None:
        self._world.alterations[unit].how = how
        self._world.tracer.add("unit", unit, "altered", how)

    # -- relays -------------------------------------------------------------------------------------------------------

    def _weld(self, relay: str, contact: str | None, pole: float | None) -> None:
        model = self._world.relays[relay]
        if contact is None:
            contact = model.position
            if contact not in model.contacts:
                raise Refused(f"{relay} is {contact}: only a closed contact welds; name one of {_or(model.contacts)}")
        poles = self._contact(relay, contact)
        if pole is not None and (pole != int(pole) or pole > len(poles)):
            raise Unknown(f"{relay} has no pole {pole:g}: it has {len(poles)}")
        # first, so that what it stops from happening comes after its cause
        which = contact if pole is None else poles[int(pole) - 1].name
        self._world.tracer.add("relay", relay, "welded", which)
        model.weld(contact, None if pole is None else int(pole))

    def _unweld(self, relay: str) -> None:
        model = self._world.relays[relay]
        if not model.welded:
            raise Refused(f"no contact of {relay} is welded")
        self._world.tracer.add("relay", relay, "unwelded")
        model.unweld()

    def _bridge(self, relay: str, contact: str) -> None:
        model = self._world.relays[relay]
        self._contact(relay, contact)
        if contact not in model.bridgeable:
            some = _or(model.bridgeable) or "none"
            raise Refused(f"no wire is laid across {contact} of {relay}: only across what others depend on, {some}")
        self._world.tracer.add("relay", relay, "bridged", contact)
        model.bridge(contact)

    def _unbridge(self, relay: str) -> None:
        model = self._world.relays[relay]
        if not model.bridged:
            raise Refused(f"no wire lies across a contact of {relay}")
        self._world.tracer.add("relay", relay, "unbridged")
        model.unbridge()

    def _contact(self, relay: str, contact: str) -> list[Contact]:
        """Return a contact's poles; raises Unknown."""
        contacts = self._world.relays[relay].contacts
        if contact not in contacts:
            raise Unknown(f"{relay} has no contact {contact}: it has {', '.join(contacts)}")
        return contacts[contact]

    def _stick(self, relay: str, coil: str | None, shorted: bool) -> None:
        coils = {model.name: model for model in self._world.relays[relay].coils}
        if coil is not None and coil not in coils:
            raise Unknown(f"{relay} has no coil {coil}: it has {', '.join(filter(None, coils)) or 'only one'}")
        how = " ".join(filter(None, (coil, "shorted" if shorted else "")))
        self._world.tracer.add("relay", relay, "stuck", how)
        for model in coils.values() if coil is None else (coils[coil],):
            (model.set_shorted if shorted else model.set_broken)(True)

    def _unstick(self, relay: str) -> None:
        self._world.tracer.add("relay", relay, "unstuck")
        for coil in self._world.relays[relay].coils:
            coil.set_broken(False)
            coil.set_shorted(False)

    def _sense(self, relay: str, contact: str, stuck: str | None) -> None:
        model = self._world.relays[relay]
        if not isinstance(model, LineModel) or contact not in model.read_backs:
            raise Refused(f"no {contact} contact of {relay} is read back")
        self._world.tracer.add("relay", relay, "sense", f"{contact} {stuck or 'mended'}")
        model.read_backs[contact].set_fault(stuck)

    def _supply(self, state: str) -> None:
        self._world.set_supply(state == "on")

    # -- boards -------------------------------------------------------------------------------------------------------

    def _power(self, board: str, state: str) -> None:
        model = self._world.boards[board]
        if model.powered == (state == "on"):
            raise Refused(f"the power of {board} is {state} already")
        feed = model.plan.fed_by
        if state == "off":
            model.power_off()
        elif feed is not None and not self._world.units[feed].powered:
            raise Refused(f"{board} is fed by {feed}, which has no power: start {feed}")
        else:
            model.power_on()

    def _keyswitch(self, board: str, state: str) -> None:
        switch = self._world.keyswitches.get(board)
        if switch is None:
            raise Refused(f"the wiring of {board} has no pin {LOCKOUT}")
        self._world.tracer.add("board", board, "keyswitch", state)
        switch.turn(state == "on")

    def _erase(self, board: str, ms: float) -> None:
        self._flash(board).stall(ms)
        self._world.tracer.add("board", board, "erase", f"{ms:g} ms")

    def _powercut(self, board: str, operation: float, how: str) -> None:
        flash = self._flash(board)
        if not self._world.boards[board].powered:
            raise Refused(f"{board} has no power already")
        flash.cut(int(operation), how)
        self._world.tracer.add("board", board, "powercut", f"{how} of flash operation {operation:g}")

    def _flash(self, board: str) -> FlashModel:
        if self._world.boards[board].plan.kind == "pyboard":
            raise Refused(f"{board} has its pages in backup SRAM: it has no flash that stalls or could be cut")
        return self._world.boards[board].flash

    def _freeze(self, board: str) -> None:
        model = self._world.boards[board]
        if not model.powered or model.frozen:
            raise Refused(f"{board} {'is frozen already' if model.frozen else 'has no power'}")
        model.freeze()

    def _thaw(self, board: str) -> None:
        if not self._world.boards[board].frozen:
            raise Refused(f"{board} is not frozen")
        self._world.boards[board].thaw()

    def _reset(self, board: str) -> None:
        model = self._world.boards[board]
        if not model.powered:
            raise Refused(f"{board} has no power")
        model.reset(PIN)


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)
