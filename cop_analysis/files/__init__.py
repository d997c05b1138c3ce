"""One way to open a file somebody else wrote, judged before a byte is believed, and one to write a file whole."""

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
from cop_analysis.files.whole import put_whole

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
    "put_whole",
    "read_file",
    "starts_with",
]
