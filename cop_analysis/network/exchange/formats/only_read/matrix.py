"""A plain matrix of numbers, with or without names; read, and written by no one, since a CSV of ties says more."""

from __future__ import annotations

import re

from cop_analysis.network.exchange.formats.csv import read_matrix
from cop_analysis.network.exchange.kinds import Beginning, Format, ReadTables, Source

_NUMBERS = re.compile(r"[\s,;]*(?:(?:[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|NA)(?:[\s,;]+|\Z))+\Z")


def _recognises(beginning: Beginning) -> bool:
    return _NUMBERS.match(beginning.first) is not None


def _reads(source: Source) -> ReadTables:
    text, notes = source.text()
    tables, more = read_matrix(text, source.name, source.directed, source.layout)
    return ReadTables([tables], [*notes, *more])


FORMAT = Format(
    title="a plain matrix", place=70, described="a matrix", recognises=_recognises, may_be_text=True, reads=_reads
)
