"""The verbs of theory work: configurations, versions of the theory, questions, validations, memos, decisions.

Configurations have slots, evidence, rivals, measures and ripples; partial ones are legal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from cop_analysis.realist.coding.keeping import Holder, Table, Who, moment
from cop_analysis.realist.model.identifiers import new_identifier
from cop_analysis.realist.model.records import (
    COLLECTIONS,
    Code,
    Configuration,
    Decision,
    Document,
    Evidence,
    Extract,
    Measure,
    Memo,
    Question,
    Record,
    Ripple,
    Slot,
    Theory,
    Validation,
)
from cop_analysis.realist.model.vocabulary import ABOUT, SCHEMAS
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.log import Act
from cop_analysis.realist.store.state import KINDS, Changes, State
from cop_analysis.study.faults import nearest


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


class Configurations(Table):
    """Configurations and what speaks for and against them: ``coding.configurations``."""

    reads = "configurations"

    def add(
        self,
        label: str,
        *,
        statement: str = "",
        schema: str = "CMO",
        level: str | None = None,
        for_whom: str = "",
        activation: float | None = None,
        theme: str = "",
        otherwise: str = "",
        confidence: str | None = None,
        id: str | None = None,
        coder: Who = None,
    ) -> Configuration:
        """Add a configuration; its slots are filled by `fill`, and it may stay partial.

        Parameters
        ----------
        label : str
            A short name.
        statement : str
            The configured statement, in the team's own words.
        schema : {"CMO", "ICAMO", "SCMO", "if-then"}
        level, for_whom, activation, theme, otherwise, confidence
            As `Configuration` says.
        id : str, optional
        coder : coder or identifier, optional

        Raises
        ------
        CodingError
            When a word is not one of the field's, or the activation not between 0 and 1.
        """
        made = Configuration(
            id or new_identifier("cmo"),
            label,
            schema,
            statement,
            level,
            for_whom,
            activation,
            theme=theme,
            otherwise=otherwise,
            confidence=confidence,
        )
        return self._add(Act.ADD_CONFIGURATION, coder, made)

    def fill(
        self,
        configuration: str | Configuration,
        role: str,
        *codes: str | Code,
        wording: str | None = None,
        coder: Who = None,
    ) -> Configuration:
        """Fill a slot of a configuration with codes, wording, or both; what is in it already stays.

        Parameters
        ----------
        configuration : configuration or identifier
        role : str
            As its schema names it: ``"context"``, ``"resource"``, ``"reasoning"``, ``"outcome"`` for CMO.
        *codes : codes or identifiers
            The role sits on this link: the same code may stand in another role elsewhere.
        wording : str, optional
            Replaces the wording of the slot.

        Raises
        ------
        CodingError
            When the schema has no such role, or neither codes nor wording are given.
        """
        if not codes and wording is None:
            raise CodingError("Say what fills the slot: one or more codes, or wording='...'.")

        def edit(state: State) -> Changes:
            now = state.require("configurations", configuration)
            schema = SCHEMAS[now.schema]
            if schema.role(role) is None:
                roles = [one.key for one in schema.roles]
                near = nearest(str(role)[:100], roles)
                hint = f"; {near!r} is near" if near else ""
                raise CodingError(f"The schema {schema.name} has no role {role!r}: it has {', '.join(roles)}{hint}.")
            chosen = [state.require("codes", code).id for code in codes]
            slots: list[Slot] = list(now.slots)
            place = next((number for number, slot in enumerate(slots) if slot.role == role), None)
            if place is None:
                slots.append(Slot(role, tuple(dict.fromkeys(chosen)), wording or ""))
                order = [one.key for one in schema.roles]
                slots.sort(key=lambda slot: order.index(slot.role) if slot.role in order else len(order))
            else:
                held = slots[place]
                words = held.wording if wording is None else wording
                slots[place] = Slot(role, tuple(dict.fromkeys([*held.codes, *chosen])), words)
            return {("configurations", now.id): replace(now, slots=tuple(slots))}

        return self._configuration(Act.FILL_SLOT, coder, configuration, edit)

    def empty(
        self, configuration: str | Configuration, role: str, *codes: str | Code, coder: Who = None
    ) -> Configuration:
        """Take codes out of a slot; without codes, empty the slot."""

        def edit(state: State) -> Changes:
            now = state.require("configurations", configuration)
            gone = {state.require("codes", code).id for code in codes}
            kept = []
            for slot in now.slots:
                if slot.role != role:
                    kept.append(slot)
                elif codes:
                    left = replace(slot, codes=tuple(one for one in slot.codes if one not in gone))
                    if left.codes or left.wording:
                        kept.append(left)
            return {("configurations", now.id): replace(now, slots=tuple(kept))}

        return self._configuration(Act.EMPTY_SLOT, coder, configuration, edit)

    def delete(
        self, configuration: str | Configuration, *, evidence: Literal["delete"] | None = None, coder: Who = None
    ) -> None:
        """Delete a configuration; one in use only if you say that its links and ripples go with it.

        Raises
        ------
        InUse
            When something uses it and ``evidence="delete"`` was not said.
        """
        self._delete(Act.DELETE_CONFIGURATION, coder, "configurations", configuration, evidence, "evidence='delete'")

    # --- evidence ---------------------------------------------------------------------------------------------------

    def link(
        self,
        extract: str | Extract,
        configuration: str | Configuration,
        stance: str,
        *,
        slot: str | None = None,
        inference: str | None = None,
        relevance: str | None = None,
        richness: str | None = None,
        rigour: str | None = None,
        reason: str = "",
        id: str | None = None,
        coder: Who = None,
    ) -> Evidence:
        """Say that an extract speaks for or against a configuration, or one slot of it.

        Parameters
        ----------
        extract, configuration : records or identifiers
        stance : {"supports", "refines", "refutes"}
        slot : str, optional
            The role it is about; the configuration as a whole where left out.
        inference : {"deductive", "inductive", "abductive", "retroductive"}, optional
        relevance, richness, rigour : {"high", "moderate", "low"}, optional
        reason : str

        Raises
        ------
        CodingError
            When a word is not one of the field's, or the slot is not one of the schema's.
        """
        who = self._who(coder)
        made = Evidence(
            id or new_identifier("e"),
            "",
            "",
            stance,
            slot,
            inference,
            relevance,
            richness,
            rigour,
            reason,
            who,
            moment(),
        )
        return self._linked(
            Act.LINK_EVIDENCE, who, made, extract=("extracts", extract), configuration=("configurations", configuration)
        )

    def unlink(self, evidence: str | Evidence, *, coder: Who = None) -> None:
        """Take an evidence link away; extract and configuration stay.

        Raises
        ------
        InUse
            When a version of the theory rests on it.
        """
        self._delete(Act.UNLINK, coder, "evidence", evidence, None, "so by taking it out of the theory first")

    # --- between configurations -------------------------------------------------------------------------------------

    def add_rival(
        self, configuration: str | Configuration, rival: str | Configuration, *, coder: Who = None
    ) -> Configuration:
        """Say that two configurations explain the same outcome by different mechanisms.

        Raises
        ------
        CodingError
            When it is the configuration itself.
        """

        def edit(state: State) -> Changes:
            now, other = state.require("configurations", configuration), state.require("configurations", rival)
            if now.id == other.id:
                raise CodingError(f"{now.label!r} cannot be its own rival. Nothing was changed.")
            if now.id in other.rivals:
                return {}
            return {("configurations", now.id): replace(now, rivals=tuple(dict.fromkeys([*now.rivals, other.id])))}

        return self._configuration(Act.ADD_RIVAL, coder, configuration, edit)

    def remove_rival(
        self, configuration: str | Configuration, rival: str | Configuration, *, coder: Who = None
    ) -> Configuration:
        """Say no longer that two configurations are rivals, whichever of them says it."""

        def edit(state: State) -> Changes:
            pair = [state.require("configurations", one) for one in (configuration, rival)]
            names = {one.id for one in pair}
            return {
                ("configurations", one.id): replace(one, rivals=tuple(name for name in one.rivals if name not in names))
                for one in pair
            }

        return self._configuration(Act.REMOVE_RIVAL, coder, configuration, edit)

    def add_measure(self, configuration: str | Configuration, measure: Measure, *, coder: Who = None) -> Configuration:
        """Point a configuration at measured evidence: a survey item or scale, a network measure, ratings, a series."""

        def edit(state: State) -> Changes:
            now = state.require("configurations", configuration)
            return {("configurations", now.id): replace(now, measures=tuple(dict.fromkeys([*now.measures, measure])))}

        return self._configuration(Act.ADD_MEASURE, coder, configuration, edit)

    def remove_measure(
        self, configuration: str | Configuration, measure: Measure, *, coder: Who = None
    ) -> Configuration:
        """Point a configuration at that measured evidence no longer."""

        def edit(state: State) -> Changes:
            now = state.require("configurations", configuration)
            left = tuple(one for one in now.measures if one != measure)
            return {("configurations", now.id): replace(now, measures=left)}

        return self._configuration(Act.REMOVE_MEASURE, coder, configuration, edit)

    # --- the parts --------------------------------------------------------------------------------------------------

    def _configuration(self, act: Act, coder: Who, configuration: str | Configuration, edit: Any) -> Configuration:
        self._transact(act, edit, coder)
        found: Configuration = self._state.require("configurations", configuration)
        return found


class Ripples(Table):
    """Outcomes that become context of another configuration: ``coding.ripples``."""

    reads = "ripples"

    def add(
        self,
        source: str | Configuration,
        target: str | Configuration,
        *,
        note: str = "",
        extracts: tuple[str | Extract, ...] = (),
        id: str | None = None,
        coder: Who = None,
    ) -> Ripple:
        """Say that the outcome of one configuration becomes context of another; loops are legal."""
        made = Ripple(id or new_identifier("r"), "", "", note)
        return self._linked(
            Act.ADD_RIPPLE,
            coder,
            made,
            source=("configurations", source),
            target=("configurations", target),
            extracts=("extracts", extracts),
        )

    def remove(self, ripple: str | Ripple, *, coder: Who = None) -> None:
        """Take a ripple away."""
        self._delete(Act.REMOVE_RIPPLE, coder, "ripples", ripple, None, "so")
