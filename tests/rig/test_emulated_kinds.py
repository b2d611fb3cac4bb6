"""The other kinds of chip on the rig: as strict as each real one, and the whole firmware runs on all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hil.pair import UNHURRIED, Pair
from hotspare import blob, wiring
from hotspare.rig import flash
from hotspare.rig.place import FLASH
from hotspare.rig.plan import BoardPlan, RigPlan, SerialCable
from hotspare_engine import words as w
from hotspare_wire import messages
from tests.desk import Desk
from tests.rig.conftest import PRELUDE, UNITS, MakeWorld, eventually, heard, one_board, run_ms, told

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


# where each kind keeps four words over its resets, by what its chip offers
KEEPS = {
    "pico": "places, words = [0x4005800C + 4 * i for i in range(4)], machine.mem32",
    "pyboard": "places, words = [0x40002870 + 4 * i for i in range(4)], machine.mem32",
    "esp32": "",
    "esp32s3": "",
}
TELLS_WORDS = """
{keeps}
tell(kept=[words[place] for place in places])
for i, place in enumerate(places):
    words[place] = 0xFFFFFF00 + i
if boots() == 1: machine.reset()
machine.WDT(timeout=50)
SLEEP()
"""
TELLS_RTC = """
rtc = machine.RTC()
kept = rtc.memory()
tell(kept=list(kept), size=len(kept))
rtc.memory(bytes(range(16)))
if boots() == 1: machine.reset()
machine.WDT(timeout=50)
SLEEP()
"""


@pytest.mark.parametrize("kind", wiring.KINDS)
def test_what_a_chip_keeps_outlives_its_resets_and_is_garbage_after_power_and_its_reset_pin(
    make_world: MakeWorld, kind: str
) -> None:
    main = TELLS_WORDS.format(keeps=KEEPS[kind]) if KEEPS[kind] else TELLS_RTC
    mine = [0xFFFFFF00 + i for i in range(4)] if KEEPS[kind] else list(range(16))
    world = make_world(one_board(main, kind=kind))
    first, *others = [said["kept"] for said in heard(world, 3)][:3]
    assert first != mine
    assert others == [mine, mine], "over reset() and over the watchdog"
    world.reset("board")
    count = len(told(world))
    eventually(world, lambda: [said for said in told(world)[count - 1 :] if said["kept"] != mine])
    world.power("board", False)
    count = len(told(world))
    world.power("board", True)
    assert heard(world, count + 1)[count]["kept"] not in (mine, first)


@pytest.mark.parametrize(
    ("kind", "rule", "error"),
    [
        ("pico", "machine.mem32[0x4005801C]", "nothing on this rig is at address 0x4005801c"),
        ("pico", "machine.mem32[0x4005800D] = 1", "nothing on this rig is at address 0x4005800d"),
        ("pyboard", "machine.mem32[0x40002850] = 1", "nothing on this rig is at address 0x40002850"),
        ("esp32", "machine.mem32[0] = 1", "nothing on this rig is at address 0x0"),
        ("esp32", "machine.RTC().memory(bytes(17))", "buffer too long"),
        ("pico", "machine.RTC().memory()", "no attribute"),
    ],
)
def test_no_other_memory_is_offered(make_world: MakeWorld, kind: str, rule: str, error: str) -> None:
    main = BREAKS_A_RULE.format(rule=rule).replace("TypeError)", "TypeError, AttributeError)")
    (said,) = heard(make_world(one_board(main, kind=kind)))
    assert error in said["error"]


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


# -- L8: no reset energises a relay ------------------------------------------------------------------------------------

RAISES = b"""
import micropython
micropython.kbd_intr(-1)
import os
from hotspare_firmware import board

real = board.Board._look
def look(self, ms):
    if "raise" in os.listdir("/"):
        os.remove("raise")
        raise ValueError("broken on purpose")
    real(self, ms)
