"""Boards of the rig wired to every kind of line, a cold spare, a dry contact, INVALID outputs and a lockout key."""

from dataclasses import replace
from typing import Any

import pytest

from hotspare.rig import flash
from hotspare.rig.errors import Refused, RigError, Unknown
from hotspare.rig.plan import (
    BoardPlan,
    ChangeoverRelay,
    ContactCable,
    FencedRelay,
    InterlockedRelay,
    Relay,
    RigPlan,
    SerialCable,
    StartRelay,
    UnitPlan,
)
from hotspare.rig.world import World
from tests.rig.conftest import PRELUDE, UNITS, MakeWorld, eventually, run_ms, told

# drives the pin that one byte over the cable names, high with its top bit; shows its inputs whenever one changes
OBEYS = """
pins = {pins!r}
inputs = [Pin(pins[name], Pin.IN) for name in {inputs!r}]
uart = machine.UART(0, baudrate=115200, tx=Pin(0), rx=Pin(1))
outputs, byte, shown = {{}}, bytearray(1), None
sys.stdout.buffer.write(b"here")
while True:
    if uart.any() and uart.readinto(byte):
        pin, level = byte[0] & 127, byte[0] >> 7
        if pin not in outputs:
            outputs[pin] = Pin(pin, Pin.OUT, value=level)
        outputs[pin].value(level)
    now = [it.value() for it in inputs]
    if now != shown:
        shown = now
        tell(**dict(zip({inputs!r}, now)))
    time.sleep_ms(1)
"""
PINS = flash.wiring_of("pico")
LINE = ("line", "board", "line", "primary", "spare")


class Rack:
    """One board that drives what the test says, and what its inputs read."""

    def __init__(self, make_world: MakeWorld, *relays: Relay, inputs: tuple[str, ...], **more: Any) -> None:
        main = OBEYS.format(pins=PINS, inputs=inputs)
        boards = (
            BoardPlan("board", flash={"/main.py": (PRELUDE + main).encode()}),
            BoardPlan("other", flash={"/main.py": (PRELUDE + "SLEEP()").encode()}, fed_by=more.pop("fed_by", None)),
        )
        cables = (SerialCable("cable", ("board", "uart0"), ("other", "uart0")), *more.pop("cables", ()))
        self.world: World = make_world(RigPlan(more.pop("units", UNITS), boards, cables, relays))
        self.world.wait({"kind": "board", "name": "board", "event": "answers"})
        eventually(self.world, self.reads)

    def drive(self, pin: str, level: int) -> None:
        self.world.inject("cable", "other", bytes([PINS[pin] | level << 7]))

    def reads(self) -> dict[str, int]:
        """Return what the firmware last read."""
        said = told(self.world)
        return said[-1] if said else {}

    def until(self, **levels: int) -> None:
        """Wait until the firmware reads this, and nothing chatters any more."""
        eventually(self.world, lambda: self.reads() == levels)
        run_ms(self.world, SETTLED_MS)

    def connected(self) -> list[str]:
        units = self.world.state()["units"]
        return [name for name, unit in units.items() if unit["connected"]]


SETTLED_MS = 20
SENSES = ("sense1_primary", "sense1_spare")


def test_an_interlocked_line_takes_its_unit_from_the_pins_of_the_contract(make_world: MakeWorld) -> None:
    rack = Rack(make_world, InterlockedRelay(*LINE), inputs=SENSES)
    rack.until(sense1_primary=1, sense1_spare=1)
    rack.drive("relay1_second", 1)
    rack.until(sense1_primary=0, sense1_spare=1)
    assert rack.connected() == ["primary"]
    rack.drive("relay1", 1)
    run_ms(rack.world, 50)
    relay = rack.world.state()["relays"]["line"]
    assert relay["coils"]["spare"] == {
        "driven": True,
        "fed": False,
        "broken": False,
        "shorted": False,
        "energised": False,
    }
    rack.drive("relay1_second", 0)
    rack.until(sense1_primary=1, sense1_spare=0)
    assert rack.connected() == ["spare"]
    assert rack.world.state()["both_connected_us"] == 0


