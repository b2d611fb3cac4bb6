"""The emulated rig by its verbs, in this process: orders at one moment, cables, units, feeds, relays."""

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from hotspare import capture
from hotspare.agent import AgentCore
from hotspare.rig.errors import Refused, RigError, TimedOut, Unknown
from hotspare.rig.place import PlaceTaken
from hotspare.rig.plan import AlarmRelay, BoardPlan, ChangeoverRelay, PulseCable, RigPlan, SerialCable, UnitPlan
from hotspare.rig.world import World, agent_of
from hotspare.roles import Roles
from hotspare_engine import words
from hotspare_wire import frame, messages
from tests.rig.conftest import PRELUDE, RELAY, UNITS, MakeWorld, eventually, heard, run_ms, told

# answers nothing and drives what the test writes to its host port is not needed: levels come from the flash
DRIVES = """
relay, alarm = Pin(10, Pin.OUT, value=0), Pin(15, Pin.OUT, value=1)
uart = machine.UART(0, baudrate=115200, tx=Pin(0), rx=Pin(1))
poll = select.poll()
poll.register(uart, select.POLLIN)
byte = bytearray(1)
sys.stdout.buffer.write(b"here")
while True:
    for _ in poll.ipoll(1000):
        if uart.readinto(byte):
            relay.value(byte[0])
"""


def pair(agent: str | None = None) -> RigPlan:
    """Return a rig of a beacon that only sends on request and a controller that drives what it is sent."""
    return RigPlan(
        units=(
            UnitPlan("primary", 100, 100, "agent-primary" if agent else None, boot_ms=20),
            UnitPlan("spare", 101, 100, None, boot_ms=20),
        ),
        boards=(
            BoardPlan("beacon", flash={"/main.py": (PRELUDE + "SLEEP()").encode()}, fed_by="primary"),
            BoardPlan("controller", flash={"/main.py": (PRELUDE + DRIVES).encode()}),
        ),
        cables=(
            SerialCable("crosslink-a", ("beacon", "uart0"), ("controller", "uart0")),
            PulseCable("crosslink-b", "beacon", "controller"),
            *((SerialCable("agent-primary", ("primary", "agent"), ("beacon", "uart1")),) if agent else ()),
        ),
        relays=(
            ChangeoverRelay("line", "controller", "line", "primary", "spare"),
            AlarmRelay("alarm-controller", "controller"),
        ),
    )


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    world = make_world(pair())
    world.wait({"kind": "board", "name": "controller", "event": "answers"})
    return world


def drive(world: World, level: int) -> None:
    """Let the controller drive its relay."""
    world.inject("crosslink-a", "beacon", bytes([level]))


def test_a_commanded_relay_moves_the_line_from_unit_to_unit(world: World) -> None:
    assert world.state()["units"]["primary"]["connected"] == ["line"]
    drive(world, 1)
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"})
    run_ms(world, 5)
    state = world.state()
    assert state["units"]["primary"]["connected"] == []
    assert state["units"]["spare"]["connected"] == ["line"]
    assert state["relays"]["line"] | {"driven": True, "energised": True, "contact": "spare"} == state["relays"]["line"]
    assert state["both_connected_us"] == 0
    json.dumps(state, allow_nan=False)


def test_orders_in_one_request_happen_at_the_same_microsecond(world: World) -> None:
    number = world.tracer.next_number - 1
    us = world.do([("cut", {"cable": "crosslink-a"}), ("supply", {"state": "off"}), ("stop", {"unit": "primary"})])
    records = world.trace(number)
    assert {record.us for record in records} == {us}
    assert [(record.name, record.event) for record in records] == [
        ("crosslink-a", "cut"),
        ("coils", "off"),
        ("primary", "off"),
        ("beacon", "off"),
    ]


def test_a_request_with_a_wrong_name_does_none_of_its_orders(world: World) -> None:
    with pytest.raises(Unknown, match="no board is called bacon"):
        world.do([("cut", {"cable": "crosslink-a"}), ("power", {"board": "bacon", "state": "off"})])
    assert world.state()["cables"]["crosslink-a"]["cut"] == []


def test_a_unit_takes_the_boards_that_it_feeds_down_and_up_with_it(world: World) -> None:
    us = world.stop("primary")
    state = world.state()
    assert not state["boards"]["beacon"]["powered"]
    assert not state["units"]["primary"]["powered"]
    assert state["boards"]["controller"]["powered"]
    assert [record.us for record in world.trace() if record.event == "off" and record.name == "beacon"] == [us]
    with pytest.raises(Refused, match="fed by primary, which has no power"):
        world.power("beacon", True)
    world.start("primary")
    world.wait({"kind": "unit", "name": "primary", "event": "running"}, world.tracer.next_number - 3)
    eventually(world, lambda: world.state()["boards"]["beacon"]["running"])


