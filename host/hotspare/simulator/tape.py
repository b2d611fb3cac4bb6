"""The tape of a simulated board: all that crosses its hardware seam, in order, a line each; runs on MicroPython too.

`<` stands before what goes in, `>` before what comes out. Bytes are hexadecimal digits, `us` and `ms` whole numbers:

    < chip KIND ID SEED               once, before the first boot; the seed is that of a cut in its flash
    < page NUMBER BYTES               of the flash, where it is not blank before the first boot
    < file NAME BYTES, < gone NAME    a file that somebody else than the firmware wrote or removed
    < words A B C D                   of the boot record, where somebody else changed them
    < level NAME LEVEL                of an input, from now on
    < boot US CAUSE HASH SEED         the chip starts; ends with `> up`, `> repl` or `> cut`
    < uart NUMBER BYTES STALLED       bytes arrive; stalled: while the flash is busy
    < host BYTES, < datagram BYTES    the same at the host port and from the network
    < blocked 0 or 1                  whether the host does not read
    < late MS                         the next step is so late
    < debt BYTES                      what a collection left to collect
    < flash US OPERATION HOW          how long an erase takes, and in which operation from now power goes; -1: in none
    < step US MS                      a step, before which so many ms passed; ends with `> done`, `> cut` or `> raised`
    < end US                          reset or loss of power: the firmware runs no more

    > uart NUMBER BYTES, > host BYTES, > datagram BYTES
    > drive NAME LEVEL
    > program PAGE OFFSET SIZE CRC    the CRC-32 is that of the page's contents after it
    > erase PAGE CRC
    > words A B C D, > file NAME SIZE CRC, > gone NAME
    > up BAUD BAUD STALLED_US, > repl, > cut STALLED_US, > raised KIND
    > restart INTENT                  the firmware wants to be reset
    > done WAIT_MS IDLE_MS STALLED_US

What goes in while a step lasts, for what the firmware drove came back at once, stands where it came.
"""

import binascii

from hotspare.simulator import booting
from hotspare.simulator.stand_ins import ERASE_US, WHOLE, PowerCut
from hotspare_firmware.bootrecord import kind_of

ENDS = ("up", "repl", "cut", "raised", "done")  # the last line of a boot and of a step
BLANK = 0xFF


