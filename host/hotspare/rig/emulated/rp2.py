"""The emulated board's `rp2`: the block device under its filesystem, with what the port demands; on MicroPython."""

import nor

BLOCKS = 352  # 1,408 KiB, as on a Pico


class Flash:
    def __init__(self, start=-1, len=-1):
        if start != -1 or len != -1:
            raise ValueError("only the whole flash is a device on this rig")

    def readblocks(self, block, buffer, offset=0):
        _check(block, offset, len(buffer))
        nor.read(block, offset, buffer)

    def writeblocks(self, block, data, offset=None):
        _check(block, offset or 0, len(data))
        if (offset or 0) % nor.PIECE or len(data) % nor.PIECE:
            raise ValueError("a program of %d bytes at %s would lock the chip up" % (len(data), offset))
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
        return 0 if request in (1, 2, 3, 6) else None


def _check(block, offset, size):
    # the port looks at none of these, and reads or writes beyond
    if not 0 <= block < BLOCKS or not 0 <= offset <= nor.BLOCK - size:
        raise ValueError("%d bytes at %d of block %d are not in the flash, or in two blocks" % (size, offset, block))
