"""Wiring of each kind of board, as plain data with the hardware's rules beside it."""