def test_f5_verbs_reach_every_contact_and_coil_of_an_interlocked_line(make_world: MakeWorld) -> None:
    rack = Rack(make_world, InterlockedRelay(*LINE), inputs=SENSES)
    world = rack.world
    rack.drive("relay1_second", 1)
    rack.until(sense1_primary=0, sense1_spare=1)
    world.weld("line")
    world.bridge("line", "primary-mirror")
    rack.drive("relay1_second", 0)
    rack.drive("relay1", 1)
    rack.until(sense1_primary=0, sense1_spare=0)
    run_ms(world, 20)
    state = world.state()
    assert (state["relays"]["line"]["contact"], rack.connected()) == ("both", ["primary", "spare"])
    assert (state["relays"]["line"]["welded"], state["relays"]["line"]["bridged"]) == (["primary"], ["primary-mirror"])
    assert state["both_connected_us"] > 0
    with pytest.raises(Refused, match="line is both: only a closed contact welds"):
        world.weld("line")
    world.unbridge("line")
    world.unweld("line")
    world.stick("line", "spare")
    rack.until(sense1_primary=1, sense1_spare=1)
    with pytest.raises(Unknown, match="line has no contact auxiliary: it has primary, primary-mirror, spare"):
        world.bridge("line", "auxiliary")
    with pytest.raises(Unknown, match="line has no coil fence: it has spare, primary"):
        world.stick("line", "fence")
    events = [(record.event, record.detail) for record in world.trace() if record.kind == "relay"]
    assert events == [
        ("welded", "primary"),
        ("bridged", "primary-mirror"),
        ("unbridged", ""),
        ("unwelded", ""),
        ("stuck", "spare"),
    ]


def test_f40_a_controller_that_loses_its_power_unfences_and_so_disconnects_the_spare(make_world: MakeWorld) -> None:
    rack = Rack(make_world, FencedRelay(*LINE), inputs=SENSES)
    world = rack.world
    rack.until(sense1_primary=0, sense1_spare=1)
    rack.drive("relay1_second", 1)
    rack.until(sense1_primary=1, sense1_spare=1)
    assert rack.connected() == []
    rack.drive("relay1", 1)
    rack.until(sense1_primary=1, sense1_spare=0)
    assert rack.connected() == ["spare"]
    world.weld("line", "spare")
    us = world.power("board", False)
    back = world.wait({"kind": "line", "event": "connected", "detail": "primary"})
    assert back.us - us == 6_000
    run_ms(world, 20)
    assert rack.connected() == ["primary"]
    assert world.state()["both_connected_us"] == 0


def test_f6_a_read_back_whose_wire_is_lost_says_not_isolated(make_world: MakeWorld) -> None:
    rack = Rack(make_world, FencedRelay(*LINE), inputs=SENSES)
    rack.until(sense1_primary=0, sense1_spare=1)
    rack.world.sense("line", "spare", "lost")
    rack.until(sense1_primary=0, sense1_spare=0)
    rack.world.sense("line", "primary", "open")
    rack.until(sense1_primary=1, sense1_spare=0)
    rack.world.sense("line", "spare")
    rack.until(sense1_primary=1, sense1_spare=1)
    assert rack.connected() == ["primary"], "whatever the read-backs say"


def test_f39_a_pole_left_behind_reads_as_both(make_world: MakeWorld) -> None:
    rack = Rack(make_world, ChangeoverRelay(*LINE, poles=2), inputs=SENSES)
    rack.until(sense1_primary=1, sense1_spare=0)
    rack.world.weld("line", "primary", 2)
    rack.drive("relay1", 1)
    rack.until(sense1_primary=1, sense1_spare=1)
    assert rack.world.state()["relays"]["line"]["contact"] == "torn"
    assert rack.connected() == []
    with pytest.raises(Unknown, match="line has no pole 3: it has 2"):
        rack.world.weld("line", "primary", 3)


def test_f29_two_lines_of_a_pool_can_not_share_the_spare_whatever_is_driven(make_world: MakeWorld) -> None:
    lines = (
        ChangeoverRelay(*LINE),
        ChangeoverRelay("line-2", "board", "line-2", "second", "spare", through="line"),
    )
    units = (*UNITS, UnitPlan("second", 102, 100, None, boot_ms=10))
    rack = Rack(make_world, *lines, inputs=("sense1_spare", "sense2_spare"), units=units)
    rack.drive("relay2", 1)
    rack.until(sense1_spare=0, sense2_spare=1)
    assert rack.world.state()["units"]["spare"]["connected"] == ["line-2"]
    rack.drive("relay1", 1)
    rack.until(sense1_spare=1, sense2_spare=1)
    state = rack.world.state()
    assert state["units"]["spare"]["connected"] == ["line"]
    assert state["both_connected_us"] == 0


def test_a_cold_spare_runs_its_boot_after_its_start_relay_has_closed(make_world: MakeWorld) -> None:
    units = (UNITS[0], replace(UNITS[1], boot_ms=40))
    rack = Rack(
        make_world, ChangeoverRelay(*LINE), StartRelay("start", "board", "spare"), inputs=("supply",), units=units
    )
    world = rack.world
    spare = world.state()["units"]["spare"]
    assert (spare["powered"], spare["mains"], spare["fed"]) == (False, True, False)
    with pytest.raises(Refused, match="spare is off already: its start relay is open"):
        world.start("spare")
    rack.drive("start", 1)
    fed = world.wait({"kind": "contact", "name": "start", "event": "closed", "detail": "feed"})
    running = world.wait({"kind": "unit", "name": "spare", "event": "running"})
    assert running.us - fed.us == 40_000
    us = world.supply(False)
    off = world.wait({"kind": "unit", "name": "spare", "event": "off"})
    assert off.us - us == 6_000 - 2_500 + units[1].hold_up_us
    rack.until(supply=0)
    with pytest.raises(Refused, match="no spare contact of start is read back"):
        world.sense("start", "spare", "open")


