"""The emulated board's `uctypes`, a built-in that no file stands in for: a pyboard's backup SRAM; on MicroPython."""

import stm
from rig_end import AT_BACKUP, page

BASE, SIZE = 0x40024000, 4096


class _Sram:
    """Bytes that outlive the board's process, in the page that it shares with the rig."""

    def __init__(self, address, size):
        if address < BASE or address + size > BASE + SIZE:
            raise ValueError("only the backup SRAM is memory on this rig")
        self._start = address - BASE

    def __getitem__(self, place):
        if isinstance(place, slice):
            data = bytearray(place.stop - place.start)
            if stm.is_backup_readable():
                page.seek(AT_BACKUP + self._start + place.start)
                page.readinto(data)
            return data
        return self[place : place + 1][0]

    def __setitem__(self, place, value):
        if stm.is_backup_writable():
            page.seek(AT_BACKUP + self._start + place)
            page.write(bytes([value]))


def bytearray_at(address, size):
    return _Sram(address, size)
