"""Ordeals: a site to which bad things happen, with the laws looking on, and how long no failover was possible in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from hotspare.configuration import Configuration, Group
from hotspare.simulator.outlook import Outlook
from hotspare.simulator.run import CLAIM, Run
from hotspare.simulator.site import chip_of
from hotspare_engine import words as w


@dataclass
class Ordeal:
    """What came of ordeals; `broken` are the seeds of those that broke a law, with what was broken."""

    ms: float = 0
    worlds: int = 0
    happened: int = 0
    switches: int = 0
    broken: dict[int, str] = field(default_factory=dict)
    laws: Counter[str] = field(default_factory=Counter)  # how often each was looked at
    looks: int = 0
    held: Counter[int] = field(default_factory=Counter)

    def add(self, other: Ordeal) -> None:
        """Count what another one found too."""
        self.ms += other.ms
        self.worlds += other.worlds
        self.happened += other.happened
        self.switches += other.switches
        self.broken.update(other.broken)
        self.laws += other.laws
        self.looks += other.looks
        self.held += other.held


def is_possible(group: Group) -> bool:
    """Return whether a group can go through one: where nothing keeps two units apart, laws are not claimed to hold."""
    return group.switch in CLAIM


def run_of(
    configuration: Configuration,
    profile: str,
    seed: int,
    span_ms: int,
    armed: Callable[[Run], None] = lambda run: None,
) -> Run:
    """Return the run of an ordeal."""
    group = configuration.groups[0]
    beats = max(1, round(span_ms / (group.setting("interval_ms") * 0.9)))
    keyed = group.key is not None
    return Run(seed, profile, beats=beats, configuration=configuration, keyed=keyed, chip_of=chip_of, armed=armed)


def run(configuration: Configuration, profile: str, seed: int, span_ms: int) -> Ordeal:
    """Let one site go through it."""
    group = configuration.groups[0]
    looking: list[Outlook] = []

    def armed(run: Run) -> None:
        asks = group.setting("autonomy") in (w.ASK, w.MANUAL)
        looking.append(Outlook(run.rig.timeline, run.controller, len(group.lines), asks))
        looking[0].begin(span_ms)

    result = run_of(configuration, profile, seed, span_ms, armed).run()
    outlook = looking[0] if looking else None
    return Ordeal(
        ms=span_ms,
        worlds=1,
        happened=sum(count for verb, count in result.did.items() if not verb.startswith("not ")),
        switches=result.changes[w.SWITCHING, w.ON_SPARE],
        broken={seed: result.broken} if result.broken else {},
        laws=result.laws,
        looks=outlook.looks if outlook else 0,
        held=outlook.held if outlook else Counter(),
    )
