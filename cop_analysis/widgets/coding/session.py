"""One panel's talk with a coding: what the browser asks, answered as plain JSON. No Jupyter and no HTML lives here.

The browser is told of records as they are, and of every change after that, whoever made it. It says what it wants by
verb; the answer is what became of it, or one sentence that says why nothing did. Where a document's text is corrected,
the file is written whole and the coding is carried over to it.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import re
import threading
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cop_analysis.realist.coding import KeptCoding, start_coding
from cop_analysis.realist.coding.documents import put_text
from cop_analysis.realist.documents.speakers import turns
from cop_analysis.realist.model import COLLECTIONS, Coding, Document
from cop_analysis.realist.model.reanchoring import Reanchored
from cop_analysis.realist.model.vocabulary import (
    ABOUT,
    APPRAISALS,
    INFERENCES,
    LEVELS,
    MEMO_KINDS,
    MOVES,
    PURPOSES,
    SCHEMAS,
    STAGES,
    STANCES,
)
from cop_analysis.realist.store import ChangedElsewhere, CodingError, Full, InUse, Locked, NotNow, ReadOnly, Unreachable
from cop_analysis.realist.store.log import Act
from cop_analysis.study import StudyError
from cop_analysis.widgets.coding.verbs import perform

if TYPE_CHECKING:
    from cop_analysis.realist.model.reanchoring import Reanchored
    from cop_analysis.realist.store.state import Changes, State
    from cop_analysis.study import Study


class Texts:
    """The texts of a study's documents, as they are and as they were while the panel was open.

    Parameters
    ----------
    study : Study

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cop_analysis import open_study
    >>> from cop_analysis.study.template import new_study
    >>> study = open_study(new_study(Path(tempfile.mkdtemp()) / "forum", example=True))
    >>> document = str(study.documents["document"].iloc[0])
    >>> Texts(study).read(document) == study.read_document(document)
    True
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._known: dict[str, str] = {}

    def read(self, document: str) -> str:
        """Give the text of a document as it is now.

        Raises
        ------
        ValueError
            When there is no such document, or its file cannot be read.
        """
        text = self._study.read_document(document)
        self._known[checksum(text)] = text
        return text

    def correct(self, coding: KeptCoding, coder: str, given: Mapping[str, Any]) -> Reanchored | None:
        """Put other words in the place of some, and carry the coding over to the corrected text.

        Parameters
        ----------
        coding : KeptCoding
        coder : str
        given : mapping
            ``document``, ``start`` and ``end`` in code points, ``was`` the words that stand there, ``words`` the new.

        Returns
        -------
        Reanchored or None
            What became of the extracts; None where the words stand there already, or nothing of it is coded.

        Raises
        ------
        CodingError
            When the words there are others by now, nothing is left, or the file cannot be written.
        """
        document, start, end = str(given["document"]), int(given["start"]), int(given["end"])
        was, words = str(given["was"]), str(given["words"]).replace("\r\n", "\n").replace("\r", "\n").strip()
        text = self.read(document)
        if text[start:end] != was:
            if text[start : start + len(words)] == words:
                return None
            raise ChangedElsewhere(
                "Somebody changed the text of this document meanwhile. Yours was not stored: look at the text again "
                "and correct it anew."
            )
        if not words:
            raise CodingError("A turn needs words. To take one out, correct the file and carry the coding over to it.")
        corrected = text[:start] + words + text[end:]
        known = next((one for one in coding.snapshot.documents if one.id == document), None)
        if known is None:
            self._put(document, corrected)
            return None
        if known.sha256 and checksum(text) != known.sha256.lower():
            raise CodingError(
                "The text was changed since it was coded, and the coding was not carried over yet: press "
                "“Carry the coding over” first."
            )
        carried = coding.replace_document(document, text=corrected, coder=coder)
        self._known[checksum(corrected)] = corrected
        return carried

    def follow(self, changes: list[list[Any]]) -> None:
        """Put the text back that the coding stands on again, after an undo or a redo of a correction made here."""
        for collection, document, record in changes:
            if collection != "documents" or not record:
                continue
            wanted = self._known.get(str(record.get("sha256", "")).lower())
            if wanted is not None and wanted != self.read(document):
                self._put(document, wanted)

    def _put(self, document: str, text: str) -> None:
        put_text(self._study, document, text)
        self._known[checksum(text)] = text


