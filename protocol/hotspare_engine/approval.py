"""Approval: whether what the resolver wants may be done now; pure.

A person's request is done unless the boards conflict or a relay is at fault. What is automatic passes autonomy: in `auto`
an armed group acts alone unless something named inhibits it.
"""

from . import words as w
from .resolver import ORDERS

# inhibitors that hold back whatever moves a relay, and those that hold back only what is automatic
ABSOLUTE = w.I_CONFLICT | w.I_RELAY | w.I_SUPPLY
AUTOMATIC = w.I_DISARMED | w.I_DIFFERS | w.I_ATTEMPTS | w.I_POLICY


def is_automatic(winner):
    """Return whether a winner's movement is the group's own decision."""
    return winner not in ORDERS


def inhibitors(winner, returning, standing):
    """Return which of the `standing` inhibitors hold back a movement of `winner`; `returning`: to the primary, by itself.

    A limit of attempts never keeps the load on a failed unit: it holds back returns only.
    """
    held = standing & ABSOLUTE
    if is_automatic(winner):
        held |= standing & AUTOMATIC
        if not returning or winner == w.SF_P:
            held &= ~w.I_ATTEMPTS
        if winner != w.SF_W:
            held &= ~w.I_POLICY
    if returning:
        held &= ~w.I_SUPPLY  # releasing a coil needs no supply
    return held
