"""`hotspare simulate`: what a configuration does when units fail, cables are noisy and bad things happen."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import exits
from hotspare.cli.common import (
    FilePath,
    config_option,
    console,
    directory_option,
    group_argument,
    json_option,
    print_json,
)
from hotspare.cli.signals import Interrupted, interruptible

if TYPE_CHECKING:
    from hotspare.simulator.forecast import Study, Task, Wish

HOURS = 1.0
HOURS_MAX = 100_000.0
SEEDS_MAX = 1_000_000
SEED_MAX = (1 << 31) - 1
TRIALS = 100
TRIALS_MAX = 100_000
BER_LEAST, BER_MOST = 1e-12, 0.1
BERS = (1e-3, 1e-4)  # unless told
PLOTTED_BERS = (1e-3, 3e-4, 1e-4)
PROFILES = ("none", "rare", "dense")
ASSUMED, DREADED = "rare", "dense"  # of a file, of the world that a seed draws
MEASURES = ("seed", "profile", "seeds", "hours")


class Within(click.FloatRange):
    """A number within its range: NaN, which no bound keeps out, is in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        found = super().convert(value, param, ctx)
        if math.isnan(found):
            self.fail(f"{found} is not in the range {self._describe_range()}.", param, ctx)
        return found


@click.command(name="simulate")
@config_option
@directory_option
@group_argument
@click.option(
    "--hours",
    metavar="H",
    type=Within(0, HOURS_MAX, min_open=True),
    help=f"Simulated time at each bit error rate, and again with faults.  [default: {HOURS:g}]",
)
@click.option(
    "--seeds", metavar="N", type=click.IntRange(1, SEEDS_MAX), help="The same in worlds of five minutes, one a seed."
)
@click.option(
    "--ber",
    metavar="X",
    type=Within(BER_LEAST, BER_MOST),
    help=f"Bit error rate on every cable.  [default: {' and '.join(f'{ber:g}' for ber in BERS)}]",
)
@click.option(
    "--faults",
    "profile",
    metavar="PROFILE",
    type=click.Choice(PROFILES),
    default=ASSUMED,
    show_default=True,
    help=f"How often something bad happens: {', '.join(PROFILES)}.",
)
@click.option(
    "--trials",
    metavar="N",
    type=click.IntRange(1, TRIALS_MAX),
    default=TRIALS,
    show_default=True,
    help="For each cause.",
)
@click.option(
    "--seed", metavar="N", type=click.IntRange(0, SEED_MAX), default=0, show_default=True, help="The first one."
)
@click.option(
    "--trace", is_flag=True, help="Tell the story of one world: the seed's own, or that of a file named with -c."
)
@click.option("--explore", is_flag=True, help="Search all short schedules of faults for one that breaks a law.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 64), help="Processes at once.  [default: one a core]")
@click.option("--plot", "plot_path", metavar="FILE", type=FilePath(), help="Draw it, as .svg or .png.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    config_path: Path,
    directory: Path | None,
    group_name: str | None,
    hours: float | None,
    seeds: int | None,
    ber: float | None,
    profile: str,
    trials: int,
    seed: int,
    trace: bool,
    explore: bool,
    jobs: int | None,
    plot_path: Path | None,
    as_json: bool,
) -> int:
    """Simulate the rig of the file: failover times, false failovers, laws.

    Runs the firmware as it is under the rig's models, in virtual time, each group alone: failovers of every cause that
    `check` lists, beside its limits; noise on every cable, and how often a unit that is well is believed failed, beside
    what `check` predicts; faults of every kind, with the laws looking on; how long no failover was possible, and why.
    Then it says which settings would do better and by how much. No board is touched. The exit code is 1 if a law was
    broken or a failover came later than its limit.

    With --trace it tells what happens in one world, event by event, as it did when a law was broken there; --plot draws
    its last switch as `log` does. With --explore no file is read: boards of small groups of each kind go through every
    schedule of faults, frames and orders, shortest first.
    """
    if explore:
        return _explore(context, jobs, as_json)
    from hotspare.cli import forecast_plain, forecast_text
    from hotspare.configuration import load
    from hotspare.simulator import forecast, noisy, workers

    if hours is not None and seeds is not None:
        raise click.UsageError("--hours and --seeds both say how much to simulate: leave one out")
    if trace:
        return _trace(context, seed, profile, seeds, hours, plot_path, as_json)
    configuration = load(config_path, directory)
    groups = list(configuration.groups) if group_name is None else [configuration.group(group_name)]
    draw = _plotter(plot_path)
    worlds, span_ms = (seeds, noisy.SPELL_MS) if seeds is not None else forecast.for_hours(hours or HOURS)
    bers = (ber,) if ber is not None else (PLOTTED_BERS if draw is not None else BERS)
    wish = forecast.Wish(worlds, span_ms, bers, profile, trials, seed, jobs or workers.cores())
    studies = forecast.studies(_tables(config_path), configuration, groups, wish)
    todo = forecast.tasks(configuration, studies, wish)
    try:
        with interruptible():
            _simulate(studies, todo, wish)
    except Interrupted:
        raise click.Abort from None
    if as_json:
        print_json(forecast_plain.as_plain(configuration, studies, wish))
    else:
        forecast_text.show(console(), configuration, studies, wish)
    if draw is not None:
        draw(studies, wish)
        if not as_json:
            click.echo(f"drawn: {plot_path}")
    return exits.OK if all(forecast_plain.is_kept(study) for study in studies) else exits.FAILED


def _is_said(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def _refuse(context: click.Context, option: str, goes_with: tuple[str, ...]) -> None:
    """Raise UsageError for what was said and means nothing beside `option`."""
    for param in context.command.params:
        if param.name is not None and param.name not in goes_with and _is_said(context, param.name):
            raise click.UsageError(f"{option} does not go with {param.opts[-1]}")


def _explore(context: click.Context, jobs: int | None, as_json: bool) -> int:
    from hotspare.simulator import workers
    from hotspare.simulator.explorer import run

    _refuse(context, "--explore", ("explore", "jobs", "as_json"))
    report = run.explore_all(processes=jobs or workers.cores())
    click.echo(report.as_json() if as_json else report.as_text(), nl=as_json)
    return exits.FAILED if report.faults() else exits.OK


def _trace(
    context: click.Context,
    seed: int,
    profile: str,
    seeds: int | None,
    hours: float | None,
    plot_path: Path | None,
    as_json: bool,
) -> int:
    from hotspare.cli import simulate_trace
    from hotspare.configuration import load
    from hotspare.simulator import forecast, noisy, ordeals
    from hotspare.simulator.hunt import Quarry
    from hotspare.simulator.site import alone

    simulate_trace.verify_picture(plot_path)
    if not _is_said(context, "config_path"):
        both = ("trace", "seed", "profile", "plot_path", "as_json")
        _refuse(context, "--trace without -c", both)
        quarry = Quarry(profile if _is_said(context, "profile") else DREADED)
        return simulate_trace.trace(quarry.run(seed), quarry, plot_path, as_json)
    _refuse(context, "--trace", ("trace", "config_path", "directory", "group_name", *MEASURES, "plot_path", "as_json"))
    if hours is not None and seeds is not None:
        raise click.UsageError("--hours and --seeds both say how much to simulate: leave one out")
    whole = load(context.params["config_path"], context.params["directory"])
    name = context.params["group_name"]
    found = alone(whole, whole.group(name) if name is not None else whole.groups[0])
    span_ms = noisy.SPELL_MS if seeds is not None else forecast.for_hours(hours or HOURS)[1]
    return simulate_trace.trace(ordeals.run_of(found, profile, seed, span_ms), None, plot_path, as_json)


def _tables(path: Path) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(path.read_text("utf-8-sig"))


def _plotter(path: Path | None) -> Any:
    """Return what draws into the file, None without one; raises if it can not be drawn."""
    if path is None:
        return None
    from hotspare.simulator import picture

    return picture.prepare(path)


def _simulate(studies: Sequence[Study], todo: Sequence[Task], wish: Wish) -> None:
    from hotspare.simulator import forecast

    with _bar() as show:
        for share in forecast.simulate(list(studies), list(todo), wish.jobs):
            show(share)


@contextmanager
def _bar() -> Iterator[Any]:
    """Show how far it is, on a terminal only."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    out = Console(stderr=True)
    if not out.is_terminal:
        yield lambda share: None
        return
    columns = TextColumn("simulating"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn()
    with Progress(*columns, console=out, transient=True) as progress:
        bar = progress.add_task("", total=1.0)
        yield lambda share: progress.update(bar, completed=share)
