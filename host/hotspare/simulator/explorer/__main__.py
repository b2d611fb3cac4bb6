"""python -m hotspare.simulator.explorer: explore, print what was found, end with 1 if anything is wrong."""

from __future__ import annotations

import sys

import click

from hotspare.simulator.explorer.run import PROCESSES, SECONDS, STATES, explore_all
from hotspare.simulator.explorer.setups import SETUPS


@click.command()
@click.option("--kind", type=click.Choice(list(SETUPS)), multiple=True, help="What is explored; all if not given.")
@click.option("--states", default=STATES, show_default=True, help="States after which it ends, of all kinds together.")
@click.option("--seconds", default=SECONDS, show_default=True, help="Time after which it ends.")
@click.option("--processes", default=PROCESSES, show_default=True, help="Searches at a time.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(kind: tuple[str, ...], states: int, seconds: float, processes: int, as_json: bool) -> None:
    """Search every short schedule of faults, frames and asks for one that breaks a law."""
    report = explore_all(states, seconds, processes, kind)
    click.echo(report.as_json() if as_json else report.as_text(), nl=False)
    sys.exit(1 if report.faults() else 0)


if __name__ == "__main__":
    main()
