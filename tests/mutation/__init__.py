"""Mutation testing of the engine: each small change to its decisions must make a test fail; docs/reference/testing.md."""
