"""Wiring of a Raspberry Pi Pico (RP2040) or Pico 2 (RP2350): pin numbers as plain data; imports nothing.

Rules of the chip (RP2040 and RP2350 datasheets, Raspberry Pi Ltd):
- Pads reset to inputs with the pull-down on, so relay drivers are active-high with an external pull-down of their own.
- RP2350 erratum E9: an input pad can hold about 2.2 V against the internal pull-down. Read-backs and pulse inputs have
  an external pull-down of at most 8.2 kOhm; a relay is released by driving its pin low, never by making it an input.
- GPIO 23, 24 and 29 belong to the board's supply, 25 is its LED: none of them goes to the rack.
- UART0 may use GPIO 0/1, 12/13, 16/17; UART1 4/5, 8/9. Other pins do not reach the UART.
"""

KIND = "pico"

# name, GPIO, what to connect
PINS = (
    ("uart0_tx", 0, "crosslink A out, to the RS-232 transceiver's driver input"),
    ("uart0_rx", 1, "crosslink A in, from the RS-232 transceiver's receiver output"),
    ("uart1_tx", 4, "agent, or crosslink B, out"),
    ("uart1_rx", 5, "agent, or crosslink B, in"),
    ("pulse_out", 6, "pulse to the neighbour's pulse_in, where crosslink B is a pulse"),
    ("pulse_in", 7, "pulse from the neighbour, external pull-down"),
    ("relay1", 10, "driver of line 1's changeover relay, active-high; for a latching relay the coil towards the spare"),
    ("relay1_reset", 11, "driver of the latching relay's coil towards the primary; not connected otherwise"),
    ("sense1_primary", 12, "high while line 1's contact on the primary is closed, external pull-down"),
    ("sense1_spare", 13, "high while line 1's contact on the spare is closed, external pull-down"),
    ("supply", 14, "high while the supply of the relay coils is present, external pull-down"),
    ("alarm", 15, "driver of the alarm relay, energised while all is well"),
    ("led", 25, "the board's own LED"),
)

UARTS = ((0, "uart0_tx", "uart0_rx"), (1, "uart1_tx", "uart1_rx"))
# pins that the firmware must never drive on this board
RESERVED = (23, 24, 29)
WATCHDOG_MAX_MS = 8388
