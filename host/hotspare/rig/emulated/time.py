"""The board's clock: ticks of 30 bits that begin where the rig says and drift as it says; runs on MicroPython."""

import os

import utime
from utime import gmtime, localtime, mktime, sleep, time, time_ns  # noqa: F401 - the module stands in for the built-in

TICKS_MASK = (1 << 30) - 1
TICKS_HALF = 1 << 29
_start_us = int(os.getenv("HOTSPARE_TICKS_START_MS") or 0) * 1000
_drift_ppm = int(os.getenv("HOTSPARE_DRIFT_PPM") or 0)
_zero_us = utime.ticks_us()


def _us():
    gone_us = utime.ticks_us() - _zero_us
    if _drift_ppm:
        gone_us += gone_us * _drift_ppm // 1000000
    return _start_us + gone_us


def ticks_ms():
    return _us() // 1000 & TICKS_MASK


def ticks_us():
    return _us() & TICKS_MASK


def ticks_cpu():
    return _us() & TICKS_MASK


def ticks_add(ticks, delta):
    if not -TICKS_HALF <= delta < TICKS_HALF:
        raise OverflowError("ticks interval overflow")
    return (ticks + delta) & TICKS_MASK


def ticks_diff(later, earlier):
    return ((later - earlier + TICKS_HALF) & TICKS_MASK) - TICKS_HALF


def sleep_us(us):
    if us > 0:
        utime.sleep_us(us)


def sleep_ms(ms):
    # the built-in polls twice a millisecond, which costs much with many boards
    if ms > 0:
        utime.sleep_us(ms * 1000)
