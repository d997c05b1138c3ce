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
from cop_analysis.files.encoding import decoded, encoding_called, encoding_of, wide_encoding
from cop_analysis.files.spreadsheets import FORMULA_LEADS, guarded, guarded_cells, is_formula, unguarded
from cop_analysis.files.whole import FULL, place_folder, place_new, put_whole, reason_of

__all__ = [
    "FORMULA_LEADS",
    "FULL",
    "MOST_ARCHIVE",
    "MOST_CODING",
    "MOST_SETTINGS",
    "MOST_TABLE",
    "MOST_TEXT",
    "FileRefusedError",
    "decoded",
    "encoding_called",
    "encoding_of",
    "fingerprint",
    "guarded",
    "guarded_cells",
    "is_database",
    "is_formula",
    "judge_file",
    "open_file",
    "place_folder",
    "place_new",
    "put_whole",
    "read_file",
    "reason_of",
    "starts_with",
    "unguarded",
    "wide_encoding",
]
