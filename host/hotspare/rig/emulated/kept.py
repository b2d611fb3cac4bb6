"""What a chip keeps over its resets, in the page of the rig: words at addresses, or an ESP32's RTC; on MicroPython.

Nothing else is at an address here: firmware that writes elsewhere would break a real chip, and is told so.
"""

import struct

AT_KEPT, KEPT_BYTES, WORD_BYTES = 24, 16, 4
AT_SIZE = AT_KEPT + KEPT_BYTES  # how much of it the RTC was given last


class Words:
    """`machine.mem32`: the words from the address `base` on, none of a chip without one."""

    def __init__(self, page, base):
        self._page = page
        self._base = base
        self._data = bytearray(WORD_BYTES)

    def _seek(self, address):
        place = -1 if self._base is None else address - self._base
        if not 0 <= place < KEPT_BYTES or place % WORD_BYTES:
            raise ValueError("nothing on this rig is at address %#x" % address)
        self._page.seek(AT_KEPT + place)

    def __getitem__(self, address):
        self._seek(address)
        self._page.readinto(self._data)
        return struct.unpack("<I", self._data)[0]

    def __setitem__(self, address, value):
        self._seek(address)
        struct.pack_into("<I", self._data, 0, value & 0xFFFFFFFF)
        self._page.write(self._data)


def rtc_of(page):
    """Return `machine.RTC` of an ESP32, as far as its memory goes."""

    class RTC:
        def memory(self, data=None):
            if data is None:
                page.seek(AT_KEPT)
                found = page.read(KEPT_BYTES + 1)
                return found[: found[KEPT_BYTES]]
            if len(data) > KEPT_BYTES:
                raise ValueError("buffer too long")
            page.seek(AT_KEPT)
            page.write(data)
            page.seek(AT_SIZE)
            page.write(bytes((len(data),)))

    return RTC
