"""The explorer: every short schedule of a pair of boards with the real firmware, and the laws as its invariants."""
