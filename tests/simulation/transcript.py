"""Transcripts: what came out of an engine in words, a line each, the same on CPython and MicroPython."""

from hotspare_engine import names
from hotspare_engine import words as w

UNIT_NAMES = ("primary", "spare")


def request(code):
    """Return the abbreviation of a request or the name of an ask."""
    for row in names.REQUESTS:
        if row[0] == code:
            return row[1]
    for row in names.ASKS:
        if row[0] == code:
            return row[1]
    return str(code)


def bits(table, value):
    """Return the names of the bits that are set, or `none`."""
    found = [row[1] for row in table if row[0] & value]
    return ", ".join(found) if found else "none"


def position(code):
    """Return the name of a contact's position."""
    return names.POSITION_NAMES[code]


def selection(code):
    """Return what the spare carries; NONE arrives as -1 or, in some events, packed as 255."""
    return "nothing" if code in (w.NONE, 255) else f"line {code}"


def reason(code):
    """Return why a state changed: a request, or the facts alone."""
    return "facts" if code == w.NONE else request(code)


def event(kind, a, b):
    """Return an event in words."""
    if kind == w.E_STATE:
        return f"state {names.STATE_NAMES[a]} ({reason(b)})"
    if kind == w.E_HEALTH:
        return f"{UNIT_NAMES[a]} is {names.HEALTH_NAMES[b & 255]}: {names.WHY_NAMES[b >> 8]}"
    if kind == w.E_PATH:
        return f"path {a} {names.PATH_STATE_NAMES[b]}"
    if kind == w.E_CONTACT:
        return f"contact, line {a}: {position(b & ~w.RESTS)}{' at rest' if b & w.RESTS else ''}"
    if kind in (w.E_DRIVE, w.E_FELL, w.E_HELD):
        return f"{event_name(kind)}, line {a}: {position(b)}"
    if kind == w.E_WINNER:
        held = bits(names.INHIBITORS, b & (1 << w.TARGET_SHIFT) - 1)
        target = selection((b >> w.TARGET_SHIFT & 15) - 1)
        return f"winner {request(a)}, the spare is to carry {target}, held back by {held}"
    if kind == w.E_ALARMS:
        return f"alarms: {bits(names.ALARMS, a)}"
    if kind == w.E_SWITCHED:
        return f"switched, the spare carries {selection(a)}, {b} ms"
    if kind == w.E_SWITCH_FAILED:
        return f"switch failed to {selection(a)}, contact at {position(b)}"
    if kind in (w.E_ROLE, w.E_ACKNOWLEDGED):
        said = names.ROLE_NAMES[b % w.ROLE_FAILED] + (" and failed" if b & w.ROLE_FAILED else "")
        return f"{UNIT_NAMES[a]} {'is told to be' if kind == w.E_ROLE else 'acknowledges'}: {said}"
    if kind == w.E_ASKED:
        return f"asked {request(a)}"
    if kind == w.E_VERDICT:
        return f"{request(b & 255)} id {b >> 8}: {names.VERDICTS[a][0]}"
    if kind == w.E_PENDING:
        return f"pending id {a}, {request(b & 255)}, {selection(b >> 8 & 255)}: {names.BECAME_NAMES[b >> 16]}"
    if kind == w.E_WOULD:
        return f"would have switched, id {a >> 8}, the spare carries {selection(a & 255)}, {b} ms"
    return f"{event_name(kind)} {a} {b}"


def event_name(kind):
    """Return the name of a kind of event."""
    for row in names.EVENTS:
        if row[0] == kind:
            return row[1]
    return str(kind)


def line(ms, row):
    """Return one line of a transcript."""
    action = row[0]
    if action == w.DRIVE:
        text = f"DRIVE line {row[1]} to {position(row[2])}"
    elif action == w.SAVE:
        text = "SAVE"
    elif action == w.REPLY:
        by = row[2] >> 8
        text = f"REPLY {row[1]}: {names.VERDICTS[row[2] & 255][0]}"
        text += f" by {request(by)}" if by else ""
        text += f", id {row[3]}" if row[3] else ""
        text += f", {row[5]} ms" if row[5] else ""
        text += f", held back by {bits(names.INHIBITORS, row[6])}" if row[6] else ""
    elif action == w.START:
        text = f"START {row[1]}"
    elif action == w.RECORD:
        text = event(row[1], row[2], row[3])
    else:
        text = str(action)
    return f"{ms:7d}  {text}"


def of(bench):
    """Return the transcript of all that came out of a bench's engine."""
    return [line(ms, row) for ms, row in bench.rows]
