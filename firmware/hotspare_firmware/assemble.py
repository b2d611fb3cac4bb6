"""Assembly: configuration and hardware become a board; here alone a configuration turns into paths and ports."""

import sys

from hotspare_engine import settings
from hotspare_engine import words as w
from hotspare_wire import configuration as c
from hotspare_wire import messages as m
from hotspare_wire.heap import NETWORK_BEAT_BYTES
from hotspare_wire.link import Link
from hotspare_wire.trust import Keyring

from .board import Board
from .led import Led
from .pages import Pages
from .ports import FramePort, HostPort, encode
from .recorder import Recorder
from .relays import FallingRelay, LatchingRelay, Pulse
from .service import Service

OWN, CONTROLLER = 0, 1  # places in a beacon's Watch


def plan_paths(configuration):
    """Return the paths of a board as (kind, unit or place, source, interval_ms, beats), by their indices."""
    got = settings.Settings(configuration.settings)
    controller = configuration.role & m.ROLE_CONTROLLER
    paths = []
    if configuration.agent != c.AGENT_NONE and configuration.unit:
        agent = m.ADDRESS_AGENT_MIN + configuration.unit - 1
        place = configuration.unit - 1 if controller else OWN
        paths.append((w.PATH_AGENT, place, agent, got.agent_interval_ms, got.agent_beats))
    place = 0 if controller else CONTROLLER
    if controller and configuration.primaries > 1:
        for line in range(configuration.primaries):
            paths.append((w.PATH_CROSSLINK_A, line, configuration.beacons[line], got.interval_ms, got.beats))
    elif configuration.peer:
        paths.append((w.PATH_CROSSLINK_A, place, configuration.peer, got.interval_ms, got.beats))
        if configuration.crosslink_b == c.B_UART:
            paths.append((w.PATH_CROSSLINK_B, place, configuration.peer, got.interval_ms, got.beats))
        elif configuration.crosslink_b == c.B_PULSE:
            paths.append((w.PATH_PULSE, place, configuration.peer, got.interval_ms, got.beats))
    paths += _bypasses(configuration, got)
    if configuration.network_port:
        paths.append((w.PATH_NETWORK, place, configuration.peer, got.interval_ms, got.beats))
    return tuple(paths)


def _bypasses(configuration, got):
    """Return the paths on which a primary itself is heard, past its beacon."""
    paths: list = []
    if configuration.contact:
        place = configuration.contact - 1
        paths.append((w.PATH_CONTACT, place, m.ADDRESS_AGENT_MIN + place, got.interval_ms, got.beats))
    if configuration.direct:
        place = configuration.direct - 1
        paths.append((w.PATH_AGENT, place, m.ADDRESS_AGENT_MIN + place, got.agent_interval_ms, got.agent_beats))
    return paths


def _senses(hardware, configuration, paths, beat_ms):
    """Return what looks at the pins of paths that have some, by their indices."""
    if not configuration.contact and not configuration.inputs & (c.INPUT_INVALID_A | c.INPUT_INVALID_B):
        return []
    from .senses import Cable, Contact  # the heap of a board that has none is spared

    found: list = []
    for index, path in enumerate(paths):
        if path[0] == w.PATH_CONTACT:
            found.append(Contact(hardware.input("contact"), index, beat_ms))
        elif path[0] == w.PATH_CROSSLINK_A and configuration.inputs & c.INPUT_INVALID_A:
            found.append(Cable(hardware.input("invalid_a"), index))
        elif path[0] == w.PATH_CROSSLINK_B and configuration.inputs & c.INPUT_INVALID_B:
            found.append(Cable(hardware.input("invalid_b"), index))
    return found


def is_own_agent(configuration, kind, source):
    """Return whether a path is that of the agent of the unit at this board."""
    return kind == w.PATH_AGENT and source == m.ADDRESS_AGENT_MIN + configuration.unit - 1


def board(hardware, store, stream, boots, firmware_hash=0):
    """Return a Board for the stored configuration; without a valid one it serves the host and moves nothing.

    `boots` is its BootRecord: a board that was reset again though it held still leaves its configuration alone.
    `firmware_hash` is that of the files, where it is known already.
    """
    blob = store.configuration()
    recorder = Recorder(Pages(hardware.flash(), hardware.draw), store)
    configuration = c.Configuration(blob) if blob and hardware.wired and not boots.is_bare() else None

    def serve(made):
        return Service(made, hardware, blob)

    keys = Keys(store.keys(hardware.draw))
    if configuration is None:
        made = _unconfigured(hardware, store, recorder, stream, serve, keys)
        made.trouble(w.B_FILES, not store.can_write())
    else:
        made = _configured(hardware, store, recorder, stream, serve, configuration, keys)
        if not made.engine.resume(recorder.saved) and recorder.saved:
            made.record(w.E_SAVE_FAILED)
    for index, path in enumerate(made.engine.health.paths):
        if (
            configuration
            and configuration.agent == c.AGENT_HOST
            and is_own_agent(configuration, path.kind, path.source)
        ):
            made.service.agent_path = index
    made.keys = keys
    made.firmware_hash = firmware_hash or _firmware_hash()
    made.record(w.E_BOOT, boots.cause, recorder.boot)
    made.restarts.remember(boots)
    if store.slots.lapsed:
        made.record(w.E_TRIAL, w.T_LAPSED)
    if store.slots.trial_s:
        from .trial import Trial  # the heap of a board that is on none is spared

        made.restarts.begin_trial(Trial(store.slots.trial_s))
    return made


