"""Alarms of a controller: one bit each, found from what the engine believes; pure."""

from . import words as w


def found(engine):
    """Return the alarm bits that stand for an Engine."""
    s = engine.situation
    health = engine.health
    bits = 0
    for place, unit in enumerate(health.units):
        spare = place == s.primaries
        if unit.health == w.IMPAIRED:
            bits |= w.A_SPARE_IMPAIRED if spare else w.A_PRIMARY_IMPAIRED
        elif unit.health in (w.FAILED, w.LEAVING):
            bits |= w.A_SPARE_FAILED if spare else w.A_PRIMARY_FAILED
    bits |= path_alarms(health)
    if not engine.armed:
        bits |= w.A_DISARMED
    if engine.differs:
        bits |= w.A_DIFFERS
    if engine.conflict_ms:
        bits |= w.A_CONFLICT
    if engine.fault:
        bits |= w.A_RELAY
    if engine.unread:
        bits |= w.A_READBACK
    if engine.fell:
        bits |= w.A_FELL
    if not engine.supply_present:
        bits |= w.A_SUPPLY
    if s.uncovered:
        bits |= w.A_UNCOVERED
    if engine.held_back:
        bits |= w.A_INHIBITED
    if s.out or s.lockout:
        bits |= w.A_OUT
    if engine.stall_alarm_ms:
        bits |= w.A_STALLED
    return bits


def path_alarms(health):
    """Return the alarm bits that stand for the paths of a Health."""
    bits = 0
    for path in health.paths:
        if path.state == w.SILENT or (path.state == w.NEVER and health.grace_over):
            bits |= w.A_PATH
        elif path.state == w.ALIVE and path.one_way:
            bits |= w.A_ONE_WAY
    return bits
