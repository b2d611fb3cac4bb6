"""The link: one session over one path. Sequences only rise, a new session needs an answer to a fresh challenge; no I/O.

Handshake: each side offers a nonce in a hello. A hello that carries my offered nonce as its challenge comes from a live
neighbour, so a session between both nonces is established; any other hello changes nothing and is only answered.

A sequence is two halves of 16 bits. The high half starts at random and the low one at 0, so that a rebooted neighbour's
earlier frames lie far from the present ones. A frame that is far ahead or far behind belongs to another session: it is
refused, and a hello asks for a new one, which also mends a path that was cut for longer than the low half lasts.

With a key, a frame counts only if its tag covers it and both nonces of the session, the sender's first; the hello that
establishes a session is tagged without nonces, for it carries both. A tag is looked at before anything else that the
frame could change.
"""

from . import cobs, frame, trust
from . import messages as m

# verdicts on a received frame
NEWS, GREETED, FROZEN, STALE, NO_SESSION, OTHER, NOT_MINE, MALFORMED, FORGED = range(9)
VERDICT_NAMES = (
    "news",
    "greeted",
    "frozen",
    "stale",
    "no session",
    "from another address",
    "not for us",
    "of another size",
    "of another key",
)

NO_NONCE = bytes(m.NONCE_SIZE)
SEQUENCE_HALF_MAX = 0xFFFF
FORGED_GREET = 16  # of so many forged frames in a row one is answered by a hello: whoever floods us gets few
FORGED_LOOKED = 8  # after so many in a row only what may come next is looked at: a flood costs no tags
START_HIGH_MAX = 0x7FFF  # leaves a session at least 2**31 frames before a new one must be asked for

_ECHO = m.place_of(m.HEARTBEAT, "echo")
_HEALTH_ROLE = m.place_of(m.HEARTBEAT, "health_role")
_SELECTED = m.place_of(m.HEARTBEAT, "selected")
_STATE = m.place_of(m.HEARTBEAT, "state")
_FLAGS = m.place_of(m.HEARTBEAT, "flags")
_CONFIG_HASH = m.place_of(m.HEARTBEAT, "config_hash")
_FIRMWARE_HASH = m.place_of(m.HEARTBEAT, "firmware_hash")
_HEARTBEAT_SIZE = m.body_size(m.HEARTBEAT)
_HEARTBEAT_PAYLOAD = frame.PAYLOAD_MIN + _HEARTBEAT_SIZE
_REPORT_PAYLOAD = frame.PAYLOAD_MIN + m.body_size(m.REPORT)
_REPORT_ECHO = m.place_of(m.REPORT, "echo")
_REPORT_HEALTH_ROLE = m.place_of(m.REPORT, "health_role")
_REPORT_LEAVING_S = m.place_of(m.REPORT, "leaving_s")
assert _REPORT_ECHO == _ECHO  # so that one line of code reads both