def checksum(text: str) -> str:
    """Give the checksum a coding keeps of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def as_seen(carried: Reanchored, seen: Collection[str]) -> dict[str, Any]:
    """Say what became of a document's extracts, as plain JSON, of those that may be seen.

    Parameters
    ----------
    carried : Reanchored
    seen : collection of str
        The extracts of the document that may be told of, by identifier.
    """
    moved = tuple(one for one in carried.moved if one.extract in seen)
    lost = tuple(one for one in carried.lost if one.extract in seen)
    told = replace(carried, moved=moved, lost=lost, unchanged=len(seen) - len(moved) - len(lost))
    return {
        "sentence": told.sentence,
        "moved": [{"extract": one.extract, "before": one.quote_before, "quote": one.quote} for one in moved],
        "lost": [{"extract": one.extract, "quote": one.quote, "reason": one.reason} for one in lost],
    }


Message = Mapping[str, Any]
Reply = dict[str, Any]

_WHY: Final[Mapping[type[Exception], str]] = {
    ChangedElsewhere: "changed",
    InUse: "in use",
    ReadOnly: "read-only",
    Locked: "locked",
    Full: "full",
    Unreachable: "unreachable",
    NotNow: "gone",
}

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says of a disk, or of a person's share of it, that has no room left."""

_LEFT_OUT: Final = {"extracts": ("prefix", "suffix")}
"""Fields the browser has no use for."""

_NAMES_THEIRS: Final = re.compile(r"\b(extracts?|evidence|memos?|decisions?)\b", re.IGNORECASE)

SOMEBODYS: Final = ("extracts", "evidence", "memos", "decisions")
"""Collections whose records are one coder's, and hidden from another who codes blind."""


