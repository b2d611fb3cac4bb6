"""The service: what a host may ask of a board through its host port, one answer for each question; decides nothing."""

import binascii
import struct
import sys

from hotspare_engine import timers
from hotspare_engine import words as w
from hotspare_wire import configuration, frame, trust
from hotspare_wire import messages as m

from . import VERSION
from .board import RESET_DELAY_MS

CONFIGURATION_MAX = 512
CONFIGURATION_PIECE = 128
COUNT_MAX = 0xFFFF  # counters of 16 bits stop here
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
            m.T_RECORDS: self._records,
        }

    def handle(self, kind, payload, body_size):
        """Act on one frame of the host."""
        values = None
        if kind in (m.QUERY, m.REQUEST, m.CONFIG_WRITE, m.CONFIG_APPLY, m.KEYS, m.KEPT):
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
            self.board.engine.asked(token, request, unit - 1, number, seconds, flags)
        elif kind == m.CONFIG_WRITE:
            self._write(values[0], values[1])
        elif kind == m.KEYS:
            self._hold(values)
        elif kind == m.KEPT:
            self._kept(values[0], values[1])
        else:
            self._apply(values[0], values[1])

    def reply(self, row):
        """Send the engine's answer: token, verdict and by, id, unit, ms, inhibitors."""
        token, verdict, number, unit, took_ms, held = row
        self._send(m.REPLY, (token, verdict & 255, verdict >> 8, number, unit + 1, took_ms, held))

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
                self.hardware.cause(),
                1 if board.keys.group.keys else 0,
                self._fingerprint(0),
                self._fingerprint(1),
            ),
        )

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
                slot = link.slot if link.keyring.keys else 0
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
        number, boot = first[:2] if first else (recorder.next, recorder.boot)
        self._send(m.RECORDS, (recorder.id, number, boot, rows))

    def _kept(self, ident, number):
        recorder = self.board.recorder
        code = m.ACK_OK
        if ident != recorder.id:
            code = m.ACK_VALUE
        elif number > recorder.next:
            code = m.ACK_RANGE
        else:
            recorder.kept(number)
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

    # -- keys ---------------------------------------------------------------------------------------------------

    def _hold(self, values):
        count = values[0]
        keys = values[1 : 1 + count]
        code = m.ACK_OK
        if count > trust.KEYS_MAX or bytes(trust.KEY_SIZE) in keys or len(set(keys)) < count:
            code = m.ACK_VALUE
        elif not self.board.store.save_keys(keys):
            code = m.ACK_STORE
        self._ack(m.KEYS, code, count)  # under the key that asked for it: whoever asked can read it
        if code == m.ACK_OK:
            self.board.keys.hold(keys)
            for port in self.board.ports + [self.board.host]:
                for link in port.links:
                    link.slot = 0  # under which of them it speaks is to be heard

    # -- configuration ------------------------------------------------------------------------------------------

    def _write(self, offset, data):
        if offset + len(data) > CONFIGURATION_MAX:
            self._ack(m.CONFIG_WRITE, m.ACK_RANGE, offset)
            return
        self._incoming[offset : offset + len(data)] = data
        self._ack(m.CONFIG_WRITE, m.ACK_OK, offset)

    def _apply(self, size, crc):
        blob = bytes(self._incoming[: min(size, CONFIGURATION_MAX)])
        code, detail = self._acceptable(blob, size, crc)
        if code == m.ACK_OK and blob != self.blob:
            if self.board.store.save_configuration(blob):
                self.board.reset_ms = RESET_DELAY_MS
            else:
                code = m.ACK_STORE
        self._ack(m.CONFIG_APPLY, code, detail)

    def _acceptable(self, blob, size, crc):
        if size > CONFIGURATION_MAX:
            return m.ACK_RANGE, size
        if binascii.crc32(blob) != crc:
            return m.ACK_CRC, 0
        code, detail = configuration.verify(blob)
        engine = self.board.engine
        if code != m.ACK_OK or blob == self.blob or not engine.is_controller:
            return code, detail
        if engine.state == w.SWITCHING:
            return m.ACK_BUSY, 0
        if engine.settings.retention == w.FALLS and w.AT_SPARE in engine.lines.driven:
            return m.ACK_ENERGISED, 0
        return code, detail


def _eight(values):
    return bytes(values) + bytes(m.UNITS_MAX - len(values))
