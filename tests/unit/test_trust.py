"""Tags, sessions under keys, and files of keys: what is forged, replayed or stale counts for nothing."""

import hashlib
import hmac
import itertools
import random
from pathlib import Path

import pytest

from hotspare import keyfile
from hotspare.errors import ConfigurationInvalid, Refused
from hotspare.keyfile import NEXT, OLD, Keys
from hotspare_wire import frame, link, messages, trust
from hotspare_wire.link import Link
from tests.tools.wire import draws, payloads

KEY, OTHER = bytes(range(32)), bytes(range(32, 64))
FORGED_RUNS = 20_000


class End:
    """A link under keys, with its decoder."""

    def __init__(self, address: int, peer: int, seed: int, *keys: bytes) -> None:
        self.link = Link(address, peer, draws(seed), keyring=trust.Keyring(keys))
        self.decoder = frame.Decoder()

    def hear(self, data: bytes) -> list[int]:
        return [self.link.judge(bytearray(it), len(it)) for it in payloads(self.decoder, data)]

    def beat(self) -> bytes:
        return bytes(self.link.heartbeat(1, 0, 0, 1, 1, 0x1234, 0x5678))


def greet(a: End, b: End, rounds: int = 6) -> bool:
    """Let both say their hellos; return whether both are in session."""
    for _ in range(rounds):
        b.hear(bytes(a.link.hello()))
        a.hear(bytes(b.link.hello()))
    return a.link.established and b.link.established


def pair(*keys: bytes) -> tuple[End, End]:
    a, b = End(1, 2, 10, *keys), End(2, 1, 20, *keys)
    assert greet(a, b)
    return a, b


def test_a_tag_is_hmac_sha256_of_header_body_and_nonces_cut_to_eight_bytes() -> None:
    for key, data, nonces in itertools.product((KEY, OTHER), (b"", b"abc", bytes(200)), (b"", bytes(range(16)))):
        wanted = hmac.new(key, data + nonces, hashlib.sha256).digest()
        assert trust.Key(key).mac(data, nonces) == wanted
        assert trust.Keyring((key,)).tag(data, nonces) == wanted[:8]


def test_beats_go_both_ways_under_a_key_and_are_32_bytes_still() -> None:
    a, b = pair(KEY)
    assert len(a.beat()) == 32
    assert b.hear(a.beat()) == [link.NEWS]
    assert a.hear(b.beat()) == [link.NEWS]


@pytest.mark.parametrize("keys", [((KEY,), (OTHER,)), ((KEY,), ()), ((), (KEY,))], ids=["another", "none", "ours"])
def test_ends_with_different_keys_never_are_in_session_together(keys: tuple[tuple[bytes, ...], ...]) -> None:
    a, b = End(1, 2, 10, *keys[0]), End(2, 1, 20, *keys[1])
    assert not greet(a, b)
    assert (a if keys[0] else b).link.forged > 0


def test_a_frame_counts_in_its_own_direction_and_session_only() -> None:
    a, b = pair(KEY)
    beat = a.beat()
    assert a.hear(beat) == [link.OTHER]
    assert b.hear(beat) == [link.NEWS]
    assert b.hear(beat) == [link.FROZEN]
    c, d = End(1, 2, 30, KEY), End(2, 1, 40, KEY)
    assert greet(c, d)
    assert d.hear(a.beat()) == [link.FORGED]


def test_f41_what_a_neighbour_said_before_its_restart_counts_for_nothing() -> None:
    a, b = pair(KEY)
    recorded = [bytes(a.link.hello()), *(a.beat() for _ in range(20))]
    again = End(1, 2, 50, KEY)
    assert greet(again, b)
    sessions = b.link.sessions
    for wire in recorded:
        assert b.hear(wire)[0] in (link.FORGED, link.GREETED)
    assert b.link.established
    assert b.link.sessions == sessions
    assert b.hear(again.beat()) == [link.NEWS]


def test_f41_what_was_said_to_us_before_our_own_restart_counts_for_nothing() -> None:
    a, _ = pair(KEY)
    recorded = [bytes(a.link.hello()), *(a.beat() for _ in range(20))]
    again = End(2, 1, 60, KEY)
    for wire in recorded:
        assert again.hear(wire)[0] in (link.NO_SESSION, link.GREETED)
    assert not again.link.established