class Link:
    """Sequence, session and echo of one path; frames are composed in the encoder's buffers and judged in the caller's.

    `address` is our own, `peer` the neighbour's (ADDRESS_ANY: whoever speaks), `draw` returns NONCE_SIZE random bytes,
    `keyring` has the keys, none by default.
    """

    def __init__(self, address: int, peer: int, draw, encode=cobs.encode, keyring=None) -> None:
        self.address = address
        self.peer = peer
        self.encoder = frame.Encoder(encode)
        self.established = False
        self.greet = True  # a hello is due
        self.sessions = 0
        self.refused = self.forged = 0
        self.slot = 0  # under which of our keys its newest good frame came, from 1
        self.strange = 0  # none ever came, and what comes is of another key, of none, or of one where we have none
        self.keyring = keyring if keyring is not None else trust.Keyring()
        self.greetings = 0  # hellos sent since the last beat was due
        self.quiet_ms = self.links = 0  # until when only some sessions are events, and how many were
        self._forged_run = 0  # since the last good frame, or session
        self._refused_run = 0  # since the last good frame
        self._nonces_tx = self._nonces_rx = b""  # of the session, the sender's first
        self.unechoed = 0  # frames that we sent and the neighbour has not echoed
        self.skipped = 0  # sequences that are missing before the newest good one: frames that were lost on the way
        self._hellos = 0  # heard since that one: they are told by their nonces, and raise the sequence too
        self.speaker = peer if peer != m.ADDRESS_ANY else m.ADDRESS_NONE
        self._draw = draw
        self._offered = draw()
        self._session_ours = NO_NONCE
        self._session_theirs = NO_NONCE
        self._heard = NO_NONCE
        self._greeter = self.speaker
        self._renew = False  # the neighbour's frames are of another session, whatever its hellos say
        start = draw()
        self._tx_high = (start[0] | start[1] << 8) & START_HIGH_MAX
        self._tx_low = 0
        self._echo = -1
        self._rx_high = self._rx_low = 0

    # -- receiving ----------------------------------------------------------------------------------------------

    def judge(self, payload: bytearray, size: int) -> int:
        """Return the verdict on a good payload of `size` bytes; only NEWS is to be acted on."""
        # where it comes from first: a frame under our own address shows a conflict, whoever it is for
        source = payload[frame.AT_SOURCE]
        if source != self.speaker and (self.peer != m.ADDRESS_ANY or source == self.address):
            return self._refuse(OTHER)
        destination = payload[frame.AT_DESTINATION]
        if destination != self.address and destination != m.ADDRESS_ANY:  # a tuple here would be allocated
            return self._refuse(NOT_MINE)
        kind = payload[frame.AT_KIND] & frame.KIND_MASK
        if kind == m.HELLO:
            return self._greeted(payload, size, source)
        if not self.established or source != self.speaker:
            return self._refuse_session()
        low = payload[frame.AT_SEQUENCE] | payload[frame.AT_SEQUENCE + 1] << 8
        high = payload[frame.AT_SEQUENCE + 2] | payload[frame.AT_SEQUENCE + 3] << 8
        if self.keyring.keys:
            follows = high == self._rx_high + 1 or (high == self._rx_high and low > self._rx_low)
            looked = follows or self._refused_run < FORGED_LOOKED
            if not looked or not self._is_tagged(payload, size, self._nonces_rx):
                return self._forged()
        if kind == m.HEARTBEAT:
            if size != _HEARTBEAT_PAYLOAD:
                return self._refuse(MALFORMED)
        elif kind == m.REPORT and size != _REPORT_PAYLOAD:
            return self._refuse(MALFORMED)
        if high == self._rx_high:
            if low <= self._rx_low:
                self._refused_run += 1
                return self._refuse(FROZEN if low == self._rx_low else STALE)
        elif high != self._rx_high + 1:
            self._renew = True
            return self._refuse_session()
        self.skipped = max(0, ((low - self._rx_low - 1) & SEQUENCE_HALF_MAX) - self._hellos)
        self._hellos = 0
        self._rx_high = high
        self._rx_low = low
        self._forged_run = self._refused_run = 0
        if kind == m.HEARTBEAT or kind == m.REPORT:
            echo = payload[_ECHO] | payload[_ECHO + 1] << 8
            unechoed = (self._tx_low - echo) & SEQUENCE_HALF_MAX
            # an echo that stands still never catches up, not even when our sequence comes round to it
            if echo != self._echo or unechoed > self.unechoed:
                self._echo = echo
                self.unechoed = unechoed
        return NEWS

    def _is_tagged(self, payload: bytearray, size: int, nonces: bytes) -> bool:
        place = size - frame.TRAILER_SIZE
        slot = self.keyring.slot_of(memoryview(payload)[:place], nonces, payload, place)
        if slot:
            self.slot = slot
            self.strange = 0
        elif not self.slot:
            self.strange = m.KEY_NONE if self._is_bare(payload, place) else m.KEY_OTHER
        return slot > 0

    @staticmethod
    def _is_bare(payload: bytearray, place: int) -> bool:
        return payload[place : place + frame.TAG_SIZE] == trust.NO_TAG

    def rekeyed(self) -> None:
        """Our keys changed: under which of them the neighbour speaks is to be heard."""
        self.slot = self.strange = 0

    def _forged(self) -> int:
        self.forged += 1
        if self._forged_run % FORGED_GREET == 0:  # a neighbour that is in another session is greeted at once
            self.greet = True
        self._forged_run += 1
        self._refused_run += 1
        return self._refuse(FORGED)

    def _refuse(self, verdict: int) -> int:
        self.refused += 1
        return verdict

    def _refuse_session(self) -> int:
        self.greet = True  # one side lost the session: without a hello both would wait for ever
        return self._refuse(NO_SESSION)

    def _greeted(self, payload: bytearray, size: int, source: int) -> int:
        values = m.unpack(m.HELLO, payload, size - frame.PAYLOAD_MIN)
        if values is None:
            return self._refuse(MALFORMED)
        nonce, challenge, theirs_established = values
        if challenge == self._offered and self.keyring.keys and not self._is_tagged(payload, size, b""):
            if not self.established:  # it is answered, so that both find out that their keys differ
                self._heard = nonce
                self._greeter = source
            return self._forged()
        if not self.keyring.keys:
            self.strange = 0 if self._is_bare(payload, size - frame.TRAILER_SIZE) else m.KEY_OURS
        self._hellos += 1
        self._heard = nonce
        self._greeter = source
        if challenge == self._offered:
            self.established = True
            self.speaker = source
            self._renew = False
            self._session_ours = self._offered
            self._session_theirs = nonce
            self._nonces_tx = self._session_ours + nonce
            self._nonces_rx = nonce + self._session_ours
            self._offered = self._draw()  # the next handshake gets a challenge that nobody has seen
            self._rx_low = payload[frame.AT_SEQUENCE] | payload[frame.AT_SEQUENCE + 1] << 8
            self._rx_high = payload[frame.AT_SEQUENCE + 2] | payload[frame.AT_SEQUENCE + 3] << 8
            self.unechoed = self._hellos = self._forged_run = 0
            self._echo = -1
            self.sessions += 1
            self.greet = not theirs_established
        elif not (theirs_established and nonce == self._session_theirs and challenge == self._session_ours):
            self.greet = True
        return GREETED

    # -- sending ------------------------------------------------------------------------------------------------

    def close(self, kind: int, body_size: int, destination=None) -> memoryview:
        """Return the wire bytes of a message whose body stands in `encoder.payload`; raises the sequence."""
        if self._tx_low == SEQUENCE_HALF_MAX:
            self._tx_low = 0
            self._tx_high += 1
            if self._tx_high > SEQUENCE_HALF_MAX:  # every sequence was used: only a new session may count from 0
                self._tx_high = 0
                self.established = False
                self.greet = True
        else:
            self._tx_low += 1
        if destination is None:
            destination = self.speaker if self.speaker != m.ADDRESS_NONE else m.ADDRESS_ANY
        nonces = b"" if kind == m.HELLO else self._nonces_tx
        return self.encoder.close(
            kind, self.address, destination, self._tx_high, self._tx_low, body_size, self.keyring, nonces
        )

    def hello(self) -> memoryview:
        """Return the wire bytes of a hello; one to the neighbour of the session carries the session's nonce."""
        self.greet = False
        established = self.established and not self._renew and self._heard == self._session_theirs
        ours = self._session_ours if established else self._offered
        size = m.pack(m.HELLO, self.encoder.payload, (ours, self._heard, 1 if established else 0))
        return self.close(m.HELLO, size, self._greeter if self._greeter != m.ADDRESS_NONE else m.ADDRESS_ANY)

    def message(self, kind: int, values: tuple, destination=None) -> memoryview:
        """Return the wire bytes of the message `kind` with `values`; raises messages.Misuse."""
        return self.close(kind, m.pack(kind, self.encoder.payload, values), destination)

    def heartbeat(
        self, health: int, role: int, selected: int, state: int, flags: int, config_hash: int, firmware_hash: int
    ) -> memoryview:
        """Return the wire bytes of a heartbeat; allocates nothing in steady use."""
        assert 0 <= health <= 15 and 0 <= role <= 15 and 0 <= selected <= 255 and 0 <= state <= 255
        assert 0 <= flags <= 255 and 0 <= config_hash <= 0xFFFF and 0 <= firmware_hash <= 0xFFFF
        p = self.encoder.payload
        p[_ECHO] = self._rx_low & 255
        p[_ECHO + 1] = self._rx_low >> 8
        p[_HEALTH_ROLE] = health | role << 4
        p[_SELECTED] = selected
        p[_STATE] = state
        p[_FLAGS] = flags
        p[_CONFIG_HASH] = config_hash & 255
        p[_CONFIG_HASH + 1] = config_hash >> 8
        p[_FIRMWARE_HASH] = firmware_hash & 255
        p[_FIRMWARE_HASH + 1] = firmware_hash >> 8
        return self.close(m.HEARTBEAT, _HEARTBEAT_SIZE)

    def report(self, health: int, leaving_s: int, role: int = 0) -> memoryview:
        """Return the wire bytes of an agent's report; `role` is the one that it acknowledges, with ROLE_FAILED."""
        assert 0 <= health <= 15 and 0 <= role <= 15
        return self.message(m.REPORT, (self._rx_low, health | role << 4, leaving_s))


