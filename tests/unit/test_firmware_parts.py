"""The firmware's small parts alone: relays, pulse, LED, recorder, store, configuration over the host port."""

from __future__ import annotations

import binascii
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hotspare_engine import words as w
from hotspare_firmware import led
from hotspare_firmware.bootrecord import BootRecord
from hotspare_firmware.relays import FallingRelay, LatchingRelay, Pulse
from hotspare_firmware.slots import SLOTS
from hotspare_firmware.store import KEYS, STATE, Store
from hotspare_firmware.switch import STEADY_MS, Switch
from hotspare_wire import frame, link
from hotspare_wire import messages as m
from hotspare_wire.heap import HELLO_BYTES
from hotspare_wire.trust import KEY_SIZE
from tests.boards import CONTROLLER, Bench, Pin, Uart


@pytest.mark.parametrize(
    ("primary", "spare", "position"),
    [(1, 0, w.AT_PRIMARY), (0, 1, w.AT_SPARE), (0, 0, w.BETWEEN), (1, 1, w.AT_BOTH)],
)
def test_the_two_read_backs_of_a_line_give_four_positions(primary: int, spare: int, position: int) -> None:
    assert FallingRelay(Pin(), Pin(primary), Pin(spare)).position() == position


def test_a_falling_relay_is_energised_only_towards_the_spare() -> None:
    coil = Pin()
    relay = FallingRelay(coil, Pin(), Pin())
    relay.drive(w.AT_SPARE)
    assert coil.level == 1
    relay.drive(w.AT_PRIMARY)
    assert coil.level == 0


def test_a_latching_relay_gets_a_pulse_and_never_two_coils_at_once() -> None:
    coils = Pin(), Pin()
    both: list[bool] = []
    for coil in coils:
        coil.listen = lambda level: both.append(coils[0].level == coils[1].level == 1)
    relay = LatchingRelay(*coils, Pin(), Pin(), pulse_ms=100)
    relay.drive(w.AT_SPARE)
    assert (coils[0].level, coils[1].level) == (1, 0)
    assert relay.elapsed(40) == 60
    relay.drive(w.AT_PRIMARY)
    assert (coils[0].level, coils[1].level) == (0, 1)
    assert relay.elapsed(100) == 0
    assert (coils[0].level, coils[1].level) == (0, 0)
    assert not any(both)


def test_a_pulse_path_counts_rising_edges_so_that_lost_power_is_silence() -> None:
    wire = Pin()
    into = Pin()
    wire.listen = lambda level: setattr(into, "level", level)
    sender, receiver = Pulse(wire, Pin(), 0, 90), Pulse(Pin(), into, 0, 90)
    heard = 0
    for _ in range(5):
        sender.beat()
        for _ in range(90):
            sender.elapsed(1)
            heard += bool(receiver.heard())
    assert heard == 5
    sender.beat()
    assert receiver.heard()
    wire.value(0)  # the sender's pads fall with its power
    assert not receiver.heard()


def test_a_pulse_pin_is_watched_closely_when_the_next_beat_is_due() -> None:
    receiver = Pulse(Pin(), Pin(), 0, 90)
    assert receiver.look_ms(0) == 11
    assert receiver.look_ms(80) == 8
    assert [receiver.look_ms(age_ms) for age_ms in (88, 90, 93)] == [1, 1, 1]
    assert receiver.look_ms(200) == 11


def test_a_switch_is_believed_once_it_rests_and_bounce_begins_that_anew() -> None:
    pin = Pin()
    switch = Switch(pin)
    assert switch.elapsed(10) == 0
    pin.level = 1
    assert switch.elapsed(10) == STEADY_MS
    assert switch.elapsed(30) == STEADY_MS - 30
    pin.level = 0
    assert switch.elapsed(1) == 0
    pin.level = 1
    assert switch.elapsed(1) == STEADY_MS
    assert not switch.on
    assert switch.elapsed(STEADY_MS) == 0
    assert switch.on
    pin.level = 0
    assert [switch.elapsed(STEADY_MS) for _ in range(2)] == [STEADY_MS, 0]
    assert not switch.on


def test_a_switch_that_is_on_when_the_board_starts_is_on_at_once() -> None:
    assert Switch(Pin(1)).on


