"""Lines that share a spare, and lines of several poles, in virtual time: cascade, torn poles, parallel read-backs."""

import pytest

from hotspare.rig.circuits import OPEN
from hotspare.rig.contactors import AUXILIARY
from hotspare.rig.plan import LATCHING, ChangeoverRelay, FencedRelay, InterlockedRelay, LineRelay
from hotspare.rig.relay import CASCADE, PRIMARY, SPARE, TORN
from tests.relays import BOUNCE, OPERATE, RELEASE, SETTLED, TRANSFER, Bench, bounce

LINES = ("a", "b", "c")


def pool(cls: type[LineRelay] = ChangeoverRelay, **more: object) -> Bench:
    """Return three lines of one kind whose spare comes to each through the ones before."""
    befores = (None, "line-a", "line-b")
    return Bench(*(
        cls(f"line-{line}", "board", line, line, SPARE, through=before, **more)
        for line, before in zip(LINES, befores, strict=True)
    ))  # fmt: skip


def all_on(bench: Bench) -> dict[str, set[str]]:
    return {line: bench.on(line) for line in LINES}


def test_every_line_of_a_pool_rests_at_its_primary_and_is_read_back_by_its_own_pins() -> None:
    bench = pool()
    assert all_on(bench) == {line: {line} for line in LINES}
    assert [bench.read[f"sense{number}_primary"] for number in (1, 2, 3)] == [1, 1, 1]
    bench.drive(relay2=1)
    assert all_on(bench) == {"a": {"a"}, "b": {SPARE}, "c": {"c"}}
    assert [bench.read[f"sense{number}_spare"] for number in (1, 2, 3)] == [0, 1, 0]


def test_f29_a_line_that_takes_the_spare_takes_it_from_the_lines_behind_before_it_has_it() -> None:
    bench = pool()
    bench.drive(relay3=1)
    bench.drive(relay1=1)
    assert all_on(bench) == {"a": {SPARE}, "b": {"b"}, "c": set()}
    moves = [row for row in bench.told("line") if row[0] > SETTLED]
    assert moves[:3] == [
        (SETTLED + OPERATE - TRANSFER, "a", "disconnected"),
        (SETTLED + OPERATE - TRANSFER, SPARE, "disconnected"),
        (SETTLED + OPERATE, SPARE, "connected"),
    ]
    bench.drive(relay1=0)
    assert all_on(bench) == {"a": {"a"}, "b": {"b"}, "c": {SPARE}}
    assert bench.witness.seen == []


def test_f29_a_line_that_is_driven_behind_a_line_that_has_the_spare_gets_nobody() -> None:
    bench = pool()
    bench.drive(relay1=1)
    bench.drive(relay2=1)
    assert all_on(bench) == {"a": {SPARE}, "b": set(), "c": {"c"}}


def test_f5_a_weld_on_the_cascade_contact_keeps_its_own_line_from_the_spare_and_no_other() -> None:
    bench = pool()
    bench.relay.weld(CASCADE)
    bench.drive(relay1=1, relay3=1)
    assert all_on(bench) == {"a": {"a"}, "b": {"b"}, "c": {SPARE}}


def test_f5_a_welded_contact_of_the_spare_keeps_it_from_the_lines_behind() -> None:
    bench = pool()
    bench.drive(relay2=1)
    bench.cabinet.relays["line-b"].weld(SPARE)
    bench.drive(relay2=0, relay3=1)
    assert all_on(bench) == {"a": {"a"}, "b": {SPARE}, "c": set()}
    bench.drive(relay1=1)
    assert all_on(bench) == {"a": {SPARE}, "b": set(), "c": set()}
    assert bench.witness.seen == []


@pytest.mark.parametrize("fault", ["weld", "output"])
def test_f5_f8_a_wire_across_the_cascade_and_one_more_fault_give_two_lines_the_spare(fault: str) -> None:
    bench = pool()
    bench.drive(relay2=1)
    if fault == "weld":
        bench.cabinet.relays["line-b"].weld(SPARE)
        bench.drive(relay2=0)
    bench.relay.bridge(CASCADE)
    assert bench.witness.seen == []
    bench.drive(relay1=1)
    assert all_on(bench) == {"a": {SPARE}, "b": {SPARE}, "c": {"c"}}
    assert bench.witness.both_connected_us == SETTLED - OPERATE - BOUNCE


