"""What every code is called and means, for the host, the documents and the tests; never imported by a board.

Names are what people read in the command line, the log and the metrics.
"""

from . import switching as s
from . import words as w
from .standing import EXPIRY_AHEAD_S

HEALTH_NAMES = ("unknown", "ok", "impaired", "failed", "leaving", "off", "fenced")
WHY_NAMES = (
    "nothing to report",
    "every path silent",
    "its own report",
    "heartbeat altered",
    "never heard since start",
    "left for longer than it said",
    "a path lost",
    "late or damaged beats",
    "a path hears but is not heard",
    "did not come up after its start",
    "did not acknowledge its role",
    "at rest: a cold spare",
    "a path loses too many beats",
    "degraded by its own report",
    "it has power, and is not heard yet",
)
PATH_NAMES = ("crosslink-a", "crosslink-b", "pulse", "agent", "contact", "network")
PATH_STATE_NAMES = ("never heard", "alive", "silent")
DIRECT_AGENT = "direct-agent"  # a path of kind agent whose unit stands at another board
CABLE_NAMES = ("not sensed", "gone", "there")
ALTERED_NAMES = ("frozen sequence", "out of order", "wrong rate")
POSITION_NAMES = ("primary", "spare", "open", "both")
RETENTION_NAMES = ("falls", "latching")
SWITCH_NAMES = ("changeover", "interlocked", "fenced", "unproven")
STANDBY_NAMES = ("hot", "warm", "cold")
ROLE_NAMES = ("not told", "standby", "active", "drain")
AUTONOMY_NAMES = ("auto", "ask", "ask-then-auto", "manual", "shadow")
BECAME_NAMES = (
    "raised",
    "raised again, nobody answered in time",
    "approved",
    "rejected",
    "nobody answered in time, it is done",
    "withdrawn, another request wins or another target",
)
# what becomes of a configuration on trial
TRIAL_NAMES = (
    "begun",
    "confirmed",
    "not confirmed in time, the one before returns",
    "not confirmed in time, the one before returns as soon as nothing would fall",
    "given up, the one before returns",
    "was not confirmed, the one before is back",
)
# why a board was reset: as the chip says it, then what the board itself meant by it
CAUSE_NAMES = (
    "power-on",
    "hard reset",
    "watchdog",
    "deep sleep",
    "soft reset",
    "exception",
    "configured",
    "planned",
    "maintenance",
)
EXCEPTION_NAMES = (
    "none",
    "MemoryError",
    "OSError",
    "IndexError",
    "KeyError",
    "ValueError",
    "TypeError",
    "AttributeError",
    "NameError",
    "ImportError",
    "AssertionError",
    "ZeroDivisionError",
    "OverflowError",
    "RuntimeError",
    "another",
)
# parts of a step, by their check-in
PART_NAMES = ("began", "drained", "looked", "decided", "acted", "sent", "showed")
SOURCE_NAMES = ("person", "health", "timer", "state")

# code, abbreviation, source, what it is; highest first, DESIGN's table after ITU-T G.8031 and G.808.1
REQUESTS = (
    (w.OUT, "OUT", w.PERSON, "a unit is out of use"),
    (w.LO, "LO", w.PERSON, "lockout of the spare"),
    (w.FX, "FX", w.PERSON, "forced onto a unit not known well"),
    (w.SF_P, "SF-P", w.HEALTH, "spare failed"),
    (w.FS, "FS", w.PERSON, "forced switch"),
    (w.SF_W, "SF-W", w.HEALTH, "primary failed"),
    (w.SD, "SD", w.HEALTH, "primary degraded by its own report"),
    (w.MS, "MS", w.PERSON, "switchover"),
    (w.MS_P, "MS-P", w.PERSON, "failback"),
    (w.WTR, "WTR", w.TIMER, "wait to restore"),
    (w.EXER, "EXER", w.PERSON, "exercise"),
    (w.DNR, "DNR", w.STATE, "do not revert"),
    (w.NR, "NR", w.STATE, "none"),
)

