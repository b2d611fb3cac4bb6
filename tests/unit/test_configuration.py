"""hotspare.toml: what is accepted, and one clear line for each thing that is not."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hotspare import configuration, example, hardware, options, wiring
from hotspare.errors import ConfigurationInvalid, UsageMistake
from hotspare_engine import settings
from tests import files


def complaints(changes: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigurationInvalid) as caught:
        files.pair(changes)
    assert all("\n" not in line and line.startswith("hotspare.toml: ") for line in caught.value.lines)
    return [line.removeprefix("hotspare.toml: ") for line in caught.value.lines]


@pytest.mark.parametrize("name", [None, *example.EXAMPLES])
def test_what_init_writes_is_valid_and_says_every_key_with_its_default(name: str | None) -> None:
    text = example.text(name)
    configuration.parse(text.encode(), files.HERE)
    sections = {section for section, _, _ in options.SECTIONS} - (set() if name else {"rig"})
    for option in options.OPTIONS:
        if option.section in sections:
            assert f"{option.name} = " in text


def test_uncommented_defaults_of_the_example_change_nothing() -> None:
    lines = example.text("pair").splitlines()
    keys = {option.name for option in options.OPTIONS if option.default is not None}  # others show their form only
    said = [line.removeprefix("# ") if line[2:].split(" = ")[0] in keys else line for line in lines]
    uncommented = configuration.parse("\n".join(said).encode(), files.HERE)
    assert uncommented == configuration.parse(example.text("pair").encode(), files.HERE)


def test_defaults_are_those_of_the_engine() -> None:
    lean = files.tables()
    lean["group"]["pair"] = {"primaries": ["primary"], "spare": "spare", "controller": "controller"}
    assert configuration.build(lean, files.HERE).groups[0].settings == settings.defaults()


def test_every_setting_of_the_engine_is_a_key_with_the_same_limits() -> None:
    for name, _, least, most in settings.SETTINGS:
        option = options.find("group", name)
        assert option is not None
        if option.kind is options.Kind.NUMBER:
            assert (option.least, option.most) == (least, most)
        else:
            values = option.words or (False, True)
            assert [options.to_number(name, value) for value in values] == list(range(least, most + 1))


def test_words_and_booleans_become_the_engines_numbers() -> None:
    group = files.pair(
        {
            "group.pair.retention": "latching",
            "group.pair.revertive": True,
            "group.pair.on_altered": "failed",
            "group.pair.on_silence": False,
            "group.pair.autonomy": "ask-then-auto",
        }
    ).groups[0]
    values = [group.setting(name) for name in ("retention", "revertive", "on_altered", "on_silence", "autonomy")]
    assert values == [1, 1, 1, 0, 2]
    assert group.autonomy == "ask-then-auto"


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("group.pair.interval_ms", -5, "group.pair.interval_ms = -5: must be a whole number, 10 to 10000"),
        ("group.pair.interval_ms", 1 << 40, "must be a whole number, 10 to 10000"),
        ("group.pair.interval_ms", 100.0, "group.pair.interval_ms = 100.0: must be a whole number"),
        ("group.pair.interval_ms", "100", 'group.pair.interval_ms = "100": must be a whole number'),
        ("group.pair.interval_ms", True, "group.pair.interval_ms = true: must be a whole number"),
        ("group.pair.beats", 0, "group.pair.beats = 0: must be a whole number, 2 to 50"),
        ("group.pair.hold_off_ms", 1 << 31, "must be a whole number, 0 to 600000"),
        ("group.pair.revertive", 1, "group.pair.revertive = 1: must be true or false"),
        ("group.pair.retention", "flies", 'must be "falls" or "latching"'),
        ("group.pair.switch", "none", 'must be "changeover" or "interlocked" or "fenced" or "unproven"'),
        ("group.pair.standby", "tepid", 'must be "hot" or "warm" or "cold"'),
        ("group.pair.autonomy", "never", 'must be "auto" or "ask" or "ask-then-auto" or "manual" or "shadow"'),
        ("group.pair.autonomy", 1, 'group.pair.autonomy = 1: must be "auto"'),
        ("group.pair.approve_s", 4, "must be a whole number, 5 to 86400"),
        ("group.pair.primaries", [], "must be a list of 1 to 7 names"),
        ("group.pair.primaries", ["primary"] * 8, "must be a list of 1 to 7 names"),
        ("group.pair.primaries", "primary", "must be a list of 1 to 7 names"),
        ("group.pair.watchdog_ms", 8389, "must be a whole number, 1000 to 8388"),
        ("group.pair.baud", 0, "must be a whole number, 1200 to 1000000"),
        ("unit.primary.agent", "none", 'must be "uart" or "host"'),
        ("board.beacon.kind", "esp8266", 'must be "pico" or "esp32" or "esp32s3" or "pyboard"'),
        ("board.beacon.address", 0, "must be a whole number, 1 to 99"),
        ("board.beacon.port", "", "must be text that is not empty"),
        ("board.beacon.port", "rig/\nbeacon", 'board.beacon.port = "rig/\\nbeacon": must be text'),
        ("rig.unit_boot_ms", -1, "rig.unit_boot_ms = -1: must be a whole number, 0 to 600000"),
        ("rig", 5, "rig = 5: must be a table, [rig]"),
        ("group", 5, "group = 5: must be a table, [group.NAME]"),
        ("group.pair", "x", 'group.pair = "x": must be a table, [group.NAME]'),
    ],
)
def test_a_wrong_value_is_named_with_its_key_and_its_limits(key: str, value: Any, complaint: str) -> None:
    (line,) = complaints({key: value})
    assert line.startswith(key)
    assert complaint in line


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("group.pair.intervall_ms", 100, "there is no key of that name: did you mean interval_ms?"),
        ("group.pair.accept_split_brain", True, "there is no key of that name: known: primaries, "),
        ("unit.primary.bord", "beacon", "did you mean board?"),
        ("rigs", {}, "there is no section of that name: did you mean rig?"),
    ],
)
def test_an_unknown_key_is_named_with_the_closest(key: str, value: Any, complaint: str) -> None:
    (line,) = complaints({key: value})
    assert line.startswith(f"{key}: ")
    assert complaint in line


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"group.pair.spare": "spar"}, 'group.pair.spare = "spar": there is no [unit.spar]'),
        ({"group.pair.spare": "primary"}, "a unit can not be its own spare"),
        ({"group.pair.primaries": ["primary", "primary"]}, "a unit is named twice"),
        ({"group.pair.controller": "contoller"}, "there is no [board.contoller]"),
        ({"group.pair.controller": "beacon"}, 'the controller stands at the spare: set it to "controller"'),
        ({"unit.primary.board": "nowhere"}, "there is no [board.nowhere]"),
        ({"unit.primary.board": "controller"}, "board.controller stands at 2 units"),
        ({"unit.third": {"board": "beacon"}}, "unit.third belongs to no group"),
        ({"unit.third": {"board": "nowhere"}}, "unit.third belongs to no group"),
        ({"board.third": {"port": "x", "address": 3}}, "board.third stands at no unit"),
        ({"board.controller.address": 1}, "board.controller.address = 1: board.beacon has this address too"),
        ({"board.controller.port": "rig/beacon"}, "2 boards have this port: give each its own"),
        ({"board.controller.crosslink_b": "uart"}, "a crosslink is the same at both ends"),
        ({"board.beacon.fed_by": "mains"}, "there is no [unit.mains]"),
        ({"group.pair.spare": None}, "group.pair.spare is missing: the unit that takes a line"),
        ({"board.beacon.port": None}, "board.beacon.port is missing"),
        ({"rig.operate_us": 2000}, "rig.transfer_us = 2500: it is part of operate_us and release_us: at most 2000"),
        ({"group.pair.operate_limit_ms": 5}, "so every switch would fail: raise operate_limit_ms"),
    ],
)
def test_what_does_not_go_together_is_named(changes: dict[str, Any], complaint: str) -> None:
    assert any(complaint in line for line in complaints(changes))


def test_beats_that_the_baud_rate_can_not_carry_are_refused_with_what_would_do() -> None:
    (line,) = complaints({"group.pair.interval_ms": 20, "group.pair.baud": 9600})
    assert line == (
        "group.pair.interval_ms = 20: a heartbeat of 32 bytes takes 33.3 ms at 9600 baud, and may take 9.0 ms: "
        "raise interval_ms to 75 or baud to 35556"
    )
    files.pair({"group.pair.interval_ms": 75, "group.pair.baud": 9600})
    files.pair({"group.pair.interval_ms": 20, "group.pair.baud": 35556})
    (line,) = complaints({"group.pair.agent_interval_ms": 10, "group.pair.agent_baud": 9600})
    assert "raise agent_interval_ms to" in line


def test_two_users_of_one_uart_are_refused() -> None:
    both = {"board.beacon.crosslink_b": "uart", "board.controller.crosslink_b": "uart"}
    assert complaints(both) == [
        f'unit.{unit}.agent = "uart": {board} (kind pico) has 2 UARTs and needs 3, for crosslink A, crosslink B, '
        f'the agent: use agent = "host", or crosslink_b = "pulse" on both boards'
        for unit, board in (("primary", "beacon"), ("spare", "controller"))
    ]
    files.pair({**both, "unit.primary.agent": "host", "unit.spare.agent": "host"})


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"unit.primary.agent_direct": True},
            (
                'unit.spare.agent = "uart": controller (kind pico) has 2 UARTs and needs 3, for crosslink A, the '
                'agent, the agent of primary: use agent = "host"'
            ),
        ),
        (
            {
                "unit.primary.agent_direct": True,
                "unit.primary.agent": "host",
                "unit.spare.agent": "host",
                "board.beacon.crosslink_b": "uart",
                "board.controller.crosslink_b": "uart",
            },
            (
                'unit.spare.agent = "host": controller (kind pico) has 2 UARTs and needs 3, for crosslink A, crosslink '
                'B, the agent of primary: remove agent_direct, or crosslink_b = "pulse" on both boards'
            ),
        ),
        (
            {"unit.spare.agent_direct": True, "unit.spare.agent": "host"},
            (
                "unit.spare.agent_direct = true: it bypasses a primary's beacon, and the spare stands at the "
                "controller itself: remove it"
            ),
        ),
        (
            {"unit.spare.contact": True},
            (
                "unit.spare.contact = true: it bypasses a primary's beacon, and the spare stands at the "
                "controller itself: remove it"
            ),
        ),
        (
            {"board.beacon.invalid_b": True},
            (
                'board.beacon.invalid_b = true: crosslink_b = "pulse" has no RS-232 receiver: remove it, or set '
                'crosslink_b = "uart"'
            ),
        ),
    ],
)
def test_a_path_past_the_beacon_that_does_not_fit_is_refused_with_the_mend(changes: dict[str, Any], line: str) -> None:
    assert complaints(changes) == [line]


NETWORKED = {
    "board.beacon.kind": "esp32",
    "board.beacon.network": "10.0.0.1:4700",
    "board.controller.kind": "esp32",
    "board.controller.network": "10.0.0.2:4700",
}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"board.beacon.kind": "pico"},
            'board.beacon.network = "10.0.0.1:4700": kind pico has no network: remove it, or use a board of kind',
        ),
        (
            {"board.beacon.network": None},
            "board.beacon.network is missing: board.controller has one, and a path has two",
        ),
        ({"board.controller.network": None}, "board.controller.network is missing: board.beacon has one"),
        ({"board.controller.network": "10.0.0.1:4700"}, "board.beacon is there: give one another"),
        *(
            ({"board.beacon.network": text}, "must be the board's IPv4 address and a port, 1024 to 65535, as in 10.")
            for text in ("10.0.0.1", "10.0.0.1:80", "10.0.0.1:65536", "10.0.0.1:+4700", "10.0.0:4700", "beacon:4700")
        ),
        *(
            ({"board.beacon.network": text}, "must be the board's IPv4 address")
            for text in ("0.0.0.0:4700", "224.0.0.1:4700", "255.255.255.255:4700", "::1:4700", "10.0.0.1:4700:1")
        ),
    ],
)
def test_a_network_that_can_not_be_is_refused(changes: dict[str, Any], line: str) -> None:
    files.pair(NETWORKED)
    changed = {key: value for key, value in {**NETWORKED, **changes}.items() if value is not None}
    assert any(line in said for said in complaints(changed))


@pytest.mark.parametrize("kind", wiring.KINDS)
def test_every_kind_of_board_is_good_for_the_example_and_for_a_latching_relay(kind: str) -> None:
    both = {"board.beacon.kind": kind, "board.controller.kind": kind, "group.pair.retention": "latching"}
    assert {board.kind for board in files.pair(both).boards} == {kind}


def test_an_active_low_relay_module_is_refused_unless_it_is_buffered() -> None:
    low = {"board.controller.relay_input": "active-low"}
    (line,) = complaints(low)
    assert line.startswith('board.controller.relay_input = "active-low": a pad is low or floats in a reset')
    assert line.endswith("relay_buffered = true")
    files.pair({**low, "board.controller.relay_buffered": True})


def test_a_board_without_transmit_buffers_must_have_time_for_what_it_sends() -> None:
    slow = {"group.pair.interval_ms": 75, "group.pair.baud": 9600}
    (line,) = complaints({**slow, "board.beacon.kind": "pyboard"})
    assert line.startswith('board.beacon.kind = "pyboard": without transmit buffers its loop waits 36.1 ms')
    files.pair({**slow, "board.beacon.kind": "esp32"})
    files.pair({**slow, "board.beacon.kind": "pyboard", "group.pair.interval_ms": 81})


@pytest.mark.parametrize(
    ("kind", "pins", "complaint"),
    [
        ("pico", {"relay1": 23}, "pins.relay1 = 23: it belongs to the board itself: choose another pin"),
        ("pico", {"relay1": 40}, "pins.relay1 = 40: the board has no such pin: choose another pin"),
        ("pico", {"relay1": "GP16"}, 'pins.relay1 = "GP16": the board has no such pin'),
        ("pico", {"relay1": True}, "pins.relay1 = true: must be the number of a GPIO, or the name that"),
        ("pico", {"relay1": 1.5}, "pins.relay1 = 1.5: must be the number of a GPIO"),
        ("pico", {"relay9": 16}, "pins.relay9 = 16: kind pico has no pin of that name: did you mean relay"),
        ("pico", {"uart0_tx": 12}, "pins.uart0_tx = 12: the pins of a UART follow from its number"),
        ("pico", {"alarm": 10}, "pins: alarm = 10: relay1 stands there: move one of them"),
        ("esp32", {"relay1": 34}, "pins.relay1 = 34: it is an input only"),
        ("esp32", {"relay1": 12}, "pins.relay1 = 12: its level at power-up says how the chip boots"),
        ("esp32", {"alarm": 14}, "pins.alarm = 14: it is high by itself at power-up or while the chip boots"),
        ("esp32s3", {"start": 18}, "pins.start = 18: it is high by itself at power-up"),
        ("pyboard", {"relay1": "X9"}, 'pins.relay1 = "X9": it belongs to the board itself'),
        ("pyboard", {"relay1": 5}, "pins.relay1 = 5: the board has no such pin"),
        ("pico", {"relay1": [1]}, "pins.relay1 = [1]: must be the number of a GPIO"),
        ("pico", 5, "pins = 5: must be a table of at most 8 pins, [board.NAME.pins]"),
        ("pico", {f"x{number}": 16 for number in range(9)}, "must be a table of at most 8 pins"),
    ],
)
def test_a_moved_pin_keeps_to_the_rules_of_its_board(kind: str, pins: Any, complaint: str) -> None:
    (line,) = complaints({"board.controller.kind": kind, "board.controller.pins": pins})
    assert line.startswith("board.controller.pins")
    assert complaint in line


def test_a_pin_may_take_the_place_of_one_that_is_moved_too_or_of_a_line_that_is_not_there() -> None:
    for board, pins in (
        ("controller", {"relay1": 12, "sense1_primary": 10}),
        ("controller", {"relay1": 16}),
        ("beacon", {"alarm": 10}),
    ):
        group = files.pair({f"board.{board}.pins": pins}).groups[0]
        assert {one.name: dict(one.pins) for one in group.boards}[board] == pins


def test_a_lockout_switch_at_a_beacon_is_refused() -> None:
    assert complaints({"board.beacon.lockout_switch": True}) == [
        "board.beacon.lockout_switch = true: only the controller acts on it: wire it to controller"
    ]


def test_a_controller_with_pins_for_fewer_lines_than_the_group_has_is_refused() -> None:
    group = files.pair({"board.controller.kind": "esp32"}).groups[0]
    assert hardware.lines(group) == []
    (line,) = hardware.lines(replace(group, primaries=("primary", "other")))
    assert line.startswith('group.pair.controller = "controller": kind esp32 has pins for 1 line, the group has 2')


def test_names_are_unique_across_the_file_and_fit_the_wire() -> None:
    data = files.tables()
    data["board"]["primary"] = data["board"].pop("beacon")
    data["unit"]["primary"]["board"] = "primary"
    with pytest.raises(ConfigurationInvalid, match="primary names 2 things"):
        configuration.build(data, files.HERE)
    assert any("1 to 16 letters" in line for line in complaints({"unit.a-name-of-17-byte": {"board": "beacon"}}))
    for name in ("", "ä", "../etc", "a b", "-x", "x\n"):
        data = files.tables()
        data["unit"][name] = {"board": "beacon"}
        with pytest.raises(ConfigurationInvalid, match="a name must be 1 to 16 letters"):
            configuration.build(data, files.HERE)


def test_a_board_can_not_have_the_name_of_the_rigs_control_socket() -> None:
    data = files.tables()
    data["board"]["control"] = data["board"].pop("beacon")
    data["unit"]["primary"]["board"] = "control"
    with pytest.raises(ConfigurationInvalid, match="that name belongs to the rig"):
        configuration.build(data, files.HERE)


def test_every_fault_gets_its_line_up_to_a_bound() -> None:
    lines = complaints({"group.pair.interval_ms": -1, "group.pair.beats": "x", "board.beacon.address": 100})
    assert len(lines) == 3
    data = files.tables()
    data["group"]["pair"].update({f"key{number}": 1 for number in range(100)})
    with pytest.raises(ConfigurationInvalid) as caught:
        configuration.build(data, files.HERE)
    assert caught.value.lines[-1] == "hotspare.toml: and 80 more"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"[group.pair\n", "is not TOML: "),
        (b"a = 1\na = 2\n", "is not TOML: "),
        (b"\xff\xfe", "is not UTF-8 text: byte 0"),
        (b"", "there is no group"),
        (b"x = " + b"9" * 10_000, "is not TOML: "),
        (b"[rig]\nunit_boot_ms = 0x" + b"f" * 10_000, "must be a whole number"),
        (b"x = " + b"[" * 100_000, "is not TOML: "),
        (b"x = 1" + b" " * configuration.FILE_SIZE_MAX, "is larger than"),
    ],
)
def test_a_file_that_is_no_configuration_is_one_line(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "hotspare.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationInvalid) as caught:
        configuration.load(path)
    assert complaint in caught.value.lines[0]
    assert all("\n" not in line and len(line) < 400 for line in caught.value.lines)


def test_a_file_that_is_not_there_or_is_a_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match="hotspare init writes one"):
        configuration.load(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigurationInvalid, match="can not be read: Is a directory"):
        configuration.load(tmp_path)


def test_ports_start_at_the_file_and_dir_moves_them_all() -> None:
    board = files.pair(path=Path("/etc/rack/hotspare.toml")).board("beacon")
    assert board.port == Path("/etc/rack/rig/beacon")
    moved = configuration.build(files.tables(), Path("/etc/rack/hotspare.toml"), Path("/run/rig"))
    assert moved.board("beacon").port == Path("/run/rig/beacon")
    assert moved.rig_directory == Path("/run/rig")
    assert files.pair({"board.beacon.port": "/dev/ttyACM0"}).on_rig().board("beacon").port == Path("rig/beacon")
    assert moved.on_rig() == moved
    absolute = files.pair({"board.beacon.port": "/dev/ttyACM0"}).board("beacon")
    assert absolute.port == Path("/dev/ttyACM0")


def test_names_that_are_not_there_are_refused_with_the_closest() -> None:
    pair = files.pair()
    assert pair.group(None).name == "pair"
    for find, name, hint in (
        (pair.group, "pear", "did you mean pair"),
        (pair.unit, "sparr", "did you mean spare"),
        (pair.board, "x", "known: controller, beacon"),
    ):
        with pytest.raises(UsageMistake, match=hint):
            find(name)
    with pytest.raises(UsageMistake, match="has 2 groups: name one of g0, g1"):
        configuration.build(files.many(2), files.HERE).group(None)


def test_the_helpers_toml_is_what_was_meant(tmp_path: Path) -> None:
    assert tomllib.loads(files.write(tmp_path).read_text()) == files.tables() | {"rig": {}}
