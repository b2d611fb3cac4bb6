"""What documents show is what the program says and takes: shown outputs and snippets of hotspare.toml; reads files."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from hotspare import wording
from tests import files

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    {ROOT / "README.md", *(ROOT / "docs" / "tutorial").glob("*.md"), *(ROOT / "docs" / "how-to").glob("*.md")}
)
TITLE = re.compile(r"^group \S+  .*  winner (\S+)(.*?)(?:  keyless)?$", re.MULTILINE)


def test_shown_states_of_groups_name_the_winner_as_status_does() -> None:
    shown = [(path.name, *found) for path in DOCUMENTS for found in TITLE.findall(path.read_text())]
    assert len(shown) >= 8
    assert [it for it in shown if it[1] + it[2] != wording.with_meaning(it[1])] == []


def test_the_pins_that_stand_elsewhere_in_the_documents_are_accepted() -> None:
    text = (ROOT / "docs" / "how-to" / "boards.md").read_text()
    (snippet,) = re.findall(r"```toml\n(\[board\.controller\.pins\]\n.*?)```", text, re.DOTALL)
    pins = tomllib.loads(snippet)["board"]["controller"]["pins"]
    moved = files.pair({"board.controller.pins": pins}).board("controller").pins
    assert sorted(name for name, _ in moved) == sorted(pins)
    assert pins
