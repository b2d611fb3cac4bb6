"""What an autonomy means for a group, and what is pending in it: in words and plain data; no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hotspare import durations, wording
from hotspare_engine import approval, names
from hotspare_engine import words as w

if TYPE_CHECKING:
    from hotspare.board import Fields
    from hotspare.configuration import Group

# what a pending request waits for, by the inhibitor that holds it back alone
WAITS = ((w.I_ASKING, "asked"), (w.I_REJECTED, "rejected"), (w.I_MANUAL, "manual"), (w.I_SHADOW, "shadow"))
HELD, UNDER_WAY = "held back", "under way"


def of(group: Group) -> int:
    """Return the autonomy that the file gives a group."""
    return group.setting("autonomy")


def is_automatic(group: Group) -> bool:
    """Return whether a failover of the armed group needs nobody."""
    return bool(approval.acts_alone(of(group)))


def approval_ms(group: Group) -> int | None:
    """Return how long a failover waits for a person at most; None for as long as the person takes."""
    if of(group) == w.ASK_THEN_AUTO:
        return group.setting("approve_s") * 1000
    return 0 if of(group) == w.AUTO else None


def meaning(group: Group) -> str:
    """Return what the autonomy does with a failover."""
    wait = durations.show(group.setting("approve_s"))
    return {
        w.AUTO: "an armed group fails over alone",
        w.ASK: f"a failover waits for a person, who is asked anew every {wait}",
        w.ASK_THEN_AUTO: f"a failover waits up to {wait} for a person, then it is done",
        w.MANUAL: "no automatic failover; a person approves it and is not asked",
        w.SHADOW: "no automatic failover; what would have been done is recorded",
    }[of(group)]


def notes(group: Group) -> list[str]:
    """Return what a person should know about the group because of its autonomy."""
    found = []
    word = group.autonomy
    if of(group) == w.ASK:
        found.append(f"the time that a person takes is added to every failover (autonomy {word}): hotspare approve")
    elif not is_automatic(group):
        found.append(f"no automatic failover (autonomy {word}): hotspare approve, or hotspare switchover --force")
    if of(group) != w.AUTO and not group.setting("retention"):
        found.append(
            f"after a reset of the controller the line is on {group.primaries[0]} until its movement to {group.spare} "
            f"passes autonomy again"
        )
    return found


def view(group: Group, row: Fields, inhibitors: int, state: int) -> dict[str, Any] | None:
    """Return what is pending; `inhibitors` and `state` are those of the status. None while nothing is."""
    if not row["id"]:
        return None
    target = row["target"]
    waits = next((word for bit, word in WAITS if inhibitors & bit), UNDER_WAY if state == w.SWITCHING else HELD)
    done = row["autonomy"] == w.ASK_THEN_AUTO and not inhibitors & approval.OUTWEIGHED
    return {
        "id": row["id"],
        "request": wording.request_name(row["request"]),
        "meaning": wording.REQUEST_MEANINGS.get(row["request"], ""),
        "target": group.lines[target - 1] if 0 < target <= len(group.lines) else None,
        "onto": group.spare if target else ", ".join(group.primaries),
        "waits": waits,
        "age_ms": row["age_ms"],
        "left_ms": row["left_ms"] or None,
        "then": ("done" if done else "asked again") if row["left_ms"] else None,
        "approve": f"hotspare approve {row['id']} {group.name}",
        "reject": f"hotspare reject {row['id']} {group.name}",
    }


def name(row: Fields | None) -> str | None:
    """Return the autonomy that a board says that it has; None for one that tells nothing of it."""
    return wording.pick(names.AUTONOMY_NAMES, row["autonomy"]) if row else None


def sentence(it: dict[str, Any]) -> str:
    """Return what is pending and for how long it has been and, on a line of its own, how to answer."""
    age = durations.show(it["age_ms"] // 1000)
    what = f"id {it['id']}  {it['request']} ({it['meaning']})  {it['onto']} onto the line, for {age}"
    left = f", {durations.show(-(-it['left_ms'] // 1000))} left, then it is {it['then']}" if it["left_ms"] else ""
    texts = {
        "asked": f"approval is asked for: {what}{left}\n  {it['approve']}, or {it['reject']}",
        "rejected": f"rejected: {what}\n  {it['approve']} does it after all",
        UNDER_WAY: f"under way: {what}",
        HELD: f"pending, and something else holds it back: {what}",
    }
    return texts.get(it["waits"], f"pending in autonomy {it['waits']}: {what}\n  {it['approve']} does it")