def test_a_unit_without_mains_is_off_whatever_its_start_relay_does(make_world: MakeWorld) -> None:
    rack = Rack(make_world, StartRelay("start", "board", "spare"), inputs=("supply",), fed_by="spare", units=UNITS)
    world = rack.world
    assert not world.state()["boards"]["other"]["powered"]
    world.stop("spare")
    rack.drive("start", 1)
    world.wait({"kind": "contact", "event": "closed", "detail": "feed"})
    run_ms(world, 50)
    assert not world.state()["units"]["spare"]["powered"]
    world.start("spare")
    world.wait({"kind": "unit", "name": "spare", "event": "running"})
    assert world.state()["boards"]["other"]["powered"]
    world.stick("start")
    world.wait({"kind": "board", "name": "other", "event": "off"})
    with pytest.raises(Refused, match="spare has no power already"):
        world.stop("spare", leaving=True)


def test_a_dry_contact_is_closed_while_the_service_of_its_unit_runs(make_world: MakeWorld) -> None:
    rack = Rack(make_world, inputs=("contact",), cables=(ContactCable("dry", "primary", "board"),))
    rack.until(contact=1)
    for verb, undo in ((rack.world.fail, rack.world.mend), (rack.world.hang, rack.world.start)):
        verb("primary")
        rack.until(contact=0)
        undo("primary")
        rack.until(contact=1)
    rack.world.cut("dry")
    rack.until(contact=0)
    rack.world.heal("dry")
    rack.until(contact=1)
    rack.world.stop("primary")
    rack.until(contact=0)
    with pytest.raises(Refused, match="dry carries a level, no bytes"):
        rack.world.noise("dry", 0.1)


def test_an_invalid_output_is_low_while_the_cable_is_cut_and_while_the_neighbour_has_no_power(
    make_world: MakeWorld,
) -> None:
    units = (UnitPlan("primary", 100, 100, "agent", boot_ms=10), UNITS[1])
    agent = SerialCable("agent", ("primary", "agent"), ("board", "uart1"))
    rack = Rack(make_world, inputs=("invalid_a", "invalid_b"), cables=(agent,), units=units)
    rack.until(invalid_a=1, invalid_b=1)
    rack.world.cut("cable", "board")
    run_ms(rack.world, 20)
    assert rack.reads() == {"invalid_a": 1, "invalid_b": 1}, "what the board sends is cut, it can not know"
    rack.world.cut("cable", "other")
    rack.until(invalid_a=0, invalid_b=1)
    rack.world.heal("cable")
    rack.until(invalid_a=1, invalid_b=1)
    rack.world.power("other", False)
    rack.until(invalid_a=0, invalid_b=1)
    rack.world.power("other", True)
    rack.until(invalid_a=1, invalid_b=1)
    rack.world.freeze("other")
    rack.world.stop("primary")
    rack.until(invalid_a=1, invalid_b=0)


def test_a_lockout_key_is_read_by_its_own_board_and_shows_in_the_state(make_world: MakeWorld) -> None:
    rack = Rack(make_world, inputs=("lockout",))
    rack.until(lockout=0)
    rack.world.keyswitch("board", True)
    rack.until(lockout=1)
    boards = rack.world.state()["boards"]
    assert (boards["board"]["keyswitch"], boards["other"]["keyswitch"]) == (True, False)
    rack.world.keyswitch("board", False)
    rack.until(lockout=0)


def test_what_a_boards_wiring_has_no_pin_for_is_refused(make_world: MakeWorld) -> None:
    few = {name: number for name, number in PINS.items() if name not in ("lockout", "start", "invalid_a", "contact")}
    plan = RigPlan(UNITS, (BoardPlan("board", flash={"/main.py": (PRELUDE + "SLEEP()").encode()}),))
    world = make_world(plan, wiring=lambda kind: few)
    with pytest.raises(Refused, match="the wiring of board has no pin lockout"):
        world.keyswitch("board", True)
    for more in ({"relays": (StartRelay("s", "board", "spare"),)}, {"cables": (ContactCable("c", "spare", "board"),)}):
        with pytest.raises(RigError, match=r"board board has no pin (start|contact)"):
            make_world(replace(plan, **more), wiring=lambda kind: few)
