"""Asks: the verdict on what a person asks, found by resolving the situation as it would be; changes nothing itself."""

from . import approval
from . import words as w
from .resolver import BY_REQUEST, DROP_LOCKOUT, outranks, resolve
from .standing import SECONDS_MAX

# asks that are requests of the resolver's table
REQUESTED = (w.OUT, w.LO, w.FX, w.FS, w.MS, w.MS_P)


def line_wanted(unit, number, situation):
    """Return the line that the spare is to carry by a request about `unit`, or NONE for nothing on the spare.

    About the spare, `number` is the line + 1; 0: the line that it carries, or the first one.
    """
    selected = situation.selected
    if unit == situation.primaries:
        if number:
            return number - 1
        return selected if selected != w.NONE else 0
    return w.NONE if selected == unit else selected  # another primary has its load already


def verdict(s, request, unit, seconds, flags, number=0):
    """Return (verdict, request that outranks, unit) on a request of the table; `number` is that of `line_wanted`.

    `s` is a Situation as it is now, already resolved; it is changed to what it would be with the request, and resolved
    again. Verdicts: ACCEPTED, NOTHING (it is so already; the desk may give what stands another time), or why it is
    refused.
    """
    spare = s.primaries
    if seconds < 0 or seconds > SECONDS_MAX or number < 0 or number > spare:
        return w.BAD_VALUE, 0, unit
    if unit < 0 or unit > spare or (request == w.MS and unit != spare) or (request == w.MS_P and unit == spare):
        return w.UNKNOWN_UNIT, 0, unit
    if request == w.OUT:
        return _out(s, unit, flags)
    if request == w.LO:
        return _lockout(s, flags)
    return _order(s, request, unit, number)


def exercise(s, unit):
    """Return (verdict, request that outranks, unit, inhibitors) on an exercise: what if the unit of a line failed now?

    `unit` is a primary, or NONE or the spare for the first line; while the spare carries a line it is the spare that is
    taken to fail. `s` is the Situation as it is, already resolved. What only a person's approval would hold back is no
    hindrance; it is among the inhibitors all the same.
    """
    if unit < w.NONE or unit > s.primaries:
        return w.UNKNOWN_UNIT, 0, unit, 0
    if s.winner < w.EXER:
        return w.OUTRANKED, s.winner, s.unit, 0
    if s.selected != w.NONE:
        unit = s.primaries
    elif unit == w.NONE or unit == s.primaries:
        unit = 0
    before = s.selected
    s.failed |= 1 << unit
    s.health[unit] = w.FAILED
    resolve(s)
    held = s.blocked | (approval.inhibitors(s) if s.target != before else 0)
    hindered = s.target == before or held & ~approval.AUTONOMY
    return w.HELD_BACK if hindered else w.ACCEPTED, 0, unit, held


def _out(s, unit, flags):
    if s.out >> unit & 1:
        return w.NOTHING, 0, unit
    carrying = s.selected != w.NONE if unit == s.primaries else s.selected != unit
    s.out |= 1 << unit
    s.drop |= 1 << unit if flags & w.DROP_SERVICE else 0
    return _freed(s, unit, flags) if carrying else (w.ACCEPTED, 0, unit)


def _lockout(s, flags):
    if s.lockout & BY_REQUEST:
        return w.NOTHING, 0, s.primaries
    carrying = s.selected != w.NONE
    s.lockout |= BY_REQUEST
    s.drop |= DROP_LOCKOUT if flags & w.DROP_SERVICE else 0
    return _freed(s, s.primaries, flags) if carrying else (w.ACCEPTED, 0, s.primaries)


def _freed(s, unit, flags):
    # the unit carries the service: the request is good if that leaves it, or may be dropped
    before = s.selected
    resolve(s)
    if s.target != before:
        return w.ACCEPTED, 0, unit
    if s.out >> unit & 1 and unit != s.primaries:  # its contact is where it rests: dropping is all that there is to do
        return (w.ACCEPTED if flags & w.DROP_SERVICE else w.WOULD_DROP), 0, unit
    if before != w.NONE and s.out >> before & 1:
        return w.IS_OUT, w.OUT, before
    if s.winner != w.OUT and s.winner != w.LO:
        return w.OUTRANKED, s.winner, s.unit
    return w.WOULD_DROP, 0, unit


def _order(s, request, unit, number):
    line = line_wanted(unit, number, s)
    if s.order and outranks(s.order, request):
        return w.OUTRANKED, s.order, unit
    if s.selected == line and not s.unconnected:
        if s.target != line and s.winner != request and outranks(s.winner, request):
            return w.OUTRANKED, s.winner, s.unit
        if s.order == request and s.order_line == line:
            return w.NOTHING, 0, unit
        if not s.order and (request == w.MS or request == w.MS_P):
            return w.NOTHING, 0, unit
        if request == w.MS_P and unit != line and line != w.NONE:
            return w.NOTHING, 0, unit  # its own line is not the one that the spare carries
    s.order = request
    s.order_line = line
    resolve(s)
    if s.out >> unit & 1:
        return w.IS_OUT, w.OUT, unit
    if s.winner != request:
        return w.OUTRANKED, s.winner, s.unit
    if request != w.FX and not s.ready(unit):
        return w.NOT_WELL, 0, unit
    return w.ACCEPTED, 0, unit
