"""The store: configuration and saved state in files, each replaced whole or not at all, each with a checksum."""

import binascii
import struct

from hotspare_wire import configuration, trust

from .files import Files
from .slots import Slots

STATE = "hotspare.state"
KEYS = "hotspare.keys"
FAULT = "hotspare.fault"
PROBE = "hotspare.probe"
DRAW_BYTES = 8
STATE_MAX = 70  # numbers in a saved state: head of six and ten requests of six, rounded up


def keys_file(keys):
    """Return what a file of keys holds."""
    data = b"".join(keys)
    return data + struct.pack("<I", binascii.crc32(data))


class Store:
    """Files in one folder of the board's filesystem: where the board starts, unless told.

    One that is made stands for one boot: it takes the configuration, and one that was on trial in the boot before is
    not taken again.
    """

    def __init__(self, folder="", files=None):
        self.files = files or Files(folder)
        self.slots = Slots(self.files)

    def configuration(self):
        """Return the bytes of the configuration of this boot, or None when there is no valid one."""
        return self.slots.blob

    def pins(self):
        """Return the pins that the configuration moves, none without one."""
        blob = self.slots.blob
        return configuration.Configuration(blob).pins if blob else b""

    def state(self):
        """Return (boot number, saved values); (0, ()) when there is nothing valid."""
        data = self.files.read(STATE)
        if data is None or len(data) < 8 or len(data) % 4:
            return 0, ()
        if binascii.crc32(data[:-4]) != struct.unpack_from("<I", data, len(data) - 4)[0]:
            return 0, ()
        values = struct.unpack_from("<%di" % (len(data) // 4 - 1), data, 0)
        return values[0], values[1:]

    def save_state(self, boot, values):
        """Replace the saved state; return whether it is stored and reads back."""
        assert len(values) <= STATE_MAX
        data = struct.pack("<%di" % (len(values) + 1), boot, *values)
        return self.files.replace(STATE, data + struct.pack("<I", binascii.crc32(data)))

    def keys(self, draw):
        """Return the keys that the board holds, none without a file; `draw` returns eight random bytes.

        With a damaged file it is one that nobody knows: no board that had a key obeys strangers because it lost it.
        """
        if not self.files.stands(KEYS):
            return ()
        data = self.files.read(KEYS) or b""
        size = len(data) - 4
        if size < 0 or size % trust.KEY_SIZE or binascii.crc32(data[:-4]) != struct.unpack_from("<I", data, size)[0]:
            return (b"".join([draw() for _ in range(0, trust.KEY_SIZE, DRAW_BYTES)]),)
        return tuple([data[at : at + trust.KEY_SIZE] for at in range(0, size, trust.KEY_SIZE)])

    def save_keys(self, keys):
        """Replace the keys; return whether they are stored and read back."""
        return self.files.replace(KEYS, keys_file(keys))

    def save_fault(self, text):
        """Keep what ended the firmware, for whoever reads the filesystem; the next exception overwrites it."""
        try:
            with self.files.open(FAULT, "wb") as file:
                file.write(text.encode())
        except OSError:
            pass  # the reset that follows matters more

    def can_write(self):
        """Return whether the filesystem takes a file, as after it was lost: tried, because nothing else tells."""
        try:
            with self.files.open(PROBE, "wb") as file:
                file.write(b"probe")
            self.files.remove(PROBE)
        except OSError:
            return False
        return True
