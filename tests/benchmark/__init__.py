"""The benchmark: what hotspare promises in figures, measured, each beside its limit. Never a test: nothing here asserts a time."""
