"""The other kinds of chip on the rig: as strict as each real one, and the whole firmware runs on all of them."""

from __future__ import annotations

import pytest

from hil.pair import Pair
from hotspare import wiring
from hotspare.rig.plan import BoardPlan, RigPlan, SerialCable
from hotspare_engine import words as w
from hotspare_wire import messages
from tests.rig.conftest import PRELUDE, UNITS, MakeWorld, heard, one_board, run_ms

OTHERS = ("esp32", "esp32s3", "pyboard")

BREAKS_A_RULE = """
try:
    {rule}
    tell(error="")
except (ValueError, TypeError) as error:
    tell(error=str(error))
SLEEP()
"""


@pytest.mark.parametrize(
    ("kind", "rule", "error"),
    [
        ("esp32", "Pin(40, Pin.IN)", "invalid pin"),
        ("esp32", "Pin(24, Pin.IN)", "invalid pin"),
        ("esp32", "Pin('GP4', Pin.IN)", "invalid pin"),
        ("esp32", "Pin(6, Pin.OUT, value=1)", "pin 6 belongs to the flash"),
        ("esp32", "Pin(3, Pin.IN)", "pin 3 belongs to the REPL"),
        ("esp32", "Pin(34, Pin.OUT, value=0)", "pin can only be input"),
        ("esp32", "Pin(39, Pin.IN, Pin.PULL_DOWN)", ""),
        ("esp32", "machine.UART(0, baudrate=115200)", "REPL UART buffer size is fixed"),
        ("esp32", "machine.UART(3, baudrate=115200)", "UART(3) does not exist"),
        ("esp32", "machine.UART(1, baudrate=115200, tx=Pin(34), rx=Pin(35))", "pin can only be input"),
        ("esp32", "machine.UART(1, baudrate=115200, tx=Pin(18), rx=Pin(19), txbuf=256)", ""),
        ("esp32", "machine.WDT(timeout=0)", "WDT timeout too short"),
        ("esp32", "machine.WDT(timeout=60000)", ""),
        ("esp32s3", "Pin(22, Pin.IN)", "invalid pin"),
        ("esp32s3", "Pin(35, Pin.IN)", "pin 35 belongs to the flash"),
        ("esp32s3", "Pin(20, Pin.OUT, value=0)", "pin 20 belongs to USB"),
        ("esp32s3", "Pin(43, Pin.OUT, value=0)", "pin 43 belongs to the REPL"),
        ("esp32s3", "Pin(48, Pin.OUT, value=0)", ""),
        ("pyboard", "Pin(3, Pin.OUT, value=0)", "Pin(3) doesn't exist"),
        ("pyboard", "Pin('Z1', Pin.OUT, value=0)", "Pin(Z1) doesn't exist"),
        ("pyboard", "Pin('X9', Pin.OUT, value=0)", "pin X9 is pulled up by another part of the board"),
        ("pyboard", "machine.UART(6, baudrate=115200, tx=Pin('Y1'), rx=Pin('Y2'))", "extra keyword arguments given"),
        ("pyboard", "machine.UART(6, baudrate=115200, txbuf=256)", "extra keyword arguments given"),
        ("pyboard", "machine.UART(5, baudrate=115200)", "UART(5) doesn't exist"),
        ("pyboard", "machine.UART(6, baudrate=115200, rxbuf=256)", ""),
        ("pyboard", "machine.UART(2, baudrate=115200)", "nothing on this rig is wired to UART 2 at pads 2 and 3"),
        ("pyboard", "machine.WDT(timeout=32768)", "WDT timeout too long"),
    ],
)
def test_what_the_chip_does_not_have_is_refused(make_world: MakeWorld, kind: str, rule: str, error: str) -> None:
    assert heard(make_world(one_board(BREAKS_A_RULE.format(rule=rule), kind=kind))) == [{"error": error}]


@pytest.mark.parametrize(("kind", "size", "reset"), [("esp32", 6, 2), ("esp32s3", 6, 2), ("pyboard", 12, 2)])
def test_id_and_causes_are_those_of_the_port(make_world: MakeWorld, kind: str, size: int, reset: int) -> None:
    main = (
        "tell(cause=machine.reset_cause(), uid=len(machine.unique_id()), port=os.uname()[0])\n"
        "count = boots()\nif count == 1: machine.reset()\n"
        "if count == 2:\n    machine.WDT(timeout=20)\nSLEEP()\n"
    )
    said = heard(make_world(one_board(main, kind=kind)), 3)
    assert [one["cause"] for one in said[:3]] == [1, reset, 3]
    assert said[0]["uid"] == size
    assert said[0]["port"] == ("esp32" if kind.startswith("esp32") else kind)


USES_EVERY_PIN = """
refused = []
for name, pad in {pins!r}:
    try:
        if name.startswith({outputs!r}):
            Pin(pad, Pin.OUT, value=0)
        else:
            Pin(pad, Pin.IN, Pin.PULL_DOWN)
    except ValueError as error:
        refused.append((name, str(error)))
tell(refused=refused)
for pad in {reserved!r}:
    try:
        Pin(pad, Pin.IN)
        refused.append(pad)
    except ValueError:
        pass
tell(taken=refused)
SLEEP()
"""


