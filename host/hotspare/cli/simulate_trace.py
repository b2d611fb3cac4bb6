"""`hotspare simulate --trace`: one run again, as a story in order of time, with the picture that `log` draws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hotspare.cli import exits
from hotspare.cli.common import print_json
from hotspare.errors import UsageMistake

if TYPE_CHECKING:
    from hotspare.simulator.hunt import Quarry
    from hotspare.simulator.run import Run
    from hotspare.simulator.schedule import Action
    from hotspare.simulator.story import Story


PICTURE_ENDING = ".svg"


def verify_picture(path: Path | None) -> None:
    """Raise UsageMistake for a file in which no picture can be drawn, before anything is simulated."""
    if path is None:
        return
    if path.suffix.lower() != PICTURE_ENDING:
        raise UsageMistake(f"--trace with --plot draws {PICTURE_ENDING}: {path} ends otherwise")
    if not path.parent.is_dir():
        raise UsageMistake(f"--plot {path}: there is no folder {path.parent}")


def trace(run: Run, quarry: Quarry | None, picture_path: Path | None, as_json: bool) -> int:
    """Do a run and tell its story; return the exit code. `quarry`, if told, shortens the schedule that broke a law."""
    from hotspare.simulator.story import Story

    result = run.run()
    shortest = quarry.shortest(result) if quarry is not None and result.broken else None
    story = Story(run)
    try:
        if as_json:
            print_json(as_plain(run, story, shortest))
        else:
            for line in _lines(run, story, shortest):
                click.echo(line)
        if picture_path is not None:
            _draw(story, picture_path, as_json)
    finally:
        story.close()
    return exits.FAILED if result.broken else exits.OK


def as_plain(run: Run, story: Story, shortest: list[Action] | None) -> dict[str, Any]:
    """Return a run as JSON carries it; times in ms: of a schedule since the group was armed, else since all began."""
    result = run.result
    return {
        "seed": run.seed,
        "configuration": run.text,
        "keyed": run.keyed,
        "schedule": [_action(it) for it in run.actions],
        "shortest": None if shortest is None else [_action(it) for it in shortest],
        "law_broken": result.broken or None,
        "laws_looked_at": dict(result.laws),
        "story": [{"at_ms": round(at_ms, 3), "what": what} for at_ms, what in story.rows()],
    }


def _action(action: Action) -> dict[str, Any]:
    return {"at_ms": action.at_ms, "verb": action.verb, **action.arguments}


def _lines(run: Run, story: Story, shortest: list[Action] | None) -> list[str]:
    from hotspare.history import chart

    result = run.result
    lines = ["# the world", "", run.text] if run.text else []
    lines += ["# what was done to it, since it was armed", ""]
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
