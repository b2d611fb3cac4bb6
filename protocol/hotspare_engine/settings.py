"""Every setting of a group's decision with its default and limits; board, host, check and documents derive from it."""

# name, default, least, most; meanings stand in names.py. Names end in their unit; 0/1 are no/yes or words by place.
# Every value is a small integer on a 32-bit board (below 2**30).
SETTINGS = (
    ("interval_ms", 100, 10, 10000),
    ("beats", 5, 2, 50),
    ("agent_interval_ms", 100, 10, 10000),
    ("agent_beats", 5, 2, 50),
    ("hold_off_ms", 0, 0, 600000),
    ("wtr_s", 300, 0, 86400),
    ("revertive", 0, 0, 1),
    ("boot_grace_s", 60, 1, 3600),
    ("stay_min_s", 10, 0, 3600),
    ("attempts_max", 4, 1, 100),
    ("attempts_window_s", 600, 1, 86400),
    ("retention", 0, 0, 1),
    ("coil_min_ms", 100, 0, 10000),
    ("operate_limit_ms", 60, 5, 5000),
    ("steady_ms", 5, 0, 500),
    ("dead_time_ms", 50, 0, 5000),
    ("coil_pulse_ms", 120, 10, 2000),
    ("leaving_max_s", 600, 1, 86400),
    ("on_altered", 0, 0, 1),
    ("on_silence", 1, 0, 1),
    ("switch", 0, 0, 3),
    ("poles", 1, 1, 4),
    ("autonomy", 0, 0, 4),
    ("approve_s", 300, 5, 86400),
    ("standby", 0, 0, 2),
    ("ready_limit_ms", 5000, 100, 600000),
    ("start_limit_s", 120, 1, 3600),
    ("stop_delay_s", 10, 0, 3600),
    ("drain_s", 0, 0, 3600),
    ("on_degraded", 0, 0, 1),
)


def defaults():
    """Return the default of every setting, in the order of SETTINGS."""
    return tuple([row[1] for row in SETTINGS])


class Settings:
    """The settings of one group as attributes, by name; `values` are in the order of SETTINGS and were checked."""

    interval_ms: int
    beats: int
    agent_interval_ms: int
    agent_beats: int
    hold_off_ms: int
    wtr_s: int
    revertive: int
    boot_grace_s: int
    stay_min_s: int
    attempts_max: int
    attempts_window_s: int
    retention: int
    coil_min_ms: int
    operate_limit_ms: int
    steady_ms: int
    dead_time_ms: int
    coil_pulse_ms: int
    leaving_max_s: int
    on_altered: int
    on_silence: int
    switch: int
    poles: int
    autonomy: int
    approve_s: int
    standby: int
    ready_limit_ms: int
    start_limit_s: int
    stop_delay_s: int
    drain_s: int
    on_degraded: int

    def __init__(self, values):
        assert first_bad(values) < 0
        for row, value in zip(SETTINGS, values):
            setattr(self, row[0], value)


def index(name):
    """Return the place of the setting `name` in SETTINGS; raises ValueError for a name that is not there."""
    for place, row in enumerate(SETTINGS):
        if row[0] == name:
            return place
    raise ValueError("no setting is called " + name)


def first_bad(values):
    """Return the place of the first value outside its limits, or -1; a wrong count of values is place len(SETTINGS)."""
    if len(values) != len(SETTINGS):
        return len(SETTINGS)
    for place, value in enumerate(values):
        if not SETTINGS[place][2] <= value <= SETTINGS[place][3]:
            return place
    return -1
