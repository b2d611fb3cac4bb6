"""Which rig the suites run on: `--board emulated` (the default); what is not there is skipped with the reason."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hil.pair import Pair
from hotspare.errors import HotspareError

TARGETS = ("emulated",)


@pytest.fixture(scope="module")
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    """An armed pair on the target's rig, both units well, the line on the primary."""
    target = request.config.getoption("--board")
    if target not in TARGETS:
        pytest.skip(f"no rig is known for --board {target}: known are {', '.join(TARGETS)}")
    try:
        made = Pair(boot_grace_s=30)
    except HotspareError as error:
        pytest.skip(f"the {target} rig does not run here: {error}")
    with made:
        yield made
