"""The service: what a host may have done through a board's host port, each frame answered; the engine decides."""

import binascii
import struct

from hotspare_engine import words as w
from hotspare_engine.outbox import WIDTH
from hotspare_wire import configuration, trust
from hotspare_wire import messages as m

from .answers import answer, fingerprint

CONFIGURATION_MAX = 512
PIECE = "<ii"  # of a text, as the two values of an event
PIECE_SIZE = 8


class Service:
    """Takes the frames of a host: passes requests on, has queries answered, takes keys and configurations."""

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

    def handle(self, kind, payload, body_size):
        """Act on one frame of the host."""
        values = None
        if kind in (m.QUERY, m.REQUEST, m.CONFIG_WRITE, m.CONFIG_APPLY, m.KEYS, m.CONFIRM, m.MAINTENANCE, m.BY, m.KEPT):
            values = m.unpack(kind, payload, body_size)
        if values is None:
            self._ack(kind, m.ACK_UNKNOWN, kind)
        elif kind == m.QUERY:
            self._send(*answer(self.board, values[0], values[1]))
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
                    board.restarts.clear_resets()
        else:
            verdict = self._cleared[1]  # a repeat
        self.reply((token, verdict, 0, w.NONE, 0, 0))

    def _send(self, kind, values):
        host = self.board.host
        host.send(host.links[0].message(kind, values))  # the agent may have spoken since the host asked

    def _ack(self, kind, code, detail):
        self._send(m.ACK, (kind, code, detail))

    # -- history ------------------------------------------------------------------------------------------------

    def _kept(self, ident, number):
        recorder = self.board.recorder
        code = m.ACK_OK
        if ident != recorder.id:
            code = m.ACK_VALUE
        elif not recorder.keep(ident, number):
            code = m.ACK_RANGE
        self._ack(m.KEPT, code, number)

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

    def _names(self):
        return struct.unpack(PIECE, fingerprint(self.board, 0) + fingerprint(self.board, 1))

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
                board.restarts.schedule(w.C_CONFIGURED)
            else:
                code = m.ACK_STORE
        elif code == m.ACK_OK and board.restarts.trial and not trial_s:
            code = self._confirm(1, configuration.ident(blob))
        self._ack(m.CONFIG_APPLY, code, detail)

    def _confirm(self, keep, ident):
        board = self.board
        if configuration.ident(self.blob) != ident or not (keep or board.restarts.trial):
            return m.ACK_NONE
        if not board.restarts.trial:
            return m.ACK_OK
        if not keep:
            code = board.restarts.held_up()
            if code == m.ACK_OK:
                board.restarts.end_trial(w.T_RETURNS)
                self._tell(self._by)
            return code
        if not self._stored(board.store.slots.confirm()):
            return m.ACK_STORE
        board.restarts.end_trial(w.T_CONFIRMED)
        self._tell(self._by)
        return m.ACK_OK

    def _maintain(self, accept_fall):
        board = self.board
        code = board.restarts.held_up(1)
        if code == m.ACK_ENERGISED and accept_fall:
            code = m.ACK_OK
        if code == m.ACK_OK:
            board.record(w.E_MAINTENANCE, accept_fall)
            self._tell(self._by)
            board.trouble(w.B_MAINTENANCE, 1)
            board.restarts.schedule(w.C_MAINTENANCE)
        self._ack(m.MAINTENANCE, code, 0)

    def _acceptable(self, blob, size, crc):
        if size > CONFIGURATION_MAX:
            return m.ACK_RANGE, size
        if binascii.crc32(blob) != crc:
            return m.ACK_CRC, 0
        code, detail = configuration.verify(blob)
        if code == m.ACK_OK and blob != self.blob:
            code = self.board.restarts.held_up()
        return code, detail


def _pieces(text):
    text += bytes(-len(text) % PIECE_SIZE)
    return tuple([struct.unpack_from(PIECE, text, at) for at in range(0, len(text), PIECE_SIZE)])
