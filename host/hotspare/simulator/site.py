"""A site: one group of a file as it stands, simulated: its boards as slow as real ones, its operator, armed and well.

A group of many is simulated alone: groups share nothing but the file.
"""

from __future__ import annotations

import random
from dataclasses import replace

from hotspare import chain, chips, keyfile
from hotspare.configuration import Configuration, Group
from hotspare.plan import plan_from
from hotspare.rig.plan import RigPlan
from hotspare.simulator.boards import Chip, Sight
from hotspare.simulator.host import Operator
from hotspare.simulator.outlook import Outlook, named
from hotspare.simulator.world import SimulatedRig
from hotspare_engine import words as w
from hotspare_wire import messages

DRIFT_PPM_MAX = 100  # of a crystal with its temperature
LOOK_MS = 100
ASK_EVERY = 5  # looks
SAID_BY_THE_FILE = w.I_ASKING | w.I_MANUAL | w.I_SHADOW  # autonomy, as it is meant to be
UNHEARD = "a unit is not heard to be well"
MARGIN_MS = 20_000  # beyond all boots, after which a site that is not well will never be
CHIP = Chip(
    boot_us=chips.BOARD_BOOT_MS * 1000,
    latency_us=(chain.FORWARD_MS + chain.POLL_MS) * 1000,
    collect_us=chips.COLLECTION_MS * 1000,
)


class NeverWell(Exception):
    """A site that does not come up as its file says; the message says what holds it back."""


def chip_of(kind: str) -> Chip:
    """Return what a kind of board costs: what was measured on one kind stands for all."""
    return CHIP


def alone(configuration: Configuration, group: Group) -> Configuration:
    """Return the configuration with this group alone."""
    return replace(configuration, groups=(group,))


def plan_of(configuration: Configuration, seed: int) -> RigPlan:
    """Return the rig of a configuration, with clocks that drift and nobody who counts transactions."""
    chance = random.Random(f"plan {seed}")
    plan = plan_from(configuration)
    boards = tuple(replace(board, drift_ppm=chance.randint(-DRIFT_PPM_MAX, DRIFT_PPM_MAX)) for board in plan.boards)
    return replace(plan, boards=boards, clients=())


class Site:
    """The only group of `configuration`; `sight` is told what its boards do."""

    def __init__(self, configuration: Configuration, seed: int, sight: Sight | None = None) -> None:
        self.group = configuration.groups[0]
        self.chance = random.Random(f"site {seed}")
        self.rig = SimulatedRig(plan_of(configuration, seed), seed, sight, chip_of)
        self.controller = self.rig.boards[self.group.controller]
        keys = keyfile.load(self.group.key) if self.group.key is not None else ()
        self.operator = Operator(
            self.rig.timeline, self.controller, lambda: self.chance.randbytes(messages.NONCE_SIZE), keys
        )
        asks = self.group.setting("autonomy") in (w.ASK, w.MANUAL)
        self.outlook = Outlook(self.rig.timeline, self.controller, len(self.group.lines), asks)
        self._boots_ms = configuration.rig.unit_boot_ms + CHIP.boot_us // 1000

    def begin(self) -> None:
        """Power on, arm, wait until a failover is possible; raises NeverWell."""
        self.rig.begin()
        limit_ms = self._boots_ms + self.group.setting("boot_grace_s") * 1000 + MARGIN_MS
        flags = w.ACCEPT_SPLIT_BRAIN if self.group.switch == "unproven" else 0
        for look in range(limit_ms // LOOK_MS):
            self.pass_ms(LOOK_MS)
            if self.controller.board is None:
                continue
            if not self.controller.board.engine.armed and look % ASK_EVERY == 0:  # refused until read-backs rest
                self.operator.ask(w.ARM, flags=flags)
            if self.is_well():
                return
        raise NeverWell(next((named(held) for held in self._held() if held), UNHEARD))

    def is_well(self) -> bool:
        """Return whether every line would be switched, and every unit has been heard."""
        if any(self._held()) or not self.controller.board.engine.armed:
            return False
        units = self.controller.board.engine.health.units
        return all(unit.health in (w.OK, w.IMPAIRED, w.OFF) for unit in units)

    def _held(self) -> list[int]:
        """Return what holds each line back, whatever its group leaves to persons."""
        return [held if held < 0 else held & ~SAID_BY_THE_FILE for held in self.outlook.now()]

    def pass_ms(self, ms: float) -> None:
        """Let time pass."""
        self.rig.run_for(round(ms * 1000))

    @property
    def now_us(self) -> int:
        """The rig's time."""
        return self.rig.timeline.now_us()
