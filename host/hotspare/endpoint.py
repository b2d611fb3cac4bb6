"""Where datagrams come in: an IPv4 address and a UDP port, as the file writes them; no I/O."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

PORT_LEAST, PORT_MOST = 1024, 65_535


@dataclass(frozen=True)
class Endpoint:
    """An address as a number, and a port."""

    address: int
    port: int

    def __str__(self) -> str:
        return f"{ipaddress.IPv4Address(self.address)}:{self.port}"


def parse(text: str) -> Endpoint | None:
    """Return what a text like 10.0.0.1:4700 says; None for one that no single board can have."""
    host, _, digits = text.partition(":")
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(PORT_MOST))):
        return None
    if not PORT_LEAST <= int(digits) <= PORT_MOST:
        return None
    if address.is_unspecified or address.is_multicast or address.is_reserved:
        return None
    return Endpoint(int(address), int(digits))