board.Board._look = look
import hotspare_firmware.main
hotspare_firmware.main.main()
"""
STILL_MS = 300


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        *[(kind, {}) for kind in wiring.KINDS],
        ("pico", {"retention": "latching"}),
        ("esp32", {"retention": "latching"}),
        ("pico", {"switch": "interlocked"}),
        ("pico", {"switch": "fenced"}),
    ],
)
def test_l8_no_reset_of_any_kind_energises_a_relay_by_itself(kind: str, values: dict[str, str]) -> None:
    firmware = {**flash.firmware_files(), "/main.py": RAISES}
    with Pair(changes=kinds("pico", kind), firmware=firmware, **{**UNHURRIED, "watchdog_ms": 1000, **values}) as pair:
        folder = pair.configuration.rig_directory / FLASH / "controller"

        def restarts() -> None:
            # a configuration that differs restarts a board, and is refused while a relay would fall for it
            other = replace(pair.group, watchdog_ms=2000 + len(done))
            with pair.board("controller") as reached:
                reached.write_configuration(blob.of(pair.configuration.board("controller"), other))

        # what is done, and what the board says of it
        causes = {
            "watchdog": (lambda: pair.rig.freeze("controller"), w.C_WATCHDOG),
            "exception": ((folder / "raise").touch, w.C_EXCEPTION),
            "pin": (lambda: pair.rig.reset("controller"), w.C_HARD if kind == "pyboard" else w.C_POWER),
            "configured": (restarts, w.C_CONFIGURED),
            "power": (lambda: _power_cycle(pair), w.C_POWER),
        }
        done: list[str] = []
        for name, (act, cause) in causes.items():
            if name != "configured":
                assert pair.ask(w.FS, 1)["verdict"] in (w.DONE, w.NOTHING)
                pair.until_status(lambda status: status["state"] == w.ON_SPARE)
            pair.ask(w.DISARM)
            pair.pass_ms(STILL_MS)  # the pulse of a latching coil has ended
            with pair.board("controller") as reached:
                boot = reached.identity()["boot"]
                for row in reached.standing():
                    reached.request(w.CLEAR, 0, row["id"], 0, 0, 1000)
            before = int(pair.rig.state()["trace_next"]) - 1
            act()
            pair.until_restarted("controller", boot)
            pair.pass_ms(STILL_MS)
            energised = [it for it in pair.rig.trace(before) if it.kind == "coil" and it.event == "energised"]
            assert [it for it in energised if it.name != "alarm-controller"] == [], name
            with pair.board("controller") as reached:
                assert reached.identity()["cause"] == cause, name
                reached.request(w.CLEAR_RESETS, 0, 0, 0, 0, 1000)
            assert pair.rig.state()["both_connected_us"] == 0
            done.append(name)
        moved = {it.name for it in pair.rig.trace(0) if it.kind == "coil" and it.event == "energised"}
        assert moved - {"alarm-controller"}, "what a person orders does energise a coil"


def _power_cycle(pair: Pair) -> None:
    pair.rig.power("controller", False)
    pair.rig.power("controller", True)


def test_a_controller_whose_pads_outlive_a_reset_has_them_at_rest_in_maintenance(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with Pair(changes=kinds("esp32", "esp32"), beats=8, agent_beats=8) as pair:
        desk = Desk(pair, capfd)
        pair.ask(w.MS, 1)
        pair.settle(on_spare=True)
        assert desk.run("maintenance", "controller", "--accept-fall") == 0
        pair.pass_ms(500)
        state = pair.rig.state()["boards"]["controller"]
        assert state["repl"]
        pins = flash.wiring_of("esp32")
        driven = [
            name for name, pad in pins.items() if state["outputs"].get(str(pad)) and name not in ("led", "pulse_out")
        ]
        assert driven == [], "L8: what outlived the reset fell before it"
        assert pair.active() == "primary"
        assert pair.alarm_stands("controller")
        assert desk.run("maintenance", "controller", "--end") == 0
        pair.settle()
