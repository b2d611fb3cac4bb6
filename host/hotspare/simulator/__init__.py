"""The simulator: the unmodified firmware on boards in this process, between the rig's models, under virtual time."""
