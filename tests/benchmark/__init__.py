"""The benchmark: what hotspare promises in figures, each measured beside its limit; nothing here asserts a time."""
