"""Settings of the test processes."""

import os

# The test processes already take every core; a thread a core in each of them waits more than it works.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
