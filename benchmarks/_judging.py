"""What every benchmark says of an aim: kept, MISSED, or not to be judged because the machine was busy."""

from __future__ import annotations

import time

CROWDED = 1.25
"""How much longer a plain loop may take by the clock than by the processor before seconds are no measure."""


def busy() -> float:
    """Give how much longer a plain loop takes by the clock than by the processor: 1 where nothing else runs."""
    clock, processor = time.perf_counter(), time.process_time()
    total = 0
    for number in range(3_000_000):
        total += number
    return (time.perf_counter() - clock) / (time.process_time() - processor)


def verdict(took: float, aim: float, crowd: float = 1.0, control: float | None = None) -> str:
    """Judge a measured figure by its aim; a control (the same without us) that misses it too blames the machine.

    `crowd` is what `busy` gave, 1 for a figure that does not hang on the clock.
    """
    if took <= aim:
        return "kept"
    return "machine busy" if crowd > CROWDED or (control is not None and control > aim) else "MISSED"
