"""One run of a hook: from its first process to its last, its output as bounded lines, its outcome; never waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hotspare.command import Command, NotStarted, ending

# of the output of one run; what is beyond is counted
LINES_MAX = 200
LINE_CHARS_MAX = 400
# a character is at most so many bytes of UTF-8
CHAR_BYTES_MAX = 4
# what a hook that is asked to end has to do so by itself
END_MS_MAX = 1_000

DONE, FAILED, ENDED = "done", "failed", "ended"  # ENDED: before it could tell


class Lines:
    """Bytes as lines for people, at most LINES_MAX of at most LINE_CHARS_MAX; `dropped` and `cut` count the rest."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self.dropped = 0
        self.cut = 0
        self._take = take
        self._taken = 0
        self._begun = b""
        self._overlong = False

    def feed(self, data: bytes) -> None:
        """Take bytes; a line is taken when it ends."""
        first, *others = data.split(b"\n")
        self._keep(first)
        for part in others:
            self._finish()
            self._keep(part)

    def end(self) -> None:
        """Nothing more comes: what was begun is a line too."""
        if self._begun:
            self._finish()

    def lost(self) -> str:
        """Return in words what the bounds have cost; empty if nothing."""
        said = [f"{self.dropped} lines after the first {LINES_MAX} are dropped"] if self.dropped else []
        said += [f"{self.cut} lines are cut after {LINE_CHARS_MAX} characters"] if self.cut else []
        return ", ".join(said)

    def _keep(self, part: bytes) -> None:
        room = LINE_CHARS_MAX * CHAR_BYTES_MAX - len(self._begun)
        self._begun += part[:room]
        self._overlong = self._overlong or len(part) > room

    def _finish(self) -> None:
        text = self._begun.decode(errors="replace").rstrip("\r")
        overlong = self._overlong or len(text) > LINE_CHARS_MAX
        self._begun, self._overlong = b"", False
        if self._taken == LINES_MAX:
            self.dropped += 1
            return
        self._taken += 1
        self.cut += overlong
        # a terminal obeys what is not printable
        shown = (it if it.isprintable() else " " if it == "\t" else "?" for it in text[:LINE_CHARS_MAX])
        self._take("".join(shown))


class HookRun:
    """A hook at work; `record` gets a line for its end and each one that it says, `outcome` is None while it runs.

    A hook that took too long has its outcome before its last process is gone: only then it is `over`.
    """

    def __init__(
        self,
        name: str,
        command: str,
        environment: Mapping[str, str],
        limit_ms: int,
        now_ms: int,
        record: Callable[[str], None],
    ) -> None:
        self.outcome: str | None = None
        self.why = ""
        self.over = False
        self._name = name
        self._record = record
        self._limit_ms = limit_ms
        self._begin_ms = now_ms
        self._end_ms = now_ms + limit_ms
        self._lines = Lines(lambda line: record(f"{name}: {line}".rstrip()))
        self._command: Command | None = None
        try:
            self._command = Command(command, environment, heard=True)
        except NotStarted as error:
            self._decide(FAILED, f"it could not be started: {error}", now_ms)
            self.over = True

    @property
    def reader(self) -> int | None:
        """The descriptor that tells when the hook says something."""
        return None if self._command is None else self._command.reader

    def step(self, now_ms: int) -> None:
        """Hear what it says, and judge it or end it when that is due."""
        if self._command is None:
            return
        self._lines.feed(self._command.read())
        code = self._command.code()
        if code is not None:
            self.close()
            if self.outcome is None:
                self._decide(DONE if code == 0 else FAILED, ending(code), now_ms)
        elif now_ms >= self._end_ms and self.outcome is None:
            self.end(FAILED, f"it took more than {self._limit_ms / 1000:g} s", now_ms)
        elif now_ms >= self._end_ms:
            self.close()

    def end(self, outcome: str, why: str, now_ms: int) -> None:
        """Ask it to end; it is killed when it has not after END_MS_MAX."""
        if self._command is not None:
            self._command.ask_to_end()
            self._end_ms = now_ms + END_MS_MAX
            self._decide(outcome, why, now_ms)

    def close(self) -> None:
        """End what still runs."""
        if self._command is not None:
            self._lines.feed(self._command.end())
            self._lines.end()
            self._command = None
            if lost := self._lines.lost():
                self._record(f"{self._name}: {lost}")
        self.over = True

    def wait_ms(self, now_ms: int) -> int:
        """Return how long there is nothing to do unless it ends or says something."""
        return 0 if self.over else max(0, self._end_ms - now_ms)

    def _decide(self, outcome: str, why: str, now_ms: int) -> None:
        self.outcome, self.why = outcome, why
        self._record(f"{self._name} {outcome}: {why}, after {(now_ms - self._begin_ms) / 1000:.3f} s")
