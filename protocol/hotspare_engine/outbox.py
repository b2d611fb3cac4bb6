"""The outbox: what the engine wants done, as rows of small integers in one preallocated list; imports nothing."""

WIDTH = 7  # action and up to six values
ROWS_MAX = 48  # more than the longest decision and a full burst of beats put in between two drains


class Outbox:
    """Rows of an action and its values; the board reads `rows` up to `count` rows and then calls `clear`."""

    def __init__(self):
        self.rows = [0] * (WIDTH * ROWS_MAX)
        self.count = 0
        self.lost = 0

    def put(self, action, a=0, b=0, c=0, d=0, e=0, f=0):
        """Append one action; when all rows are taken it is counted as lost, and the recorder shows the gap."""
        if self.count >= ROWS_MAX:
            self.lost += 1
            return
        place = self.count * WIDTH
        rows = self.rows
        rows[place] = action
        rows[place + 1] = a
        rows[place + 2] = b
        rows[place + 3] = c
        rows[place + 4] = d
        rows[place + 5] = e
        rows[place + 6] = f
        self.count += 1

    def row(self, number):
        """Return one row as a tuple; for tests and the host."""
        return tuple(self.rows[number * WIDTH : number * WIDTH + WIDTH])

    def clear(self):
        """Forget every row."""
        self.count = 0
