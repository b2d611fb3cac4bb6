"""Deliberate bugs, each a textual change to a copy of one package, and the stage of the campaign that must catch it.

Whoever adds a rule adds a bug that breaks it: a campaign that can not fail is worth nothing. The engine has a longer
list of its own, whose bugs are caught by the engine's tests and simulations (tests/simulation/test_engine_bugs.py).
"""

from __future__ import annotations

from typing import NamedTuple

SEEDS = "seeds"  # the simulator's runs


class Bug(NamedTuple):
    """What it is, where, what stands there, what stands there instead, and what catches it: SEEDS, or tests."""

    name: str
    file: str
    old: str
    new: str
    by: str


ENGINE, WIRE, FIRMWARE = "hotspare_engine", "hotspare_wire", "hotspare_firmware"

BUGS = (
    # -- what is believed -----------------------------------------------------------------------------------------
    Bug(
        "no hold-off",
        f"{ENGINE}/unit.py",
        "1 if health == w.FAILED and not self.hold_off_ms else 0",
        "1 if health == w.FAILED else 0",
        SEEDS,
    ),
    Bug(
        "off by one in the dead time",
        f"{ENGINE}/health.py",
        "if path.age_ms >= path.wait_ms:",
        "if path.age_ms > path.wait_ms:",
        "tests/unit/test_health.py",
    ),
    Bug(
        "an own stall is a neighbour's silence",
        f"{ENGINE}/health.py",
        "blind = ms > self.stall_ms",
        "blind = False",
        "tests/unit/test_health.py",
    ),
    Bug(
        "a noisy path is noisy for ever",
        f"{ENGINE}/path.py",
        "            self.noisy = 0\n",
        "            pass\n",
        SEEDS,
    ),
    Bug(
        "contacts are believed while they bounce",
        f"{ENGINE}/lines.py",
        "if self.rest_ms[line] >= self.steady_ms:",
        "if True:",
        SEEDS,
    ),
    # -- what is decided ------------------------------------------------------------------------------------------
    Bug(
        "the spare is not asked for its health",
        f"{ENGINE}/resolver.py",
        "return self.ready(unit) and not self.unusable(unit)",
        "return not self.unusable(unit)",
        SEEDS,
    ),
    Bug(
        "the load returns to a primary that is not well",
        f"{ENGINE}/resolver.py",
        "elif self.usable(line) or (even_dropping",
        "elif True or (even_dropping",
        SEEDS,
    ),
    Bug(
        "what keeps a failover from happening has no name",
        f"{ENGINE}/group.py",
        "self.held_back = held | (s.blocked if s.uncovered or s.winner < w.WTR or s.present >> w.SD & 1 else 0)",
        "self.held_back = held",
        SEEDS,
    ),
    Bug(
        "a failure is found and nothing is done",
        f"{ENGINE}/group.py",
        "return w.I_BOOT_GRACE",
        "return w.I_BOOT_GRACE * 0",
        "tests/unit/test_engine_start.py",
    ),
    Bug(
        "the lockout switch is recorded and not looked at",
        f"{ENGINE}/group.py",
        "        if self.switch_on:\n            s.lockout |= BY_SWITCH\n",
        "",
        "tests/unit/test_lockout_switch.py",
    ),
    Bug(
        "nobody is asked",
        f"{ENGINE}/approval.py",
        "return held | w.I_ASKING if held or s.autonomy else 0",
        "return held",
        SEEDS,
    ),
    Bug("shadow acts", f"{ENGINE}/approval.py", "return held | w.I_SHADOW", "return held", SEEDS),
    Bug(
        "a command is done twice",
        f"{ENGINE}/desk.py",
        "if self._repeated(token):",
        "if False:",
        "tests/unit/test_asks.py",
    ),
    Bug(
        "a hold has no end", f"{ENGINE}/desk.py", "                engine.clear_relay()", "                pass", SEEDS
    ),
    # -- what is moved --------------------------------------------------------------------------------------------
    Bug(
        "a coil is chopped",
        f"{ENGINE}/switching.py",
        "self._rest_ms = max(1, settings.coil_min_ms)",
        "self._rest_ms = 1",
        SEEDS,
    ),
    Bug(
        "the spare is connected before the primary is seen disconnected",
        f"{ENGINE}/switching.py",
        "        return self.lines.settled[self.line] == w.BETWEEN and",
        "        return True or",
        SEEDS,
    ),
    Bug(
        "an isolation that is not proven will do",
        f"{ENGINE}/desk.py",
        "engine.switching.step != IDLE or engine.lines.proven())",
        "True)",
        "tests/unit/test_engine_switches.py",
    ),
    Bug(
        "a boot energises the relay",
        f"{FIRMWARE}/relays.py",
        "        self._sense_spare = sense_spare\n\n    def drive",
        "        self._sense_spare = sense_spare\n        coil.value(1)\n\n    def drive",
        SEEDS,
    ),
    Bug(
        "the alarm relay says that all is well",
        f"{FIRMWARE}/board.py",
        "self.alarm.value(well)",
        "self.alarm.value(1)",
        SEEDS,
    ),
    Bug(
        "the watchdog is fed whatever a step left out",
        f"{FIRMWARE}/main.py",
        "        if board.parts == parts:\n            hardware.feed()",
        "        hardware.feed()",
        "tests/rig/test_faults_resets.py",
    ),
    # -- who is listened to ---------------------------------------------------------------------------------------
    Bug(
        "a tag is not compared",
        f"{WIRE}/trust.py",
        "return differ == 0",
        "return True",
        "tests/unit/test_trust.py",
    ),
    Bug(
        "a sequence number is not compared",
        f"{WIRE}/link.py",
        "                return self._refuse(FROZEN if low == self._rx_low else STALE)",
        "                pass",
        "tests/unit/test_link.py",
    ),
    Bug(
        "a CRC is not compared",
        f"{WIRE}/frame.py",
        "elif binascii.crc32(self._views.first(size)) != RESIDUE:",
        "elif False:",
        "tests/unit/test_frame.py",
    ),
    # -- what is remembered -----------------------------------------------------------------------------------------
    Bug(
        "what is not written yet is told",
        f"{FIRMWARE}/recorder.py",
        "return self.next if not pages.count or (pages.is_full() and not pages.clean) else self.flushed",
        "return self.next",
        "tests/unit/test_recorder.py",
    ),
    Bug(
        "numbers of events begin anew with each boot",
        f"{FIRMWARE}/recorder.py",
        '                    self.next = max(self.next, struct.unpack_from("<I", pages.body, 0)[0] + 1)',
        "                    pass",
        SEEDS,
    ),
    Bug(
        "what a person ordered does not survive a reset",
        f"{FIRMWARE}/board.py",
        "                self._save = 1\n            elif action == w.START:",
        "                pass\n            elif action == w.START:",
        "tests/simulation/test_boards.py",
    ),
    Bug(
        "boards that differ are taken for equal",
        f"{FIRMWARE}/hearing.py",
        "            flags |= w.DIFFERS\n",
        "            pass\n",
        "tests/simulation/test_boards.py",
    ),
)
