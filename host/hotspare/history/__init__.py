"""The history: what the boards recorded, kept on the host for good; only its `database` touches a file."""
