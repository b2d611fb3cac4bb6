"""The board's end of an agent's path: greets until it is answered, tells roles, takes reports; no I/O."""

from hotspare_engine import words
from hotspare_wire import frame, link, messages

BOARD, AGENT = 2, 101


class Nonces:
    def __init__(self, salt: int) -> None:
        self.salt = salt
        self.count = 0

    def __call__(self) -> bytes:
        self.count += 1
        return bytes([self.salt, self.count]) * 4


class BoardEnd:
    """What a board does on the path to its agent: greets until it is answered, takes reports.

    `role` is what it tells the agent with `beat`, `selected` the line that stands in the same heartbeat.
    """

    def __init__(self, salt: int = 9, controller: bool = True) -> None:
        self.link = link.Link(BOARD, AGENT, Nonces(salt))
        self.decoder = frame.Decoder()
        self.reports: list[tuple[int, int]] = []
        self.acknowledged: list[int] = []  # the role in each report
        self.role = words.NOT_TOLD
        self.selected = 0
        self.board_role = messages.ROLE_CONTROLLER | messages.ROLE_SPARE if controller else 0

    def received(self, data: bytes) -> None:
        place = 0
        while place < len(data):
            place = self.decoder.feed(data, place, len(data))
            if self.decoder.size and self.link.judge(self.decoder.payload, self.decoder.size) == link.NEWS:
                self.reports.append(
                    (link.report_health(self.decoder.payload), link.report_leaving_s(self.decoder.payload))
                )
                self.acknowledged.append(link.report_role(self.decoder.payload))

    def outgoing(self) -> bytes:
        return bytes(self.link.hello()) if self.link.greet else b""

    def beat(self) -> bytes:
        """Return a heartbeat that tells the role; nothing as long as there is no session."""
        if not self.link.established:
            return b""
        flags = self.role << messages.FLAG_ROLE_SHIFT
        return bytes(self.link.heartbeat(words.OK, self.board_role, self.selected, words.NORMAL, flags, 0, 0))
