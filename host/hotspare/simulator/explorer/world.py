"""The explored world: two boards with the real firmware, a crosslink, two agents, one line; all of it can be put back.

Nothing happens but by a call: time passes up to the next thing that happens, a frame arrives or does not. What is in
flight stays there until it is told what becomes of it. As `bench` of the laws it has the truth beside the belief.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from hotspare.simulator import stand_ins
from hotspare.simulator.explorer.judge import Judge, Tally
from hotspare.simulator.explorer.memory import Memory, move
from hotspare.simulator.explorer.parts import Agent, End, Heard, Nobody, Watched
from hotspare.simulator.explorer.setups import BEACON, CONTROLLER, KEY, WATCHDOG_MS, Setup
from hotspare.simulator.laws import SILENT
from hotspare.simulator.relay_models import relay_of
from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_firmware import assemble
from hotspare_firmware.board import PARTS
from hotspare_firmware.bootrecord import SIZE, BootRecord
from hotspare_firmware.hearing import Hearing
from hotspare_firmware.slots import Slots
from hotspare_firmware.store import Store
from hotspare_wire import configuration, frame
from hotspare_wire import messages as m
from hotspare_wire.trust import Key, Keyring

RUNS, HUNG, OFF, BOOTS = range(4)  # what a board does
BOOT_MS = 300
WAIT_MS_MAX = 1000  # that pass at once if nothing happens
STEPS_MAX = 12  # of a board without any time between them
SETTLE_MS = 8000  # after which nothing is left to wait for: grace, WTR, a watchdog, a switch and its retry
UP, DOWN = 0, 1  # directions of the crosslink: to the controller, to the beacon
FRESHEST = 1 << 30
# what never changes in a world: no configuration and no key is changed; and what only grows
CONSTANT = (
    *(Setup, settings.Settings, configuration.Configuration, Keyring, Key, assemble.Keys, Store, stand_ins.Files, Slots),
    *(Nobody, Hearing, stand_ins.NoFlash, stand_ins.Clock, stand_ins.Datagrams, frame.Encoder),
)
GROWS = (Tally,)
# places in a frame in flight
DATA, HELD, COPY, SERIAL, SESSION, KIND, SAYS = range(7)


class World:
    """A pair at work, armed, on its primary. `units` are what the units say of themselves."""

    primaries = 1
    switch_on = 0

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        values = setup.settings()
        self.beat_ms = values[settings.index("interval_ms")] * 9 // 10
        self.dead_ms = values[settings.index("interval_ms")] * values[settings.index("beats")]
        self.now_ms = 0
        self.serial = 0  # of frames on the crosslink
        self.token = 0
        self.moved = 0  # contacts have moved so often
        self.commands = 0  # depth of commands to a relay under way
        self.supply = 1
        self.cut = 0
        self.units = [w.OK, w.OK]
        self.fine_ms = [0, 0]
        self.approved: dict[tuple[int, int, int], int] = {}
        self.flights: list[list[tuple[Any, ...]]] = [[], []]
        self.newest = [0, 0]  # serial of the newest beat that arrived, by direction
        self.state = {BEACON: RUNS, CONTROLLER: RUNS}
        self.wake_ms = {BEACON: 0, CONTROLLER: 0}
        self.due_ms = {BEACON: 0, CONTROLLER: 0}
        self.stepped_ms = {BEACON: 0, CONTROLLER: 0}
        self.relays = [relay_of(setup.values)]
        self.coils = [0, 0]
        # the order of the controller's paths: the spare's agent, crosslink A
        self.cables = [Heard(w.PATH_AGENT, 1, self.dead_ms), Heard(w.PATH_CROSSLINK_A, 0, self.dead_ms)]
        self.laws = Judge(setup.judged)
        self.laws.attach(self)
        ring = Keyring((KEY,))
        self.agents = [
            Agent(address - 1, address, stand_ins.Draw(b"agent %d" % address), ring.of_agent(address - 1), self.beat_ms)
            for address in (BEACON, CONTROLLER)
        ]
        self.hardware = {address: self._hardware(address) for address in (BEACON, CONTROLLER)}
        self.files = {address: self._files(address) for address in (BEACON, CONTROLLER)}
        self._show()
        self.boards = {address: self._assembled(address, w.C_POWER) for address in (BEACON, CONTROLLER)}
        self._packed = {address: board.recorder._state for address, board in self.boards.items()}
        self._begin()

    @property
    def engine(self) -> Any:
        """The controller's engine."""
        return self.boards[CONTROLLER].engine

    # -- making -------------------------------------------------------------------------------------------------

    def _hardware(self, address: int) -> Any:
        drives = partial(self._drives, address)
        clock = stand_ins.Clock()
        draw = stand_ins.Draw(b"board %d" % address)
        made = stand_ins.Hardware("pico", b"board %3d" % address, draw, clock, stand_ins.NoFlash(), drives)
        agent = End(self.agents[address - 1].hear)
        made.uarts = (End(partial(self._sent, UP if address == BEACON else DOWN)), agent)
        made.memory = dict.fromkeys(range(0, SIZE, 4), 0)
        made.show("supply", 1)
        self.agents[address - 1].end = agent
        return made

    def _files(self, address: int) -> dict[str, bytes]:
        kept: dict[str, bytes] = {}
        store = Store("", stand_ins.Files(kept))
        assert store.slots.store(self.setup.blob(address)) and store.save_keys((KEY,))
        return kept

    def _assembled(self, address: int, cause: int) -> Any:
        hardware = self.hardware[address]
        hardware.reset_cause = cause
        boots = BootRecord(hardware.memory, 0, cause)
        store = Store("", stand_ins.Files(self.files[address]))
        board = assemble.board(hardware, store, Nobody(), boots, firmware_hash=1)
        for line, relay in enumerate(board.relays):
            board.relays[line] = Watched(relay, line, self)
        return board

    def _begin(self) -> None:
        self._flow(2 * SETTLE_MS)
        flags = w.ACCEPT_SPLIT_BRAIN if self.setup.switch == w.UNPROVEN else 0
        self.ask(w.ARM, w.NONE, 0, flags)
        self._flow(SETTLE_MS)
        assert self.engine.armed and self.connected() == [0], "the pair has not begun"

    # -- the truth, as the laws ask for it ------------------------------------------------------------------------

    def connected(self) -> list[int]:
        """Return the unit on each line, NONE for no unit."""
        contact = self.relays[0].contact
        return [{w.AT_PRIMARY: 0, w.AT_SPARE: 1}.get(contact, w.NONE)]

    def known_well(self, unit: int) -> bool:
        """Return whether a live path said in time that a unit is well."""
        return any(cable.unit == unit and cable.knows_well(self.now_ms) for cable in self.cables)

    def commanded(self, line: int, position: int, relay: Any) -> None:
        """The engine commands a relay."""
        self.laws.driven(line, position)
        self.commands += 1
        relay.drive(position)
        self.commands -= 1

    def _drives(self, address: int, name: str, level: int) -> None:
        if address != CONTROLLER or not name.startswith("relay"):
            return
        if level:
            self.laws.rose(self.commands)
        self.coils[1 if name.endswith("second") else 0] = level
        self.relays[0].wire(self.now_ms, self.coils[0], self.coils[1], self.supply)
        self._show()

    def _show(self) -> None:
        relay = self.relays[0]
        relay.show()
        levels = relay.senses()
        pins = self.hardware[CONTROLLER]
        pins.show("sense1_primary", levels[0])
        pins.show("sense1_spare", levels[1])

    def touch(self) -> None:
        """Something was done to the relay or its supply from outside."""
        self.hardware[CONTROLLER].show("supply", self.supply)
        self._move()
        self.due_ms[CONTROLLER] = min(self.due_ms[CONTROLLER], self.now_ms + 1)

    def _move(self) -> None:
        relay = self.relays[0]
        was = relay.contact, relay.senses()
        relay.update(self.now_ms, self.supply)
        if (relay.contact, relay.senses()) != was:
            self.moved += 1
            self.laws.moved()
        self._show()

    # -- boards ---------------------------------------------------------------------------------------------------

    def hang(self, address: int) -> None:
        """A board hangs until its watchdog resets it."""
        self.state[address] = HUNG
        self.wake_ms[address] = self.now_ms + WATCHDOG_MS

    def power_off(self, address: int) -> None:
        """The power of a board goes: its pads fall."""
        self.state[address] = OFF
        self._fall(address)

    def power_on(self, address: int) -> None:
        """It is back: the board boots."""
        self._wake(address, w.C_POWER)

    def _wake(self, address: int, cause: int) -> None:
        self._fall(address)
        self.state[address] = BOOTS
        self.wake_ms[address] = self.now_ms + BOOT_MS
        self.hardware[address].reset_cause = cause

    def _fall(self, address: int) -> None:
        # pads go back to their reset state
        for pin in self.hardware[address].pins.values():
            if pin.listen:
                pin.value(0)
        self._move()

    def _boot(self, address: int) -> None:
        fresh = self._assembled(address, self.hardware[address].reset_cause)
        move(fresh, self.boards[address], self._apart(address))
        self.state[address] = RUNS
        self.stepped_ms[address] = self.due_ms[address] = self.now_ms
        if address == CONTROLLER:
            self.laws.rebooted()
            for place, cable in enumerate(self.cables):
                cable.heard_well = 0
                cable.said = SILENT
                self.fine_ms[place] = self.now_ms

    def _apart(self, address: int) -> list[Any]:
        hardware = self.hardware[address]
        pins = list(hardware.pins.values())
        return [self, hardware, hardware.memory, hardware.draw, self.files[address], *pins, *hardware.uarts]

    def _step(self, address: int) -> None:
        board = self.boards[address]
        steps = 0
        while steps < STEPS_MAX:
            past_ms = self.now_ms - self.stepped_ms[address]
            self.stepped_ms[address] = self.now_ms
            board.step(past_ms)
            self.laws.stepped_whole(board.parts == PARTS)
            if address == CONTROLLER:
                self.laws.stepped(past_ms)
            steps += 1
            if board.idle_ms and not any(end.inbox for end in self.hardware[address].uarts):
                break
        self.laws.stepped_whole(steps < STEPS_MAX)
        recorder, packed = board.recorder, self._packed[address]
        if recorder._state is not packed:  # made anew with each save: it goes into the object that can be put back
            packed[:] = recorder._state
            recorder._state = packed
        self.due_ms[address] = self.now_ms + board.idle_ms

    # -- frames ---------------------------------------------------------------------------------------------------

    def _sent(self, direction: int, data: bytes) -> None:
        if self.cut:
            return
        link = self._link(BEACON if direction == UP else CONTROLLER)
        payload = link.encoder.payload
        kind = payload[frame.AT_KIND] & frame.KIND_MASK
        says = tuple(payload[frame.AT_BODY + 2 : frame.AT_BODY + 6]) if kind == m.HEARTBEAT else ()
        self.serial += 1
        session = link._session_theirs if link.established else b""
        if kind == m.HELLO:
            session = bytes(payload[frame.AT_BODY : frame.AT_BODY + 2 * m.NONCE_SIZE + 1])
        self.flights[direction].append((data, 0, 0, self.serial, session, kind, says))

    def _link(self, address: int) -> Any:
        # crosslink A is the last of its ports
        return self.boards[address].ports[-1].links[0]

    def first(self) -> int:
        """Return the direction of the oldest frame that waits for its fate, -1 for none."""
        found, oldest = -1, FRESHEST
        for direction in (UP, DOWN):
            for one in self.flights[direction]:
                if not one[HELD] and one[SERIAL] < oldest:
                    found, oldest = direction, one[SERIAL]
        return found

    def _pop(self, direction: int) -> tuple[Any, ...]:
        flight = self.flights[direction]
        for place, one in enumerate(flight):
            if not one[HELD]:
                return flight.pop(place)
        raise AssertionError("nothing is in flight")

    def deliver(self, direction: int) -> None:
        """The oldest frame that waits arrives."""
        self._arrive(direction, self._pop(direction))

    def drop(self, direction: int) -> None:
        """It is lost."""
        self._pop(direction)
        self._disturb(direction)

    def duplicate(self, direction: int) -> None:
        """It arrives, and once more after the next thing that happens."""
        one = self._pop(direction)
        self.flights[direction].insert(0, (one[DATA], 1, 1, *one[SERIAL:]))
        self._arrive(direction, one)

    def delay(self, direction: int) -> None:
        """It waits: another one or time goes first."""
        one = self._pop(direction)
        self.flights[direction].insert(0, (one[DATA], 1, 0, *one[SERIAL:]))
        self._disturb(direction)

    def _disturb(self, direction: int) -> None:
        if direction == UP:
            self.cables[1].loss = 1  # until the next fresh beat

    def _arrive(self, direction: int, one: tuple[Any, ...]) -> None:
        address = CONTROLLER if direction == UP else BEACON
        if self.state[address] != RUNS:
            return
        link = self._link(address)
        path = self.boards[address].engine.health.paths[1]
        good = path.good
        fresh = one[KIND] == m.HEARTBEAT and one[SERIAL] > self.newest[direction]
        fresh = fresh and link.established and one[SESSION] == link._session_ours
        if fresh:
            self.newest[direction] = one[SERIAL]
            if direction == UP:
                self._beat(1, one[SAYS][0] & 15)
        self.hardware[address].uarts[0].inbox += one[DATA]
        self._step(address)
        if fresh:
            self.laws.must("heard", path.good > good, "a beat of the session that is newer than all before it is heard")
        else:
            self.laws.must("L6", path.good == good, "no replayed beat and none of another session counts")

    def _beat(self, place: int, said: int) -> None:
        cable = self.cables[place]
        cable.beat(self.now_ms, said)
        if said in (w.OK, w.IMPAIRED):
            self.fine_ms[cable.unit] = self.now_ms

    # -- time -----------------------------------------------------------------------------------------------------

    def news(self) -> tuple[int, int, int]:
        """Return numbers of which one is another when something has happened."""
        beacon, controller = self.boards[BEACON], self.boards[CONTROLLER]
        return beacon.recorder.next, controller.recorder.next, self.moved

    def pass_time(self) -> None:
        """Time passes until something happens: a frame, an event, a contact; what was delayed may arrive then."""
        end_ms = self.now_ms + WAIT_MS_MAX
        before = self.news()
        held = [len(flight) for flight in self.flights]
        while self._turn(end_ms) and self.news() == before and [len(flight) for flight in self.flights] == held:
            pass
        for flight in self.flights:
            for place, one in enumerate(flight):
                if one[HELD]:
                    flight[place] = (one[DATA], 0, *one[COPY:])

    def _next_ms(self) -> int:
        least: int = self.relays[0].next_ms(self.now_ms)
        for address, state in self.state.items():
            if state != OFF:
                least = min(least, self.due_ms[address] if state == RUNS else self.wake_ms[address])
        for agent in self.agents:
            least = min(least, agent.due_ms)
        return max(least, self.now_ms)

    def _turn(self, end_ms: int) -> bool:
        """Let the next thing happen that is due by then; return whether one was."""
        next_ms = self._next_ms()
        if next_ms > end_ms:
            self.now_ms = end_ms
            return False
        self.now_ms = next_ms
        self._move()
        for address, state in self.state.items():
            if state in (HUNG, BOOTS) and self.wake_ms[address] <= next_ms:
                if state == HUNG:
                    self._wake(address, w.C_WATCHDOG)
                else:
                    self._boot(address)
        for agent in self.agents:
            self._speak(agent)
        for address in (BEACON, CONTROLLER):
            if self.state[address] == RUNS and self.due_ms[address] <= next_ms:
                self._step(address)
        return True

    def _speak(self, agent: Agent) -> None:
        if not agent.speak(self.now_ms):
            return
        address = agent.unit + 1
        if self.state[address] != RUNS:
            self.hardware[address].uarts[1].inbox.clear()
            return
        link = self.boards[address].ports[0].links[0]
        same = link.established and agent.link.established and agent.link._session_theirs == link._session_ours
        if address == CONTROLLER and same:
            self._beat(0, agent.says)
        self.due_ms[address] = self.now_ms

    def say(self, unit: int, says: int) -> None:
        """A unit is well, fails, or falls silent; what it says it says at once."""
        agent = self.agents[unit]
        self.units[unit] = agent.says = says
        if says != SILENT:
            agent.due_ms = self.now_ms + 1

    # -- persons --------------------------------------------------------------------------------------------------

    def ask(self, request: int, unit: int = w.NONE, number: int = 0, flags: int = 0) -> None:
        """A person asks the controller, if it runs."""
        if self.state[CONTROLLER] != RUNS:
            return
        self.token = self.token % 60000 + 1
        pending = self.engine.pending
        if request == w.APPROVE and number == pending.id:
            self.approved[number, pending.winner, pending.target] = 1
        self.engine.asked(self.token, request, unit, number, 0, flags)
        self._step(CONTROLLER)

    # -- calm -----------------------------------------------------------------------------------------------------

    def _flow(self, ms: int) -> None:
        """So much time passes; whatever is sent arrives."""
        end_ms = self.now_ms + ms
        while self.now_ms < end_ms:
            self._turn(end_ms)
            for flight in self.flights:
                flight[:] = [(one[DATA], 0, *one[COPY:]) for one in flight]
            while self.first() >= 0:
                self.deliver(self.first())

    def settle(self) -> None:
        """All faults end and time passes: what must be true then is put to the laws."""
        self.cut = 0
        self.supply = 1
        relay = self.relays[0]
        relay.welded = relay.coil_open = 0
        relay.lose(0)
        self.touch()
        for unit in range(2):
            self.say(unit, w.OK)
        for address, state in self.state.items():
            if state == OFF:
                self.power_on(address)
        self._flow(SETTLE_MS)
        self.laws.settled()

    def memory(self) -> Memory:
        """Return what takes and gives back the whole state."""
        return Memory([self], CONSTANT, GROWS)
