"""The trial of a configuration: the time in which it is to be confirmed; says when the board is to return; pure."""

from hotspare_engine import words as w


class Trial:
    """Runs for `seconds`; `left_ms` is what is left of them."""

    def __init__(self, seconds):
        self.left_ms = seconds * 1000
        self.waits = 0

    def left_s(self):
        """Return the seconds left, the last one begun counted as whole."""
        return (self.left_ms + 999) // 1000

    def elapsed(self, ms, held):
        """`ms` have passed, and the board may not be reset if `held`; return what became of it, T_BEGUN: nothing."""
        self.left_ms = max(0, self.left_ms - ms)
        if self.left_ms:
            return w.T_BEGUN
        if not held:
            return w.T_OVER
        if self.waits:
            return w.T_BEGUN
        self.waits = 1
        return w.T_WAITS
