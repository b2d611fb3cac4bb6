"""What every test is held to: it leaves no process, no open descriptor and no file behind; and what a run is told.

The options stand here because pytest looks into no other folder before it knows them.
"""

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

REPOSITORY = Path(__file__).resolve().parent
# written by the tools at any moment, by other workers too
TOOLS_OWN = {".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__"}

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--board", default="emulated", help="target of the suites in hil")
    parser.addoption("--bless", action="store_true", help="write tests/golden anew from what was seen")
    parser.addoption("--forbid-skips", action="store_true", help="fail when a test was skipped: it has shown nothing")


def pytest_configure() -> None:
    """Heed signals though whoever started the run ignores them: what tests start inherits that, and is sent some."""
    for number, heeded in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, heeded)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not session.config.getoption("--forbid-skips"):
        return
    skipped = len(reporter.stats.get("skipped", []))
    if skipped and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"\n{skipped} skipped: --forbid-skips fails the run", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the work tree."""
    return REPOSITORY


def open_descriptors() -> dict[int, str]:
    """Return each open descriptor of this process with what it leads to."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the listing's own descriptor is gone by now
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
    return found


def children() -> dict[int, str]:
    """Return this process's children, the unreaped ones too, with their names."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # none at all: the usual case, without a walk over every process
        return {}
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            head, _, tail = Path(f"/proc/{name}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")
            if int(tail.split()[1]) == os.getpid():
                found[int(name)] = head.partition("(")[2]
    return found


def files() -> set[str]:
    """Return what lies in the repository's root, where tests run."""
    return set(os.listdir(REPOSITORY)) - TOOLS_OWN


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Fail a test that leaves something behind; fixtures of a wider scope are set up before and may keep theirs."""
    if sys.platform != "linux":
        yield
        return
    before = open_descriptors(), children(), files()
    yield
    if open_descriptors().items() - before[0].items():
        gc.collect()  # what only waits for collection is not leaked
    descriptors = open_descriptors().items() - before[0].items()
    assert not descriptors, f"the test left descriptors open: {dict(descriptors)}"
    processes = children().items() - before[1].items()
    assert not processes, f"the test left processes: {dict(processes)}"
    left = files() - before[2]
    assert not left, f"the test left files in the repository: {sorted(left)}"
