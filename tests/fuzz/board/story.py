"""The target for a link: a story of what is said to it, heard, lost, altered and replayed; runs on both Pythons.

A target takes any bytes, raises nothing but AssertionError, which is a finding, and tells what it saw as a checksum.
"""

import struct

from hotspare_wire import frame, link, trust
from hotspare_wire import messages as m
from tests.fuzz.board.given import Given, Told
from tests.fuzz.board.wire import OPERATIONS_MAX, read, with_crc

OURS, THEIRS = 1, 2
KEYS = bytes(range(32)), bytes(range(32, 64))
KEYED, ANYBODY, TWO_KEYS, COLD = 1, 2, 4, 8  # bits of the first byte of a story; one that is not cold begins in session
NOWHERE = -1
ROUNDS = 6  # of hellos, after which a session stands


class Nonces:
    """Draws that differ from those of everybody else."""

    def __init__(self, salt):
        self.salt = salt
        self.count = 0

    def __call__(self):
        """Return the next one."""
        self.count += 1
        return struct.pack("<HHI", self.count, self.salt, self.count * 2654435761 & 0xFFFFFFFF)


class Story:
    """A link that is fuzzed and its neighbour, with what the neighbour said and was not heard yet."""

    def __init__(self, given):
        self.how = given.byte()
        self.told = Told()
        self.boots = 0
        self.said = []  # by the neighbour: payloads, of all its boots
        self.verdicts = [0] * len(link.VERDICT_NAMES)
        self.boot_ours()
        self.boot_theirs()
        if not self.how & COLD:
            _greet(self.ours, self.theirs)

    def boot_ours(self):
        """The link under test starts anew."""
        peer = m.ADDRESS_ANY if self.how & ANYBODY else THEIRS
        self.ours = link.Link(OURS, peer, Nonces(2 * self.boots), keyring=self._ring())
        self.boots += 1
        self.verdicts = [0] * len(link.VERDICT_NAMES)
        self.heard = NOWHERE  # place in `said` of what was heard last
        self.misled = False  # without a key whoever speaks is believed

    def boot_theirs(self):
        """The neighbour starts anew."""
        self.theirs = link.Link(THEIRS, OURS, Nonces(2 * self.boots + 1), keyring=self._ring())
        self.boots += 1

    def _ring(self):
        return trust.Keyring(KEYS[: 2 if self.how & TWO_KEYS else 1] if self.how & KEYED else ())

    def say(self, given):
        """The neighbour says something; return its payload."""
        what = given.byte() % 4
        it = self.theirs
        if what == 0:
            wire = it.hello()
        elif what == 1:
            wire = it.heartbeat(given.byte() & 15, 0, given.byte(), 1, 1, 0x1234, 0x5678)
        elif what == 2:
            wire = it.report(given.byte() & 15, given.number(2))
        else:
            wire = it.message(m.QUERY, (given.byte(), given.number(4)))
        payload = read(bytes(wire).split(b"\0")[1])
        self.said.append(payload)
        return payload

    def judge(self, payload):
        """The link under test hears a payload; what is news was said by the neighbour, just now, and not heard yet."""
        ours = self.ours
        before = ours.sessions, ours.established, ours._rx_high << 16 | ours._rx_low
        verdict = ours.judge(bytearray(payload), len(payload))
        self.verdicts[verdict] += 1
        self.told.add(verdict, ours.greet, ours.unechoed, ours.skipped)
        at = self.said.index(payload) if payload in self.said else NOWHERE
        if verdict == link.NEWS:
            assert at > self.heard or not self.how & KEYED, "news that nobody said, or that was heard already"
            self.misled = self.misled or at <= self.heard
            self.heard = at
        if ours.sessions > before[0]:
            assert at != NOWHERE or not self.how & KEYED, "a session with nobody"
            self.misled = at == NOWHERE
            self.heard = at
        if verdict == link.NEWS:
            assert before[1], "news without a session"
            assert ours._rx_high << 16 | ours._rx_low > before[2], "the sequence did not rise"
            assert ours.sessions == before[0]
        elif verdict != link.GREETED:
            now = ours.sessions, ours.established, ours._rx_high << 16 | ours._rx_low
            assert now == before, "what was refused changed the session"
        refused = sum(self.verdicts) - self.verdicts[link.NEWS] - self.verdicts[link.GREETED]
        assert ours.refused == refused and ours.forged == self.verdicts[link.FORGED], "refusals are counted otherwise"

    def answer(self):
        """The link under test says a hello and a beat, and the neighbour hears them."""
        for wire in (self.ours.hello(), self.ours.heartbeat(1, 0, 0, 1, 1, 0x1234, 0x5678)):
            payload = read(bytes(wire).split(b"\0")[1])
            self.theirs.judge(bytearray(payload), len(payload))


def session(data):
    """Whatever payloads come in whatever order: only what the neighbour said, once, in this session, is news.

    Under a key nothing forged, altered or replayed is news or makes a session. Refusals add up. Afterwards both come
    into a session, and the next beat of each is news.
    """
    given = Given(data)
    story = Story(given)
    for _ in range(OPERATIONS_MAX):
        if not given.left():
            break
        what = given.byte() & 7
        if what == 0:
            payload = given.data(frame.AT_BODY) + given.piece(frame.BODY_MAX) + given.data(frame.TAG_SIZE)
            story.judge(with_crc(payload))
        elif what <= 2:
            story.judge(story.say(given))
        elif what == 3 and story.said:
            story.judge(story.said[given.byte() % len(story.said)])
        elif what == 4 and story.said:
            payload = bytearray(story.said[-1 - given.byte() % len(story.said)][:-4])
            payload[given.byte() % len(payload)] ^= given.byte()
            story.judge(with_crc(payload))
        elif what == 5:
            story.answer()
        elif what == 6:
            story.say(given)  # and it is lost
        elif given.byte() & 1:
            story.boot_ours()
        else:
            story.boot_theirs()
    return _ends_well(story)


def _greet(ours, theirs):
    for _ in range(ROUNDS):
        for sender, hearer in ((theirs, ours), (ours, theirs)):
            payload = read(bytes(sender.hello()).split(b"\0")[1])
            hearer.judge(bytearray(payload), len(payload))


def _ends_well(story):
    if story.misled:
        story.boot_ours()
    ours, theirs = story.ours, story.theirs
    _greet(ours, theirs)
    for sender, hearer in ((theirs, ours), (ours, theirs)):
        payload = read(bytes(sender.heartbeat(1, 0, 0, 1, 1, 0x1234, 0x5678)).split(b"\0")[1])
        assert hearer.judge(bytearray(payload), len(payload)) == link.NEWS, "after all hellos a beat is no news"
    story.told.add(story.verdicts, ours.sessions, theirs.sessions)
    return story.told.crc
