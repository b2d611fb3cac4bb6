"""The emulated chip is as strict as the real one: firmware that ignores a limit is seen to fail."""

import pytest

from hotspare.rig.plan import BoardPlan, PulseCable, RigPlan, SerialCable
from hotspare.rig.world import World
from tests.rig.conftest import PRELUDE, RELAY, UNITS, MakeWorld, eventually, heard, one_board, run_ms, told

RELAY_PIN, SENSE_PRIMARY, SENSE_SPARE = 10, 12, 13


def events(world: World, kind: str) -> list[str]:
    """Return what the trace has of one kind."""
    return [record.event for record in world.trace() if record.kind == kind]


# -- pads ----------------------------------------------------------------------------------------------------------

KEEPS_ITS_RELAY_ON_FAITH = """
if boots() == 1:
    relay = Pin(10, Pin.OUT, value=1)
    time.sleep_ms(100)
    {end}
tell(cause=machine.reset_cause(), spare=Pin(13, Pin.IN).value())
SLEEP()
"""


@pytest.mark.parametrize(
    ("end", "traced", "cause"),
    [
        ("machine.reset()", "reset", 3),
        ("machine.WDT(timeout=50); SLEEP()", "watchdog", 3),
        ("machine.WDT(timeout=20)\n    while True: pass", "watchdog", 3),
    ],
)
def test_firmware_that_counts_on_its_pads_after_a_reset_finds_its_relay_fallen(
    make_world: MakeWorld, end: str, traced: str, cause: int
) -> None:
    world = make_world(KEEPS_ITS_RELAY_ON_FAITH.format(end=end))
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"})
    reset = world.wait({"kind": "board", "event": "reset", "detail": traced})
    fallen = world.wait({"kind": "coil", "event": "released"})
    assert fallen.us == reset.us
    world.wait({"kind": "contact", "event": "closed", "detail": "primary"})
    heard(world)
    assert told(world)[0]["cause"] == cause
    run_ms(world, 50)
    assert world.state()["relays"]["line"]["driven"] is False


def test_power_loss_lets_the_pads_fall_at_that_moment(make_world: MakeWorld) -> None:
    world = make_world("relay = Pin(10, Pin.OUT, value=1)\nSLEEP()\n")
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"})
    off_us = world.power("board", False)
    released = world.wait({"kind": "coil", "event": "released"})
    assert released.us == off_us
    touched = world.wait({"kind": "contact", "event": "closed", "detail": "primary"}, released.number)
    assert touched.us - off_us == RELAY.release_us


def test_a_pin_made_an_input_drives_nothing(make_world: MakeWorld) -> None:
    world = make_world("p = Pin(10, Pin.OUT, value=1)\ntime.sleep_ms(50)\np.init(Pin.IN)\nSLEEP()\n")
    energised = world.wait({"kind": "coil", "event": "energised"})
    released = world.wait({"kind": "coil", "event": "released"})
    assert released.number > energised.number
    assert world.state()["boards"]["board"]["outputs"] == {}


def test_level_and_direction_come_together(make_world: MakeWorld) -> None:
    world = make_world("p = Pin(10, Pin.OUT, value=0)\np = Pin(10, Pin.OUT)\ntell(level=p.value())\nSLEEP()\n")
    assert heard(world) == [{"level": 0}]
    assert events(world, "drive") == []


def test_inputs_read_contacts_supply_and_pulls(make_world: MakeWorld) -> None:
    world = make_world(
        "pins = [Pin(12, Pin.IN), Pin(13, Pin.IN), Pin(14, Pin.IN), Pin(20, Pin.IN, Pin.PULL_UP), "
        "Pin(21, Pin.IN, Pin.PULL_DOWN), Pin(13, Pin.IN, Pin.PULL_UP)]\n"
        "tell(levels=[p.value() for p in pins])\n"
        "Pin(10, Pin.OUT, value=1)\ntime.sleep_ms(50)\ntell(levels=[p.value() for p in pins])\nSLEEP()\n"
    )
    # the external pull-down of a read-back is stronger than the pull-up inside the chip
    assert [said["levels"] for said in heard(world, 2)] == [[1, 0, 1, 1, 0, 0], [0, 1, 1, 1, 0, 1]]


