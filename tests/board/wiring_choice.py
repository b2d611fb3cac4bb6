"""Shows which wiring the firmware takes by what a port says of its board, and that it forgets it; on MicroPython only.

Argument: the repository's root. Prints what is wrong, or "well".
"""

import sys

ROOT = sys.argv[1]
sys.path[:0] = [ROOT + "/firmware", ROOT + "/protocol"]


class NoChip:
    """Stands in for `machine`: no pin is made here."""

    mem32 = "memory"


sys.modules["machine"] = NoChip

from hotspare_firmware import hardware  # noqa: E402

# port, board, kind: "" where there is no wiring
SAID = (
    ("rp2", "Raspberry Pi Pico with RP2040", "pico"),
    ("rp2", "Raspberry Pi Pico2 with RP2350", "pico"),
    ("esp32", "Generic ESP32 module with ESP32", "esp32"),
    ("esp32", "Generic ESP32 module with SPIRAM with ESP32", "esp32"),
    ("esp32", "M5Stack Atom with ESP32-PICO-D4", "esp32"),
    ("esp32", "M5Stack Atom with ESP32PICO-D4", "esp32"),
    ("esp32", "Generic ESP32S3 module with ESP32S3", "esp32s3"),
    ("esp32", "Generic ESP32S3 module with ESP32-S3", "esp32s3"),
    ("esp32", "TinyS3 with ESP32-S3-FN8", "esp32s3"),
    ("esp32", "Generic ESP32S2 module with ESP32-S2", ""),
    ("esp32", "Generic ESP32C3 module with ESP32-C3", ""),
    ("esp32", "Generic ESP32-P4 module with ESP32-P4", ""),
    ("pyboard", "PYBv1.1 with STM32F405RG", "pyboard"),
    ("pyboard", "PYBLITEv1.0 with STM32F411RE", ""),
    ("pyboard", "NUCLEO-F401RE with STM32F401xE", ""),
    ("linux", "linux with AMD64", ""),
)
WIRINGS = "hotspare_firmware.wiring."


def taken(port, board):
    """Return the kind whose wiring is taken, "" for none."""
    try:
        wiring = hardware.wiring_of(port, board)
    except ValueError as error:
        return "" if board in str(error) else "an error that does not name the board"
    loaded = [name for name in sys.modules if name.startswith(WIRINGS)]
    assert loaded == [WIRINGS + wiring.KIND], loaded
    hardware.forget(wiring)
    assert not [name for name in sys.modules if name.startswith(WIRINGS)]
    assert not hasattr(sys.modules[WIRINGS[:-1]], wiring.KIND)
    return wiring.KIND


class Rtc:
    """Stands in for the RTC of an ESP32; it keeps what it is given."""

    kept = b""

    def memory(self, data=None):
        """Read or write."""
        if data is None:
            return Rtc.kept
        Rtc.kept = bytes(data)


# where each chip keeps the boot record; None: in its RTC
KEPT = (
    ("rp2", "Raspberry Pi Pico with RP2040", 0x4005800C),
    ("rp2", "Raspberry Pi Pico2 with RP2350", 0x400D800C),
    ("rp2", "Some board with RP9999", 0),
    ("esp32", "Generic ESP32 module with ESP32", None),
    ("esp32", "Generic ESP32S3 module with ESP32S3", None),
    ("pyboard", "PYBv1.1 with STM32F405RG", 0x40002870),
)


def kept(port, board):
    """Return where a board of that kind keeps its boot record; 0 where it is kept nowhere."""
    hardware.os = Said(port, board)
    words, at = hardware.Hardware().kept()
    if words == "memory":
        return at
    for place in range(0, 16, 4):
        words[at + place] = 0xFFFFFF00 + place
    again, at = hardware.Hardware().kept()
    found = [again[at + place] for place in range(0, 16, 4)]
    if found == [0, 0, 0, 0]:
        return 0
    return None if found == [0xFFFFFF00, 0xFFFFFF04, 0xFFFFFF08, 0xFFFFFF0C] and at == 0 else found


class Said:
    """Stands in for `os`."""

    def __init__(self, port, board):
        self._said = port, port, "1.28.0", "", board

    def uname(self):
        """Say it."""
        return self._said


NoChip.RTC = Rtc
wrong = [(board, taken(port, board)) for port, board, kind in SAID if taken(port, board) != kind]
wrong += [(board, kept(port, board)) for port, board, place in KEPT if kept(port, board) != place]
said = hardware.Hardware().interpreter()
wrong += [said] if tuple(map(int, said.split("."))) != sys.implementation.version[:3] else []
print(wrong or "well")
