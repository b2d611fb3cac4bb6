"""Alarms of a controller: one bit each, found from what the engine believes; pure."""

from . import words as w
from .switching import IDLE
from .timers import CONFLICT, GRACE, STALL, UNREADY


def found(engine):
    """Return the alarm bits that stand for an Engine."""
    s = engine.situation
    health = engine.health
    bits = 0
    for place in range(s.primaries):
        bits |= of_primary(health.units[place])
    spare = of_primary(health.units[s.primaries])
    if spare & w.A_PRIMARY_IMPAIRED:
        bits |= w.A_SPARE_IMPAIRED
    if spare & w.A_PRIMARY_FAILED:
        bits |= w.A_SPARE_FAILED
    bits |= common(engine) | _of_relays(engine)
    if not engine.armed:
        bits |= w.A_DISARMED
    if s.uncovered:
        bits |= w.A_UNCOVERED
    if engine.timers.runs(UNREADY):
        bits |= w.A_UNREADY | w.A_SPARE_FAILED
    if engine.roles.astray:
        bits |= w.A_ROLE
    if engine.split_brain:
        bits |= w.A_SPLIT_BRAIN
    if engine.held_back:
        bits |= w.A_INHIBITED
    if engine.held_back & w.I_ASKING:
        bits |= w.A_ASKING
    if engine.flapping.units:
        bits |= w.A_FLAPPING
    if 1 in engine.standing.expiring:
        bits |= w.A_EXPIRING
    if s.out or s.lockout:
        bits |= w.A_OUT
    return bits


def _of_relays(engine):
    guard = engine.guard
    lines = engine.lines
    bits = w.A_RELAY if guard.fault else 0
    if guard.unread or not (lines.all_read() or engine.timers.runs(GRACE)):
        bits |= w.A_READBACK
    if guard.fell:
        bits |= w.A_FELL
    if guard.torn:
        bits |= w.A_TORN
    if not engine.supply_present:
        bits |= w.A_SUPPLY
    if engine.fenced:
        bits |= w.A_FENCED
        for line in range(lines.count):
            if engine.fenced >> line & 1 and lines.settled[line] != w.AT_SPARE:
                bits |= w.A_UNFENCED if lines.settled[line] != w.BETWEEN else 0
    if engine.switching.step == IDLE and lines.unconnected() != w.NONE:
        bits |= w.A_UNCONNECTED
    return bits


def common(engine):
    """Return the alarm bits that an Engine and a Watch find alike: paths, differing boards, conflict, own stalls."""
    bits = path_alarms(engine.health)
    if engine.differs:
        bits |= w.A_DIFFERS
    if engine.timers.runs(CONFLICT):
        bits |= w.A_CONFLICT
    if engine.timers.runs(STALL):
        bits |= w.A_STALLED
    if engine.intruded:
        bits |= w.A_REFUSED
    return bits


def of_primary(unit):
    """Return the alarm bits that stand for a unit as a primary."""
    if unit.health == w.IMPAIRED:
        return w.A_PRIMARY_IMPAIRED
    return w.A_PRIMARY_FAILED if unit.health == w.FAILED or unit.health == w.LEAVING else 0


def path_alarms(health):
    """Return the alarm bits that stand for the paths of a Health."""
    bits = 0
    for path in health.paths:
        if health.units[path.unit].health == w.OFF:
            continue
        if path.noisy:
            bits |= w.A_NOISY
        if path.state == w.SILENT or (path.state == w.NEVER and health.grace_over):
            bits |= w.A_PATH
        elif path.state == w.ALIVE and path.one_way:
            bits |= w.A_ONE_WAY
    return bits
