"""Runs protocol/vectors.json through the wire and prints what came of each, the same on CPython and MicroPython.

Arguments: the repository's root, then `plain` or `viper` for the codec. Runs on both, so it keeps to what both have.
"""

import binascii
import json
import sys

ROOT = sys.argv[1]
sys.path[:0] = [ROOT + "/protocol", ROOT + "/firmware"]

from hotspare_wire import cobs, frame, link, trust  # noqa: E402
from hotspare_wire import messages as m  # noqa: E402

encode, decode = cobs.encode, cobs.decode
if sys.argv[2] == "viper":
    from hotspare_firmware import codec_viper

    encode, decode = codec_viper.encode, codec_viper.decode

CHUNKS = (1, 2, 7, 1000000)
TRAILING = b"\x05\x11"  # what may stand behind anything: the beginning of something else
BYTES_FORMATS = "s*"


def from_hex(text):
    """Return the bytes of a text in which spaces and bars only part what belongs together."""
    return binascii.unhexlify(text.replace(" ", "").replace("|", ""))


def to_hex(data):
    """Return bytes as text."""
    return binascii.hexlify(bytes(data)).decode()


def hear(decoder, data, chunk):
    """Return the payloads that the decoder finds in `data` when it is fed in pieces of `chunk` bytes."""
    heard = []
    for start in range(0, len(data), chunk):
        piece = data[start : start + chunk]
        place = 0
        while place < len(piece):
            place = decoder.feed(piece, place, len(piece))
            if decoder.size:
                heard.append(to_hex(decoder.payload[: decoder.size]))
    return heard


def check_cobs(vector):
    """Encode, and decode in all chunkings."""
    payload, wire = from_hex(vector["payload"]), from_hex(vector["wire"])
    target = bytearray(len(payload) + 3)
    if encode(payload, len(payload), target) != len(wire) or target != wire:
        return "encoded as " + to_hex(target)
    for chunk in CHUNKS:
        state, target = bytearray(cobs.STATE_SIZE), bytearray(cobs.PAYLOAD_LIMIT)
        for start in range(0, len(wire), chunk):
            end = min(start + chunk, len(wire))
            if decode(wire, start, end, target, cobs.PAYLOAD_LIMIT, state) != end:
                return "decoding stopped early"
        if state[cobs.FAULT] or not state[cobs.BEGUN] or target[: state[cobs.SIZE]] != payload:
            return f"decoded as {to_hex(target[: state[cobs.SIZE]])}, fault {state[cobs.FAULT]}"
    return "ok"


def values_of(kind, values):
    """Return a vector's values as the table wants them: bytes stand there as hexadecimal."""
    formats = [format_ for _, format_ in m.fields(kind)]
    return tuple([from_hex(v) if formats[place][-1] in BYTES_FORMATS else v for place, v in enumerate(values)])


def check_frame(vector):
    """Encode and decode a good frame, alone, and with something behind it."""
    kind = next(row[0] for row in m.MESSAGES if row[1] == vector["kind"])
    values = values_of(kind, vector["values"])
    payload, wire = from_hex(vector["payload"]), from_hex(vector["wire"])
    encoder = frame.Encoder(encode)
    size = m.pack(kind, encoder.payload, values)
    sequence = vector["sequence"]
    got = encoder.close(kind, vector["source"], vector["destination"], sequence >> 16, sequence & 0xFFFF, size)
    if bytes(got) != wire:
        return "encoded as " + to_hex(got)
    for chunk in CHUNKS:
        for data in (wire, wire + TRAILING):
            decoder = frame.Decoder(decode)
            if hear(decoder, data, chunk) != [to_hex(payload)] or any(decoder.damage):
                return f"not heard in pieces of {chunk}"
    if m.unpack(kind, payload, len(payload) - frame.PAYLOAD_MIN) != values:
        return "unpacked as something else"
    return "ok"


def check_stream(vector):
    """Hear what is to be heard in a stream and count its damage by kind, in all chunkings."""
    data = from_hex(vector["wire"])
    wanted = [vector["damage"].get(name, 0) for name in frame.DAMAGE_NAMES]
    for chunk in CHUNKS:
        decoder = frame.Decoder(decode)
        heard = hear(decoder, data, chunk)
        if heard != vector["heard"] or decoder.damage != wanted:
            return f"in pieces of {chunk}: {heard}, damage {decoder.damage}"
    return "ok"


class Side:
    """One end of a handshake with scripted draws."""

    def __init__(self, address, peer, draws, keys):
        self.draws = [from_hex(draw) for draw in draws]
        self.keys = keys
        keyring = trust.Keyring(tuple([from_hex(key) for key in keys]))
        self.link = link.Link(address, peer, self.draw, encode, keyring)
        self.decoder = frame.Decoder(decode)

    def draw(self):
        """Return the next scripted draw."""
        return self.draws.pop(0)


def play(vector):
    """Play a handshake and return what differs from the transcript first, or ok."""
    sides = {"a": None, "b": None}
    for name, peer in (("a", "b"), ("b", "a")):
        keys = vector.get("keys", ())
        sides[name] = Side(vector[name]["address"], vector[peer]["address"], vector[name]["draws"], keys)
    for number, step in enumerate(vector["steps"]):
        trouble = play_step(sides, step)
        if trouble:
            return f"step {number}: {trouble}"
    return "ok"


def play_step(sides, step):
    """Play one step; return what differs, or nothing."""
    me, peer = sides[step["by"]], sides["b" if step["by"] == "a" else "a"]
    if step["say"] == "reboot":
        sides[step["by"]] = Side(me.link.address, me.link.peer, step["draws"], me.keys)
        return ""
    wire = from_hex(step["wire"])
    if step["say"] == "hello" and bytes(me.link.hello()) != wire:
        return "another hello"
    if step["say"] == "heartbeat" and bytes(me.link.heartbeat(1, 0, 0, 1, 1, 0x1234, 0x5678)) != wire:
        return "another heartbeat"
    if step["verdict"] != "lost":
        if len(hear(peer.decoder, wire, 1000)) != 1:
            return "not heard"
        verdict = link.VERDICT_NAMES[peer.link.judge(peer.decoder.payload, peer.decoder.size)]
        if verdict != step["verdict"]:
            return "judged as " + verdict
    state = [[sides[name].link.established for name in "ab"], [sides[name].link.greet for name in "ab"]]
    return "" if state == [step["established"], step["greet"]] else f"established and greet are {state}"


def main():
    """Print a line for each vector."""
    with open(ROOT + "/protocol/vectors.json") as file:
        vectors = json.load(file)
    checks = (("cobs", check_cobs), ("frames", check_frame), ("streams", check_stream), ("handshakes", play))
    for part, check in checks:
        for vector in vectors[part]:
            print(f"{part}: {vector['name']}: {check(vector)}")


main()
