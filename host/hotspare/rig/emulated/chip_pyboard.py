"""The STM32F405 on a pyboard v1.1, as its port of MicroPython shows it; facts of the chip and none of the wiring."""

PLATFORM = "pyboard"
MACHINE = "PYBv1.1 with STM32F405RG"
IN, OUT, OPEN_DRAIN = 0, 1, 17
PULL_UP, PULL_DOWN = 1, 2
RESETS = {"PWRON_RESET": 1, "HARD_RESET": 2, "WDT_RESET": 3, "DEEPSLEEP_RESET": 4, "SOFT_RESET": 0}
CAUSES = {"power": 1, "pin": 2, "watchdog": 3, "reset": 2}
KEPT = 0x40002870  # backup registers 8 to 11
FLASH_MODULES = (("stm", "stm"), ("uctypes", "sram"))
UID_BYTES = 12
WATCHDOG_MAX_MS = 32767
WATCHDOG_TOO_SHORT, WATCHDOG_TOO_LONG = "WDT timeout too short", "WDT timeout too long"
UART_OPTIONS = ("bits", "parity", "stop", "rxbuf", "timeout")  # its pins follow from its number
FIFO_BYTES = 1
RXBUF_BYTES = 64
CHARACTER_WAIT_US = 2000  # a read of more than there is waits so long for another byte
WRITE_WAITS_ROOM, WRITE_WAITS_SENT = False, True  # a write returns when its last byte has left
ROWS = (("X", 1, 12), ("X", 17, 22), ("Y", 1, 12))
NAMES = tuple([row + str(number) for row, first, last in ROWS for number in range(first, last + 1)]) + ("LED_BLUE",)
PADS = len(NAMES)
TAKEN = ("X9", "X10", "X17")
UARTS = {1: ("X9", "X10"), 2: ("X3", "X4"), 3: ("Y9", "Y10"), 4: ("X1", "X2"), 6: ("Y1", "Y2")}


def pad(id):
    """Return the number of a pad; raise as the chip does, and where another part of the board holds the pad."""
    if id not in NAMES:
        raise ValueError("Pin(%s) doesn't exist" % id)
    if id in TAKEN:
        raise ValueError("pin %s is pulled up by another part of the board" % id)
    return NAMES.index(id)


def check_output(number):
    """Every pad has a driver."""


def has_pulls(number):
    """Return whether a pad has pulls: every one."""
    return True


def uart_pads(id, tx, rx):
    """Return the pads of a UART; raise as the chip does."""
    if id not in UARTS:
        raise ValueError("UART(%s) doesn't exist" % id)
    return pad(UARTS[id][0]), pad(UARTS[id][1])
