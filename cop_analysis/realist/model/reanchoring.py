"""A corrected transcript takes over the extracts of the text before it: by quote and context, losing none."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from itertools import accumulate
from typing import Final

import pandas as pd

from cop_analysis.realist.documents.speakers import turns
from cop_analysis.realist.model.check import CONTEXT_LENGTH
from cop_analysis.realist.model.coding import Coding
from cop_analysis.realist.model.foreign import LostSelection, MovedForeign, carry_over
from cop_analysis.realist.model.records import Document, Extract
from cop_analysis.results import count_of

SIMILARITY_THRESHOLD: Final = 85.0
"""The least similarity, 0 to 100, at which different words count as the corrected quote."""

BETWEEN_THRESHOLD: Final = 60.0
"""The least similarity where both the words before and the words after the quote stand unchanged and only once."""

CLEAR_LEAD: Final = 5.0
"""How much more alike the best place must be than the next best one, or the place is not taken."""

UNMISTAKABLE: Final = 32
"""From this length on a quote that stands once in both texts is taken for itself, whatever stands around it."""

ALIKE_AROUND: Final = 60.0
"""The least similarity of the words around, 0 to 100, at which a shorter quote that stands once is taken."""

_SHORTEST_FUZZY = 8

# A passage may begin and end with a word or with the marks around it.
_LINES = re.compile(r"[^\n]*\n+|[^\n]+\Z")

_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*|\S+")


@dataclass(frozen=True)
class Moved:
    """An extract that was placed in the corrected text at another place or with other words.

    `how` is ``"quote"`` (stands once), ``"context"`` (told from others by the words around it) or ``"similar"`` (the
    words were corrected); `similarity` is that of the quotes, 0 to 100.
    """

    extract: str
    start_before: int
    start: int
    quote_before: str
    quote: str
    how: str
    similarity: float


@dataclass(frozen=True)
class Lost:
    """An extract that could not be placed, why, and where it was; it is kept in the coding, `Extract.placed` False."""

    extract: str
    quote: str
    reason: str
    start: int = 0
    end: int = 0

    @property
    def sentence(self) -> str:
        """What a person needs to place it again: its words, where they were, and why they have no place."""
        return f'{self.extract}, characters {self.start:,} to {self.end:,} before: "{self.quote}": {self.reason}'


@dataclass(frozen=True)
class Reanchored:
    """A coding on a corrected document.

    Parameters
    ----------
    coding : Coding
        The same records; the document's checksum and length and its extracts' places are those of the new text.
    moved : tuple of Moved
        Extracts whose place or words changed.
    lost : tuple of Lost
        Extracts without a place.
    unchanged : int
        How many extracts stand where they stood, with the same words.
    foreign_moved : int
        How many selections kept for another program lie elsewhere now.
    foreign_lost : tuple of LostSelection
        Those that have no place; they are no longer kept.
    """

    coding: Coding
    moved: tuple[Moved, ...] = ()
    lost: tuple[Lost, ...] = ()
    unchanged: int = 0
    foreign_moved: int = 0
    foreign_lost: tuple[LostSelection, ...] = ()

    @property
    def sentence(self) -> str:
        """What became of the extracts, in one sentence."""
        total = self.unchanged + len(self.moved) + len(self.lost)
        reworded = sum(one.quote != one.quote_before for one in self.moved)
        said = (
            f"Of {count_of(total, 'extract')}, {self.unchanged:,} stand as they stood, {len(self.moved):,} were placed "
            f"again ({reworded:,} with corrected words) and {len(self.lost):,} could not be placed and wait for a "
            "person."
        )
        if self.foreign_moved:
            said += f" {count_of(self.foreign_moved, 'selection')} of another program moved along."
        if self.foreign_lost:
            gone = count_of(len(self.foreign_lost), "selection")
            said += f" {gone} of another program had no place any more and went."
        return said

    @property
    def table(self) -> pd.DataFrame:
        """One row an extract that changed: extract, outcome, how, similarity, start, quote_before, quote, reason.

        The start is that of now, and of before where it could not be placed.
        """
        rows: list[tuple[object, ...]] = [
            (one.extract, "moved", one.how, one.similarity, one.start, one.quote_before, one.quote, "")
            for one in self.moved
        ]
        rows += [(one.extract, "lost", "", None, one.start, one.quote, "", one.reason) for one in self.lost]
        columns = ["extract", "outcome", "how", "similarity", "start", "quote_before", "quote", "reason"]
        return pd.DataFrame(rows, columns=columns).astype({"similarity": "float64", "start": "Int64"})


def reanchor(coding: Coding, document_id: str, corrected_text: str) -> Reanchored:
    """Carry a document's extracts over to its corrected text.

    Parameters
    ----------
    coding : Coding
    document_id : str
    corrected_text : str
        The whole text as it is now; its line breaks are normalised.

    Returns
    -------
    Reanchored

    Raises
    ------
    KeyError
        When the coding has no such document.
    ValueError
        When the text is empty or holds half characters.

    Notes
    -----
    An extract is looked for by its exact quote; among several places by the words kept from before and after it (the
    quote and position selectors of the W3C Web Annotation Data Model, 2017); and where the words themselves were
    corrected by similarity, the normalised indel similarity of `rapidfuzz`, from `SIMILARITY_THRESHOLD` on, or from
    `BETWEEN_THRESHOLD` where both contexts stand unchanged around it. Where the text before can still be read,
    a passage in lines that were not changed stands where those lines stand now, and places that are alike in all of
    this are told from each other by how often the quote stood before them. A place is taken only when it is clearly the
    best one; else the extract keeps its quote and old place, and is marked. Selections kept for another program are
    placed in the same way, or, where their words are not known any more, between two extracts that moved by the same
    distance.

    Examples
    --------
    >>> from cop_analysis.realist.model.records import Snapshot
    >>> text = "P01: I rang them twice that week."
    >>> extract = Extract("x1", "D1", 5, 17, "I rang them ", "c1", "a", "P01: ", "twice that week.")
    >>> before = Coding(Snapshot("demo", documents=(Document("D1", "D1.txt"),), extracts=(extract,)))
    >>> after = reanchor(before, "D1", "I: And then?\\n\\nP01: I rang them once or twice.")
    >>> [(one.start, one.how) for one in after.moved], after.lost
    ([(19, 'quote')], ())
    """
    document = coding.find(Document, document_id)
    text = corrected_text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ValueError("The corrected text is empty. Give the whole text of the document as it is now.")
    try:
        digest = sha256(text.encode("utf-8")).hexdigest()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"The corrected text holds half of a character at position {error.start:,}. Save it again as UTF-8."
        ) from None
    speakers = document.speakers
    if speakers is not None:
        speakers = tuple(dict.fromkeys([*speakers, *(turn.speaker for turn in turns(text) if turn.speaker)]))
    place = _Placing(text, _text_before(coding, document))
    changed: list[Extract] = []
    moved: list[Moved] = []
    lost: list[Lost] = []
    unchanged = 0
    for extract in coding.snapshot.extracts:
        if extract.document != document_id:
            continue
        found = place.of(extract)
        if isinstance(found, str):
            lost.append(Lost(extract.id, extract.quote, found, extract.start, extract.end))
            changed.append(replace(extract, placed=False))
            continue
        new = _at(extract, text, found)
        changed.append(new)
        if (new.start, new.quote, True) == (extract.start, extract.quote, extract.placed):
            unchanged += 1
        else:
            moved.append(
                Moved(
                    extract.id,
                    extract.start,
                    new.start,
                    extract.quote,
                    new.quote,
                    found.how,
                    round(found.similarity, 1),
                )
            )
    record = replace(document, sha256=digest, length=len(text), speakers=speakers)
    kept = _foreign(coding, document, changed, place)
    after = Coding(
        coding.with_records(record, *changed, *(one.record for one in kept)).snapshot,
        _reading(coding.read_text, document_id, text),
    )
    return Reanchored(
        after,
        tuple(moved),
        tuple(lost),
        unchanged,
        sum(one.moved for one in kept),
        tuple(gone for one in kept for gone in one.lost),
    )


def _foreign(coding: Coding, document: Document, changed: Sequence[Extract], placing: _Placing) -> list[MovedForeign]:
    """Carry over the selections that another program's project holds in the document."""
    holding = [one for one in coding.snapshot.foreign if document.id in one.documents]
    if not holding:
        return []
    from cop_analysis.realist.model.identifiers import guid_of

    study, text = coding.snapshot.study, placing.before
    ours = {guid_of(study, "extract", one.id): one for one in changed}
    before = {one.id: one for one in coding.snapshot.extracts}
    fixed = sorted(
        {(before[one.id].start, one.start) for one in changed if one.placed and before[one.id].placed}
        | {(before[one.id].end, one.end) for one in changed if one.placed and before[one.id].placed}
        | {(0, 0), (document.length, len(placing.text))}
    )

    def place(guid: str, start: int, end: int) -> tuple[int, int] | None:
        if (extract := ours.get(guid)) is not None:
            # The extract says where it is; where it has no place, a person may give it one.
            return (extract.start, extract.end) if extract.placed else (start, end)
        if text is None:
            here, there = between(start), between(end)
            return (here, there) if here is not None and there is not None and here < there else None
        found = placing.of(_selected(text, document.id, start, end))
        return None if isinstance(found, str) else (found.start, found.end)

    def between(position: int) -> int | None:
        """Give a position that lies between two that moved alike."""
        number = bisect_left(fixed, (position, -1))
        ways = {now - was for was, now in fixed[max(0, number - 1) : number + 1]}
        exact = [now for was, now in fixed if was == position]
        if exact:
            return exact[0]
        return position + ways.pop() if len(ways) == 1 else None

    def point(position: int) -> int | None:
        if text is None:
            return between(position)
        direct = placing.moved_to(position, position)
        if direct is not None:
            return direct[0]
        end = text.find("\n", position + 1)
        found = placing.of(_selected(text, document.id, position, min(end if end > 0 else len(text), position + 64)))
        return None if isinstance(found, str) else found.start

    source = guid_of(study, "document", document.id)
    kept = [carry_over(one, source, place, point) for one in holding]
    if text is not None:
        kept = [
            replace(one, lost=tuple(replace(gone, quote=text[gone.start : gone.end]) for gone in one.lost))
            for one in kept
        ]
    return kept


