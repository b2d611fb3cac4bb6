"""What the acting commands share: they ask, wait, and say what came of it in a sentence or in JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from hotspare import durations
from hotspare.cli import asker, complain, exits, output
from hotspare.cli.common import Text, print_json
from hotspare.cli.signals import interruptible
from hotspare.errors import UsageMistake

if TYPE_CHECKING:
    from hotspare.acting import Result, Wish
    from hotspare.configuration import Group

OUT_OF_USE_S = 2 * 3600  # maintenance that nobody ends is how redundancy is lost unnoticed

ID_MAX = 0xFFFF

dry_option = click.option("--dry-run", is_flag=True, help="Say what would come of it and do nothing.")
drop_option = click.option("--drop-service", is_flag=True, help="Accept that nobody carries the line.")
haste_option = click.option("--no-drain", is_flag=True, help="Ask nobody to drain first, whatever drain_s says.")
for_option = click.option(
    "--for",
    "duration",
    metavar="DURATION",
    type=Text(),
    help=f"As in 90s, 2h, 1h30m; 1s to {durations.show(durations.SECONDS_MAX)}.  "
    f"[default: {durations.show(OUT_OF_USE_S)}]",
)
until_option = click.option("--until-cleared", is_flag=True, help="Without an end of its own.")


class Id(click.ParamType[int]):
    """The id of something that stands or is pending."""

    name = "id"
    hint = "hotspare status shows what is pending"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the id."""
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(ID_MAX)):
            number = int(value)
            if 0 < number <= ID_MAX:
                return number
        self.fail(f"{value!r} is no id: {self.hint}", param, ctx)


def answer(group: Group, request: int, word: str, ident: int, dry_run: bool, as_json: bool) -> int:
    """Approve or reject what is pending."""

    def wish(status: dict[str, Any]) -> Wish:
        from hotspare.acting import Wish
        from hotspare_engine import words as w

        return Wish(request, ident=ident, flags=w.DRY if dry_run else 0)

    return run(group, f"{word} {ident} of {group.name}", wish, as_json)


def seconds_of(duration: str | None, until_cleared: bool) -> int:
    """Return how long something is to stand, 0 for until cleared."""
    if duration is not None and until_cleared:
        raise click.UsageError("--for and --until-cleared exclude one another: give one")
    if until_cleared:
        return 0
    try:
        return durations.parse(duration) if duration is not None else OUT_OF_USE_S
    except UsageMistake as error:
        raise UsageMistake(f"--for {error}") from None


def run(group: Group, what: str, wish_of: Callable[[dict[str, Any]], Wish], as_json: bool) -> int:
    """Ask, wait and tell; `what` begins the sentence."""
    from hotspare import acting

    with interruptible(KeyboardInterrupt):
        result = acting.ask(group, wish_of, asker.opening())
    output.acted()
    if as_json:
        print_json(result.as_plain())
    elif not result.refused:
        click.echo(sentence(what, result))
    if not result.as_file:
        complain(f"{group.controller} runs another configuration than the file: hotspare configure {group.controller}")
    if result.refused:
        complain(f"{what} {result.reason()}")
        return exits.FAILED
    return exits.OK


def sentence(what: str, result: Result) -> str:
    """Return what came of a wish that was not refused."""
    from hotspare import wording
    from hotspare_engine import words as w

    reply = result.reply
    if result.wish.is_dry and result.wish.request != w.EXER:
        would = "would be done" if reply["verdict"] != w.NOTHING else "nothing to do"
        if result.extended and result.wish.request in (w.OUT, w.LO):
            would = f"stands already as id {reply['id']}; would then stand {_how_long(result.wish.seconds)}"
        return f"{what}: {would}"
    if result.extended and result.wish.request in (w.OUT, w.LO):
        return f"{what}: done; stood already as id {reply['id']}, stands {_how_long(result.wish.seconds)}"
    if result.wish.request == w.EXER:
        return f"{what}: {_exercised(result)}"
    parts = [wording.verdict_name(reply["verdict"])]
    if reply["verdict"] == w.STANDS:
        parts[0] += f" by {', '.join(wording.inhibitor_names(reply['inhibitors']))}"
    if result.moved:
        parts.append(f"{', '.join(result.moved)}, {reply['took_ms']} ms from decision to contact")
    elif reply["verdict"] != w.NOTHING and result.wish.request not in (w.ARM, w.DISARM, w.REJECT):
        parts.append("no contact moved")
    if any(row["id"] == reply["id"] for row in result.standing):
        parts.append(f"stands as id {reply['id']}, {_how_long(result.wish.seconds)}")
    if result.wish.request not in (w.CLEAR, w.CLEAR_RELAY, w.CLEAR_SPARE):
        parts += [f"ended id {row['id']} ({wording.request_meaning(row['request'])})" for row in result.ended]
    return f"{what}: " + "; ".join(parts)


def _exercised(result: Result) -> str:
    from hotspare import wording

    reply = result.reply
    unit = result.group.units[reply["unit"] - 1]
    onto = result.group.spare if unit.name != result.group.spare else ", ".join(result.group.primaries)
    parts = [f"if {unit.name} failed now, its load would go to {onto}"]
    if reply["inhibitors"]:
        parts.append(f"first: {', '.join(wording.inhibitor_names(reply['inhibitors']))}")
    if reply["took_ms"]:
        parts.append(f"{result.group.spare} was started and heard within {reply['took_ms']} ms, and stands by again")
    return "; ".join([*parts, "no contact moved"])


def _how_long(seconds: int) -> str:
    return f"for {durations.show(seconds)} from now" if seconds else "until cleared"
