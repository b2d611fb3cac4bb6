"""The link of a host and of an agent: what it says to a board that has not spoken holds no 0x03; touches nothing.

A board that starts takes 0x03 on its USB port for Ctrl-C until its firmware has switched that off: it would stop for
good. So nonces have no byte from which one could come, and a hello is said with another sequence if its CRC has one.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from hotspare_wire import link, messages, trust

INTERRUPT = 0x03
HELLO_TRIES_MAX = 64  # each try has a chance of more than nine in ten
# zeros end a run of COBS, whose length could be 3; a sequence is a nonce's bytes without their highest bit
_INSTEAD = bytes.maketrans(b"\x00\x03\x80\x83", b"\x5a\xa5\x3c\xc3")


def random_bytes() -> bytes:
    """Return what a nonce is made from."""
    return os.urandom(messages.NONCE_SIZE)


class HushedLink(link.Link):
    """A link to whoever answers on a port."""

    def __init__(
        self, address: int, draw: Callable[[], bytes] = random_bytes, keyring: trust.Keyring | None = None
    ) -> None:
        super().__init__(address, messages.ADDRESS_ANY, lambda: draw().translate(_INSTEAD), keyring=keyring)

    def hello(self) -> memoryview:
        """Return the wire bytes of a hello; without 0x03 as long as nobody was heard."""
        wire = super().hello()
        for _ in range(HELLO_TRIES_MAX):
            if self._heard != link.NO_NONCE or INTERRUPT not in wire:
                break
            wire = super().hello()
        return wire

    def forget(self) -> None:
        """Whoever answers next on the port may be another board, or the same one after a restart."""
        self.established = False
        self.greet = True
        self._heard = link.NO_NONCE
