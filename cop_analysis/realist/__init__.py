"""Realist analysis: codes, extracts, configurations and evidence, how they are kept, checked and shown.

`documents` reads texts, `model` says what a coding is made of, `store` keeps it and `erasure` takes somebody out of it;
`coding` is what a person works with. `exchange` reads and writes files of other programs, `importing` brings them into
a study. `methods`, `pictures` and `pages` show what was found. The names of `__init__.pyi` are loaded as they are asked
for.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