# code, name, what it does: what a person can ask besides the requests
ASKS = (
    (w.ARM, "arm", "let the group move its relays by itself"),
    (w.DISARM, "disarm", "the group reports and alarms only"),
    (w.CLEAR, "clear", "end one standing request by its id"),
    (w.CLEAR_RELAY, "clear relay", "end the hold after a relay fault"),
    (w.APPROVE, "approve", "let a pending request be done, by its id"),
    (w.REJECT, "reject", "keep a pending request from being done, by its id"),
    (w.UNFENCE, "unfence", "a unit that was fenced may be used again"),
    (w.CLEAR_SPARE, "clear spare", "try again a spare that did not get ready, or a drain that failed"),
    (w.CLEAR_RESETS, "clear resets", "end the hold of a board that was reset too often"),
)

# in the order of the codes: name, whether the ask was refused or failed
VERDICTS = (
    ("accepted", False),
    ("done", False),
    ("nothing to do", False),
    ("refused: outranked", True),
    ("refused: the unit is not well", True),
    ("refused: the unit is out of use", True),
    ("refused: it would drop the service", True),
    ("refused: no such unit in this group", True),
    ("refused: this board is not the controller", True),
    ("refused: held back", True),
    ("refused: no such id", True),
    ("refused: a value out of range", True),
    ("pre-empted", True),
    ("failed: the relay did not move, returned to where it was", True),
    ("ended", False),
    ("refused: another switch or an exercise is under way", True),
    ("refused: not pending", True),
    ("refused: the unit is not fenced", True),
    ("refused: nothing proves that two units are kept apart", True),
    ("failed: the spare did not get ready, the line is where it was", True),
    ("failed: the unit did not drain, the line is where it was", True),
    ("stands, and is held back", False),
)
STATE_NAMES = ("starting", "normal", "switching", "on-spare", "held")

# bit, name, how it ends
INHIBITORS = (
    (w.I_DISARMED, "disarmed", "hotspare arm"),
    (w.I_BOOT_GRACE, "boot grace", "ends by itself, or as soon as the primary is heard to be well"),
    (w.I_DIFFERS, "the boards' configuration or firmware differ", "hotspare configure, or flash the older board"),
    (w.I_CONFLICT, "another board claims this board's role", "correct the roles and run hotspare configure"),
    (w.I_RELAY, "the relay did not do as it was told", "repair it, then hotspare clear relay"),
    (w.I_SPARE_NOT_WELL, "the spare is not known well", "ends when the spare is heard to be well"),
    (w.I_PRIMARY_NOT_WELL, "the primary is not known well", "ends when the primary is heard to be well"),
    (w.I_LOCKOUT, "lockout of the spare", "hotspare clear ID, or its expiry"),
    (w.I_OUT, "a unit is out of use", "hotspare clear ID, or its expiry"),
    (w.I_FORCED, "a forced switch stands", "hotspare clear ID"),
    (w.I_ATTEMPTS, "too many returns within the window", "ends by itself when the window has passed"),
    (w.I_POLICY, "silence alone does not switch this group", "hotspare switchover --force, or set on_silence"),
    (w.I_UNCOVERED, "the spare carries another line", "ends when the spare is free"),
    (w.I_SUPPLY, "the supply of the relay coils is lost", "ends when the supply is sensed again"),
    (w.I_ASKING, "a person is asked", "hotspare approve ID, or hotspare reject ID"),
    (w.I_REJECTED, "a person rejected it", "ends when winner or target changes; hotspare approve ID does it after all"),
    (w.I_MANUAL, "autonomy is manual", "hotspare approve ID, or another autonomy"),
    (w.I_SHADOW, "autonomy is shadow: it is only recorded", "hotspare approve ID, or another autonomy"),
    (w.I_ISOLATION, "the isolation of the units is not proven", "repair the read-backs, or the contact that hangs"),
    (w.I_FENCED, "the unit is fenced", "hotspare unfence UNIT, once it is repaired"),
    (w.I_UNREADY, "the spare did not get ready", "hotspare clear spare, or when the window of attempts has passed"),
    (
        w.I_UNDRAINED,
        "the active unit did not drain",
        "--no-drain, hotspare clear spare, or when the window of attempts has passed",
    ),
    (w.I_LOCAL, "the lockout switch at the controller is on", "turn the switch back: no host can end it"),
    (w.I_FLAPPING, "the unit fails again and again", "ends when it has not failed for attempts_window_s"),
    (w.I_NOISY, "it fell silent behind noisy paths alone", "ends when it is heard; hotspare approve ID does it"),
    (w.I_TOGETHER, "other primaries may have failed or recovered at once", "ends by itself within half a dead time"),
    (
        w.I_RESETS,
        "the board was reset too often",
        "hotspare clear resets, once you know why; --force moves it anyway",
    ),
)

