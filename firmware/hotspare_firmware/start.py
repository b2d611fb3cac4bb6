"""What stands on a board as /main.py: starts the firmware; nothing else.

First of all a 0x03 in a host's frame must not stop the board: importing the firmware takes seconds on a chip.
"""

import micropython

micropython.kbd_intr(-1)

import hotspare_firmware.main  # noqa: E402

hotspare_firmware.main.main()
