"""`hotspare simulate --trace`: one run again, as a story in order of time, with the picture that `log` draws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import exits
from hotspare.cli.common import print_json

if TYPE_CHECKING:
    from hotspare.simulator.run import Run
    from hotspare.simulator.schedule import Action
    from hotspare.simulator.story import Story


def trace(run: Run, shortest: list[Action] | None, picture_path: Path | None, as_json: bool) -> int:
    """Do a run and tell its story, with the shortest schedule of one that broke a law; return the exit code."""
    from hotspare.simulator.story import Story

    result = run.run()
    story = Story(run)
    try:
        if as_json:
            print_json(as_plain(run, story))
        else:
            for line in _lines(run, story, shortest):
                click.echo(line)
        if picture_path is not None:
            _draw(story, picture_path, as_json)
    finally:
        story.close()
    return exits.FAILED if result.broken else exits.OK


def as_plain(run: Run, story: Story) -> dict[str, Any]:
    """Return a run as JSON carries it; times in ms since the site began."""
    result = run.result
    return {
        "seed": run.seed,
        "configuration": run.text,
        "keyed": run.keyed,
        "schedule": [{"at_ms": it.at_ms, "verb": it.verb, **it.arguments} for it in run.actions],
        "law_broken": result.broken or None,
        "laws_looked_at": dict(result.laws),
        "story": [{"at_ms": round(at_ms, 3), "what": what} for at_ms, what in story.rows()],
    }


def _lines(run: Run, story: Story, shortest: list[Action] | None) -> list[str]:
    from hotspare.history import chart

    result = run.result
    lines = ["# the world", "", run.text, "# what was done to it, after it was armed", ""]
    lines += [str(action) for action in run.actions] or ["nothing"]
    lines += ["", "# what came of it, since the site began", "", *story.lines()]
    picture = story.picture()
    if picture is not None:
        lines += ["", "# the last switch", "", *chart.draw(picture)]
    lines += ["", f"law broken: {result.broken or 'none'}"]
    if shortest is not None:
        lines += ["", "the shortest schedule that was found to break it too:", *[str(action) for action in shortest]]
    return lines


def _draw(story: Story, path: Path, quiet: bool) -> None:
    from hotspare.history import svg

    picture = story.picture()
    if picture is None:
        click.echo("no picture: nothing was switched", err=True)
        return
    path.write_text(svg.draw(picture), encoding="utf-8")
    if not quiet:
        click.echo(f"drawn: {path}")
