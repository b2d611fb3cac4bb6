"""`hotspare rig` against a running rig, as people and scripts use it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from hotspare.cli import exits, main
from hotspare.cli.rig import RigName, command
from hotspare.rig.orders import VERBS
from hotspare.rig.plan import BoardPlan, ChangeoverRelay, ContactCable, InterlockedRelay, RigPlan, SerialCable, UnitPlan
from hotspare.rig.process import RigProcess

SLEEPS = b"import sys, time\nsys.stdout.write('here')\nwhile True:\n    time.sleep(100)\n"
PLAN = RigPlan(
    tuple(
        UnitPlan(name, 100 + place, 100, None, boot_ms=1) for place, name in enumerate(("primary", "spare", "second"))
    ),
    (BoardPlan("beacon", flash={"/main.py": SLEEPS}), BoardPlan("controller", flash={"/main.py": SLEEPS})),
    (SerialCable("crosslink-a", ("beacon", "uart0"), ("controller", "uart0")), ContactCable("dry", "second", "beacon")),
    (
        ChangeoverRelay("line-primary", "controller", "primary", "primary", "spare"),
        InterlockedRelay("line-second", "controller", "second", "second", "spare", through="line-primary"),
    ),
)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RigProcess]:
    with RigProcess(PLAN, tmp_path_factory.mktemp("rigs") / "rig", firmware={}) as process:
        process.wait_answers()
        yield process


@pytest.fixture
def run(process: RigProcess, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*args: str) -> tuple[int, str, str]:
        code = main(["rig", "--dir", str(process.directory), *args])
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


ORDERS = (
    (("cut", "crosslink-a"), ("heal", "crosslink-a")),
    (("cut", "crosslink-a", "--from", "beacon"), ("heal", "crosslink-a", "--from", "beacon")),
    (("noise", "crosslink-a", "--ber", "1e-4"), ("noise", "crosslink-a", "--ber", "0")),
    (("burst", "crosslink-a", "--ms", "20"), ("heal", "crosslink-a")),
    (("delay", "crosslink-a", "--ms", "2.5"), ("delay", "crosslink-a", "--ms", "0")),
    (("inject", "crosslink-a", "beacon", "00ff"),),
    (("hang", "primary"), ("start", "primary")),
    (("stop", "spare"), ("start", "spare")),
    (("fail", "primary"), ("mend", "primary")),
    (("hook", "primary", "drain", "fails"), ("hook", "primary", "drain", "works")),
    (("erase", "beacon", "--ms", "400"), ("erase", "beacon")),
    (("powercut", "beacon", "--operation", "5", "--how", "30"), ("powercut", "beacon", "--how", "never")),
    (("degrade", "primary"), ("mend", "primary")),
    (("key", "primary"), ("key", "primary")),
    (("alter", "primary", "frozen"), ("alter", "primary", "none")),
    (("weld", "line-primary"), ("unweld", "line-primary")),
    (("weld", "line-primary", "--contact", "spare"), ("unweld", "line-primary")),
    (("weld", "line-primary", "--pole", "1"), ("unweld", "line-primary")),
    (("bridge", "line-second", "primary-mirror"), ("unbridge", "line-second")),
    (("stick", "line-primary"), ("unstick", "line-primary")),
    (("stick", "line-second", "--coil", "spare"), ("unstick", "line-second")),
    (("stick", "line-second", "--shorted"), ("unstick", "line-second")),
    (("sense", "line-primary", "spare", "closed"), ("sense", "line-primary", "spare")),
    (("supply", "off"), ("supply", "on")),
    (("power", "beacon", "off"), ("power", "beacon", "on")),
    (("keyswitch", "controller", "on"), ("keyswitch", "controller", "off")),
    (("freeze", "beacon"), ("thaw", "beacon")),
    (("reset", "beacon"),),
    (("capture", "crosslink-a", "{tmp}/capture"), ("capture", "crosslink-a")),
)


@pytest.mark.parametrize("orders", ORDERS, ids=lambda orders: orders[0][0])
def test_each_verb_is_done_and_undone_and_says_when(
    run: Run, tmp_path: Path, orders: tuple[tuple[str, ...], ...]
) -> None:
    for order in orders:
        code, out, err = run(*(word.replace("{tmp}", str(tmp_path)) for word in order))
        assert (code, err) == (exits.OK, "")
        assert out.startswith(f"{order[0]}: done at ")
        assert out.rstrip().endswith(" s")


def test_the_orders_above_have_every_verb() -> None:
    assert {order[0] for orders in ORDERS for order in orders} == set(VERBS)


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("cut", "cable-x"), exits.USAGE, "no cable is called cable-x: there is crosslink-a"),
        (("weld", "relay-x"), exits.USAGE, "no relay is called relay-x: there is line-primary, line-second"),
        (("hang", "unit-x"), exits.USAGE, "no unit is called unit-x: there is primary, spare, second"),
        (("power", "board-x", "on"), exits.USAGE, "no board is called board-x: there is beacon, controller"),
        (("power", "beacon", "maybe"), exits.USAGE, "state can not be maybe: there is on, off"),
        (("noise", "crosslink-a", "--ber", "2"), exits.USAGE, "ber is a number from 0 to 0.5"),
        (("noise", "crosslink-a", "--ber", "much"), exits.USAGE, "'much' is not a valid float"),
        (("noise", "crosslink-a"), exits.USAGE, "Missing option '--ber'"),
        (("cut", "crosslink-a", "--from", "nobody"), exits.USAGE, "it has beacon, controller"),
        (("hook", "primary", "standby", "fails"), exits.USAGE, "role can not be standby: there is drain, active"),
        (("hook", "primary", "drain", "explodes"), exits.USAGE, "there is works, fails, hangs"),
        (("alter", "primary", "pink"), exits.USAGE, "there is frozen, slow, fast, shuffled, none"),
        (("inject", "crosslink-a", "beacon", "xyz"), exits.USAGE, "bytes in hexadecimal"),
        (("inject", "crosslink-a", "beacon", ""), exits.USAGE, "one byte or more"),
        (("capture", "crosslink-a", "/dev/full"), exits.FAILED, "/dev/full is there already and stays as it is"),
        (("capture", "crosslink-a", "/nowhere/file"), exits.FAILED, "can not be written: no such file"),
        (("burst", "crosslink-a", "--ms", "-5"), exits.USAGE, "ms is a number from 0 to"),
        (("burst", "crosslink-a", "--ms=-5"), exits.USAGE, "ms is a number from 0 to"),
        (("delay", "crosslink-a", "--ms", "-5"), exits.USAGE, "ms is a number from 0 to"),
        (("noise", "crosslink-a", "--ber", "-5"), exits.USAGE, "ber is a number from 0 to"),
        (("noise", "crosslink-a", "--ber", "nan"), exits.USAGE, "ber is a number from 0 to"),
        (("trace", "--since", "9" * 26), exits.USAGE, "is not in the range"),
        (("wait", "--since", "9" * 26), exits.USAGE, "is not in the range"),
        (("explode",), exits.USAGE, "explode"),
        (("weld", "line-primary", "--contact", "feed"), exits.USAGE, "has no contact feed: it has primary, spare"),
        (("weld", "line-primary", "--pole", "2"), exits.USAGE, "line-primary has no pole 2: it has 1"),
        (
            ("weld", "line-second"),
            exits.FAILED,
            "line-second is open: only a closed contact welds; name one of primary",
        ),
        (("bridge", "line-second", "primary"), exits.FAILED, "no wire is laid across primary of line-second"),
        (("unbridge", "line-second"), exits.FAILED, "no wire lies across a contact of line-second"),
        (("stick", "line-primary", "--coil", "set"), exits.USAGE, "line-primary has no coil set: it has only one"),
        (("unweld", "line-primary"), exits.FAILED, "no contact of line-primary is welded"),
        (("start", "primary"), exits.FAILED, "primary is running already"),
        (("wait", "--kind", "nothing", "--limit", "10"), exits.NO_OUTCOME, "within 10 ms"),
    ],
)
def test_what_there_is_not_or_can_not_be_is_one_line_and_an_exit_code(
    run: Run, args: tuple[str, ...], code: int, said: str
) -> None:
    got, out, err = run(*args)
    assert got == code
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_the_state_as_json_has_what_scripts_rely_on(run: Run) -> None:
    state = json.loads(run("state", "--json")[1])
    assert state["cables"]["crosslink-a"]["cut"] == []
    relay = state["relays"]["line-primary"]
    assert (relay["driven"], relay["contact"]) == (False, "primary")
    second = state["relays"]["line-second"]
    assert second["contacts"] == {
        "primary": "open", "primary-mirror": "closed", "spare": "open", "spare-mirror": "closed",
    }  # fmt: skip
    assert second["coils"]["spare"] == {
        "driven": False,
        "fed": True,
        "broken": False,
        "shorted": False,
        "energised": False,
    }
    assert second["read_back"]["primary"] == {"level": 1, "stuck": False, "high_means": "open"}
    assert set(state["boards"]) == {"beacon", "controller"}
    unit = state["units"]["primary"]
    assert (unit["powered"], unit["running"], unit["connected"]) == (True, True, ["primary"])
    assert state["both_connected_us"] == 0


def test_the_state_for_people_names_everything(run: Run) -> None:
    _, out, _ = run("state")
    for word in ("primary", "spare", "beacon", "controller", "crosslink-a", "line-primary", "both connected: 0 us"):
        assert word in out


def test_faults_show_in_the_state_for_people(run: Run) -> None:
    run("weld", "line-primary")
    run("stick", "line-primary")
    run("stick", "line-second", "--coil", "primary")
    run("stick", "line-second", "--coil", "spare", "--shorted")
    run("bridge", "line-second", "spare-mirror")
    run("sense", "line-second", "spare", "lost")
    run("keyswitch", "controller", "on")
    run("cut", "dry")
    run("cut", "crosslink-a", "--from", "beacon")
    run("fail", "spare")
    try:
        _, out, _ = run("state")
        for words in ("primary welded", "coil open", "from beacon", "running, failing"):
            assert words in out
        for words in (
            "coil primary open",
            "wire across spare-mirror",
            "spare read-back stuck",
            "lockout key on",
            "dry from second",
        ):
            assert words in " ".join(out.split())
    finally:
        for undo in (
            ("unweld", "line-primary"),
            ("unstick", "line-primary"),
            ("unstick", "line-second"),
            ("unbridge", "line-second"),
            ("sense", "line-second", "spare"),
            ("keyswitch", "controller", "off"),
            ("heal", "dry"),
            ("heal", "crosslink-a"),
            ("mend", "spare"),
        ):
            run(*undo)


def test_the_trace_tells_what_happened_in_both_forms(run: Run) -> None:
    before = json.loads(run("state", "--json")[1])["trace_next"] - 1
    run("supply", "off")
    run("supply", "on")
    # contacts that an earlier test let go may still be on their way: only the supply is this test's
    found = json.loads(run("trace", "--json", "--since", str(before))[1])
    records = [record for record in found if record["kind"] == "supply"]
    assert [(record["kind"], record["name"], record["event"]) for record in records] == [
        ("supply", "coils", "off"),
        ("supply", "coils", "on"),
    ]
    assert records[0]["us"] < records[1]["us"]
    lines = [line for line in run("trace", "--since", str(before))[1].splitlines() if "supply" in line.split()]
    assert len(lines) == 2
    assert lines[0].split() == [str(records[0]["number"]), *lines[0].split()[1:3], "supply", "coils", "off"]


def test_what_is_waited_for_is_shown_when_it_has_happened(run: Run) -> None:
    before = json.loads(run("state", "--json")[1])["trace_next"] - 1
    run("supply", "off")
    run("supply", "on")
    code, out, _ = run("wait", "--kind", "supply", "--event", "on", "--since", str(before), "--json")
    assert code == exits.OK
    assert json.loads(out)["event"] == "on"
    assert run("wait", "--kind", "supply", "--since", str(before))[1].startswith("supply coils off at ")


def test_names_complete_from_the_rig_that_runs(process: RigProcess) -> None:

    ctx = click.Context(command, obj=process.directory)
    found = RigName("board").shell_complete(ctx, click.Argument(["board"]), "con")
    assert [item.value for item in found] == ["controller"]
    nowhere = click.Context(command, obj=process.directory / "nothing")
    assert RigName("board").shell_complete(nowhere, click.Argument(["board"]), "") == []


@pytest.mark.parametrize("args", [("state",), ("trace", "--json"), ("cut", "x"), ("wait",)])
def test_without_a_rig_one_line_says_how_to_start_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], args: tuple[str, ...]
) -> None:
    for line in (["--dir", str(tmp_path), *args], [*args, "--dir", str(tmp_path)]):
        assert main(["rig", *line]) == exits.UNREACHABLE
        out = capsys.readouterr()
        assert out.out == ""
        assert f"no rig runs in {tmp_path}: start one with `hotspare emulate`" in out.err
        assert out.err.count("\n") == 1


@pytest.mark.parametrize(
    ("args", "place"),
    [
        (["state", "-c", "a/hotspare.toml"], "a/rig"),
        (["-c", "b/hotspare.toml", "cut", "x", "-c", "a/hotspare.toml"], "a/rig"),
        (["trace", "--dir", "d", "-c", "a/hotspare.toml"], "d"),
    ],
)
def test_the_options_that_say_where_stand_before_or_behind_the_verb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: list[str], place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["rig", *args]) == exits.UNREACHABLE
    assert f"no rig runs in {place}: " in capsys.readouterr().err


@pytest.mark.parametrize("verb", [*VERBS, "state", "trace", "wait"])
def test_each_verb_has_help_without_a_rig(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rig", verb, "--help"]) == exits.OK
    assert "Usage: hotspare rig" in capsys.readouterr().out