class Session:
    """A panel's side of a coding.

    Parameters
    ----------
    study : path or Study
    coder : str
        Who codes; empty where the panel has to ask.
    blind : bool
        Whether the browser is told nothing of what others coded, until it asks to see it.

    Examples
    --------
    >>> import tempfile
    >>> from cop_analysis.study.template import new_study
    >>> session = Session(new_study(Path(tempfile.mkdtemp()) / "forum", example=True), "coder-a")
    >>> [reply["kind"] for reply in session.answer({"kind": "hello"})]
    ['study']
    """

    def __init__(self, study: str | Path | Study, coder: str = "", *, blind: bool = False) -> None:
        if isinstance(study, str | Path):
            from cop_analysis import open_study

            study = open_study(Path(study).expanduser())
        self.study = study
        self.coding: KeptCoding = study.coding if study.coding is not None else start_coding(study)
        self.texts = Texts(study)
        self.coder = coder or self._only_coder()
        self.blind = blind
        self._lock = threading.RLock()
        self._sent = self.coding.seq

    # --- what is said of the study ----------------------------------------------------------------------------------

    def hello(self) -> Reply:
        """Say everything the panel begins with, except the texts."""
        with self._lock:
            return {
                "kind": "study",
                "key": self.study.key,
                "title": self.study.title,
                "simulated": self.study.is_simulated,
                "readOnly": self.coding.why_read_only,
                "notices": list(self.coding.notices),
                "documents": self.documents(),
                "words": _words(),
                **self._seen(),
            }

    def _seen(self) -> Reply:
        """Say what the coder may see of the coding, all of it."""
        _ = self.coding.snapshot
        # What is done from here on may be told twice, never not at all.
        self._sent = self.coding.seq
        snapshot = self.visible().snapshot
        return {
            "coder": self.coder,
            "blind": self.blind,
            "conflicts": self.conflicts(),
            "records": {
                name: [as_json(name, record) for record in getattr(snapshot, name)] for name in COLLECTIONS.values()
            },
        }

    def visible(self) -> Coding:
        """Give the coding as the coder may see it: in blind mode without what others coded, noted and settled."""
        if not self.blind:
            return self.coding
        return seen_blind(self.coding, self.coder)

    def _may_see(self, collection: str, record: Any) -> bool:
        return not self.blind or _is_ones_own(collection, record, self.coder)

    def documents(self) -> list[dict[str, str]]:
        """List the documents of the study, and those its coding has besides: id, title, kind."""
        found: dict[str, dict[str, str]] = {}
        if self.study.documents is not None:
            for row in self.study.documents.to_dict("records"):
                title, kind = row.get("title"), row.get("kind")
                identifier = str(row["document"])
                found[identifier] = {
                    "id": identifier,
                    "title": title if isinstance(title, str) else "",
                    "kind": kind if isinstance(kind, str) else "",
                }
        for document in self.coding.snapshot.documents:
            found.setdefault(document.id, {"id": document.id, "title": document.title, "kind": ""})
        return list(found.values())

    def conflicts(self) -> list[dict[str, Any]]:
        """List what merging left to be decided: its number and both sides in words; not to somebody who codes blind."""
        if self.blind:
            return []
        found = self.coding.conflicts
        return [
            {"conflict": int(row["conflict"]), "sentence": str(row["sentence"])} for row in found.to_dict("records")
        ]

    def text(self, document: str) -> Reply:
        """Give a document's text with its turns; offsets count code points."""
        text = self.texts.read(document)
        known = next((one for one in self.coding.snapshot.documents if one.id == document), None)
        changed = bool(known and known.sha256 and checksum(text) != known.sha256.lower())
        parts = turns(text, known.speakers if isinstance(known, Document) else None)
        return {
            "kind": "text",
            "document": document,
            "text": text,
            "turns": [[one.start, one.end, one.speech_start, one.speaker] for one in parts],
            "sha256": checksum(text),
            "changed": "This text was changed since it was coded, so nothing new can be coded in it. Carry the coding "
            "over to it with the button here, or put the old text back."
            if changed
            else "",
        }

    def gaps(self) -> Reply:
        """Give what each configuration lacks and what to ask whom next."""
        from cop_analysis.realist import gaps

        # The study as it was opened may have had no coding yet; the one that is open here is meant.
        visible = self.visible()
        found = gaps(replace(self.study, _coding_reader=lambda _path, _study: visible))
        columns = ["configuration", "gap", "found", "ask", "whom"]
        rows = [] if found.table.empty else found.table[columns].to_dict("records")
        return {"kind": "gaps", "rows": [{name: str(value) for name, value in row.items()} for row in rows]}

    # --- answering --------------------------------------------------------------------------------------------------

    def answer(self, message: Message) -> Iterator[Reply]:
        """Answer one message; what is stored is said before coding.json is written."""
        with self._lock:
            asked = message if isinstance(message, Mapping) else {}
            try:
                yield from self._answers(asked)
            except Exception as error:  # whatever it was: a panel that gets no answer calls the kernel silent
                yield self._failed(asked, error)

    def news(self) -> Reply | None:
        """Give what changed since the browser was last told anything; None where nothing did."""
        with self._lock:
            _ = self.coding.snapshot
            if self.coding.seq == self._sent:
                return None
            changes = self._since()
            return {"kind": "news", "changes": changes, "who": self._who} if changes else None

    def _answers(self, message: Message) -> Iterator[Reply]:
        kind = message.get("kind")
        if not isinstance(kind, str):
            raise CodingError("The panel sent something this workbench does not understand. Run the cell again.")
        if kind == "hello":
            yield self.hello()
        elif kind == "text":
            yield self.text(str(message.get("document")))
        elif kind == "gaps":
            yield self.gaps()
        elif kind == "coder":
            self.coder = str(message.get("coder", ""))
            yield {"kind": "coder", "coder": self.coder}
            if self.blind:
                yield {"kind": "records", **self._seen()}
        elif kind == "blind":
            self.blind = bool(message.get("on"))
            yield {"kind": "records", **self._seen()}
        elif kind == "do":
            yield from self._do(message)
        else:
            raise CodingError(f"The panel said {kind!r}, which this workbench does not understand. Run the cell again.")

    def _do(self, message: Message) -> Iterator[Reply]:
        said = message.get("coder")
        # What waited in the browser is the work of whoever did it, though somebody else was chosen since.
        who = said if isinstance(said, str) and said else self.coder
        if not who:
            raise CodingError("Say first who you are: choose a coder at the top of the panel. Nothing was changed.")
        before = len(self.coding.notices)
        verb, given = str(message.get("verb")), message.get("args") or {}
        if not isinstance(given, Mapping):
            raise CodingError(
                "The panel asked in a way that was not understood. Nothing was changed; run the cell again."
            )
        with self._as(who), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.blind:
                self._know_what_is_named(verb, given)
            self._begin()
        with warnings.catch_warnings(), self.coding.by(who):
            warnings.simplefilter("ignore")
            with self._as(who), self.coding.guarded(self._keep_what_is_hidden):
                became = (
                    self.texts.correct(self.coding, who, given)
                    if verb == "correct"
                    else perform(self.coding, who, verb, given)
                )
            changes = self._since()
            if verb in ("undo", "redo"):
                self.texts.follow(changes)
            said = became if isinstance(became, str) else ""
            yield {"kind": "done", "op": message.get("op"), "changes": changes, "who": self._who, "said": said}
        if isinstance(became, Reanchored):
            yield self._carried(str(given.get("document")), became)
        elif verb == "correct":
            yield self.text(str(given.get("document")))
        if message.get("verb") == "settle":
            yield {"kind": "conflicts", "conflicts": self.conflicts()}
        for notice in self.coding.notices[before:]:
            yield {"kind": "notice", "sentence": notice}

    def _carried(self, document: str, carried: Reanchored) -> Reply:
        """Say what became of the extracts of a document whose text was corrected."""
        seen = {one.id for one in self.visible().snapshot.extracts if one.document == document}
        return {"kind": "carried", "document": document, **as_seen(carried, seen)}

    @contextmanager
    def _as(self, coder: str) -> Iterator[None]:
        chosen, self.coder = self.coder, coder
        try:
            yield
        finally:
            self.coder = chosen

    def _keep_what_is_hidden(self, state: State, changes: Changes) -> None:
        """Refuse to somebody who codes blind to delete, unseen, what others did."""
        for (collection, identifier), new in changes.items():
            now = state.get((collection, identifier))
            if new is None and now is not None and not self._may_see(collection, now):
                raise CodingError(
                    "This would delete others' work unseen, for you are coding blind. Nothing was changed; leave blind "
                    "mode first (key b)."
                )

    def _know_what_is_named(self, verb: str, given: Mapping[str, Any]) -> None:
        """Refuse to somebody who codes blind what is about a single record they do not see."""
        about = given.get("about")
        named = [
            ("extracts", given.get("extract")),
            ("evidence", given.get("evidence")),
            (given.get("collection"), given.get("id")),
        ]
        if isinstance(about, list | tuple) and len(about) == 2:
            named.append((ABOUT.get(str(about[0])), about[1]))
        snapshot = self.coding.snapshot
        unseen = any(
            one.id == identifier and not self._may_see(str(collection), one)
            for collection, identifier in named
            if collection in SOMEBODYS
            for one in getattr(snapshot, collection)
        )
        if unseen or verb == "settle":
            raise CodingError(
                "This is about others' work, and you are coding blind. Nothing was changed; leave blind "
                "mode first (key b)."
            )

    def _begin(self) -> None:
        """Add the coder with their first change."""
        if self.coder not in {one.id for one in self.coding.snapshot.coders}:
            self.coding.coders.add(self.coder)

    def _since(self) -> list[list[Any]]:
        changed: dict[tuple[str, str], Any] = {}
        who: dict[str, None] = {}
        for change in self.coding.changed_since(self._sent):
            # What comes in while this is read has a higher number, and is told the next time.
            self._sent = max([self._sent, *(entry.seq for entry in change.entries)])
            if change.verb == Act.BEGIN:
                # The database takes over what the browser was told already.
                continue
            if not self.blind or any(name not in SOMEBODYS for name, _ in change.records):
                who.setdefault(change.who)
            for key in change.records:
                changed[key] = None
        self._who = list(who)
        snapshot = self.coding.snapshot
        visible = seen_blind(self.coding, self.coder).snapshot if self.blind else snapshot
        for name in {name for name, _ in changed}:
            for record in getattr(snapshot, name):
                if (name, record.id) in changed and not self._may_see(name, record):
                    del changed[name, record.id]
            for record in getattr(visible, name):
                if (name, record.id) in changed:
                    changed[name, record.id] = as_json(name, record)
        return [[name, identifier, body] for (name, identifier), body in changed.items()]

    def _failed(self, message: Message, error: Exception) -> Reply:
        sentence = " ".join(str(error.args[0] if isinstance(error, KeyError) and error.args else error).split())
        why = self._why(error)
        if self.blind and isinstance(error, InUse | ChangedElsewhere) and _NAMES_THEIRS.search(sentence):
            sentence = self._without_what_is_hidden(sentence, error)
        if not isinstance(error, ValueError | OSError | KeyError | StudyError):
            logging.getLogger(__name__).error("The panel's message could not be answered.", exc_info=error)
            sentence = (
                f"Something went wrong that was not foreseen ({type(error).__name__}: {sentence}). Run the cell again, "
                "and look whether your change is there before you make it once more."
            )
        if isinstance(error, OSError):
            sentence = f"It could not be stored ({error.strerror or type(error).__name__})."
        return {
            "kind": "failed",
            "op": message.get("op"),
            "about": message.get("kind"),
            "why": why,
            "sentence": sentence,
        }

    def _why(self, error: Exception) -> str:
        """Say in a word why nothing was done: what can pass, such as a full disk, is tried again by the browser."""
        why = next((word for kind, word in _WHY.items() if isinstance(error, kind)), "refused")
        if why == "read-only" and not self.coding.why_read_only:
            # It could be written when it was opened: the place is away, or was moved.
            why = "gone"
        if why != "refused":
            return why
        folder = self.study.folder
        if folder is not None and not folder.is_dir():
            return "gone"
        under: BaseException | None = error
        while under is not None:
            if isinstance(under, OSError):
                return "full" if under.errno in _FULL else "gone"
            under = under.__cause__ or under.__context__
        return why

    def _without_what_is_hidden(self, sentence: str, error: Exception) -> str:
        """Leave out of a refusal what others coded, to somebody who codes blind."""
        whole = self.coding.snapshot
        if all(self._may_see(name, one) for name in SOMEBODYS for one in getattr(whole, name)):
            return sentence
        how = "in use by" if isinstance(error, InUse) else "tied to what was changed meanwhile in"
        return (
            f"It is {how} your work or that of others, which you do not see while coding blind. Nothing was changed; "
            "leave blind mode first (key b)."
        )

    def _only_coder(self) -> str:
        coders = self.coding.snapshot.coders
        return coders[0].id if len(coders) == 1 else ""


