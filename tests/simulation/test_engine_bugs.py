"""Deliberate bugs in the engine, each of which a law or a named test must catch: what can not fail shows nothing.

Each is a textual change to a copy of the engine. What must catch it is the beginning of what a run says when a law is
broken, or the file of the tests that fail.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hotspare_engine import words as w

SEEDS = 60
BREAKS = "breaks"  # what a run under the laws says
ASKED = "asked"  # what a run under the laws says in which persons are asked
FAILS = "fails"  # which tests fail

# name, file, what stands there, what stands there instead, how it is caught, by what
BUGS = [
    (
        "no hold-off",
        *("unit.py", "1 if health == w.FAILED and not self.hold_off_ms else 0", "1 if health == w.FAILED else 0"),
        *(BREAKS, "hold-off"),
    ),
    (
        "contacts are believed while they bounce",
        *("lines.py", "if self.rest_ms[line] >= self.steady_ms:", "if True:"),
        *(BREAKS, "L2"),
    ),
    (
        "a line is connected before the other is released",
        *("switching.py", "if source != w.NONE:\n            self._bring", "if False:\n            self._bring"),
        *(FAILS, "tests/unit/test_switching.py"),
    ),
    (
        "the load returns to a primary that is not well",
        *("resolver.py", "elif self.usable(line) or (even_dropping", "elif True or (even_dropping"),
        *(BREAKS, "L3"),
    ),
    (
        "the spare is not asked for its health",
        *("resolver.py", "return self.ready(unit) and not self.unusable(unit)", "return not self.unusable(unit)"),
        *(BREAKS, "L3"),
    ),
    (
        "a mute beacon's unit passes for well",
        *(
            "health.py",
            "self._believe(place, unit, w.UNKNOWN, w.WHY_NOTHING)\n            unit.mute_ms",
            "unit.mute_ms",
        ),
        *(FAILS, "tests/unit/test_health.py"),
    ),
    (
        "what is no longer wanted is connected all the same",
        *(
            "switching.py",
            "step == DRAINING or (step == READYING and not self.lines.opens):\n            self.step = IDLE",
            "False:\n            pass",
        ),
        *(FAILS, "tests/unit/test_engine_faults.py"),
    ),
    (
        "a coil is chopped",
        *("switching.py", "self._rest_ms = max(1, settings.coil_min_ms)", "self._rest_ms = 1"),
        *(BREAKS, "coil"),
    ),
    (
        "what keeps a failover from happening has no name",
        *(
            "group.py",
            "self.held_back = held | (s.blocked if s.uncovered or s.winner < w.WTR or s.present >> w.SD & 1 else 0)",
            "self.held_back = held",
        ),
        *(BREAKS, "L11"),
    ),
    (
        "a dry run is done",
        *("desk.py", "if verdict == w.NOTHING or dry:", "if verdict == w.NOTHING:"),
        *(BREAKS, "a dry run changes nothing"),
    ),
    (
        "a hold has no end",
        *("desk.py", "                engine.clear_relay()", "                pass"),
        *(BREAKS, "every hold has an exit"),
    ),
    (
        "silence counts a millisecond late",
        *("health.py", "if path.age_ms >= path.wait_ms:", "if path.age_ms > path.wait_ms:"),
        *(FAILS, "tests/unit/test_health.py"),
    ),
    (
        "an own stall is a neighbour's silence",
        *("health.py", "blind = ms > self.stall_ms", "blind = False"),
        *(FAILS, "tests/unit/test_health.py"),
    ),
    (
        "a command is done twice",
        *("desk.py", "if self._repeated(token):", "if False:"),
        *(FAILS, "tests/unit/test_asks.py"),
    ),
    (
        "boot grace is not waited for",
        *("group.py", "return w.I_BOOT_GRACE", "return 0"),
        *(FAILS, "tests/unit/test_engine_start.py"),
    ),
    (
        "a relay that fell stays driven",
        *("guard.py", "        self._drive(line, self.lines.settled[line])\n        self.falls", "        self.falls"),
        *(FAILS, "tests/unit/test_engine_faults.py"),
    ),
    (
        "the spare is connected before the primary is seen disconnected",
        *("switching.py", "        return self.lines.settled[self.line] == w.BETWEEN and", "        return True or"),
        *(BREAKS, "L2"),
    ),
    (
        "a group is armed on an isolation that is not proven",
        *("desk.py", "engine.switching.step != IDLE or engine.lines.proven())", "True)"),
        *(FAILS, "tests/unit/test_engine_switches.py"),
    ),
    (
        "a fenced unit is used again by itself",
        *("group.py", "w.FENCED if self.fenced >> place & 1 else", ""),
        *(FAILS, "tests/unit/test_engine_switches.py"),
    ),
    (
        "the lockout switch is recorded and not looked at",
        *("group.py", "        if self.switch_on:\n            s.lockout |= BY_SWITCH\n", ""),
        *(BREAKS, "lockout"),
    ),
    (
        "the spare is used at once when the lockout switch is turned back",
        *("engine.py", "if not on:\n                self.health.doubt()", "if False:\n                pass"),
        *(FAILS, "tests/unit/test_lockout_switch.py"),
    ),
    (
        "nobody is asked",
        *("approval.py", "return held | w.I_ASKING if held or s.autonomy else 0", "return held"),
        *(ASKED, "L10"),
    ),
    (
        "shadow acts",
        *("approval.py", "return held | w.I_SHADOW", "return held"),
        *(ASKED, "L10"),
    ),
    (
        "any id will do for an approval",
        *("pending.py", "if not there or number != self.id:", "if not there:"),
        *(ASKED, "L10"),
    ),
    (
        "an approval holds for what wins later",
        *("pending.py", "same = s.winner == self.winner and s.target == self.target", "same = True"),
        *(FAILS, "tests/unit/test_pending.py"),
    ),
    (
        "what was said to one request counts for another one",
        *("approval.py", "about = s.winner == s.pending_winner and s.target == s.pending_target", "about = True"),
        *(FAILS, "tests/unit/test_approval.py"),
    ),
    (
        "ask does it when nobody answers",
        *("pending.py", "if self.autonomy != w.ASK_THEN_AUTO or held", "if self.autonomy == w.MANUAL or held"),
        *(ASKED, "L10"),
    ),
    (
        "the time to answer passes while nobody is asked",
        *("pending.py", "        if not self.asking:\n            return False\n", ""),
        *(FAILS, "tests/unit/test_pending.py"),
    ),
    (
        "no alarm says that a person is asked",
        *("alarms.py", "if engine.held_back & w.I_ASKING:", "if False:"),
        *(ASKED, "L11"),
    ),
    (
        "an approval is good for every switch to come",
        *(
            "pending.py",
            "if self.said == w.APPROVED:\n            self._take_back",
            "if False:\n            self._take_back",
        ),
        *(FAILS, "tests/unit/test_pending.py"),
    ),
    (
        "an approval waits until it can be carried out",
        *("pending.py", "if held and self.said == w.APPROVED:", "if False:"),
        *(FAILS, "tests/unit/test_pending.py"),
    ),
    (
        "what was rejected is asked for again",
        *("approval.py", "return held | w.I_REJECTED", "return held | w.I_ASKING"),
        *(FAILS, "tests/unit/test_pending.py"),
    ),
    (
        "ids begin anew after a reset",
        *("pending.py", "        outbox.put(w.SAVE)\n", ""),
        *(FAILS, "tests/unit/test_pending.py"),
    ),
    (
        "a return that is one too many is made when nobody answers",
        *("pending.py", "w.ASK_THEN_AUTO or held != w.I_ASKING:", "w.ASK_THEN_AUTO:"),
        *(FAILS, "tests/unit/test_pending.py"),
    ),
    (
        "a unit's own word is worth no more than its beacon's",
        *("path.py", "                bits |= SEEN_DIRECT_OK\n", "                pass\n"),
        *(FAILS, "tests/simulation/test_bypasses.py"),
    ),
    (
        "a closed contact passes for the unit's own word",
        *("path.py", "if self.kind == w.PATH_AGENT:", "if self.kind in (w.PATH_AGENT, w.PATH_CONTACT):"),
        *(FAILS, "tests/simulation/test_bypasses.py"),
    ),
    (
        "a degraded primary stays where it is",
        *("resolver.py", "    (w.SD, _sd_present, _sd_decide),\n", ""),
        *(BREAKS, "L5 SD"),
    ),
    (
        "a degraded spare relieves a degraded primary",
        *("resolver.py", "(free and spare == w.OK)", "free"),
        *(FAILS, "tests/unit/test_resolver.py"),
    ),
    (
        "a load goes back to a degraded primary",
        *("group.py", " or self._is_degraded(s))", ")"),
        *(FAILS, "tests/unit/test_engine_degraded.py"),
    ),
    (
        "a degradation is believed at once",
        *("unit.py", "return self.degraded_ms > self.hold_off_ms", "return self.degraded_ms > 0"),
        *(FAILS, "tests/unit/test_health.py"),
    ),
    (
        "trouble on an agent's cable passes for its unit's own word",
        *("path.py", "self.report == w.IMPAIRED and (self.kind", "self.report == w.IMPAIRED or (self.kind"),
        *(FAILS, "tests/unit/test_health.py"),
    ),
    (
        "a flapping unit gets the load back by itself",
        *("approval.py", "        held |= w.I_FLAPPING\n", "        pass\n"),
        *(BREAKS, "flapping"),
    ),
    (
        "a unit that has flapped flaps for ever",
        *("flapping.py", "                    self._become(place, self.units & ~bit)", "                    pass"),
        *(BREAKS, "every"),
    ),
    (
        "a failure that is doubted and believed again is counted again",
        *("flapping.py", "if unit.health != w.FAILED:", "if not unit.believed:"),
        *(FAILS, "tests/unit/test_flapping.py"),
    ),
    (
        "an expiry comes unannounced",
        *("standing.py", "if left_s - seconds <= self.ahead_s[slot] and not", "if False and not"),
        *(FAILS, "tests/unit/test_expiring.py"),
    ),
    (
        "an expiry is alarmed in spite of a new time",
        *("standing.py", "        self.expiring[slot] = 0\n", ""),
        *(FAILS, "tests/unit/test_expiring.py"),
    ),
    (
        "what expires is acted on at once",
        *(
            "engine.py",
            "                self.health.doubt()\n                self.changed",
            "                self.changed",
        ),
        *(FAILS, "tests/unit/test_expiring.py"),
    ),
    (
        "silence behind noise is a failover",
        *("approval.py", "        held |= w.I_NOISY\n", "        pass\n"),
        *(FAILS, "tests/simulation/test_noise.py"),
    ),
    (
        "silence is doubted though a quiet path fell silent too",
        *("health.py", "                if not path.noisy:\n                    return 0\n", ""),
        *(FAILS, "tests/unit/test_noise.py"),
    ),
    (
        "a path that was silent long before speaks for a silence",
        *("health.py", "path.state == w.SILENT and path.age_ms <= 2 * longest_ms:", "path.state == w.SILENT:"),
        *(FAILS, "tests/unit/test_noise.py"),
    ),
    (
        "lost beats are not counted",
        *("path.py", "self.loss += min(count, LOST_MAX)", "self.loss += 0 * min(count, LOST_MAX)"),
        *(FAILS, "tests/simulation/test_noise.py"),
    ),
    (
        "what is lost in an own stall is noise",
        *("health.py", "if path.take(0 if blind or excused else path.age_ms + ms):", "if path.take(path.age_ms + ms):"),
        *(FAILS, "tests/unit/test_health.py"),
    ),
    (
        "a noisy path is noisy for ever",
        *("path.py", "            self.noisy = 0\n", "            pass\n"),
        *(BREAKS, "every noise has an end"),
    ),
    (
        "a line behind noise keeps the spare from one that failed for sure",
        *("resolver.py", "s.failed & s.noisy, _cover_failed(s, s.failed & ~s.noisy, False)", "s.failed, False"),
        *(FAILS, "tests/unit/test_noise.py"),
    ),
    (
        "a cable that is gone silences its path at once",
        *("listener.py", "            it.cable = cable\n", "            it.cable, it.state = cable, w.SILENT\n"),
        *(FAILS, "tests/simulation/test_bypasses.py"),
    ),
    (
        "a warm spare is connected whatever it acknowledges",
        *("roles.py", "self.told[self.spare] == w.ACTIVE and self._said(self.spare) == w.ACTIVE", "True"),
        *(FAILS, "tests/unit/test_standby.py"),
    ),
    (
        "a cold spare is connected before it is heard",
        *("roles.py", "ready = self.power and group.health.well(self.spare)", "ready = self.power"),
        *(FAILS, "tests/unit/test_standby.py"),
    ),
    (
        "a spare that can not get ready is tried for ever",
        *("roles.py", "group.timers.start(timer, self._again_ms)", "pass"),
        *(FAILS, "tests/unit/test_standby.py"),
    ),
    (
        "a cold spare at rest has failed",
        *("health.py", "if place == self.cold and not self.expected and not seen & SEEN_OK:", "if False:"),
        *(FAILS, "tests/unit/test_standby.py"),
    ),
    (
        "a cold spare keeps its power for ever",
        *(
            "roles.py",
            "        if self.power:\n            self._switch(0)",
            "        if False:\n            self._switch(0)",
        ),
        *(FAILS, "tests/unit/test_standby.py"),
    ),
    (
        "a cold spare loses its power before a switch is over",
        *("roles.py", "            if group.switching.step != IDLE:", "            if False:"),
        *(FAILS, "tests/unit/test_standby.py"),
    ),
    (
        "nobody is waited for to drain",
        *(
            "group.py",
            "self.switching.begin(self.selected, s.target, self.roles.drains(s))",
            "self.switching.begin(self.selected, s.target)",
        ),
        *(FAILS, "tests/unit/test_standby.py"),
    ),
    (
        "a failover waits for a drain",
        *("roles.py", "or s.winner in IN_A_HURRY:", "or s.winner == w.FX:"),
        *(FAILS, "tests/unit/test_standby.py"),
    ),
    (
        "what has drained takes work again before it is released",
        *(
            "roles.py",
            "return w.DRAIN if drains and (not kept or step == DRAINING) else w.ACTIVE",
            "return w.DRAIN if step == DRAINING and drains else w.ACTIVE",
        ),
        *(FAILS, "tests/unit/test_standby.py"),
    ),
]


def spoiled(repository: Path, folder: Path, file: str, old: str, new: str) -> Path:
    """Copy the engine into `folder` with one change; return where it is."""
    package = folder / "hotspare_engine"
    shutil.copytree(repository / "protocol" / "hotspare_engine", package, ignore=shutil.ignore_patterns("__pycache__"))
    text = (package / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file}: what the bug is to replace stands there {text.count(old)} times"
    (package / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("file", "old", "new", "how", "by"), [bug[1:] for bug in BUGS], ids=[bug[0] for bug in BUGS])
def test_a_deliberate_bug_is_caught(
    file: str, old: str, new: str, how: str, by: str, repository: Path, tmp_path: Path
) -> None:
    engine = spoiled(repository, tmp_path, file, old, new)
    environment = {**os.environ, "PYTHONPATH": str(engine), "PYTHONDONTWRITEBYTECODE": "1"}
    if how in (BREAKS, ASKED):
        autonomies = map(str, (w.ASK, w.ASK_THEN_AUTO, w.MANUAL, w.SHADOW) if how == ASKED else ())
        hunt = "tests/simulation/hunt.py", str(repository), str(engine), "0", str(SEEDS), *autonomies
        command = [sys.executable, *hunt]
    else:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", by]
    result = subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False, timeout=50
    )
    assert result.returncode == 1, f"nothing caught it: {result.stdout}{result.stderr}"
    said = result.stdout.partition(": ")[2]
    assert f"FAILED {by}" in result.stdout if how == FAILS else said.startswith(by), result.stdout + result.stderr