def test_led_patterns_differ_and_are_written_only_when_they_change() -> None:
    assert len({bits for bits, _ in led.PATTERNS}) == len(led.PATTERNS)
    writes: list[int] = []
    pin = Pin()
    pin.listen = writes.append
    shown = led.Led(pin)
    shown.pattern = led.UNCONFIGURED
    for _ in range(led.SLOTS * led.SLOT_MS):
        assert 0 < shown.elapsed(1) <= led.SLOT_MS
    assert len(writes) in (led.SLOTS, led.SLOTS + 1)


def test_a_saved_state_comes_back_and_damage_is_as_if_there_were_none(tmp_path: Path) -> None:
    store = Store(f"{tmp_path}/")
    assert store.state() == (0, ())
    assert store.save_state(4, (1, -1, 70000))
    assert store.state() == (4, (1, -1, 70000))
    data = bytearray((tmp_path / STATE).read_bytes())
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 0x10
        (tmp_path / STATE).write_bytes(damaged)
        assert store.state() == (0, ())
    (tmp_path / STATE).write_bytes(data[:-3])
    assert store.state() == (0, ())


def test_keys_come_back_and_a_damaged_file_of_keys_makes_no_board_that_obeys_strangers(tmp_path: Path) -> None:
    store = Store(f"{tmp_path}/")
    assert store.keys(lambda: os.urandom(8)) == ()
    one, two = bytes(range(KEY_SIZE)), bytes(range(1, KEY_SIZE + 1))
    for keys in ((one,), (one, two), ()):
        assert store.save_keys(keys)
        assert store.keys(lambda: os.urandom(8)) == keys
    assert store.save_keys((one,))
    data = (tmp_path / KEYS).read_bytes()
    damages = [data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :] for place in range(len(data))]
    for damaged in (*damages, data[:-3], data + b"x", b""):
        (tmp_path / KEYS).write_bytes(damaged)
        (unknown,) = store.keys(lambda: os.urandom(8))
        assert unknown not in (one, two)
        assert len(unknown) == KEY_SIZE


def test_a_store_that_can_not_write_says_so_and_keeps_what_was_there(tmp_path: Path) -> None:
    store = Store(f"{tmp_path}/missing/")
    assert not store.save_state(1, ())
    assert store.configuration() is None


