"""The emulated board's `stm`: the registers that open a pyboard's backup SRAM; runs on MicroPython."""

PWR_CR, PWR_CSR, RCC_AHB1ENR, RCC_APB1ENR = 0x40007000, 0x40007004, 0x40023830, 0x40023840
PWREN, BKPSRAMEN, DBP = 1 << 28, 1 << 18, 1 << 8


class _Registers:
    def __init__(self):
        self._values = dict.fromkeys((PWR_CR, PWR_CSR, RCC_AHB1ENR, RCC_APB1ENR), 0)

    def __getitem__(self, address):
        return self._values[address]

    def __setitem__(self, address, value):
        if address in (PWR_CR, PWR_CSR) and not self._values[RCC_APB1ENR] & PWREN:
            return  # a register of what has no clock takes nothing
        self._values[address] = value


mem32 = _Registers()


def is_backup_readable():
    """Return whether the backup SRAM has its clock; not part of a chip."""
    return bool(mem32[RCC_AHB1ENR] & BKPSRAMEN)


def is_backup_writable():
    """Return whether the backup SRAM takes writes; not part of a chip."""
    return is_backup_readable() and bool(mem32[PWR_CR] & DBP)
