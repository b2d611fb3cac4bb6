"""The words of hotspare as numbers: every code that is decided on, sent or saved is numbered here; imports nothing.

Their names and meanings stand in names.py, which a board never imports: strings cost it memory.
"""

NONE = -1  # no line, no unit

# -- health of a unit ---------------------------------------------------------------------------------------------
UNKNOWN, OK, IMPAIRED, FAILED, LEAVING, OFF, FENCED = range(7)

# why a unit has the health that it has
(
    WHY_NOTHING,
    WHY_SILENT,
    WHY_REPORTED,
    WHY_ALTERED,
    WHY_NEVER_HEARD,
    WHY_OVERSTAYED,
    WHY_PATH_LOST,
    WHY_TROUBLE,
    WHY_ONE_WAY,
    WHY_NO_START,
    WHY_UNREADY,
    WHY_AT_REST,
    WHY_NOISY,
) = range(13)
WHY_DEGRADED, WHY_STARTING = 13, 14  # the unit says so itself; it has power and is not heard yet

# -- paths --------------------------------------------------------------------------------------------------------
PATH_CROSSLINK_A, PATH_CROSSLINK_B, PATH_PULSE, PATH_AGENT, PATH_CONTACT, PATH_NETWORK = range(6)

NEVER, ALIVE, SILENT = range(3)  # what a path is
CABLE_NOT_SENSED, CABLE_GONE, CABLE_THERE = range(3)  # what its receiver's INVALID output says

# flags of a beat, as the link and the heartbeat tell them; above them the role that a unit acknowledges
ECHOED, DIFFERS, CONFLICT = 1, 2, 4
ROLE_SHIFT, ROLE_BITS = 3, 0x38
DEGRADED = 64  # from a beacon: its unit itself says that it is impaired, not the beacon of it
NOISY = 128  # from a beacon that says failed: its unit only fell silent, behind noisy paths alone
QUIET = 256  # the board that sent it may be silent once, for a flash that is busy

# how a heartbeat was altered
FROZEN, OUT_OF_ORDER, WRONG_RATE = range(3)

# -- relays -------------------------------------------------------------------------------------------------------
AT_PRIMARY, AT_SPARE, BETWEEN, AT_BOTH = range(4)  # what the read-backs of a line say

FALLS, LATCHING = range(2)
CHANGEOVER, INTERLOCKED, FENCED_FEED, UNPROVEN = range(4)  # how units are kept apart

HOT, WARM, COLD = range(3)  # how the spare waits

# -- roles, as they are told to a unit's agent and acknowledged by it ------------------------------------------------
NOT_TOLD, STANDBY, ACTIVE, DRAIN = range(4)
ROLE_FAILED = 4  # beside an acknowledged role: its hook failed

# -- requests, highest first: DESIGN's table after ITU-T G.8031 and G.808.1. --
OUT, LO, FX, SF_P, FS, SF_W = 1, 2, 3, 4, 5, 6
SD, MS, MS_P, WTR, EXER, DNR, NR = range(7, 14)
PERSON, HEALTH, TIMER, STATE = range(4)  # where a request comes from
# what a person can ask besides the requests above
ARM, DISARM, CLEAR, CLEAR_RELAY, APPROVE, REJECT, UNFENCE, CLEAR_SPARE = range(32, 40)
CLEAR_RESETS = 40  # of a board, whatever its role

# flags of an ask
DRY, NO_DRAIN, DROP_SERVICE, ACCEPT_SPLIT_BRAIN = 1, 2, 8, 16

# -- verdicts on an ask -------------------------------------------------------------------------------------------
(
    ACCEPTED,
    DONE,
    NOTHING,
    OUTRANKED,
    NOT_WELL,
    IS_OUT,
    WOULD_DROP,
    UNKNOWN_UNIT,
    NOT_CONTROLLER,
    HELD_BACK,
    NO_SUCH_ID,
    BAD_VALUE,
    PREEMPTED,
    FELL_BACK,
    ENDED,
    BUSY,
    NOT_PENDING,
    NOT_FENCED,
    NOT_ISOLATED,
    NOT_READY,
    NOT_DRAINED,
    STANDS,
) = range(22)

# -- autonomy: how far an armed group moves its load alone ----------------------------------------------------------
AUTO, ASK, ASK_THEN_AUTO, MANUAL, SHADOW = range(5)

WAITING, APPROVED, REJECTED = range(3)  # what was said to a pending request

# what becomes of a pending request, as its event tells it
P_RAISED, P_AGAIN, P_APPROVED, P_REJECTED, P_TIMED_OUT, P_WITHDRAWN = range(6)