@pytest.mark.parametrize("kind", wiring.KINDS)
def test_the_chip_has_every_pin_of_the_wiring_and_refuses_every_reserved_one(make_world: MakeWorld, kind: str) -> None:
    it = wiring.of(kind)
    reserved = [pad for pad in it.reserved if (kind, pad) not in {("esp32", 16), ("esp32", 17)}]  # PSRAM it has not
    main = USES_EVERY_PIN.format(pins=list(it.pins.items()), outputs=wiring.OUTPUTS, reserved=reserved)
    assert heard(make_world(one_board(main, kind=kind)), 2) == [{"refused": []}, {"taken": []}]


KEEPS_ITS_RELAY = """
if boots() == 1:
    relay = Pin({relay!r}, Pin.OUT, value=1)
    time.sleep_ms(100)
    machine.WDT(timeout=20)
    SLEEP()
tell(boot=2)
SLEEP()
"""


@pytest.mark.parametrize(("kind", "stays"), [("esp32", True), ("esp32s3", True), ("pyboard", False)])
def test_firmware_that_counts_on_a_reset_to_let_its_relay_fall_is_wrong_on_an_esp32(
    make_world: MakeWorld, kind: str, stays: bool
) -> None:
    main = KEEPS_ITS_RELAY.format(relay=wiring.of(kind).pins["relay1"])
    world = make_world(one_board(main, kind=kind))
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"})
    world.wait({"kind": "board", "event": "reset", "detail": "watchdog"})
    heard(world)
    run_ms(world, 50)
    assert world.state()["relays"]["line"]["driven"] is stays
    world.power("board", False)
    run_ms(world, 50)
    assert world.state()["relays"]["line"]["driven"] is False


WRITES = """
uart = machine.UART({uart})
data = bytes(700)
began = real.ticks_us()
written = uart.write(data)
tell(written=written, took_ms=(real.ticks_us() - began) // 1000)
SLEEP()
"""
HEARS = "uart = machine.UART(0, baudrate=115200, tx=Pin(0), rx=Pin(1))\nSLEEP()\n"


@pytest.mark.parametrize(
    ("kind", "uart", "least_ms", "most_ms"),
    [  # 700 bytes take 60.8 ms; 256 and the FIFO of 128 may be left when an ESP32's write returns
        ("esp32", "1, baudrate=115200, tx=Pin(18), rx=Pin(19), txbuf=256", 27, 50),
        ("pyboard", "6, baudrate=115200", 60, 100),
    ],
)
def test_a_write_waits_where_the_port_lets_it_wait(
    make_world: MakeWorld, kind: str, uart: str, least_ms: int, most_ms: int
) -> None:
    boards = (
        BoardPlan("board", kind, flash={"/main.py": (PRELUDE + WRITES.format(uart=uart)).encode()}),
        BoardPlan("other", flash={"/main.py": (PRELUDE + HEARS).encode()}),
    )
    cables = (SerialCable("cable", ("board", "uart0"), ("other", "uart0")),)
    (said,) = heard(make_world(RigPlan(UNITS, boards, cables)))
    assert said["written"] == 700
    assert least_ms <= said["took_ms"] <= most_ms


# -- the whole firmware ---------------------------------------------------------------------------------------------


def kinds(beacon: str, controller: str) -> dict[str, str]:
    """Return what is to be changed in the example file for boards of these kinds."""
    return {
        "[board.beacon]": f'[board.beacon]\nkind = "{beacon}"',
        "[board.controller]": f'[board.controller]\nkind = "{controller}"',
    }


@pytest.mark.parametrize(("beacon", "controller"), [("esp32", "esp32s3"), ("pyboard", "esp32"), ("esp32s3", "pyboard")])
def test_a_pair_of_other_kinds_pairs_fails_over_and_falls_back(beacon: str, controller: str) -> None:
    with Pair(changes=kinds(beacon, controller), beats=8, agent_beats=8) as pair:
        for name, kind in (("beacon", beacon), ("controller", controller)):
            with pair.board(name) as reached:
                assert messages.text(reached.identity()["kind"]) == kind
        pair.fail_over_and_back()
        assert pair.rig.state()["boards"]["controller"]["crashed"] == ""


def test_f9_a_hung_controller_on_an_esp32_lets_its_relay_fall_as_soon_as_it_runs_again() -> None:
    # the chip's own reset leaves the coil driven, and the spare is dead by then
    with Pair(changes=kinds("esp32", "esp32"), beats=8, agent_beats=8) as pair:
        pair.ask(w.MS, 1)
        pair.settle(on_spare=True)
        since = pair.rig.state()["trace_next"] - 1
        pair.rig.stop("spare")
        pair.rig.freeze("controller")
        reset = pair.rig.wait({"kind": "board", "name": "controller", "event": "reset"}, since)
        released = pair.rig.wait({"kind": "coil", "name": "line-primary", "event": "released"}, since)
        assert released.us > reset.us
        answers = pair.rig.wait({"kind": "board", "name": "controller", "event": "answers"}, reset.number)
        assert released.us < answers.us, "it falls before the firmware is all there"
        pair.settle(healths=(w.OK, w.UNKNOWN))
        assert pair.active() == "primary"
