"""The words of the log: what was done, as the log keeps it, and as a person is told of it. Nothing is done here."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Act(StrEnum):
    """What a change of the log can be; the value is what the log keeps, and is never changed.

    A change of your own (`KeptCoding.transact`) may be called by any other word.

    Examples
    --------
    >>> Act.ADD_CODE == "add_code", Act.ADD_CODE.words, Act.in_words("add_rival"), Act.in_words("tidy_up")
    (True, 'the new code', 'add rival', 'tidy up')
    """

    words: str
    """What an undo or a redo is said to be about."""

    def __new__(cls, value: str, words: str = "") -> Self:
        """Make an act with its words; without any, those of its value."""
        made = str.__new__(cls, value)
        made._value_ = value
        made.words = words or value.replace("_", " ")
        return made

    # What nobody does on purpose, and no undo takes back.
    BEGIN = "begin"
    TAKE_IN = "take_in"

    ADD_CODER = "add_coder"
    ADD_DOCUMENT = "add_document"
    DELETE_DOCUMENT = "delete_document"
    REPLACE_DOCUMENT = "replace_document", "the corrected text"

    ADD_CODE = "add_code", "the new code"
    RENAME_CODE = "rename_code", "the name of the code"
    MOVE_CODE = "move_code", "moving the code"
    MERGE_CODES = "merge_codes", "merging into"
    DELETE_CODE = "delete_code", "deleting the code"

    ADD_EXTRACT = "add_extract", "coding"
    RECODE = "recode", "another code for"
    MOVE_EXTRACT = "move_extract", "other bounds for"
    ANNOTATE = "note", "the memo on"
    DELETE_EXTRACT = "delete_extract", "deleting"

    ADD_CONFIGURATION = "add_configuration", "the configuration"
    DELETE_CONFIGURATION = "delete_configuration", "deleting the configuration"
    FILL_SLOT = "fill_slot", "the slot of"
    EMPTY_SLOT = "empty_slot", "the slot of"
    LINK_EVIDENCE = "link_evidence", "taking as evidence"
    TAKE_INTO_SLOT = "take_into_slot", "taking as evidence"
    UNLINK = "unlink", "taking evidence out"
    ADD_RIVAL = "add_rival"
    REMOVE_RIVAL = "remove_rival"
    ADD_MEASURE = "add_measure"
    REMOVE_MEASURE = "remove_measure"
    ADD_RIPPLE = "add_ripple", "the ripple"
    REMOVE_RIPPLE = "remove_ripple", "taking the ripple away"

    RECORD_THEORY = "record_theory", "the version"
    ASK = "ask", "the question"
    VALIDATE_STATEMENT = "validate_statement"
    WRITE_MEMO = "memo", "the memo"
    DECIDE = "decide", "the decision"

    MERGE = "merge"
    RESOLVE = "resolve", "settling a disagreement"
    SETTLE = "settle", "settling a conflict"
    ERASE = "erase"

    @classmethod
    def changed(cls, kind: type) -> str:
        """Give what the log calls other values of a record of a kind."""
        return f"change_{kind.__name__.lower()}"

    @classmethod
    def deleted(cls, kind: type) -> str:
        """Give what the log calls a record of a kind that was deleted as one of any kind."""
        return f"delete_{kind.__name__.lower()}"

    @classmethod
    def in_words(cls, verb: str) -> str:
        """Say what a verb of the log was about; an unknown one with blanks."""
        return cls(verb).words if verb in cls.__members__.values() else verb.replace("_", " ")