def _selected(text: str, document: str, start: int, end: int) -> Extract:
    """Write a selection of a text as an extract, to be looked for as one."""
    prefix, suffix = text[max(0, start - CONTEXT_LENGTH) : start], text[end : end + CONTEXT_LENGTH]
    return Extract("", document, start, end, text[start:end], "", "", prefix, suffix)


def _text_before(coding: Coding, document: Document) -> str | None:
    """Give the text the extracts were made on, if it can still be read and is that very text."""
    try:
        text = coding.text(document.id)
    except Exception:
        return None
    return text if sha256(text.encode("utf-8", "surrogatepass")).hexdigest() == document.sha256.lower() else None


def _reading(before: Callable[[str], str] | None, document_id: str, text: str) -> Callable[[str], str]:
    def read(document: str) -> str:
        if document == document_id:
            return text
        if before is None:
            raise ValueError("This coding was opened without its study, so its documents cannot be read.")
        return before(document)

    return read


@dataclass(frozen=True)
class _Place:
    start: int
    end: int
    how: str
    similarity: float = 100.0


def _at(extract: Extract, text: str, place: _Place) -> Extract:
    return replace(
        extract,
        start=place.start,
        end=place.end,
        quote=text[place.start : place.end],
        prefix=text[max(0, place.start - CONTEXT_LENGTH) : place.start],
        suffix=text[place.end : place.end + CONTEXT_LENGTH],
        placed=True,
    )


