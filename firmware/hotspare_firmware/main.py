"""The loop: the only place where clock, wait and watchdog meet the board. One flat loop, no asyncio, no print."""

import gc
import io
import select
import sys
import time

import micropython

# a collection after so many bytes keeps what stays of the imports together; compiling leaves many times as much behind
IMPORT_COLLECT_BYTES = 16384
CTRL_C = 3


def run(board, hardware, poller, parts, collect_bytes):
    """Step the board for ever; return when it asks for a reset. Only a step with all its `parts` feeds the watchdog."""
    ticks_ms = time.ticks_ms
    ticks_diff = time.ticks_diff
    restarts = board.restarts
    last = ticks_ms()
    collected = False
    asked_ms = 0
    while True:
        now = ticks_ms()
        elapsed_ms = ticks_diff(now, last)
        last = now
        if elapsed_ms > asked_ms:
            board.count_late(elapsed_ms - asked_ms)
        asked_ms = board.step(elapsed_ms)
        if board.parts == parts:
            hardware.feed()
        if restarts.is_due():
            return
        if board.beat_left_ms == board.beat_ms:  # a beat has just gone out: nothing is due for most of an interval
            if board.debt_bytes >= collect_bytes:
                board.debt_bytes = 0
                gc.collect()
                collected = True
            elif collected:
                board.heap_free = hardware.heap_free()
                collected = False
        wait_ms = asked_ms - ticks_diff(ticks_ms(), now)
        if wait_ms > 0:
            for _ in poller.ipoll(wait_ms):
                pass


def main():
    """Assemble the board and run it; whatever ends the loop ends in a reset. In a maintenance boot the REPL follows."""
    micropython.kbd_intr(-1)  # a 0x03 in the host's frames must not stop the firmware
    gc.threshold(IMPORT_COLLECT_BYTES)
    from .bootrecord import MAINTENANCE, PLANNED, BootRecord
    from .hardware import Hardware

    hardware = Hardware()
    words, at = hardware.kept()
    boots = BootRecord(words, at, hardware.cause())
    if boots.cause == MAINTENANCE:
        _open(hardware)
        boots.intend(PLANNED)  # however that is ended, no watchdog did it
        return
    try:
        _serve(hardware, boots)
    except Exception as error:
        _tell(error, boots)
    finally:
        hardware.reset()


def _open(hardware):
    """Leave the board to whoever has its host port: every output at rest, no watchdog, and Ctrl-C interrupts again."""
    from .store import Store

    hardware.wire(Store().pins())
    hardware.fall()
    micropython.kbd_intr(CTRL_C)


def _serve(hardware, boots):
    from .store import Store

    store = Store()
    hardware.wire(store.pins())
    hardware.fall()
    from hotspare_wire.heap import COLLECT_BYTES

    from . import assemble
    from .board import PARTS
    from .restarts import WATCHDOG_DEFAULT_MS
    from .usb import Usb

    board = assemble.board(hardware, store, Usb(), boots)
    poller = select.poll()
    poller.register(sys.stdin, select.POLLIN)
    for port in board.ports:
        if port.stream:
            poller.register(port.stream, select.POLLIN)
    gc.collect()
    board.heap_free = hardware.heap_free()
    gc.threshold(-1)  # from here on collections have their time: right after a beat
    hardware.start_watchdog(board.configuration.watchdog_ms if board.configuration else WATCHDOG_DEFAULT_MS)
    run(board, hardware, poller, PARTS, COLLECT_BYTES)
    boots.intend(board.restarts.intent)


def _tell(error, boots):
    # first what costs no memory: that there was none is told too
    boots.failed(error)
    gc.collect()
    from .store import Store

    told = io.StringIO()
    sys.print_exception(error, told)
    boots.came_from(told.getvalue())
    Store().save_fault(told.getvalue())
