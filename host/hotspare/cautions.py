"""What a person should know of a group before relying on it, in sentences, from its configuration alone; no I/O."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from hotspare import autonomy, chain, chips, noise, options, path_times, standby, wiretime, wiring
from hotspare_engine.path import QUIET_MS
from hotspare_wire.heap import COLLECT_BYTES

if TYPE_CHECKING:
    from hotspare.configuration import Configuration, Group


def warnings(group: Group) -> list[str]:
    """Return what makes a false failover likely on boards of the kinds that the group has."""
    controller = group.boards[0]
    heap_kb = wiring.of(controller.kind).heap_kb
    found = []
    garbage_kb = COLLECT_BYTES // 1024
    if heap_kb < chips.CONTROLLER_HEAP_KB + garbage_kb:
        found.append(
            f"board.{controller.name}.kind = {controller.kind} has about {heap_kb} KB of heap, and a controller took "
            f"{chips.CONTROLLER_HEAP_KB} KB on an {chips.CHIPS[chips.MEASURED]}, and {garbage_kb} KB between two "
            f"collections: use it as a beacon"
        )
    if group.setting("loss_max_permille") == noise.PERMILLE:
        found.append(
            f"group.{group.name}.loss_max_permille = {noise.PERMILLE}: no path is ever noisy: noise that silences a "
            f"unit's paths is a failover"
        )
    return found + _short(group)


def _short(group: Group) -> list[str]:
    interval_ms = group.setting("interval_ms")
    if interval_ms >= chips.INTERVAL_LEAST_MS:
        return []
    return [
        f"group.{group.name}.interval_ms = {interval_ms} is short for an {chips.CHIPS[kind]} (kind {kind}): a step "
        f"takes up to {chips.QUERY_MS} ms while a host asks; an own stall is blind time and sends no beat, so a false "
        f"failover is possible: raise interval_ms to {chips.INTERVAL_LEAST_MS} or more"
        for kind in sorted({board.kind for board in group.boards} & chips.CHIPS.keys())
    ]


def notes(group: Group, configuration: Configuration) -> list[str]:
    """Return what a person should know about the group before relying on it."""
    found = chain.notes(group) if chain.is_chain(group) else []
    for place in range(len(group.primaries)):
        found += _independence(group, place)
    found += _noisy(group)
    found.append(
        f"a board erases a page of its flash about once for {chips.EVENTS_A_PAGE} events, less than once a day as a "
        f"rule; it says so first, and a failure in that moment is acted on up to {QUIET_MS} ms later"
    )
    found.append(_dead_controller(group))
    found += autonomy.notes(group) + standby.notes(group, configuration) + _cautions(group, configuration)
    return found + _of_kinds(group)


def _independence(group: Group, place: int) -> list[str]:
    primary = group.units[place]
    beacon, *others = path_times.sources_of(group, place).items()
    if not others:
        text = f"a beacon failure is a failover: no path from {primary.name} to {group.controller} bypasses {beacon[0]}"
        return [text]
    bypass = ", ".join(name for _, paths in others for name in paths)
    found = [f"a beacon failure alone is no failover: {bypass} of {primary.name} bypasses {beacon[0]}"]
    if primary.contact:
        found.append(
            f"while the contact of {primary.name} is closed, silence on all other paths switches nothing: wire one "
            f"that opens when {primary.name} fails or loses power"
        )
    return found


def _noisy(group: Group) -> list[str]:
    permille = group.setting("loss_max_permille")
    if permille == noise.PERMILLE:
        return []
    ber = -math.expm1(math.log1p(-permille / noise.PERMILLE) / (wiretime.HEARTBEAT_SIZE * wiretime.BITS_AT_RISK))
    alone = [
        primary
        for place, primary in enumerate(group.primaries)
        if all(path.is_measured for path in path_times.paths_of(group, place))
    ]
    text = (
        f"a path that loses more than {permille} of {noise.PERMILLE} beats (a bit error rate of about {ber:.0e}) is "
        f"noisy; a unit that falls silent behind noisy paths alone waits for a person: hotspare approve"
    )
    advice = ", which noise does not silence: with one, its death behind a noisy cable is a failover"
    return [text + (f". {', '.join(alone)}: no pulse and no dry contact{advice}" if alone else "")]


def _of_kinds(group: Group) -> list[str]:
    controller = group.boards[0]
    it = wiring.of(controller.kind)
    found = []
    if it.keeps_pads and not group.setting("retention"):
        found.append(
            f"a reset of {controller.name} by its watchdog leaves its relay as it is until its firmware runs again "
            f"(kind {it.kind}); only a loss of power lets it fall at once"
        )
    others = sorted({board.kind for board in group.boards} - {chips.MEASURED})
    if others:
        found.append(
            f"decision and boot were not measured on kind {', '.join(others)}: they are those of {chips.MEASURED}"
        )
    return found


def _dead_controller(group: Group) -> str:
    if chain.is_chain(group):
        return chain.dead_controller(group)
    if group.switch == "fenced":
        return f"a dead controller gives the line back to {group.primaries[0]}: its fence closes and cuts the spare off"
    if group.switch != "changeover":
        return "a dead controller opens both contacts: THE SERVICE IS LOST until it runs again (switch interlocked)"
    if group.setting("retention"):
        return "a dead controller leaves the line where it is (retention latching)"
    return f"a dead controller gives the line back to {group.primaries[0]} (retention falls)"


def _cautions(group: Group, configuration: Configuration) -> list[str]:
    found = []
    controller = next(board for board in group.boards if board.name == group.controller)
    if len(path_times.paths_of(group)) == 1 and not chain.is_chain(group):
        found.append("one path only: noise or one cut cable is silence on every path; set crosslink_b")
    if controller.network:
        found.append(
            f"the network is taken to deliver a heartbeat within {path_times.NETWORK_MS:.0f} ms; a path over it shares "
            "the beacon, and switches and access points on the way should be fed from both racks"
        )
    if not group.setting("on_silence"):
        found.append("silence alone never switches (on_silence = false): only a reported failure does")
    if controller.fed_by is not None:
        found.append(f"{controller.name} loses power with {controller.fed_by}: feed it from both racks")
    defaults = {option.name: option.default for option in options.of("group")}
    on_uart = any(unit.agent == "uart" for unit in group.units)
    for key, value, option, matters in (
        ("agent_baud", group.agent_baud, "--baud", on_uart),
        ("agent_interval_ms", group.setting("agent_interval_ms"), "--interval", True),
    ):
        if value != defaults[key] and matters:
            found.append(f"{key} = {value}: each agent needs it too, hotspare agent {option} {value}")
    if group.key is None:
        found.append(
            "frames are not signed: whoever can write on a cable, or reach a host port, can command the boards "
            "(hotspare key new)"
        )
    rig = configuration.rig
    if group.setting("dead_time_ms") * 1000 < rig.release_us + rig.bounce_us:
        found.append("dead_time_ms is shorter than release_us + bounce_us of [rig]")
    if group.setting("operate_limit_ms") * 1000 < max(rig.operate_us, rig.release_us) + rig.bounce_us:
        found.append("operate_limit_ms is shorter than a move and its bounce in [rig]: every switch would fail there")
    if group.setting("boot_grace_s") * 1000 < rig.unit_boot_ms:
        found.append("boot_grace_s is shorter than unit_boot_ms of [rig]: a unit that boots counts as failed")
    return found
