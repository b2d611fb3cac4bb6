"""The report of an exploration: figures, laws, assumptions and counterexample, as text for documents and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from hotspare.simulator.explorer.assumptions import assumptions
from hotspare.simulator.explorer.search import Findings
from hotspare.simulator.explorer.setups import SETUPS, UNPROVEN

# what a law is called here, and what was looked at; each is put to the test in every setup that is to be safe
LAWS = (
    ("L1", "a line has one unit at most, and a unit one line: by the true contacts, whatever read-backs say"),
    ("L2", "nothing is energised on an unproven isolation"),
    ("L3", "never onto a unit known dead or out, unless forced in so many words"),
    ("L4", "a line on a failed unit is alarmed"),
    ("L4 at rest", "when all faults have ended, a line has a unit that is well, or an alarm stands"),
    ("L5", "a failure is acted on within the budget, unless a named inhibitor stands"),
    ("L6", "no repeated, late or foreign beat counts"),
    ("L8", "no coil is energised but by the engine's command, and by none before contacts and spare were heard"),
    ("L10", "nothing automatic goes to a unit not known ok, nor without the autonomy to do so"),
    ("L11", "a failover that is wanted and not done is alarmed and named"),
    ("coil", "a coil keeps each command for its least time"),
    ("heard", "a beat of the session that is newer than all before it is heard"),
    ("held", "a hold has a fault, and so an exit"),
    ("alarms", "the alarms that stand are those that are found"),
    ("outbox", "nothing that the engine wants is lost"),
    ("firmware", "no step raises an exception, is incomplete, or asks for another one without end"),
)


@dataclass
class Report:
    """What all searches found."""

    findings: list[Findings] = field(default_factory=list)
    seconds: float = 0.0
    processes: int = 1

    @property
    def states(self) -> int:
        """How many states of setups that are to be safe are known."""
        return sum(found.states for found in self.safe())

    def safe(self) -> list[Findings]:
        """Return what was found in setups that are to be safe."""
        return [found for found in self.findings if found.setup != UNPROVEN.name]

    def faults(self) -> list[str]:
        """Return what is wrong, a line each: a law broken or never tested, a counterexample that was not found."""
        found = [f"{one.setup}: {one.broken}" for one in self.safe() if one.broken]
        for one in self.safe():
            found += [f"{one.setup}: {law} was never put to the test" for law, _ in LAWS if _is_idle(one, law)]
        for one in self.findings:
            if one.setup == UNPROVEN.name and not one.broken:
                found.append(f"{one.setup}: no schedule was found that connects two units, so the search sees nothing")
        return found

    def as_json(self) -> str:
        """Return everything as JSON."""
        whole = {
            "states": self.states,
            "seconds": round(self.seconds, 1),
            "processes": self.processes,
            "faults": self.faults(),
            "findings": [asdict(found) for found in self.findings],
            "assumptions": assumptions(),
        }
        return json.dumps(whole, indent=1)

    def as_text(self) -> str:
        """Return it as Markdown, as docs/safety.md quotes it."""
        lines = ["| group | states | transitions | steps | all schedules with | broken |", "|---|--:|--:|--:|---|---|"]
        for found in self.findings:
            broken = found.broken.partition(" at ")[0] if found.broken else "none"
            row = (found.setup, f"{found.states:,}", f"{found.transitions:,}", found.depth, _whole(found), broken)
            lines.append("| " + " | ".join(map(str, row)) + " |")
        cpu_s = sum(found.cpu_s for found in self.findings)
        took = f"{self.seconds:.0f} s with {self.processes} processes, which had {cpu_s:.0f} s of processor time"
        lines += ["", f"{self.states:,} states in {took}."]
        lines += ["", "| law | looks | what is looked at |", "|---|--:|---|"]
        for law, what in LAWS:
            looks = sum(found.laws.get(law, 0) for found in self.safe())
            lines.append(f"| {law} | {looks:,} | {what} |")
        lines += ["", "Assumptions:", "", *[f"- {one}" for one in assumptions()]]
        for found in self.findings:
            if found.broken:
                lines += ["", f"{found.setup}: {found.broken}", "", *[f"    {step}" for step in found.schedule]]
        wrong = self.faults()
        return "\n".join([*lines, "", *([f"wrong: {one}" for one in wrong] or ["No law is broken."])]) + "\n"


def _is_idle(found: Findings, law: str) -> bool:
    return not found.laws.get(law) and law not in SETUPS[found.setup].idle


def _whole(found: Findings) -> str:
    if found.whole < 1:
        return "no fault" if found.whole == 0 else "-"
    return f"{found.whole} fault{'s' if found.whole > 1 else ''} or ask{'s' if found.whole > 1 else ''}"
