"""The ESP32 on a WROOM-32 module, as its port of MicroPython shows it; facts of the chip and none of the wiring."""

PLATFORM = "esp32"
MACHINE = "Generic ESP32 module with ESP32"
IN, OUT, OPEN_DRAIN = 1, 3, 7
PULL_UP, PULL_DOWN = 2, 1
RESETS = {"PWRON_RESET": 1, "HARD_RESET": 2, "WDT_RESET": 3, "DEEPSLEEP_RESET": 4, "SOFT_RESET": 5}
CAUSES = {"power": 1, "pin": 1, "watchdog": 3, "reset": 2}
KEPT = None  # what outlives a reset is the memory of the RTC
FLASH_MODULES = (("esp32", "esp32"),)
UID_BYTES = 6
PADS = 40
WATCHDOG_MAX_MS = (1 << 31) - 1
WATCHDOG_TOO_SHORT, WATCHDOG_TOO_LONG = "WDT timeout too short", "overflow converting long int to machine word"
UART_OPTIONS = ("bits", "parity", "stop", "tx", "rx", "txbuf", "rxbuf", "timeout")
FIFO_BYTES = 128
RXBUF_BYTES = 256
CHARACTER_WAIT_US = 0  # a read returns what there is
WRITE_WAITS_ROOM, WRITE_WAITS_SENT = True, False  # a write returns when all of it is in the buffer
MISSING = (20, 24, 28, 29, 30, 31)
FLASH = (6, 7, 8, 9, 10, 11)
INPUT_FIRST = 34  # from here on pads have neither driver nor pulls
REPL, REPL_PADS = 0, (1, 3)
UARTS = 3


def pad(id):
    """Return the number of a pad; raise as the chip does, and where the chip would crash."""
    if not isinstance(id, int) or not 0 <= id < PADS or id in MISSING:
        raise ValueError("invalid pin")
    if id in FLASH:
        raise ValueError("pin %d belongs to the flash" % id)
    if id in REPL_PADS:
        raise ValueError("pin %d belongs to the REPL" % id)
    return id


def check_output(number):
    """Raise where a pad has no driver."""
    if number >= INPUT_FIRST:
        raise ValueError("pin can only be input")


def has_pulls(number):
    """Return whether a pad has pulls."""
    return number < INPUT_FIRST


def uart_pads(id, tx, rx):
    """Return the pads of a UART, its own where none are given; raise as the chip does."""
    if not 0 <= id < UARTS:
        raise ValueError("UART(%d) does not exist" % id)
    if id == REPL:
        raise ValueError("REPL UART buffer size is fixed")
    tx = (0, 10, 17)[id] if tx is None else tx
    rx = (0, 9, 16)[id] if rx is None else rx
    check_output(tx)
    return tx, rx
