"""Restarts: what the last reset means for this boot, what a reset would drop now, and when the board resets itself.

It holds still after too many, and returns from a configuration on trial. No clock, no I/O.
"""

from hotspare_engine import words as w
from hotspare_wire import messages as m

WATCHDOG_DEFAULT_MS = 2500  # without a configuration
RESET_DELAY_MS = 200  # an answer leaves before the board resets itself


class Restarts:
    """The restarts of one board; `trial` is the Trial of its configuration while that is not confirmed."""

    def __init__(self, board):
        self._board = board
        self.trial = None
        self.reset_ms = -1
        self.intent = 0  # what it means by that reset

    def remember(self, boots):
        """Say what the boot record tells of the last boot, and leave in it what becomes of this one."""
        board = self._board
        board.check_in_to(boots)
        if boots.cause == w.C_EXCEPTION:
            board.record(w.E_EXCEPTION, boots.kind, boots.where)
        elif boots.cause == w.C_WATCHDOG and boots.known:
            board.record(w.E_HUNG, boots.part, boots.late_ms)
        self._hold(boots.holds())

    def clear_resets(self):
        """A person ends the hold after too many resets."""
        boots = self._board.boots
        if boots:
            bare = boots.is_bare()
            boots.clear()
            self._hold(0)
            if bare:
                self.schedule(w.C_PLANNED)

    def _hold(self, on):
        self._board.trouble(w.B_RESETS, on)
        self._board.engine.hold(1 if on else 0)

    def begin_trial(self, trial):
        """The configuration is on trial."""
        self.trial = trial
        self._board.record(w.E_TRIAL, w.T_BEGUN, trial.left_s())
        self._board.trouble(w.B_UNCONFIRMED, 1)

    def end_trial(self, became):
        """The configuration is confirmed, or its trial is over and the board returns to the one before."""
        self.trial = None
        self._board.record(w.E_TRIAL, became)
        if became == w.T_CONFIRMED:
            self._board.trouble(w.B_UNCONFIRMED, 0)
        else:
            self.schedule(w.C_CONFIGURED)

    def held_up(self, lasting=0):
        """Return the code of what the board may not be reset for now, or ACK_OK; `lasting`: it will be long away."""
        engine = self._board.engine
        if not engine.is_controller:
            return m.ACK_OK
        if engine.state == w.SWITCHING:
            return m.ACK_BUSY
        driven = engine.lines.driven
        falls = engine.settings.retention == w.FALLS and w.AT_SPARE in driven
        if lasting and engine.settings.switch in (w.INTERLOCKED, w.UNPROVEN) and w.AT_PRIMARY in driven:
            falls = True  # both contacts open
        return m.ACK_ENERGISED if falls else m.ACK_OK

    def schedule(self, intent):
        """Reset the board once the answer has left; the next boot tells `intent` as its cause."""
        self.intent = intent
        self.reset_ms = RESET_DELAY_MS

    def is_due(self):
        """Return whether the board is to reset itself now."""
        return self.reset_ms == 0

    def elapsed(self, ms):
        """`ms` milliseconds have passed, in which a trial ran or a reset was awaited."""
        if self.trial:
            became = self.trial.elapsed(ms, self.held_up() != m.ACK_OK)
            if became == w.T_OVER:
                self.end_trial(became)
            elif became == w.T_WAITS:
                self._board.record(w.E_TRIAL, became)
        if self.reset_ms > 0:
            self.reset_ms = max(0, self.reset_ms - ms)