@dataclass
class _Placing:
    """Finds places in one corrected text, remembering what it found for the same words."""

    text: str
    before: str | None
    _found: dict[tuple[str, str, str, int], _Place | str] = field(default_factory=dict)

    @cached_property
    def _word_starts(self) -> list[int]:
        return sorted({match.start() for match in _WORD.finditer(self.text)})

    @cached_property
    def _word_ends(self) -> list[int]:
        return [match.end() for match in _WORD.finditer(self.text)]

    @cached_property
    def _blocks(self) -> list[tuple[int, int, int]]:
        """The parts of the text before that were not changed: start, end, and where the part begins now."""
        from difflib import SequenceMatcher

        from rapidfuzz.distance import Postfix, Prefix

        if self.before is None:
            return []
        old, new = self.before, self.text
        same = int(Prefix.similarity(old, new))
        tail = int(Postfix.similarity(old[same:], new[same:]))
        old_lines, new_lines = (_LINES.findall(one[same : len(one) - tail]) for one in (old, new))
        old_at, new_at = (list(accumulate(map(len, lines), initial=same)) for lines in (old_lines, new_lines))
        blocks = [(0, same, 0)]
        for match in SequenceMatcher(None, old_lines, new_lines).get_matching_blocks():
            if match.size:
                blocks.append((old_at[match.a], old_at[match.a + match.size], new_at[match.b]))
        return [*blocks, (len(old) - tail, len(old), len(new) - tail)]

    def moved_to(self, start: int, end: int) -> tuple[int, int] | None:
        """Give where a passage is now that lies in a part which was not changed; None where it does not."""
        for first, last, now in self._blocks:
            if first <= start and end <= last and first < last:
                return start - first + now, end - first + now
        return None

    def _in_unchanged_part(self, extract: Extract) -> int | None:
        """Give where an extract begins now, if it stood in a part that was not changed."""
        if self.before is None or self.before[extract.start : extract.end] != extract.quote or not extract.placed:
            return None
        found = self.moved_to(extract.start, extract.end)
        return None if found is None else found[0]

    def of(self, extract: Extract) -> _Place | str:
        """Give the place of an extract, or why it has none."""
        key = (extract.prefix, extract.quote, extract.suffix, extract.start)
        if key not in self._found:
            self._found[key] = self._find(extract)
        return self._found[key]

    def _find(self, extract: Extract) -> _Place | str:
        quote = extract.quote
        if not quote.strip():
            return "its quote holds nothing but blanks"
        starts = _occurrences(self.text, quote)
        if len(starts) == 1 and self._is_itself(extract, starts[0]):
            return _Place(starts[0], starts[0] + len(quote), "quote")
        stayed = self._in_unchanged_part(extract) if starts else None
        if stayed is not None:
            return _Place(stayed, stayed + len(quote), "context")
        if len(starts) == 1:
            return "its words stand once in the corrected text, but between quite other words than before"
        if starts:
            return self._among(extract, starts)
        return self._between(extract) or self._similar(extract)

    # --- the same words ------------------------------------------------------------------------------------------

    def _is_itself(self, extract: Extract, start: int) -> bool:
        """Say whether the only place of the words is that of the extract, and not another one that is left."""
        if not (extract.prefix or extract.suffix):
            return True
        others = self.before is not None and len(_occurrences(self.before, extract.quote)) > 1
        if len(extract.quote) >= UNMISTAKABLE and not others:
            return True
        return self._context(extract, start, start + len(extract.quote)) >= ALIKE_AROUND

    def _among(self, extract: Extract, starts: list[int]) -> _Place | str:
        """Choose among places of the same words: by the words around them, then by how many stood before."""
        scores = [self._context(extract, start, start + len(extract.quote)) for start in starts]
        best = max(scores)
        near = [start for start, score in zip(starts, scores, strict=True) if score > best - CLEAR_LEAD]
        if len(near) == 1 and best > 0:
            return _Place(near[0], near[0] + len(extract.quote), "context")
        if self.before is not None and extract.placed:
            stood = _occurrences(self.before, extract.quote)
            if len(stood) == len(starts) and extract.start in stood:
                start = starts[stood.index(extract.start)]
                return _Place(start, start + len(extract.quote), "context")
        return (
            f"its words stand at {len(starts):,} places of the corrected text, and the words around do not tell which"
        )

    def _context(self, extract: Extract, start: int, end: int) -> float:
        from rapidfuzz import fuzz

        before = self.text[max(0, start - CONTEXT_LENGTH) : start][-len(extract.prefix) or CONTEXT_LENGTH :]
        after = self.text[end : end + CONTEXT_LENGTH][: len(extract.suffix) or CONTEXT_LENGTH]
        return (fuzz.ratio(extract.prefix, before) + fuzz.ratio(extract.suffix, after)) / 2

    # --- other words ---------------------------------------------------------------------------------------------

    def _between(self, extract: Extract) -> _Place | None:
        """Take what stands between the words before and after, where both stand unchanged and only once."""
        from rapidfuzz import fuzz

        ends = (
            [0]
            if not extract.prefix
            else [one + len(extract.prefix) for one in _occurrences(self.text, extract.prefix)]
        )
        starts = [len(self.text)] if not extract.suffix else _occurrences(self.text, extract.suffix)
        if len(ends) != 1 or len(starts) != 1 or (not extract.prefix and not extract.suffix):
            return None
        start, end = ends[0], starts[0]
        if not (start < end <= start + 3 * len(extract.quote) + 40) or not self.text[start:end].strip():
            return None
        similarity = fuzz.ratio(extract.quote, self.text[start:end])
        return _Place(start, end, "similar", similarity) if similarity >= BETWEEN_THRESHOLD else None

    def _similar(self, extract: Extract) -> _Place | str:
        from rapidfuzz import fuzz

        quote = extract.quote
        if len(quote.strip()) < _SHORTEST_FUZZY:
            return "its words do not stand in the corrected text, and are too few to look for similar ones"
        first = fuzz.partial_ratio_alignment(quote, self.text, score_cutoff=SIMILARITY_THRESHOLD - 15)
        if first is None or len(quote) > len(self.text):
            best = self._around(quote, 0, len(self.text)) if len(quote) > len(self.text) else None
            if best is None or best.similarity < SIMILARITY_THRESHOLD:
                return (
                    f"no passage of the corrected text is like it (similarity {SIMILARITY_THRESHOLD:g} of 100 or more)"
                )
            return best
        best = self._around(quote, first.dest_start, first.dest_end)
        if best.similarity < SIMILARITY_THRESHOLD:
            return (
                f"the passage most like it is not like enough (similarity {best.similarity:.0f} of 100, where "
                f"{SIMILARITY_THRESHOLD:g} is due)"
            )
        rest = [(0, best.start), (best.end, len(self.text))]
        rivals = [best]
        for start, end in rest:
            other = fuzz.partial_ratio_alignment(quote, self.text[start:end], score_cutoff=best.similarity - CLEAR_LEAD)
            if other is not None and end - start >= len(quote) // 2:
                rivals.append(self._around(quote, start + other.dest_start, start + other.dest_end))
        close = [one for one in rivals if one.similarity > best.similarity - CLEAR_LEAD]
        ranked = sorted(close, key=lambda one: -(one.similarity + self._context(extract, one.start, one.end)))
        if len(ranked) > 1:
            lead = [one.similarity + self._context(extract, one.start, one.end) for one in ranked[:2]]
            if lead[0] - lead[1] < CLEAR_LEAD:
                return (
                    "several passages of the corrected text are as much like it, and the words around do not tell which"
                )
        return ranked[0]

    def _around(self, quote: str, start: int, end: int) -> _Place:
        """Fit the passage most like a quote near a place, from the beginning of a word to the end of one."""
        from rapidfuzz import fuzz

        slack = max(20, len(quote) // 4)
        begins = _slice(self._word_starts, start - slack, start + slack) or [start]
        ends = _slice(self._word_ends, end - slack, end + slack) or [end]
        # One bound after the other, twice, so that a long quote costs no more than a few dozen comparisons.
        for _ in range(2):
            start = max((fuzz.ratio(quote, self.text[one:end]), -abs(one - start), one) for one in begins)[2]
            end = max((fuzz.ratio(quote, self.text[start:one]), -abs(one - end), one) for one in ends)[2]
        return _Place(start, end, "similar", fuzz.ratio(quote, self.text[start:end]))


def _occurrences(text: str, words: str) -> list[int]:
    starts = []
    start = text.find(words)
    while start >= 0:
        starts.append(start)
        start = text.find(words, start + 1)
    return starts


def _slice(ordered: list[int], first: int, last: int) -> list[int]:
    return ordered[bisect_left(ordered, first) : bisect_right(ordered, last)]
