"""Conversations: whole stories of a pair, told to a bench, with transcripts in tests/golden; runs on both Pythons."""

from hotspare.simulator.laws import Laws
from hotspare_engine import words as w

from .bench import SILENT, Bench


def failover():
    """The primary dies while hold-off is 100 ms, and comes back: nothing reverts."""
    bench = Laws().attach(Bench(hold_off_ms=100))
    bench.ask(w.ARM)
    bench.run(500)
    bench.stop(0)
    bench.run(1000)
    bench.start(0)
    bench.run(1000)
    return bench


def switchover_and_failback():
    """A planned switchover, a repeat of it, an outranked command, and the way back."""
    bench = Laws().attach(Bench())
    bench.run(200)
    token = bench.ask(w.MS, 1)
    bench.run(300)
    bench.again(token, w.MS, 1)
    bench.ask(w.LO, flags=w.DRY)
    bench.ask(w.MS_P, 0)
    bench.run(300)
    bench.ask(w.LO, seconds=2)
    bench.run(300)
    bench.ask(w.MS, 1)
    bench.run(3000)
    bench.ask(w.MS, 1)
    bench.run(300)
    return bench


def maintenance():
    """The primary is out of use for longer than was said at first; the time runs out."""
    bench = Laws().attach(Bench())
    bench.ask(w.ARM)
    bench.run(200)
    bench.ask(w.OUT, 0, seconds=2)
    bench.run(1500)
    token = bench.ask(w.OUT, 0, seconds=4)
    bench.again(token, w.OUT, 0, seconds=4)
    bench.run(5000)
    return bench


def weld():
    """The contact welds at the spare: the return fails, the group holds, a repair and a clear end it."""
    bench = Laws().attach(Bench())
    bench.ask(w.ARM)
    bench.run(200)
    bench.ask(w.MS, 1)
    bench.run(300)
    bench.relays[0].welded = 1
    bench.ask(w.MS_P, 0)
    bench.run(800)
    bench.ask(w.MS_P, 0)
    bench.relays[0].welded = 0
    bench.ask(w.CLEAR_RELAY)
    bench.run(300)
    bench.ask(w.MS_P, 0)
    bench.run(300)
    return bench


def site_start():
    """The whole site starts cold: boards first, then the spare; the primary never comes up."""
    bench = Bench(boot_grace_s=3)
    bench.units = [SILENT, SILENT]
    bench.beacons = [1, 0]
    Laws().attach(bench)
    bench.ask(w.ARM)
    bench.run(1500)
    bench.start(1)
    bench.run(3000)
    return bench


def approval():
    """The primary dies and a person is asked, in time for the second id; the return is rejected, then approved."""
    bench = Laws().attach(Bench(autonomy=w.ASK, approve_s=5, revertive=1, wtr_s=1, stay_min_s=0))
    bench.ask(w.ARM)
    bench.run(200)
    bench.stop(0)
    bench.run(500)
    first = bench.engine.pending.id
    bench.run(5000)
    bench.ask(w.APPROVE, number=first)
    bench.approve()
    bench.run(500)
    bench.start(0)
    bench.run(2000)
    bench.ask(w.REJECT, number=bench.engine.pending.id)
    bench.run(1000)
    bench.approve()
    bench.run(500)
    return bench


def shadow():
    """The primary dies in a group that only records what it would have done, and comes back."""
    bench = Laws().attach(Bench(autonomy=w.SHADOW, hold_off_ms=100))
    bench.ask(w.ARM)
    bench.run(200)
    bench.stop(0)
    bench.run(1000)
    bench.start(0)
    bench.run(500)
    return bench


CONVERSATIONS = {
    "failover": failover,
    "switchover-and-failback": switchover_and_failback,
    "maintenance": maintenance,
    "weld": weld,
    "site-start": site_start,
    "approval": approval,
    "shadow": shadow,
}