BREAKS_A_RULE = """
try:
    {rule}
    tell(error="")
except ValueError as error:
    tell(error=str(error))
SLEEP()
"""


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("Pin(30, Pin.IN)", "invalid pin"),
        ("Pin(-1, Pin.IN)", "invalid pin"),
        ("Pin('X1', Pin.IN)", "invalid pin"),
        ("Pin(24, Pin.OUT, value=1)", "pin 24 belongs to the board's supply"),
        ("Pin(29)", "pin 29 belongs to the board's supply"),
        ("Pin(10, Pin.OPEN_DRAIN)", "pin mode is IN or OUT on this rig"),
        ("machine.UART(2)", "UART(2) doesn't exist"),
        ("machine.UART(0, tx=Pin(4), rx=Pin(1))", "bad TX pin"),
        ("machine.UART(0, tx=Pin(0), rx=Pin(5))", "bad RX pin"),
        ("machine.UART(1, tx=Pin(5), rx=Pin(4))", "bad TX pin"),
        ("machine.UART(1, baudrate=0)", "bad baudrate"),
        ("machine.UART(1, timeout=100)", "8 bits, no parity, 1 stop bit and no time-out on this rig"),
        ("machine.WDT(timeout=8389)", "timeout exceeds 8388"),
        ("machine.WDT(timeout=0)", "timeout exceeds 8388"),
        ("machine.WDT(1)", "WDT(1) doesn't exist"),
    ],
)
def test_what_the_chip_does_not_have_is_refused(make_world: MakeWorld, rule: str, error: str) -> None:
    assert heard(make_world(BREAKS_A_RULE.format(rule=rule))) == [{"error": error}]


# -- watchdog -------------------------------------------------------------------------------------------------------

STOPS_FEEDING = """
w = machine.WDT(timeout=200)
started = real.ticks_us()
tell(boot=boots())
w = None
machine.WDT.feed = lambda self: None
while True:
    try:
        while True:
            time.sleep_ms(1000)
    except BaseException:
        pass
"""


def test_a_watchdog_can_not_be_stopped_and_bites_on_time(make_world: MakeWorld) -> None:
    world = make_world(STOPS_FEEDING)
    first = world.wait({"kind": "board", "event": "answers"})  # when the watchdog was started
    bite = world.wait({"kind": "board", "event": "reset"}, first.number)
    # the rig hears of the watchdog a little after it was started and fed; a busy machine bites late, and never early
    assert 100_000 <= bite.us - first.us <= 2_000_000
    assert heard(world, 2)[1] == {"boot": 2}


def test_a_watchdog_that_is_fed_does_not_bite(make_world: MakeWorld) -> None:
    world = make_world("w = machine.WDT(timeout=800)\nwhile True:\n    w.feed()\n    time.sleep_ms(20)\n")
    world.wait({"kind": "board", "event": "answers"})
    run_ms(world, 2_000)
    assert events(world, "board") == ["on", "booting", "answers"]


def test_a_frozen_board_is_reset_by_its_own_watchdog_and_a_thawed_one_is_not(make_world: MakeWorld) -> None:
    feeds = "w = machine.WDT(timeout=800)\nwhile True:\n    w.feed()\n    time.sleep_ms(10)\n"
    world = make_world(feeds)
    world.wait({"kind": "board", "event": "answers"})
    world.freeze("board")
    assert not world.state()["boards"]["board"]["running"]
    run_ms(world, 100)
    world.thaw("board")
    run_ms(world, 1_500)
    assert "reset" not in events(world, "board")
    frozen_us = world.freeze("board")
    bite = world.wait({"kind": "board", "event": "reset", "detail": "watchdog"})
    assert 0 < bite.us - frozen_us <= 3_000_000
    eventually(world, lambda: world.state()["boards"]["board"]["running"])


def test_a_frozen_board_without_a_watchdog_stands_still_with_its_pads_as_they_are(make_world: MakeWorld) -> None:
    world = make_world("relay = Pin(10, Pin.OUT, value=1)\nwhile True:\n    time.sleep_ms(5)\n")
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"})
    world.freeze("board")
    run_ms(world, 500)
    assert world.state()["relays"]["line"]["contact"] == "spare"


