"""What is said of a file of keys that can not be read: a board that holds a key obeys no new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotspare import keyfile
from hotspare.errors import ConfigurationInvalid


def test_a_file_of_keys_that_is_gone_is_to_be_restored_and_made_for_a_new_rack_only(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid) as caught:
        keyfile.read(tmp_path / "pair.key")
    (line,) = caught.value.lines
    assert line.endswith("restore its copy, or correct its path; of a new rack: hotspare key new")


def test_a_file_of_keys_under_a_file_is_no_reason_for_a_new_key(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationInvalid) as caught:
        keyfile.read(tmp_path / "file" / "pair.key")
    (line,) = caught.value.lines
    assert line.endswith("correct its path, or restore its copy")
    assert "key new" not in line
