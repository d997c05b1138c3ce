"""Random numbers that are the same on every platform and NumPy version; nothing here knows what is being simulated.

NumPy promises the raw 64-bit output of PCG64 and SeedSequence for ever, but not the streams of its distributions. So
only raw output is taken, and everything is made from it by whole-number arithmetic and correctly rounded
floating-point addition, multiplication and comparison; no logarithm, exponential or sine, whose last digit differs
between platforms, is ever used.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Choice = TypeVar("_Choice")
_BLOCK = 8192


class Draws:
    """A stream of draws named for what it is used for, so that adding a table leaves the other tables as they were.

    Parameters
    ----------
    seed : int
        The study's seed, at least 0.
    purpose : str
        What the stream is for, e.g. ``"survey"``; another purpose gives an unrelated stream.

    Notes
    -----
    PCG64 (O'Neill 2014) seeded by ``SeedSequence``. Normal draws are sums of twelve uniform ones minus six
    (Irwin-Hall), which is close to normal within three standard deviations and never leaves -6 to 6.

    Examples
    --------
    >>> Draws(1, "survey").whole(0, 100, 5).tolist()
    [47, 57, 59, 70, 51]
    """

    def __init__(self, seed: int, purpose: str) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([seed, zlib.crc32(purpose.encode("utf-8"))]))
        self._waiting: list[int] = []

    def uniform(self, *shape: int) -> NDArray[np.float64]:
        """Give numbers from 0 up to, not including, 1."""
        raw = self._bits.random_raw(_size(shape))
        return ((raw >> np.uint64(11)).astype(np.float64) * 2.0**-53).reshape(shape)

    def normal(self, *shape: int) -> NDArray[np.float64]:
        """Give numbers of mean 0 and standard deviation 1."""
        total = np.zeros(_size(shape), dtype=np.int64)
        for _ in range(3):
            raw = self._bits.random_raw(_size(shape))
            for shift in (0, 16, 32, 48):
                total += ((raw >> np.uint64(shift)) & np.uint64(0xFFFF)).astype(np.int64)
        # Twelve 16-bit whole numbers, each half a step short of its cell's middle.
        return ((total + 6).astype(np.float64) / 65536.0 - 6.0).reshape(shape)

    def whole(self, low: int, high: int, *shape: int) -> NDArray[np.int64]:
        """Give whole numbers from `low` up to, not including, `high`."""
        return (self.uniform(*shape) * float(high - low)).astype(np.int64) + low

    def below(self, limits: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give one whole number from 0 up to, not including, each of `limits` (0 where the limit is 0)."""
        return (self.uniform(len(limits)) * limits.astype(np.float64)).astype(np.int64)

    def order(self, count: int) -> NDArray[np.int64]:
        """Give the positions 0 to `count` - 1 in random order."""
        return np.argsort(self._bits.random_raw(count), kind="stable").astype(np.int64)

    def one(self, limit: int) -> int:
        """Give one whole number from 0 up to, not including, `limit`: the quick way to draw one at a time."""
        if not self._waiting:
            self._waiting = (self._bits.random_raw(_BLOCK) >> np.uint64(11)).tolist()[::-1]
        return self._waiting.pop() * limit >> 53

    def happens(self, share: float) -> bool:
        """Say yes in `share` of all calls."""
        return self.one(1_000_000) < share * 1_000_000

    def pick(self, choices: Sequence[_Choice]) -> _Choice:
        """Give one of the choices."""
        return choices[self.one(len(choices))]


def highest(values: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """Mark the `count` highest values; equal values go by position.

    Examples
    --------
    >>> import numpy as np
    >>> highest(np.array([0.2, 0.9, 0.4]), 2).tolist()
    [False, True, True]
    """
    marked = np.zeros(len(values), dtype=bool)
    marked[np.argsort(-values, kind="stable")[: max(count, 0)]] = True
    return marked


def share_of(share: float, count: int) -> int:
    """Give the whole number nearest to a share of a count, halves up.

    Examples
    --------
    >>> share_of(0.07, 29), share_of(0.5, 1)
    (2, 1)
    """
    return int(share * count + 0.5)


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
