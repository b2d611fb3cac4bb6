"""Memory: the whole state of a world of objects, taken and given back in place; knows nothing of what they mean.

The objects are found once, in the order in which they are reached: instances by their attributes, dictionaries, lists
and byte arrays by what they hold. Taking a state copies what each of them holds; giving it back puts that into the
same objects. No object may appear or vanish meanwhile: what a boot makes anew is moved into what was there before.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from typing import Any

from hotspare_wire.frame import Views

ATOMS = (
    int,
    float,
    str,
    bytes,
    bool,
    type(None),
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.ModuleType,
)
CACHES = (Views, memoryview)  # slices of buffers, made again when they are missing: no state

Saved = tuple[Any, ...]


class Misfit(Exception):
    """What a boot made has another shape than what was there before."""


def _children(found: Any) -> Iterable[Any]:
    if isinstance(found, dict):
        return list(found.values())
    if isinstance(found, list | tuple | set | frozenset):
        return list(found)
    if isinstance(found, types.MethodType):
        return (found.__self__,)
    if hasattr(found, "func"):  # a partial
        return (found.func, *found.args)
    return list(found.__dict__.values()) if hasattr(found, "__dict__") else ()


def reach(roots: Iterable[Any], apart: Iterable[Any] = ()) -> list[Any]:
    """Return every mutable object that is reached from the roots and not through what stands `apart`, in order."""
    seen = {id(thing) for thing in apart}
    kept: list[Any] = []  # so that no identity is given twice
    order: list[Any] = []
    waiting = list(roots)[::-1]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, ATOMS + CACHES) or id(thing) in seen:
            continue
        seen.add(id(thing))
        kept.append(thing)
        if not isinstance(thing, tuple | frozenset | types.MethodType):
            order.append(thing)
        if not isinstance(thing, bytearray):
            waiting.extend(list(_children(thing))[::-1])
    return order


def _contents(thing: Any) -> Any:
    # where what it holds is changed in place
    if isinstance(thing, dict | list | bytearray):
        return thing
    assert hasattr(thing, "__dict__"), f"the state of {thing!r} can not be taken"
    return thing.__dict__


class Memory:
    """The state of everything that the roots reach; `constant` names classes whose objects never change,
    `grows` those that keep what they have, whatever state is put back.
    """

    def __init__(self, roots: Iterable[Any], constant: tuple[type, ...] = (), grows: tuple[type, ...] = ()) -> None:
        self._roots = list(roots)
        self._order = reach(self._roots)
        changing = [thing for thing in self._order if not isinstance(thing, constant + grows)]
        held = [_contents(thing) for thing in changing]
        # instances keep their attributes; of other dictionaries rows come and go
        maps = [vars(thing) for thing in changing if not isinstance(thing, dict | list | bytearray)]
        self._tables = [content for content in held if isinstance(content, dict) and not _is_among(content, maps)]
        self._rows = [content for content in held if isinstance(content, list)]
        self._buffers = [content for content in held if isinstance(content, bytearray)]
        self._copies = [content.copy for content in (*maps, *self._tables, *self._rows)]
        self._updates = [content.update for content in maps]
        self._names = [set(content) for content in maps]
        self._constants = [(thing, dict(_contents(thing))) for thing in self._order if isinstance(thing, constant)]
        self.objects = len(self._order)

    def strangers(self) -> list[Any]:
        """Return what is there now and was not when the objects were found: its state would be lost. Costs time."""
        known = {id(thing) for thing in self._order}
        new = [thing for thing in reach(self._roots, [self]) if id(thing) not in known]
        return new + [
            update.__self__
            for update, names in zip(self._updates, self._names, strict=True)
            if update.__self__.keys() != names
        ]

    def altered(self) -> list[Any]:
        """Return what was to be constant and is not."""
        return [thing for thing, was in self._constants if dict(_contents(thing)) != was]

    def take(self, before: Saved | None = None) -> Saved:
        """Return the state; what is as it was `before` shares its memory with that."""
        taken: list[Any] = [copy() for copy in self._copies]
        taken += map(bytes, self._buffers)
        if before is not None:
            taken = [old if new == old else new for new, old in zip(taken, before, strict=True)]
        return tuple(taken)

    def give(self, saved: Saved) -> None:
        """Put a state back."""
        place = len(self._updates)
        for update, old in zip(self._updates, saved[:place], strict=True):
            update(old)
        for content in self._tables:
            content.clear()
            content.update(saved[place])
            place += 1
        for row in self._rows:
            row[:] = saved[place]
            place += 1
        for buffer in self._buffers:
            buffer[:] = saved[place]
            place += 1


def _is_among(content: Any, others: list[Any]) -> bool:
    return any(content is other for other in others)


def move(fresh: Any, into: Any, apart: Iterable[Any]) -> None:
    """Give `into` and all that it reaches the state of `fresh`, which has the same shape; `apart` is common to both."""
    apart = list(apart)
    new, old = reach((fresh,), apart), reach((into,), apart)
    if [type(thing) for thing in new] != [type(thing) for thing in old]:
        raise Misfit(f"{len(new)} objects in place of {len(old)}")
    places = {id(thing): old[place] for place, thing in enumerate(new)}
    for source, target in zip(new, old, strict=True):
        _move(_contents(source), _contents(target), places)


def _move(source: Any, target: Any, places: dict[int, Any]) -> None:
    if isinstance(source, dict):
        if source.keys() != target.keys():
            raise Misfit(f"{sorted(map(str, source.keys() ^ target.keys()))}")
        for name, value in source.items():
            target[name] = _moved(value, target[name], places)
    elif isinstance(source, list):
        was = target + [None] * (len(source) - len(target))
        target[:] = [_moved(value, was[place], places) for place, value in enumerate(source)]
    else:
        target[:] = source


def _moved(value: Any, was: Any, places: dict[int, Any]) -> Any:
    found = places.get(id(value))
    if found is not None:
        return found
    if isinstance(value, int | float | str | bytes | type(None)):
        return value
    if isinstance(value, tuple):
        parts = was if isinstance(was, tuple) and len(was) == len(value) else [None] * len(value)
        return tuple(_moved(part, old, places) for part, old in zip(value, parts, strict=True))
    if isinstance(value, types.MethodType):
        return getattr(_moved(value.__self__, None, places), value.__func__.__name__)
    return value if was is None or not isinstance(value, CACHES) else was