def _firmware_hash():
    from . import build

    found = build.firmware_hash()
    del sys.modules[build.__name__]  # it is of use once a boot: its memory is given back
    delattr(sys.modules[__name__[: __name__.rfind(".")]], "build")
    return found


class Keys:
    """The keys of the group at this board: a keyring for boards and hosts, and one for each agent; changed together."""

    def __init__(self, keys):
        self.group = Keyring(keys)
        self._agents: list = []  # index of the unit, its keyring

    def ring_of(self, source):
        """Return the keyring for whoever has that address."""
        unit = source - m.ADDRESS_AGENT_MIN
        if not 0 <= unit < m.UNITS_MAX:
            return self.group
        ring = self.group.of_agent(unit)
        self._agents.append((unit, ring))
        return ring

    def hold(self, keys):
        """Hold these keys from now on."""
        self.group.hold(keys)
        for unit, ring in self._agents:
            ring.share(self.group.of_agent(unit).keys)


def _unconfigured(hardware, store, recorder, stream, serve, keys):
    host = HostPort([Link(m.ADDRESS_NONE, m.ADDRESS_ANY, hardware.draw, encode, keys.group)], stream)
    engine = _watch(settings.defaults(), ())
    pins = (hardware.output("alarm"), None, None, None)
    return Board(None, engine, [], host, [], None, pins, Led(hardware.output("led")), recorder, store, serve)


def _configured(hardware, store, recorder, stream, serve, configuration, keys):
    paths = plan_paths(configuration)
    controller = configuration.role & m.ROLE_CONTROLLER
    if controller:
        from hotspare_engine.engine import Engine  # a board has room for the engine of its role, not for both

        engine = Engine(configuration.settings, configuration.primaries, configuration.unit - 1, paths)
    else:
        engine = _watch(configuration.settings, paths)
    relays = _relays(hardware, engine.settings, configuration.primaries) if controller else []
    ports = []
    crosslinks = []
    pulse = None
    beat_ms = engine.settings.interval_ms * 9 // 10
    links = [Link(configuration.address, m.ADDRESS_ANY, hardware.draw, encode, keys.group)]
    for index, path in enumerate(paths):
        kind, source = path[0], path[2]
        if kind == w.PATH_CONTACT:
            continue
        if kind == w.PATH_PULSE:
            pulse = Pulse(hardware.output("pulse_out"), hardware.input("pulse_in"), index, beat_ms)
            continue
        link = Link(configuration.address, source, hardware.draw, encode, keys.ring_of(source))
        if configuration.agent == c.AGENT_HOST and is_own_agent(configuration, kind, source):
            links.append(link)
        elif kind == w.PATH_CROSSLINK_A:
            crosslinks.append((link, index))
        else:
            ports.append(FramePort(_wire(hardware, configuration, kind), link, index))
    ports += _crosslink_a(hardware, configuration, crosslinks)
    switch = _switch(hardware) if controller and configuration.inputs & c.INPUT_LOCKOUT else None
    starts = controller and engine.settings.standby == w.COLD
    supply = hardware.input("supply") if controller else None
    pins = (hardware.output("alarm"), supply, switch, hardware.output("start") if starts else None)
    led = Led(hardware.output("led"))
    made = Board(
        configuration, engine, ports, HostPort(links, stream), relays, pulse, pins, led, recorder, store, serve
    )
    if configuration.network_port:
        made.beat_bytes += NETWORK_BEAT_BYTES
    made.senses = _senses(hardware, configuration, paths, beat_ms)
    return made


def _wire(hardware, configuration, kind):
    """Return what carries the frames of a path of that kind, which is no crosslink A."""
    if kind == w.PATH_NETWORK:
        return hardware.datagrams(
            configuration.network_port, configuration.network_peer, configuration.network_peer_port
        )
    return hardware.uart(1, configuration.agent_baud if kind == w.PATH_AGENT else configuration.baud)


def _crosslink_a(hardware, configuration, crosslinks):
    """Return the port of crosslink A, on which a controller hears all boards of a chain, and that to the next board."""
    if not crosslinks:
        return []
    up = FramePort(hardware.uart(0, configuration.baud), *crosslinks[0])
    for link, index in crosslinks[1:]:
        up.join(link, index)
    if not c.has_down(configuration):
        return [up]
    down = FramePort(hardware.uart(1, configuration.baud))
    down.lead(up, configuration.address)
    up.lead(down, configuration.address)
    return [up, down]


def _watch(values, paths):
    from hotspare_engine.watch import Watch

    return Watch(values, paths)


def _switch(hardware):
    from .switch import Switch

    return Switch(hardware.input("lockout"))


def _relays(hardware, group, primaries):
    relays: list = []
    two_coils = None
    if group.switch:
        from .contactors import KINDS  # a board has room for the relays of its group, not for all

        two_coils = KINDS[group.switch]
    for line in range(1, primaries + 1):
        coil = hardware.output("relay%d" % line)
        sense_primary = hardware.input("sense%d_primary" % line)
        sense_spare = hardware.input("sense%d_spare" % line)
        if two_coils:
            second = hardware.output("relay%d_second" % line)
            relays.append(two_coils(coil, second, sense_primary, sense_spare))
        elif group.retention == w.LATCHING:
            back = hardware.output("relay%d_second" % line)
            relays.append(LatchingRelay(coil, back, sense_primary, sense_spare, group.coil_pulse_ms))
        else:
            relays.append(FallingRelay(coil, sense_primary, sense_spare))
    return relays
