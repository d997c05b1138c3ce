"""The verbs of theory work: versions, questions, validations, memos, decisions, and corrections of any record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cop_analysis.realist.coding.holders import Holder, Table, Who, moment
from cop_analysis.realist.model.identifiers import new_identifier
from cop_analysis.realist.model.records import (
    COLLECTIONS,
    Configuration,
    Decision,
    Document,
    Evidence,
    Extract,
    Memo,
    Question,
    Record,
    Theory,
    Validation,
)
from cop_analysis.realist.model.vocabulary import ABOUT
from cop_analysis.realist.store.acts import Act
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.state import KINDS


class TheoryWork(Holder):
    """How the theory came about, and how it is put to people: ``coding.theory``."""

    def record(
        self,
        label: str,
        stage: str,
        *,
        statement: str = "",
        follows: Sequence[str | Theory] = (),
        move: str | None = None,
        inference: str | None = None,
        reason: str = "",
        configurations: Sequence[str | Configuration] = (),
        evidence: Sequence[str | Evidence] = (),
        middle_range: str = "",
        id: str | None = None,
        coder: Who = None,
    ) -> Theory:
        """Record a version of the programme theory and how it came out of those before it.

        Parameters
        ----------
        label : str
        stage : {"initial", "tested", "refined"}
        statement : str
        follows : sequence of theories or identifiers
            The versions it came out of.
        move : {"juxtapose", "reconcile", "adjudicate", "consolidate", "situate"}, optional
        inference : {"deductive", "inductive", "abductive", "retroductive"}, optional
        reason : str
            Why the theory changed.
        configurations, evidence : sequences of records or identifiers
            Those that say it, and the links the step rests on.
        middle_range : str
            The middle-range theory it leans on, with its source.

        Raises
        ------
        CodingError
            When a word is not one of the field's, or the version would come out of itself.
        """
        who = self._who(coder)
        made = Theory(
            id or new_identifier("theory"),
            label,
            stage,
            statement,
            (),
            move,
            inference,
            reason,
            middle_range=middle_range,
            coder=who,
            created=moment(),
        )
        added: Theory = self._linked(
            Act.RECORD_THEORY,
            who,
            made,
            follows=("theories", tuple(follows)),
            configurations=("configurations", tuple(configurations)),
            evidence=("evidence", tuple(evidence)),
        )
        return added

    def ask(
        self,
        wording: str,
        *,
        configurations: Sequence[str | Configuration] = (),
        theories: Sequence[str | Theory] = (),
        purpose: str | None = None,
        whom: str = "",
        documents: Sequence[str | Document] = (),
        id: str | None = None,
        coder: Who = None,
    ) -> Question:
        """Record an interview question and the theory it tests."""
        who = self._who(coder)
        made = Question(id or new_identifier("q"), wording, (), (), purpose, whom, coder=who, created=moment())
        added: Question = self._linked(
            Act.ASK,
            who,
            made,
            configurations=("configurations", tuple(configurations)),
            theories=("theories", tuple(theories)),
            documents=("documents", tuple(documents)),
        )
        return added

    def validate(
        self,
        statement: str | Configuration | Theory,
        verdict: str,
        *,
        who: str = "",
        configuration: str | Configuration | None = None,
        theory: str | Theory | None = None,
        document: str | Document | None = None,
        extracts: Sequence[str | Extract] = (),
        comment: str = "",
        id: str | None = None,
        coder: Who = None,
    ) -> Validation:
        """Record what somebody who knows the programme said to a statement that was put to them.

        Parameters
        ----------
        statement : str, Configuration or Theory
            The words as they were put; of a record, the statement it makes.
        verdict : str
            One of the field's words.
        who : str
            A person's pseudonym, or a group.
        configuration, theory, document, extracts
            What it is about, and where it was said.
        """
        if isinstance(statement, Configuration):
            configuration, statement = configuration or statement, statement.statement
        elif isinstance(statement, Theory):
            theory, statement = theory or statement, statement.statement
        by = self._who(coder)
        made = Validation(
            id or new_identifier("v"), statement, verdict, who, comment=comment, coder=by, created=moment()
        )
        added: Validation = self._linked(
            Act.VALIDATE_STATEMENT,
            by,
            made,
            configuration=("configurations", configuration),
            theory=("theories", theory),
            document=("documents", document),
            extracts=("extracts", tuple(extracts)),
        )
        return added

    def decide(
        self,
        what: str,
        *,
        reason: str = "",
        alternatives: str = "",
        about: Record | None = None,
        coders: Sequence[Any] | None = None,
        id: str | None = None,
        coder: Who = None,
    ) -> Decision:
        """Record what the team decided, why, what else was on the table and who decided.

        Parameters
        ----------
        what, reason, alternatives : str
        about : record, optional
        coders : sequence of coders or identifiers, optional
            Who decided; the one who records it where left out.
        """
        who = self._who(coder)
        made = Decision(id or new_identifier("d"), what, reason, alternatives, *_about(about), (), moment())
        decided = (who,) if coders is None else tuple(coders)
        return self._linked(Act.DECIDE, who, made, coders=("coders", decided))


class Memos(Table):
    """What the analysts wrote down, on records and on themselves: ``coding.memos``."""

    reads = "memos"

    def add(
        self,
        text: str,
        *,
        about: Record | None = None,
        title: str = "",
        kind: str = "analytic",
        id: str | None = None,
        coder: Who = None,
    ) -> Memo:
        """Write a memo: on a record, or on the analysts themselves (``kind="reflexive"``)."""
        who = self._who(coder)
        made = Memo(id or new_identifier("memo"), text, title, kind, *_about(about), who, moment())
        return self._add(Act.WRITE_MEMO, who, made)


def _about(record: Record | None) -> tuple[str | None, str | None]:
    if record is None:
        return None, None
    words = {collection: word for word, collection in ABOUT.items()}
    collection = COLLECTIONS.get(type(record))
    if collection not in words:
        kinds = ", ".join(KINDS[one].__name__ for one in words)
        raise CodingError(f"Give the record it is about, which is one of {kinds}; not {record!r}.")
    return words[collection], record.id
