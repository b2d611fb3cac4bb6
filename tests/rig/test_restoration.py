"""A pair that a test left wrong is put right before the next one: what boards hold and whether they run."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

from hil.pair import Pair
from hil.restoration import restore
from hotspare.rig import flash
from hotspare_engine import words as w
from hotspare_wire import messages

VERSIONED = "/lib/hotspare_firmware/__init__.py"


def test_a_beacon_left_with_another_role_and_firmware_gets_its_own_back(pair: Pair) -> None:
    beacon = pair.configuration.board("beacon")
    pair.ask(w.DISARM)
    pair.give(replace(beacon, role=messages.ROLE_CONTROLLER), pair.group)
    version = flash.firmware_files()[VERSIONED].replace(b'VERSION = "', b'VERSION = "9')
    pair.flash("beacon", {VERSIONED: version})
    assert pair.holds_its_own(beacon) == (False, False)
    restore(pair)
    assert pair.holds_its_own(beacon) == (True, True)
    assert pair.status()["armed"]


def test_a_controller_left_on_the_spare_with_another_configuration_returns_first_and_gets_its_own_back(
    pair: Pair,
) -> None:
    controller = pair.configuration.board("controller")
    pair.give(controller, replace(pair.group, watchdog_ms=5000))
    pair.settle()
    assert pair.ask(w.MS, 1)["verdict"] == w.DONE
    assert pair.holds_its_own(controller) == (False, True)
    restore(pair)
    assert pair.holds_its_own(controller) == (True, True)
    assert pair.active() == "primary"


def test_a_hook_left_spoilt_works_again(pair: Pair) -> None:
    pair.rig.hook("spare", "drain", "hangs")
    restore(pair)
    assert pair.rig.state()["units"]["spare"]["hooks"] == {"drain": "works", "active": "works"}


def test_a_board_whose_interpreter_ended_is_started_again(pair: Pair) -> None:
    os.kill(pair.rig.state()["boards"]["beacon"]["process"], signal.SIGKILL)
    pair.rig.wait({"kind": "board", "name": "beacon", "event": "crashed"})
    restore(pair)
    assert pair.rig.state()["boards"]["beacon"]["running"]
