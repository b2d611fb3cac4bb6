"""The firmware: the same files on every board, controller or beacon by configuration."""

VERSION = "0.1.0"