@pytest.mark.parametrize(
    ("verb", "arguments", "complaint"),
    [
        ("start", {"unit": "spare"}, "spare is .* already"),
        ("power", {"board": "beacon", "state": "on"}, "the power of beacon is on already"),
        ("thaw", {"board": "beacon"}, "beacon is not frozen"),
        ("unweld", {"relay": "line"}, "no contact of line is welded"),
        ("noise", {"cable": "crosslink-b", "ber": 0.1}, "carries a level, no bytes"),
        ("capture", {"cable": "crosslink-b", "path": "/x"}, "carries a level, no bytes"),
        ("capture", {"cable": "crosslink-a", "path": "/does/not/exist"}, "/does/not/exist: can not be written"),
    ],
)
def test_what_can_not_be_done_as_things_are_is_refused(
    world: World, verb: str, arguments: dict[str, object], complaint: str
) -> None:
    with pytest.raises(Refused, match=complaint):
        world.do([(verb, arguments)])


def test_things_without_power_refuse_what_needs_it(world: World) -> None:
    world.stop("primary")
    for order, complaint in (
        (("hang", {"unit": "primary"}), "has no power"),
        (("stop", {"unit": "primary"}), "has no power"),
        (("freeze", {"board": "beacon"}), "has no power"),
    ):
        with pytest.raises(Refused, match=complaint):
            world.do([order])


def test_one_direction_of_a_cable_can_be_cut_and_healed(world: World) -> None:
    world.cut("crosslink-a", "beacon")
    drive(world, 1)
    run_ms(world, 50)
    assert world.state()["relays"]["line"]["contact"] == "primary"
    assert world.state()["cables"]["crosslink-a"]["cut"] == ["beacon"]
    with pytest.raises(Unknown, match="nobody is no end of crosslink-a: it has beacon, controller"):
        world.cut("crosslink-a", "nobody")
    world.heal("crosslink-a")
    drive(world, 1)
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"})


def test_healing_ends_noise_bursts_and_delay(world: World) -> None:
    world.noise("crosslink-a", 0.5)
    world.burst("crosslink-a", 10_000)
    world.delay("crosslink-a", 5_000)
    world.heal("crosslink-a")
    assert world.state()["cables"]["crosslink-a"]["ber"] == 0
    drive(world, 1)
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"}, limit_ms=1_000)


def test_f5_a_welded_contact_stays_closed_and_keeps_the_other_open(world: World) -> None:
    world.weld("line")
    drive(world, 1)
    world.wait({"kind": "coil", "event": "energised"})
    run_ms(world, 100)
    assert world.state()["relays"]["line"]["contact"] == "primary"
    assert world.state()["relays"]["line"]["welded"] == ["primary"]
    world.unweld("line")
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"})


def test_f7_a_relay_with_an_open_winding_does_not_move(world: World) -> None:
    world.stick("line")
    drive(world, 1)
    world.wait({"kind": "drive", "event": "on"})
    run_ms(world, 100)
    assert world.state()["relays"]["line"] | {"driven": True, "energised": False} == world.state()["relays"]["line"]
    world.unstick("line")
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"})


def test_f36_the_supply_of_the_coils_lets_the_relay_fall_and_is_sensed(world: World) -> None:
    drive(world, 1)
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"})
    run_ms(world, 10)
    number = world.tracer.next_number - 1
    us = world.supply(False)
    fallen = world.wait({"kind": "contact", "event": "closed", "detail": "primary"}, number)
    assert fallen.us - us == 6_000
    assert world.state()["supply"] is False


def test_the_alarm_relay_follows_its_pin_and_falls_with_its_board(world: World) -> None:
    assert world.state()["relays"]["alarm-controller"]["contact"] == "well"
    us = world.power("controller", False)
    assert world.wait({"kind": "alarm", "event": "released"}).us == us
    assert world.state()["relays"]["alarm-controller"]["contact"] == "alarm"


def test_what_arrives_over_a_cable_can_be_captured(world: World, tmp_path: Path) -> None:
    path = tmp_path / "line.capture"
    world.capture("crosslink-a", str(path))
    drive(world, 1)
    world.wait({"kind": "coil", "event": "energised"})
    world.cut("crosslink-a")
    drive(world, 0)
    run_ms(world, 10)
    world.capture("crosslink-a")
    pieces = list(capture.read(path))
    assert [(piece.data, piece.sender, piece.receiver) for piece in pieces] == [(b"\1", "beacon", "controller")]
    assert pieces[0].at_us is not None


def test_what_is_waited_for_in_vain_is_said(world: World) -> None:
    with pytest.raises(TimedOut, match=r"^nothing with kind coil, event explosion happened within 20 ms$"):
        world.wait({"kind": "coil", "event": "explosion"}, limit_ms=20)
    with pytest.raises(TimedOut, match=r"^nothing happened within 0 ms$"):
        world.wait({}, since=1 << 30, limit_ms=0)