def test_f19_of_20000_forged_replayed_flipped_and_stale_frames_none_is_taken() -> None:
    chance = random.Random(19)
    a, b = pair(KEY)
    past = [a.beat() for _ in range(50)]
    for wire in past:
        assert b.hear(wire) == [link.NEWS]
    stranger, answer = pair(OTHER)
    kept = (b.link.sessions, b.link._rx_low, b.link._rx_high)
    for _ in range(FORGED_RUNS):
        kind = chance.randrange(4)
        if kind == 0:
            wire = chance.choice(past)
        elif kind == 1:
            wire = stranger.beat() if chance.random() < 0.5 else bytes(stranger.link.hello())
        elif kind == 2:
            payload = bytearray(next(payloads(frame.Decoder(), a.beat())))
            payload[chance.randrange(len(payload) - frame.CRC_SIZE)] ^= 1 << chance.randrange(8)
            wire = _rewired(payload)
        else:
            body = chance.randbytes(messages.body_size(messages.HEARTBEAT))
            head = bytes([frame.VERSION << 5 | messages.HEARTBEAT, 1, 2]) + chance.randbytes(4)
            wire = _rewired(bytearray(head + body + chance.randbytes(8) + bytes(4)))
        assert link.NEWS not in b.hear(wire)
        assert (b.link.sessions, b.link._rx_low, b.link._rx_high) == kept
        assert b.link.established
    assert b.hear(a.beat()) == [link.NEWS]
    assert answer.link.established


def _rewired(payload: bytearray) -> bytes:
    """Return the wire form of a payload, with a CRC that is right again."""
    crc = frame.binascii.crc32(bytes(payload[:-4]))
    payload[-4:] = crc.to_bytes(4, "little")
    wire = bytearray(frame.WIRE_MAX)
    return bytes(wire[: frame.cobs.encode(payload, len(payload), wire)])


def test_a_key_is_changed_in_the_middle_of_a_session_and_no_beat_is_lost() -> None:
    a, b = pair(KEY)
    for keys in ((KEY, OTHER), (OTHER, KEY), (OTHER,)):
        for end in (a, b):
            end.link.keyring.hold(keys)
            assert b.hear(a.beat()) == [link.NEWS]
            assert a.hear(b.beat()) == [link.NEWS]
    assert (a.link.slot, b.link.slot) == (1, 1)


def test_a_neighbour_in_another_session_is_greeted_at_once_and_a_flood_gets_few_answers() -> None:
    a, b = pair(KEY)
    other, its = End(1, 2, 70, KEY), End(2, 1, 80, KEY)
    assert greet(other, its)
    answers = 0
    for _ in range(160):
        b.link.greet = False
        b.hear(other.beat())
        answers += b.link.greet
    assert answers == 10
    assert b.hear(a.beat()) == [link.NEWS]
    b.link.greet = False
    b.hear(other.beat())
    assert b.link.greet


def test_an_agents_key_speaks_for_its_unit_alone() -> None:
    ring = trust.Keyring((KEY,))
    assert ring.of_agent(0).keys[0].fingerprint != ring.of_agent(1).keys[0].fingerprint
    assert ring.of_agent(0).keys[0].fingerprint == trust.Key(keyfile.of_agent([KEY], 0)[0]).fingerprint


def test_a_comparison_looks_at_every_byte() -> None:
    mac = bytes(range(8))
    assert trust.same(mac, mac, 0)
    assert [trust.same(mac, bytes(mac[:at]) + b"\xff" + mac[at + 1 :], 0) for at in range(8)] == [False] * 8


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [Keys(KEY), Keys(KEY, OTHER, NEXT), Keys(KEY, OTHER, OLD)])
def test_a_file_of_keys_is_read_as_it_was_written_and_its_owners_alone(tmp_path: Path, keys: Keys) -> None:
    path = tmp_path / "pair.key"
    keyfile.create(path, keys)
    assert path.stat().st_mode & 0o777 == 0o600
    assert keyfile.read(path) == keys
    with pytest.raises(Refused, match="stays as it is"):
        keyfile.create(path, Keys(OTHER))
    keyfile.replace(path, Keys(OTHER))
    assert keyfile.load(path) == (OTHER,)
    assert [it.name for it in tmp_path.iterdir()] == ["pair.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "pair.key"
    keyfile.create(path, Keys(KEY))
    path.chmod(mode)
    with pytest.raises(ConfigurationInvalid, match="chmod 600"):
        keyfile.load(path)


GOOD = Keys(KEY, OTHER, NEXT).text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hotspare keys 1\n",
        "hotspare keys 2\n" + KEY.hex() + "\n",
        GOOD[:-1],
        GOOD[:-3] + "\n",
        GOOD.replace("next", "maybe"),
        GOOD + KEY.hex() + "\n",
        GOOD.replace(OTHER.hex(), KEY.hex()),
        GOOD.replace(KEY.hex(), "00" * 32),
        GOOD.replace(KEY.hex(), "xy" * 32),
    ],
)
def test_a_file_that_holds_no_keys_is_said_and_never_shown(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pair.key"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigurationInvalid) as caught:
        keyfile.load(path)
    assert KEY.hex() not in str(caught.value)
    assert OTHER.hex() not in str(caught.value)


def test_a_file_that_is_not_there_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="hotspare key new"):
        keyfile.load(tmp_path / "none.key")
    with pytest.raises(ConfigurationInvalid, match="no file"):
        keyfile.load(tmp_path)
