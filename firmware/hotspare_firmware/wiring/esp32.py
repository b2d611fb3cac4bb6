"""Wiring of an ESP32 board with a WROOM-32 module: pin numbers as plain data; imports nothing.

Rules of the chip (ESP32 Series Datasheet, sections Pins and Boot Configurations; ESP-IDF Programming Guide, GPIO and
System, Espressif Systems):
- GPIO 0, 2, 5, 12 and 15 are strapping pins: their level at power-up says how the chip boots, so nothing from the rack
  is wired to them. GPIO 2 is the LED of many boards.
- GPIO 0, 1, 3, 5, 14 and 15 are high for a while at power-up and while the chip boots: never a relay, alarm or start.
  On GPIO 14 stands an input, through 1 kOhm.
- GPIO 6 to 11 belong to the flash, 16 and 17 to the PSRAM of other modules.
- GPIO 34 to 39 are inputs only and have no pulls: an external pull-down, at most 8.2 kOhm, is what makes a lost wire
  read 0. 37 and 38 are not brought out.
- UART0 (GPIO 1 and 3) is the REPL and so the host's port, at 115,200 baud through the board's USB bridge. Crosslink A
  is UART1, the second port is UART2.
- A reset by the watchdog or by the firmware resets the CPUs and leaves outputs as they were: what was energised stays
  so until the firmware runs again, which drives every relay low before anything else. Loss of power and the EN pin
  return pads to their reset state at once. So the external pull-down at each driver is needed here too.
- This board has pins for one line.
"""

KIND = "esp32"

# name, pin, what to connect
PINS = (
    ("uart0_tx", 18, "crosslink A out, to the RS-232 transceiver's driver input"),
    ("uart0_rx", 19, "crosslink A in, from the RS-232 transceiver's receiver output"),
    ("uart1_tx", 22, "agent, or crosslink B, out: 3.3 V, RS-232 by a converter"),
    ("uart1_rx", 23, "agent, or crosslink B, in: 3.3 V, RS-232 by a converter"),
    ("pulse_out", 21, "pulse to the neighbour's pulse_in, where crosslink B is a pulse"),
    ("pulse_in", 32, "pulse from the neighbour, external pull-down"),
    ("relay1", 25, "driver of line 1's relay, active-high; latching: the coil towards the spare"),
    ("relay1_second", 26, "line 1's other coil: latching, to the primary; interlocked, the primary's; fenced, fence"),
    ("sense1_primary", 34, "read-back of line 1's contact on the primary, external pull-down"),
    ("sense1_spare", 35, "read-back of line 1's contact on the spare, external pull-down"),
    ("supply", 36, "high while the supply of the relay coils is present, external pull-down"),
    ("alarm", 27, "driver of the alarm relay, energised while all is well"),
    ("start", 33, "driver that starts a cold spare, active-high"),
    ("lockout", 39, "lockout switch: high locks the spare out, external pull-down"),
    ("contact", 14, "the primary's dry contact through 1 kOhm: high while it is well, external pull-down"),
    ("invalid_a", 13, "INVALID of crosslink A's RS-232 receiver: high while its cable carries RS-232 levels"),
    ("invalid_b", 4, "the same of crosslink B"),
    ("led", 2, "an LED to ground, as many boards have on this pin"),
)

# number of the UART, its pins; the first is crosslink A's
UARTS = ((1, "uart0_tx", "uart0_rx"), (2, "uart1_tx", "uart1_rx"))
UARTS_FIXED = False  # whether the number says the pins, and a write ends only when its last byte has left

# every pin there is
PADS = tuple(range(20)) + (21, 22, 23, 25, 26, 27) + tuple(range(32, 40))
# the flash, the PSRAM of other modules, the REPL: the firmware never touches them
RESERVED = (1, 3, 6, 7, 8, 9, 10, 11, 16, 17)
STRAPPING = (0, 2, 5, 12, 15)  # levels that say how the chip boots
GLITCHING = (0, 1, 3, 5, 14, 15)  # high by themselves for a while at power-up or while the chip boots
INPUT_ONLY = (34, 35, 36, 37, 38, 39)  # no driver and no pulls
KEEPS_PADS = True  # whether outputs stay as they were when the watchdog or the firmware resets the chip
WATCHDOG_MAX_MS = 1 << 29  # the task watchdog takes any time-out
WATCHDOG_LATE_PERCENT = 100  # of its time-out, when it bites at the latest
KEPT = None  # the boot record is in the memory of the RTC, which outlives all resets but EN and power
HEAP_KB = 160  # what MicroPython leaves for the firmware, about; without PSRAM
NETWORK = True  # whether it has a network, for heartbeats over UDP
