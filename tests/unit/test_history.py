"""The history of a board: pulled by number, committed, then acknowledged; with faults of disk, port and board."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hotspare import configuration as configurations
from hotspare.board import Board
from hotspare.errors import LogFailed, Unreachable
from hotspare.history import events, places, pull
from hotspare.history.batch import Batch, Record
from hotspare.history.clocks import Sample
from hotspare.history.database import AFRESH, GAP, Database, Source
from hotspare.history.events import Selection
from hotspare.port import Vanished
from hotspare_engine import words as w
from hotspare_wire import messages
from tests import fakes, files

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
GROUP = files.pair().groups[0]
CONTROLLER = GROUP.boards[0]


def armed(*numbers: int, boot: int | None = None) -> list[tuple[int, ...]]:
    tail = () if boot is None else (boot,)
    return [(number, number * 10, w.E_ARMED, 1, 0, *tail) for number in numbers]


@pytest.fixture
def fake() -> fakes.FakeBoard:
    return fakes.FakeBoard().configured(GROUP)


def pulled(fake: fakes.FakeBoard, database: Database, at: datetime = NOON) -> list[events.Event]:
    """Pull from a fake board and return all that is known of it."""

    def opened(board: configurations.Board) -> Board:
        return fakes.in_memory(fake)[0]

    fake.wake()
    pull.from_board(CONTROLLER, GROUP, database, lambda: at, opened, lambda s: None)
    return events.select(database, Selection())


def test_what_is_new_is_stored_once_and_acknowledged_up_to_there(tmp_path: Path, fake: fakes.FakeBoard) -> None:
    with Database(tmp_path / "log.db") as database:
        fake.events = armed(*range(30))
        assert [it.number for it in pulled(fake, database)] == list(range(30))
        assert fake.told_kept == [(fake.recorder, 30)]
        fake.events += armed(*range(30, 33))
        assert [it.number for it in pulled(fake, database)] == list(range(33))
        assert fake.told_kept[-1] == (fake.recorder, 33)
    with Database(tmp_path / "log.db") as again:
        assert len(events.select(again, Selection())) == 33


def test_a_gap_in_the_numbers_is_an_event_of_its_own(tmp_path: Path, fake: fakes.FakeBoard) -> None:
    with Database(tmp_path / "log.db") as database:
        fake.events = armed(3, 4, 9)
        found = pulled(fake, database)
        assert [(it.number, it.kind) for it in found if it.kind == GAP] == [(0, GAP), (5, GAP)]
        assert [it.text for it in found if it.kind == GAP] == [
            "3 events, 0 to 2, were gone before this log was read",
            "4 events, 5 to 8, were gone before this log was read",
        ]
        assert pulled(fake, database) == found
        fake.events = armed(11)
        assert pulled(fake, database)[-2].text == "event 10 was gone before this log was read"


def test_a_recorder_that_began_again_is_told_and_its_numbers_are_no_old_ones(
    tmp_path: Path, fake: fakes.FakeBoard
) -> None:
    with Database(tmp_path / "log.db") as database:
        fake.events = armed(0, 1)
        pulled(fake, database)
        fake.restart()
        fake.events = armed(0)
        found = pulled(fake, database)
        assert [(it.recorder, it.number) for it in found] == [(1002, 0), (1002, 1), (2002, -1), (2002, 0)]
        assert (found[2].kind, found[2].text) == (AFRESH, "its numbers begin again")


def test_another_chip_in_the_place_of_a_board_is_told(tmp_path: Path, fake: fakes.FakeBoard) -> None:
    row = (Batch(7, 0, (Record(0, 1, 5, w.E_BOOT, 0, 1),)),)
    with Database(tmp_path / "log.db") as database:
        database.store(Source("aa", 7, "controller", "pair"), row)
        database.store(Source("bb", 7, "controller", "pair"), row)
        assert [it.text for it in events.select(database, Selection()) if it.kind == AFRESH] == [
            "another chip is this board now"
        ]


def test_a_boot_that_was_seen_alive_keeps_its_times_after_the_board_restarted(
    tmp_path: Path, fake: fakes.FakeBoard
) -> None:
    with Database(tmp_path / "log.db") as database:
        fake.events = armed(0, 1)  # at 0 and 10 ms of an uptime of 5000
        first = pulled(fake, database)
        fake.boot, fake.uptime_ms = 2, 1000
        fake.events = [*armed(0, 1, boot=1), (2, 100, w.E_BOOT, 0, 2)]
        found = pulled(fake, database, NOON + timedelta(hours=1))
        assert found[:2] == first
        assert found[0].at == NOON - timedelta(seconds=5)
        assert found[2].at == NOON + timedelta(hours=1) - timedelta(milliseconds=900)
        assert all(1 <= it.off_ms <= 2.01 for it in found)


def test_events_of_a_boot_that_was_never_seen_alive_get_bounds_and_no_time(
    tmp_path: Path, fake: fakes.FakeBoard
) -> None:
    with Database(tmp_path / "log.db") as database:
        fake.events = armed(0)
        pulled(fake, database)
        fake.boot, fake.uptime_ms = 3, 1000
        fake.events = [*armed(0, boot=1), (1, 100, w.E_BOOT, 0, 2, 2), (2, 60_100, w.E_ARMED, 1, 0, 2)]
        fake.events.append((3, 50, w.E_BOOT, 0, 3))
        found = pulled(fake, database, NOON + timedelta(hours=1))
        unseen = found[1:3]
        assert [it.at for it in unseen] == [None, None]
        assert all(it.after is not None and it.after > NOON - timedelta(milliseconds=2) for it in unseen)
        began = NOON + timedelta(minutes=59, seconds=59, milliseconds=2)
        assert unseen[1].before is not None
        assert unseen[1].before <= began
        assert unseen[0].before is not None
        assert unseen[0].before <= began - timedelta(seconds=59)
        assert [it.number for it in found] == [0, 1, 2, 3]


def test_f23_a_port_lost_in_the_middle_is_opened_again_and_what_is_missing_is_read_by_number(
    tmp_path: Path, fake: fakes.FakeBoard
) -> None:
    fake.events = armed(*range(2000))
    losses = [100, 20, 20]  # after how many reads each opening loses its port
    paused: list[float] = []

    class Unplugged(fakes.Memory):
        def __init__(self, left: int) -> None:
            super().__init__(fake)
            self.left = left

        def read(self) -> bytes:
            self.left -= 1
            if self.left < 0:
                raise Vanished("unplugged")
            return super().read()

    def opened(board: configurations.Board) -> Board:
        fake.wake()
        stream = Unplugged(losses.pop(0) if losses else 1 << 30)
        return Board(board.name, "memory", stream, stream.clock_ms, fakes.counted(len(losses) * 1000))

    with Database(tmp_path / "log.db") as database:
        pull.from_board(CONTROLLER, GROUP, database, lambda: NOON, opened, paused.append)
        found = events.select(database, Selection())
    assert [it.number for it in found] == list(range(2000))
    assert paused == [0.1, 0.2, 0.4]
    assert fake.told_kept[0][1] < 2000
    assert fake.told_kept[-1] == (fake.recorder, 2000)


def test_f23_a_board_that_was_never_reached_costs_no_waits_and_a_lost_one_only_bounded_ones(tmp_path: Path) -> None:
    paused: list[float] = []

    def missing(board: configurations.Board) -> Board:
        raise Unreachable("it is not there")

    with Database(tmp_path / "log.db") as database, pytest.raises(Unreachable):
        pull.from_board(CONTROLLER, GROUP, database, lambda: NOON, missing, paused.append)
    assert paused == []


def failing(fake: fakes.FakeBoard, database: Database) -> str:
    with pytest.raises(LogFailed) as caught:
        pulled(fake, database)
    assert len(caught.value.lines) == 1
    return caught.value.lines[0]


def full(database: Database) -> None:
    database._connection.execute("PRAGMA max_page_count = 1")


def test_f24_a_full_disk_is_one_line_and_nothing_is_acknowledged(tmp_path: Path, fake: fakes.FakeBoard) -> None:
    fake.events = armed(*range(2000))
    with Database(tmp_path / "log.db") as database:
        full(database)
        assert "its disk is full: make room; the boards keep what was not acknowledged" in failing(fake, database)
        assert fake.told_kept == []
    with Database(tmp_path / "log.db") as again:
        assert [it.number for it in pulled(fake, again)] == list(range(2000))


def test_f24_a_locked_database_is_one_line_and_nothing_is_acknowledged(tmp_path: Path, fake: fakes.FakeBoard) -> None:
    fake.events = armed(0)
    with Database(tmp_path / "log.db", busy_ms=50) as database:
        other = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert "is in use by another program" in failing(fake, database)
        assert fake.told_kept == []
        other.execute("ROLLBACK")
        other.close()
        assert len(pulled(fake, database)) == 1


def strange(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be read as one" * 20)


def foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (it)")
    connection.close()


def newer(path: Path) -> None:
    Database(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (strange, "is no database"),
        (foreign, "is no log of hotspare"),
        (newer, "was written by another version of hotspare"),
        (Path.mkdir, "can not be opened"),
    ],
)
def test_f24_a_file_that_is_no_log_of_ours_is_named_and_left_alone(
    tmp_path: Path, make: Callable[[Path], None], said: str
) -> None:
    path = tmp_path / "log.db"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(LogFailed) as caught:
        Database(path)
    assert said in caught.value.lines[0]
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_what_stands_in_the_log_can_be_read_from_a_folder_that_can_not_be_written(tmp_path: Path) -> None:
    path = tmp_path / "log.db"
    with pytest.raises(LogFailed, match="is not there"):
        Database(path, read_only=True)
    with Database(path) as database:
        database.store(Source("aa", 7, "controller", "pair"), [Batch(7, 0, (Record(0, 1, 5, w.E_BOOT, 0, 1),))])
    with Database(path, read_only=True) as database:
        assert len(events.select(database, Selection())) == 1
        assert database.lasts_for_good is False


def test_a_recorder_that_counts_lower_than_its_log_is_told_and_not_acknowledged(
    tmp_path: Path, fake: fakes.FakeBoard
) -> None:
    with Database(tmp_path / "log.db") as database:
        fake.events = armed(*range(9))
        pulled(fake, database)
        fake.told_kept, fake.events = [], armed(0, 1)
        assert "its recorder counts to 2" in failing(fake, database)
        assert fake.told_kept == []


def test_what_numbers_stand_for_is_kept_beside_the_events() -> None:
    place = places.place_of(GROUP, CONTROLLER, [(w.PATH_AGENT, 2), (w.PATH_PULSE, 1)])
    assert places.from_text(places.to_text(place)) == place


def test_readings_of_a_clock_are_kept_when_something_happened_or_ten_minutes_passed(tmp_path: Path) -> None:
    source = Source("aa", 7, "controller", "pair")
    record = Record(0, 1, 5, w.E_BOOT, 0, 1)
    with Database(tmp_path / "log.db") as database:

        def store(minute: int, batch: Batch) -> None:
            at = NOON + timedelta(minutes=minute)
            database.store(source, [batch], Sample.between(1, 1, minute * 60_000, at, at), "")

        store(0, Batch(7, 0, (record,)))
        for minute in range(1, 21):
            store(minute, Batch(7, 1, ()))
        assert len(database.samples(1)) == 3
        store(21, Batch(7, 1, (record._replace(number=1),)))
        assert len(database.samples(1)) == 4


def test_a_batch_holds_as_many_records_as_fit_a_frame() -> None:
    assert messages.RECORDS_MAX == 11
