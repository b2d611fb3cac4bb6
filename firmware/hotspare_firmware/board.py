"""The board: one step drains ports, advances the engine, drives and reads relays, sends, records; no clock, no wait.

Seams are arguments: ports, relays, pins and store are given, time comes in as elapsed milliseconds. The caller waits as
long as `step` says and feeds the watchdog only when every part of the step checked in, in order.
"""

from hotspare_engine import words as w
from hotspare_engine.outbox import WIDTH
from hotspare_wire import frame, link
from hotspare_wire import messages as m
from hotspare_wire.heap import BEAT_BYTES, HELLO_BYTES, HOST_BYTES

from . import led as leds
from .bootrecord import WRITE_EVERY_S
from .quiet import Quiet

# parts of a step, in the order in which they check in
DRAINED, LOOKED, DECIDED, ACTED, SENT, SHOWN = range(1, 7)
PARTS = SHOWN

ECHO_SLACK = 3  # beats on their way when an echo is compared
SAVE_S = 600  # the time that OUT, LO and FS have left is saved so often
SETTLING = 2  # the beat after an erase, and the one after that
LINK_QUIET_MS = 10000  # in which no more than so many sessions of a path are events; the next one tells their count
LINKS_MAX = 8
GREETINGS_MAX = 4  # hellos to one neighbour between two beats, however many it says
RESET_DELAY_MS = 200  # an answer leaves before the board resets itself
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
        self.echo_max = settings.beats + ECHO_SLACK
        self.role = configuration.role if configuration else 0
        self.unit = configuration.unit if configuration else 0
        self.config_hash = configuration.hash if configuration else 0
        self.firmware_hash = 0
        self.uptime_s = self.uptime_ms = 0
        self.parts = self.steps = self.beats = self.debt_bytes = 0
        self.beat_left_ms = self.pulse_ms = self.switch_ms = self.sense_ms = 0
        self.beat_bytes = BEAT_BYTES
        self.heap_free = 0  # as the loop measured it last, for measuring takes 9 ms on a chip
        self.late_max_ms = 0
        self.late = [0] * (len(LATE_MS) + 1)
        self.reset_ms = -1
        self.intent = 0  # what it means by that reset
        self.boots = self.trial = None  # its BootRecord; of its configuration, a Trial while it is not confirmed
        self._kept: dict = {}
        self._kept_at = self._live = 0
        self.troubles = 0  # of this board itself, a bit each
        self._save = self._changed = self._well = 0
        self._said = [-1, -1, -1, -1, -1]
        self._replies: list = []
        self._handle_frame = self._frame  # bound once: a bound method is allocated each time it is named

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
            self.quiet.want = self.recorder.wants_erase()
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

    def remember(self, boots):
        """Say what the boot record tells of the last boot, and leave in it what becomes of this one."""
        self.boots = boots
        self._kept = boots.words
        self._kept_at = boots.live_at
        self._live = boots.live
        if boots.cause == w.C_EXCEPTION:
            self.record(w.E_EXCEPTION, boots.kind, boots.where)
        elif boots.cause == w.C_WATCHDOG and boots.known:
            self.record(w.E_HUNG, boots.part, boots.late_ms)
        self._hold(boots.holds())

    def clear_resets(self):
        """A person ends the hold after too many resets."""
        boots = self.boots
        if boots:
            bare = boots.is_bare()
            boots.clear()
            self._hold(0)
            if bare:
                self.restart(w.C_PLANNED)

    def _hold(self, on):
        self.trouble(w.B_RESETS, on)
        self.engine.hold(1 if on else 0)

    def begin_trial(self, trial):
        """The configuration is on trial."""
        self.trial = trial
        self.record(w.E_TRIAL, w.T_BEGUN, trial.left_s())
        self.trouble(w.B_UNCONFIRMED, 1)

    def end_trial(self, became):
        """The configuration is confirmed, or its trial is over and the board returns to the one before."""
        self.trial = None
        self.record(w.E_TRIAL, became)
        if became == w.T_CONFIRMED:
            self.trouble(w.B_UNCONFIRMED, 0)
        else:
            self.restart(w.C_CONFIGURED)

    def held_up(self, lasting=0):
        """Return the code of what the board may not be reset for now, or ACK_OK; `lasting`: it will be long away."""
        engine = self.engine
        if not engine.is_controller:
            return m.ACK_OK
        if engine.state == w.SWITCHING:
            return m.ACK_BUSY
        driven = engine.lines.driven
        falls = engine.settings.retention == w.FALLS and w.AT_SPARE in driven
        if lasting and engine.settings.switch in (w.INTERLOCKED, w.UNPROVEN) and w.AT_PRIMARY in driven:
            falls = True  # both contacts open
        return m.ACK_ENERGISED if falls else m.ACK_OK

    def _try(self, trial, ms):
        became = trial.elapsed(ms, self.held_up() != m.ACK_OK)
        if became == w.T_OVER:
            self.end_trial(became)
        elif became == w.T_WAITS:
            self.record(w.E_TRIAL, became)

    def restart(self, intent):
        """Reset the board once the answer has left; the next boot tells `intent` as its cause."""
        self.intent = intent
        self.reset_ms = RESET_DELAY_MS

    def is_reset_due(self):
        """Return whether the board is to reset itself now."""
        return self.reset_ms == 0

    def now_ms(self):
        """Return the time since boot in ms."""
        return self.uptime_s * 1000 + self.uptime_ms

    def record(self, kind, a=0, b=0):
        """Record an event now."""
        self.recorder.add(self.now_ms(), kind, a, b)

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
            port.drain(self._handle_frame)
            damage = port.damage()
            if damage and not self.settling:  # whose frames they were can not be known
                for path in port.paths:
                    self.engine.damaged(path, damage)
        self.host.drain(self._handle_frame)
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
        health = self.engine.own_health()
        selected = self.engine.selected + 1 if self.engine.is_controller else self.unit
        state = self.engine.state
        flags = self._flags()
        roles = self.engine.roles_told()
        said = self._said
        if self._changed:
            self._changed = 0
            news = health != said[0] or selected != said[1] or state != said[2] or flags != said[3] or roles != said[4]
        else:
            news = False
        if due or news:
            said[0] = health
            said[1] = selected
            said[2] = state
            said[3] = flags
            said[4] = roles
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
            self.pulse_ms = self.pulse.elapsed(ms, self.engine.health.paths[self.pulse.path].age_ms)
        if due and self.pulse and (self.engine.is_controller or health == w.OK or health == w.IMPAIRED):
            self.pulse.beat()
        self._check_in(SENT)

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
        wait_ms = min(self.led.elapsed(ms), self.engine.next_ms())
        wait_ms = min(wait_ms, self.beat_left_ms, self.pulse_ms, self.sense_ms)
        if behind:
            wait_ms = 0
        if coil_ms:
            wait_ms = min(wait_ms, coil_ms)
        if self.switch_ms:
            wait_ms = min(wait_ms, self.switch_ms)
        if self.trial:
            self._try(self.trial, ms)
        if self.reset_ms > 0:
            self.reset_ms = max(0, self.reset_ms - ms)
        self._check_in(SHOWN)
        return max(0, wait_ms)

    def _write(self):
        """Let the recorder write; return whether it has more to write at once."""
        recorder = self.recorder
        if not recorder.pump():
            return False
        self.trouble(w.B_STATE, recorder.is_unsaved())
        self.trouble(w.B_RECORDER, recorder.is_failing())
        return recorder.is_behind()

    # -- frames -------------------------------------------------------------------------------------------------

    def _frame(self, port, payload, size):
        speaker = port.link
        if not speaker:  # from down the chain nobody speaks to a beacon
            if payload[frame.AT_SOURCE] == port.address:
                self._ours(port.onward.path)
            return
        sessions = speaker.sessions
        verdict = speaker.judge(payload, size)
        self.debt_bytes += speaker.keyring.heard_bytes
        kind = payload[frame.AT_KIND] & frame.KIND_MASK
        if verdict == link.NEWS:
            if kind == m.HEARTBEAT:
                self._heartbeat(port, payload)
            elif kind == m.REPORT:
                self._report(port, payload)
            elif port is self.host:
                self.service.handle(kind, payload, size - frame.PAYLOAD_MIN)
                self.debt_bytes += HOST_BYTES + speaker.keyring.sent_bytes
        elif verdict == link.GREETED:
            if port is self.host:
                self.service.asked = 1
                if speaker.sessions != sessions:
                    self.service.greeted()
            elif speaker.sessions != sessions:
                self._linked(port.path, speaker)
        elif (
            verdict == link.FORGED or verdict == link.MALFORMED or (speaker.keyring.keys and self._is_strange(verdict))
        ):
            self.engine.refused(port.path)
        elif port is self.host:
            if verdict == link.NO_SESSION:  # an agent that has not noticed that this board was reset
                self.service.asked = 1
        elif port.path >= 0:
            if verdict == link.FROZEN:
                self.engine.altered(port.path, w.FROZEN)
            elif verdict == link.STALE:
                self.engine.altered(port.path, w.OUT_OF_ORDER)
            elif verdict == link.OTHER and payload[frame.AT_SOURCE] == speaker.address:
                self._ours(port.path)

    def _ours(self, path):
        # a frame under our own address: whoever holds no key must not be able to keep the group from switching
        if self.host.links[0].keyring.keys:
            self.engine.refused(path)
        else:
            self.engine.conflict(path)

    def _linked(self, path, speaker):
        # a host comes and goes as it likes: no event; and whoever plays greetings again fills no record
        now_ms = self.now_ms()
        if now_ms >= speaker.quiet_ms:
            speaker.quiet_ms = now_ms + LINK_QUIET_MS
            speaker.links = 0
        if speaker.links < LINKS_MAX:
            speaker.links += 1
            self.record(w.E_LINK, path, speaker.sessions)

    @staticmethod
    def _is_strange(verdict):
        # under a key nobody but the neighbour itself can have made an old one: it was recorded, and is played again
        return verdict == link.FROZEN or verdict == link.STALE or verdict == link.OTHER

    def _heartbeat(self, port, payload):
        if port.path < 0:
            return
        flags = 0
        # the first beat after a silence that was announced echoes what came before it
        if port.link.unechoed <= self.echo_max or self.engine.health.paths[port.path].flags & w.QUIET:
            flags |= w.ECHOED
        if (
            link.heartbeat_config_hash(payload) != self.config_hash
            or link.heartbeat_firmware_hash(payload) != self.firmware_hash
        ):
            flags |= w.DIFFERS
        role = link.heartbeat_role(payload)
        if role & m.QUIET:
            flags |= w.QUIET
        self.quiet.heard(port.path, role, link.heartbeat_state(payload))
        if role & m.ROLE_CONTROLLER == self.role & m.ROLE_CONTROLLER or role & self.role & m.ROLE_SPARE:
            flags |= w.CONFLICT
        elif self.engine.is_controller:
            flags |= link.heartbeat_flags(payload) & (w.DEGRADED | w.NOISY)
            if link.heartbeat_selected(payload) != self.engine.health.paths[port.path].unit + 1:
                flags |= w.CONFLICT
            flags |= link.heartbeat_unit_role(payload) << w.ROLE_SHIFT
        else:
            self.engine.told(
                link.heartbeat_selected(payload) - 1,
                link.heartbeat_flags(payload) & m.FLAG_ARMED,
                link.heartbeat_unit_role(payload),
            )
        self.engine.heard(port.path, link.heartbeat_health(payload), flags)
        if port.link.skipped and not self.settling:
            self.engine.missed(port.path, port.link.skipped)

    def _report(self, port, payload):
        path = self.service.agent_path if port is self.host else port.path
        if path < 0:
            return
        flags = w.ECHOED if port.link.unechoed <= self.echo_max else 0
        flags |= (link.report_role(payload) & m.FLAG_ROLE_MASK) << w.ROLE_SHIFT
        self.engine.heard(path, link.report_health(payload), flags, link.report_leaving_s(payload))
        if port.link.skipped:
            self.engine.missed(path, port.link.skipped)

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
