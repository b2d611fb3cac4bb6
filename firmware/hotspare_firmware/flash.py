"""Raw pages of flash, found by content behind a filesystem that stays as it is; alone imports rp2 and esp32.

The pages are files of exactly one block, whose heads are read through the filesystem and looked for on its device. A
head that stands there exactly once is that of the file's own block. Any other file is written anew with random bytes
and looked for by these: so no block is ever programmed that was not proven to be ours.
"""

import os

PAGES = 16
PAGE_BYTES = 4096
PROGRAM_BYTES = 256  # what rp2 demands; the others take less
FOLDER = "/pages"
HEAD_BYTES = 32
NOWHERE, OFTEN = -1, -2  # in place of a block
COUNT, ERASE = 4, 6  # requests to a block device


def of(kind):
    """Return the raw pages of a board of that kind; none where it has no filesystem."""
    if kind == "pyboard":
        from .backup import Backup  # its flash driver caches sectors, and erases them when it likes

        backup = Backup()
        return Flash(backup, range(backup.blocks), backup.block_bytes)
    device = _rp2() if kind == "pico" else _esp32()
    return Flash(device, find(device, FOLDER) if device else ())


def _rp2():
    import rp2

    return rp2.Flash()


def _esp32():
    from esp32 import Partition  # type: ignore[import-not-found]

    found = Partition.find(Partition.TYPE_DATA, label="vfs")
    return found[0] if found else None


class Flash:
    """Pages by the numbers of their files, the same in every boot: a program lets bits fall, an erase lets all rise.

    What the device refuses raises nothing and shows when it is read back, as with one that is worn; so does a page
    whose file could not be made, which reads as zeros.
    """

    program_size = PROGRAM_BYTES

    def __init__(self, device, blocks, page_size=PAGE_BYTES):
        self.pages = len(blocks)
        self.page_size = page_size
        self._device = device
        self._blocks = blocks

    def read(self, page, offset, buffer):
        """Fill the buffer from a page."""
        if self._blocks[page] >= 0:
            try:
                self._device.readblocks(self._blocks[page], buffer, offset)
                return
            except OSError:
                pass
        for at in range(len(buffer)):
            buffer[at] = 0

    def program(self, page, offset, data):
        """Let bits fall; offset and length are multiples of program_size. Nothing is erased."""
        assert not offset % PROGRAM_BYTES and not len(data) % PROGRAM_BYTES and offset + len(data) <= self.page_size
        if self._blocks[page] >= 0:
            try:
                self._device.writeblocks(self._blocks[page], data, offset)
            except OSError:
                pass

    def erase(self, page):
        """Let all bits of a page rise; interrupts rest meanwhile, 45 to 400 ms."""
        if self._blocks[page] >= 0:
            try:
                self._device.ioctl(ERASE, self._blocks[page])
            except OSError:
                pass


def find(device, folder):
    """Return the block of each page, a list as long as the last one that was found."""
    try:
        os.mkdir(folder)
    except OSError:
        pass
    names = ["%s/%02d" % (folder, page) for page in range(PAGES)]
    heads = [_head(name) for name in names]
    blocks = _scan(device, heads)
    for page in range(PAGES):
        heads[page] = _renew(names[page]) if blocks[page] < 0 else None
    for page, block in enumerate(_scan(device, heads)):
        if block >= 0:
            blocks[page] = block
    while blocks and blocks[-1] < 0:
        blocks.pop()
    return blocks


def _scan(device, heads):
    """Return the block at which each head stands, once over the device for all of them; NOWHERE or OFTEN."""
    blocks = [NOWHERE] * len(heads)
    wanted: dict = {}  # pages by the first bytes of their heads: most blocks cost one look
    for page, head in enumerate(heads):
        if head:
            wanted.setdefault(head[0] | head[1] << 8, []).append(page)
    if not wanted:
        return blocks
    buffer = bytearray(HEAD_BYTES)
    for block in range(device.ioctl(COUNT, 0)):
        try:
            device.readblocks(block, buffer, 0)
        except OSError:
            continue
        for page in wanted.get(buffer[0] | buffer[1] << 8, ()):
            if heads[page] == buffer:
                blocks[page] = block if blocks[page] == NOWHERE else OFTEN
    return blocks


def _head(name):
    """Return the head of a page's file, None if it is no file of one block."""
    try:
        if os.stat(name)[6] != PAGE_BYTES:
            return None
        with open(name, "rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return None


def _renew(name):
    """Write a page's file anew; return its head, None if there is no room."""
    head = os.urandom(HEAD_BYTES)
    try:
        with open(name, "wb") as file:
            file.write(head)
            for _ in range(HEAD_BYTES, PAGE_BYTES, HEAD_BYTES):
                file.write(os.urandom(HEAD_BYTES))
        return head
    except OSError:
        pass
    try:
        os.remove(name)
    except OSError:
        pass
    return None
