"""Writing a file whole or not at all: beside, then renamed into place. What is written is settled elsewhere."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from cop_analysis.realist.exchange.report import ExchangeError


def write_whole(path: Path, write: Callable[[BinaryIO], None], *, overwrite: bool = True) -> Path:
    """Write a file beside its place and rename it, so that at every moment the place holds a whole file or the old one.

    Parameters
    ----------
    path : pathlib.Path
    write : callable
        Writes the content to the open binary file it is given.
    overwrite : bool
        False refuses where a file stands already, even one that appeared meanwhile.

    Raises
    ------
    ExchangeError
        When the place is a folder or a device, or taken and `overwrite` is false.
    OSError
        When the folder cannot be written; nothing half-written stays behind.
    """
    if path.is_dir():
        raise ExchangeError(f"{path} is a folder: name a file in it.")
    if path.exists() and not path.is_file():
        raise ExchangeError(f"{path} is a device or a pipe and no file, and was left as it is: name a file.")
    if not path.parent.is_dir():
        raise ExchangeError(f"There is no folder {path.parent}: make it first, or name another place for {path.name}.")
    if not overwrite and os.path.lexists(path):
        raise ExchangeError(_taken(path))
    beside = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.part")
    try:
        with open(beside, "xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            beside.replace(path)
        else:
            _place_new(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    return path


def _place_new(beside: Path, path: Path) -> None:
    try:
        os.link(beside, path)
    except FileExistsError:
        raise ExchangeError(_taken(path)) from None
    except OSError:
        # A file system without hard links: look once more, then rename.
        if os.path.lexists(path):
            raise ExchangeError(_taken(path)) from None
        beside.replace(path)
        return
    beside.unlink()


def _taken(path: Path) -> str:
    return f"{path} exists already and was left as it is: name another file, or allow it to be replaced (--force)."
