"""The resolver: all requests present now -> one winner and one target, from one table, highest first; a pure function.

1. Each row says whether it is present and, if it is the first that decides, which line the spare is to carry.
2. Rows below the winner are still seen: they are the losers that `explain` names.
3. A target that is the present selection means: stay. What stays though it should not is named in `blocked`.
4. No row's own decision puts the load on a unit that is not known well, except FX and an explicit drop of the service.
"""

from . import words as w

UNITS_MAX = 8
DROP_LOCKOUT = 1 << UNITS_MAX  # in `drop`: whoever locked the spare out accepted that the service is dropped
BY_REQUEST, BY_SWITCH = 1, 2  # in `lockout`: a person's LO stands; the lockout switch at the place is on


class Situation:
    """What the resolver sees, and below it what it found. Units are indices; the spare is unit `primaries`.

    `out`, `failed` are bit masks by unit: out of use; believed failed. `order` is FX, FS, MS, MS_P or 0, `order_line`
    the line that it wants on the spare or NONE. `degraded` are the units that have said so themselves for hold-off,
    `on_degraded` whether that moves the load. `lockout` has BY_REQUEST and BY_SWITCH. `drop` has a bit for each unit
    whose OUT may drop the service, and DROP_LOCKOUT. `unconnected` says that a line is connected to nobody, `exercise`
    that one runs. The others are for approval: what inhibits from outside the resolver, the requests for whose outcome
    a person waits (1 << code), whether relays rest where they are, autonomy, what was said to which request, which
    units are flapping, and which are failed behind noisy paths alone.
    """

    FIELDS = (
        "primaries",
        "selected",
        "out",
        "lockout",
        "drop",
        "order",
        "order_line",
        "failed",
        "wtr",
        "revertive",
        "inhibited",
        "waited",
        "latching",
        "unconnected",
        "exercise",
        "autonomy",
        "pending_winner",
        "pending_target",
        "pending_said",
        "degraded",
        "on_degraded",
        "flapping",
        "noisy",
    )
    FOUND = ("health", "winner", "target", "unit", "present", "blocked", "uncovered")

    def __init__(self, primaries):
        self.primaries = primaries
        self.selected = self.order_line = w.NONE
        self.out = self.lockout = self.drop = self.order = self.failed = self.wtr = self.revertive = 0
        self.inhibited = self.waited = self.latching = self.unconnected = self.exercise = 0
        self.autonomy = self.pending_winner = self.pending_said = self.degraded = self.on_degraded = 0
        self.flapping = self.noisy = 0
        self.pending_target = w.NONE
        self.health = [w.UNKNOWN] * (primaries + 1)
        # found
        self.winner = w.NR
        self.target = w.NONE
        self.unit = w.NONE  # the unit that the winner is about
        self.present = 0  # bit 1 << code of every request present
        self.blocked = 0  # inhibitors that the resolver met
        self.uncovered = 0  # lines that want the spare and can not have it

    def values(self):
        """Return what the resolver sees as a tuple of integers: FIELDS, then the health of each unit."""
        return tuple([getattr(self, name) for name in self.FIELDS] + self.health)

    def load(self, values):
        """Take back what `values` returned; the count of primaries follows from it."""
        count = len(self.FIELDS)
        for name, value in zip(self.FIELDS, values):
            setattr(self, name, value)
        self.health = list(values[count : count + self.primaries + 1])

    def well(self, unit):
        """Return whether a unit is known to be well: a live path says so."""
        return self.health[unit] == w.OK or self.health[unit] == w.IMPAIRED

    def ready(self, unit):
        """Return whether a unit is known to be well, or is a cold spare at rest, which is started and heard first."""
        return self.well(unit) or self.health[unit] == w.OFF

    def usable(self, unit):
        """Return whether a unit may be a target: ready for it, not out of use, and for the spare not locked out."""
        return self.ready(unit) and not self.unusable(unit)

    def unusable(self, unit):
        """Return the inhibitor by which a person said that a unit must not be used; 0 for none."""
        if self.out >> unit & 1:
            return w.I_OUT
        return self.locked() if unit == self.primaries else 0

    def locked(self):
        """Return the inhibitors by which the spare is locked out; 0 for none."""
        held = w.I_LOCAL if self.lockout & BY_SWITCH else 0
        return held | w.I_LOCKOUT if self.lockout & BY_REQUEST else held

    def stay(self):
        """Decide that nothing moves."""
        self.target = self.selected

    def leave_spare(self, even_dropping):
        """Decide that the spare is to be left, if the primary behind it can take the load; otherwise nothing moves."""
        line = self.selected
        if line == w.NONE:
            self.target = w.NONE
        elif self.usable(line) or (even_dropping and not self.out >> line & 1):
            self.target = w.NONE
        else:
            self.blocked |= self.unusable(line) or w.I_PRIMARY_NOT_WELL
            self.stay()

    def cover(self, line, by_priority=False):
        """Decide that the spare carries `line`, if the spare can; otherwise nothing moves.

        Only by priority does the spare leave another line for it whose primary can not take its load.
        """
        self.unit = line
        self.target = line
        held = 0
        if self.selected == line:
            return True
        if not self.usable(self.primaries):
            held = self.unusable(self.primaries) or w.I_SPARE_NOT_WELL
        elif self.selected != w.NONE and not by_priority and not self.usable(self.selected):
            held = self.unusable(self.selected) or w.I_PRIMARY_NOT_WELL
        if held:
            self.blocked |= held
            self.stay()
        return True


