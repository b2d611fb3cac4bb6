"""The timeline's order and the loop's order: what happens when, and what comes first."""

import os
import select

from hotspare.rig.loop import Loop, Timeline


def test_calls_come_in_order_of_time_and_then_of_asking() -> None:
    timeline = Timeline()
    seen: list[tuple[str, int]] = []
    for name, due_us in (("late", 30), ("first", 10), ("second", 10), ("never", 40)):
        timeline.at(due_us, lambda name=name: seen.append((name, timeline.now_us())))
    timeline.run_until(30)
    assert seen == [("first", 10), ("second", 10), ("late", 30)]
    assert timeline.now_us() == 30


def test_a_call_sees_its_own_time_however_far_the_timeline_runs() -> None:
    timeline = Timeline()
    seen: list[int] = []
    timeline.after(5, lambda: timeline.after(5, lambda: seen.append(timeline.now_us())))
    timeline.run_for(1_000)
    assert seen == [10]
    assert timeline.now_us() == 1_000


def test_a_time_that_has_passed_means_now() -> None:
    timeline = Timeline()
    timeline.run_until(100)
    seen: list[int] = []
    timeline.at(50, lambda: seen.append(timeline.now_us()))
    timeline.run_until(100)
    assert seen == [100]


def test_a_cancelled_call_is_not_made_and_does_not_wake_anybody() -> None:
    timeline = Timeline()
    seen: list[str] = []
    timer = timeline.after(10, seen.append, "x")
    timer.cancel()
    assert timeline.next_due_us() is None
    timeline.run_for(20)
    assert not seen


def test_a_loop_makes_due_calls_before_it_looks_at_descriptors_and_those_by_number() -> None:
    clock = [0]
    loop = Loop(lambda: clock[0])
    pairs = [os.pipe(), os.pipe()]
    seen: list[str] = []
    try:
        for name, (reader, writer) in zip(("low", "high"), sorted(pairs), strict=True):
            loop.watch(reader, lambda events, name=name: seen.append(name))
            os.write(writer, b"x")
        loop.at(5, seen.append, "timer")
        clock[0] = 10
        loop.run(lambda: len(seen) >= 3)
        assert seen == ["timer", "low", "high"]
        assert loop.now_us() == 10
        assert loop.late_us_max == 5
    finally:
        loop.close()
        for pair in pairs:
            for fd in pair:
                os.close(fd)


def test_a_descriptor_that_is_watched_no_more_is_not_called_in_the_same_pass() -> None:
    loop = Loop()
    pairs = sorted([os.pipe(), os.pipe()])
    seen: list[str] = []

    def first(events: int) -> None:
        assert events & select.EPOLLIN
        seen.append("first")
        for reader, _ in pairs:
            loop.unwatch(reader)

    try:
        loop.watch(pairs[0][0], first)
        loop.watch(pairs[1][0], lambda events: seen.append("second"))
        for _, writer in pairs:
            os.write(writer, b"x")
        loop.run(limit_us=20_000)
        assert seen == ["first"]
    finally:
        loop.close()
        for pair in pairs:
            for fd in pair:
                os.close(fd)


def test_a_loop_ends_at_its_limit_when_nothing_happens() -> None:
    loop = Loop()
    try:
        assert loop.run(lambda: False, limit_us=2_000) is False
        assert loop.now_us() >= 2_000
    finally:
        loop.close()


def test_a_stopped_loop_returns() -> None:
    loop = Loop()
    try:
        loop.after(100, loop.stop)
        assert loop.run(lambda: False, limit_us=10_000_000) is False
        assert 100 <= loop.now_us() < 10_000_000
    finally:
        loop.close()
