"""The service: what a host may ask of a board through its host port, one answer for each question; decides nothing."""

import binascii
import struct
import sys

from hotspare_engine import timers
from hotspare_engine import words as w
from hotspare_engine.outbox import WIDTH
from hotspare_wire import configuration, frame, trust
from hotspare_wire import messages as m

from . import VERSION

CONFIGURATION_MAX = 512
CONFIGURATION_PIECE = 128
COUNT_MAX = 0xFFFF  # counters of 16 bits stop here
PIECE = "<ii"  # of a text, as the two values of an event
PIECE_SIZE = 8
UPTIME_MASK = 0xFFFFFFFF  # times of 32 bits wrap after 49.7 days; the host follows them


def small(count):
    """Return a count as it fits 16 bits."""
    return min(count, COUNT_MAX)


class Service:
    """Answers queries, passes requests to the engine, takes configurations."""

    def __init__(self, board, hardware, blob):
        self.board = board
        self.hardware = hardware
        self.blob = blob or b""
        self.asked = 0  # whether any host has spoken yet: nothing is sent to a port where nobody listens
        self.agent_path = -1
        self._cleared = (0, 0)  # token and verdict of the newest ask to end the hold after resets
        self._by = ((), ())  # who commands in this session, and why: events of the pieces of each text
        self._askers: list = []  # the same of what the engine was asked in this step
        self._incoming = bytearray(CONFIGURATION_MAX)
        self._topics = {
            m.T_IDENTITY: self._identity,
            m.T_STATUS: self._status,
            m.T_PATH: self._path,
            m.T_STANDING: self._standing,
            m.T_SITUATION: self._situation,
            m.T_CONFIG: self._configuration,
            m.T_LOOP: self._loop,
            m.T_PENDING: self._pending,
            m.T_CHAIN: self._chain,
            m.T_BOOTS: self._boots,
            m.T_RECORDS: self._records,
        }

    def handle(self, kind, payload, body_size):
        """Act on one frame of the host."""
        values = None
        if kind in (m.QUERY, m.REQUEST, m.CONFIG_WRITE, m.CONFIG_APPLY, m.KEYS, m.CONFIRM, m.MAINTENANCE, m.BY, m.KEPT):
            values = m.unpack(kind, payload, body_size)
        if values is None:
            self._ack(kind, m.ACK_UNKNOWN, kind)
        elif kind == m.QUERY:
            topic = self._topics.get(values[0])
            if topic:
                topic(values[1])
            else:
                self._ack(kind, m.ACK_UNKNOWN, values[0])
        elif kind == m.REQUEST:
            token, request, unit, number, seconds, flags = values
            if request == w.CLEAR_RESETS:
                self._clear_resets(token, flags & w.DRY)
            else:
                self._ask(token, request, unit - 1, number, seconds, flags)
        elif kind == m.BY:
            self._by = (_pieces(values[0].rstrip(b"\0")), _pieces(values[1][: m.REASON_MAX]))
        elif kind == m.CONFIG_WRITE:
            self._write(values[0], values[1])
        elif kind == m.KEYS:
            self._hold(values)
        elif kind == m.CONFIG_APPLY:
            self._apply(*values)
        elif kind == m.KEPT:
            self._kept(values[0], values[1])
        elif kind == m.CONFIRM:
            self._ack(kind, self._confirm(*values), 0)
        else:
            self._maintain(values[0])

    def _ask(self, token, request, unit, number, seconds, flags):
        outbox = self.board.engine.outbox
        count = outbox.count
        self.board.engine.asked(token, request, unit, number, seconds, flags)
        place = count * WIDTH
        if outbox.count > count and outbox.rows[place] == w.RECORD and outbox.rows[place + 1] == w.E_ASKED:
            self._askers.append(self._by)  # a repeat is only answered

    def greeted(self):
        """A host begins a session: who commands in it is not said yet."""
        self._by = ((), ())

    def tell_asker(self):
        """Record who asked for what was recorded just now: the engine puts it first of what it is asked."""
        if self._askers:
            self._tell(self._askers.pop(0))

    def _tell(self, by):
        for kind, pieces in ((w.E_BY, by[0]), (w.E_WHY, by[1])):
            for a, b in pieces:
                self.board.record(kind, a, b)

    def reply(self, row):
        """Send the engine's answer: token, verdict and by, id, unit, ms, inhibitors."""
        token, verdict, number, unit, took_ms, held = row
        self._send(m.REPLY, (token, verdict & 255, verdict >> 8, number, unit + 1, took_ms, held))

    def _clear_resets(self, token, dry):
        # of the board and not of its group: a beacon, and a board that left its configuration alone, answer it too
        board = self.board
        if token != self._cleared[0]:
            verdict = w.DONE if board.boots.resets else w.NOTHING
            if not dry:
                board.record(w.E_ASKED, w.CLEAR_RESETS, 255)
                self._tell(self._by)
                self._cleared = token, verdict
                if verdict == w.DONE:
                    board.clear_resets()
        else:
            verdict = self._cleared[1]  # a repeat
        self.reply((token, verdict, 0, w.NONE, 0, 0))

    def _send(self, kind, values):
        host = self.board.host
        host.send(host.links[0].message(kind, values))  # the agent may have spoken since the host asked

    def _ack(self, kind, code, detail):
        self._send(m.ACK, (kind, code, detail))

    # -- queries ------------------------------------------------------------------------------------------------

    def _identity(self, index):
        board = self.board
        configured = board.configuration
        self._send(
            m.IDENTITY,
            (
                self.hardware.unique_id(),
                configured.name if configured else bytes(m.NAME_SIZE),
                configured.address if configured else m.ADDRESS_NONE,
                board.role,
                board.firmware_hash,
                board.config_hash,
                m.padded(VERSION, 12),
                m.padded(".".join([str(part) for part in sys.implementation.version[:3]]), 12),
                m.padded(self.hardware.kind, 8),
                board.recorder.boot,
                board.boots.cause,
                1 if board.keys.group.keys else 0,
                self._fingerprint(0),
                self._fingerprint(1),
                1 if board.trial else 0,
                board.trial.left_s() if board.trial else 0,
            ),
        )

    def _names(self):
        return struct.unpack(PIECE, self._fingerprint(0) + self._fingerprint(1))

    def _fingerprint(self, slot):
        keys = self.board.keys.group.keys
        return keys[slot].fingerprint if slot < len(keys) else trust.NO_FINGERPRINT

    def _status(self, index):
        board = self.board
        engine = board.engine
        controller = engine.is_controller
        units = engine.health.units
        lines = engine.lines if controller else None
        found = engine.situation if controller else None
        self._send(
            m.STATUS,
            (
                board.now_ms() & UPTIME_MASK,
                engine.state,
                engine.selected + 1,
                found.target + 1 if found else 0,
                found.winner if found else 0,
                engine.armed,
                engine.alarms,
                (engine.held_back | found.inhibited & ~w.I_UNDRAINED) if found else 0,
                _eight(found.health if found else [unit.health for unit in units]),  # a fenced unit is fenced there
                _eight(engine.whys()),
                _eight(engine.role_bytes()),
                _eight([position & 255 for position in lines.position] if lines else []),
                _eight([position & 255 for position in lines.driven] if lines else []),
                len(units) if controller else 1,
                len(engine.health.paths),
                len(engine.standing.slots()) if controller else 0,
                small(engine.switches) if controller else 0,
                engine.switch_ms if controller else 0,
                small(engine.stalls),
                small(board.late_max_ms),
                board.heap_free,
                board.recorder.first(),
                board.recorder.next,
                board.troubles,
            ),
        )

    def _path(self, index):
        board = self.board
        paths = board.engine.health.paths
        if index >= len(paths):
            self._ack(m.QUERY, m.ACK_NONE, index)
            return
        path = paths[index]
        unit = path.unit + 1
        if not board.engine.is_controller:
            unit = board.configuration.unit if path.kind == w.PATH_AGENT else 0
        damage = (0,) * len(frame.DAMAGE_NAMES)
        refused = sessions = short_writes = slot = 0
        for port in board.ports + [board.host]:
            if index in port.paths:
                link = port.links[port.paths.index(index)]
                damage = tuple([small(count) for count in port.decoder.damage])
                refused = small(link.refused)
                sessions = small(link.sessions)
                slot = link.slot or link.strange
                short_writes = small(port.short_writes)
        self._send(
            m.PATH,
            (index, path.kind, unit, path.source, path.state, path.report, path.one_way, path.age_ms, path.good)
            + (small(path.late), small(path.altered_count))
            + damage
            + (refused, sessions, short_writes, path.cable, path.loss_permille(), path.noisy, slot),
        )

    def _records(self, index):
        recorder = self.board.recorder
        first = record = recorder.get(index)
        rows = b""
        count = 0
        while record and count < m.RECORDS_MAX and record[0] == first[0] + count and record[1] == first[1]:
            rows += struct.pack(m.RECORD, *record[2:])
            count += 1
            record = recorder.get(first[0] + count)
        number, boot = first[:2] if first else (recorder.told(), recorder.boot)
        self._send(m.RECORDS, (recorder.id, number, boot, rows))

    def _kept(self, ident, number):
        recorder = self.board.recorder
        code = m.ACK_OK
        if ident != recorder.id:
            code = m.ACK_VALUE
        elif not recorder.keep(ident, number):
            code = m.ACK_RANGE
        self._ack(m.KEPT, code, number)

    def _standing(self, index):
        engine = self.board.engine
        slots = engine.standing.slots() if engine.is_controller else ()
        if index >= len(slots):
            self._ack(m.QUERY, m.ACK_NONE, index)
            return
        slot = slots[index]
        standing = engine.standing
        self._send(
            m.STANDING,
            (index, standing.id[slot], standing.request[slot], standing.unit[slot] + 1)
            + (standing.left_s[slot], standing.expiring[slot]),
        )

    def _situation(self, index):
        engine = self.board.engine
        if not engine.is_controller:
            self._ack(m.QUERY, m.ACK_NONE, index)
            return
        wtr_ms = engine.timers.left(timers.WTR) or engine.wtr_left_ms
        values = engine.situation.values() + (engine.timers.left(timers.STAY), wtr_ms)
        data = b"".join([(value & 0xFFFFFFFF).to_bytes(4, "little") for value in values])
        self._send(m.SITUATION, (len(values), data))

    def _configuration(self, index):
        blob = self.blob
        self._send(m.CONFIG_DATA, (small(index), len(blob), blob[index : index + CONFIGURATION_PIECE]))

    def _loop(self, index):
        board = self.board
        self._send(m.LOOP, (board.steps,) + tuple(board.late))

    def _pending(self, index):
        engine = self.board.engine
        if not engine.is_controller:
            self._ack(m.QUERY, m.ACK_NONE, index)
            return
        it = engine.pending
        self._send(m.PENDING, (it.id, it.winner, it.target + 1, it.age_ms, it.left_ms, it.autonomy))

    def _chain(self, index):
        for down in self.board.ports:
            if not down.links:
                up = down.onward
                dropped = small(up.dropped), small(down.dropped)
                self._send(m.CHAIN, (up.forwarded, down.forwarded) + dropped + (small(sum(down.decoder.damage)),))
                return
        self._ack(m.QUERY, m.ACK_NONE, index)

    def _boots(self, index):
        it = self.board.boots
        counted = it.resets, it.first_s, 1 if it.holds() else 0
        left = it.kind, it.where, it.part, it.late_ms, it.uptime_min
        self._send(m.BOOTS, (it.cause, it.chip, 1 if it.known else 0) + counted + left)

    # -- keys ---------------------------------------------------------------------------------------------------

    def _hold(self, values):
        count = values[0]
        keys = values[1 : 1 + count]
        code = m.ACK_OK
        if count > trust.KEYS_MAX or bytes(trust.KEY_SIZE) in keys or len(set(keys)) < count:
            code = m.ACK_VALUE
        elif not self._stored(self.board.store.save_keys(keys)):
            code = m.ACK_STORE
        self._ack(m.KEYS, code, count)  # under the key that asked for it: whoever asked can read it
        if code == m.ACK_OK:
            held = self._names()
            self.board.keys.hold(keys)
            if self._names() != held:
                self.board.record(w.E_KEYS, *self._names())
                self._tell(self._by)
            for port in self.board.ports + [self.board.host]:
                for link in port.links:
                    link.rekeyed()

    def _stored(self, kept):
        self.board.trouble(w.B_FILES, not kept)
        return kept

    # -- configuration ------------------------------------------------------------------------------------------

    def _write(self, offset, data):
        if offset + len(data) > CONFIGURATION_MAX:
            self._ack(m.CONFIG_WRITE, m.ACK_RANGE, offset)
            return
        self._incoming[offset : offset + len(data)] = data
        self._ack(m.CONFIG_WRITE, m.ACK_OK, offset)

    def _apply(self, size, crc, trial_s):
        board = self.board
        blob = bytes(self._incoming[: min(size, CONFIGURATION_MAX)])
        code, detail = self._acceptable(blob, size, crc)
        if code == m.ACK_OK and blob != self.blob:
            if self._stored(board.store.slots.store(blob, trial_s)):
                board.record(w.E_CONFIGURED, configuration.group_hash(blob), board.config_hash)
                self._tell(self._by)
                board.restart(w.C_CONFIGURED)
            else:
                code = m.ACK_STORE
        elif code == m.ACK_OK and board.trial and not trial_s:
            code = self._confirm(1, configuration.ident(blob))
        self._ack(m.CONFIG_APPLY, code, detail)

    def _confirm(self, keep, ident):
        board = self.board
        if configuration.ident(self.blob) != ident or not (keep or board.trial):
            return m.ACK_NONE
        if not board.trial:
            return m.ACK_OK
        if not keep:
            code = board.held_up()
            if code == m.ACK_OK:
                board.end_trial(w.T_RETURNS)
                self._tell(self._by)
            return code
        if not self._stored(board.store.slots.confirm()):
            return m.ACK_STORE
        board.end_trial(w.T_CONFIRMED)
        self._tell(self._by)
        return m.ACK_OK

    def _maintain(self, accept_fall):
        board = self.board
        code = board.held_up(1)
        if code == m.ACK_ENERGISED and accept_fall:
            code = m.ACK_OK
        if code == m.ACK_OK:
            board.record(w.E_MAINTENANCE, accept_fall)
            self._tell(self._by)
            board.trouble(w.B_MAINTENANCE, 1)
            board.restart(w.C_MAINTENANCE)
        self._ack(m.MAINTENANCE, code, 0)

    def _acceptable(self, blob, size, crc):
        if size > CONFIGURATION_MAX:
            return m.ACK_RANGE, size
        if binascii.crc32(blob) != crc:
            return m.ACK_CRC, 0
        code, detail = configuration.verify(blob)
        if code == m.ACK_OK and blob != self.blob:
            code = self.board.held_up()
        return code, detail


def _pieces(text):
    text += bytes(-len(text) % PIECE_SIZE)
    return tuple([struct.unpack_from(PIECE, text, at) for at in range(0, len(text), PIECE_SIZE)])


def _eight(values):
    return bytes(values) + bytes(m.UNITS_MAX - len(values))
