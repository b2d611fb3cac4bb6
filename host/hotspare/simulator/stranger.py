"""The stranger: somebody with wires at the cables and without the key; replays, alters and invents frames (L6)."""

from __future__ import annotations

import binascii
import random
from collections import deque

from hotspare.rig.cable import Wire
from hotspare.rig.errors import Refused
from hotspare.simulator.world import SimulatedRig
from hotspare_wire import cobs, frame, messages

HEARD_MAX = 64  # of each way, that are kept to be played again
GARBAGE_BYTES_MAX = 200
SEQUENCE_BYTES, SEQUENCE_MASK = 4, 0xFFFFFFFF
KIND = frame.VERSION << frame.KIND_BITS | messages.HEARTBEAT
OWN_BYTES = 4 + messages.body_size(messages.HEARTBEAT) + frame.TRAILER_SIZE


class Stranger:
    """Listens to every serial cable, and speaks on them."""

    def __init__(self, rig: SimulatedRig, chance: random.Random) -> None:
        self.spoke = 0
        self.made: set[bytes] = set()  # payloads that nobody with the key has made
        self._rig = rig
        self._chance = chance
        self._heard: dict[tuple[str, str], deque[bytes]] = {}
        for name, cable in rig.cables.items():
            for sender, way in cable.ways.items():
                if isinstance(way, Wire):
                    heard = self._heard[name, sender] = deque(maxlen=HEARD_MAX)
                    way.tap = heard.append

    def forge(self, cable: str, sender: str, how: str) -> None:
        """Say something on a cable as if its end had; raises Refused if there is nothing to say."""
        way = self._rig.cables[cable].ways[sender]
        assert isinstance(way, Wire)
        data = self._made(cable, sender, how)
        self.spoke += 1
        way.send(data, self._rig.baud_of[cable])

    def _made(self, cable: str, sender: str, how: str) -> bytes:
        if how == "garbage":
            return self._chance.randbytes(self._chance.randint(1, GARBAGE_BYTES_MAX))
        if how == "request":
            return self._invented()
        if how == "own":  # as if the receiver's own address were taken twice
            return self._closed(bytearray(bytes((KIND, self._chance.choice((1, 2)), 255)) + bytes(OWN_BYTES)))
        heard = self._heard[cable, sender]
        if not heard:
            raise Refused(f"nothing was heard on {cable} yet")
        if how == "replay":
            return self._chance.choice(heard)
        newest = heard[-1]
        decoder = frame.Decoder()
        decoder.feed(newest, 0, len(newest))
        if not decoder.size:
            return newest
        payload = bytearray(decoder.payload[: decoder.size])
        if how == "next":  # as if its sender had gone on to speak
            at = frame.AT_SEQUENCE
            sequence = int.from_bytes(payload[at : at + SEQUENCE_BYTES], "little") + self._chance.randint(1, 3)
            payload[at : at + SEQUENCE_BYTES] = (sequence & SEQUENCE_MASK).to_bytes(SEQUENCE_BYTES, "little")
        else:
            payload[self._chance.randrange(1, len(payload) - frame.CRC_SIZE)] ^= 1 << self._chance.randrange(8)
        return self._closed(payload)

    def _invented(self) -> bytes:
        kind = self._chance.choice((messages.REQUEST, messages.HEARTBEAT, messages.REPORT, messages.HELLO))
        addresses = bytes((self._chance.choice((1, 2, 101, 102, 240)), self._chance.choice((1, 2, 255))))
        body = self._chance.randbytes(4 + messages.body_size(kind) + frame.TAG_SIZE)
        return self._closed(bytearray(bytes((frame.VERSION << frame.KIND_BITS | kind,)) + addresses + body + bytes(4)))

    def _closed(self, payload: bytearray) -> bytes:
        """Return the wire form of a payload, with a CRC that is right."""
        data = closed(payload)
        self.made.add(bytes(payload))
        return data


def closed(payload: bytearray) -> bytes:
    """Return the wire form of a payload, with a CRC that is right."""
    payload[-frame.CRC_SIZE :] = binascii.crc32(payload[: -frame.CRC_SIZE]).to_bytes(4, "little")
    wire = bytearray(frame.WIRE_MAX)
    return bytes(wire[: cobs.encode(payload, len(payload), wire)])
