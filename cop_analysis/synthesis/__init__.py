"""Where strands of evidence meet: coded text, reach, change, ties and ratings side by side.

The only room that may use the analysis rooms together. `side_by_side` opens a study; what is exported is listed in
`__init__.pyi`; a strand of measured evidence is one file in `strands/`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