class Host:
    """A host in memory on a bench's controller."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.stream = bench.hosts[CONTROLLER]
        self.link = link.Link(m.ADDRESS_HOST, m.ADDRESS_ANY, lambda: bench.chance.randbytes(8))
        self._decoder = frame.Decoder()
        while self.link.greet or not self.link.established:
            self.exchange(bytes(self.link.hello()))

    def exchange(self, wire: bytes) -> list[tuple[int, bytes]]:
        """Send a frame and return what comes back as (kind, body)."""
        self.stream.inbox += wire
        self.bench.run(2)
        data = bytes(self.stream.outbox)
        self.stream.outbox.clear()
        heard = []
        place = 0
        while place < len(data):
            place = self._decoder.feed(data, place, len(data))
            size = self._decoder.size
            if size and self.link.judge(self._decoder.payload, size) == link.NEWS:
                payload = bytes(self._decoder.payload[:size])
                heard.append((payload[0] & frame.KIND_MASK, payload[frame.AT_BODY : -frame.TRAILER_SIZE]))
        return heard

    def ask(self, kind: int, *values: object) -> tuple[int, tuple]:
        """Send a message and return the kind and values of the answer."""
        answers = self.exchange(bytes(self.link.message(kind, values)))
        assert len(answers) == 1, answers
        answer, body = answers[0]
        return answer, m.unpack(answer, bytes(frame.AT_BODY) + body, len(body))

    def write(self, blob: bytes, trial_s: int = 0) -> tuple[int, tuple]:
        """Write a configuration whole and apply it."""
        for offset in range(0, len(blob), 100):
            assert self.ask(m.CONFIG_WRITE, offset, blob[offset : offset + 100])[1][1] == m.ACK_OK
        return self.ask(m.CONFIG_APPLY, len(blob), binascii.crc32(blob), trial_s)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.arm()
    made.run(400)
    return made


def test_a_host_gets_an_answer_to_every_topic_and_an_ack_to_what_is_not_known(bench: Bench) -> None:
    host = Host(bench)
    for topic, _, answer in m.TOPICS:
        kind, values = host.ask(m.QUERY, topic, 0)
        assert kind == answer or (kind == m.ACK and values[1] == m.ACK_NONE)
    assert host.ask(m.QUERY, 99, 0) == (m.ACK, (m.QUERY, m.ACK_UNKNOWN, 99))
    assert host.ask(m.QUERY, m.T_PATH, 200)[1][1] == m.ACK_NONE


@pytest.mark.parametrize("hears", [True, False])
def test_a_hello_in_each_beat_to_a_neighbour_that_is_silent_brings_the_next_collection_nearer(
    tmp_path: Path, hears: bool
) -> None:
    bench = Bench(tmp_path)
    if not hears:
        bench.cut()
        for agent in bench.agents:
            agent.report = None
    bench.run(1000)
    board = bench.boards[CONTROLLER]
    beats, debt_bytes = board.beats, board.debt_bytes
    bench.run(10 * board.beat_ms)
    neighbours = sum(len(port.links) for port in board.ports)
    assert (board.beats - beats, neighbours) == (10, 2)
    hellos = 0 if hears else 10 * neighbours
    assert board.debt_bytes - debt_bytes == 10 * board.beat_bytes + hellos * HELLO_BYTES


def test_a_repeated_request_is_answered_again_and_not_done_again(bench: Bench) -> None:
    host = Host(bench)
    ask = (700, w.MS, 2, 0, 0, 0)
    host.exchange(bytes(host.link.message(m.REQUEST, ask)))
    bench.run(200)
    switches = bench.engine.switches
    bench.hosts[CONTROLLER].outbox.clear()
    kind, values = host.ask(m.REQUEST, *ask)
    assert (kind, values[0], values[1]) == (m.REPLY, 700, w.DONE)
    bench.run(200)
    assert bench.engine.switches == switches == 1


def test_f32_a_host_reads_what_is_pending_and_approves_it_by_its_id_and_no_other(tmp_path: Path) -> None:
    bench = Bench(tmp_path, autonomy=w.ASK, approve_s=60)
    bench.arm()
    bench.run(400)
    host = Host(bench)
    assert host.ask(m.QUERY, m.T_PENDING, 0) == (m.PENDING, (0, 0, 0, 0, 0, w.ASK))
    bench.agents[0].report = w.FAILED
    bench.run(200)
    kind, (number, request, target, age_ms, left_ms, autonomy) = host.ask(m.QUERY, m.T_PENDING, 0)
    assert (kind, request, target, autonomy) == (m.PENDING, w.SF_W, 1, w.ASK)
    assert number > 0
    assert age_ms + left_ms == 60_000
    assert host.ask(m.REQUEST, 700, w.APPROVE, 0, number + 1, 0, 0)[1][1:4] == (w.NOT_PENDING, w.SF_W, number)
    assert bench.engine.state == w.NORMAL
    host.exchange(bytes(host.link.message(m.REQUEST, (701, w.APPROVE, 0, number, 0, 0))))
    bench.run(200)
    assert bench.engine.state == w.ON_SPARE
    bench.hosts[CONTROLLER].outbox.clear()
    assert host.ask(m.QUERY, m.T_PENDING, 0)[1][0] == 0


@pytest.mark.parametrize(
    ("autonomy", "alone"), [(w.AUTO, 1), (w.ASK, 0), (w.ASK_THEN_AUTO, 1), (w.MANUAL, 0), (w.SHADOW, 0)]
)
def test_the_heartbeat_says_whether_the_group_acts_with_nobodys_help(tmp_path: Path, autonomy: int, alone: int) -> None:
    bench = Bench(tmp_path, autonomy=autonomy)
    bench.arm()
    bench.run(400)
    tap = bench.hardware[CONTROLLER].uarts[0].peer = Uart()
    bench.run(200)
    decoder = frame.Decoder()
    assert decoder.feed(tap.inbox, 0, len(tap.inbox))
    assert decoder.payload[0] & frame.KIND_MASK == m.HEARTBEAT
    assert bool(link.heartbeat_flags(decoder.payload) & m.FLAG_AUTOMATIC) == bool(alone)


def test_a_new_configuration_is_kept_and_the_board_resets_itself(bench: Bench) -> None:
    host = Host(bench)
    bench.group = (*bench.group[:3], 120, *bench.group[4:])
    assert host.write(bench.blob(CONTROLLER))[1][1] == m.ACK_OK
    board = bench.boards[CONTROLLER]
    assert not board.restarts.is_due()
    bench.run(300)
    assert board.restarts.is_due()
    assert bench.boot(CONTROLLER).engine.settings.interval_ms == 120


def test_the_same_configuration_changes_nothing(bench: Bench) -> None:
    host = Host(bench)
    assert host.write(bench.blob(CONTROLLER))[1][1] == m.ACK_OK
    bench.run(500)
    assert not bench.boards[CONTROLLER].restarts.is_due()


def test_a_configuration_is_refused_while_a_falling_relay_is_energised(bench: Bench) -> None:
    host = Host(bench)
    bench.engine.asked(5, w.MS, 1, 0, 0, 0)
    bench.run(200)
    bench.hosts[CONTROLLER].outbox.clear()
    bench.group = (*bench.group[:3], 120, *bench.group[4:])
    assert host.write(bench.blob(CONTROLLER))[1][1] == m.ACK_ENERGISED
    bench.run(500)
    assert not bench.boards[CONTROLLER].restarts.is_due()
    assert bench.engine.state == w.ON_SPARE


def test_bad_configurations_are_refused_by_what_is_wrong_with_them(bench: Bench) -> None:
    host = Host(bench)
    blob = bench.blob(CONTROLLER)
    kept = (bench.folder / f"{CONTROLLER}-{SLOTS[0]}").read_bytes()
    assert host.ask(m.CONFIG_WRITE, 510, b"abc")[1][1] == m.ACK_RANGE
    host.write(blob)
    assert host.ask(m.CONFIG_APPLY, len(blob), 0, 0)[1][1] == m.ACK_CRC
    assert host.write(blob[:-1])[1][1] == m.ACK_LAYOUT
    assert host.write(blob[:-4] + bytes(4))[1][1] == m.ACK_CRC
    wrong = blob[:3] + b"\xf0" + blob[4:-4]
    assert host.write(wrong + binascii.crc32(wrong).to_bytes(4, "little"))[1][1] == m.ACK_VALUE
    assert (bench.folder / f"{CONTROLLER}-{SLOTS[0]}").read_bytes() == kept
    assert not (bench.folder / f"{CONTROLLER}-{SLOTS[1]}").exists()


def test_a_board_without_configuration_answers_and_moves_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (tmp_path / f"{CONTROLLER}-{SLOTS[0]}").write_bytes(b"not a configuration")
    from hotspare_firmware import assemble

    hardware = bench.hardware[CONTROLLER]
    boots = BootRecord(hardware.memory, 0, w.C_POWER)
    store = Store(f"{tmp_path}/{CONTROLLER}-")
    bench.boards[CONTROLLER] = assemble.board(hardware, store, bench.hosts[CONTROLLER], boots)
    host = Host(bench)
    kind, values = host.ask(m.QUERY, m.T_IDENTITY, 0)
    assert kind == m.IDENTITY
    assert m.text(values[1]) == ""
    assert host.ask(m.QUERY, m.T_STATUS, 0)[1][6] & w.A_UNCONFIGURED
    assert host.ask(m.REQUEST, 1, w.MS, 2, 0, 0, 0)[1][1] == w.NOT_CONTROLLER
    assert host.ask(m.QUERY, m.T_PENDING, 0)[1][1] == m.ACK_NONE
    assert host.ask(m.REQUEST, 2, w.APPROVE, 0, 1, 0, 0)[1][1] == w.NOT_CONTROLLER
    assert host.write(bench.blob(CONTROLLER))[1][1] == m.ACK_OK
    assert hardware.pins["relay1"].level == 0


def test_a_board_whose_configuration_names_pins_that_it_has_not_follows_none(bench: Bench) -> None:
    bench.hardware[CONTROLLER].wired = False
    bench.boot(CONTROLLER)
    host = Host(bench)
    assert host.ask(m.QUERY, m.T_STATUS, 0)[1][6] & w.A_UNCONFIGURED
    assert host.ask(m.REQUEST, 1, w.MS, 2, 0, 0, 0)[1][1] == w.NOT_CONTROLLER


def test_a_board_that_is_up_for_years_still_answers(bench: Bench) -> None:
    bench.boards[CONTROLLER].uptime_s = 5 * 365 * 86400
    host = Host(bench)
    assert host.ask(m.QUERY, m.T_STATUS, 0)[0] == m.STATUS
    bench.agents[0].report = w.FAILED
    bench.run(200)
    assert bench.engine.state == w.ON_SPARE


@given(kind=st.integers(1, 31), body=st.binary(max_size=60))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_whatever_a_host_says_in_a_session_never_stops_the_board(bench: Bench, kind: int, body: bytes) -> None:
    host = Host(bench)
    host.link.encoder.payload[frame.AT_BODY : frame.AT_BODY + len(body)] = body
    host.exchange(bytes(host.link.close(kind, len(body))))
    bench.run(5)
    assert Host(bench).ask(m.QUERY, m.T_STATUS, 0)[0] == m.STATUS
