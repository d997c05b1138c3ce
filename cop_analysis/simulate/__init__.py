"""Studies of any size from a seed: people, events, ratings, survey, ties, transcripts and their coding.

Only made-up data is made here, for demonstration, benchmarks and planning; no analysis, and no data of real people.
What is exported is listed in `__init__.pyi`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
