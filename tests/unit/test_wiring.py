"""The wiring of every kind of board: its own rules hold for its own pins, and the rules themselves refuse."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hotspare import wiring
from hotspare.rig.vm import find_micropython
from hotspare.wiring import KINDS, Pad
from hotspare_wire import configuration as c

EVERY_BOARD = {"uart0_tx", "uart0_rx", "uart1_tx", "uart1_rx", "pulse_out", "pulse_in", "supply", "alarm", "led"}
EVERY_BOARD |= {"start", "lockout", "contact", "invalid_a", "invalid_b"}
LINES = {"pico": 3, "esp32": 1, "esp32s3": 3, "pyboard": 3}
FOLDER = Path(__file__).parents[2] / "firmware" / "hotspare_firmware" / "wiring"


def names_of(lines: int) -> set[str]:
    """Return the names of a board's pins with so many lines."""
    each = ("relay{}", "relay{}_second", "sense{}_primary", "sense{}_spare")
    return EVERY_BOARD | {name.format(line) for line in range(1, lines + 1) for name in each}


def test_each_wiring_file_is_a_kind_and_each_kind_has_one() -> None:
    assert {path.stem for path in FOLDER.glob("[!_]*.py")} == set(KINDS) == set(LINES)
    for kind in KINDS:
        assert wiring.of(kind).kind == kind
        assert "datasheet" in (FOLDER / f"{kind}.py").read_text(encoding="utf-8").split('"""')[1].lower()
    with pytest.raises(ValueError, match="no kind of board is called abacus: there is pico, esp32"):
        wiring.of("abacus")


@pytest.mark.parametrize("kind", KINDS)
def test_a_board_has_every_pin_by_the_same_name_and_what_to_connect(kind: str) -> None:
    it = wiring.of(kind)
    assert set(it.pins) == names_of(LINES[kind])
    assert it.lines == LINES[kind]
    assert all(it.meanings[name] for name in it.pins)


@pytest.mark.parametrize("kind", KINDS)
def test_no_pin_of_a_wiring_file_breaks_a_rule_of_its_board(kind: str) -> None:
    it = wiring.of(kind)
    assert wiring.faults(it, it.pins) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_relay_alarm_or_start_is_never_on_a_pin_that_may_move_by_itself(kind: str) -> None:
    it = wiring.of(kind)
    bad = {*it.reserved, *it.strapping, *it.glitching, *it.input_only}
    guarded = {name: pad for name, pad in it.pins.items() if name.startswith(("relay", "alarm", "start"))}
    assert len(guarded) == 2 * LINES[kind] + 2
    assert {name for name, pad in guarded.items() if pad in bad} == set()


@pytest.mark.parametrize("kind", KINDS)
def test_the_lists_of_a_wiring_file_name_pins_that_there_are(kind: str) -> None:
    it = wiring.of(kind)
    for listed in (it.reserved, it.strapping, it.glitching, it.input_only):
        assert set(listed) <= set(it.pads)
    assert len(set(it.pads)) == len(it.pads)
    assert len({it.number(pad) for pad in it.pads}) == len(it.pads)
    assert max(it.number(pad) for pad in it.pads) < 64, "the rig's page has a bit for each of 64 pads"


@pytest.mark.parametrize("kind", KINDS)
def test_two_uarts_stand_on_pins_of_their_own_and_none_is_the_repl(kind: str) -> None:
    it = wiring.of(kind)
    assert len(it.uarts) == 2
    assert [tx for _, tx, _ in it.uarts] == ["uart0_tx", "uart1_tx"]
    assert [rx for _, _, rx in it.uarts] == ["uart0_rx", "uart1_rx"]
    if kind.startswith("esp32"):
        assert 0 not in [ident for ident, _, _ in it.uarts]


@pytest.mark.parametrize("kind", KINDS)
def test_the_watchdog_of_each_kind_takes_what_a_configuration_may_ask(kind: str) -> None:
    (most_ms,) = [most for name, _, most in c.LIMITS if name == "watchdog_ms"]
    assert most_ms <= wiring.of(kind).watchdog_max_ms < 1 << 30


@pytest.mark.parametrize(
    ("kind", "name", "pad", "why"),
    [
        ("pico", "relay1", 30, "the board has no such pin"),
        ("pico", "relay1", "GP10", "the board has no such pin"),
        ("pico", "relay1", 23, "it belongs to the board itself"),
        ("pico", "supply", 29, "it belongs to the board itself"),
        ("esp32", "relay1", 6, "it belongs to the board itself"),
        ("esp32", "relay1", 16, "it belongs to the board itself"),
        ("esp32", "relay1", 12, "its level at power-up says how the chip boots"),
        ("esp32", "sense1_spare", 0, "its level at power-up says how the chip boots"),
        ("esp32", "led", 2, ""),
        ("esp32", "relay1", 14, "it is high by itself at power-up or while the chip boots"),
        ("esp32", "alarm", 14, "it is high by itself at power-up or while the chip boots"),
        ("esp32", "start", 14, "it is high by itself at power-up or while the chip boots"),
        ("esp32", "contact", 14, ""),
        ("esp32", "relay1", 34, "it is an input only"),
        ("esp32", "pulse_out", 39, "it is an input only"),
        ("esp32", "led", 36, "it is an input only"),
        ("esp32", "sense1_primary", 34, ""),
        ("esp32", "relay1", 20, "the board has no such pin"),
        ("esp32", "relay1", 24, "the board has no such pin"),
        ("esp32s3", "relay1", 45, "its level at power-up says how the chip boots"),
        ("esp32s3", "relay1", 18, "it is high by itself at power-up or while the chip boots"),
        ("esp32s3", "relay1", 39, "it is high by itself at power-up or while the chip boots"),
        ("esp32s3", "relay1", 35, "it belongs to the board itself"),
        ("esp32s3", "relay1", 22, "the board has no such pin"),
        ("pyboard", "relay1", "X9", "it belongs to the board itself"),
        ("pyboard", "relay1", "X17", "it belongs to the board itself"),
        ("pyboard", "relay1", 3, "the board has no such pin"),
        ("pyboard", "relay1", "X1", ""),
    ],
)
def test_a_pin_that_breaks_a_rule_is_refused_with_the_rule(kind: str, name: str, pad: Pad, why: str) -> None:
    assert wiring.fault(wiring.of(kind), name, pad) == why


def test_a_board_takes_the_wiring_of_its_own_kind_and_forgets_it(repository: Path) -> None:
    command = [find_micropython(), "tests/board/wiring_choice.py", str(repository)]
    result = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, timeout=50)
    assert (result.stdout.strip(), result.stderr) == ("well", "")


def test_two_names_on_one_pad_are_refused() -> None:
    it = wiring.of("pico")
    assert wiring.faults(it, {**it.pins, "alarm": 10}) == ["alarm = 10: relay1 stands there"]


def test_a_rule_that_is_forgotten_in_a_wiring_file_is_seen() -> None:
    it = wiring.of("esp32")
    assert wiring.faults(replace(it, reserved=(25,)), it.pins) == ["relay1 = 25: it belongs to the board itself"]
