"""What a board does before its firmware: take its own filesystem, run main.py, stay as a chip would; on MicroPython."""

import io
import os  # the one beside this file, for the firmware too
import sys
import time  # noqa: F401 - so that the firmware gets the board's clock, not that of the machine it is emulated on

import machine
import utime
import vfs

if os.getenv("HOTSPARE_NETWORK") is not None:  # of a kind that has a network, plugged in or not
    import socket  # noqa: F401 - for the firmware, before the path of modules is the board's own
for name, module in machine.chip.FLASH_MODULES:
    sys.modules[name] = __import__(module)
flash = os.getenv("HOTSPARE_FLASH")
vfs.umount("/")
vfs.mount(vfs.VfsPosix(flash), "/")
sys.path[:] = ["", "/", "/lib"]
os.chdir("/")  # a chip starts there; VfsPosix renames absolute paths wrongly


def run():
    try:
        with open("/main.py") as file:
            code = compile(file.read(), "main.py", "exec")
        exec(code, {"__name__": "__main__"})
    except SystemExit:
        machine.soft_reset()
    except BaseException as error:
        text = io.StringIO()
        sys.print_exception(error, text)
        return text.getvalue()
    return None


machine.begun()
ended = None if os.getenv("HOTSPARE_RAW") else run()  # a soft reset out of the raw REPL runs no main.py
if ended is None:
    os.putenv("MICROPYINSPECT", "1")  # the VM enters its REPL when this file ends
    machine.repl()
else:
    machine.crashed(ended)
    while True:
        try:
            utime.sleep_us(1000000)
        except BaseException:
            pass
