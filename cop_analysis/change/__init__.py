"""Measured change: what moved between two waves of answers, tested exactly and said plainly.

`answer` answers the evaluator's question for a study in one call; the other pages (functions that take a study) look at
it from further sides, and the remaining names work on plain columns and tables. The names are listed once, in
`__init__.pyi`: methods know nothing of a study, pictures draw what methods found, pages ask a study.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
