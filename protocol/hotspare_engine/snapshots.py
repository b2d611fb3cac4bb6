"""Snapshots: the state of many parts as one tuple of small integers and back; imports nothing.

A part is an object with the names of its attributes, each an integer or a list of integers of fixed length.
"""


def take(parts):
    """Return the values of all parts, in order, as a tuple of integers."""
    values = []
    for part, names in parts:
        for name in names:
            value = getattr(part, name)
            if isinstance(value, list):
                values.extend(value)
            else:
                values.append(value)
    return tuple(values)


def give(parts, values):
    """Put back what `take` returned for parts of the same shape."""
    place = 0
    for part, names in parts:
        for name in names:
            value = getattr(part, name)
            if isinstance(value, list):
                for i in range(len(value)):
                    value[i] = values[place + i]
                place += len(value)
            else:
                setattr(part, name, values[place])
                place += 1
    assert place == len(values), "a snapshot of another shape"
