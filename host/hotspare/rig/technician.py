"""What a technician does to a rig that has just begun: sees that each board is the right one, and arms the groups.

The rig is the configuration's own: no port that the file says is touched, for another rig's boards may be there.
"""

from __future__ import annotations

import time

from hotspare import board as reached
from hotspare.configuration import Configuration
from hotspare.errors import HotspareError, Unreachable
from hotspare_engine import names, words

# a board that restarts takes its port away for a moment
REACH_S_MAX = 5.0
REACH_AGAIN_S = 0.02
ARM_MS_MAX = 5_000

MEND = "correct the file, or hotspare emulate --disarmed"


def look(configuration: Configuration) -> None:
    """Ask every board who it is; raises Unreachable, naming the one that does not answer as it should."""
    for board in configuration.on_rig().boards:
        end_s = time.monotonic() + REACH_S_MAX
        while True:
            try:
                with reached.open_board(board) as reach:
                    reached.verify(board, reach.identity())
                break
            except Unreachable:
                if time.monotonic() > end_s:
                    raise
                time.sleep(REACH_AGAIN_S)


def arm(configuration: Configuration) -> None:
    """Arm every group."""
    rig = configuration.on_rig()
    for group in rig.groups:
        with reached.open_board(rig.board(group.controller)) as controller:
            reply = _arm(controller)
        verdict, refused = names.VERDICTS[reply["verdict"]]
        if refused:
            raise HotspareError(f"group {group.name} can not be armed: {verdict}: {MEND}")


def _arm(controller: reached.Board) -> reached.Fields:
    # read-backs of a board that has just begun have not come to rest yet, and prove nothing
    end_s = time.monotonic() + REACH_S_MAX
    while True:
        reply = controller.request(words.ARM, 0, 0, 0, 0, ARM_MS_MAX)
        if reply["verdict"] != words.NOT_ISOLATED or time.monotonic() > end_s:
            return reply
        time.sleep(REACH_AGAIN_S)
