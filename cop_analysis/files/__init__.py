"""One way to open a file somebody else wrote: its kind, size, links and memory are judged before a byte is believed."""

from cop_analysis.files.databases import is_database
from cop_analysis.files.door import (
    MOST_ARCHIVE,
    MOST_CODING,
    MOST_SETTINGS,
    MOST_TABLE,
    MOST_TEXT,
    FileRefusedError,
    fingerprint,
    judge_file,
    open_file,
    read_file,
    starts_with,
)

__all__ = [
    "MOST_ARCHIVE",
    "MOST_CODING",
    "MOST_SETTINGS",
    "MOST_TABLE",
    "MOST_TEXT",
    "FileRefusedError",
    "fingerprint",
    "is_database",
    "judge_file",
    "open_file",
    "read_file",
    "starts_with",
]
