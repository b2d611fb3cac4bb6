"""Hardware in the loop: one set of suites over any rig; imports host, wire and engine, never firmware."""
