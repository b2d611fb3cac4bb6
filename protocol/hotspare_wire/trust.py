"""Trust: tags of frames: HMAC-SHA-256 over header, body and the session's nonces, cut to 8 bytes; imports hashlib only.

HMAC is that of RFC 2104 with the hash of FIPS 180-4; cut as NIST SP 800-107 allows. Two slots hold keys: frames are
sent under the first one and accepted under either, so that a key can be changed on one board after another while all
of them talk. Without any key a tag is zeros and nobody looks at it.
"""

import hashlib

from .frame import TAG_SIZE
from .heap import TAG_BYTES

KEY_SIZE = 32
KEYS_MAX = 2
FINGERPRINT_SIZE = 4  # of a key, as people and identities name it
NO_FINGERPRINT = bytes(FINGERPRINT_SIZE)
BLOCK_SIZE = 64  # of SHA-256
AGENT = b"hotspare agent "
NO_TAG = bytes(TAG_SIZE)


class Key:
    """One key, made ready for HMAC; `fingerprint` names it and says nothing about it."""

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_SIZE
        padded = bytes(key) + bytes(BLOCK_SIZE - KEY_SIZE)
        self._inner = bytes([byte ^ 0x36 for byte in padded])
        self._outer = bytes([byte ^ 0x5C for byte in padded])
        self.fingerprint = self.mac(b"hotspare fingerprint")[:FINGERPRINT_SIZE]

    def mac(self, data, more=b"") -> bytes:
        """Return the HMAC of `data` and what follows it, whole."""
        inner = hashlib.sha256(self._inner)
        inner.update(data)
        inner.update(more)
        outer = hashlib.sha256(self._outer)
        outer.update(inner.digest())
        return outer.digest()

    def of_agent(self, unit: int) -> bytes:
        """Return the key of the agent of a unit, by its index: who has it can speak for that unit alone."""
        return self.mac(AGENT + bytes([unit]))


class Keyring:
    """The keys of one group, or of one agent: none, one, or two while they are changed; shared by all its links."""

    def __init__(self, keys: tuple = ()) -> None:
        self.keys: tuple = ()
        self.sent_bytes = self.heard_bytes = 0  # that a frame may allocate for its tag
        self.hold(keys)

    def hold(self, keys: tuple) -> None:
        """Hold these keys from now on, of KEY_SIZE bytes each, the one to send under first."""
        assert len(keys) <= KEYS_MAX
        self.share(tuple([Key(key) for key in keys]))

    def share(self, keys: tuple) -> None:
        """Hold keys that are made ready already."""
        self.keys = keys
        self.sent_bytes = TAG_BYTES if keys else 0
        self.heard_bytes = TAG_BYTES * len(keys)

    def tag(self, data, nonces: bytes) -> bytes:
        """Return the tag of `data` within a session; zeros without a key."""
        return self.keys[0].mac(data, nonces)[:TAG_SIZE] if self.keys else NO_TAG

    def slot_of(self, data, nonces: bytes, payload, place: int) -> int:
        """Return under which of our keys the tag at a place of a payload was made, from 1; 0 for none of them."""
        slot = 0
        for key in self.keys:
            slot += 1
            if same(key.mac(data, nonces), payload, place):
                return slot
        return 0

    def of_agent(self, unit: int) -> "Keyring":
        """Return the keys of the agent of a unit."""
        ring = Keyring()
        ring.share(tuple([Key(key.of_agent(unit)) for key in self.keys]))
        return ring


def same(mac: bytes, payload, place: int) -> bool:
    """Compare the first TAG_SIZE bytes of a MAC with those at a place; takes as long whether they differ or not."""
    differ = 0
    for at in range(TAG_SIZE):
        differ |= mac[at] ^ payload[place + at]
    return differ == 0
