"""Approval: whether what the resolver wants may be done now; pure.

What a person asked and waits for is done unless the boards conflict or a relay can not move. What is automatic passes
autonomy: in `auto` an armed group acts alone unless something named inhibits it. A request that stands from earlier and
would move the load again, after a reset or a fall, is automatic too: a disarmed group moves nothing by itself.

Autonomy comes last: what something else holds back is not put to a person. The exceptions are a limit of attempts, a
unit that fails again and again, and one that fell silent behind noise: whoever approves knows more than the group.
"""

from . import words as w
from .resolver import ORDERS

# inhibitors that hold back whatever moves a relay, those of all that is automatic, and those of single decisions
ABSOLUTE = w.I_CONFLICT | w.I_RELAY | w.I_SUPPLY | w.I_ISOLATION
AUTOMATIC = w.I_DISARMED | w.I_DIFFERS | w.I_RESETS
FAILOVER = w.I_POLICY | w.I_BOOT_GRACE | w.I_TOGETHER
OUTWEIGHED = w.I_ATTEMPTS | w.I_FLAPPING | w.I_NOISY  # by a person's approval, and put to a person in any autonomy
FORCED = (w.FX, w.FS)  # a person's orders in so many words: even a board that holds still after resets carries them out
# what is decided by these waits for no unit to drain
IN_A_HURRY = (w.FX, w.SF_P, w.FS, w.SF_W, w.SD)
AUTONOMY = w.I_ASKING | w.I_REJECTED | w.I_MANUAL | w.I_SHADOW


def is_automatic(s):
    """Return whether the movement that a resolved Situation wants is the group's own decision."""
    return s.winner not in ORDERS or not s.waited >> s.winner & 1


def reconnecting(s, line):
    """Return which inhibitors keep a line that rests on nobody from being connected to its primary again."""
    held = s.inhibited & (ABSOLUTE | w.I_DISARMED | w.I_RESETS)
    if s.waited & (1 << w.MS_P | 1 << w.FS):
        held &= ~w.I_DISARMED
    if s.waited & (1 << w.FX | 1 << w.FS):
        held &= ~w.I_RESETS
    if s.out >> line & 1:
        held |= w.I_OUT
    return held | (w.I_FENCED if s.health[line] == w.FENCED else 0)


def acts_alone(autonomy):
    """Return whether a failover needs nobody, be it after a time-out."""
    return autonomy == w.AUTO or autonomy == w.ASK_THEN_AUTO


def inhibitors(s):
    """Return which of the inhibitors of a resolved Situation hold back its movement to the target; 0: it may be done.

    Neither a limit of attempts nor a flapping unit ever keeps the load on a failed one: what leaves one goes on.
    """
    against = ABSOLUTE
    if s.target == w.NONE and not s.latching:
        against &= ~w.I_SUPPLY  # releasing a coil needs no supply
    if not is_automatic(s):
        return s.inhibited & (against if s.winner in FORCED else against | w.I_RESETS)
    against |= AUTOMATIC
    if s.winner == w.SF_W:
        against |= FAILOVER
    elif s.winner == w.NR:
        against |= w.I_ATTEMPTS | w.I_UNDRAINED
    elif s.winner not in IN_A_HURRY:
        against |= w.I_UNDRAINED
    held = s.inhibited & against
    if flaps(s):
        held |= w.I_FLAPPING
    if doubts(s):
        held |= w.I_NOISY
    return held if held & ~OUTWEIGHED else _autonomy(s, held)


def flaps(s):
    """Return whether a resolved Situation gives a load to a flapping unit without having to."""
    if not s.flapping or (s.winner != w.NR and s.winner != w.SD):
        return False
    place = s.selected if s.target == w.NONE else s.primaries
    return place != w.NONE and s.flapping >> place & 1


def doubts(s):
    """Return whether a resolved Situation leaves a unit only because it fell silent behind noisy paths."""
    if not s.noisy or (s.winner != w.SF_W and s.winner != w.SF_P):
        return False
    return s.unit != w.NONE and s.noisy >> s.unit & 1


def _autonomy(s, held):
    # nothing stands against it but, in `held`, what an approval outweighs
    about = s.winner == s.pending_winner and s.target == s.pending_target
    if about and s.pending_said == w.APPROVED:
        return 0
    if about and s.pending_said == w.REJECTED:
        return held | w.I_REJECTED
    if s.autonomy == w.MANUAL:
        return held | w.I_MANUAL
    if s.autonomy == w.SHADOW:
        return held | w.I_SHADOW
    return held | w.I_ASKING if held or s.autonomy else 0
