"""The build: one number for all files of the firmware as they lie on the board, so that no two builds pass for one.

Version numbers do not tell two builds apart, and a number that is written down when files are copied does not tell that
one was changed since: so the files themselves are read, once a boot.
"""

import binascii
import os

import hotspare_engine
import hotspare_wire
from hotspare_wire.configuration import fold

from . import VERSION
from . import __file__ as here

PACKAGES = ("hotspare_engine", "hotspare_firmware", "hotspare_wire")
CHUNK_BYTES = 1024
DIRECTORY = 0x4000


def firmware_hash():
    """Return the 16-bit hash by which boards compare their firmware; of an image without files, of its version."""
    crc = binascii.crc32(VERSION.encode())
    try:
        chunk = memoryview(bytearray(CHUNK_BYTES))
        for name, start in zip(PACKAGES, (hotspare_engine.__file__, here, hotspare_wire.__file__)):
            crc = _folder(start[: start.rfind("/")], name, crc, chunk)
    except (AttributeError, OSError):
        pass
    return fold(crc)


def _folder(path, name, crc, chunk):
    """Return the CRC that goes on over all files of a folder, their names included, in the order of names."""
    for entry in sorted(os.listdir(path)):
        full, said = path + "/" + entry, name + "/" + entry
        if entry.endswith((".py", ".mpy")):
            crc = binascii.crc32(said.encode(), crc)
            with open(full, "rb") as file:
                size = file.readinto(chunk)
                while size:
                    crc = binascii.crc32(chunk[:size], crc)
                    size = file.readinto(chunk)
        elif entry[0] != "_" and os.stat(full)[0] & DIRECTORY:
            crc = _folder(full, said, crc, chunk)
    return crc
