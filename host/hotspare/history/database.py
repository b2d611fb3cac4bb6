"""The database of events: one SQLite file, committed before anything is acknowledged; the only user of sqlite3."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hotspare.errors import LogFailed
from hotspare.history.batch import Batch
from hotspare.history.clocks import Last, Sample

VERSION = 1
APPLICATION = 0x68735031  # tells our files from any other program's
BUSY_MS_MAX = 5000
SAMPLE_EVERY_US = 600_000_000  # between readings of a clock that are kept though nothing happened
GAP, AFRESH = -1, -2  # kinds of rows that the host adds: numbers that are gone, a recorder that began again
SAME_CHIP, OTHER_CHIP = 0, 1  # in a row of AFRESH

SCHEMA = (
    """CREATE TABLE recorder (key INTEGER PRIMARY KEY, uid TEXT NOT NULL, id INTEGER NOT NULL,
    board TEXT NOT NULL, unit_group TEXT NOT NULL, UNIQUE (uid, id))""",
    """CREATE TABLE event (recorder INTEGER NOT NULL REFERENCES recorder, number INTEGER NOT NULL,
    boot INTEGER NOT NULL, at_ms INTEGER NOT NULL, kind INTEGER NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL,
    PRIMARY KEY (recorder, number)) WITHOUT ROWID""",
    """CREATE TABLE boot (recorder INTEGER NOT NULL REFERENCES recorder, boot INTEGER NOT NULL,
    place TEXT NOT NULL, PRIMARY KEY (recorder, boot)) WITHOUT ROWID""",
    """CREATE TABLE clock (recorder INTEGER NOT NULL REFERENCES recorder, boot INTEGER NOT NULL,
    number INTEGER NOT NULL, uptime_ms INTEGER NOT NULL, at_us INTEGER NOT NULL, off_us INTEGER NOT NULL)""",
    "CREATE INDEX clock_of ON clock (recorder, boot, at_us)",
)
KEPT = "the boards keep what was not acknowledged"
# what SQLite says, what a person is told
TROUBLES = (
    ("locked", "is in use by another program: end it, or try again"),
    ("full", "can not be written, its disk is full: make room"),
    ("readonly", "can not be written: make it and its folder writable"),
    ("unable to open", "can not be opened: make its folder, and let this user write there"),
    ("not a database", "is no database: move it away, or name another file (log = ...)"),
    ("malformed", "is damaged: move it away, or bring its backup"),
)


@dataclass(frozen=True)
class Source:
    """Whose records they are."""

    uid: str
    recorder: int
    board: str
    group: str


@dataclass(frozen=True)
class Known:
    """A recorder as the database has it."""

    key: int
    uid: str
    id: int
    board: str
    group: str


class Database:
    """An open database, for all threads of a process; ends with `close`, or as a context. Raises LogFailed."""

    def __init__(self, path: Path | None, read_only: bool = False, busy_ms: int = BUSY_MS_MAX) -> None:
        """Open or make the file; without a path, one in memory that ends with the process."""
        self.name = str(path) if path is not None else "the log in memory"
        self.lasts_for_good = path is not None and not read_only
        self._lock = threading.Lock()
        if read_only and path is not None and not path.exists():
            raise LogFailed(f"{path} is not there: hotspare log, without --offline, makes it")
        where = (
            ":memory:" if path is None else f"file:{quote(str(path.absolute()))}?mode={'ro' if read_only else 'rwc'}"
        )
        with self._told():
            self._connection = sqlite3.connect(
                where, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False, uri=True
            )
        try:
            with self._told():
                self._prepare(read_only)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, read_only: bool) -> None:
        if not read_only and not self._version():  # before anything of a file that is not ours is touched
            self._run("PRAGMA journal_mode = WAL")
            with self._transaction():
                if not self._version():  # nobody else has just made it
                    self._make()
        if self._version() != VERSION:
            raise LogFailed(
                f"{self.name} was written by another version of hotspare: use that one, or name another file"
            )
        if not read_only:
            self._run("PRAGMA synchronous = FULL")

    def _version(self) -> int:
        (application,), (version,) = self._run("PRAGMA application_id")[0], self._run("PRAGMA user_version")[0]
        if application != APPLICATION and (application or version or self._run("SELECT 1 FROM sqlite_schema LIMIT 1")):
            raise LogFailed(f"{self.name} is no log of hotspare: name another file (log = ...)")
        return int(version)

    def _make(self) -> None:
        for statement in SCHEMA:
            self._run(statement)
        self._run(f"PRAGMA application_id = {APPLICATION}")
        self._run(f"PRAGMA user_version = {VERSION}")

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        with self._lock, suppress(sqlite3.Error):
            self._connection.close()

    # -- writing --------------------------------------------------------------------------------------------------

    def store(
        self, source: Source, batches: Sequence[Batch], sample: Sample | None = None, place: str | None = None
    ) -> int:
        """Commit batches, and a reading of the clock with what the board's numbers stand for; return what is next.

        What is there already stays as it is. Numbers that are gone, and a recorder that began again, become rows.
        """
        with self._lock, self._told(), self._transaction():
            key = self._key_of(source, batches)
            following = begun = self._next(key)
            for batch in batches:
                if batch.number > following:
                    self._remark(key, following, batch, GAP, batch.number - following)
                new = [record for record in batch.records if record.number >= following]
                self._connection.executemany(
                    "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", ((key, *it) for it in new)
                )
                following = max(following, batch.next)
            if sample is not None:
                if place is not None:
                    self._run("INSERT OR REPLACE INTO boot VALUES (?, ?, ?)", key, sample.boot, place)
                if following > begun or self._is_due(key, sample):
                    row = (sample.boot, sample.number, sample.uptime_ms, sample.at_us, sample.off_us)
                    self._run("INSERT INTO clock VALUES (?, ?, ?, ?, ?, ?)", key, *row)
        return following

    def _key_of(self, source: Source, batches: Sequence[Batch]) -> int:
        found = self._run("SELECT key FROM recorder WHERE uid = ? AND id = ?", source.uid, source.recorder)
        if found:
            self._run(
                "UPDATE recorder SET board = ?, unit_group = ? WHERE key = ?", source.board, source.group, found[0][0]
            )
            return int(found[0][0])
        row = (source.uid, source.recorder, source.board, source.group)
        before = self._run(
            "SELECT uid FROM recorder WHERE uid = ? OR board = ? ORDER BY key DESC", source.uid, source.board
        )
        self._run("INSERT INTO recorder (uid, id, board, unit_group) VALUES (?, ?, ?, ?)", *row)
        ((key,),) = self._run("SELECT last_insert_rowid()")
        if before:
            same = any(uid == source.uid for (uid,) in before)
            self._remark(key, -1, batches[0], AFRESH, SAME_CHIP if same else OTHER_CHIP)
        return int(key)

    def _remark(self, key: int, number: int, batch: Batch, kind: int, a: int) -> None:
        """Add a row of our own; where it stands in time is where the first record after it does."""
        boot, at_ms = (batch.records[0].boot, batch.records[0].at_ms) if batch.records else (0, 0)
        self._run("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)", key, number, boot, at_ms, kind, a, 0)

    def _next(self, key: int) -> int:
        found = self._run("SELECT number, kind, a FROM event WHERE recorder = ? ORDER BY number DESC LIMIT 1", key)
        if not found:
            return 0
        number, kind, a = found[0]
        return int(number + a if kind == GAP else number + 1)

    def _is_due(self, key: int, sample: Sample) -> bool:
        ((last,),) = self._run("SELECT MAX(at_us) FROM clock WHERE recorder = ? AND boot = ?", key, sample.boot)
        return last is None or abs(sample.at_us - last) >= SAMPLE_EVERY_US

    # -- reading --------------------------------------------------------------------------------------------------

    def newest(self, uid: str) -> tuple[int, int] | None:
        """Return the id of the newest recorder of a chip, and the number that is to be asked for."""
        with self._lock, self._told():
            found = self._run("SELECT key, id FROM recorder WHERE uid = ? ORDER BY key DESC LIMIT 1", uid)
            return (found[0][1], self._next(found[0][0])) if found else None

    def next_of(self, uid: str, recorder: int) -> int:
        """Return the number that is to be asked for of a recorder; 0 of one that is not known."""
        with self._lock, self._told():
            found = self._run("SELECT key FROM recorder WHERE uid = ? AND id = ?", uid, recorder)
            return self._next(found[0][0]) if found else 0

    def has_place(self, source: Source, boot: int) -> bool:
        """Return whether it is known what the numbers in a boot's events stand for."""
        with self._lock, self._told():
            found = self._run(
                "SELECT 1 FROM boot JOIN recorder ON key = recorder WHERE uid = ? AND id = ? AND boot = ?",
                *(source.uid, source.recorder, boot),
            )
        return bool(found)

    def recorders(self) -> list[Known]:
        """Return all recorders, oldest first."""
        with self._lock, self._told():
            return [
                Known(*row) for row in self._run("SELECT key, uid, id, board, unit_group FROM recorder ORDER BY key")
            ]

    def rows(self, key: int, first: int, last: int, kinds: Iterable[int], newest: int) -> list[tuple[int, ...]]:
        """Return number, boot, at_ms, kind, a, b of the newest rows of a recorder within bounds, in order."""
        wanted = [int(kind) for kind in kinds]
        among = f" AND kind IN ({', '.join(map(str, wanted))})" if wanted else ""
        with self._lock, self._told():
            found = self._run(
                f"SELECT number, boot, at_ms, kind, a, b FROM event WHERE recorder = ? AND number BETWEEN ? AND ?"
                f"{among} ORDER BY number DESC LIMIT ?",
                *(key, first, last, newest),
            )
        return found[::-1]

    def places(self, key: int) -> dict[int, str]:
        """Return by boot what the numbers in a recorder's events stand for."""
        with self._lock, self._told():
            return dict(self._run("SELECT boot, place FROM boot WHERE recorder = ? ORDER BY boot", key))

    def samples(self, key: int) -> list[Sample]:
        """Return all readings of a recorder's clock."""
        with self._lock, self._told():
            found = self._run("SELECT boot, number, uptime_ms, at_us, off_us FROM clock WHERE recorder = ?", key)
        return [Sample(*row) for row in found]

    def lasts(self, key: int) -> dict[int, Last]:
        """Return by boot the last record of a recorder."""
        with self._lock, self._told():
            found = self._run(
                "SELECT boot, MAX(number), at_ms FROM event WHERE recorder = ? AND kind >= 0 GROUP BY boot", key
            )
        return {boot: Last(number, at_ms) for boot, number, at_ms in found}

    # -- what all of it stands on ---------------------------------------------------------------------------------

    def _run(self, statement: str, *values: object) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._run("BEGIN IMMEDIATE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # a full disk has rolled back by itself
                self._run("ROLLBACK")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            said = " ".join(str(error).split())
            told = next((text for word, text in TROUBLES if word in said), f"can not be used: {said}")
            raise LogFailed(f"{self.name} {told}; {KEPT}") from None
