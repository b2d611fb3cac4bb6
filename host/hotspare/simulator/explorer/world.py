"""The explored world: two boards with the real firmware, a crosslink, two agents, one line; all of it can be put back.

Nothing happens but by a call: time passes up to the next thing that happens, a frame arrives or does not. As `bench` of
the laws it has the truth beside the belief.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from hotspare.simulator import stand_ins
from hotspare.simulator.explorer.chip import BOOTS, HUNG, OFF, RUNS, Chip, cause_of
from hotspare.simulator.explorer.crosslink import DOWN, UP, Crosslink, Flying
from hotspare.simulator.explorer.judge import Judge
from hotspare.simulator.explorer.line import Line
from hotspare.simulator.explorer.parts import Agent, Heard
from hotspare.simulator.explorer.setups import BEACON, CONTROLLER, KEY, Setup
from hotspare.simulator.laws import SILENT
from hotspare.simulator.relay_models import relay_of
from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_wire.trust import Keyring

BOARDS = (BEACON, CONTROLLER)
WAIT_MS_MAX = 1000  # that pass at once if nothing happens
SETTLE_MS = 5000  # after which nothing is left to wait for: grace, WTR, a watchdog, a switch and its retry
TOKENS = 60000


class World:
    """A pair at work, armed, on its primary. `units` are what the units say of themselves."""

    primaries = 1
    switch_on = disturbed = 0

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        chosen = settings.Settings(setup.settings())
        self.beat_ms = chosen.interval_ms * 9 // 10
        self.now_ms = 0
        self.token = 0
        self.units = [w.OK, w.OK]
        self.fine_ms = [0, 0]
        self.approved: dict[tuple[int, int, int], int] = {}
        self.crosslink = Crosslink()
        # the order of the controller's paths: the spare's agent, crosslink A
        dead_ms = chosen.interval_ms * chosen.beats
        self.cables = [Heard(w.PATH_AGENT, 1, dead_ms), Heard(w.PATH_CROSSLINK_A, 0, dead_ms)]
        self.laws = Judge(setup.judged)
        self.laws.attach(self)
        self.line = Line(relay_of(setup.values), self.laws)
        self.relays = [self.line.relay]
        ring = Keyring((KEY,))
        self.agents = [
            Agent(address - 1, address, stand_ins.Draw(b"agent %d" % address), ring.of_agent(address - 1), self.beat_ms)
            for address in BOARDS
        ]
        self.chips: dict[int, Chip] = {}
        for address in BOARDS:
            self.chips[address] = self._chip(address)
            self.agents[address - 1].end = self.chips[address].agent
        self.line.pins = self.chips[CONTROLLER].hardware
        self._begin()

    @property
    def engine(self) -> Any:
        """The controller's engine."""
        return self.chips[CONTROLLER].board.engine

    # -- making -------------------------------------------------------------------------------------------------

    def _chip(self, address: int) -> Chip:
        sinks = partial(self._sent, address), self.agents[address - 1].hear
        blob = self.setup.blob(address)
        return Chip(address, blob, partial(self._drives, address), sinks, self.line.commanded)

    def _sent(self, address: int, data: bytes) -> None:
        self.crosslink.send(UP if address == BEACON else DOWN, data, self.chips[address].link())

    def _drives(self, address: int, name: str, level: int) -> None:
        if address == CONTROLLER and name.startswith("relay"):
            self.line.drives(self.now_ms, name, level)

    def _begin(self) -> None:
        self.flow(2 * SETTLE_MS)
        self.ask(w.ARM, w.NONE, 0, w.ACCEPT_SPLIT_BRAIN if self.setup.switch == w.UNPROVEN else 0)
        self.flow(SETTLE_MS)
        begun = self.engine.armed, self.connected()
        assert begun == (1, [0]), "the pair has not begun"

    # -- the truth, as the laws ask for it ------------------------------------------------------------------------

    def connected(self) -> list[int]:
        """Return the unit on each line, NONE for no unit."""
        return [self.line.unit()]

    def known_well(self, unit: int) -> bool:
        """Return whether a live path said in time that a unit is well."""
        return any(cable.unit == unit and cable.knows_well(self.now_ms) for cable in self.cables)

    def sever(self, cut: int) -> None:
        """Ways of the crosslink are cut, or none."""
        self.crosslink.sever(cut)
        self.cables[1].cut = cut >> UP & 1

    def touch(self) -> None:
        """Something was done to the relay or its supply from outside."""
        self.line.move(self.now_ms)
        chip = self.chips[CONTROLLER]
        chip.due_ms = min(chip.due_ms, self.now_ms + 1)

    # -- boards ---------------------------------------------------------------------------------------------------

    def hang(self, address: int) -> None:
        """A board hangs until its watchdog resets it."""
        self.chips[address].hang(self.now_ms)

    def power_off(self, address: int) -> None:
        """The power of a board goes."""
        self.chips[address].power_off()
        self.line.move(self.now_ms)

    def power_on(self, address: int) -> None:
        """It is back: the board boots."""
        self._reset(self.chips[address])

    def _reset(self, chip: Chip) -> None:
        chip.reset(self.now_ms, cause_of(chip.state))
        self.line.move(self.now_ms)

    def _boot(self, chip: Chip) -> None:
        chip.boot(self.now_ms, [self, self.line])
        if chip.address == CONTROLLER:
            self.laws.rebooted()
            for place, cable in enumerate(self.cables):
                cable.heard_well = 0
                cable.said = SILENT
                self.fine_ms[place] = self.now_ms

    # -- frames ---------------------------------------------------------------------------------------------------

    def deliver(self, way: int) -> None:
        """The oldest frame that waits arrives."""
        self._arrive(way, self.crosslink.pop(way))

    def drop(self, way: int) -> None:
        """It is lost."""
        self.crosslink.pop(way)
        self._disturb(way)

    def duplicate(self, way: int) -> None:
        """It arrives, and once more after the next thing that happens."""
        one = self.crosslink.pop(way)
        self.crosslink.hold(way, one, 1)
        self._arrive(way, one)

    def delay(self, way: int) -> None:
        """It waits: another one or time goes first."""
        self.crosslink.hold(way, self.crosslink.pop(way), 0)
        self._disturb(way)

    def _disturb(self, way: int) -> None:
        if way == UP:
            self.cables[1].loss = 1  # until the next fresh beat

    def _arrive(self, way: int, one: Flying) -> None:
        chip = self.chips[CONTROLLER if way == UP else BEACON]
        if chip.state != RUNS:
            return
        path = chip.board.engine.health.paths[1]
        good = path.good
        newer = self.crosslink.is_newer(way, one, chip.link())
        if newer:
            self.crosslink.newest[way] = one.serial
            if way == UP:
                self._beat(1, one.says[0] & 15)
        chip.crosslink.inbox += one.data
        chip.step(self.now_ms, self.laws)
        if newer:
            self.laws.must("heard", path.good > good, "a beat of the session that is newer than all before it is heard")
        else:
            self.laws.must("L6", path.good == good, "no replayed beat and none of another session counts")

    def _beat(self, place: int, said: int) -> None:
        cable = self.cables[place]
        cable.beat(self.now_ms, said)
        if said in (w.OK, w.IMPAIRED):
            self.fine_ms[cable.unit] = self.now_ms

    # -- time -----------------------------------------------------------------------------------------------------

    def _news(self) -> tuple[Any, ...]:
        # of which one is another when something has happened
        beacon, controller = self.chips[BEACON].board, self.chips[CONTROLLER].board
        return beacon.recorder.next, controller.recorder.next, self.line.moved, self.crosslink.counts()

    def pass_time(self) -> None:
        """Time passes until something happens: a frame, an event, a contact; what was delayed may arrive then."""
        end_ms = self.now_ms + WAIT_MS_MAX
        before = self._news()
        while self._turn(end_ms) and self._news() == before:
            pass
        self.crosslink.release()

    def _next_ms(self) -> int:
        least: int = self.line.relay.next_ms(self.now_ms)
        for chip in self.chips.values():
            least = min(least, chip.next_ms())
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
        self.line.move(self.now_ms)
        for chip in self.chips.values():
            if chip.state == HUNG and chip.wake_ms <= next_ms:
                self._reset(chip)
            elif chip.state == BOOTS and chip.wake_ms <= next_ms:
                self._boot(chip)
        for agent in self.agents:
            self._speak(agent)
        for chip in self.chips.values():
            if chip.state == RUNS and chip.due_ms <= next_ms:
                chip.step(next_ms, self.laws)
        return True

    def _speak(self, agent: Agent) -> None:
        if not agent.speak(self.now_ms):
            return
        chip = self.chips[agent.unit + 1]
        if chip.state != RUNS:
            chip.agent.inbox.clear()
            return
        link = chip.agents_link()
        same = link.established and agent.link.established and agent.link._session_theirs == link._session_ours
        if chip.address == CONTROLLER and same:
            self._beat(0, agent.says)
        chip.due_ms = self.now_ms

    def say(self, unit: int, says: int) -> None:
        """A unit is well, fails, or falls silent; what it says it says at once."""
        agent = self.agents[unit]
        self.units[unit] = agent.says = says
        if says != SILENT:
            agent.due_ms = self.now_ms + 1

    # -- persons --------------------------------------------------------------------------------------------------

    def ask(self, request: int, unit: int = w.NONE, number: int = 0, flags: int = 0) -> None:
        """A person asks the controller, if it runs."""
        chip = self.chips[CONTROLLER]
        if chip.state != RUNS:
            return
        self.token = self.token % TOKENS + 1
        pending = self.engine.pending
        if request == w.APPROVE and number == pending.id:
            self.approved[number, pending.winner, pending.target] = 1
        self.engine.asked(self.token, request, unit, number, 0, flags)
        chip.step(self.now_ms, self.laws)

    # -- calm -----------------------------------------------------------------------------------------------------

    def flow(self, ms: int) -> None:
        """So much time passes; whatever is sent arrives."""
        end_ms = self.now_ms + ms
        while self.now_ms < end_ms:
            self._turn(end_ms)
            self.crosslink.release()
            while self.crosslink.first() >= 0:
                self.deliver(self.crosslink.first())

    def settle(self) -> None:
        """All faults end and time passes: what must be true then is put to the laws."""
        self.sever(0)
        self.line.mend()
        self.touch()
        for unit in range(2):
            self.say(unit, w.OK)
        for address, chip in self.chips.items():
            if chip.state == OFF:
                self.power_on(address)
        self.flow(SETTLE_MS)
        self.laws.settled()
