"""The picture of a forecast: failover times beside their limits, false failovers by bit error rate; writes one file.

Needs matplotlib, which the extra `plot` brings.
"""

from __future__ import annotations

import importlib.util
import io
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hotspare.errors import UsageMistake
from hotspare.simulator import noisy, poisson, trials
from hotspare.simulator.forecast import Study, Wish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDINGS = (".svg", ".png")
EXTRA = "pip install 'hotspare[plot]'"
WIDTH_INCHES, HEIGHT_INCHES = 12.0, 5.4
DECADE_STEPS = 10  # of a predicted line
NONE_SEEN = "v"  # a count of none is drawn as its upper limit, pointing down
BESIDE = 1.05  # so that points of one bit error rate do not hide one another
LEAST_A_YEAR = 1e-3  # the axis ends there
CAUSES_DRAWN = 12
COLOURS = ("tab:blue", "tab:orange", "tab:green", "tab:purple")

Draw = Callable[[Sequence[Study], Wish], None]


def prepare(path: Path) -> Draw:
    """Return what draws into the file; raises UsageMistake if that can not be, before anything is simulated."""
    if path.suffix.lower() not in ENDINGS:
        raise UsageMistake(f"--plot draws {' or '.join(ENDINGS)}: {path} ends otherwise")
    if importlib.util.find_spec("matplotlib") is None:
        raise UsageMistake(f"--plot needs matplotlib, which is not installed: {EXTRA}")
    if path.exists() and not path.is_file():
        raise UsageMistake(f"{path} can not be written: it is no file")
    is_new = not path.exists()
    try:
        path.open("ab").close()
        if is_new:
            path.unlink()  # nothing is left of the trial
    except OSError as error:
        raise _unwritable(path, error) from None
    return lambda studies, wish: _write(path, studies, wish)


def _unwritable(path: Path, error: OSError) -> UsageMistake:
    return UsageMistake(f"{path} can not be written: {(error.strerror or str(error)).lower()}")


def _write(path: Path, studies: Sequence[Study], wish: Wish) -> None:
    picture = draw(studies, wish, path.suffix.lower().removeprefix("."))
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise _unwritable(path, error) from None


def draw(studies: Sequence[Study], wish: Wish, form: str) -> bytes:
    """Return the picture as SVG or PNG: a row for each group."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    mpl.rcParams["svg.hashsalt"] = "hotspare"  # the same forecast is the same file
    figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES * len(studies)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(studies), 2, squeeze=False)
    for (left, right), study in zip(axes, studies, strict=True):
        _failovers(left, study)
        _noise(right, study, wish)
    out = io.BytesIO()
    figure.savefig(out, format=form, dpi=110, metadata={"Date": None} if form == "svg" else None)
    return out.getvalue()


def _failovers(axes: Axes, study: Study) -> None:
    """A cumulative line for each cause, and its limit in the same colour."""
    axes.set_title(f"{study.group.name}: failover, cause to the spare's contact")
    by_cause: dict[trials.Cause, list[float]] = {}
    for it in study.trials:
        if it.failover_ms is not None:
            by_cause.setdefault(it.cause, []).append(it.failover_ms)
    for number, (cause, found) in enumerate(list(by_cause.items())[:CAUSES_DRAWN]):
        colour = f"C{number % 10}"
        ordered = sorted(found)
        shares = [100 * (place + 1) / len(ordered) for place in range(len(ordered))]
        axes.step([ordered[0], *ordered], [0, *shares], where="post", color=colour, label=cause.name)
        axes.axvline(trials.limit_ms(study.group, cause), color=colour, linestyle="--", linewidth=1)
    if not by_cause:
        axes.text(0.5, 0.5, "no failover was timed", ha="center", transform=axes.transAxes)
        return
    axes.plot([], [], color="grey", linestyle="--", label="limits of check")
    axes.set(xlabel="ms", ylabel="% of the trials within", xlim=(0, None), ylim=(0, 105))
    _finish(axes)


def _noise(axes: Axes, study: Study, wish: Wish) -> None:
    """What `check` predicts as lines, what was simulated as points with the limits of 95 %."""
    axes.set_title(f"{study.group.name}: silenced by noise, a year")
    hold_off_ms = study.group.setting("hold_off_ms")
    bers = _around(list(study.noise) or list(wish.bers))
    last = len(study.group.primaries) - 1
    lowest = LEAST_A_YEAR
    for number, (row, colour) in enumerate(zip(noisy.rows_of(study.group), COLOURS, strict=False)):
        axes.plot(bers, [row.a_year(ber, hold_off_ms) for ber in bers], color=colour, label=f"{row.name}, check")
        for ber, tally in study.noise.items() if row.simulated else ():
            found = poisson.rate(tally.count(row.shows, last), tally.hours)
            lowest = min(lowest, found.low or lowest)
            _point(axes, ber * BESIDE**number, found, colour)
    axes.plot([], [], "o", color="grey", label="simulated, 95 %")
    axes.plot([], [], NONE_SEEN, color="grey", label="none seen: at most")
    axes.set(xscale="log", yscale="log", xlabel="bit error rate", ylabel="a year", ylim=(lowest, None))
    _finish(axes)


def _finish(axes: Axes) -> None:
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, frameon=False)


def _point(axes: Axes, ber: float, found: poisson.Rate, colour: str) -> None:
    if not found.count:
        axes.plot([ber], [found.high], NONE_SEEN, color=colour)
        return
    reach: Any = [[found.a_year - found.low], [found.high - found.a_year]]
    axes.errorbar([ber], [found.a_year], yerr=reach, fmt="o", color=colour, capsize=4)


def _around(bers: list[float]) -> list[float]:
    least, most = min(bers) / 10, min(0.1, max(bers) * 10)
    steps = max(1, round(DECADE_STEPS * math.log10(most / least)))
    return [least * (most / least) ** (step / steps) for step in range(steps + 1)]
