"""The rig: boards with cables, relays and units that tests and people can reach into; emulated here, real elsewhere."""
