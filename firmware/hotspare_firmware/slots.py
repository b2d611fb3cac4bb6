"""The two slots of the configuration: one is confirmed, the other may hold one on trial; touches files only.

A change is one file replaced, so power that goes leaves what was or what is to be:
- stored: into the slot that is not in force, as confirmed or as a trial;
- booted: before a trial is used it becomes tried, so that no second boot uses it;
- confirmed: the tried one becomes confirmed, with a higher turn than the other;
- not confirmed: a boot that finds a tried one uses the other, and notes that it lapsed.
A slot that is damaged is as if it were not there.
"""

import binascii
import struct

from hotspare_wire import configuration

SLOTS = ("hotspare.conf1", "hotspare.conf2")
CONFIRMED, TRIAL, TRIED, LAPSED = range(4)
HEAD = "<BHI"  # state, how long a trial lasts in s, turn
HEAD_SIZE = struct.calcsize(HEAD)
NO_SLOT = -1


def slot_file(blob, state=CONFIRMED, trial_s=0, turn=0):
    """Return what a slot holds."""
    data = struct.pack(HEAD, state, trial_s, turn) + blob
    return data + struct.pack("<I", binascii.crc32(data))


class Slots:
    """The configuration of this boot as `blob`, None without one; `trial_s` is how long it is on trial, 0: it is not.

    `lapsed` says that one was on trial in the boot before and was not confirmed.
    """

    def __init__(self, files):
        self.files = files
        self.blob = None
        self.trial_s = self.lapsed = self._turn = 0
        self._base = NO_SLOT  # the slot that is confirmed and in force
        self._tried = NO_SLOT  # the one that is used on trial
        trial = None
        for place in range(len(SLOTS)):
            found = self._read(place)
            if not found:
                continue
            state, trial_s, turn, blob = found
            if state == CONFIRMED:
                if self._base == NO_SLOT or turn > self._turn:
                    self._base, self._turn, self.blob = place, turn, blob
            elif state == TRIAL:
                if self._write(place, TRIED, trial_s, turn, blob):
                    trial = place, trial_s, blob
            elif state == TRIED:
                self.lapsed = 1
                self._write(place, LAPSED, trial_s, turn, blob)
        if trial:
            self._tried, self.trial_s, self.blob = trial

    def store(self, blob, trial_s=0):
        """Keep a configuration for the next boot, on trial for so long or for good; return whether it is kept."""
        place = 1 if self._base == 0 else 0
        if not self._write(place, TRIAL if trial_s else CONFIRMED, trial_s, self._turn + 1, blob):
            return False
        self._tried = NO_SLOT
        if not trial_s:
            self._base = place
            self._turn += 1
        return True

    def confirm(self):
        """Keep the configuration that is used on trial; return whether it is kept."""
        if self._tried == NO_SLOT or not self._write(self._tried, CONFIRMED, 0, self._turn + 1, self.blob):
            return False
        self._base = self._tried
        self._turn += 1
        self._tried = NO_SLOT
        self.trial_s = 0
        return True

    def _read(self, place):
        data = self.files.read(SLOTS[place])
        if data is None or len(data) < HEAD_SIZE + 4:
            return None
        if binascii.crc32(data[:-4]) != struct.unpack_from("<I", data, len(data) - 4)[0]:
            return None
        blob = data[HEAD_SIZE:-4]
        if configuration.verify(blob)[0]:
            return None
        return struct.unpack_from(HEAD, data, 0) + (blob,)

    def _write(self, place, state, trial_s, turn, blob):
        return self.files.replace(SLOTS[place], slot_file(blob, state, trial_s, turn))
