"""Wiring of an ESP32-S3 board with a WROOM-1 module: pin numbers as plain data; imports nothing.

Rules of the chip (ESP32-S3 Series Datasheet, tables Pin Overview and Power-Up Glitches on Pins, section Boot
Configurations; ESP-IDF Programming Guide, GPIO and System, Espressif Systems):
- GPIO 0, 3, 45 and 46 are strapping pins: their level at power-up says how the chip boots, so nothing from the rack is
  wired to them. GPIO 3 takes an LED.
- GPIO 18, 19 and 20 are driven high for 60 us and more at power-up, GPIO 39 is pulled up after a reset: never a relay,
  alarm or start. GPIO 1 to 17 are driven low for 60 us, which an active-high driver does not see.
- GPIO 26 to 32 belong to the flash, 33 to 37 to the eight-line flash or PSRAM of other modules, 19 and 20 to USB, 43
  and 44 to UART0, which is a REPL too.
- GPIO 47 and 48 work at 1.8 V on modules with 1.8 V flash (R8V, R16V): do not use those.
- GPIO 38 or 48 also leads to the RGB LED of some boards.
- The host's port is USB, or UART0 at 115,200 baud on boards with a bridge. Crosslink A is UART1, the second port UART2.
- A reset by the watchdog or by the firmware resets the CPUs and leaves outputs as they were: what was energised stays
  so until the firmware runs again, which drives every relay low before anything else. Loss of power and the EN pin
  return pads to their reset state, floating, at once: each driver has an external pull-down.
"""

KIND = "esp32s3"

# name, pin, what to connect
PINS = (
    ("uart0_tx", 8, "crosslink A out, to the RS-232 transceiver's driver input"),
    ("uart0_rx", 9, "crosslink A in, from the RS-232 transceiver's receiver output"),
    ("uart1_tx", 10, "agent, or crosslink B, out: 3.3 V, RS-232 by a converter"),
    ("uart1_rx", 11, "agent, or crosslink B, in: 3.3 V, RS-232 by a converter"),
    ("pulse_out", 12, "pulse to the neighbour's pulse_in, where crosslink B is a pulse"),
    ("pulse_in", 13, "pulse from the neighbour, external pull-down"),
    ("relay1", 4, "driver of line 1's relay, active-high; latching: the coil towards the spare"),
    ("relay1_second", 5, "line 1's other coil: latching, to the primary; interlocked, the primary's; fenced, fence"),
    ("sense1_primary", 1, "read-back of line 1's contact on the primary, external pull-down"),
    ("sense1_spare", 2, "read-back of line 1's contact on the spare, external pull-down"),
    ("relay2", 6, "driver of line 2's relay, active-high; latching: the coil towards the spare"),
    ("relay2_second", 7, "line 2's other coil: latching, to the primary; interlocked, the primary's; fenced, fence"),
    ("sense2_primary", 40, "read-back of line 2's contact on the primary, external pull-down"),
    ("sense2_spare", 41, "read-back of line 2's contact on the spare, external pull-down"),
    ("relay3", 15, "driver of line 3's relay, active-high; latching: the coil towards the spare"),
    ("relay3_second", 16, "line 3's other coil: latching, to the primary; interlocked, the primary's; fenced, fence"),
    ("sense3_primary", 42, "read-back of line 3's contact on the primary, external pull-down"),
    ("sense3_spare", 14, "read-back of line 3's contact on the spare, external pull-down"),
    ("supply", 18, "high while the supply of the relay coils is present, external pull-down"),
    ("alarm", 17, "driver of the alarm relay, energised while all is well"),
    ("start", 21, "driver that starts a cold spare, active-high"),
    ("lockout", 38, "lockout switch: high locks the spare out, external pull-down"),
    ("contact", 39, "the primary's dry contact: high while it is well, external pull-down"),
    ("invalid_a", 47, "INVALID of crosslink A's RS-232 receiver: high while its cable carries RS-232 levels"),
    ("invalid_b", 48, "the same of crosslink B"),
    ("led", 3, "an LED to ground"),
)

# number of the UART, its pins; the first is crosslink A's
UARTS = ((1, "uart0_tx", "uart0_rx"), (2, "uart1_tx", "uart1_rx"))
UARTS_FIXED = False  # whether the number says the pins, and a write ends only when its last byte has left

PADS = tuple(range(22)) + tuple(range(26, 49))  # every pin there is
# USB, the flash, the PSRAM of other modules, the REPL: the firmware never touches them
RESERVED = (19, 20, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 43, 44)
STRAPPING = (0, 3, 45, 46)  # levels that say how the chip boots
GLITCHING = (0, 18, 19, 20, 39, 43, 44)  # high by themselves for a while at power-up or while the chip boots
INPUT_ONLY = ()  # no driver and no pulls
KEEPS_PADS = True  # whether outputs stay as they were when the watchdog or the firmware resets the chip
WATCHDOG_MAX_MS = 1 << 29  # the task watchdog takes any time-out
WATCHDOG_LATE_PERCENT = 100  # of its time-out, when it bites at the latest
KEPT = None  # the boot record is in the memory of the RTC, which outlives all resets but EN and power
HEAP_KB = 200  # what MicroPython leaves for the firmware, about; without PSRAM
NETWORK = True  # whether it has a network, for heartbeats over UDP
