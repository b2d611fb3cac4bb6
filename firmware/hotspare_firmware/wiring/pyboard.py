"""Wiring of a pyboard v1.1 (STM32F405RG): pin names as printed on the board, as plain data; imports nothing.

Rules of the chip (STM32F405 datasheet DS8626 and reference manual RM0090, STMicroelectronics; pinout of PYBv1.1,
micropython.org):
- Pins float at reset and until the firmware drives them: every relay driver has an external pull-down, at most
  8.2 kOhm, and so has every input. Every reset returns pins there: an energised plain relay falls at that moment.
- X9 and X10 have pull-ups of the accelerometer's bus, X17 is the user switch with its pull-up: none goes to the rack.
- X18 (PC13) drives 3 mA at most: here it is an input.
- A UART's pins follow from its number: UART 6 is Y1/Y2, UART 3 is Y9/Y10. UARTs have no transmit buffer: a write ends
  when its last byte has left, 2.8 ms for a heartbeat at 115,200 baud, and the loop waits for that.
- The host's port is USB.
- The independent watchdog runs on the LSI oscillator, 17 to 47 kHz where 32 is meant: it bites after 68 to 188 % of its
  time-out.
- RAM is 128 KB: a beacon's firmware has room, a controller's is tight.
"""

KIND = "pyboard"

# name, pin, what to connect
PINS = (
    ("uart0_tx", "Y1", "crosslink A out, to the RS-232 transceiver's driver input"),
    ("uart0_rx", "Y2", "crosslink A in, from the RS-232 transceiver's receiver output"),
    ("uart1_tx", "Y9", "agent, or crosslink B, out: 3.3 V, RS-232 by a converter"),
    ("uart1_rx", "Y10", "agent, or crosslink B, in: 3.3 V, RS-232 by a converter"),
    ("pulse_out", "Y3", "pulse to the neighbour's pulse_in, where crosslink B is a pulse"),
    ("pulse_in", "Y4", "pulse from the neighbour, external pull-down"),
    ("relay1", "X3", "driver of line 1's relay, active-high; latching: the coil towards the spare"),
    ("relay1_second", "X4", "line 1's other coil: latching, to the primary; interlocked, the primary's; fenced, fence"),
    ("sense1_primary", "X5", "read-back of line 1's contact on the primary, external pull-down"),
    ("sense1_spare", "X6", "read-back of line 1's contact on the spare, external pull-down"),
    ("relay2", "X7", "driver of line 2's relay, active-high; latching: the coil towards the spare"),
    ("relay2_second", "X8", "line 2's other coil: latching, to the primary; interlocked, the primary's; fenced, fence"),
    ("sense2_primary", "X11", "read-back of line 2's contact on the primary, external pull-down"),
    ("sense2_spare", "X12", "read-back of line 2's contact on the spare, external pull-down"),
    ("relay3", "Y5", "driver of line 3's relay, active-high; latching: the coil towards the spare"),
    ("relay3_second", "Y6", "line 3's other coil: latching, to the primary; interlocked, the primary's; fenced, fence"),
    ("sense3_primary", "Y7", "read-back of line 3's contact on the primary, external pull-down"),
    ("sense3_spare", "Y8", "read-back of line 3's contact on the spare, external pull-down"),
    ("supply", "X19", "high while the supply of the relay coils is present, external pull-down"),
    ("alarm", "X20", "driver of the alarm relay, energised while all is well"),
    ("start", "X21", "driver that starts a cold spare, active-high"),
    ("lockout", "X22", "lockout switch: high locks the spare out, external pull-down"),
    ("contact", "Y11", "the primary's dry contact: high while it is well, external pull-down"),
    ("invalid_a", "Y12", "INVALID of crosslink A's RS-232 receiver: high while its cable carries RS-232 levels"),
    ("invalid_b", "X18", "the same of crosslink B"),
    ("led", "LED_BLUE", "the board's own blue LED"),
)

# number of the UART, its pins; the first is crosslink A's
UARTS = ((6, "uart0_tx", "uart0_rx"), (3, "uart1_tx", "uart1_rx"))
UARTS_FIXED = True  # whether the number says the pins, and a write ends only when its last byte has left

# every pin on the board's two rows, and the LED
PADS = (
    ("X1", "X2", "X3", "X4", "X5", "X6", "X7", "X8", "X9", "X10", "X11", "X12")
    + ("X17", "X18", "X19", "X20", "X21", "X22")
    + ("Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7", "Y8", "Y9", "Y10", "Y11", "Y12", "LED_BLUE")
)
RESERVED = ("X9", "X10", "X17")  # the board's own: the firmware never touches them
STRAPPING = ()  # levels that say how the chip boots
GLITCHING = ()  # high by themselves for a while at power-up or while the chip boots
INPUT_ONLY = ()  # no driver and no pulls
KEEPS_PADS = False  # whether outputs stay as they were when the watchdog or the firmware resets the chip
WATCHDOG_MAX_MS = 32767
WATCHDOG_LATE_PERCENT = 188  # of its time-out, when it bites at the latest
# of the boot record, by chip: backup registers 8 to 11 of the RTC, which outlive all resets but a loss of power
KEPT = {"STM32F405RG": 0x40002870}
HEAP_KB = 100  # what MicroPython leaves for the firmware, about
NETWORK = False  # whether it has a network, for heartbeats over UDP
