"""The board's `socket`: real datagrams on loopback, to the rig in place of the neighbour; runs on MicroPython."""

import os

import usocket
from usocket import *  # noqa: F403 - the module stands in for the built-in

ANY = "0.0.0.0"
NO_NAME = -2  # EAI_NONAME

# address and port of the neighbour, and the port at which the rig stands for it
_neighbour, _, _port = (os.getenv("HOTSPARE_NETWORK") or "").partition("=")


def getaddrinfo(host, port, *rest):
    """Return where a socket is to bind, or to find the neighbour; nobody else is on this network."""
    if host == ANY:
        return usocket.getaddrinfo("127.0.0.1", 0, *rest)
    if "%s:%d" % (host, port) != _neighbour:
        raise OSError(NO_NAME)
    return usocket.getaddrinfo("127.0.0.1", int(_port), *rest)