# -- UARTs ----------------------------------------------------------------------------------------------------------

UART = "uart = machine.UART(0, baudrate={baud}, tx=Pin(0), rx=Pin(1), txbuf=256, rxbuf=256)\n"


def two_boards(first: str, second: str, baud: int = 115_200) -> RigPlan:
    """Return a rig of two boards joined by a serial cable on UART0."""
    files = [{"/main.py": (PRELUDE + main).encode()} for main in (first, second)]
    boards = (BoardPlan("sender", flash=files[0]), BoardPlan("board", flash=files[1]))
    return RigPlan(UNITS, boards, (SerialCable("cable", ("sender", "uart0"), ("board", "uart0"), baud),))


IGNORES_SHORT_WRITES = (
    UART.format(baud=115_200)
    + """
time.sleep_ms(200)
data = bytes([i % 251 for i in range(1000)])
tell(written=[uart.write(data), uart.write(data)])
time.sleep_ms(50)
tell(written=[uart.write(b"later")])
SLEEP()
"""
)
READS_EVERYTHING = (
    UART.format(baud=115_200)
    + """
buffer = bytearray(64)
poll = select.poll()
poll.register(uart, select.POLLIN)
got = b""
while True:
    for _ in poll.ipoll(100):
        n = uart.readinto(buffer)
        got += bytes(buffer[:n])
        tell(got=len(got), tail=list(got[-5:]))
"""
)


def test_firmware_that_ignores_short_writes_loses_what_did_not_fit(make_world: MakeWorld) -> None:
    world = make_world(two_boards(IGNORES_SHORT_WRITES, READS_EVERYTHING))
    eventually(world, lambda: any(said["tail"] == list(b"later") for said in told(world)))
    written = [said["written"] for said in told(world, "sender")]
    assert 288 <= written[0][0] <= 300  # FIFO and buffer, and what left meanwhile
    assert written[0][1] is None or written[0][1] <= 20
    assert written[1] == [5]
    assert told(world)[-1]["got"] == sum(count or 0 for pair in written for count in pair)


SENDS_ON_AND_ON = (
    UART.format(baud=115_200)
    + """
time.sleep_ms(200)
for i in range(10):
    uart.write(bytes([i]) * 100)
    time.sleep_ms(12)
SLEEP()
"""
)
SLEEPS_TOO_LONG = (
    UART.format(baud=115_200)
    + """
poll = select.poll()
poll.register(uart, select.POLLIN)
poll.poll()
time.sleep_ms(800)
buffer = bytearray(2000)
n = uart.readinto(buffer)
tell(got=n, newest=buffer[n - 1], then=uart.readinto(buffer))
SLEEP()
"""
)


def test_firmware_that_reads_too_late_has_lost_the_newest_bytes(make_world: MakeWorld) -> None:
    world = make_world(two_boards(SENDS_ON_AND_ON, SLEEPS_TOO_LONG))
    assert heard(world) == [{"got": 256, "newest": 2, "then": None}]
    assert world.state()["boards"]["board"]["uarts"]["uart0"]["overflowed"] == 1000 - 256


def test_firmware_at_the_wrong_rate_reads_garbage(make_world: MakeWorld) -> None:
    sends = UART.format(baud=57_600) + "time.sleep_ms(200)\nuart.write(b'hello hello hello')\nSLEEP()\n"
    world = make_world(two_boards(sends, READS_EVERYTHING))
    eventually(world, lambda: told(world) and told(world)[-1]["got"] >= 17)
    assert told(world)[-1]["tail"] != list(b"hello")


def test_bytes_keep_the_pace_of_the_line(make_world: MakeWorld) -> None:
    sends = UART.format(baud=9_600) + "time.sleep_ms(200)\nuart.write(bytes(250))\nPin(25, Pin.OUT, value=1)\nSLEEP()\n"
    world = make_world(two_boards(sends, READS_EVERYTHING.replace("115200", "9600"), 9_600))
    eventually(world, lambda: world.boards["sender"].pads.outputs.get(25))
    written_us = world.loop.now_us()
    wire = world.cables["cable"].ways["sender"]
    eventually(world, lambda: wire.counts.delivered == 250)  # type: ignore[union-attr]
    pace_us = 250 * 10 / 9_600 * 1e6
    assert 0.95 * pace_us <= world.loop.now_us() - written_us <= 3 * pace_us  # a busy machine is late, never early


