"""Reach, session ratings over time and stated figures: what the events table, attendance and ratings can answer.

`series` opens a study's sessions; what is exported is listed in `__init__.pyi`. This room never imports another
analysis room.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
