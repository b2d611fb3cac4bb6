"""Whether a plan can be built: names used once, ends that are there, relays that can move; touches nothing."""

from __future__ import annotations

from typing import Any

from hotspare.rig.plan import (
    FALLS,
    LATCHING,
    POLES_MAX,
    AlarmRelay,
    Cable,
    ChangeoverRelay,
    ContactCable,
    End,
    LineRelay,
    NetworkCable,
    PlanError,
    PulseCable,
    Relay,
    RigPlan,
    SerialCable,
    StartRelay,
)


def verify(plan: RigPlan) -> None:
    """Raise PlanError when names are used twice or a part names another that is not there."""
    boards = _names(plan.boards, "board")
    units = _names(plan.units, "unit")
    _names(plan.cables, "cable")
    _names(plan.relays, "relay")
    for board in plan.boards:
        if board.fed_by is not None and board.fed_by not in units:
            raise PlanError(f"board {board.name} is fed by {board.fed_by}, which is no unit")
    ends: set[End] = set()
    for cable in plan.cables:
        _verify_cable(cable, boards, units, ends)
    for place, relay in enumerate(plan.relays):
        if relay.board not in boards:
            raise PlanError(f"relay {relay.name} is driven by {relay.board}, which is no board")
        if isinstance(relay, LineRelay):
            _verify_line(relay, plan.relays[:place], units)
        elif isinstance(relay, StartRelay):
            _verify_start(relay, plan, units)
        if not isinstance(relay, AlarmRelay) and not 0 < relay.transfer_us <= min(relay.operate_us, relay.release_us):
            raise PlanError(f"relay {relay.name}: the transfer takes part of the operate and of the release time")
    _verify_clients(plan)
    cables = {cable.name: cable for cable in plan.cables}
    for unit in plan.units:
        found = cables.get(unit.agent_cable) if unit.agent_cable is not None else None
        if unit.agent_cable is not None and not (
            isinstance(found, SerialCable) and (unit.name, "agent") in (found.a, found.b)
        ):
            raise PlanError(f"unit {unit.name}: its agent's cable {unit.agent_cable} does not end at the unit")


def _names(parts: tuple[Any, ...], what: str) -> set[str]:
    names: set[str] = set()
    for part in parts:
        if part.name in names:
            raise PlanError(f"two {what}s are called {part.name}")
        names.add(part.name)
    return names


def _verify_clients(plan: RigPlan) -> None:
    _names(plan.clients, "group of clients")
    lines = {relay.line for relay in plan.relays if isinstance(relay, LineRelay)}
    taken: set[str] = set()
    for clients in plan.clients:
        if clients.line not in lines:
            raise PlanError(f"clients {clients.name} are on {clients.line}, which is no line")
        if clients.line in taken:
            raise PlanError(f"clients {clients.name}: {clients.line} has clients already")
        taken.add(clients.line)
        if clients.transaction_us <= 0:
            raise PlanError(f"clients {clients.name}: a transaction every {clients.transaction_us} us is none")


def _verify_cable(cable: Cable, boards: set[str], units: set[str], ends: set[End]) -> None:
    pair: tuple[End, ...]
    if isinstance(cable, PulseCable):
        pair = ((cable.a, "pulse"), (cable.b, "pulse"))
    elif isinstance(cable, NetworkCable):
        pair = ((cable.a, "network"), (cable.b, "network"))
    elif isinstance(cable, ContactCable):
        pair = ((cable.board, "contact"),)
        if cable.unit not in units:
            raise PlanError(f"cable {cable.name}: {cable.unit} is no unit")
    else:
        pair = (cable.a, cable.b)
        if cable.baud <= 0:
            raise PlanError(f"cable {cable.name}: {cable.baud} baud carries nothing")
    for name, port in pair:
        known = port in ("uart0", "uart1", "host", "pulse", "contact", "network") and name in boards
        if not known and not (port in ("agent", "direct") and name in units):
            raise PlanError(f"cable {cable.name}: {name} has no port {port}")
        if (name, port) in ends:
            raise PlanError(f"cable {cable.name}: {port} of {name} has a cable already")
        ends.add((name, port))


def _verify_line(relay: LineRelay, before: tuple[Relay, ...], units: set[str]) -> None:
    for unit in (relay.primary, relay.spare):
        if unit not in units:
            raise PlanError(f"relay {relay.name} connects {unit}, which is no unit")
    if isinstance(relay, ChangeoverRelay):
        if relay.retention not in (FALLS, LATCHING):
            raise PlanError(f"relay {relay.name}: retention is {FALLS} or {LATCHING}, not {relay.retention}")
        if not 1 <= relay.poles <= POLES_MAX:
            raise PlanError(f"relay {relay.name} has 1 to {POLES_MAX} poles, not {relay.poles}")
    if relay.through is None:
        return
    lines = [other for other in before if isinstance(other, LineRelay)]
    found = next((other for other in lines if other.name == relay.through), None)
    if found is None or (found.spare, _poles(found)) != (relay.spare, _poles(relay)):
        raise PlanError(f"relay {relay.name}: {relay.through} is no earlier relay of that spare and as many poles")
    if any(other.through == relay.through for other in lines):
        raise PlanError(f"relay {relay.name}: the spare's feed goes on from {relay.through} already")


def _poles(relay: LineRelay) -> int:
    return relay.poles if isinstance(relay, ChangeoverRelay) else 1


def _verify_start(relay: StartRelay, plan: RigPlan, units: set[str]) -> None:
    if relay.unit not in units:
        raise PlanError(f"relay {relay.name} feeds {relay.unit}, which is no unit")
    if sum(isinstance(other, StartRelay) and other.unit == relay.unit for other in plan.relays) > 1:
        raise PlanError(f"relay {relay.name}: {relay.unit} is fed through another relay too")
    if any(board.name == relay.board and board.fed_by == relay.unit for board in plan.boards):
        raise PlanError(f"relay {relay.name}: {relay.board} is fed by {relay.unit} and could never start it")
