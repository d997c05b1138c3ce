"""What each record may hold in coding.json: its keys in the order they are written, their kinds and words. No logic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cop_analysis.realist import vocabulary
from cop_analysis.realist.records import (
    Code,
    Coder,
    Configuration,
    Decision,
    Document,
    Erased,
    Evidence,
    Extract,
    Foreign,
    Measure,
    Memo,
    Part,
    Question,
    Ripple,
    Slot,
    Theory,
    Validation,
)


@dataclass(frozen=True)
class Field:
    """One key of a record: its name in JSON, what it may hold, and where it lives in the record.

    `kind` is one of ``identifier`` (a non-empty text), ``text``, ``text or null``, ``whole``, ``number or null``,
    ``yes or no``, ``identifiers`` (a list of them), ``identifiers or null``, ``texts`` (an object of texts by name)
    and ``records`` (a list of objects of `record`). A key that is `later` came with the second form of coding.json
    and is written only where it says something.
    """

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    attribute: str = ""
    record: type | None = None
    later: bool = False


FORMS: Final[Mapping[type, tuple[Field, ...]]] = {
    Coder: (Field("id", "identifier", True), Field("name")),
    Document: (
        Field("id", "identifier", True),
        Field("file", "identifier", True),
        Field("title"),
        Field("sha256", "identifier", True),
        Field("length", "whole", True),
        Field("speakers", "identifiers or null", later=True),
        Field("attributes", "texts", later=True),
    ),
    Code: (
        Field("id", "identifier", True),
        Field("name", "identifier", True),
        Field("parent", "text or null"),
        Field("definition"),
        Field("examples"),
        Field("colour"),
        Field("level", "text or null", choices=vocabulary.LEVELS),
    ),
    Extract: (
        Field("id", "identifier", True),
        Field("document", "identifier", True),
        Field("start", "whole", True),
        Field("end", "whole", True),
        Field("quote", "text", True),
        Field("prefix"),
        Field("suffix"),
        Field("code", "identifier", True),
        Field("coder", "identifier", True),
        Field("created"),
        Field("memo"),
        Field("placed", "yes or no", later=True),
    ),
    Slot: (Field("role", "identifier", True), Field("codes", "identifiers"), Field("wording")),
    Measure: (
        Field("kind", "identifier", True, choices=tuple(vocabulary.MEASURE_FIELDS)),
        *(Field(name, "text or null") for name in ("instrument", "item", "relation", "measure", "series")),
        Field("expects", "text or null", choices=vocabulary.EXPECTATIONS),
    ),
    Configuration: (
        Field("id", "identifier", True),
        Field("label", "identifier", True),
        Field("schema", "identifier", choices=tuple(vocabulary.SCHEMAS)),
        Field("statement"),
        Field("level", "text or null", choices=vocabulary.LEVELS),
        Field("for_whom"),
        Field("activation", "number or null"),
        Field("slots", "records", record=Slot),
        Field("rivals", "identifiers"),
        Field("measures", "records", record=Measure),
        Field("theme", later=True),
        Field("otherwise", later=True),
        Field("confidence", "text or null", choices=vocabulary.APPRAISALS, later=True),
    ),
    Evidence: (
        Field("id", "identifier", True),
        Field("extract", "identifier", True),
        Field("configuration", "identifier", True),
        Field("slot", "text or null"),
        Field("stance", "identifier", True, choices=vocabulary.STANCES),
        Field("inference", "text or null", choices=vocabulary.INFERENCES),
        Field("relevance", "text or null", choices=vocabulary.APPRAISALS),
        Field("richness", "text or null", choices=vocabulary.APPRAISALS),
        Field("rigour", "text or null", choices=vocabulary.APPRAISALS),
        Field("reason"),
        Field("coder", "text or null", later=True),
        Field("created", later=True),
    ),
    Ripple: (
        Field("id", "identifier", True),
        Field("from", "identifier", True, attribute="source"),
        Field("to", "identifier", True, attribute="target"),
        Field("note"),
        Field("extracts", "identifiers", later=True),
    ),
    Theory: (
        Field("id", "identifier", True),
        Field("label", "identifier", True),
        Field("stage", "identifier", True, choices=vocabulary.STAGES),
        Field("statement"),
        Field("follows", "identifiers"),
        Field("move", "text or null", choices=vocabulary.MOVES),
        Field("inference", "text or null", choices=vocabulary.INFERENCES),
        Field("reason"),
        Field("configurations", "identifiers"),
        Field("evidence", "identifiers"),
        Field("middle_range"),
        Field("coder", "text or null"),
        Field("created"),
    ),
    Question: (
        Field("id", "identifier", True),
        Field("wording", "identifier", True),
        Field("configurations", "identifiers"),
        Field("theories", "identifiers"),
        Field("purpose", "text or null", choices=vocabulary.PURPOSES),
        Field("whom"),
        Field("documents", "identifiers"),
        Field("coder", "text or null"),
        Field("created"),
    ),
    Validation: (
        Field("id", "identifier", True),
        Field("statement", "identifier", True),
        Field("verdict", "identifier", True, choices=vocabulary.VERDICTS),
        Field("who"),
        Field("configuration", "text or null"),
        Field("theory", "text or null"),
        Field("document", "text or null"),
        Field("extracts", "identifiers"),
        Field("comment"),
        Field("coder", "text or null"),
        Field("created"),
    ),
    Memo: (
        Field("id", "identifier", True),
        Field("text", "identifier", True),
        Field("title"),
        Field("kind", "identifier", choices=vocabulary.MEMO_KINDS),
        Field("about", "text or null", choices=tuple(vocabulary.ABOUT)),
        Field("target", "text or null"),
        Field("coder", "text or null"),
        Field("created"),
    ),
    Decision: (
        Field("id", "identifier", True),
        Field("what", "identifier", True),
        Field("reason"),
        Field("alternatives"),
        Field("about", "text or null", choices=tuple(vocabulary.ABOUT)),
        Field("target", "text or null"),
        Field("coders", "identifiers"),
        Field("created"),
    ),
    Part: (
        Field("depth", "whole", True),
        Field("tag", "identifier", True),
        Field("attributes", "texts", later=True),
        Field("text", later=True),
    ),
    Foreign: (
        Field("id", "identifier", True),
        Field("kind", "identifier", True),
        Field("name"),
        Field("documents", "identifiers"),
        Field("parts", "records", True, record=Part),
        Field("loose", "identifiers", later=True),
    ),
    Erased: (
        Field("what", "identifier", True, choices=("record", "text", "name", "passage", "turn")),
        Field("salt", "identifier", True),
        Field("digest", "identifier", True),
        Field("words", "whole", later=True),
        Field("start", "whole", later=True),
        Field("stop", "whole", later=True),
    ),
}
"""What each record may hold in coding.json, in the order it is written."""