# bit, name, what it means
ALARMS = (
    (w.A_PRIMARY_IMPAIRED, "primary impaired", "a path of a primary is lost, late, damaged or one-way"),
    (w.A_PRIMARY_FAILED, "primary failed", "a primary is silent, says that it fails, or was never heard"),
    (w.A_SPARE_IMPAIRED, "spare impaired", "a path of the spare is lost, late, damaged or one-way"),
    (w.A_SPARE_FAILED, "spare failed", "there is no protection: the spare is silent, fails, or was never heard"),
    (w.A_PATH, "path lost", "a path that was heard is silent, or one was never heard since boot grace ended"),
    (w.A_ONE_WAY, "one-way path", "the neighbour is heard but does not hear us: orders over this path do not arrive"),
    (w.A_INHIBITED, "failover inhibited", "a failover is wanted and something named keeps it from happening"),
    (w.A_DISARMED, "disarmed", "the group does not move relays by itself"),
    (w.A_DIFFERS, "boards differ", "configuration or firmware of the two boards differ: no automatic failover"),
    (w.A_CONFLICT, "role conflict", "another board claims this board's address, unit or role: both hold"),
    (w.A_RELAY, "relay fault", "a relay did not do as it was told: welded, stuck, or its coil is open"),
    (w.A_READBACK, "read-back fault", "the read-backs of a line say neither primary nor spare"),
    (w.A_FELL, "relay fell", "a contact moved without an order: coil supply lost, or a reset"),
    (w.A_SUPPLY, "coil supply lost", "the supply of the relay coils is not sensed"),
    (w.A_UNCOVERED, "uncovered", "a failed primary that the spare can not cover"),
    (w.A_CONTROLLER_SILENT, "controller silent", "the beacon does not hear the controller on any path"),
    (w.A_OUT, "out of use", "a unit is out of use, or the spare is locked out, by a person or by the lockout switch"),
    (w.A_STALLED, "loop stalled", "the board's own loop was late by more than an interval"),
    (w.A_UNCONFIGURED, "not configured", "the board has no valid configuration"),
    (w.A_ASKING, "approval is asked for", "an automatic movement waits for hotspare approve or hotspare reject"),
    (w.A_TORN, "torn", "the poles of a line disagree: one on the primary, one on the spare"),
    (w.A_FENCED, "fenced", "a unit was disconnected as failed and stays so until hotspare unfence"),
    (w.A_UNFENCED, "fence open", "a fenced unit is not seen disconnected: the spare is cut off by the wiring"),
    (w.A_SPLIT_BRAIN, "split brain accepted", "armed though nothing proves that two units are kept apart"),
    (w.A_UNREADY, "spare not ready", "the spare did not come up, or did not acknowledge its role, when it was wanted"),
    (
        w.A_EXPIRING,
        "expires soon",
        f"what stands ends by itself within {EXPIRY_AHEAD_S // 60} minutes, or in the last quarter of a shorter time",
    ),
    (w.A_FLAPPING, "flapping", "a unit fails again and again: a return to it waits for hotspare approve"),
    (w.A_NOISY, "noisy path", "a path loses more beats than loss_max_permille: silence on it alone waits for a person"),
    (w.A_ROLE, "role not taken", "a unit's hook for its role failed, or a cold spare runs that was given no power"),
    (w.A_REFUSED, "frames refused", "frames of another key, replayed ones, or of a stranger: ten or more in a minute"),
    (w.A_UNCONNECTED, "line unconnected", "a line is connected to no unit"),
)