# -- states of a group --------------------------------------------------------------------------------------------
STARTING, NORMAL, SWITCHING, ON_SPARE, HELD = range(5)
# from, to: the only changes of state there are; the engine asserts it, the documents draw it
TRANSITIONS = (
    (STARTING, NORMAL),
    (STARTING, ON_SPARE),
    (STARTING, HELD),
    (NORMAL, SWITCHING),
    (NORMAL, HELD),
    (SWITCHING, NORMAL),
    (SWITCHING, ON_SPARE),
    (SWITCHING, HELD),
    (ON_SPARE, SWITCHING),
    (ON_SPARE, NORMAL),
    (ON_SPARE, HELD),
    (HELD, NORMAL),
    (HELD, ON_SPARE),
)

# -- inhibitors: what keeps an automatic decision from being carried out, one bit each -----------------------------
(
    I_DISARMED,
    I_BOOT_GRACE,
    I_DIFFERS,
    I_CONFLICT,
    I_RELAY,
    I_SPARE_NOT_WELL,
    I_PRIMARY_NOT_WELL,
    I_LOCKOUT,
    I_OUT,
    I_FORCED,
    I_ATTEMPTS,
    I_POLICY,
    I_UNCOVERED,
    I_SUPPLY,
    I_ASKING,
    I_REJECTED,
    I_MANUAL,
    I_SHADOW,
    I_ISOLATION,
    I_FENCED,
    I_UNREADY,
    I_UNDRAINED,
) = (1 << bit for bit in range(22))
I_LOCAL = 1 << 22  # the lockout switch beside the controller
I_TOGETHER = 1 << 23
I_FLAPPING, I_NOISY, I_RESETS = 1 << 24, 1 << 25, 1 << 26

# -- alarms, one bit each: the alarm relay is energised while none stands ------------------------------------------
(
    A_PRIMARY_IMPAIRED,
    A_PRIMARY_FAILED,
    A_SPARE_IMPAIRED,
    A_SPARE_FAILED,
    A_PATH,
    A_ONE_WAY,
    A_INHIBITED,
    A_DISARMED,
    A_DIFFERS,
    A_CONFLICT,
    A_RELAY,
    A_READBACK,
    A_FELL,
    A_SUPPLY,
    A_UNCOVERED,
    A_CONTROLLER_SILENT,
    A_OUT,
    A_STALLED,
    A_UNCONFIGURED,
    A_ASKING,
) = (1 << bit for bit in range(20))
A_TORN, A_FENCED, A_UNFENCED, A_SPLIT_BRAIN, A_UNCONNECTED = 1 << 20, 1 << 21, 1 << 22, 1 << 23, 1 << 28
A_UNREADY, A_FLAPPING, A_EXPIRING, A_NOISY = 1 << 24, 1 << 25, 1 << 26, 1 << 27
A_REFUSED, A_ROLE = 1 << 29, 1 << 30

# -- troubles of the board itself, not of its group; they release the alarm relay too --------------------------------
B_RESETS, B_RECORDER, B_UNCONFIRMED, B_STATE, B_FILES, B_MAINTENANCE = (1 << bit for bit in range(6))

# -- what becomes of a configuration on trial
T_BEGUN, T_CONFIRMED, T_OVER, T_WAITS, T_RETURNS, T_LAPSED = range(6)

# -- causes of a reset: what the chip says, then what the board itself meant by it -----------------------------------
C_POWER, C_HARD, C_WATCHDOG, C_SLEEP, C_SOFT, C_EXCEPTION, C_CONFIGURED, C_PLANNED, C_MAINTENANCE = range(9)

# -- events: what the recorder keeps -------------------------------------------------------------------------------
E_BOOT, E_STATE, E_HEALTH, E_PATH, E_DRIVE, E_CONTACT, E_WINNER, E_ASKED, E_VERDICT, E_ARMED = range(1, 11)
E_ALARMS, E_SWITCHED, E_SWITCH_FAILED, E_FELL, E_STALL, E_EXPIRED, E_ALTERED, E_DIFFERS, E_CONFLICT, E_CONFIGURED = (
    range(11, 21)
)
E_SUPPLY, E_LINK, E_SAVE_FAILED, E_HELD, E_REFUSED_FRAMES, E_PENDING, E_WOULD, E_FENCED, E_TORN = range(21, 30)
E_FLAPPING, E_EXPIRING, E_NOISY = 30, 31, 32
E_ROLE, E_ACKNOWLEDGED, E_CABLE, E_LOCAL, E_START, E_UNREADY, E_UNDRAINED, E_EXERCISED = range(33, 41)
E_TROUBLES = 41
E_EXCEPTION, E_HUNG = 43, 44
E_TRIAL, E_MAINTENANCE = 47, 48
E_BY, E_WHY, E_KEYS = 51, 52, 53

TARGET_SHIFT = 28  # in E_WINNER: the inhibitors have the bits below, the target + 1 those above
RESTS = 256  # in E_CONTACT: the read-backs came to rest at that position

# -- actions: what the engine wants, read from its outbox -----------------------------------------------------------
DRIVE, SEND, RECORD, SAVE, REPLY, START = range(1, 7)
