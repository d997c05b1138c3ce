"""What can go wrong between a coding and its database, one clear sentence each; nothing here finds or corrects it."""

from __future__ import annotations


class CodingError(ValueError):
    """A change to a coding, or its database, is refused; the message says what, where and how to correct it."""


class WhoIsIt(CodingError):
    """It was not said who makes a change; `coders` are those there are."""

    def __init__(self, sentence: str, coders: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.coders = coders


class ChangedElsewhere(CodingError):
    """Somebody else changed the same thing since it was last looked at; nothing was changed."""


class InUse(CodingError):
    """A record cannot be deleted because others point at it."""


class Locked(CodingError):
    """Another process holds the database for longer than was waited."""


class ReadOnly(CodingError):
    """The place of the database cannot be written."""


class Full(CodingError):
    """The disk has no room left; nothing was changed."""


class NotNow(CodingError):
    """The place of the database cannot be read or written at this moment; nothing was changed."""


class Damaged(CodingError):
    """The database file is damaged, as SQLite said twice, or holds no coding at all; `what` says which of the two."""

    def __init__(self, sentence: str, what: str = "is damaged") -> None:
        super().__init__(sentence)
        self.what = what


class Unsettled(NotNow):
    """SQLite could not read the file and, asked again, finds it whole: doing it again is enough."""


class NewerDatabase(CodingError):
    """The database was made by a newer workbench."""


class Unreachable(CodingError):
    """The database server cannot be reached, or does not let us in."""