@pytest.mark.parametrize("cls", [InterlockedRelay, FencedRelay])
def test_other_kinds_of_lines_pass_the_spare_on_while_their_spares_contact_is_open(cls: type[LineRelay]) -> None:
    bench = pool(cls)
    apart = int(cls is FencedRelay)
    bench.drive(relay3_second=apart)
    bench.drive(relay3=1)
    assert bench.on("c") == {SPARE}
    bench.drive(relay1_second=apart)
    bench.drive(relay1=1)
    assert (bench.on("a"), bench.on("c")) == ({SPARE}, set())
    assert bench.witness.seen == []


def test_a_cascade_of_fenced_lines_passes_on_by_the_spares_contact_and_not_by_the_fence() -> None:
    bench = pool(FencedRelay)
    bench.drive(relay2_second=1, relay2=1)
    bench.drive(relay1_second=1)
    assert all_on(bench) == {"a": set(), "b": {SPARE}, "c": {"c"}}
    assert bench.relay.contacts[AUXILIARY][0].closed


# -- poles ----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["falls", LATCHING])
def two_poles(request: pytest.FixtureRequest) -> Bench:
    return Bench(ChangeoverRelay("line", "board", "line", PRIMARY, SPARE, request.param, poles=2))


def to_spare(bench: Bench) -> None:
    """Energise, and of a latching relay release again."""
    bench.drive(relay1=1)
    if "relay1_second" in bench.pins:
        bench.drive(relay1=0)


def to_primary(bench: Bench) -> None:
    bench.drive(relay1=0)
    if "relay1_second" in bench.pins:
        bench.drive(relay1_second=1)
        bench.drive(relay1_second=0)


def senses(bench: Bench) -> tuple[int, int]:
    return bench.read["sense1_primary"], bench.read["sense1_spare"]


def test_both_poles_move_together_and_are_read_as_one(two_poles: Bench) -> None:
    to_spare(two_poles)
    assert (two_poles.on(), senses(two_poles)) == ({SPARE}, (0, 1))
    first, second = (two_poles.told("contact", detail) for detail in (SPARE, f"{SPARE} pole 2"))
    assert first == bounce(OPERATE, SPARE)
    assert [row[0] for row in first] == [row[0] for row in second]
    to_primary(two_poles)
    assert (two_poles.on(), senses(two_poles), two_poles.witness.seen) == ({PRIMARY}, (1, 0), [])


@pytest.mark.parametrize("pole", [1, 2])
def test_f39_a_pole_left_behind_makes_both_senses_high_and_leaves_the_line_with_nobody(
    two_poles: Bench, pole: int
) -> None:
    two_poles.relay.weld(PRIMARY, pole)
    to_spare(two_poles)
    assert (two_poles.on(), senses(two_poles), two_poles.relay.position) == (set(), (1, 1), TORN)
    to_primary(two_poles)
    assert (two_poles.on(), senses(two_poles), two_poles.relay.position) == ({PRIMARY}, (1, 0), PRIMARY)
    two_poles.relay.unweld()
    to_spare(two_poles)
    assert (two_poles.on(), two_poles.witness.seen) == ({SPARE}, [])


def test_f39_a_pole_left_behind_on_the_way_back_tears_the_line_too(two_poles: Bench) -> None:
    to_spare(two_poles)
    two_poles.relay.weld(SPARE, 2)
    to_primary(two_poles)
    assert (two_poles.on(), senses(two_poles), two_poles.relay.position) == (set(), (1, 1), TORN)
    assert two_poles.relay.welded == [f"{SPARE} pole 2"]


def test_f5_a_weld_without_a_pole_holds_all_of_them(two_poles: Bench) -> None:
    two_poles.relay.weld(PRIMARY)
    to_spare(two_poles)
    assert (two_poles.on(), senses(two_poles)) == ({PRIMARY}, (1, 0))
    assert two_poles.relay.welded == [PRIMARY, f"{PRIMARY} pole 2"]


def test_f39_a_torn_line_before_it_in_the_cascade_leaves_the_spare_one_pole_short() -> None:
    bench = pool(poles=2)
    bench.drive(relay2=1)
    bench.relay.weld(PRIMARY, 2)
    bench.drive(relay1=1)
    assert all_on(bench) == {"a": set(), "b": set(), "c": {"c"}}
    bench.drive(relay1=0)
    assert all_on(bench) == {"a": {"a"}, "b": {SPARE}, "c": {"c"}}


def test_a_travelling_pole_is_open_and_not_torn() -> None:
    bench = Bench(ChangeoverRelay("line", "board", "line", PRIMARY, SPARE, poles=2))
    bench.drive(OPERATE - TRANSFER, relay1=1)
    assert (bench.relay.position, senses(bench), bench.on()) == (OPEN, (0, 0), set())
    bench.let(SETTLED)
    bench.drive(RELEASE - TRANSFER, relay1=0)
    assert (bench.relay.position, bench.on()) == (OPEN, set())
