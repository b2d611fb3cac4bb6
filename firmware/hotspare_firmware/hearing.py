"""Hearing: what becomes of a frame that came in: the engine gets what it says, the service what a host asks; no I/O."""

from hotspare_engine import words as w
from hotspare_wire import frame, link
from hotspare_wire import messages as m
from hotspare_wire.heap import HOST_BYTES

ECHO_SLACK = 3  # beats on their way when an echo is compared
LINK_QUIET_MS = 10000  # in which no more than so many sessions of a path are events; the next one tells their count
LINKS_MAX = 8


class Hearing:
    """What one board hears; its ports call `hear`."""

    def __init__(self, board):
        self._board = board
        self._engine = board.engine
        self._echo_max = board.engine.settings.beats + ECHO_SLACK

    def hear(self, port, payload, size):
        """A good frame has come in at a port."""
        board = self._board
        speaker = port.link
        if not speaker:  # from down the chain nobody speaks to a beacon
            if payload[frame.AT_SOURCE] == port.address:
                self._ours(port.onward.path)
            return
        sessions = speaker.sessions
        verdict = speaker.judge(payload, size)
        board.debt_bytes += speaker.keyring.heard_bytes
        kind = payload[frame.AT_KIND] & frame.KIND_MASK
        if verdict == link.NEWS:
            if kind == m.HEARTBEAT:
                self._heartbeat(port, payload)
            elif kind == m.REPORT:
                self._report(port, payload)
            elif port is board.host:
                board.service.handle(kind, payload, size - frame.PAYLOAD_MIN)
                board.debt_bytes += HOST_BYTES + speaker.keyring.sent_bytes
        elif verdict == link.GREETED:
            if port is board.host:
                board.service.asked = 1
                if speaker.sessions != sessions:
                    board.service.greeted()
            elif speaker.sessions != sessions:
                self._linked(port.path, speaker)
        elif verdict == link.FORGED or verdict == link.MALFORMED or (speaker.keyring.keys and _is_strange(verdict)):
            self._engine.refused(port.path)
        elif port is board.host:
            if verdict == link.NO_SESSION:  # an agent that has not noticed that this board was reset
                board.service.asked = 1
        elif port.path >= 0:
            if verdict == link.FROZEN:
                self._engine.altered(port.path, w.FROZEN)
            elif verdict == link.STALE:
                self._engine.altered(port.path, w.OUT_OF_ORDER)
            elif verdict == link.OTHER and payload[frame.AT_SOURCE] == speaker.address:
                self._ours(port.path)

    def _ours(self, path):
        # a frame under our own address: whoever holds no key must not be able to keep the group from switching
        if self._board.host.links[0].keyring.keys:
            self._engine.refused(path)
        else:
            self._engine.conflict(path)

    def _linked(self, path, speaker):
        # a host comes and goes as it likes: no event; and whoever plays greetings again fills no record
        now_ms = self._board.now_ms()
        if now_ms >= speaker.quiet_ms:
            speaker.quiet_ms = now_ms + LINK_QUIET_MS
            speaker.links = 0
        if speaker.links < LINKS_MAX:
            speaker.links += 1
            self._board.record(w.E_LINK, path, speaker.sessions)

    def _heartbeat(self, port, payload):
        if port.path < 0:
            return
        board = self._board
        flags = 0
        # the first beat after a silence that was announced echoes what came before it
        if port.link.unechoed <= self._echo_max or self._engine.health.paths[port.path].flags & w.QUIET:
            flags |= w.ECHOED
        if (
            link.heartbeat_config_hash(payload) != board.config_hash
            or link.heartbeat_firmware_hash(payload) != board.firmware_hash
        ):
            flags |= w.DIFFERS
        role = link.heartbeat_role(payload)
        if role & m.QUIET:
            flags |= w.QUIET
        board.quiet.heard(port.path, role, link.heartbeat_state(payload))
        if role & m.ROLE_CONTROLLER == board.role & m.ROLE_CONTROLLER or role & board.role & m.ROLE_SPARE:
            flags |= w.CONFLICT
        elif self._engine.is_controller:
            flags |= link.heartbeat_flags(payload) & (w.DEGRADED | w.NOISY)
            if link.heartbeat_selected(payload) != self._engine.health.paths[port.path].unit + 1:
                flags |= w.CONFLICT
            flags |= link.heartbeat_unit_role(payload) << w.ROLE_SHIFT
        else:
            self._engine.told(
                link.heartbeat_selected(payload) - 1,
                link.heartbeat_flags(payload) & m.FLAG_ARMED,
                link.heartbeat_unit_role(payload),
            )
        self._engine.heard(port.path, link.heartbeat_health(payload), flags)
        if port.link.skipped and not board.settling:
            self._engine.missed(port.path, port.link.skipped)

    def _report(self, port, payload):
        board = self._board
        path = board.service.agent_path if port is board.host else port.path
        if path < 0:
            return
        flags = w.ECHOED if port.link.unechoed <= self._echo_max else 0
        flags |= (link.report_role(payload) & m.FLAG_ROLE_MASK) << w.ROLE_SHIFT
        self._engine.heard(path, link.report_health(payload), flags, link.report_leaving_s(payload))
        if port.link.skipped:
            self._engine.missed(path, port.link.skipped)


def _is_strange(verdict):
    # under a key nobody but the neighbour itself can have made an old one: it was recorded, and is played again
    return verdict == link.FROZEN or verdict == link.STALE or verdict == link.OTHER
