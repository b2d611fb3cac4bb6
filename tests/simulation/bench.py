"""The bench: one engine with model relays, units and cables under virtual milliseconds; runs on MicroPython too.

The truth of the world (what units say, where contacts are) stands here, beside what the engine believes of it.
"""

from hotspare.simulator.laws import SILENT
from hotspare.simulator.relay_models import relay_of
from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_engine.engine import Engine

BUFFER_MAX = 8  # beats that wait in a port while the board stalls
CONTROLLER = 2  # address of the controller's board; a beacon's is 1 plus its unit's index


class Cable:
    """One path: when its next beat is due, what is wrong with it, and what the controller heard on it.

    `loss` of 1000 beats are lost on the way, every other one of them arrives damaged; `chance` says which.
    """

    def __init__(self, kind, unit, source, interval_ms, beats, chance=1):
        self.kind, self.unit, self.source = kind, unit, source
        self.interval_ms = interval_ms
        self.dead_ms = interval_ms * beats
        self.beat_ms = max(1, interval_ms * 9 // 10)
        self.due_ms = 1
        self.waiting = 0
        self.cut = self.one_way = self.frozen = self.differs = self.conflict = 0
        self.pace = 1  # beats in place of one
        self.loss = self.skipped = 0
        self.chance = chance
        self.said = SILENT  # the newest report that arrived
        self.alive_until_ms = -1
        self.heard_well = 0  # since the controller's boot

    def loses(self):
        """Return whether the beat that goes out now is lost on the way."""
        if not self.loss:
            return False
        self.chance = (self.chance * 75 + 74) % 65537
        return self.chance % 1000 < self.loss


def pair(interval_ms=20, beats=3, direct=0, pulse=1, primaries=1, agent_interval_ms=20):
    """Return the paths of a group: a beacon at each primary, the spare's agent, and where wanted direct agents."""
    paths = []
    for line in range(primaries):
        kind = w.PATH_CROSSLINK_A if line == 0 else w.PATH_CROSSLINK_B
        paths.append((kind, line, 1 + line, interval_ms, beats))
        if pulse and line == 0:
            paths.append((w.PATH_PULSE, 0, 1, interval_ms, beats))
        if direct:
            paths.append((w.PATH_AGENT, line, 100 + line, agent_interval_ms, beats))
    paths.append((w.PATH_AGENT, primaries, 100 + primaries, agent_interval_ms, beats))
    return tuple(paths)


class Bench:
    """An engine at work. `units` says what each unit says of itself, `beacons` whether the board at a primary runs."""

    def __init__(self, paths=None, primaries=1, watchers=(), **values):
        values.setdefault("boot_grace_s", 2)
        values.setdefault("interval_ms", 20)
        values.setdefault("agent_interval_ms", 20)
        chosen = list(settings.defaults())
        for name, value in values.items():
            chosen[settings.index(name)] = value
        self.values = tuple(chosen)
        self.primaries = primaries
        self.paths = paths if paths is not None else pair(primaries=primaries)
        self.now_ms = 0
        self.booted_ms = 0
        self.token = 0
        self.relays = [relay_of(values) for _ in range(primaries)]
        self.units = [w.OK] * (primaries + 1)
        self.leaving_s = 60
        self.beacons = [1] * (primaries + 1)
        self.supply = 1
        self.switch_on = 0  # the lockout switch beside the controller
        self.disturbed = 0  # whatever is wrong here, the laws see
        self.kept = ()  # what the engine had saved
        self.rows = []  # (ms, row) of everything that came out of the outbox, but SEND
        self.power = 0  # of a cold spare, through its start relay
        self.boot_ms = 300  # from its power to its first word
        self.heard_from_ms = 0  # when a cold spare speaks at the earliest
        self.role_ms = [0] * (primaries + 1)  # how long each unit takes to be what it is told to be; -1: for ever
        self.role_failed = [0] * (primaries + 1)  # whether its hooks fail
        self.roles = [0] * (primaries + 1)  # what each unit acknowledges
        self.roles_due = [(0, 0)] * (primaries + 1)  # (role, when) that it becomes
        self.approved = set()  # (id, winner, target) as it was shown to a person who approved it
        self.watchers = watchers
        self.fine = 0  # whether time goes by 1 ms, whatever next_ms says
        self._boot()

    def _boot(self):
        self.engine = Engine(self.values, self.primaries, self.primaries, self.paths)
        self.cables = [Cable(*path, chance=1 + index) for index, path in enumerate(self.paths)]
        for cable in self.cables:
            cable.due_ms = self.now_ms + 1
        self.booted_ms = self.now_ms
        self.wake_ms = self.now_ms
        self.fine_ms = [self.now_ms] * (self.primaries + 1)  # when each unit last said that it is well, unopposed

    def replace_engine(self):
        """Put a fresh engine with the snapshot of the present one in its place; nobody may notice."""
        fresh = Engine(self.values, self.primaries, self.primaries, self.paths)
        fresh.restore(self.engine.snapshot())
        values = self.engine.snapshot()
        assert fresh.snapshot() == values
        assert all(isinstance(value, int) for value in values)
        self.engine = fresh

    # -- the world ----------------------------------------------------------------------------------------------

    def says(self, cable):
        """Return what would be said on a cable now; SILENT for nothing."""
        said = self.units[cable.unit]
        if cable.unit == self.primaries and self.is_cold() and not self.is_up():
            said = SILENT
        if cable.kind == w.PATH_AGENT:
            return said
        if not self.beacons[cable.unit]:
            return SILENT
        if said == SILENT:
            said = w.FAILED
        if cable.kind == w.PATH_PULSE:
            return said if said in (w.OK, w.IMPAIRED) else SILENT
        return said

    def is_cold(self):
        """Return whether the spare is a cold one."""
        return self.engine.settings.standby == w.COLD

    def is_up(self):
        """Return whether a cold spare has power and has booted."""
        return self.power and self.now_ms >= self.heard_from_ms

    def connected(self):
        """Return the unit on each line, NONE for no unit; the spare's feed cascades, so that no two lines share it."""
        free = True
        units = []
        for line in range(self.primaries):
            contact = self.relays[line].contact
            if contact == w.AT_SPARE:
                units.append(self.primaries if free else w.NONE)
                free = False
            else:
                units.append(line if contact == w.AT_PRIMARY else w.NONE)
        return units

    def known_well(self, unit):
        """Return whether a live path said in time that a unit is well: the bench's own account of it."""
        for cable in self.cables:
            well = cable.said in (w.OK, w.IMPAIRED)
            if cable.unit == unit and well and self.now_ms <= cable.alive_until_ms:
                return True
        return False

    def hurry(self):
        """Let the next beat go out at once on every cable, as it does on a change."""
        for cable in self.cables:
            cable.due_ms = self.now_ms + 1

    def stop(self, unit):
        """Power of a unit and of the board beside it goes."""
        self.units[unit] = SILENT
        self.beacons[unit] = 0

    def start(self, unit):
        """A unit and its board run and are well."""
        self.units[unit] = w.OK
        self.beacons[unit] = 1

    # -- the controller's board ---------------------------------------------------------------------------------

    def ask(self, request, unit=w.NONE, number=0, seconds=0, flags=0):
        """A person asks; return the token."""
        self.token += 1
        pending = self.engine.pending
        if request == w.APPROVE and number == pending.id and not flags & w.DRY:
            self.approved.add((number, pending.winner, pending.target))
        self.engine.asked(self.token, request, unit, number, seconds, flags)
        self._drain()
        self.wake_ms = self.now_ms
        return self.token

    def approve(self):
        """A person approves what is pending; return the token."""
        return self.ask(w.APPROVE, number=self.engine.pending.id)

    def again(self, token, request, unit=w.NONE, number=0, seconds=0, flags=0):
        """The same ask arrives once more."""
        self.engine.asked(token, request, unit, number, seconds, flags)
        self._drain()

    def run(self, ms):
        """Let time pass, from one event to the next; what a test changed in the world is seen after 1 ms."""
        end_ms = self.now_ms + ms
        self.wake_ms = self.now_ms
        while self.now_ms < end_ms:
            self._step(min(end_ms, self._next_event()))

    def stall(self, ms):
        """The board's own loop is late: what arrives waits in its ports."""
        self._step(self.now_ms + ms)

    def reset(self, off_ms=0):
        """The controller's board resets and is away for a while: a falling relay is released."""
        for relay in self.relays:
            if not relay.latching:
                relay.command(self.now_ms, relay.at_rest, self.supply)
        self._start(0)
        for _ in range(off_ms):
            self.now_ms += 1
            self._move()
        self.rows.append((self.now_ms, ("reset",)))
        self._boot()
        if self.kept:
            assert self.engine.resume(self.kept)
        for watcher in self.watchers:
            watcher.rebooted()

    def _next_event(self):
        if self.fine:
            return self.now_ms + 1
        next_ms = self.wake_ms
        for cable in self.cables:
            next_ms = min(next_ms, cable.due_ms)
        for relay in self.relays:
            next_ms = min(next_ms, relay.next_ms(self.now_ms))
        for role, due_ms in self.roles_due:
            if role and due_ms > self.now_ms:
                next_ms = min(next_ms, due_ms)
        if self.power and self.heard_from_ms > self.now_ms:
            next_ms = min(next_ms, self.heard_from_ms)
        return max(self.now_ms + 1, next_ms)

    def _step(self, to_ms):
        past_ms = to_ms - self.now_ms
        self.now_ms = to_ms
        self._move()
        self._acknowledge()
        self._deliver(past_ms)
        for line in range(self.primaries):
            self.engine.contact(line, self.relays[line].position())
        self.engine.supply(self.supply)
        self.engine.lockout(self.switch_on)
        self.engine.elapsed(past_ms)
        self._drain()
        wait_ms = self.engine.next_ms()
        assert wait_ms > 0, "after a step nothing is left to decide"
        self.wake_ms = self.now_ms + wait_ms
        for watcher in self.watchers:
            watcher.stepped(past_ms)

    def _start(self, on):
        if on and not self.power:
            self.heard_from_ms = self.now_ms + self.boot_ms
        self.power = on
        if not on and self.is_cold():
            self.roles[self.primaries] = 0
            self.roles_due[self.primaries] = (0, 0)

    def _acknowledge(self):
        # a unit that has become what it was told to be says so at once
        for unit in range(self.primaries + 1):
            role, due_ms = self.roles_due[unit]
            said = role | w.ROLE_FAILED if self.role_failed[unit] else role
            if role and self.role_ms[unit] >= 0 and self.now_ms >= due_ms and said != self.roles[unit]:
                self.roles[unit] = said
                for cable in self.cables:
                    if cable.unit == unit:
                        cable.due_ms = min(cable.due_ms, self.now_ms + 1)

    def _tell(self):
        # what units are told to be reaches them in no time, once they run, and takes its time with them
        for unit in range(self.primaries + 1):
            role = self.engine.roles.told[unit]
            begin_ms = self.now_ms
            if unit == self.primaries and self.is_cold():
                if not self.power:
                    continue
                begin_ms = max(begin_ms, self.heard_from_ms)
            if role != self.roles_due[unit][0]:
                self.roles_due[unit] = (role, begin_ms + 1 + max(0, self.role_ms[unit]))

    def _move(self):
        for relay in self.relays:
            relay.update(self.now_ms, self.supply)

    def _deliver(self, past_ms):
        blind = past_ms > self.engine.health.stall_ms
        for path in range(len(self.cables)):
            cable = self.cables[path]
            if blind and cable.alive_until_ms >= self.now_ms - past_ms:
                cable.alive_until_ms = self.now_ms + cable.dead_ms
            beats = 0
            while cable.due_ms <= self.now_ms:
                cable.due_ms += cable.beat_ms
                beats += cable.pace
            said = self.says(cable)
            if said != SILENT and not cable.cut:
                for _ in range(min(beats, BUFFER_MAX)):
                    self._beat(path, cable, said)

    def _beat(self, path, cable, said):
        if cable.loses():
            if cable.kind != w.PATH_PULSE:
                cable.skipped += 1
                if cable.chance & 1:
                    self.engine.damaged(path, 1)
            return
        if cable.frozen:
            self.engine.altered(path, w.FROZEN)
            return
        flags = 0 if cable.one_way else w.ECHOED
        if cable.kind not in (w.PATH_PULSE, w.PATH_CONTACT):
            flags |= self.roles[cable.unit] << w.ROLE_SHIFT
        if cable.differs and cable.kind != w.PATH_AGENT:  # an agent has no configuration
            flags |= w.DIFFERS
        if cable.conflict:
            flags |= w.CONFLICT
        if cable.kind == w.PATH_AGENT:
            self.engine.heard(path, said, flags, self.leaving_s if said == w.LEAVING else 0)
        else:
            self.engine.heard(path, said, flags | (w.DEGRADED if said == w.IMPAIRED else 0))
        if cable.skipped:
            self.engine.missed(path, cable.skipped)
            cable.skipped = 0
        cable.said = said
        cable.alive_until_ms = self.now_ms + cable.dead_ms
        if said in (w.OK, w.IMPAIRED):
            cable.heard_well = 1
            self._is_fine(cable.unit)

    def _is_fine(self, unit):
        for cable in self.cables:
            if cable.unit == unit and (cable.said == w.FAILED or cable.frozen or cable.pace != 1):
                return
        self.fine_ms[unit] = self.now_ms

    def _drain(self):
        outbox = self.engine.outbox
        for place in range(outbox.count):
            row = outbox.row(place)
            if row[0] == w.SEND:
                continue
            self.rows.append((self.now_ms, row))
            if row[0] == w.DRIVE:
                for watcher in self.watchers:
                    watcher.driven(row[1], row[2])
                self.relays[row[1]].command(self.now_ms, row[2], self.supply)
            elif row[0] == w.START:
                self._start(row[1])
            elif row[0] == w.SAVE:
                self.kept = self.engine.saved()
        outbox.clear()
        self._tell()

    # -- what came of it ----------------------------------------------------------------------------------------

    def drives(self):
        """Return (ms, line, position) of every command to a relay."""
        return [(ms, row[1], row[2]) for ms, row in self.rows if row[0] == w.DRIVE]

    def events(self, kind):
        """Return (a, b) of every recorded event of a kind."""
        return [(row[2], row[3]) for _, row in self.rows if row[0] == w.RECORD and row[1] == kind]

    def replies(self, token):
        """Return (verdict, by, id, unit, ms, inhibitors) of every answer under a token."""
        return [
            (row[2] & 255, row[2] >> 8, row[3], row[4], row[5], row[6])
            for _, row in self.rows
            if row[0] == w.REPLY and row[1] == token
        ]

    def verdicts(self, token):
        """Return the verdicts of every answer under a token."""
        return [reply[0] for reply in self.replies(token)]
