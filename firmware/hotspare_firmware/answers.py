"""The answers to queries: each reads a board and returns the kind and the values of one message; changes nothing."""

import struct

from hotspare_engine import timers
from hotspare_engine import words as w
from hotspare_wire import frame, trust
from hotspare_wire import messages as m

from . import VERSION

CONFIGURATION_PIECE = 128
COUNT_MAX = 0xFFFF  # counters of 16 bits stop here
UPTIME_MASK = 0xFFFFFFFF  # times of 32 bits wrap after 49.7 days; the host follows them


def answer(board, topic, index):
    """Return kind and values of the answer to a query."""
    found = TOPICS.get(topic)
    return found(board, index) if found else (m.ACK, (m.QUERY, m.ACK_UNKNOWN, topic))


def fingerprint(board, slot):
    """Return the fingerprint of the key in a slot, or of none."""
    keys = board.keys.group.keys
    return keys[slot].fingerprint if slot < len(keys) else trust.NO_FINGERPRINT


def small(count):
    """Return a count as it fits 16 bits."""
    return min(count, COUNT_MAX)


def _none(index):
    return m.ACK, (m.QUERY, m.ACK_NONE, index)


def _identity(board, index):
    configured = board.configuration
    return (
        m.IDENTITY,
        (
            board.service.hardware.unique_id(),
            configured.name if configured else bytes(m.NAME_SIZE),
            configured.address if configured else m.ADDRESS_NONE,
            board.role,
            board.firmware_hash,
            board.config_hash,
            m.padded(VERSION, 12),
            m.padded(board.service.hardware.interpreter(), 12),
            m.padded(board.service.hardware.kind, 8),
            board.recorder.boot,
            board.boots.cause,
            1 if board.keys.group.keys else 0,
            fingerprint(board, 0),
            fingerprint(board, 1),
            1 if board.restarts.trial else 0,
            board.restarts.trial.left_s() if board.restarts.trial else 0,
        ),
    )


def _status(board, index):
    engine = board.engine
    controller = engine.is_controller
    units = engine.health.units
    lines = engine.lines if controller else None
    found = engine.situation if controller else None
    return (
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


def _path(board, index):
    paths = board.engine.health.paths
    if index >= len(paths):
        return _none(index)
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
    return (
        m.PATH,
        (index, path.kind, unit, path.source, path.state, path.report, path.one_way, path.age_ms, path.good)
        + (small(path.late), small(path.altered_count))
        + damage
        + (refused, sessions, short_writes, path.cable, path.loss_permille(), path.noisy, slot),
    )


def _records(board, index):
    recorder = board.recorder
    first = record = recorder.get(index)
    rows = b""
    count = 0
    while record and count < m.RECORDS_MAX and record[0] == first[0] + count and record[1] == first[1]:
        rows += struct.pack(m.RECORD, *record[2:])
        count += 1
        record = recorder.get(first[0] + count)
    number, boot = first[:2] if first else (recorder.told(), recorder.boot)
    return m.RECORDS, (recorder.id, number, boot, rows)


def _standing(board, index):
    engine = board.engine
    slots = engine.standing.slots() if engine.is_controller else ()
    if index >= len(slots):
        return _none(index)
    slot = slots[index]
    standing = engine.standing
    return (
        m.STANDING,
        (index, standing.id[slot], standing.request[slot], standing.unit[slot] + 1)
        + (standing.left_s[slot], standing.expiring[slot]),
    )


def _situation(board, index):
    engine = board.engine
    if not engine.is_controller:
        return _none(index)
    wtr_ms = engine.timers.left(timers.WTR) or engine.wtr_left_ms
    values = engine.situation.values() + (engine.timers.left(timers.STAY), wtr_ms)
    data = b"".join([(value & 0xFFFFFFFF).to_bytes(4, "little") for value in values])
    return m.SITUATION, (len(values), data)


def _configuration(board, index):
    blob = board.service.blob
    return m.CONFIG_DATA, (small(index), len(blob), blob[index : index + CONFIGURATION_PIECE])


def _loop(board, index):
    return m.LOOP, (board.steps,) + tuple(board.late)


def _pending(board, index):
    engine = board.engine
    if not engine.is_controller:
        return _none(index)
    it = engine.pending
    return m.PENDING, (it.id, it.winner, it.target + 1, it.age_ms, it.left_ms, it.autonomy)


def _chain(board, index):
    for down in board.ports:
        if not down.links:
            up = down.onward
            dropped = small(up.dropped), small(down.dropped)
            return m.CHAIN, (up.forwarded, down.forwarded) + dropped + (small(sum(down.decoder.damage)),)
    return _none(index)


def _boots(board, index):
    it = board.boots
    counted = it.resets, it.first_s, 1 if it.holds() else 0
    left = it.kind, it.where, it.part, it.late_ms, it.uptime_min
    return m.BOOTS, (it.cause, it.chip, 1 if it.known else 0) + counted + left


def _eight(values):
    return bytes(values) + bytes(m.UNITS_MAX - len(values))


TOPICS = {
    m.T_IDENTITY: _identity,
    m.T_STATUS: _status,
    m.T_PATH: _path,
    m.T_STANDING: _standing,
    m.T_SITUATION: _situation,
    m.T_CONFIG: _configuration,
    m.T_LOOP: _loop,
    m.T_PENDING: _pending,
    m.T_CHAIN: _chain,
    m.T_BOOTS: _boots,
    m.T_RECORDS: _records,
}