# bit, name, what it means: the board's own, beside the alarms
TROUBLES = (
    (w.B_RESETS, "reset loop", "three resets within ten minutes: it holds still until hotspare clear resets"),
    (
        w.B_RECORDER,
        "recorder fails",
        "events are kept in memory only, or some were lost: its flash is worn or not there",
    ),
    (w.B_UNCONFIRMED, "configuration on trial", "nobody has confirmed it yet: without that the one before returns"),
    (w.B_STATE, "state not saved", "the selection and what stands may be lost at the next reset"),
    (w.B_FILES, "filesystem fails", "the board can not keep a configuration: flash it anew"),
    (w.B_MAINTENANCE, "maintenance", "the board restarts without its watchdog, for its firmware to be replaced"),
)

# code, name, meaning of a, meaning of b
EVENTS = (
    (w.E_BOOT, "booted", "cause", "boot"),
    (w.E_STATE, "state", "state", "reason"),
    (w.E_HEALTH, "health", "unit", "health and why"),
    (w.E_PATH, "path", "path", "path state"),
    (w.E_DRIVE, "drive", "line", "position"),
    (w.E_CONTACT, "contact", "line", "position; plus 256 once it rests there"),
    (w.E_WINNER, "winner", "request", "inhibitors, and above them target + 1"),
    (w.E_ASKED, "asked", "request", "unit and id"),
    (w.E_VERDICT, "verdict", "verdict", "request and id"),
    (w.E_ARMED, "armed", "armed", "reason"),
    (w.E_ALARMS, "alarms", "alarms now", "alarms before"),
    (w.E_SWITCHED, "switched", "target", "ms from decision to contact"),
    (w.E_SWITCH_FAILED, "switch failed", "target", "position"),
    (w.E_FELL, "relay fell", "line", "position"),
    (w.E_STALL, "own stall", "ms", "limit ms"),
    (w.E_EXPIRED, "expired", "request", "id"),
    (w.E_ALTERED, "heartbeat altered", "path", "how"),
    (w.E_DIFFERS, "boards differ", "differs", "path"),
    (w.E_CONFLICT, "role conflict", "conflict", "path"),
    (w.E_CONFIGURED, "configured", "hash", "hash before"),
    (w.E_SUPPLY, "coil supply", "present", "none"),
    (w.E_LINK, "link established", "path", "sessions"),
    (w.E_SAVE_FAILED, "state not saved", "none", "none"),
    (w.E_HELD, "held", "line", "position"),
    (w.E_REFUSED_FRAMES, "frames refused", "path", "count"),
    (w.E_PENDING, "pending", "id", "request, target and what became of it"),
    (w.E_WOULD, "would have switched", "target and id", "ms from the failure to the decision and of the switching"),
    (w.E_FENCED, "fenced", "unit", "whether it is fenced now"),
    (w.E_TORN, "torn", "line", "none"),
    (w.E_ROLE, "role told", "unit", "role"),
    (w.E_ACKNOWLEDGED, "role acknowledged", "unit", "role; plus 4 if its hook failed"),
    (w.E_EXPIRING, "expires soon", "request", "id"),
    (w.E_FLAPPING, "flapping", "unit", "whether it is flapping now"),
    (w.E_NOISY, "noisy path", "path", "whether it is noisy now, and above that bit how many of 1000 beats it loses"),
    (w.E_CABLE, "cable", "path", "whether it is there"),
    (w.E_LOCAL, "lockout switch", "on", "none"),
    (w.E_START, "power of the spare", "on", "none"),
    (w.E_UNREADY, "spare not ready", "unit", "ms waited"),
    (w.E_UNDRAINED, "not drained", "units, a bit each", "ms waited"),
    (w.E_EXERCISED, "exercised", "verdict", "ms that the start took"),
    (w.E_TROUBLES, "board trouble", "troubles now", "troubles before"),
    (w.E_EXCEPTION, "exception", "kind", "the place it came from, as 16 bits"),
    (w.E_HUNG, "hung", "the part of a step that checked in last", "longest lateness of a step before, in ms"),
    (w.E_TRIAL, "configuration trial", "what becomes of it", "s left"),
    (w.E_MAINTENANCE, "maintenance asked for", "whether the fall of a relay was accepted", "-"),
    (w.E_BY, "by", "text", "more of it"),
    (w.E_WHY, "reason", "text", "more of it"),
    (w.E_KEYS, "keys", "fingerprint", "that of the second"),
)

