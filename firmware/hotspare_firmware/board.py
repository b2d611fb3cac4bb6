"""The board: one step drains ports, advances the engine, drives and reads relays, sends, records; no clock, no wait.

Seams are arguments: ports, relays, pins and store are given, time comes in as elapsed milliseconds. The caller waits as
long as `step` says and feeds the watchdog only when every part of the step checked in, in order.
"""

from hotspare_engine import words as w
from hotspare_engine.outbox import WIDTH
from hotspare_wire import messages as m
from hotspare_wire.heap import BEAT_BYTES, HELLO_BYTES

from . import led as leds
from .bootrecord import WRITE_EVERY_S
from .hearing import Hearing
from .quiet import Quiet
from .restarts import Restarts

# parts of a step, in the order in which they check in
DRAINED, LOOKED, DECIDED, ACTED, SENT, SHOWN = range(1, 7)
PARTS = SHOWN

SAVE_S = 600  # the time that OUT, LO and FS have left is saved so often
REST_S = 2  # without an event before an erase is wanted, while there is room
SETTLING = 2  # the beat after an erase, and the one after that
GREETINGS_MAX = 4  # hellos to one neighbour between two beats, however many it says
LATE_MS = (2, 5, 10, 20, 50, 100)  # upper ends of the counts of late steps; one more count holds the rest
STEPS_MAX = 1 << 29  # a small integer on a 32-bit board: six days of the busiest loop