def test_a_reset_takes_what_had_not_been_sent(make_world: MakeWorld) -> None:
    sends = (
        UART.format(baud=9_600)
        + "if boots() == 1:\n    time.sleep_ms(200)\n    uart.write(bytes(200))\n"
        + "    time.sleep_ms(50)\n    machine.reset()\n"
        + "SLEEP()\n"
    )
    world = make_world(two_boards(sends, READS_EVERYTHING.replace("115200", "9600"), 9_600))
    world.wait({"kind": "board", "name": "sender", "event": "reset"})
    run_ms(world, 300)
    counts = world.cables["cable"].ways["sender"].counts  # type: ignore[union-attr]
    assert counts.sent == 200
    assert 30 <= counts.delivered < 200
    assert counts.lost == 200 - counts.delivered


def test_pulses_go_from_one_board_to_the_other_and_fall_with_the_pad(make_world: MakeWorld) -> None:
    beats = "p = Pin(6, Pin.OUT, value=1)\nPin(25, Pin.OUT, value=1)\nSLEEP()\n"
    watches = (
        "p = Pin(7, Pin.IN)\nwas = p.value()\ntell(level=was)\n"
        "while True:\n    now = p.value()\n    if now != was:\n"
        "        was = now\n        tell(level=now)\n    time.sleep_ms(1)\n"
    )
    files = [{"/main.py": (PRELUDE + main).encode()} for main in (beats, watches)]
    plan = RigPlan(
        UNITS,
        (BoardPlan("sender", flash=files[0]), BoardPlan("board", flash=files[1])),
        (PulseCable("p", "sender", "board"),),
    )
    world = make_world(plan, powered=False)
    world.power("board", True)
    assert heard(world) == [{"level": 0}]
    world.power("sender", True)
    heard(world, 2)
    world.power("sender", False)
    assert heard(world, 3) == [{"level": 0}, {"level": 1}, {"level": 0}]


# -- ends and beginnings --------------------------------------------------------------------------------------------


def test_a_reset_can_not_be_caught(make_world: MakeWorld) -> None:
    world = make_world(
        "if boots() == 1:\n"
        "    try:\n        machine.reset()\n    except BaseException:\n"
        "        pass\n    finally:\n        tell(alive=True)\n"
        "    tell(alive=True)\n"
        "tell(boot=2)\nSLEEP()\n"
    )
    assert heard(world) == [{"boot": 2}]


def test_an_exception_leaves_pads_as_they_are_and_only_the_watchdog_ends_that(make_world: MakeWorld) -> None:
    world = make_world(
        "if boots() == 1:\n    w = machine.WDT(timeout=400)\n    Pin(10, Pin.OUT, value=1)\n    1 / 0\nSLEEP()\n"
    )
    crash = world.wait({"kind": "board", "event": "crashed"})
    assert "ZeroDivisionError" in crash.detail
    assert not world.state()["boards"]["board"]["running"]
    world.wait({"kind": "contact", "event": "closed", "detail": "spare"})
    world.wait({"kind": "board", "event": "reset", "detail": "watchdog"})
    world.wait({"kind": "contact", "event": "closed", "detail": "primary"})


def test_a_board_without_a_main_stays_and_moves_nothing(make_world: MakeWorld) -> None:
    world = make_world(RigPlan(UNITS, (BoardPlan("board"),), (), (RELAY,)))
    assert "ENOENT" in world.wait({"kind": "board", "event": "crashed"}).detail
    assert events(world, "drive") == []


def test_a_soft_reset_starts_again_with_the_pads_as_they_were(make_world: MakeWorld) -> None:
    world = make_world(
        "if boots() == 1:\n    Pin(10, Pin.OUT, value=1)\n    time.sleep_ms(50)\n"
        "    sys.exit()\ntell(boot=2)\nSLEEP()\n"
    )
    assert heard(world) == [{"boot": 2}]
    assert events(world, "drive") == ["on"]