# from, to, when
TRANSITIONS = (
    (w.STARTING, w.NORMAL, "the read-backs show the primary, and it was heard, a request stands or boot grace is over"),
    (w.STARTING, w.ON_SPARE, "a latching relay is read back on the spare"),
    (w.STARTING, w.HELD, "the read-backs of a falling relay show the spare before anything was driven"),
    (w.NORMAL, w.SWITCHING, "the winner's target is the spare"),
    (w.NORMAL, w.HELD, "a contact moved to the spare by itself"),
    (w.SWITCHING, w.NORMAL, "the contacts are seen on the primary, or the switch was given up before it began"),
    (w.SWITCHING, w.ON_SPARE, "the contacts are seen on the spare, or the switch was given up before it began"),
    (w.SWITCHING, w.HELD, "the relay did not do as it was told"),
    (w.ON_SPARE, w.SWITCHING, "the winner's target is the primary, or another line"),
    (w.ON_SPARE, w.NORMAL, "the relay fell: the load is on the primary"),
    (w.ON_SPARE, w.HELD, "a contact moved to the spare by itself, or the relay fell too often"),
    (w.HELD, w.NORMAL, "cleared, with the contacts on the primary"),
    (w.HELD, w.ON_SPARE, "cleared, with the contacts on the spare"),
)

# of a switch, in the order of their codes
STEP_NAMES = (
    "idle",
    "coil rests",
    "opening",
    "held open",
    "closing",
    "dead time",
    "rests before the retry",
    "draining",
    "getting ready",
)

# from, to, when: every change of step of a switch
STEPS = (
    (s.IDLE, s.DRAINING, "whoever is released is asked to drain"),
    (s.IDLE, s.COIL_REST, "nobody is asked"),
    (s.DRAINING, s.COIL_REST, "it has drained, or need not any more"),
    (s.DRAINING, s.IDLE, "it did not drain, or the switch is not wanted any more"),
    (s.COIL_REST, s.CLOSING, "a form-C contact is commanded"),
    (s.COIL_REST, s.OPENING, "two contacts are opened, or are to be seen open"),
    (s.COIL_REST, s.READYING, "a form-C contact, and the spare is not ready"),
    (s.COIL_REST, s.IDLE, "the switch is not wanted any more"),
    (s.OPENING, s.HOLDING, "both contacts are seen open"),
    (s.OPENING, s.IDLE, "they are not seen open in time, or the line goes back to resting on nobody"),
    (s.HOLDING, s.OPENING, "they are not seen open any more"),
    (s.HOLDING, s.CLOSING, "they were held open for long enough: one is commanded to close"),
    (s.HOLDING, s.READYING, "the same, and the spare is not ready"),
    (s.HOLDING, s.IDLE, "the line goes back to resting on nobody"),
    (s.READYING, s.CLOSING, "the spare is ready: its contact is commanded to close"),
    (s.READYING, s.OPENING, "both contacts are not seen open any more"),
    (s.READYING, s.HOLDING, "the line goes back to its primary"),
    (s.READYING, s.IDLE, "the spare did not get ready, or is not wanted any more, and nothing was opened for it"),
    (s.CLOSING, s.CLOSING, "the contact did not reach the primary: once more"),
    (s.CLOSING, s.RETRY_REST, "the contact did not reach the spare: released, to be tried once more"),
    (s.CLOSING, s.DEAD_TIME, "the spare is off this line, and goes on to another"),
    (s.CLOSING, s.IDLE, "the contact is seen where it should be, or is at fault"),
    (s.DEAD_TIME, s.COIL_REST, "the next line"),
    (s.DEAD_TIME, s.IDLE, "no other line is wanted any more"),
    (s.RETRY_REST, s.CLOSING, "a form-C contact is commanded once more"),
    (s.RETRY_REST, s.OPENING, "two contacts are to be seen open once more"),
    (s.RETRY_REST, s.READYING, "a form-C contact, and the spare is not ready any more"),
    (s.RETRY_REST, s.IDLE, "the switch is not wanted any more"),
)

