"""A rig as a process of its own: `RigProcess` starts one and is its client; `python -m hotspare.rig.process` is one.

The plan comes over stdin, whose end is also the leash: when the starter is gone, for whatever reason, the rig ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from hotspare import errors
from hotspare.rig.client import RigClient
from hotspare.rig.errors import RigError
from hotspare.rig.plan import RigPlan, from_plain, to_plain

RUNNING = "running"
READY_S_MAX = 30.0
END_S_MAX = 10.0
LOOK_AGAIN_S = 0.005
NAMES_MAX = 10
PLAN_BYTES_MAX = 64 << 20
# per board: PTY, control, page, two UARTs and the host port with both ends, and what the loop adds for a moment
FDS_PER_BOARD = 16
FDS_BESIDE = 256


class RigEnded(RigError, errors.Unreachable):
    """The rig's process is gone."""


class Silent(RigError, errors.Unreachable):
    """Boards of the rig do not answer."""


class RigProcess:
    """A rig in `directory`, from `__init__` until `close`; `rig` is its client."""

    def __init__(
        self,
        plan: RigPlan,
        directory: Path,
        *,
        firmware: Mapping[str, bytes] | None = None,
        powered: bool = True,
        seed: int | None = None,
    ) -> None:
        self.plan = plan
        self.directory = directory.absolute()
        request = {
            "plan": to_plain(plan),
            "directory": str(self.directory),
            "firmware": None if firmware is None else {path: data.hex() for path, data in firmware.items()},
            "powered": powered,
            "seed": seed,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "hotspare.rig.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # Ctrl-C is for the starter
        )
        try:
            self._start(request)
            self.rig = RigClient(self.directory)
        except BaseException:
            self._end_process()
            raise

    def _start(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # what it said before it ended tells more
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline().decode(errors="replace").strip()
        if line != RUNNING:
            raise RigEnded(line or "the rig ended before it ran")

    def close(self) -> None:
        """End the rig; its directory is as it was before."""
        self.rig.close()
        self._end_process()

    def __enter__(self) -> RigProcess:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The id of the rig's process."""
        return self._process.pid

    def wait_end(self, limit_s: float | None = None) -> None:
        """Return after `limit_s`; raises RigEnded if the rig ends before."""
        try:
            self._process.wait(limit_s)
        except subprocess.TimeoutExpired:
            return
        raise RigEnded(f"the rig in {self.directory} ended: it was killed")

    def wait_answers(self, limit_s: float = READY_S_MAX) -> None:
        """Return when every powered board has written or fed something; raises RigError, naming those that have not."""
        end_s = time.monotonic() + limit_s
        while True:
            boards = self.rig.state()["boards"]
            silent = [name for name, board in boards.items() if board["powered"] and not board["answers"]]
            if not silent:
                return
            crashed = [name for name in silent if boards[name]["crashed"]]
            if crashed:
                last = boards[crashed[0]]["crashed"].rpartition(" | ")[2]
                more = f" and {len(crashed) - 1} more" if len(crashed) > 1 else ""
                raise Silent(f"the firmware of {crashed[0]}{more} ended: {last}")
            if time.monotonic() > end_s:
                raise Silent(f"no answer within {limit_s:g} s from {', '.join(silent[:NAMES_MAX])}")
            time.sleep(LOOK_AGAIN_S)

    def _end_process(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(END_S_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def main() -> int:
    """Be a rig until the leash ends or SIGTERM comes; say RUNNING, or in one line why not."""
    line = sys.stdin.buffer.readline(PLAN_BYTES_MAX)
    try:
        request = json.loads(line)
        run(request)
    except errors.HotspareError as error:
        say(str(error))
        return 1
    except json.JSONDecodeError as error:
        say(f"no plan came: {error}")
        return 1
    return 0


def run(request: dict[str, Any]) -> None:
    """Build the world that `request` describes and run it to its end."""
    from hotspare.rig.loop import freeze_garbage
    from hotspare.rig.server import Server
    from hotspare.rig.world import World

    plan = from_plain(request["plan"])
    allow_descriptors(FDS_BESIDE + FDS_PER_BOARD * len(plan.boards))
    firmware = request["firmware"]
    files = None if firmware is None else {path: bytes.fromhex(data) for path, data in firmware.items()}
    with World(plan, Path(request["directory"]), firmware=files, seed=request["seed"]) as world:
        end = _ender(world.loop.stop)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, end)
        world.loop.watch(sys.stdin.fileno(), lambda events: None if os.read(0, 4096) else world.loop.stop())
        server = Server(world, world.place.control)
        world.begin(request["powered"])
        freeze_garbage()
        say(RUNNING)
        world.loop.run()
        server.close()


def say(line: str) -> None:
    """Tell the starter; one that is gone is told by the end of the leash."""
    with contextlib.suppress(BrokenPipeError):  # unbuffered: nothing is left for the interpreter to flush
        os.write(sys.stdout.fileno(), f"{line}\n".encode())


def allow_descriptors(count: int) -> None:
    """Let this process open `count` descriptors; raises RigError where the system does not allow as many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        if hard != resource.RLIM_INFINITY and hard < count:
            raise RigError(f"the rig needs {count} open files and the limit is {hard}: raise it with `ulimit -n`")
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def _ender(stop: Callable[[], None]) -> Callable[[int, FrameType | None], None]:
    def end(number: int, where: FrameType | None) -> None:
        stop()

    return end


if __name__ == "__main__":
    sys.exit(main())
