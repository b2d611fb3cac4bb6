"""What a chip that starts makes of its hardware, its files and the boot record; runs on MicroPython too."""

from hotspare.simulator import stand_ins
from hotspare_firmware import assemble
from hotspare_firmware.bootrecord import MAINTENANCE, BootRecord
from hotspare_firmware.store import Store


def boot(hardware, stream, words, files, firmware_hash):
    """Return the firmware's Board; None in a maintenance boot, in which no firmware runs."""
    boots = BootRecord(words, 0, hardware.cause())
    if boots.cause == MAINTENANCE:
        return None
    return assemble.board(hardware, Store(files=stand_ins.Files(files)), stream, boots, firmware_hash)
