"""The outbox: what the engine wants done, as rows of small integers in one preallocated list; imports words.

A command to a relay is never lost: what is only recorded gives way first, then answers.
"""

from . import words as w

WIDTH = 7  # action and up to six values
DRIVES_MAX = 9  # rows kept for commands to relays: one for each line, and one for the start of the spare
REPLIES_MAX = 16  # rows kept for answers, SEND and SAVE
RECORDS_MAX = 48  # more than the longest decision and a full burst of beats put in between two drains
ROWS_MAX = RECORDS_MAX + REPLIES_MAX + DRIVES_MAX


class Outbox:
    """Rows of an action and its values; the board reads `rows` up to `count` rows and then calls `clear`."""

    def __init__(self):
        self.rows = [0] * (WIDTH * ROWS_MAX)
        self.count = 0
        self.lost = 0
        self._wants = 0  # SEND and SAVE need no second row

    def put(self, action, a=0, b=0, c=0, d=0, e=0, f=0):
        """Append one action; one that finds its rows taken is counted as lost, and the recorder shows the gap."""
        count = self.count
        if action == w.SEND or action == w.SAVE:
            if self._wants >> action & 1:
                return
            self._wants |= 1 << action
        if count >= RECORDS_MAX and self._is_full(action, count):
            self.lost += 1
            return
        place = count * WIDTH
        rows = self.rows
        rows[place] = action
        rows[place + 1] = a
        rows[place + 2] = b
        rows[place + 3] = c
        rows[place + 4] = d
        rows[place + 5] = e
        rows[place + 6] = f
        self.count = count + 1

    def _is_full(self, action, count):
        if action == w.RECORD:
            return True
        return count >= (ROWS_MAX if action == w.DRIVE or action == w.START else ROWS_MAX - DRIVES_MAX)

    def row(self, number):
        """Return one row as a tuple; for tests and the host."""
        return tuple(self.rows[number * WIDTH : number * WIDTH + WIDTH])

    def clear(self):
        """Forget every row."""
        self.count = 0
        self._wants = 0
