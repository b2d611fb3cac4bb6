"""What is said: frames, messages and links of hotspare, in the common subset of MicroPython and CPython."""
