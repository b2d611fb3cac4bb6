"""What is decided: the engine of hotspare, sans I/O, in the common subset of MicroPython and CPython; imports nothing."""
