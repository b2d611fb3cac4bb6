"""What each exit code means: one table for the command line, the documents and the tests; imports the errors only."""

from __future__ import annotations

from hotspare import errors

OK, FAILED, USAGE, INVALID, UNREACHABLE, NO_OUTCOME = range(6)
MISTAKE = 70  # as sysexits.h numbers it
OUTPUT_FAILED = 74  # likewise: an error of input or output
INTERRUPTED = 130  # 128 + SIGINT, as shells number it
PIPE_CLOSED = 141  # 128 + SIGPIPE

# code, meaning, the errors that end with it
TABLE: tuple[tuple[int, str, tuple[type[Exception], ...]], ...] = (
    (OK, "done, or nothing to do", ()),
    (FAILED, "refused, or tried and failed: the line says who outranks it or what to repair", (errors.Refused,)),
    (USAGE, "the command line asks for what there is not", (errors.UsageMistake,)),
    (
        INVALID,
        "the configuration is invalid, or a board holds another configuration or firmware",
        (errors.ConfigurationInvalid,),
    ),
    (UNREACHABLE, "a port, a board or a rig can not be reached, or is another one", (errors.Unreachable,)),
    (
        NO_OUTCOME,
        "a board was asked and told no outcome in time: what was asked may have been done",
        (errors.NoOutcome,),
    ),
    (MISTAKE, "a mistake of hotspare itself; HOTSPARE_DEBUG=1 shows where", ()),
    (OUTPUT_FAILED, "the output could not be written; what the command did stays done", ()),
    (INTERRUPTED, "interrupted; an order that was under way may have been carried out", (errors.OrderInterrupted,)),
    (PIPE_CLOSED, "who read the output went away", ()),
)


def code_of(error: errors.HotspareError) -> int:
    """Return the exit code of an error of ours; one of no listed class has failed."""
    for code, _, classes in TABLE:
        if isinstance(error, classes):
            return code
    return FAILED
