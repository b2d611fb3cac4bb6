"""Replays the tape of a board: gives a board here what went in, and writes the tape anew; runs on MicroPython too.

    micropython -m hotspare.simulator.replay <one.tape >another.tape

What came out on the tape is not looked at: what comes out here is this firmware's own, on this interpreter.
"""

import sys

from hotspare.simulator import stand_ins
from hotspare.simulator.tape import ENDS, Tape
from hotspare_firmware.bootrecord import SIZE

BEGINS = ("boot", "step")  # of a tape's lines that others belong to
# how many words a line has that says what goes in
WORDS = {"chip": 4, "page": 3, "file": 3, "gone": 2, "words": 5, "level": 3, "boot": 5, "uart": 4, "host": 2}
WORDS.update({"datagram": 2, "blocked": 2, "late": 2, "debt": 2, "flash": 4, "step": 3, "end": 2})
SHOWN = 60  # characters of a line that is wrong


class Replay:
    """A board that the lines of a tape make; `write(line)` gets the lines that it makes."""

    def __init__(self, write):
        self._write = write
        self.number = 0  # of the line that was read last
        self._begin("", b"", b"")
        self._begun = None  # the boot or the step whose lines are read
        self._count = 0  # how many of them came out
        self._inner: list = []  # what goes in while it lasts: after how many, and the words of it
        self._came = 0  # lines that came out of it here

    def _begin(self, kind, ident, seed):
        self._tape = Tape(self._wrote)
        self._clock = stand_ins.Clock()
        self._kind = kind
        self._id = ident
        self._flash = stand_ins.Flash(self._clock, stand_ins.Draw(seed))
        self._words = dict.fromkeys(range(0, SIZE, 4), 0)
        self._files: dict = {}
        self._levels: dict = {}
        self._hardware = self._stream = self._board = None

    def run(self, lines):
        """Replay the lines of a tape, or of several, one after another; raises ValueError at one that is none of it."""
        for line in lines:
            self.number += 1
            self._read(line.rstrip("\n"))

    def _read(self, line):
        way, *words = line.split(" ")
        if way not in ("<", ">") or not words or (way == "<" and WORDS.get(words[0]) != len(words)):
            raise ValueError(line[:SHOWN])
        if way == "<" and words[0] in BEGINS:
            self._begun, self._count = words, 0
            self._inner = []
        elif way == "<" and self._begun:
            self._inner.append((self._count, words))
        elif way == "<":
            self._take(words)
        elif self._begun:
            self._count += 1
            if words[0] in ENDS:
                self._came = 0
                self._take(self._begun)
                self._catch_up(self._count)
                self._begun = None

    def _wrote(self, line):
        self._write(line)
        if line[0] == ">":
            self._came += 1
        self._catch_up(self._came)

    def _catch_up(self, came):
        while self._inner and self._inner[0][0] <= came:
            self._take(self._inner.pop(0)[1])

    def _take(self, words):
        getattr(self, "take_" + words[0])(*words[1:])

    # -- what goes in, by the first word of its line; a board that does not run hears nothing --------------------------

    def take_chip(self, kind, ident, seed):
        """There is a board of that kind, and no other any more."""
        self._begin(kind, bytes.fromhex(ident), bytes.fromhex(seed))

    def take_page(self, page, data):
        """Its flash is not blank."""
        self._flash.contents[int(page)][:] = bytes.fromhex(data)

    def take_file(self, name, data):
        """Somebody wrote a file."""
        self._files[name] = bytes.fromhex(data)

    def take_gone(self, name):
        """Somebody removed a file."""
        self._files.pop(name, None)

    def take_words(self, *words):
        """The boot record is another."""
        for place, word in enumerate(words):
            self._words[4 * place] = int(word, 16)

    def take_level(self, name, level):
        """An input changes."""
        if self._hardware:
            self._hardware.show(name, int(level))
        else:
            self._levels[name] = int(level)

    def take_boot(self, now_us, cause, firmware_hash, seed):
        """The chip starts."""
        self._clock.now_us = int(now_us)
        self._clock.stalled_us = 0
        draw = stand_ins.Draw(bytes.fromhex(seed))
        hardware = stand_ins.Hardware(self._kind, self._id, draw, self._clock, self._flash, None)
        hardware.reset_cause = int(cause)
        hardware.levels = self._levels
        self._hardware, self._stream = hardware, stand_ins.HostStream()
        try:
            self._board = self._tape.boot(hardware, self._stream, self._words, self._files, int(firmware_hash))
        except stand_ins.PowerCut:
            self._board = None
        if self._board is None:
            self._hardware = None

    def take_end(self, now_us):
        """The firmware runs no more."""
        self._hardware = self._board = None
        self._tape.end(int(now_us))

    def take_uart(self, number, data, stalled):
        """Bytes arrive at a UART."""
        if self._hardware:
            self._hardware.uarts[int(number)].receive(bytes.fromhex(data), stalled == "1")

    def take_host(self, data):
        """A host says something."""
        if self._hardware:
            self._stream.receive(bytes.fromhex(data))

    def take_datagram(self, data):
        """A datagram arrives."""
        if self._hardware:
            self._hardware.network.receive(bytes.fromhex(data))

    def take_blocked(self, blocked):
        """The host does not read, or reads again."""
        if self._hardware:
            self._stream.blocked = blocked == "1"

    def take_late(self, ms):
        """The next step is late."""
        if self._board:
            self._board.count_late(int(ms))

    def take_debt(self, size):
        """There was a collection."""
        if self._board:
            self._board.debt_bytes = int(size)

    def take_flash(self, erase_us, operation, how):
        """Erases take so long; power is to go in an operation."""
        self._flash.erase_us = int(erase_us)
        self._flash.cut(int(operation), int(how))

    def take_step(self, now_us, ms):
        """The board is stepped."""
        self._clock.now_us = int(now_us)
        self._clock.stalled_us = 0
        if self._board:
            try:
                self._board.step(int(ms))
            except stand_ins.PowerCut:  # the tape has told it
                self._board = None
            except Exception as error:
                self._board = None
                self._tape.raised(error)


def main():
    """Replay the tape that is read, and print the one that is made of it."""
    replay = Replay(lambda line: sys.stdout.write(line + "\n"))
    try:
        replay.run(sys.stdin)
    except ValueError as error:
        sys.stderr.write("line %d is no line of a tape: %s\n" % (replay.number, error))
        sys.exit(1)


if __name__ == "__main__":
    main()
