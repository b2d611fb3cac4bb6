"""Shows that steps of the engine that change nothing allocate nothing, and measures them; runs on MicroPython only.

Argument: the repository's root. Prints for each kind of step what 10,000 of them allocated and the time of one in
microseconds, and what the dearest step of a whole failover and back allocated.
"""

import gc
import sys
import time

ROOT = sys.argv[1]
sys.path[:0] = [ROOT + "/protocol"]

from hotspare_engine import settings  # noqa: E402
from hotspare_engine import words as w  # noqa: E402
from hotspare_engine.engine import CHANGE_BYTES_MAX, Engine  # noqa: E402
from hotspare_engine.watch import CONTROLLER, OWN, Watch  # noqa: E402

ROUNDS = 10000
REPEATS = 5
BEAT_MS = 90
ANSWER_MS = 700  # into the second in which the primary is silent: a person approves
PATHS = ((w.PATH_CROSSLINK_A, 0, 1, 100, 5), (w.PATH_PULSE, 0, 1, 100, 5), (w.PATH_AGENT, 1, 101, 100, 5))
WATCHED = ((w.PATH_AGENT, OWN, 100, 100, 5), (w.PATH_CROSSLINK_A, CONTROLLER, 2, 100, 5))


class Driver:
    """Drives an engine as a board does: beats every BEAT_MS, contacts and supply read in every step."""

    def __init__(self, engine, paths):
        self.engine = engine
        self.paths = paths
        self.contact = w.AT_PRIMARY
        self.silent = -1  # the path's unit that says nothing
        self.left_ms = 0

    def step(self):
        """One millisecond in which little happens."""
        engine = self.engine
        self.left_ms -= 1
        if self.left_ms <= 0:
            self.left_ms = BEAT_MS
            self.beat()
        engine.contact(0, self.contact)
        engine.supply(1)
        if engine.is_controller:
            engine.lockout(0)
        engine.elapsed(1)
        engine.next_ms()
        engine.own_health()
        engine.outbox.clear()

    def beat(self):
        """A beat on every path."""
        for index in range(len(self.paths)):
            if self.paths[index][1] != self.silent:
                self.engine.heard(index, w.OK, w.ECHOED)

    def idle(self):
        """The hottest call by itself, with the room that it leaves for time: none passes."""
        self.engine.elapsed(0)

    def follow(self):
        """One step; the contact follows the coil at once."""
        engine = self.engine
        outbox = engine.outbox
        engine.contact(0, self.contact)
        engine.elapsed(1)
        for row in range(outbox.count):
            if outbox.rows[row * 7] == w.DRIVE:
                self.contact = outbox.rows[row * 7 + 2]
        outbox.clear()


def allocated(step, rounds):
    """Return the bytes that so many calls of `step` allocate."""
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(rounds):
        step()
    after = gc.mem_alloc()
    gc.enable()
    return after - before


def least_us(step):
    """Return the time of one call of `step`, from the quickest of some runs."""
    best = 1 << 29
    for _ in range(REPEATS):
        gc.collect()
        begin = time.ticks_us()
        for _ in range(ROUNDS):
            step()
        best = min(best, time.ticks_diff(time.ticks_us(), begin))
    return best / ROUNDS


def show(name, step):
    """Print what a step costs."""
    print(f"{name}: {allocated(step, ROUNDS)} bytes, {least_us(step):.2f} us")


def dearest(driver):
    """Return the most that one step of a failover, a failback and a switchover allocates, counted beat by beat."""
    engine = driver.engine
    engine.asked(1, w.ARM, w.NONE, 0, 0, 0)
    most = 0
    for second in range(6):
        driver.silent = 0 if second == 1 else -1
        if second == 3:
            engine.asked(2, w.MS_P, 0, 0, 0, 0)
        if second == 4:
            engine.asked(3, w.MS, 1, 0, 0, 0)
        for ms in range(1000):
            if ms % BEAT_MS == 0:
                driver.beat()
            if ms == ANSWER_MS and engine.pending.id:
                engine.asked(4, w.APPROVE, w.NONE, engine.pending.id, 0, 0)
            most = max(most, allocated(driver.follow, 1))
    assert engine.switches == 3, engine.switches
    return most


def controller(autonomy=w.AUTO):
    """Return a driver of an engine."""
    values = list(settings.defaults())
    values[settings.index("boot_grace_s")] = 2
    values[settings.index("autonomy")] = autonomy
    return Driver(Engine(tuple(values), 1, 1, PATHS), PATHS)


def main():
    """Let both kinds of engine settle, then measure."""
    driver = controller()
    beacon = Driver(Watch(settings.defaults(), WATCHED), WATCHED)
    for _ in range(500):
        driver.step()
        beacon.step()
    show("step", driver.step)
    show("elapsed", driver.idle)
    show("watch", beacon.step)
    assert driver.engine.alarms == w.A_DISARMED, driver.engine.alarms
    asking = controller(w.ASK)
    asking.engine.asked(1, w.ARM, w.NONE, 0, 0, 0)
    for ms in range(2000):
        asking.silent = 0 if ms > 500 else -1
        asking.step()
    assert asking.engine.pending.asking
    show("pending", asking.step)
    most = max(dearest(controller()), dearest(controller(w.ASK)))
    assert most <= CHANGE_BYTES_MAX, most
    print(f"dearest step: {most} bytes of {CHANGE_BYTES_MAX}")


main()
