"""A forecast for people: tables and plain sentences; prints what `forecast_plain` works out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hotspare import chips, garbage
from hotspare.cli import forecast_plain
from hotspare.configuration import Configuration, Group
from hotspare.simulator import poisson, schedule, trials
from hotspare.simulator.forecast import Study, Wish
from hotspare.simulator.site import CHIP

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

CAUSES_SHOWN = 5  # of the time without protection
FEW = 0.01  # a rate that is not worth a figure of its own is shown in powers of ten below it


def rate(value: float) -> str:
    """Return a rate with two figures that count."""
    if value >= 100:
        return f"{float(f'{value:.2g}'):,.0f}"
    return f"{value:.2g}" if value >= FEW or not value else f"{value:.0e}"


def _profile(name: str) -> str:
    least_ms, most_ms = schedule.PROFILES[name] or (0, 0)
    return f"{name}: something happens every {least_ms / 1000:g} to {most_ms / 1000:g} s"


def count_of(count: int, word: str) -> str:
    """Return so many of something."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def share(value: float) -> str:
    """Return a share in percent."""
    percent = 100 * value
    return f"{percent:.1f} %" if percent >= 0.1 or not percent else f"{percent:.2g} %"


def show(out: Console, configuration: Configuration, studies: Sequence[Study], wish: Wish) -> None:
    """Print everything."""
    hours = f"{wish.hours:g} h"
    ordeals = f", {hours} with faults ({_profile(wish.profile)})" if wish.profile != "none" else ""
    rates = " and ".join(f"{ber:g}" for ber in wish.bers)
    work = f"{count_of(wish.trials, 'trial')} a cause, {hours} of noise at a bit error rate of {rates}{ordeals}"
    out.print(f"{configuration.path}: {work}; seed {wish.seed}", soft_wrap=True)
    boot_s, step_ms, collection_ms = CHIP.boot_us / 1e6, CHIP.latency_us / 1000, CHIP.collect_us / 1000
    times = f"{boot_s:g} s to boot, {step_ms:g} ms to a step, {collection_ms:g} ms a collection"
    chip = f"an {chips.CHIPS[chips.MEASURED]} (kind {chips.MEASURED})"
    out.print(f"boards: {times}, as measured on {chip}; their clocks drift apart", soft_wrap=True)
    for study in studies:
        _group(out, study, wish)


def _group(out: Console, study: Study, wish: Wish) -> None:
    from rich.text import Text

    group = study.group
    out.print()
    out.print(
        Text(f"group {group.name}", style="bold"), f"{', '.join(group.primaries)} | spare {group.spare}", sep="  "
    )
    for line in _notes(group):
        out.print(f"note: {line}", soft_wrap=True)
    if study.never_well:
        out.print(f"it never came to where a failover is possible: {study.never_well}", style="bold", soft_wrap=True)
    if study.trials:
        out.print(_failovers(study))
        for line in _late(study):
            out.print(line, style="bold", soft_wrap=True)
    if study.noise:
        out.print(_noise(study))
        for ber in study.noise:
            out.print(_sum(study, ber), soft_wrap=True)
    for line in _protection(study, wish):
        out.print(line, soft_wrap=True)
    for line in _laws(study, wish):
        out.print(line, style="bold" if study.ordeal.broken else None, soft_wrap=True)
    for line in _advice(study, wish):
        out.print(line, soft_wrap=True)


def _notes(group: Group) -> list[str]:
    found = [f"check refuses this file for real boards: {line}" for line in garbage.refusals(group)]
    if not trials.is_possible(group):
        found.append("autonomy shadow moves nothing: no failover is tried")
    elif group.autonomy != "auto":
        found.append(f"autonomy {group.autonomy}: a person approves at once here, whose time is in no figure")
    if not group.setting("on_silence"):
        found.append("on_silence = false: causes that show in silence alone are not tried")
    others = sorted({board.kind for board in group.boards} - {chips.MEASURED})
    if others:
        found.append(f"kind {', '.join(others)} was not measured: it is taken to be as slow as {chips.MEASURED}")
    return found


def _table(title: str, *columns: str) -> Table:
    from rich.table import Table

    table = Table(title, *columns, box=None, pad_edge=False, header_style="bold")
    for column in table.columns[1:]:
        column.justify = "right"
    return table


def _failovers(study: Study) -> Table:
    table = _table(
        "failover, cause to contact, ms",
        "trials",
        "detected, median",
        "median",
        "99 in 100",
        "longest",
        "limit",
        "beyond",
    )
    for row in forecast_plain.failovers(study):
        found, seen = row["failover_ms"], row["detection_ms"]
        spread = [f"{found[name]:.1f}" for name in ("median", "p99", "longest")] if found else ["-"] * 3
        # a word of the unit's own is no silence: it has no median
        expected = row["detection_limit_ms"]["median"]
        detected = f"{seen['median']:.1f} (of {expected:.1f})" if seen else "-"
        table.add_row(
            row["cause"], f"{row['trials']}", detected, *spread, f"{row['failover_limit_ms']:.1f}", f"{row['beyond']}"
        )
    return table


def _late(study: Study) -> list[str]:
    found = []
    for row in forecast_plain.failovers(study):
        seeds = ", ".join(str(seed) for seed in row["late_seeds"])
        if row["not_done"]:
            why = "; ".join(row["held_back_by"])
            found.append(f"{row['not_done']} of {row['trials']} not done, {row['cause']}: {why} (seeds {seeds})")
        if row["beyond"]:
            found.append(f"{row['beyond']} of {row['trials']} beyond the limit, {row['cause']} (seeds {seeds})")
    return found


