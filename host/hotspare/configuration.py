"""The configuration: what hotspare.toml says, read, validated and joined; reads one file and touches nothing else."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from hotspare import endpoint, options, rules, shape
from hotspare.endpoint import Endpoint
from hotspare.errors import ConfigurationInvalid, UsageMistake
from hotspare_engine import names, settings
from hotspare_wire import messages

FILE_NAME = "hotspare.toml"
RIG_FOLDER = "rig"
FILE_SIZE_MAX = 1 << 20
COMPLAINTS_MAX = 20


@dataclass(frozen=True)
class Board:
    """A board; `role` are its role bits, `peer` the address of the controller, or of the first beacon for it."""

    name: str
    group: str
    kind: str
    address: int
    peer: int
    role: int
    unit: str
    crosslink_b: str
    fed_by: str | None
    relay_input: str
    relay_buffered: bool
    invalid_a: bool
    invalid_b: bool
    network: Endpoint | None
    network_peer: Endpoint | None
    lockout_switch: bool
    key: Path | None  # the file of its group's keys
    pins: tuple[tuple[str, Any], ...]  # those that stand elsewhere than the wiring of its kind says
    port: Path


@dataclass(frozen=True)
class Unit:
    """A unit; `index` is its place in the group, primaries first and the spare last."""

    name: str
    group: str
    index: int
    board: str
    agent: str
    agent_direct: bool
    contact: bool

    @property
    def address(self) -> int:
        """The wire address of its agent."""
        return messages.ADDRESS_AGENT_MIN + self.index


@dataclass(frozen=True)
class Group:
    """A group; `settings` are numbers in the order of the engine's table, `boards` has the controller first."""

    name: str
    primaries: tuple[str, ...]
    spare: str
    controller: str
    baud: int
    agent_baud: int
    watchdog_ms: int
    key: Path | None
    settings: tuple[int, ...]
    units: tuple[Unit, ...]
    boards: tuple[Board, ...]

    @property
    def switch(self) -> str:
        """How its units are kept apart, in a word."""
        return names.SWITCH_NAMES[self.setting("switch")]

    @property
    def standby(self) -> str:
        """How its spare waits, in a word."""
        return names.STANDBY_NAMES[self.setting("standby")]

    def setting(self, name: str) -> int:
        """Return one setting as the boards keep it."""
        place: int = settings.index(name)
        return self.settings[place]

    @property
    def chain(self) -> tuple[Board, ...]:
        """The primaries' boards in the order of their priority, in which they are chained."""
        by_unit = {board.unit: board for board in self.boards}
        return tuple(by_unit[name] for name in self.primaries)

    @property
    def autonomy(self) -> str:
        """How far the group moves its load alone, in the file's word."""
        return names.AUTONOMY_NAMES[self.setting("autonomy")]

    @property
    def lines(self) -> tuple[str, ...]:
        """The names of its lines: a line has its primary's name."""
        return self.primaries


@dataclass(frozen=True)
class Rig:
    """Physics of the emulated rig."""

    unit_boot_ms: int
    drain_ms: int
    active_ms: int
    hook_limit_ms: int
    operate_us: int
    release_us: int
    bounce_us: int
    transfer_us: int
    transaction_us: int
    transaction_ms: int
    client_timeout_ms: int


@dataclass(frozen=True)
class Configuration:
    """All that one file says; `directory` is where --dir moved the ports to."""

    path: Path
    directory: Path | None
    groups: tuple[Group, ...]
    rig: Rig
    log: Path  # the database of what the boards recorded

    @property
    def boards(self) -> tuple[Board, ...]:
        """Every board of every group."""
        return tuple(board for group in self.groups for board in group.boards)

    @property
    def units(self) -> tuple[Unit, ...]:
        """Every unit of every group."""
        return tuple(unit for group in self.groups for unit in group.units)

    @property
    def rig_directory(self) -> Path:
        """Where the rig of this file has its ports: --dir, or the folder `rig` beside the file."""
        return self.directory if self.directory is not None else self.path.parent / RIG_FOLDER

    def on_rig(self) -> Configuration:
        """Return the same with every port where its rig has it, whatever ports the file says."""
        directory = self.rig_directory
        groups = tuple(
            replace(group, boards=tuple(replace(board, port=directory / board.name) for board in group.boards))
            for group in self.groups
        )
        return replace(self, directory=directory, groups=groups)

    def group(self, name: str | None) -> Group:
        """Return the group of that name; without a name, the only one; raises UsageMistake."""
        if name is None:
            if len(self.groups) > 1:
                raise UsageMistake(f"{self.path} has {len(self.groups)} groups: name one of {self._names(self.groups)}")
            return self.groups[0]
        found: Group = self._find("group", self.groups, name)
        return found

    def board(self, name: str) -> Board:
        """Return the board of that name; raises UsageMistake."""
        found: Board = self._find("board", self.boards, name)
        return found

    def unit(self, name: str) -> Unit:
        """Return the unit of that name; raises UsageMistake."""
        found: Unit = self._find("unit", self.units, name)
        return found

    def _find(self, what: str, parts: tuple[Any, ...], name: str) -> Any:
        for part in parts:
            if part.name == name:
                return part
        close = get_close_matches(name, [part.name for part in parts], n=1)
        hint = f"did you mean {close[0]}?" if close else f"known: {self._names(parts)}"
        raise UsageMistake(f"{self.path} has no {what} {shape.shown(name)}: {hint}")

    @staticmethod
    def _names(parts: tuple[Any, ...]) -> str:
        return ", ".join(part.name for part in parts)


