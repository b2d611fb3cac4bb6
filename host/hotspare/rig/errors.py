"""What a rig can not do, as errors of ours: each is one of the families that decide how a command ends."""

from __future__ import annotations

from hotspare import errors


class RigError(errors.HotspareError):
    """Something about the rig that its user can mend; the message says how."""


class Unknown(RigError, errors.UsageMistake):
    """A name or a value that this rig does not know."""


class Refused(RigError, errors.Refused):
    """The rig knows what was asked, and can not do it as things are."""


class TimedOut(RigError, errors.NoOutcome):
    """What was waited for did not happen in time."""


class NoRig(RigError, errors.Unreachable):
    """There is no rig where one was looked for."""