def _noise(study: Study) -> Table:
    whose = f" of {study.group.primaries[-1]}" if len(study.group.primaries) > 1 else ""
    table = _table(f"silenced by noise, a year{whose}", "BER", "check", "simulated", "95 in 100 lie within", "they")
    for ber in study.noise:
        for row in forecast_plain.of_noise(study, ber)["on"]:
            found = row["believed_failed_a_year"]
            table.add_row(
                row["on"],
                f"{ber:g}",
                rate(row["predicted_a_year"]),
                rate(found["a_year"]),
                f"{rate(found['low'])} to {rate(found['high'])}",
                _verdict(row, study.noise[ber].hours),
            )
    return table


def _verdict(row: dict[str, Any], hours: float) -> str:
    if row["agrees"] is None:
        return "can not be compared: noise reaches no pulse and no contact here"
    if not row["agrees"]:
        return "differ, fewer" if row["believed_failed_a_year"]["high"] < row["predicted_a_year"] else "differ, MORE"
    expected = row["predicted_a_year"] * hours / poisson.HOURS_A_YEAR
    return "agree" if expected >= 1 or row["believed_failed_a_year"]["count"] else "too rare here to tell"


def _sum(study: Study, ber: float) -> str:
    it = forecast_plain.of_noise(study, ber)
    moved = it["false_failovers_a_year"]
    begin = f"BER {ber:g}, {it['hours']:g} h: "
    if not it["believed_failed"]:
        return f"{begin}no unit that is well was believed failed: at most {rate(moved['high'])} a year"
    text = f"{begin}a primary that is well was believed failed {count_of(it['believed_failed'], 'time')}"
    if it["held_for_a_person"]:
        text += f", {it['held_for_a_person']} of them behind noisy paths, which waits for a person"
    if not moved["count"]:
        return f"{text}; no false failover: at most {rate(moved['high'])} a year"
    limits = f"{rate(moved['low'])} to {rate(moved['high'])}"
    return f"{text}; false failovers: {moved['count']}, {rate(moved['a_year'])} a year ({limits})"


def _protection(study: Study, wish: Wish) -> list[str]:
    found = [(f"at BER {ber:g}", forecast_plain.unprotected(tally)) for ber, tally in study.noise.items()]
    if study.ordeal.worlds:
        found.append((f"with {wish.profile} faults", forecast_plain.unprotected(study.ordeal)))
    return [f"unprotected {when}: {_unprotected(it)}" for when, it in found]


def _unprotected(it: dict[str, Any]) -> str:
    if not it["share"]:
        return "at no time"
    by = [f"{share(part)} {name}" for name, part in it["by"].items()]
    more = f"; {len(by) - CAUSES_SHOWN} more reasons" if len(by) > CAUSES_SHOWN else ""
    return f"{share(it['share'])} of the time: {'; '.join(by[:CAUSES_SHOWN])}{more}"


def _laws(study: Study, wish: Wish) -> list[str]:
    both_us = forecast_plain.both_connected_us(study)
    found = [f"LAW BROKEN: L1: two units on a line for {both_us} us without a fault"] if both_us else []
    it = forecast_plain.faults(study, wish)
    if it is None:
        why = "--faults none" if wish.profile == "none" else f"switch {study.group.switch} claims none of them"
        return [*found, f"laws: not looked at: {why}"]
    looks = sum(it["laws_looked_at"].values())
    where = f"{count_of(it['worlds'], 'world')}, {it['happened']:,} things done to them, {looks:,} looks"
    if not it["laws_broken"]:
        return [*found, f"laws broken: none ({where})"]
    for row in it["laws_broken"]:
        found.append(f"LAW BROKEN: {row['law']}; again: -c FILE --faults {wish.profile} --seed {row['seed']} --trace")
    return [*found, f"laws broken in {it['laws_broken_count']} of {where}"]


def _advice(study: Study, wish: Wish) -> list[str]:
    ber = min(wish.bers)
    if not study.neighbours:
        return [f"no neighbouring setting does better at BER {ber:g}, by what check predicts"]
    noise = forecast_plain.of_noise(study, ber)["on"] if ber in study.noise else []
    held = any(row["held"] for row in noise)
    counted = ", those that wait for a person among them" if held else ""
    return [f"what would do better, predicted at BER {ber:g}{counted}:"] + [
        f"  {_neighbour(row)}" for row in forecast_plain.of_study(study, wish)["advice"]
    ]


def _neighbour(row: dict[str, Any]) -> str:
    false, worst = row["false_failovers_a_year"], row["failover_worst_ms"]
    text = f"{row['setting']}: false failovers {rate(false[0])} -> {rate(false[1])} a year"
    text += f", failover worst {worst[0]:.1f} -> {worst[1]:.1f} ms" if worst[0] != worst[1] else ", failover no later"
    it = row["simulated"]
    if it is None:
        return text
    believed = it["believed_failed_a_year"]
    found = f"false ones {rate(believed['a_year'])} ({rate(believed['low'])} to {rate(believed['high'])}) a year"
    if not believed["count"]:
        found = f"no false one, at most {rate(believed['high'])} a year"
    longest = (
        f"longest of {it['trials']} failovers {it['failover_ms']['longest']:.1f} ms, " if it["failover_ms"] else ""
    )
    return f"{text}; simulated: {longest}{found}; unprotected {_share_of(it)}"


def _share_of(it: dict[str, Any]) -> str:
    part = it["unprotected"]["share"]
    return f"{share(part)} of the time" if part else "at no time"
