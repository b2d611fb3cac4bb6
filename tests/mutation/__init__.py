"""Mutation testing of the engine: each small change must make a test fail; see docs/reference/testing.md."""