def seen_blind(coding: Coding, coder: str) -> Coding:
    """Give a coding as somebody sees it who codes blind: without what others coded, noted and settled.

    Examples
    --------
    >>> from cop_analysis.realist.model import Extract, Snapshot
    >>> coded = [Extract(f"x{coder}", "D1", 0, 5, "Trust", "c1", coder) for coder in "ab"]
    >>> [one.id for one in seen_blind(Coding(Snapshot("demo", extracts=tuple(coded))), "a").snapshot.extracts]
    ['xa']
    """
    whole = coding.snapshot
    kept: dict[str, Any] = {
        name: tuple(one for one in getattr(whole, name) if _is_ones_own(name, one, coder)) for name in SOMEBODYS
    }
    here = {one.id for one in kept["extracts"]}
    links = {one.id for one in kept["evidence"]}
    kept["ripples"] = tuple(
        replace(one, extracts=tuple(each for each in one.extracts if each in here)) for one in whole.ripples
    )
    kept["theories"] = tuple(
        replace(one, evidence=tuple(each for each in one.evidence if each in links)) for one in whole.theories
    )
    return Coding(replace(whole, **kept), coding.read_text)


def _is_ones_own(collection: str, record: Any, coder: str) -> bool:
    if collection not in SOMEBODYS:
        return True
    whose = record.coders if collection == "decisions" else (record.coder,)
    return not any(whose) or coder in whose


def as_json(collection: str, record: Any) -> dict[str, Any]:
    """Give a record as the browser knows it.

    Examples
    --------
    >>> from cop_analysis.realist.model import Coder
    >>> as_json("coders", Coder("coder-a", "Ada"))
    {'id': 'coder-a', 'name': 'Ada'}
    """
    return {name: _plain(value) for name, value in vars(record).items() if name not in _LEFT_OUT.get(collection, ())}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return {name: _plain(one) for name, one in vars(value).items()} if hasattr(value, "__dict__") else value


def _words() -> dict[str, Any]:
    schemas = {
        name: {
            "title": schema.title,
            "roles": [{"key": role.key, "title": role.title, "part": role.part} for role in schema.roles],
        }
        for name, schema in SCHEMAS.items()
    }
    return {
        "schemas": schemas,
        "stances": list(STANCES),
        "inferences": list(INFERENCES),
        "appraisals": list(APPRAISALS),
        "levels": list(LEVELS),
        "stages": list(STAGES),
        "moves": list(MOVES),
        "purposes": list(PURPOSES),
        "memoKinds": list(MEMO_KINDS),
    }
