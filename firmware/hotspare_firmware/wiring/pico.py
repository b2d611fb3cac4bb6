"""Wiring of a Raspberry Pi Pico (RP2040) or Pico 2 (RP2350): pin numbers as plain data; imports nothing.

Rules of the chip (RP2040 and RP2350 datasheets, Raspberry Pi Ltd; Raspberry Pi Pico datasheet):
- Pads reset to inputs with the pull-down on, so relay drivers are active-high with an external pull-down of their own.
  Every reset returns them there: an energised plain relay falls at that moment.
- RP2350 erratum E9: an input pad can hold about 2.2 V against the internal pull-down. Read-backs and pulse inputs have
  an external pull-down of at most 8.2 kOhm; a relay is released by driving its pin low, never by making it an input.
- GPIO 23, 24 and 29 belong to the board's supply, 25 is its LED: none of them goes to the rack.
- UART0 may use GPIO 0/1, 12/13, 16/17; UART1 4/5, 8/9. Other pins do not reach the UART. Both are free: the host's
  port is USB.
- The watchdog counts microseconds in 24 bits, twice each (erratum RP2040-E1).
"""

KIND = "pico"

# name, pin, what to connect
PINS = (
    ("uart0_tx", 0, "crosslink A out, to the RS-232 transceiver's driver input"),
    ("uart0_rx", 1, "crosslink A in, from the RS-232 transceiver's receiver output"),
    ("uart1_tx", 4, "agent, or crosslink B, out: 3.3 V, RS-232 by a converter"),
    ("uart1_rx", 5, "agent, or crosslink B, in: 3.3 V, RS-232 by a converter"),
    ("pulse_out", 6, "pulse to the neighbour's pulse_in, where crosslink B is a pulse"),
    ("pulse_in", 7, "pulse from the neighbour, external pull-down"),
    ("relay1", 10, "driver of line 1's relay, active-high; latching: the coil towards the spare"),
    ("relay1_second", 11, "line 1's other coil: latching, to the primary; interlocked, the primary's; fenced, fence"),
    ("sense1_primary", 12, "read-back of line 1's contact on the primary, external pull-down"),
    ("sense1_spare", 13, "read-back of line 1's contact on the spare, external pull-down"),
    ("relay2", 16, "driver of line 2's relay, active-high; latching: the coil towards the spare"),
    ("relay2_second", 17, "line 2's other coil: latching, to the primary; interlocked, the primary's; fenced, fence"),
    ("sense2_primary", 18, "read-back of line 2's contact on the primary, external pull-down"),
    ("sense2_spare", 19, "read-back of line 2's contact on the spare, external pull-down"),
    ("relay3", 20, "driver of line 3's relay, active-high; latching: the coil towards the spare"),
    ("relay3_second", 21, "line 3's other coil: latching, to the primary; interlocked, the primary's; fenced, fence"),
    ("sense3_primary", 22, "read-back of line 3's contact on the primary, external pull-down"),
    ("sense3_spare", 26, "read-back of line 3's contact on the spare, external pull-down"),
    ("supply", 14, "high while the supply of the relay coils is present, external pull-down"),
    ("alarm", 15, "driver of the alarm relay, energised while all is well"),
    ("start", 2, "driver that starts a cold spare, active-high"),
    ("lockout", 3, "lockout switch: high locks the spare out, external pull-down"),
    ("contact", 8, "the primary's dry contact: high while it is well, external pull-down"),
    ("invalid_a", 9, "INVALID of crosslink A's RS-232 receiver: high while its cable carries RS-232 levels"),
    ("invalid_b", 27, "the same of crosslink B"),
    ("led", 25, "the board's own LED"),
)

# number of the UART, its pins; the first is crosslink A's
UARTS = ((0, "uart0_tx", "uart0_rx"), (1, "uart1_tx", "uart1_rx"))
UARTS_FIXED = False  # whether the number says the pins, and a write ends only when its last byte has left

PADS = tuple(range(30))  # every pin there is
RESERVED = (23, 24, 29)  # the board's own: the firmware never touches them
STRAPPING = ()  # levels that say how the chip boots
GLITCHING = ()  # high by themselves for a while at power-up or while the chip boots
INPUT_ONLY = ()  # no driver and no pulls
KEEPS_PADS = False  # whether outputs stay as they were when the watchdog or the firmware resets the chip
WATCHDOG_MAX_MS = 8388
WATCHDOG_LATE_PERCENT = 100  # of its time-out, when it bites at the latest
# of the boot record, by chip: scratch 0 to 3 of the watchdog, which outlive all resets but RUN and a loss of power
KEPT = {"RP2040": 0x4005800C, "RP2350": 0x400D800C}
HEAP_KB = 240  # what MicroPython leaves for the firmware, about
NETWORK = False  # whether it has a network, for heartbeats over UDP
