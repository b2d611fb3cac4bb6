"""The emulated flash is as strict as NOR: firmware that ignores a limit is seen to fail."""

import pytest

from hotspare.rig.errors import Refused
from hotspare.rig.plan import BoardPlan, RigPlan, SerialCable
from tests.rig.conftest import PRELUDE, UNITS, MakeWorld, eventually, heard, one_board, told

PAGES = """
import rp2
device = rp2.Flash()
def page(number):
    with open("/pages/%02d" % number, "wb") as file:
        file.write(bytes([number]) * 4096)
if boots() == 1:
    os.mkdir("/pages")
    page(0)
    page(1)
BLOCK = 7
def read(offset=0, size=4):
    data = bytearray(size)
    device.readblocks(BLOCK, data, offset)
    return list(data)
def refused(call):
    try:
        call()
        return ""
    except ValueError as error:
        return str(error)
"""


def test_bits_only_fall_and_only_an_erase_of_the_whole_block_lets_them_rise(make_world: MakeWorld) -> None:
    world = make_world(
        PAGES + "device.ioctl(6, BLOCK)\n"
        "for value in (0xF0, 0x3C, 0xFF):\n    device.writeblocks(BLOCK, bytes([value]) * 256, 256)\n"
        "tell(got=read(254), other=open('/pages/01', 'rb').read(2)[0])\n"
        "device.ioctl(6, BLOCK)\ntell(got=read(254), other=1)\nSLEEP()\n"
    )
    assert [said["got"] for said in heard(world, 2)] == [[255, 255, 0x30, 0x30], [255] * 4]
    assert (world.place.flash("board") / "pages" / "00").read_bytes() == b"\xff" * 4096
    state = world.state()["boards"]["board"]["flash"]
    assert (state["programs"], state["erases"], state["operations"]) == ({"0": 3}, {"0": 2}, 5)
    assert state["stalled_us"] == 3 * 700 + 2 * 45_000


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("device.writeblocks(BLOCK, bytes(100), 0)", "a program of 100 bytes at 0 would lock the chip up"),
        ("device.writeblocks(BLOCK, bytes(256), 10)", "a program of 256 bytes at 10 would lock the chip up"),
        ("device.writeblocks(BLOCK, bytes(512), 3840)", "512 bytes at 3840 of block 7 are not in the flash"),
        ("device.readblocks(352, bytearray(4), 0)", "4 bytes at 0 of block 352 are not in the flash"),
        ("device.writeblocks(8, bytes(256), 0)", "block 8 is none of the firmware's"),
        ("device.ioctl(6, 0)", "block 0 is none of the firmware's"),
    ],
)
def test_what_would_harm_the_flash_is_refused(make_world: MakeWorld, call: str, error: str) -> None:
    world = make_world(PAGES + f"tell(error=refused(lambda: {call}))\nSLEEP()\n")
    assert heard(world)[0]["error"].startswith(error)
    assert world.state()["boards"]["board"]["flash"]["operations"] == 0


@pytest.mark.parametrize(
    ("how", "left"),
    [("none", [0] * 4), ("whole", [255] * 4), ("30", [255, 255, 0, 0]), ("70", [255, 255, 0, 0])],
)
def test_power_goes_in_the_midst_of_an_erase_and_stays_off(make_world: MakeWorld, how: str, left: list[int]) -> None:
    at = {"30": 1228, "70": 2867}.get(how, 2000) - 2
    world = make_world(
        PAGES + f"if boots() > 2: tell(got=read({at}))\nelse: device.ioctl(6, BLOCK)\nSLEEP()\n", powered=False
    )
    world.power("board", True)
    world.powercut("board", 0, how)
    cut = world.wait({"kind": "board", "event": "power cut"})
    assert cut.detail == "erase of page 0"
    off = world.wait({"kind": "board", "event": "off"})
    assert off.us - cut.us < 1000
    assert not world.state()["boards"]["board"]["powered"]
    assert world.state()["boards"]["board"]["flash"]["stalled_us"] == 0
    world.power("board", True)
    assert heard(world) == [{"got": left}]


def test_a_garbled_program_lets_some_bits_fall_and_only_of_those_that_were_to(make_world: MakeWorld) -> None:
    world = make_world(
        PAGES + "if boots() > 2:\n    tell(got=read(0, 256), behind=read(256))\nelse:\n"
        "    device.ioctl(6, BLOCK)\n    device.writeblocks(BLOCK, b'\\x0f' * 256, 0)\nSLEEP()\n",
        powered=False,
    )
    world.power("board", True)
    world.powercut("board", 1, "garbled")
    world.wait({"kind": "board", "event": "power cut", "detail": "program of page 0"})
    world.power("board", True)
    said = heard(world)[0]
    assert len(set(said["got"])) > 2
    assert {value & 0x0F for value in said["got"]} == {0x0F}
    assert said["behind"] == [255] * 4


