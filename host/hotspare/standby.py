"""What a standby means for a group: in words, as notes of `check`, and what can not be; no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hotspare import durations

if TYPE_CHECKING:
    from hotspare.configuration import Configuration, Group


def meaning(group: Group) -> str:
    """Return how the spare waits and what it is waited for."""
    limit = durations.show(group.setting("start_limit_s"))
    return {
        "hot": f"{group.spare} runs and is connected at once",
        "warm": f"{group.spare} runs, and is connected once it acknowledges that it is active",
        "cold": f"{group.spare} is off; it is started, heard to be well within {limit}, and connected then",
    }[group.standby]


def notes(group: Group, configuration: Configuration) -> list[str]:
    """Return what a person should know about the group because of its standby and its drains."""
    found = []
    if group.standby == "cold":
        found.append(
            f"an outage lasts as long as {group.spare} boots: hotspare exercise measures that; one that does not come "
            f"up leaves the line where it was"
        )
        if group.setting("retention"):
            found.append(
                f"a reset of {group.controller} takes the power of {group.spare}, which latching contacts stay on: it "
                f"boots anew"
            )
        if group.setting("on_degraded"):
            found.append(
                f"a degraded primary keeps its line while {group.spare} is off: only one heard to be ok takes it"
            )
        if group.setting("start_limit_s") * 1000 < configuration.rig.unit_boot_ms:
            found.append("start_limit_s is shorter than unit_boot_ms of [rig]: the spare would never come up there")
    if group.standby != "hot" and group.switch != "changeover":
        what = "starts" if group.standby == "cold" else "gets ready"
        found.append(f"nobody is on the line while {group.spare} {what}: it is isolated first (switch {group.switch})")
    if group.setting("drain_s"):
        wait = durations.show(group.setting("drain_s"))
        found.append(
            f"a planned release waits up to {wait} until the unit has drained, and is not done if it has not; "
            f"a failover waits for nobody"
        )
    return found


def complaints(group: Group) -> list[str]:
    """Return one complaint for each thing by which a cold spare could not be started."""
    controller = next(board for board in group.boards if board.name == group.controller)
    if group.standby != "cold" or controller.fed_by != group.spare:
        return []
    why = f'group.{group.name}.standby = "cold": it could never start {group.spare}'
    return [f'board.{controller.name}.fed_by = "{group.spare}": {why}: feed it from elsewhere']
