"""What frames may allocate on a 32-bit board, and after how much a collection is due, in bytes; imports nothing."""

BEAT_BYTES = 128  # a beat, twice what was measured on one: CRCs, big integers
TAG_BYTES = 512  # a tag that is made, more than was measured: two hashes, their digests, views
NETWORK_BEAT_BYTES = 128  # a beat over a network besides: the errors of a socket
HELLO_BYTES = 256  # a hello besides, more than was measured: an unheard neighbour gets one a beat
HOST_BYTES = 2048  # a frame of the host and its answer
COLLECT_BYTES = 32768  # a collection is due after so many: what a controller of a Pico is sure to have free
