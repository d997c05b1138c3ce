"""Collaboration networks: built from ties, measured against chance, compared between waves, drawn.

A notebook opens one object, `network.waves(programme, relation)`, with a method for each heading. Measures take graphs
and tables of anybody's (`methods/`), pictures take answers (`pictures/`), pages put both together (`pages/`), and
`exchange/` reads and writes the files of other programs. What is exported stands in ``__init__.pyi``, once.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