class Tape:
    """Writes the tape of one board while that runs; `write(line)` gets each line without its end."""

    def __init__(self, write):
        self._write = write
        self._hardware = self._stream = self._board = self._flash = None
        self._words = None
        self._kept: dict = {}  # of the board's memory and inputs, as the lines so far say them
        self._files: dict = {}
        self._seen: dict = {}
        self._levels: dict = {}
        self._verbs = (ERASE_US, -1, WHOLE)
        self._blocked = False
        self._debt = 0

    def boot(self, hardware, stream, words, files, firmware_hash):
        """Boot the board as booting.boot does; what it does from now on goes onto the tape."""
        self._kept = words
        self._files = files
        self._blocked = False
        self._debt = 0
        self._board = None
        if self._flash is None:
            self._open(hardware)
        self._hardware, self._stream = hardware, stream
        self._given()
        levels = hardware.levels
        for name in sorted(levels):
            if self._levels.get(name, 0) != levels[name]:
                self._level(name, levels[name])
        clock = hardware.clock
        self._write("< boot %d %d %d %s" % (clock.now_us, hardware.cause(), firmware_hash, hardware.draw.seed.hex()))
        self._tap(hardware, stream)
        try:
            board = self._board = booting.boot(hardware, stream, words, files, firmware_hash)
        except PowerCut:
            self._taken()
            self._write("> cut %d" % clock.stalled_us)
            raise
        if board is None:
            self._hardware = None
            self._taken()
            self._write("> repl")
            return None
        self._debt = board.debt_bytes
        self._taken()
        self._write("> up %d %d %d" % (hardware.uarts[0].baud, hardware.uarts[1].baud, clock.stalled_us))
        self._tap_board(board)
        return board

    def raised(self, error):
        """An exception of the firmware ended its step."""
        self._taken()
        self._write("> raised %d" % kind_of(error))

    def end(self, now_us):
        """The firmware runs no more."""
        if self._hardware is not None:
            self._write("< end %d" % now_us)
            self._hardware = self._board = None

    # -- what others did to it, and what it did to what lasts --------------------------------------------------------

    def _open(self, hardware):
        flash = self._flash = hardware.flash()
        self._write("< chip %s %s %s" % (hardware.kind, hardware.unique_id().hex(), flash.draw.seed.hex()))
        blank = bytes([BLANK]) * flash.page_size
        for page in range(flash.pages):
            if flash.contents[page] != blank:
                self._write("< page %d %s" % (page, flash.contents[page].hex()))
        self._tap_flash(flash)

    def _given(self):
        """Tell what others than the firmware changed since it ran last."""
        words, files, flash, stream, board = self._kept, self._files, self._flash, self._stream, self._board
        for name in sorted(files):
            if self._seen.get(name) != files[name]:
                self._seen[name] = files[name]
                self._write("< file %s %s" % (name, files[name].hex()))
        self._removed("<")
        self._remember("<", words)
        verbs = (flash.erase_us, flash.cut_at - flash.operations if flash.cut_at >= 0 else -1, flash.cut_how)
        if verbs != self._verbs:
            self._verbs = verbs
            self._write("< flash %d %d %d" % verbs)
        if stream.blocked != self._blocked:
            self._blocked = stream.blocked
            self._write("< blocked %d" % stream.blocked)
        if board is not None and board.debt_bytes != self._debt:
            self._debt = board.debt_bytes
            self._write("< debt %d" % board.debt_bytes)

    def _taken(self):
        """Tell what the firmware changed of what lasts."""
        files, flash = self._files, self._flash
        for name in sorted(files):
            if self._seen.get(name) != files[name]:
                self._seen[name] = files[name]
                self._write("> file %s %d %08x" % (name, len(files[name]), binascii.crc32(files[name])))
        self._removed(">")
        self._remember(">", self._kept)
        self._verbs = (flash.erase_us, flash.cut_at - flash.operations if flash.cut_at >= 0 else -1, flash.cut_how)

    def _removed(self, way):
        for name in sorted(self._seen):
            if name not in self._files:
                del self._seen[name]
                self._write("%s gone %s" % (way, name))

    def _remember(self, way, words):
        now = (words[0], words[4], words[8], words[12])
        if now != self._words:
            self._words = now
            self._write(way + " words %08x %08x %08x %08x" % now)

    def _level(self, name, level):
        self._levels[name] = level
        self._write("< level %s %d" % (name, level))

    # -- taps ---------------------------------------------------------------------------------------------------------

    def _tap(self, hardware, stream):
        for number, uart in enumerate(hardware.uarts):
            self._tap_uart(number, uart)
        self._tap_bytes("host", stream)
        self._tap_bytes("datagram", hardware.network)
        write, drives, show = self._write, hardware.drives, hardware.show

        def driven(name, level):
            write("> drive %s %d" % (name, level))
            if drives:
                drives(name, level)

        def shown(name, level):
            self._level(name, level)
            show(name, level)

        hardware.drives, hardware.show = driven, shown

    def _tap_uart(self, number, uart):
        write, receive, sink = self._write, uart.receive, uart.sink

        def received(data, stalled=False):
            write("< uart %d %s %d" % (number, data.hex(), stalled))
            receive(data, stalled)

        def sent(data):
            write("> uart %d %s" % (number, data.hex()))
            if sink:
                sink(data)

        uart.receive, uart.sink = received, sent

    def _tap_bytes(self, name, port):
        write, receive, sink = self._write, port.receive, port.sink

        def received(data):
            write("< %s %s" % (name, data.hex()))
            receive(data)

        def sent(data):
            write("> %s %s" % (name, data.hex()))
            if sink:
                sink(data)

        port.receive, port.sink = received, sent

    def _tap_flash(self, flash):
        write, program, erase = self._write, flash.program, flash.erase

        def programmed(page, offset, data):
            try:
                program(page, offset, data)
            finally:
                crc = binascii.crc32(flash.contents[page])
                write("> program %d %d %d %08x" % (page, offset, len(data), crc))

        def erased(page):
            try:
                erase(page)
            finally:
                write("> erase %d %08x" % (page, binascii.crc32(flash.contents[page])))

        flash.program, flash.erase = programmed, erased

    def _tap_board(self, board):
        write, step, count_late = self._write, board.step, board.count_late
        clock = self._hardware.clock

        def late(ms):
            write("< late %d" % ms)
            count_late(ms)

        def stepped(ms):
            self._given()
            write("< step %d %d" % (clock.now_us, ms))
            try:
                wait_ms = step(ms)
            except PowerCut:
                self._taken()
                write("> cut %d" % clock.stalled_us)
                raise
            self._taken()
            self._debt = board.debt_bytes
            if board.restarts.is_due():
                write("> restart %d" % board.restarts.intent)
            write("> done %d %d %d" % (wait_ms, board.idle_ms, clock.stalled_us))
            return wait_ms

        board.step, board.count_late = stepped, late
