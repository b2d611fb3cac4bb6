"""The emulated board's `esp32`: the partition under its filesystem, as the port has it; runs on MicroPython."""

import nor

BLOCKS = 512  # 2 MiB
EINVAL = 22


class Partition:
    TYPE_APP, TYPE_DATA = 0, 1

    def __init__(self, label):
        if label != "vfs":
            raise OSError(2)

    @staticmethod
    def find(type=0, subtype=255, label=None, block_size=4096):
        if block_size != nor.BLOCK:
            raise ValueError("blocks have 4096 bytes on this rig")
        return [Partition("vfs")] if type == Partition.TYPE_DATA and label in (None, "vfs") else []

    def readblocks(self, block, buffer, offset=0):
        _check(block, offset, len(buffer))
        nor.read(block, offset, buffer)

    def writeblocks(self, block, data, offset=None):
        _check(block, offset or 0, len(data))
        if offset is None:
            nor.erase(block)
        nor.program(block, offset or 0, data)

    def ioctl(self, request, argument):
        if request == 4:
            return BLOCKS
        if request == 5:
            return nor.BLOCK
        if request == 6:
            _check(argument, 0, 0)
            nor.erase(argument)
        return 0


def _check(block, offset, size):
    if not 0 <= block < BLOCKS or not 0 <= offset <= nor.BLOCK - size:
        raise OSError(-EINVAL)
