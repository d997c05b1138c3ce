"""The verbs of configurations: slots, evidence, rivals, measures and ripples. Partial configurations are legal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from cop_analysis.realist.coding.holders import Table, Who, moment
from cop_analysis.realist.model.identifiers import new_identifier
from cop_analysis.realist.model.records import (
    Code,
    Configuration,
    Evidence,
    Extract,
    Measure,
    Ripple,
    Slot,
)
from cop_analysis.realist.model.vocabulary import SCHEMAS
from cop_analysis.realist.store.acts import Act
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.state import Changes, State
from cop_analysis.study.faults import nearest


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