def test_an_interpreter_that_dies_stays_dead_until_its_watchdog_bites(make_world: MakeWorld) -> None:
    world = make_world(
        "if boots() == 1:\n    machine.WDT(timeout=300)\n    Pin(10, Pin.OUT, value=1)\n"
        "    os.system('kill -SEGV $PPID')\n"
        "tell(cause=machine.reset_cause())\nSLEEP()\n"
    )
    crash = world.wait({"kind": "board", "event": "crashed"})
    assert crash.detail == "the interpreter ended"
    assert heard(world) == [{"cause": 3}]
    assert events(world, "drive") == ["on", "off"]


def test_the_flash_stays_over_resets_and_power_cycles(make_world: MakeWorld) -> None:
    world = make_world("tell(boot=boots(), cause=machine.reset_cause())\nif boots() < 4: machine.reset()\nSLEEP()\n")
    heard(world, 2)
    world.power("board", False)
    run_ms(world, 20)
    world.power("board", True)
    said = heard(world, 3)
    assert [one["cause"] for one in said] == [1, 3, 1]
    assert said[2]["boot"] > said[1]["boot"] > said[0]["boot"]


def test_the_unique_id_is_the_boards_own_and_stays(make_world: MakeWorld) -> None:
    main = "tell(uid=machine.unique_id().hex())\nif boots() == 1: machine.reset()\nSLEEP()\n"
    world = make_world(main)
    first, second = heard(world, 2)
    assert first == second
    assert len(first["uid"]) == 16


# -- clock ----------------------------------------------------------------------------------------------------------


def test_firmware_that_subtracts_ticks_is_wrong_at_the_wrap(make_world: MakeWorld) -> None:
    wrap_ms = 1 << 30
    main = (
        "then = time.ticks_ms()\nfar = time.ticks_us()\ntime.sleep_ms(300)\nnow = time.ticks_ms()\n"
        "tell(naive=now - then, right=time.ticks_diff(now, then), us=time.ticks_diff(time.ticks_us(), far),\n"
        "     back=time.ticks_add(now, -1000), then=then)\nSLEEP()\n"
    )
    (said,) = heard(make_world(one_board(main, ticks_start_ms=wrap_ms - 200)))
    assert said["then"] >= wrap_ms - 200
    assert said["naive"] < 0
    assert 299 <= said["right"] <= 5_000
    assert 299_000 <= said["us"] <= 5_000_000
    assert 0 <= said["back"] < wrap_ms


@pytest.mark.parametrize("drift_ppm", [200_000, -200_000])
def test_a_clock_drifts_as_the_plan_says(make_world: MakeWorld, drift_ppm: int) -> None:
    main = (
        "a = real.ticks_us()\nthen = time.ticks_us()\ntime.sleep_ms(200)\nnow = time.ticks_us()\n"
        "tell(own=time.ticks_diff(now, then), true=real.ticks_us() - a)\nSLEEP()\n"
    )
    (said,) = heard(make_world(one_board(main, drift_ppm=drift_ppm, ticks_start_ms=0)))
    assert said["own"] / said["true"] == pytest.approx(1 + drift_ppm / 1e6, abs=0.01)


# -- cost -----------------------------------------------------------------------------------------------------------


def test_pins_uart_watchdog_and_clock_allocate_nothing_in_steady_use(make_world: MakeWorld) -> None:
    main = (
        UART.format(baud=115_200)
        + """
relay, led, sense, w = Pin(10, Pin.OUT, value=0), Pin(25, Pin.OUT, value=0), Pin(13, Pin.IN), machine.WDT(timeout=8000)
poll = select.poll()
poll.register(uart, select.POLLIN)
buffer, frame = bytearray(64), bytearray(8)
def step(i):
    for _ in poll.ipoll(0):
        pass
    uart.readinto(buffer)
    uart.write(frame)
    relay.value(0)
    led.value(i & 1)
    sense.value()
    w.feed()
    return time.ticks_diff(time.ticks_ms(), 5)
def run():
    failed = ""
    micropython.heap_lock()
    try:
        for i in range(200):
            step(i)
            real.sleep_us(1000)
    except MemoryError:
        failed = "allocated"
    micropython.heap_unlock()
    return failed
step(0); step(1)
failed = run()
tell(error=failed)
SLEEP()
"""
    )
    assert heard(make_world(main)) == [{"error": ""}]
