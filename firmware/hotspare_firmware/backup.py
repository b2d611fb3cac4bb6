"""Raw pages of a pyboard: the backup SRAM of its STM32, as a block device; the one module that imports stm or uctypes.

It keeps what it has over every reset, and over a loss of power while a battery feeds VBAT.
"""

import stm  # type: ignore[import-not-found]
import uctypes

BASE, SIZE = 0x40024000, 4096
PWR_CR, PWR_CSR, RCC_AHB1ENR, RCC_APB1ENR = 0x40007000, 0x40007004, 0x40023830, 0x40023840  # RM0090
PWREN, BKPSRAMEN, DBP, BRE = 1 << 28, 1 << 18, 1 << 8, 1 << 9
ERASE = 6


class Backup:
    """Eight small pages: as large as what is saved at once needs."""

    blocks = 8
    block_bytes = SIZE // blocks

    def __init__(self):
        mem32 = stm.mem32
        for register, bit in ((RCC_APB1ENR, PWREN), (PWR_CR, DBP), (RCC_AHB1ENR, BKPSRAMEN), (PWR_CSR, BRE)):
            mem32[register] = mem32[register] | bit
        self._ram = uctypes.bytearray_at(BASE, SIZE)

    def readblocks(self, block, buffer, offset):
        """Fill the buffer from a block."""
        start = block * self.block_bytes + offset
        buffer[:] = self._ram[start : start + len(buffer)]

    def writeblocks(self, block, data, offset):
        """Let bits fall, as they would in flash."""
        at = block * self.block_bytes + offset
        ram = self._ram
        for byte in data:
            ram[at] = ram[at] & byte
            at += 1

    def ioctl(self, request, block):
        """Erase a block: the only request that there is."""
        assert request == ERASE
        start = block * self.block_bytes
        for at in range(start, start + self.block_bytes):
            self._ram[at] = 255
