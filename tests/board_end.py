"""The board's end of an agent's path: greets until it is answered, takes reports; no I/O."""

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
    """What a board does on the path to its agent: greets until it is answered, takes reports."""

    def __init__(self, salt: int = 9) -> None:
        self.link = link.Link(BOARD, AGENT, Nonces(salt))
        self.decoder = frame.Decoder()
        self.reports: list[tuple[int, int]] = []

    def received(self, data: bytes) -> None:
        place = 0
        while place < len(data):
            place = self.decoder.feed(data, place, len(data))
            if self.decoder.size and self.link.judge(self.decoder.payload, self.decoder.size) == link.NEWS:
                size = self.decoder.size - frame.PAYLOAD_MIN
                _, health, leaving_s = messages.unpack(messages.REPORT, self.decoder.payload, size)
                self.reports.append((health, leaving_s))

    def outgoing(self) -> bytes:
        return bytes(self.link.hello()) if self.link.greet else b""
