"""Shows which wiring the firmware takes by what a port says of its board, and that it forgets it; on MicroPython only.

Argument: the repository's root. Prints what is wrong, or "well".
"""

import sys

ROOT = sys.argv[1]
sys.path[:0] = [ROOT + "/firmware", ROOT + "/protocol"]


class NoChip:
    """Stands in for `machine`: no pin is made here."""


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


wrong = [(board, taken(port, board)) for port, board, kind in SAID if taken(port, board) != kind]
print(wrong or "well")
