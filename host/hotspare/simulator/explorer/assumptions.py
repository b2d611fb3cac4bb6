"""What the figures of an exploration rest on, a sentence or two each, with the bounds as they stand in the code."""

from __future__ import annotations

from hotspare.simulator.explorer.chip import BOOT_MS
from hotspare.simulator.explorer.search import HASH_BITS, SETTLE_EVERY
from hotspare.simulator.explorer.setups import SETUPS, SHORT, WATCHDOG_MS, Setup
from hotspare.simulator.explorer.world import SETTLE_MS
from hotspare.simulator.relay_models import LEAVE_MS, OPERATE_MS

ASSUMED = """
One pair: a controller at the spare, a beacon at the primary, one crosslink and nothing else between them (no crosslink
B, pulse, dry contact, direct agent or network), a hot spare unless said, one relay of one pole, keys in use.

Settings: {settings}; everything else as it is by default.

The boards run the firmware itself, from `assemble.board` to `Board.step()`, on stand-ins of pins, UARTs and files.
Events are in memory only: a flash whose power goes while it writes is looked at by another test.

In one schedule there are at most so many faults and asks: {bounds}. What ends a fault costs nothing and may come at any
time. *All schedules with* says up to how many faults and asks together the search came to its end, at any length; with
more it went as far as its states reached.

Frames on the crosslink arrive in order, are lost, arrive twice, or late: after the next thing that happens. An agent's
cable to its board loses nothing and takes no time; a unit may fall silent.

Faults and asks come between two things that happen (a frame, an event of a board, a contact that moves), never within a
step. A board that hangs is reset by its watchdog after {watchdog} ms; a boot takes {boot} ms.

Contacts open after {leave} ms and close after {operate} ms, without bounce. A welded contact stays where it is until it
is replaced. Mirror contacts are force-guided and tell the truth unless their wire is lost; an interlock and the wiring
through a fence do what they are for.

States are the same when they differ only in how long something has lasted, in counters and in running numbers. Whether
a timer runs is state, and whether a coil has rested. The search itself also tells apart for how many beats a path has
been silent, and how many are left of grace, resume and WTR; these states are not counted.

Timers that are longer than any schedule do not end in it: windows of attempts, alarms of stalls and of refused frames.

States are told apart by {bits} bits. From every {every}th that the search goes on from all faults end and {settle} ms
pass; then each line must have a unit that is well, or an alarm must stand.
"""


def _bound(setup: Setup) -> str:
    return f"{setup.name} {setup.faults} and {setup.asks}"


def assumptions() -> list[str]:
    """Return them, one a line."""
    said = ASSUMED.format(
        settings=", ".join(f"`{name} = {value}`" for name, value in SHORT.items()),
        bounds="; ".join(map(_bound, SETUPS.values())),
        watchdog=WATCHDOG_MS,
        boot=BOOT_MS,
        leave=LEAVE_MS,
        operate=OPERATE_MS,
        bits=HASH_BITS,
        every=SETTLE_EVERY,
        settle=SETTLE_MS,
    )
    return [" ".join(part.split()) for part in said.strip().split("\n\n")]