class Board:
    """One board at work. `ports` carry frames of neighbours and the agent, `host` those of the host.

    `pins` are the alarm relay's, the coil supply's, the lockout switch and the start of a cold spare; `serve(board)`
    returns the Service that answers the host.
    """

    def __init__(self, configuration, engine, ports, host, relays, pulse, pins, led, recorder, store, serve):
        self.configuration = configuration
        self.engine = engine
        self.ports = ports
        self.host = host
        self.relays, self.pulse, self.led = relays, pulse, led
        self.keys = None  # of its links
        self.due = False  # a beat went out in this step
        self.settling = 0  # beats for which what an own erase broke is no fault of others
        self.senses: list = []  # of paths: what is looked at in every step, each says how soon again
        self.recorder = recorder
        self.store = store
        self.service = serve(self)
        self.alarm, self.supply, self.switch, self.start = pins
        settings = engine.settings
        self.beat_ms = settings.interval_ms * 9 // 10
        self.quiet = Quiet(engine.health.paths, engine.is_controller, self.beat_ms)  # in which the recorder may erase
        self.wait_max_ms = max(1, engine.health.stall_ms * 9 // 10)
        self.role = configuration.role if configuration else 0
        self.unit = configuration.unit if configuration else 0
        self.config_hash = configuration.hash if configuration else 0
        self.firmware_hash = 0
        self.uptime_s = self.uptime_ms = self._recorded_s = 0
        self.parts = self.steps = self.beats = self.debt_bytes = 0
        self.beat_left_ms = self.pulse_ms = self.switch_ms = self.sense_ms = 0
        self.idle_ms = 0  # how long nothing is due but a look at the pulse's input and the LED's next slot
        self.beat_bytes = BEAT_BYTES
        self.heap_free = 0  # as the loop measured it last, for measuring takes 9 ms on a chip
        self.late_max_ms = 0
        self.late = [0] * (len(LATE_MS) + 1)
        self.boots = None  # its BootRecord
        self._kept: dict = {}
        self._kept_at = self._live = 0
        self.troubles = 0  # of this board itself, a bit each
        self._save = self._changed = self._well = 0
        self._said = [-1, -1, -1, -1, -1]
        self._replies: list = []
        self.restarts = Restarts(self)
        self._hear = Hearing(self).hear  # bound once: a bound method is allocated each time it is named

    # -- the step -----------------------------------------------------------------------------------------------

    def step(self, ms):
        """`ms` milliseconds have passed since the last step; return how many may pass until the next one."""
        if self.parts == PARTS:  # otherwise it stays known which part of the last step checked in last
            self._kept[self._kept_at] = self._live
        self.parts = 0
        self.steps += 1
        self.uptime_ms += ms
        while self.uptime_ms >= 1000:
            self.uptime_ms -= 1000
            self.uptime_s += 1
            if self.uptime_s % WRITE_EVERY_S == 0 and self.boots:
                self.boots.elapsed()
            if self.uptime_s % SAVE_S == 0:  # how long what stands has left
                self._save = 1
            if self.steps >= STEPS_MAX:
                self._halve()
        self._drain()
        if self.switch:
            self.switch_ms = self.switch.elapsed(ms)
            self.engine.lockout(self.switch.on)
        self._look(ms)
        self.engine.elapsed(ms)
        self._check_in(DECIDED)
        coil_ms = self._act(ms)
        self._send(ms)
        if self.due:
            self.quiet.want = self._wants_erase()
        self.quiet.step(ms, self.due, self.engine)
        wait_ms = self._show(ms, coil_ms)
        if self.quiet.granted:
            self.engine.excuse()
            self.settling = SETTLING
            self.recorder.erase()
        return wait_ms

    def count_late(self, ms):
        """The step begins so many milliseconds later than was asked for; an own erase is no lateness."""
        if self.settling == SETTLING:
            return
        if ms > self.late_max_ms:
            self.late_max_ms = ms
            if self.boots:
                self._live = self.boots.late(ms)
        place = 0
        while place < len(LATE_MS) and ms > LATE_MS[place]:
            place += 1
        self.late[place] += 1

    def _halve(self):
        self.steps >>= 1
        for place in range(len(self.late)):
            self.late[place] >>= 1

    def check_in_to(self, boots):
        """The parts of each step check in to this boot record from now on."""
        self.boots = boots
        self._kept = boots.words
        self._kept_at = boots.live_at
        self._live = boots.live

    def now_ms(self):
        """Return the time since boot in ms."""
        return self.uptime_s * 1000 + self.uptime_ms

    def _wants_erase(self):
        # not just after something happened, for more may be near: two pages are kept for that
        rests = self.uptime_s - self._recorded_s >= REST_S
        return self.recorder.wants_erase() and (rests or self.recorder.is_short())

    def record(self, kind, a=0, b=0):
        """Record an event now."""
        self.recorder.add(self.now_ms(), kind, a, b)
        self._recorded_s = self.uptime_s

    def trouble(self, bit, stands):
        """A trouble of the board itself stands, or does not."""
        troubles = self.troubles | bit if stands else self.troubles & ~bit
        if troubles != self.troubles:
            self.record(w.E_TROUBLES, troubles, self.troubles)
            self.troubles = troubles
            self._changed = 1

    def _check_in(self, part):
        # a part out of order leaves the step incomplete, and an incomplete step feeds no watchdog
        if self.parts == part - 1:
            self.parts = part
            self._kept[self._kept_at] = self._live | part

    def _drain(self):
        for port in self.ports:
            damage = port.damage() if port.drain(self._hear) else 0
            if damage and not self.settling:  # whose frames they were can not be known
                for path in port.paths:
                    self.engine.damaged(path, damage)
        self.host.drain(self._hear)
        self._check_in(DRAINED)

    def _look(self, ms):
        line = 0
        for relay in self.relays:
            self.engine.contact(line, relay.position())
            line += 1
        if self.supply:
            self.engine.supply(self.supply.value())
        if self.pulse and self.pulse.heard():
            self.engine.heard(self.pulse.path, w.OK, w.ECHOED)
        self.sense_ms = self.wait_max_ms
        for sense in self.senses:
            left_ms = sense.look(self.engine, ms)
            if left_ms < self.sense_ms:
                self.sense_ms = left_ms
        self._check_in(LOOKED)

    def _act(self, ms):
        coil_ms = 0
        outbox = self.engine.outbox
        rows = outbox.rows
        place = 0
        for _ in range(outbox.count):
            action = rows[place]
            if action == w.DRIVE:
                self.relays[rows[place + 1]].drive(rows[place + 2])
            elif action == w.RECORD:
                self.record(rows[place + 1], rows[place + 2], rows[place + 3])
                if rows[place + 1] == w.E_ASKED:
                    self.service.tell_asker()
            elif action == w.SEND:
                self._changed = 1
            elif action == w.SAVE:
                self._save = 1
            elif action == w.START:
                self.start.value(rows[place + 1])
            elif action == w.REPLY:
                self._replies.append(rows[place + 1 : place + WIDTH])
            place += WIDTH
        outbox.clear()
        for relay in self.relays:
            left_ms = relay.elapsed(ms)
            if left_ms and (not coil_ms or left_ms < coil_ms):
                coil_ms = left_ms
        self._check_in(ACTED)
        return coil_ms

    def _send(self, ms):
        due = self.due = self._is_beat_due(ms)
        said = self._said
        news = (due or self._changed) and self._say()
        health, selected, state, flags = said[0], said[1], said[2], said[3]
        for port in self.ports:
            place = 0
            for speaker in port.links:
                if due:
                    speaker.greetings = 0
                if (speaker.greet and speaker.greetings < GREETINGS_MAX) or (due and not speaker.established):
                    self._greet(port, speaker)
                if speaker.established and (due or news):
                    self._beat(port, speaker, port.paths[place], health, selected, state, flags)
                place += 1
        if self.service.asked or self.host.called:
            for speaker in self.host.links:
                if due:
                    speaker.greetings = 0
                if speaker.greet and speaker.greetings < GREETINGS_MAX:
                    self._greet(self.host, speaker)
        if self.host.agent and self.host.agent.established and (due or news):
            self._beat(self.host, self.host.agent, self.service.agent_path, health, selected, state, flags)
        self.pulse_ms = self.beat_ms
        if self.pulse:
            self.pulse_ms = self.pulse.elapsed(ms)
        if due and self.pulse and (self.engine.is_controller or health == w.OK or health == w.IMPAIRED):
            self.pulse.beat()
        self._check_in(SENT)

    def _say(self):
        """See what heartbeats say from now on; return whether that is news."""
        self._changed = 0
        engine = self.engine
        said = self._said
        health = engine.own_health()
        selected = engine.selected + 1 if engine.is_controller else self.unit
        state = engine.state
        flags = self._flags()
        roles = engine.roles_told()
        news = health != said[0] or selected != said[1] or state != said[2] or flags != said[3] or roles != said[4]
        said[0] = health
        said[1] = selected
        said[2] = state
        said[3] = flags
        said[4] = roles
        return news

    def _is_beat_due(self, ms):
        self.beat_left_ms -= ms
        if self.beat_left_ms > 0:
            return False
        self.beat_left_ms += self.beat_ms
        if self.beat_left_ms <= 0:  # after a stall: no burst, the schedule starts anew
            self.beat_left_ms = self.beat_ms
        self.beats += 1
        if self.settling:
            self.settling -= 1
        self.debt_bytes += self.beat_bytes
        return True

    def _greet(self, port, speaker):
        port.send(speaker.hello())
        speaker.greetings += 1
        self.debt_bytes += HELLO_BYTES + speaker.keyring.sent_bytes

    def _beat(self, port, speaker, path, health, selected, state, flags):
        flags |= self.engine.role_of(path) << m.FLAG_ROLE_SHIFT
        if self.engine.is_controller:
            selected = self.engine.line_told(path)
        role = self.role | self.quiet.bits(path)
        port.send(speaker.heartbeat(health, role, selected, state, flags, self.config_hash, self.firmware_hash))
        self.debt_bytes += speaker.keyring.sent_bytes

    def _show(self, ms, coil_ms):
        if self._save:
            self._save = 0
            self.recorder.save(self.engine.saved())
        behind = self._write()
        while self._replies:  # whoever is told that it is done can rely on it: it is saved
            self.service.reply(self._replies.pop(0))
        well = 0 if self.engine.alarms or self.troubles else 1
        if well != self._well:
            self._well = well
            self.alarm.value(well)
        self.led.pattern = self._pattern()
        look_ms = self.led.elapsed(ms)
        if self.pulse:
            look_ms = min(look_ms, self.pulse.look_ms(self.engine.health.paths[self.pulse.path].age_ms))
        wait_ms = self.engine.next_ms()
        if self.beat_left_ms < wait_ms:
            wait_ms = self.beat_left_ms
        if self.pulse_ms < wait_ms:
            wait_ms = self.pulse_ms
        if self.sense_ms < wait_ms:
            wait_ms = self.sense_ms
        if behind:
            wait_ms = 0
        if coil_ms and coil_ms < wait_ms:
            wait_ms = coil_ms
        if self.switch_ms and self.switch_ms < wait_ms:
            wait_ms = self.switch_ms
        restarts = self.restarts
        if restarts.trial or restarts.reset_ms > 0:
            restarts.elapsed(ms)
        self._check_in(SHOWN)
        if wait_ms < 0:
            wait_ms = 0
        self.idle_ms = wait_ms
        return look_ms if look_ms < wait_ms else wait_ms

    def _write(self):
        """Let the recorder write; return whether it has more to write at once."""
        recorder = self.recorder
        if not recorder.pump():
            return False
        self.trouble(w.B_STATE, recorder.is_unsaved())
        self.trouble(w.B_RECORDER, recorder.is_failing())
        return recorder.is_behind()

    def _flags(self):
        engine = self.engine
        flags = 0
        if engine.armed:
            flags |= m.FLAG_ARMED
        if engine.alarms or self.troubles:
            flags |= m.FLAG_ALARM
        if not engine.is_controller:
            flags |= engine.own_flags()
        elif engine.acts_alone():
            flags |= m.FLAG_AUTOMATIC
        return flags

    def _pattern(self):
        engine = self.engine
        if not self.configuration:
            return leds.UNCONFIGURED
        if engine.state == w.HELD:
            return leds.HELD
        if engine.alarms or self.troubles:
            return leds.ALARM
        if engine.state == w.STARTING:
            return leds.STARTING
        if not engine.is_controller:
            return leds.STANDBY
        return leds.WELL if engine.selected == w.NONE else leds.ON_SPARE
