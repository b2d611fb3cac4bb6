"""Deliberate faults in copies of what is fuzzed, which the fuzzing must find: what can not fail shows nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fuzz import guided, stage, targets

FRAMES = 2000
SEED = 20
RARE_RUNS = 100_000  # blindly it would take 2**32
STORM = "storm"

# name, file, what stands there, what stands there instead, the target or the storm that finds it, what it says
BUGS = [
    (
        "the checksum is not compared",
        *("protocol/hotspare_wire/frame.py", "binascii.crc32(self._views.first(size)) != RESIDUE", "False"),
        *(STORM, "damaged frames were taken for others"),
    ),
    (
        "the length of a frame is not checked",
        *("protocol/hotspare_wire/cobs.py", "            if size < limit:", "            if True:"),
        *(STORM, "IndexError"),
    ),
    (
        "a block that runs over the end of its frame passes",
        *("protocol/hotspare_wire/cobs.py", "if left and not fault:", "if False:"),
        *("stream", "damage is counted otherwise"),
    ),
    (
        "what is left of a damaged frame stands before the next one",
        *("protocol/hotspare_wire/frame.py", "= state[1] = state[2] = state[3] = 0", "= state[2] = state[3] = 0"),
        *(STORM, "the good frame is not heard"),
    ),
    (
        "delimiters alone are counted as frames",
        *("protocol/hotspare_wire/frame.py", "if begun:", "if True:"),
        *(STORM, "something is not counted, or twice"),
    ),
    (
        "the compiled twin passes a block that runs over the end",
        *("firmware/hotspare_firmware/codec_viper.py", "if left and not fault:", "if left and not left:"),
        *(STORM, "MicroPython: .*the compiled twin hears or counts otherwise"),
    ),
    (
        "a tag is not looked at",
        *("protocol/hotspare_wire/link.py", "if not looked or not self._is_tagged(", "if not looked or not len("),
        *("session", "TypeError"),
    ),
    (
        "a forged tag passes",
        *("protocol/hotspare_wire/trust.py", "    return differ == 0", "    return True"),
        *("session", "news that nobody said|a session with nobody"),
    ),
    (
        "a replayed frame is news",
        *("protocol/hotspare_wire/link.py", "if low <= self._rx_low:", "if low < self._rx_low:"),
        *("session", "heard already|sequence did not rise"),
    ),
    (
        "what follows a message is not looked at",
        *("protocol/hotspare_wire/messages.py", "or (size > fixed_size and not rest)", ""),
        *("layout", "the host refuses what the board reads"),
    ),
    (
        "a configuration is taken with a wrong checksum",
        *("protocol/hotspare_wire/configuration.py", "return m.ACK_CRC, 0", "pass"),
        *("blob", "accepted with a wrong checksum"),
    ),
    (
        "a trial is taken twice",
        *(
            "firmware/hotspare_firmware/slots.py",
            "self._write(place, TRIED, trial_s",
            "self._write(place, TRIAL, trial_s",
        ),
        *("files", "a trial is"),
    ),
    (
        "a damaged file of keys is no keys",
        *(
            "firmware/hotspare_firmware/store.py",
            'return (b"".join([draw() for _ in range(0, trust.KEY_SIZE, DRAW_BYTES)]),)',
            "return ()",
        ),
        *("folder", "lets strangers in"),
    ),
    (
        "events that were written once more hide the first of them",
        *("firmware/hotspare_firmware/recorder.py", "(not least or found[0] < least[0])", "not least"),
        *("flash", "an event is lost"),
    ),
    (
        "a record is taken from a page without its checksum",
        *(
            "firmware/hotspare_firmware/pages.py",
            "        if binascii.crc32(view[: size + 2]) !=",
            "        if 0 and size !=",
        ),
        *("flash", "Error"),
    ),
    (
        "a boot record is believed without its checksum",
        *("firmware/hotspare_firmware/bootrecord.py", "and words[at] == self._crc(one, two)", ""),
        *("boots", "garbage is a record"),
    ),
    (
        "a saved state is taken up though it does not fit",
        *("protocol/hotspare_engine/saving.py", "not w.NONE <= values[2] < engine.primaries or", ""),
        *("saved", "."),
    ),
    (
        "records are taken from before where was asked",
        *("host/hotspare/history/batch.py", " or (records and number < asked)", ""),
        *("records", "records before the one that was asked for"),
    ),
    (
        "the place of what is found in a capture is off",
        *("host/hotspare/dissect.py", "        self.offset += len(data)", "        self.offset += 1"),
        *("cable", "pieces make a difference|stand elsewhere"),
    ),
    (
        "a time of any length is read",
        *("host/hotspare/capture.py", "TIME_DIGITS_MAX = 18", "TIME_DIGITS_MAX = 4000"),
        *("recording", "OverflowError"),
    ),
    (
        "the host accepts what the board refuses",
        *("protocol/hotspare_wire/configuration.py", '("watchdog_ms", 1000, 8388)', '("watchdog_ms", 1000, 1999)'),
        *("tables", "the board refuses it"),
    ),
]


def spoiled(repository: Path, folder: Path, file: str, old: str, new: str) -> Path:
    """Copy what is fuzzed and the fuzzing into `folder`, with one change; return it."""
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("protocol", "firmware", "host", "tests/fuzz"):
        shutil.copytree(repository / name, folder / name, ignore=ignored)
    shutil.copy(repository / "tests" / "files.py", folder / "tests")
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file}: what the fault is to replace stands there {text.count(old)} times"
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("file", "old", "new", "by", "says"), [bug[1:] for bug in BUGS], ids=[bug[0] for bug in BUGS])
def test_f20_a_deliberate_fault_is_found(
    file: str, old: str, new: str, by: str, says: str, repository: Path, tmp_path: Path
) -> None:
    root = spoiled(repository, tmp_path, file, old, new)
    with pytest.raises(AssertionError, match=says) as found:
        stage.storm(FRAMES, FRAMES, SEED, root) if by == STORM else stage.replay(root, names=(by,))
    told = str(found.value)
    assert f"storm.py {root} plain {SEED << 16} {FRAMES}" in told if by == STORM else f"--target {by} --replay " in told


def test_a_fault_behind_a_rare_value_is_found_by_what_coverage_leads_to(repository: Path, tmp_path: Path) -> None:
    if guided.missing():
        pytest.skip(guided.missing())
    old = "    if len(rows) % messages.RECORD_SIZE:\n"
    new = "    if recorder == 0x5AFE:\n        raise ValueError(rows)\n" + old
    root = spoiled(repository, tmp_path, "host/hotspare/history/batch.py", old, new)
    assert stage.replay(root, names=("records",))["corpus"] > 0  # no seed leads there
    with pytest.raises(AssertionError, match=r"ValueError.*; replay: ") as found:
        stage.cover(RARE_RUNS, SEED, root, names=("records",))
    data = bytes.fromhex(str(found.value).rpartition(" ")[2])
    assert targets.of("records").function(data) >= 0  # the true one does not mind it