ERASES = (
    PAGES
    + """
uart = machine.UART(0, baudrate=115200, tx=Pin(0), rx=Pin(1), txbuf=256, rxbuf=256)
while uart.any() < 8:
    time.sleep_ms(1)
device.ioctl(6, BLOCK)
buffer = bytearray(300)
got = 0
for _ in range(300):
    got += uart.readinto(buffer) or 0
    time.sleep_ms(1)
tell(got=got)
SLEEP()
"""
)
SENDS = """
uart = machine.UART(0, baudrate=115200, tx=Pin(0), rx=Pin(1), txbuf=256, rxbuf=256)
time.sleep_ms(300)
uart.write(bytes(8))
time.sleep_ms(30)
uart.write(bytes(200))
SLEEP()
"""


@pytest.mark.parametrize(("erase_ms", "least", "most"), [(400, 40, 40), (1, 208, 208)])
def test_of_what_comes_during_a_stall_only_the_fifo_survives(
    make_world: MakeWorld, erase_ms: int, least: int, most: int
) -> None:
    files = [{"/main.py": (PRELUDE + main).encode()} for main in (SENDS, ERASES)]
    boards = (BoardPlan("sender", flash=files[0]), BoardPlan("board", flash=files[1]))
    world = make_world(
        RigPlan(UNITS, boards, (SerialCable("cable", ("sender", "uart0"), ("board", "uart0")),)), powered=False
    )
    world.erase("board", erase_ms)
    world.power("board", True)
    world.power("sender", True)
    assert least <= heard(world)[0]["got"] <= most
    overrun = world.state()["boards"]["board"]["uarts"]["uart0"]["overrun"]
    assert overrun == (168 if erase_ms == 400 else 0)


ESP32 = (
    PAGES.replace("import rp2\ndevice = rp2.Flash()", "import esp32\nPartition = esp32.Partition").replace(
        "BLOCK = 7", "BLOCK = 7"
    )
    + """
device = Partition.find(Partition.TYPE_DATA, label="vfs")[0]
device.ioctl(6, BLOCK)
device.writeblocks(BLOCK, b"\\x0f", 3)
try:
    device.readblocks(512, bytearray(4), 0)
except OSError as error:
    tell(got=read(0, 5), error=error.args[0], app=Partition.find(Partition.TYPE_APP))
SLEEP()
"""
)


def test_an_esp32_takes_programs_of_any_size_and_refuses_what_lies_outside(make_world: MakeWorld) -> None:
    world = make_world(one_board(ESP32, kind="esp32"))
    assert heard(world) == [{"got": [255, 255, 255, 15, 255], "error": -22, "app": []}]


SRAM = """
import stm, uctypes
ram = uctypes.bytearray_at(0x40024000, 4096)
if boots() == 1:
    ram[5] = 9
    first = list(ram[4:7])
    for register, bit in ((0x40023840, 28), (0x40007000, 8), (0x40023830, 18)):
        stm.mem32[register] |= 1 << bit
    ram[5] = 7
    tell(first=first, then=list(ram[4:7]))
    machine.reset()
stm.mem32[0x40023830] |= 1 << 18
ram[5] = 1
tell(kept=list(ram[4:7]))
SLEEP()
"""


def test_backup_sram_takes_nothing_while_it_is_closed_and_outlives_resets_and_power(make_world: MakeWorld) -> None:
    world = make_world(one_board(SRAM, kind="pyboard"))
    assert heard(world, 2) == [{"first": [0, 0, 0], "then": [0, 7, 0]}, {"kept": [0, 7, 0]}]
    world.power("board", False)
    world.power("board", True)
    assert heard(world, 3)[2] == {"kept": [0, 7, 0]}
    with pytest.raises(Refused, match="backup SRAM"):
        world.powercut("board")


FIRMWARE = """
from hotspare_firmware import flash
it = flash.of("{kind}")
if boots() == 1:
    for number in range(it.pages):
        it.erase(number)
        it.program(number, 0, bytes([number]) * 256)
    machine.reset()
data = bytearray(256)
kept = []
for number in range(it.pages):
    it.read(number, 0, data)
    kept.append(data == bytes([number]) * 256)
tell(pages=it.pages, size=it.page_size, kept=sum(kept))
SLEEP()
"""


@pytest.mark.parametrize(("kind", "pages", "size"), [("pico", 16, 4096), ("esp32", 16, 4096), ("pyboard", 8, 512)])
def test_the_firmware_finds_its_pages_on_every_kind_of_board(
    make_world: MakeWorld, kind: str, pages: int, size: int
) -> None:
    from hotspare.rig import flash

    files = {**flash.firmware_files(), "/main.py": (PRELUDE + FIRMWARE.format(kind=kind)).encode()}
    world = make_world(RigPlan(UNITS, (BoardPlan("board", kind=kind, flash=files),)))
    world.erase("board", 1) if kind != "pyboard" else None
    eventually(world, lambda: told(world))
    assert told(world) == [{"pages": pages, "size": size, "kept": pages}]
