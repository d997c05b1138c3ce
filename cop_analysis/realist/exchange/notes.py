"""What REFI-QDA has no element for, carried in notes: labelled fields, and memos on a passage."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from cop_analysis.realist.model import COLLECTIONS
from cop_analysis.realist.model.json_form import FORMS, Field

_HEAD: Final = "cop-analysis"

_INDENT: Final = "    "

_KINDS: Final = {kind.__name__.lower(): kind for kind in COLLECTIONS}

_LINE = re.compile(r"([A-Z][A-Za-z0-9_ ]*): ?(.*)", re.DOTALL)


def label_of(kind: type) -> str:
    """Give the word a record type goes by in a note: ``"configuration"``."""
    return kind.__name__.lower()


def labelled_text(record: Any, without: tuple[str, ...] = ()) -> str:
    """Write one record as labelled text; fields that say nothing, and those named in `without`, are left out.

    Examples
    --------
    >>> from cop_analysis.realist.model import Ripple
    >>> print(labelled_text(Ripple("r1", "cmo1", "cmo2", "ringing makes permission")))
    cop-analysis ripple
    Id: r1
    From: cmo1
    To: cmo2
    Note: ringing makes permission
    """
    kind = type(record)
    lines = [f"{_HEAD} {label_of(kind)}"]
    for form in FORMS[kind]:
        if form.name in without:
            continue
        value = getattr(record, form.attribute or form.name)
        for text in _written(value, form):
            lines.append(f"{_label(form)}: " + text.replace("\n", "\n" + _INDENT))
    return "\n".join(lines)


def read_labelled(text: str) -> tuple[type, dict[str, Any]] | None:
    r"""Read labelled text as the JSON form of a record; None where the text is no such note.

    Only shape is looked at; whether the values are legal is judged where coding.json is judged.

    Examples
    --------
    >>> read_labelled("cop-analysis ripple\nId: r1\nFrom: cmo1\nTo: cmo2\nNote: one\n    two")[1]
    {'id': 'r1', 'from': 'cmo1', 'to': 'cmo2', 'note': 'one\ntwo'}
    >>> read_labelled("A memo of somebody else.") is None
    True
    """
    text = text.removeprefix("\ufeff")
    if not text.startswith(_HEAD):
        return None
    head, _, body = text.partition("\n")
    if head.endswith("\r"):
        # Another program wrote its own line breaks; they are line breaks all the same.
        body = body.replace("\r\n", "\n")
    kind = _KINDS.get(head.removeprefix(_HEAD).strip())
    if kind is None:
        return None
    forms = {_label(form): form for form in FORMS[kind]}
    found: dict[str, list[str]] = {}
    last: list[str] | None = None
    for line in body.rstrip("\n").split("\n"):
        match = _LINE.match(line) if not line.startswith(_INDENT) else None
        if match is not None and match[1] in forms:
            last = found.setdefault(match[1], [])
            last.append(match[2])
        elif last is not None:
            last[-1] += "\n" + line.removeprefix(_INDENT)
    values: dict[str, Any] = {}
    for label, texts in found.items():
        form = forms[label]
        try:
            values[form.name] = _read(texts, form)
        except ValueError:
            # What cannot be read is given as text, so that the judge of coding.json names it.
            values[form.name] = texts[0]
    return kind, values


def _label(form: Field) -> str:
    return form.name.replace("_", " ").capitalize()


def _written(value: Any, form: Field) -> list[str]:
    if value is None or value == "" or (value == () and form.kind != "identifiers or null"):
        return []
    if form.kind in ("identifier", "text", "text or null"):
        return [str(value)]
    if form.kind == "identifiers":
        return list(value)
    if form.kind == "records":
        return [_json({name: part for name, part in vars(one).items() if part not in (None, "", ())}) for one in value]
    if form.kind == "texts":
        return [_json(dict(value))]
    if form.kind == "yes or no" and value is True:
        return []
    return [_json(value)]


def _read(texts: list[str], form: Field) -> Any:
    if form.kind in ("identifier", "text", "text or null"):
        return texts[-1] if len(texts) == 1 else "\n".join(texts)
    if form.kind == "identifiers":
        return texts
    if form.kind == "records":
        return [json.loads(one) for one in texts]
    return json.loads(texts[-1].strip())


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


ON_SELECTION = "memo-on-"
"""How the memo begins that stands for what is written at a selection nobody coded; its GUID follows."""

_ON_PASSAGE = "\n\nOn the passage: “"


def with_passage(note: str, passage: str) -> str:
    """Write a note with the words it stands at behind it, once.

    Examples
    --------
    >>> with_passage("Odd.", "We met"), with_passage(with_passage("Odd.", "We met"), "We met")
    ('Odd.\\n\\nOn the passage: “We met”', 'Odd.\\n\\nOn the passage: “We met”')
    """
    behind = f"{_ON_PASSAGE}{passage}”"
    return note if not passage or note.endswith(behind) else f"{note.rstrip()}{behind}"


def without_passage(note: str, text: str) -> str:
    """Give a note without the words of `text` that `with_passage` wrote behind it.

    Examples
    --------
    >>> without_passage(with_passage("Odd.", "We met"), "We met."), without_passage("Odd.", "We met.")
    ('Odd.', 'Odd.')
    """
    said, behind, passage = note.rpartition(_ON_PASSAGE)
    return said if behind and passage.endswith("”") and passage[:-1] in text else note
