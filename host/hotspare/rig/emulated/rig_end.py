"""What a board's process shares with the rig: messages to it, and the page; loads the kind of its chip; on MicroPython.

Messages are 8 bytes (struct "<BBHI": operation, number, half, whole) over descriptor 3. The page (descriptor 4) has the
levels of inputs, takes the time of the last feed, says what is to become of the flash, and keeps the backup SRAM of a
pyboard. When the rig is gone the board dies: it must not outlive its world.
"""

import os
import struct

import utime

CONTROL_FD, PAGE_FD = 3, 4
AT_DRIVEN, AT_LEVEL, AT_FEED, AT_FLASH, AT_BACKUP = 0, 8, 16, 48, 64
OP_OUT, OP_IN, OP_UART, OP_WATCHDOG, OP_RESET, OP_SOFT_RESET, OP_CRASHED, OP_BEGUN = range(1, 9)
OP_FLASH, OP_CUT, OP_OVERRUN, OP_REPL = range(9, 13)
MESSAGE = "<BBHI"
# seconds that the rig gets to end a board that reset itself
END_S = 1

chip = __import__("chip_" + (os.getenv("HOTSPARE_KIND") or "pico"))
page = open(PAGE_FD, "r+b", buffering=0)
_control = open(CONTROL_FD, "r+b", buffering=0)


def die():
    while True:
        try:
            os.system("kill -KILL $PPID")
        except BaseException:
            pass


def tell(message):
    try:
        sent = _control.write(message)
    except OSError:
        sent = -1
    if sent != len(message):
        die()


def say(operation, number=0, half=0, whole=0):
    tell(struct.pack(MESSAGE, operation, number, half, whole))


def end():
    end_us = utime.ticks_us() + END_S * 1000000
    while utime.ticks_us() < end_us:
        try:
            utime.sleep_us(100000)
        except BaseException:
            pass
    die()
