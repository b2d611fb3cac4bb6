"""Saving: what outlives a reset, as small integers, and how it is taken up again: all of it is checked first."""

from . import words as w
from .standing import EXPIRY_AHEAD_S, SECONDS_MAX
from .timers import RESUME

LAYOUT = 2
OUTLIVE = (w.OUT, w.LO, w.FS)
HEAD = 6  # layout, armed, selection, next id, fenced units, armed in spite of a split brain
ROW = 6  # request, id, unit, line, seconds left, dropping
NAMES = ("request", "id", "unit", "line", "left_s", "dropping")
ROWS_MAX = 10  # OUT for eight units, LO, and one FS
ID_MAX = 65535


def saved(engine):
    """Return what outlives a reset of an Engine: HEAD values, then ROW values for each request that does."""
    standing = engine.standing
    # until it is decided whether the load goes back to where it was, a second reset finds what the first one found
    selected = engine.selected if engine.selected != w.NONE else engine.resume_line
    values = [LAYOUT, engine.armed, selected, standing.next_id, engine.fenced, engine.split_brain]
    for slot in standing.slots():
        if standing.request[slot] in OUTLIVE:
            for name in NAMES:
                values.append(getattr(standing, name)[slot])
    return tuple(values)


def resume(engine, values):
    """Take up what `saved` returned; return False, with nothing changed, if it does not fit this engine."""
    if not _fits(engine, values):
        return False
    standing = engine.standing
    engine.armed = values[1]
    engine.fenced = values[4]
    engine.split_brain = values[5]
    for place in range(HEAD, len(values), ROW):
        request, number, unit, line, seconds, dropping = values[place : place + ROW]
        standing.next_id = number
        slot = standing.add(request, unit, line, seconds, 0, w.DROP_SERVICE if dropping else 0)
        standing.pending[slot] = 0
        standing.ahead_s[slot] = EXPIRY_AHEAD_S  # how long was asked for is not known any more
    standing.next_id = values[3]
    selected = values[2]
    if selected != w.NONE and engine.settings.retention == w.FALLS:
        engine.resume_line = selected
        # its primary has this long to be heard before the load goes back to the spare
        engine.timers.start(
            RESUME, 1 + max([path.dead_ms for path in engine.health.paths if path.unit == selected] or [0])
        )
    engine.dirty = 1
    return True


def _fits(engine, values):
    rows = (len(values) - HEAD) // ROW
    if len(values) < HEAD or len(values) != HEAD + rows * ROW or rows > ROWS_MAX or values[0] != LAYOUT:
        return False
    if values[1] not in (0, 1) or not w.NONE <= values[2] < engine.primaries or not 1 <= values[3] <= ID_MAX:
        return False
    if not 0 <= values[4] < 1 << engine.primaries or values[5] not in (0, 1):
        return False
    for place in range(HEAD, len(values), ROW):
        request, number, unit, line, seconds, dropping = values[place : place + ROW]
        if request not in OUTLIVE or not 1 <= number <= ID_MAX or not 0 <= unit <= engine.primaries:
            return False
        if not w.NONE <= line < engine.primaries or not 0 <= seconds <= SECONDS_MAX or dropping not in (0, 1):
            return False
    return True