def load(path: Path, directory: Path | None = None) -> Configuration:
    """Read and validate a file; raises ConfigurationInvalid with one line for each thing that is wrong."""
    try:
        with path.open("rb") as file:
            text = file.read(FILE_SIZE_MAX + 1)
    except FileNotFoundError:
        if path.is_symlink():
            raise ConfigurationInvalid(f"{path} is a link to nothing: correct or remove it") from None
        raise ConfigurationInvalid(f"{path} is not there: hotspare init writes one, -c names another") from None
    except OSError as error:
        raise ConfigurationInvalid(f"{path} can not be read: {error.strerror}") from None
    if len(text) > FILE_SIZE_MAX:
        raise ConfigurationInvalid(f"{path} is larger than {FILE_SIZE_MAX} bytes: it is no {FILE_NAME}")
    return parse(text, path, directory)


def parse(text: bytes, path: Path, directory: Path | None = None) -> Configuration:
    """Validate what a file holds; raises ConfigurationInvalid."""
    try:
        data = tomllib.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigurationInvalid(f"{path} is not UTF-8 text: byte {error.start} is wrong: save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ConfigurationInvalid(f"{path} is not TOML: {' '.join(str(error).split())}") from None
    return build(data, path, directory)


def build(data: dict[str, Any], path: Path, directory: Path | None = None) -> Configuration:
    """Validate the tables of a file and join them; raises ConfigurationInvalid."""
    content, complaints = shape.read(data)
    if not complaints:
        complaints = rules.references(content)
    if complaints:
        raise _invalid(path, complaints)
    configuration = _join(content, path, directory)
    complaints = [complaint for group in configuration.groups for complaint in rules.limits(group)]
    complaints += rules.physics(configuration)
    if complaints:
        raise _invalid(path, complaints)
    return configuration


def _invalid(path: Path, complaints: list[str]) -> ConfigurationInvalid:
    shown = complaints[:COMPLAINTS_MAX]
    if len(complaints) > COMPLAINTS_MAX:
        shown.append(f"and {len(complaints) - COMPLAINTS_MAX} more")
    return ConfigurationInvalid(*(f"{path}: {complaint}" for complaint in shown))


def _join(content: Any, path: Path, directory: Path | None) -> Configuration:
    groups = tuple(_group(name, content, path, directory) for name in content.group)
    rig = Rig(**{option.name: getattr(content.rig, option.name) for option in options.of("rig")})
    return Configuration(path, directory, groups, rig, path.parent / content.log)


def _group(name: str, content: Any, path: Path, directory: Path | None) -> Group:
    said = content.group[name]
    unit_names = (*said.primaries, said.spare)
    units = tuple(
        Unit(unit, name, index, it.board, it.agent, it.agent_direct, it.contact)
        for index, unit in enumerate(unit_names)
        for it in (content.unit[unit],)
    )
    # the controller first: it is the one that may refuse, and then nothing has been touched
    beside = sorted((unit for unit in unit_names), key=lambda unit: content.unit[unit].board != said.controller)
    boards = tuple(_board(unit, content, name, path, directory) for unit in beside)
    return Group(
        name=name,
        primaries=tuple(said.primaries),
        spare=said.spare,
        controller=said.controller,
        baud=said.baud,
        agent_baud=said.agent_baud,
        watchdog_ms=said.watchdog_ms,
        key=_key(said, path),
        settings=tuple(options.to_number(row[0], getattr(said, row[0])) for row in settings.SETTINGS),
        units=units,
        boards=boards,
    )


def _key(said: Any, path: Path) -> Path | None:
    return path.parent / said.key if said.key is not None else None


def _board(unit: str, content: Any, group: str, path: Path, directory: Path | None) -> Board:
    said = content.group[group]
    name = content.unit[unit].board
    board = content.board[name]
    role = (messages.ROLE_CONTROLLER if name == said.controller else 0) | (
        messages.ROLE_SPARE if unit == said.spare else 0
    )
    other = content.unit[said.primaries[0]].board if unit == said.spare else said.controller
    return Board(
        name=name,
        group=group,
        kind=board.kind,
        address=board.address,
        peer=content.board[other].address,
        role=role,
        unit=unit,
        crosslink_b=board.crosslink_b,
        fed_by=board.fed_by,
        relay_input=board.relay_input,
        relay_buffered=board.relay_buffered,
        invalid_a=board.invalid_a,
        invalid_b=board.invalid_b,
        network=endpoint.parse(board.network or ""),
        network_peer=endpoint.parse(content.board[other].network or ""),
        lockout_switch=board.lockout_switch,
        key=_key(said, path),
        pins=tuple(board.pins.items()),
        port=directory / name if directory is not None else path.parent / board.port,
    )
