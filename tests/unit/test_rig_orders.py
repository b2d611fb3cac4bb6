"""The table of verbs: what is checked before anything is done, and that every rig offers all of it."""

import inspect

import pytest

from hotspare.rig.errors import Unknown
from hotspare.rig.interface import Rig
from hotspare.rig.orders import VERBS, checked
from hotspare.rig.verbs import Verbs

NAMES = {"cable": ["a", "b"], "relay": ["line"], "unit": ["primary", "spare"], "board": ["beacon"]}


@pytest.mark.parametrize(
    ("order", "complaint"),
    [
        (("explode", {}), "no verb is called explode: there is cut, heal"),
        (("cut", {"cable": "c"}), "no cable is called c: there is a, b"),
        (("cut", {}), "cut needs cable"),
        (("cut", {"cable": "a", "force": 1}), "cut takes no force: it takes cable, direction"),
        (("cut", {"cable": "a", "direction": 3}), "direction is a word, not 3"),
        (("noise", {"cable": "a", "ber": "much"}), "ber is a number from 0 to 0.5, not 'much'"),
        (("noise", {"cable": "a", "ber": 0.6}), "ber is a number from 0 to 0.5, not 0.6"),
        (("noise", {"cable": "a", "ber": -1}), "not -1"),
        (("noise", {"cable": "a", "ber": float("nan")}), "not nan"),
        (("noise", {"cable": "a", "ber": True}), "not True"),
        (("burst", {"cable": "a", "ms": 1e12}), "ms is a number from 0"),
        (("power", {"board": "beacon", "state": "maybe"}), "state can not be maybe: there is on, off"),
        (("weld", {"relay": "line", "contact": "both"}), "contact can not be both: there is primary, spare"),
        (("weld", {"relay": "line", "pole": 0}), "pole is a number from 1 to 4, not 0"),
        (("bridge", {"relay": "line"}), "bridge needs contact"),
        (("stick", {"relay": "line", "coil": "both"}), "coil can not be both: there is set, reset, primary"),
        (
            ("sense", {"relay": "line", "contact": "auxiliary"}),
            "contact can not be auxiliary: there is primary, spare",
        ),
        (("sense", {"relay": "line", "contact": "spare", "stuck": "torn"}), "there is open, closed, lost"),
        (("keyswitch", {"board": "beacon"}), "keyswitch needs state: on or off"),
        (("stop", {"unit": "primary", "leaving": "yes"}), "leaving is true or false"),
        (("inject", {"cable": "a", "direction": "x", "data": "0g"}), "bytes in hexadecimal, not '0g'"),
        (("inject", {"cable": "a", "direction": "x", "data": ""}), "one byte or more in hexadecimal, and is empty"),
        (("inject", {"cable": "a", "direction": "x", "data": 5}), "bytes in hexadecimal, not 5"),
        (("freeze", {"board": ["beacon"]}), "no board is called"),
    ],
)
def test_an_order_that_names_what_there_is_not_is_refused_with_what_there_is(
    order: tuple[str, dict[str, object]], complaint: str
) -> None:
    with pytest.raises(Unknown, match=complaint):
        checked(order, NAMES)


def test_defaults_are_filled_in() -> None:
    assert checked(("stop", {"unit": "spare"}), NAMES) == (
        "stop",
        {"unit": "spare", "leaving": False, "after_ms": 500, "longest_s": 60},
    )
    assert checked(("inject", {"cable": "a", "direction": "x", "data": "00ff"}), NAMES)[1]["data"] == b"\0\xff"


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_a_method_of_every_rig_and_is_carried_out_by_the_emulated_one(verb: str) -> None:
    assert callable(getattr(Rig, verb))
    carried_out = inspect.signature(getattr(Verbs, f"_{verb}")).parameters
    assert list(carried_out)[1:] == [param.name for param in VERBS[verb][1]]
