"""What is decided: the engine of hotspare, sans I/O, in what MicroPython and CPython have in common."""
