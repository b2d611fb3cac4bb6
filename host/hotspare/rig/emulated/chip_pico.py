"""The RP2040 on a Raspberry Pi Pico, as its port of MicroPython shows it; facts of the chip and none of the wiring."""

PLATFORM = "rp2"
MACHINE = "Raspberry Pi Pico with RP2040"
IN, OUT, OPEN_DRAIN = 0, 1, 2
PULL_UP, PULL_DOWN = 1, 2
RESETS = {"PWRON_RESET": 1, "WDT_RESET": 3}
CAUSES = {"power": 1, "pin": 1, "watchdog": 3, "reset": 3}  # the RP2040 says so after reset() too
KEPT = 0x4005800C  # scratch 0 to 3 of the watchdog
FLASH_MODULES = (("rp2", "rp2"),)
UID_BYTES = 8
PADS = 30
WATCHDOG_MAX_MS = 8388
WATCHDOG_TOO_SHORT = WATCHDOG_TOO_LONG = "timeout exceeds 8388"
UART_OPTIONS = ("bits", "parity", "stop", "tx", "rx", "txbuf", "rxbuf", "timeout")
FIFO_BYTES = 32
RXBUF_BYTES = 256
CHARACTER_WAIT_US = 1000  # a read of more than there is waits so long for another byte
WRITE_WAITS_ROOM = WRITE_WAITS_SENT = False  # a write takes what fits and returns
LED = 25
RESERVED = (23, 24, 29)  # supply and VSYS of a Pico


def pad(id):
    """Return the number of a pad; raise as the chip does."""
    if id == "LED":
        return LED
    number = id
    if isinstance(id, str) and id[:2] == "GP" and id[2:].isdigit():
        number = int(id[2:])
    if not isinstance(number, int) or not 0 <= number < PADS:
        raise ValueError("invalid pin")
    if number in RESERVED:
        raise ValueError("pin %d belongs to the board's supply" % number)
    return number


def check_output(number):
    """Every pad has a driver."""


def has_pulls(number):
    """Return whether a pad has pulls: every one."""
    return True


def uart_pads(id, tx, rx):
    """Return the pads of a UART, its own where none are given; raise as the chip does."""
    if id not in (0, 1):
        raise ValueError("UART(%s) doesn't exist" % id)
    tx = (0, 4)[id] if tx is None else tx
    rx = (1, 5)[id] if rx is None else rx
    if tx & 3 != 0 or ((tx + 4) & 8) >> 3 != id:
        raise ValueError("bad TX pin")
    if rx & 3 != 1 or ((rx + 4) & 8) >> 3 != id:
        raise ValueError("bad RX pin")
    return tx, rx