# -- the rows: present, then decide (which returns whether it decided, and says its rule for the documents) ----------


def _out_present(s):
    return s.out != 0


def _out_decide(s):
    """An out spare is left; an out primary is covered. Where the spare can not, lower rows go on."""
    if s.out >> s.primaries & 1:
        s.unit = s.primaries
        s.leave_spare(s.drop >> s.primaries & 1)
        return True
    for line in range(s.primaries):
        if s.out >> line & 1 and (s.selected == line or (s.selected == w.NONE and s.usable(s.primaries))):
            return s.cover(line)
    # out and not covered: whoever asked accepted that the service is dropped, so other rows go on
    s.uncovered |= s.out
    s.blocked |= (s.unusable(s.primaries) or w.I_SPARE_NOT_WELL) if s.selected == w.NONE else w.I_UNCOVERED
    return False


def _lo_present(s):
    return s.lockout != 0


def _lo_decide(s):
    """The spare is left, if its primary is well or the service may be dropped."""
    s.unit = s.primaries
    s.leave_spare(s.drop & DROP_LOCKOUT)
    return True


def _fx_present(s):
    return s.order == w.FX


def _fx_decide(s):
    """As asked, whatever the health of the units."""
    s.unit = s.primaries if s.order_line != w.NONE else s.selected
    s.target = s.order_line
    return True


def _sf_p_present(s):
    return s.failed >> s.primaries & 1


def _sf_p_decide(s):
    """The spare is left, if its primary is well; otherwise nothing moves. Nothing goes to a failed spare."""
    s.unit = s.primaries
    s.leave_spare(0)
    return True


def _fs_present(s):
    return s.order == w.FS


def _fs_decide(s):
    """As asked, onto a unit that is known well; whatever the active unit's health."""
    if s.order_line != w.NONE:
        return s.cover(s.order_line)
    s.unit = s.selected
    s.leave_spare(0)
    return True


def _sf_w_present(s):
    return s.failed & ((1 << s.primaries) - 1)


def _sf_w_decide(s):
    """The first failed primary is covered by a spare that is known well; the others are uncovered."""
    # a line that only fell silent behind noise, and may wait for a person, keeps the spare from no other one
    return _cover_failed(s, s.failed & s.noisy, _cover_failed(s, s.failed & ~s.noisy, False))


def _cover_failed(s, failed, decided):
    for line in range(s.primaries):  # a primary's index is its priority: the lowest decides, the others are uncovered
        if decided or not failed >> line & 1:
            continue
        if s.selected == w.NONE or line <= s.selected or s.usable(s.selected):
            decided = s.cover(line, by_priority=line < s.selected)
    return decided


def _sd_present(s):
    return s.on_degraded and s.degraded & ((1 << s.primaries) - 1)