# what a received heartbeat says, read in place
def heartbeat_health(payload: bytearray) -> int:
    """Return the health that the sender states of its unit."""
    return payload[_HEALTH_ROLE] & 15


def heartbeat_role(payload: bytearray) -> int:
    """Return the role bits of the sender."""
    return payload[_HEALTH_ROLE] >> 4


def heartbeat_selected(payload: bytearray) -> int:
    """Return the line + 1 that the spare carries, 0 for none; from a beacon its unit + 1."""
    return payload[_SELECTED]


def heartbeat_state(payload: bytearray) -> int:
    """Return the state of the group."""
    return payload[_STATE]


def heartbeat_flags(payload: bytearray) -> int:
    """Return the heartbeat flags."""
    return payload[_FLAGS]


def heartbeat_unit_role(payload: bytearray) -> int:
    """Return the role of a unit: to a beacon or an agent what it is to be, from a beacon what it acknowledges."""
    return payload[_FLAGS] >> m.FLAG_ROLE_SHIFT & m.FLAG_ROLE_MASK


def heartbeat_config_hash(payload: bytearray) -> int:
    """Return the hash of the group's configuration."""
    return payload[_CONFIG_HASH] | payload[_CONFIG_HASH + 1] << 8


def heartbeat_firmware_hash(payload: bytearray) -> int:
    """Return the hash of the firmware's version."""
    return payload[_FIRMWARE_HASH] | payload[_FIRMWARE_HASH + 1] << 8


# the same for an agent's report, which comes as often
def report_health(payload: bytearray) -> int:
    """Return the health that the agent states of its unit."""
    return payload[_REPORT_HEALTH_ROLE] & 15


def report_role(payload: bytearray) -> int:
    """Return the role that the agent acknowledges."""
    return payload[_REPORT_HEALTH_ROLE] >> 4


def report_leaving_s(payload: bytearray) -> int:
    """Return the longest duration of the planned stop."""
    return payload[_REPORT_LEAVING_S] | payload[_REPORT_LEAVING_S + 1] << 8
