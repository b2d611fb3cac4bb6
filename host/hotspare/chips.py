"""What the firmware costs a chip, as measured on an emulated RP2040: docs/reference/on-the-chip.md; numbers only."""

CHIPS = {"pico": "RP2040"}  # by the kind of board
MEASURED = "pico"  # the kind whose times stand for all
CONTROLLER_HEAP_KB = 184  # that a controller's firmware took there
BOARD_BOOT_MS = (
    11200  # power to first beat of a controller: it compiles the firmware's files, and reads them for its hash
)
DECISION_MS = 61  # the most that cause to coil took beyond the limit of detection: as a collection begins
QUERY_MS = 58  # the longest that a host's query took of one step
COLLECTION_MS = 27  # the longest collection of a controller
BEAT_STEP_MS = 14  # that the step before it took, in which a beat goes out, in 99 of 100
INTERVAL_LEAST_MS = 65  # the shortest that a host's queries and collections fit into
EVENTS_A_PAGE = 100  # that one erase makes room for, rounded down
