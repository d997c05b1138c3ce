"""Where the database of a study's coding is: a file in the study folder, or what study.toml says; nothing is opened."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.places import Place, find_place

DATABASE_FILE: Final = "coding.db"

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LONGEST_NAME = 63
"""PostgreSQL cuts a longer name short without a word."""


@dataclass(frozen=True)
class Address:
    """The database of one study's coding.

    Parameters
    ----------
    url : sqlalchemy.engine.URL
    study : str
        The study's key; in PostgreSQL each study has a schema of its own, so that a team's studies share a database.
    folder : pathlib.Path
        The study folder, where coding.json is.
    path : pathlib.Path or None
        The file of an SQLite database.
    place : Place
        Where that file lies.
    notices : tuple of str
        What should be said at opening.
    """

    url: URL = field(repr=False)
    study: str
    folder: Path
    path: Path | None
    place: Place = field(default_factory=Place)
    notices: tuple[str, ...] = ()

    @property
    def schema(self) -> str:
        """The schema of the study's tables in PostgreSQL."""
        name = f"cop_{self.study}"
        if len(name.encode()) <= _LONGEST_NAME:
            return name
        return f"{name[:40]}_{hashlib.sha256(name.encode()).hexdigest()[:16]}"

    @property
    def name(self) -> str:
        """The database in a sentence: the file, or the schema on a server, whose address is nobody else's business."""
        return self.path.name if self.path is not None else f"PostgreSQL, schema {self.schema}"


def find_address(folder: Path, study: str, setting: str = "", environment: Mapping[str, str] | None = None) -> Address:
    """Say where a study's coding is kept.

    Parameters
    ----------
    folder : pathlib.Path
        The study folder.
    study : str
        Its key.
    setting : str
        What study.toml says under ``[coding] database``: empty for the file coding.db in the folder; otherwise
        ``postgresql+psycopg://user:${COP_DATABASE_PASSWORD}@host/name`` or ``sqlite:///path``. A name in ``${}`` is
        an environment variable, so that no secret stands in the file.
    environment : mapping, optional
        The environment variables.

    Raises
    ------
    CodingError
        When the setting cannot be understood or its variable is not set.

    Examples
    --------
    >>> find_address(Path("forum"), "forum").name
    'coding.db'
    >>> find_address(Path("forum"), "forum", "postgresql://a:${PW}@db/team", {"PW": "x/y"}).name
    'PostgreSQL, schema cop_forum'
    """
    if not setting:
        return _of_file(folder / DATABASE_FILE, folder, study)
    variables = os.environ if environment is None else environment
    missing = [name for name in _VARIABLE.findall(setting) if not variables.get(name)]
    if missing:
        raise CodingError(
            f"study.toml takes its coding database from the environment variable {missing[0]}, which is not set: set "
            "it before you start Python or the command line."
        )
    # The variables are put in after the parts are told apart, so that a password may hold any character.
    names: list[str] = []

    def hold(match: re.Match[str]) -> str:
        names.append(match[1])
        return f"COPVARIABLE{len(names) - 1}X"

    def fill(text: str | None) -> str | None:
        return None if text is None else re.sub(r"COPVARIABLE(\d+)X", lambda held: variables[names[int(held[1])]], text)

    whole = _VARIABLE.fullmatch(setting)
    try:
        url = make_url(variables[whole[1]] if whole else _VARIABLE.sub(hold, setting))
    except (ArgumentError, ValueError):
        raise CodingError(
            "What study.toml gives as the coding's database is not the address of one: write it like "
            "postgresql+psycopg://user:${COP_DATABASE_PASSWORD}@host/name."
        ) from None
    notices = []
    if not whole and url.password and not re.search(r"COPVARIABLE\d+X", url.password):
        notices.append(
            "study.toml holds the password of the coding's database, where everyone who has the folder can read it: "
            "write ${COP_DATABASE_PASSWORD} there and set that environment variable."
        )
    url = url.set(
        username=fill(url.username),
        password=fill(url.password),
        host=fill(url.host),
        database=fill(url.database),
    )
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise CodingError("study.toml names no file for the coding's SQLite database: write sqlite:///path.")
        path = Path(url.database).expanduser()
        return _of_file(path if path.is_absolute() else folder / path, folder, study)
    if url.get_backend_name() != "postgresql":
        raise CodingError(
            f"A coding cannot be kept in a database of the kind {url.get_backend_name()}: use SQLite (leave the "
            "setting out) or PostgreSQL (postgresql+psycopg://...)."
        )
    return Address(url.set(drivername="postgresql+psycopg"), study, folder, None, Place(), tuple(notices))


def _of_file(path: Path, folder: Path, study: str) -> Address:
    place = find_place(path.parent)
    notices: tuple[str, ...] = ()
    if place.shared:
        where = f"a synchronised folder ({place.name})" if place.kind == "synchronised" else place.name
        notices = (
            f"The coding's database {path.name} lies in {where}, where the write-ahead log is not safe: it is kept "
            "with a rollback journal, and one process at a time may change it. For a team, keep it in PostgreSQL or "
            "on a local disk ([coding] database in study.toml).",
        )
    return Address(URL.create("sqlite", database=str(path)), study, folder, path, place, notices)
