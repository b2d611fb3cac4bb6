"""What can go wrong outside our own code, one family: a message says what, where and the mend; imports nothing."""

from __future__ import annotations


class HotspareError(Exception):
    """Anything that a person is told, a line for each of `lines`; the command ends with the exit code of its class."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


class UsageMistake(HotspareError):
    """The command line asks for something that there is not: a group, a unit, a board, a duration."""


class ConfigurationInvalid(HotspareError):
    """The configuration file can not be read or says what can not be; or a board holds another configuration."""


class Refused(HotspareError):
    """A board refused what was asked, or what it tried failed; nothing is left half done."""


class Unreachable(HotspareError):
    """A port, a board or a rig that is missing, busy, silent, or not what the file says it is."""


class NoOutcome(HotspareError):
    """A board was asked and told no outcome in time, or its port vanished before: it may have been done."""


class OrderInterrupted(HotspareError):
    """A signal ended the command after a board had been asked: it may have been done."""


class LogFailed(HotspareError):
    """The database of events can not be opened, read or written: nothing was acknowledged that is not in it."""
