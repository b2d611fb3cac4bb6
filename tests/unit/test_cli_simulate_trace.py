"""`hotspare simulate --trace` and `--explore` as an engineer meets them: a story, a picture, and what is refused."""

import json
from pathlib import Path

import pytest

from hotspare import cli
from hotspare.cli import exits, simulate_trace
from hotspare.simulator.hunt import Quarry
from hotspare.simulator.laws import Broken
from hotspare.simulator.run import Run
from hotspare.simulator.schedule import Action
from tests import files

SWITCHES = 3  # a seed in whose world something is switched


def simulate(capfd: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    code = cli.main(["simulate", *args])
    return code, *capfd.readouterr()


def test_a_seed_is_told_as_a_world_a_schedule_a_story_and_a_picture(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = simulate(capfd, "--seed", str(SWITCHES), "--trace")
    assert (code, err) == (exits.OK, "")
    for text in (
        "# the world",
        "[group.pair]",
        "# what was done to it",
        "mend all",
        "# what came of it",
        "booted: boot 1",
    ):
        assert text in out
    assert "# the last switch" in out
    assert out.endswith("law broken: none\n")
    again = simulate(capfd, "--seed", str(SWITCHES), "--trace")
    assert again == (code, out, err), "a seed is told in the same words each time"


def test_a_story_as_json_and_as_a_picture_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "x.svg"
    code, out, _ = simulate(capfd, "--seed", str(SWITCHES), "--trace", "--json", "--plot", str(picture))
    told = json.loads(out)
    assert code == exits.OK
    assert (told["seed"], told["law_broken"], told["shortest"]) == (SWITCHES, None, None)
    assert told["schedule"][0].keys() >= {"at_ms", "verb"}
    at = [row["at_ms"] for row in told["story"]]
    assert at == sorted(at)
    assert picture.read_text().startswith("<svg")


def test_the_world_of_a_file_is_told_with_c(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = files.write(tmp_path)
    code, out, err = simulate(capfd, "-c", str(path), "--seed", "2", "--trace", "--hours", "0.02")
    assert (code, err) == (exits.OK, "")
    assert "# the world" not in out
    assert "booted: boot 1" in out


def test_nothing_switched_is_no_picture_and_said(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = files.write(tmp_path)
    picture = tmp_path / "x.svg"
    args = ("-c", str(path), "--trace", "--hours", "0.0003", "--faults", "none", "--plot", str(picture))
    code, out, err = simulate(capfd, *args)
    assert (code, err) == (exits.OK, "no picture: nothing was switched\n")
    assert "nothing" in out
    assert not picture.exists()


class Spoiled(Quarry):
    """A quarry in which the first failing unit breaks a law."""

    def run(self, seed: int, actions: list[Action] | None = None) -> Run:  # type: ignore[override]
        run = super().run(seed, actions)
        perform = run.performer.perform

        def performed(action: Action) -> None:
            perform(action)
            if action.verb == "fail":
                raise Broken(f"L1 at {action.at_ms} ms: planted")

        run.performer.perform = performed  # type: ignore[method-assign]
        return run


def test_a_broken_law_ends_the_story_with_the_shortest_schedule_and_exit_code_1(
    capfd: pytest.CaptureFixture[str],
) -> None:
    quarry = Spoiled("dense", beats=300)
    seed = next(seed for seed in range(50) if any(it.verb == "fail" for it in quarry.run(seed).actions))
    code = simulate_trace.trace(quarry.run(seed), quarry, None, as_json=False)
    out = capfd.readouterr().out
    assert code == exits.FAILED
    head, _, tail = out.partition("law broken: L1 at ")
    assert "# what came of it" in head
    shortest = tail.partition("the shortest schedule that was found to break it too:\n")[2].splitlines()
    assert len(shortest) == 1
    assert " fail unit=" in shortest[0]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--trace", "--ber", "0.1"), "--trace without -c does not go with --ber"),
        (("--trace", "--seeds", "3"), "--trace without -c does not go with --seeds"),
        (("--trace", "--plot", "x.png"), "--trace with --plot draws .svg: x.png ends otherwise"),
        (("--trace", "--plot", "/no/such/folder/x.svg"), "there is no folder /no/such/folder"),
        (("--explore", "--seed", "3"), "--explore does not go with --seed"),
        (("--explore", "-c", "x.toml"), "--explore does not go with "),
        (("-c", "nosuch.toml", "--trace"), "nosuch.toml is not there"),
        (("--trace", "--seed", "-1"), "-1"),
    ],
)
def test_bad_input_is_one_line(args: tuple[str, ...], says: str, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = simulate(capfd, *args)
    assert code in (exits.USAGE, exits.INVALID)
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_exploring_prints_states_laws_assumptions_and_the_counterexample(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hotspare.simulator.explorer import run

    small = run.explore_all
    monkeypatch.setattr(run, "explore_all", lambda processes: small(60_000, 50.0, 1, ("unproven",)))
    code, out, err = simulate(capfd, "--explore")
    assert (code, err) == (exits.OK, "")
    for text in ("| unproven | ", "Assumptions:", "unproven: L1", "No law is broken."):
        assert text in out
