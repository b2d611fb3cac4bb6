"""A forecast as plain data: the fields of `hotspare simulate --json`, from which the text is written too; no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotspare import noise
from hotspare.configuration import Configuration
from hotspare.simulator import noisy, poisson, trials
from hotspare.simulator.forecast import Study, Wish
from hotspare.simulator.noisy import Tally
from hotspare.simulator.site import CHIP
from hotspare.simulator.trials import Cause, Trial

P99 = 0.99
SHOWN_BROKEN = 10  # laws broken that are told with their words


def as_plain(configuration: Configuration, studies: Sequence[Study], wish: Wish) -> dict[str, Any]:
    """Return everything that was found."""
    return {
        "file": str(configuration.path),
        "seed": wish.seed,
        "hours": wish.hours,
        "trials": wish.trials,
        "faults": wish.profile,
        "chip": {
            "boot_ms": CHIP.boot_us / 1000,
            "latency_ms": CHIP.latency_us / 1000,
            "collection_ms": CHIP.collect_us / 1000,
        },
        "kept": all(is_kept(study) for study in studies),
        "groups": {study.group.name: of_study(study, wish) for study in studies},
    }


def of_study(study: Study, wish: Wish) -> dict[str, Any]:
    """Return what was found of one group."""
    return {
        "never_well": study.never_well or None,
        "failovers": failovers(study),
        "noise": [of_noise(study, ber) for ber in study.noise],
        "faults": faults(study, wish),
        "advice": [
            {
                "setting": it.what,
                "false_failovers_a_year": [study.now.false_a_year, it.figures.false_a_year],
                "failover_worst_ms": [study.now.worst_ms, it.figures.worst_ms],
                "bit_error_rate": min(wish.bers),
                "simulated": tried(study, it.what, min(wish.bers)),
            }
            for it in study.neighbours
        ],
    }


def is_kept(study: Study) -> bool:
    """Return whether no law was broken, and every failover came within its limit."""
    late = any(row["beyond"] or row["not_done"] for row in failovers(study))
    return not (late or study.ordeal.broken or study.never_well or both_connected_us(study))


def both_connected_us(study: Study) -> int:
    """Return the longest time that a line had two units, where the switch claims that it never has."""
    found = [it.both_connected_us for it in study.trials] + [it.both_connected_us for it in study.noise.values()]
    return max(found, default=0) if study.group.switch != "unproven" else 0


# -- failovers ----------------------------------------------------------------------------------------------------


def failovers(study: Study) -> list[dict[str, Any]]:
    """Return a row for each cause."""
    by_cause: dict[Cause, list[Trial]] = {}
    for it in study.trials:
        by_cause.setdefault(it.cause, []).append(it)
    return [_of_cause(study, cause, found) for cause, found in by_cause.items()]


def _of_cause(study: Study, cause: Cause, found: list[Trial]) -> dict[str, Any]:
    limit_ms = trials.limit_ms(study.group, cause)
    took = [it.failover_ms for it in found if it.failover_ms is not None]
    missing = [it for it in found if it.failover_ms is None]
    return {
        "cause": cause.name,
        "trials": len(found),
        "detection_ms": _spread([it.detected_ms for it in found if it.detected_ms is not None]),
        "detection_limit_ms": {"median": round(cause.median_ms, 3), "worst": round(cause.worst_ms, 3)},
        "failover_ms": _spread(took),
        "failover_limit_ms": round(limit_ms, 3),
        "beyond": sum(ms > limit_ms for ms in took),
        "not_done": len(missing),
        "held_back_by": sorted({it.held for it in missing}),
        "late_seeds": [it.seed for it in found if it.failover_ms is None or it.failover_ms > limit_ms][:SHOWN_BROKEN],
    }


def _spread(values: list[float]) -> dict[str, float] | None:
    if not values:
        return None
    shares = (("median", 0.5), ("p99", P99), ("longest", 1.0))
    return {name: round(poisson.quantile(values, share), 3) for name, share in shares}


# -- noise --------------------------------------------------------------------------------------------------------


def of_noise(study: Study, ber: float) -> dict[str, Any]:
    """Return what noise of a bit error rate did, beside what is predicted."""
    tally, group = study.noise[ber], study.group
    last = len(group.primaries) - 1
    believed = sum(tally.believed.values())
    return {
        "bit_error_rate": ber,
        "hours": tally.hours,
        "on": [_of_row(study, row, tally, ber) for row in noisy.rows_of(group)],
        "of": group.primaries[last],
        "believed_failed": believed,
        "held_for_a_person": tally.doubted,
        "moved": tally.moved,
        "spare_believed_failed": tally.spare,
        "false_failovers_a_year": of_rate(tally.moved, tally.hours),
        "both_connected_us": tally.both_connected_us,
        "unprotected": unprotected(tally),
    }


def _of_row(study: Study, row: noisy.Row, tally: Tally, ber: float) -> dict[str, Any]:
    predicted = row.a_year(ber, study.group.setting("hold_off_ms"))
    count = tally.count(row.shows, len(study.group.primaries) - 1)
    return {
        "on": row.name,
        "predicted_a_year": predicted,
        "held": noise.is_held(study.group, row.paths, ber),
        "believed_failed_a_year": of_rate(count, tally.hours),
        "comparable": row.simulated,
        "agrees": poisson.rate(count, tally.hours).agrees(predicted) if row.simulated else None,
    }


def of_rate(count: int, hours: float) -> dict[str, Any]:
    """Return a rate with its limits."""
    found = poisson.rate(count, hours)
    return {"count": count, "a_year": found.a_year, "low": found.low, "high": found.high}


# -- protection and faults ----------------------------------------------------------------------------------------


def unprotected(it: Any) -> dict[str, Any]:
    """Return in which share of time no failover was possible, and what kept it from being."""
    causes = noisy.causes(it.held, it.looks) if it.looks else {}
    return {"share": sum(it.held.values()) / it.looks if it.looks else 0.0, "by": causes}


def faults(study: Study, wish: Wish) -> dict[str, Any] | None:
    """Return what ordeals came to, None without any."""
    it = study.ordeal
    if not it.worlds:
        return None
    return {
        "profile": wish.profile,
        "worlds": it.worlds,
        "hours": it.ms / 3_600_000,
        "happened": it.happened,
        "switches": it.switches,
        "laws_looked_at": dict(sorted(it.laws.items())),
        "laws_broken": [{"seed": seed, "law": it.broken[seed]} for seed in sorted(it.broken)][:SHOWN_BROKEN],
        "laws_broken_count": len(it.broken),
        "unprotected": unprotected(it),
    }


# -- neighbours ---------------------------------------------------------------------------------------------------


def tried(study: Study, what: str, ber: float) -> dict[str, Any] | None:
    """Return what the simulation of a neighbour found, None if it was not simulated."""
    it = study.tried.get(what)
    if it is None or ber not in it.noise:
        return None
    took = [trial.failover_ms for trial in it.trials if trial.failover_ms is not None]
    tally = it.noise[ber]
    return {
        "trials": len(it.trials),
        "failover_ms": _spread(took),
        "believed_failed_a_year": of_rate(sum(tally.believed.values()), tally.hours),
        "unprotected": unprotected(tally),
    }
