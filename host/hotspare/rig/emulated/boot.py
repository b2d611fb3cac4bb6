"""What a board does before its firmware: take its own filesystem, run main.py, and stay as a chip would; on MicroPython."""

import io
import os
import sys

import machine
import time  # noqa: F401 - so that the firmware gets the board's clock, not that of the machine it is emulated on
import utime
import vfs

flash = os.getenv("HOTSPARE_FLASH")
vfs.umount("/")
vfs.mount(vfs.VfsPosix(flash), "/")
sys.path[:] = ["", "/", "/lib"]


def run():
    try:
        with open("/main.py") as file:
            code = compile(file.read(), "main.py", "exec")
        exec(code, {"__name__": "__main__"})
    except SystemExit:
        machine.soft_reset()
    except BaseException as error:  # noqa: BLE001 - whatever ended it, a chip goes on to its prompt and keeps its pads
        text = io.StringIO()
        sys.print_exception(error, text)
        return text.getvalue()
    return "main.py ended"


ended = run()
machine.crashed(ended)
while True:
    try:
        utime.sleep_us(1000000)
    except BaseException:  # noqa: BLE001, S110 - the prompt outlives a Ctrl-C
        pass