def _sd_decide(s):
    """The first degraded primary is covered by a spare that is ok; one that the spare carries already stays there."""
    spare = s.health[s.primaries]
    # a load goes back to no primary that is worse than ok for this
    free = s.selected == w.NONE or (s.health[s.selected] == w.OK and s.usable(s.selected))
    decided = False
    for line in range(s.primaries):
        if not s.degraded >> line & 1:
            continue
        if not decided and (s.selected == line or (free and spare == w.OK)):
            decided = s.cover(line)
        elif decided or not free:
            s.blocked |= w.I_UNCOVERED
        elif spare != w.IMPAIRED:  # where both are impaired nothing is won, and nothing is wanted
            s.blocked |= w.I_SPARE_NOT_WELL
    return decided


def _ms_present(s):
    return s.order == w.MS


def _ms_decide(s):
    """The line goes to the spare, if it is known well."""
    return s.cover(s.order_line)


def _ms_p_present(s):
    return s.order == w.MS_P


def _ms_p_decide(s):
    """The line returns to its primary, if that is known well."""
    s.unit = s.selected
    s.leave_spare(0)
    return True


def _wtr_present(s):
    return s.wtr and s.selected != w.NONE


def _stay_decide(s):
    """Nothing moves."""
    s.unit = s.selected
    s.stay()
    return True


def _exer_present(s):
    return s.exercise


def _dnr_present(s):
    return not s.revertive and s.selected != w.NONE


def _nr_present(s):
    return True


def _nr_decide(s):
    """The line returns to its primary, if that is known well."""
    s.leave_spare(0)
    return True


ROWS = (
    (w.OUT, _out_present, _out_decide),
    (w.LO, _lo_present, _lo_decide),
    (w.FX, _fx_present, _fx_decide),
    (w.SF_P, _sf_p_present, _sf_p_decide),
    (w.FS, _fs_present, _fs_decide),
    (w.SF_W, _sf_w_present, _sf_w_decide),
    (w.SD, _sd_present, _sd_decide),
    (w.MS, _ms_present, _ms_decide),
    (w.MS_P, _ms_p_present, _ms_p_decide),
    (w.WTR, _wtr_present, _stay_decide),
    (w.EXER, _exer_present, _stay_decide),
    (w.DNR, _dnr_present, _stay_decide),
    (w.NR, _nr_present, _nr_decide),
)
# requests that a person made: what they want needs no approval
ORDERS = (w.OUT, w.LO, w.FX, w.FS, w.MS, w.MS_P)
# what a winner other than LO and SF-W keeps a failed unit's load waiting for; below SF-W: another line
_WAITS_FOR = (
    (w.OUT, w.I_OUT),
    (w.FX, w.I_FORCED),
    (w.SF_P, w.I_SPARE_NOT_WELL),
    (w.FS, w.I_FORCED),
)


def resolve(s):
    """Find winner, target, unit, present, blocked and uncovered of a Situation, in place."""
    s.present = s.blocked = s.uncovered = 0
    s.unit = w.NONE
    winner = 0
    for code, present, decide in ROWS:
        if present(s):
            s.present |= 1 << code
            if not winner and decide(s):
                winner = code
    s.winner = winner
    _name_what_waits(s)


def _name_what_waits(s):
    # no load stays on a failed unit without a name for the reason
    waits = 0
    for line in range(s.primaries):
        if s.failed >> line & 1 and s.target != line:
            s.uncovered |= 1 << line
            waits = 1
    if s.failed >> s.primaries & 1 and s.target != w.NONE and s.winner != w.SF_P:
        waits = 1
    if not waits:
        return
    if s.winner == w.LO:
        s.blocked |= s.locked()
        return
    for code, inhibitor in _WAITS_FOR:
        if code == s.winner:
            s.blocked |= inhibitor
            return
    if not s.blocked:
        s.blocked = w.I_UNCOVERED


def outranks(a, b):
    """Return whether the request `a` stands above the request `b`; MS and MS-P share a row: the later one counts."""
    if (a == w.MS and b == w.MS_P) or (a == w.MS_P and b == w.MS):
        return False
    for row in ROWS:
        if row[0] == a:
            return a != b
        if row[0] == b:
            return False
    return False