def test_the_agent_of_a_unit_is_the_one_that_real_units_run(make_world: MakeWorld) -> None:
    listens = """
uart = machine.UART(1, baudrate=115200, tx=Pin(4), rx=Pin(5))
buffer = bytearray(64)
while True:
    n = uart.readinto(buffer)
    if n:
        tell(data=bytes(buffer[:n]).hex())
    time.sleep_ms(5)
"""
    plan = pair(agent="yes")
    beacon = BoardPlan("beacon", flash={"/main.py": (PRELUDE + listens).encode()}, fed_by="primary")
    world = make_world(RigPlan(plan.units, (beacon, plan.boards[1]), plan.cables, plan.relays))
    eventually(world, lambda: len(told(world, "beacon")) >= 3)
    data = bytes.fromhex("".join(said["data"] for said in told(world, "beacon")))
    decoder = frame.Decoder()
    place = 0
    kinds = []
    while place < len(data):
        place = decoder.feed(data, place, len(data))
        if decoder.size:
            kinds.append((decoder.payload[frame.AT_KIND] & frame.KIND_MASK, decoder.payload[frame.AT_SOURCE]))
    assert kinds
    assert set(kinds) == {(messages.HELLO, 100)}  # the test's firmware answers nothing, so there is no session
    assert words.OK


def test_both_agents_of_a_unit_share_its_role(make_world: MakeWorld) -> None:
    plan = pair(agent="yes")
    direct = SerialCable("direct-primary", ("primary", "direct"), ("controller", "uart1"))
    made: list[tuple[str, Roles]] = []

    def make(unit: UnitPlan, chance: random.Random, roles: Roles) -> AgentCore:
        made.append((unit.name, roles))
        return agent_of(unit, chance, roles)

    world = make_world(replace(plan, cables=(*plan.cables, direct)), make_agent=make)
    eventually(world, lambda: len(made) == 3)
    (first, second) = (roles for name, roles in made if name == "primary")
    assert first is second
    assert sum(roles is first for _, roles in made) == 2, "the spare has its own"


def test_the_hook_of_a_unit_ends_as_it_is_told_from_its_next_run_on(world: World) -> None:
    world.hook("primary", "drain", "fails")
    state = world.state()["units"]
    assert state["primary"]["hooks"] == {"drain": "fails", "active": "works"}
    assert state["spare"]["hooks"] == {"drain": "works", "active": "works"}
    assert (state["primary"]["role"], state["primary"]["acknowledged"]) == ("", "")
    assert world.tracer.find({"name": "primary", "event": "hook", "detail": "drain fails"}, 0)
    world.stop("primary")
    world.start("primary")
    assert world.state()["units"]["primary"]["hooks"]["drain"] == "fails"


def test_a_taken_directory_is_refused_and_one_with_strangers_too(world: World, tmp_path: Path) -> None:
    with pytest.raises(PlaceTaken, match=r"a rig already runs in .* stop it, or choose another directory with --dir"):
        World(pair(), world.place.root, firmware={})
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "beacon").write_text("mine")
    with pytest.raises(RigError, match="beacon is in the way"):
        World(pair(), tmp_path / "other", firmware={})
    assert sorted(path.name for path in (tmp_path / "other").iterdir()) == ["beacon"]


def test_a_board_that_is_called_as_the_rigs_own_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RigError, match="can not be called control"):
        World(RigPlan(boards=(BoardPlan("control"),)), tmp_path / "rig", firmware={})
    with pytest.raises(RigError, match=r"no kind of board is called toaster: there is .*pico"):
        World(RigPlan(boards=(BoardPlan("a", "toaster"),)), tmp_path / "rig", firmware={})
    two = RigPlan(pair().units, (BoardPlan("a"),), (), tuple(replace(RELAY, name=name, board="a") for name in "wxyz"))
    with pytest.raises(RigError, match="board a has no pin sense4_primary: it has uart0_tx"):
        World(two, tmp_path / "rig", firmware={})
    assert not (tmp_path / "rig").exists()


LATCHES = """
towards_spare, towards_primary = Pin(10, Pin.OUT, value=0), Pin(11, Pin.OUT, value=0)
def pulse(pin, ms):
    pin.value(1)
    time.sleep_ms(ms)
    pin.value(0)
    time.sleep_ms(50)
pulse(towards_spare, 50)
tell(at=[Pin(12, Pin.IN).value(), Pin(13, Pin.IN).value()])
if boots() == 1:
    machine.reset()
pulse(towards_primary, 3)
tell(at=[Pin(12, Pin.IN).value(), Pin(13, Pin.IN).value()])
pulse(towards_primary, 50)
tell(at=[Pin(12, Pin.IN).value(), Pin(13, Pin.IN).value()])
SLEEP()
"""


def test_a_latching_relay_keeps_its_position_over_a_reset_and_a_lost_supply(make_world: MakeWorld) -> None:
    board = BoardPlan("board", flash={"/main.py": (PRELUDE + LATCHES).encode()})
    world = make_world(RigPlan(UNITS, (board,), (), (replace(RELAY, retention="latching"),)))
    world.wait({"kind": "board", "event": "reset"})
    world.supply(False)
    assert world.state()["relays"]["line"]["contact"] == "spare"
    run_ms(world, 20)
    assert world.state()["relays"]["line"]["contact"] == "spare"
    world.supply(True)
    assert [said["at"] for said in heard(world, 4)] == [[0, 1], [0, 1], [0, 1], [1, 0]]
    coils = [(record.event, record.detail) for record in world.trace() if record.kind == "coil"]
    assert ("energised", "set") in coils
    assert ("energised", "reset") in coils
