"""What a technician does to a rig that has just begun: sees that each board is the right one, and arms the groups."""

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


def look(configuration: Configuration) -> None:
    """Ask every board who it is; raises Unreachable, naming the one that does not answer as it should."""
    for board in configuration.boards:
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
    for group in configuration.groups:
        with reached.open_board(configuration.board(group.controller)) as controller:
            reply = controller.request(words.ARM, 0, 0, 0, 0, ARM_MS_MAX)
        verdict, refused = names.VERDICTS[reply["verdict"]]
        if refused:
            raise HotspareError(f"group {group.name} can not be armed: {verdict}")
