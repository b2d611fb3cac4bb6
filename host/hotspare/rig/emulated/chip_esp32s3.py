"""The ESP32-S3 on a WROOM-1 module, as its port of MicroPython shows it; facts of the chip and none of the wiring."""

from chip_esp32 import (  # noqa: F401 - the same port, and the same in these
    CAUSES,
    CHARACTER_WAIT_US,
    FIFO_BYTES,
    FLASH_MODULES,
    IN,
    KEPT,
    OPEN_DRAIN,
    OUT,
    PLATFORM,
    PULL_DOWN,
    PULL_UP,
    REPL,
    RESETS,
    RXBUF_BYTES,
    UART_OPTIONS,
    UARTS,
    UID_BYTES,
    WATCHDOG_MAX_MS,
    WATCHDOG_TOO_LONG,
    WATCHDOG_TOO_SHORT,
    WRITE_WAITS_ROOM,
    WRITE_WAITS_SENT,
)

MACHINE = "Generic ESP32S3 module with ESP32-S3"
PADS = 49
MISSING = (22, 23, 24, 25)
FLASH_FIRST, FLASH_LAST = 26, 37  # with the lines of eight-line flash and PSRAM
USB = (19, 20)
REPL_PADS = (43, 44)


def pad(id):
    """Return the number of a pad; raise as the chip does, and where the chip would crash or lose its host."""
    if not isinstance(id, int) or not 0 <= id < PADS or id in MISSING:
        raise ValueError("invalid pin")
    if FLASH_FIRST <= id <= FLASH_LAST:
        raise ValueError("pin %d belongs to the flash" % id)
    if id in USB:
        raise ValueError("pin %d belongs to USB" % id)
    if id in REPL_PADS:
        raise ValueError("pin %d belongs to the REPL" % id)
    return id


def check_output(number):
    """Every pad has a driver."""


def has_pulls(number):
    """Return whether a pad has pulls: every one."""
    return True


def uart_pads(id, tx, rx):
    """Return the pads of a UART, its own where none are given; raise as the chip does."""
    if not 0 <= id < UARTS:
        raise ValueError("UART(%d) does not exist" % id)
    if id == REPL:
        raise ValueError("REPL UART buffer size is fixed")
    return (0, 17, 17)[id] if tx is None else tx, (0, 18, 18)[id] if rx is None else rx