# setting, meaning
SETTINGS = (
    ("interval_ms", "time between heartbeats; a beat goes out every 0.9 of it"),
    ("beats", "beats lost in a row before a path is silent: its dead time is beats x interval"),
    ("agent_interval_ms", "time between the reports of a unit's agent"),
    ("agent_beats", "reports lost in a row before an agent is silent"),
    ("hold_off_ms", "how long a failure must persist before it is believed"),
    ("wtr_s", "wait to restore: how long a recovery must persist before a revertive group returns"),
    ("revertive", "whether the group returns to the primary by itself: no, yes"),
    ("boot_grace_s", "time that units get to boot before one that was never heard counts as failed"),
    ("stay_min_s", "least time on a unit before an automatic return"),
    (
        "attempts_max",
        "automatic returns allowed within the attempts window; so many failures of a unit make it flapping",
    ),
    ("attempts_window_s", "window in which automatic returns and failures are counted"),
    ("retention", "where an unpowered changeover relay rests: falls (to the primary), latching (stays)"),
    ("coil_min_ms", "least time between two commands to the same coil"),
    ("operate_limit_ms", "time a relay gets from its command to its read-back; longer is a fault"),
    ("steady_ms", "time a read-back must rest before it is believed (contact bounce)"),
    ("dead_time_ms", "time between releasing one line and connecting the spare to another"),
    ("coil_pulse_ms", "length of the pulse that moves a latching relay"),
    ("leaving_max_s", "longest planned stop that a unit may announce"),
    ("on_altered", "what an altered heartbeat makes of a unit: impaired, failed"),
    ("on_silence", "whether silence on every path, with no report of failure, may switch: no, yes"),
    ("switch", "how two units are kept apart"),
    ("poles", "poles of a line that have read-backs of their own, wired in parallel"),
    ("autonomy", "how far the armed group acts alone: auto, ask, ask-then-auto, manual, shadow (only records)"),
    ("approve_s", "time to approve or reject: then ask asks again, and ask-then-auto does it"),
    (
        "standby",
        "how the spare waits: hot (connected at once), warm (acknowledges its role first), cold (started first)",
    ),
    ("ready_limit_ms", "time that a warm spare gets to acknowledge that it is active"),
    ("start_limit_s", "time that a cold spare gets from its start until it is heard to be well"),
    ("stop_delay_s", "time that a cold spare keeps its power after it was told to stand by"),
    ("drain_s", "time that a unit gets to drain before a planned release; 0: it is not asked to"),
    ("on_degraded", "what a primary's own report that it is degraded does: alarm, switch (to a spare that is ok)"),
    (
        "loss_max_permille",
        "lost beats of 1000 above which a path is noisy; silence behind noise alone waits for a person",
    ),
)
