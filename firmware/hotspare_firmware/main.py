"""The loop: the only place where clock, wait and watchdog meet the board. One flat loop, no asyncio, no print."""

import gc
import select
import sys
import time

import micropython

WATCHDOG_DEFAULT_MS = 2500
# a collection after so many bytes keeps what stays of the imports together; compiling leaves many times as much behind
IMPORT_COLLECT_BYTES = 16384


def run(board, hardware, poller, parts, collect_bytes):
    """Step the board for ever; return when it asks for a reset. Only a step with all its `parts` feeds the watchdog."""
    ticks_ms = time.ticks_ms
    ticks_diff = time.ticks_diff
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
        if board.is_reset_due():
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
    """Assemble the board and run it; whatever ends the loop ends in a reset."""
    micropython.kbd_intr(-1)  # a 0x03 in the host's frames must not stop the firmware
    gc.threshold(IMPORT_COLLECT_BYTES)
    from .hardware import Hardware

    hardware = Hardware()
    try:
        _serve(hardware)
    finally:
        hardware.reset()


def _serve(hardware):
    from .store import Store

    store = Store()
    hardware.wire(store.pins())
    hardware.fall()
    try:
        from hotspare_wire.heap import COLLECT_BYTES

        from . import assemble
        from .board import PARTS
        from .usb import Usb

        board = assemble.board(hardware, store, Usb())
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
    except Exception as error:
        store.save_fault(error)
