"""hotspare on the host: configuration, command line, agent and the emulated rig."""

__version__ = "0.1.0"
