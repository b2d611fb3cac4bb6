"""How fast the simulator and the explorer are: processor time of a pair's time, and time to 300,000 states."""

from __future__ import annotations

import gc
import time

from hotspare import example
from hotspare.simulator import worlds
from hotspare.simulator.explorer import run as explorer
from hotspare.simulator.run import Run
from tests.benchmark.report import Report

PAIR_MS_LIMIT = 2.0  # of processor time for a second of a pair: 500 times real time
STATES, STATES_S_LIMIT = 300_000, 180.0
SEEDS = 30
PROCESSES = 2


def measure(report: Report, runs: int) -> None:
    """Measure runs of the pair of the example, 100 ms beats, dense faults, laws looked at, repair included."""
    pair = worlds.parse(example.text("pair"))
    costs, steps, simulated_s = [], 0, 0.0
    for seed in range(max(SEEDS, runs)):
        world = Run(seed, "dense", configuration=pair, keyed=False)
        gc.collect()
        gc.disable()
        begun_s = time.process_time()
        result = world.run()
        cost_s = time.process_time() - begun_s
        gc.enable()
        assert not result.broken, f"seed {seed}: {result.broken}"
        costs.append(cost_s * 1e9 / result.span_us)
        steps += result.steps
        simulated_s += result.span_us / 1e6
    report.times("simulator: processor time for a second of a pair", costs, "ms", PAIR_MS_LIMIT)
    beats = simulated_s / 0.09
    mean_us = sum(costs) / len(costs) * simulated_s * 1000 / steps
    report.note(
        f"that is {1000 / sorted(costs)[len(costs) // 2]:.0f} times real time; a beat of both boards is "
        f"{steps / beats:.1f} steps of {mean_us:.0f} us, frames, agents, relays and laws included: 2,000 times "
        f"real time would leave 45 us for a beat"
    )


def measure_explorer(report: Report, runs: int) -> None:
    """Measure how long the explorer takes for 300,000 states of all kinds that claim to be safe."""
    found = explorer.explore_all(processes=PROCESSES)
    assert not found.faults(), found.faults()
    report.figure(
        f"explorer: {STATES:,} states, {PROCESSES} processes",
        found.seconds * STATES / found.states,
        "s",
        STATES_S_LIMIT,
    )
    report.note(f"{found.states:,} states in {found.seconds:.0f} s; laws broken where isolation is claimed: none")
