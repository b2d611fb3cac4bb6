"""Twins: one world with hosts that ask all its boards all the time, and the same one without any (L9); no I/O."""

from __future__ import annotations

from hotspare.session import query
from hotspare.simulator.hunt import Quarry
from hotspare.simulator.run import Run
from hotspare_wire import messages

EVERY_MS = 130  # a question to each board
PERSONS = ("ask", "approve", "pull", "clear all")  # what no host does that is not there
TOPICS = (messages.T_STATUS, messages.T_IDENTITY, messages.T_SITUATION, messages.T_LOOP, messages.T_RECORDS)


def differ(seed: int, quarry: Quarry) -> tuple[str, int]:
    """Return what units were connected at another place in the order with hosts than without, "" for nothing.

    What is said second is how many questions were asked. Times are not compared: a board that is asked looks at its
    pins at other moments.
    """
    alone, asked = (_run(seed, quarry, questions) for questions in (False, True))
    for run in (alone, asked):
        broken = run.run().broken
        if broken:
            return broken, 0
    without, beside = moves(alone), moves(asked)
    questions = sum(operator.exchanges for operator in asked.performer.operators.values())
    if without == beside:
        return "", questions
    at = next(
        (n for n, (a, b) in enumerate(zip(without, beside, strict=False)) if a != b), min(len(without), len(beside))
    )
    return f"L9: without hosts {without[at : at + 1]}, with hosts {beside[at : at + 1]} as move {at}", questions


def moves(run: Run) -> list[tuple[str, str, str]]:
    """Return what was connected and parted, in order; the bounces of a contact are one move."""
    found: list[tuple[str, str, str]] = []
    for record in run.rig.trace():
        if record.kind == "drive":
            found.append((record.name, record.event, record.detail))
    return found


def _run(seed: int, quarry: Quarry, questions: bool) -> Run:
    drawn = [action for action in quarry.run(seed).actions if action.verb not in PERSONS]
    run = quarry.run(seed, drawn)
    if questions:
        for at_ms in range(0, run.span_ms, EVERY_MS):
            run.rig.timeline.at((run.rig.timeline.now_us() // 1000 + at_ms) * 1000, _ask, run, at_ms // EVERY_MS)
    return run


def _ask(run: Run, number: int) -> None:
    for operator in run.performer.operators.values():
        operator.begin(query(TOPICS[number % len(TOPICS)]))
