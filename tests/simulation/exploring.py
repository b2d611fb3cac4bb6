"""Explores one setup with packages from elsewhere, until a law breaks; a script of its own.

Arguments: the repository's root, the folder that holds the packages, the setup, the states. Ends with 1 and the law
when one is broken, with 0 when none is.
"""

import sys

ROOT, FOLDER, SETUP, STATES = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
SECONDS = 1000.0  # never reached: whoever waits gives up sooner
sys.path[:0] = [FOLDER, ROOT + "/host", ROOT + "/protocol", ROOT + "/firmware"]

from hotspare.simulator.explorer.search import explore  # noqa: E402
from hotspare.simulator.explorer.setups import SETUPS  # noqa: E402

spoiled = [name for name, module in sys.modules.items() if str(getattr(module, "__file__", "")).startswith(FOLDER)]
assert spoiled, "the search is for other packages"
found = explore(SETUPS[SETUP], STATES, SECONDS)
print(f"{found.broken or 'nothing'} ({found.states} states, {found.seconds:.1f} s)")
sys.exit(1 if found.broken else 0)
