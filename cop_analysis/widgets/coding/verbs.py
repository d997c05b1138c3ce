"""What the browser may ask of a coding, verb by verb, each one transaction. Judging the values is the store's work."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from cop_analysis.characters import shortened
from cop_analysis.realist.coding import KeptCoding
from cop_analysis.realist.coding.codes import refuse_twin
from cop_analysis.realist.model import COLLECTIONS, Code, Coding, Configuration, Decision, Evidence, Extract, Slot
from cop_analysis.realist.model.reanchoring import Reanchored
from cop_analysis.realist.model.vocabulary import ABOUT, SCHEMAS
from cop_analysis.realist.store import ChangedElsewhere, CodingError
from cop_analysis.realist.store.log import Act, Change

Arguments = Mapping[str, Any]
Verb = Callable[[KeptCoding, str, Arguments], Any]

KINDS: Final = {name: kind for kind, name in COLLECTIONS.items()}


def perform(coding: KeptCoding, coder: str, verb: str, arguments: Arguments) -> str | Reanchored:
    """Do what the browser asked, as a coder.

    What was asked twice, because the first answer got lost, is done once: a record whose identifier the browser made
    is there already then.

    Returns
    -------
    str or Reanchored
        What became of it, where the browser cannot know: what an undo or a redo was about, where extracts stand now.

    Raises
    ------
    CodingError
        When it may not be done; the message is what the person reads.
    """
    chosen = VERBS.get(verb)
    if chosen is None:
        raise CodingError(f"The panel asked for {verb!r}, which this workbench does not do. Run the cell again.")
    makes = MAKES.get(verb)
    identifier = arguments.get("id")
    if makes is not None and isinstance(identifier, str) and _found(coding, makes, identifier) is not None:
        return ""
    try:
        done = chosen(coding, coder, arguments)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise CodingError(
            f"The panel asked for {verb.replace('_', ' ')} in a way that was not understood ({error}). Nothing was "
            "changed; run the cell again."
        ) from error
    return done if isinstance(done, str | Reanchored) else ""


def _found(coding: Coding, collection: str, identifier: str) -> Any | None:
    try:
        return coding.find(KINDS[collection], identifier)
    except KeyError:
        return None


def _record(coding: Coding, collection: str, identifier: str) -> Any:
    found = _found(coding, collection, identifier)
    if found is None:
        kind = KINDS[collection].__name__.lower()
        raise CodingError(f"The {kind} {identifier!r} is gone: somebody deleted it. Nothing was changed.")
    return found


# --- texts --------------------------------------------------------------------------------------------------------


def _add_extract(coding: KeptCoding, coder: str, given: Arguments) -> None:
    """Code a passage; a code made for it comes in the same change."""
    code: Any = given["code"]
    made = given.get("made")
    if made is not None and _found(coding, "codes", code) is None:
        code = Code(code, made["name"], made.get("parent"), colour=made.get("colour", ""))
    coding.extracts.add(
        given["document"],
        given["start"],
        given["end"],
        code,
        quote=given.get("quote"),
        memo=given.get("memo", ""),
        id=given.get("id"),
        coder=coder,
    )


def _recode(coding: KeptCoding, coder: str, given: Arguments) -> None:
    made = given.get("made")
    if made is None or _found(coding, "codes", given["code"]) is not None:
        coding.extracts.recode(given["extract"], given["code"], coder=coder)
        return
    code = Code(given["code"], made["name"], made.get("parent"), colour=made.get("colour", ""))

    def edit(state: Any) -> dict[tuple[str, str], Any]:
        refuse_twin(state, code.id, code.name, code.parent)
        extract = state.require("extracts", given["extract"])
        return {("codes", code.id): code, ("extracts", extract.id): replace(extract, code=code.id)}

    together(coding, Act.RECODE, coder, edit)


def _delete_extract(coding: KeptCoding, coder: str, given: Arguments) -> None:
    if _found(coding, "extracts", given["extract"]) is not None:
        coding.extracts.delete(given["extract"], evidence=given.get("evidence"), coder=coder)


def _memo(coding: KeptCoding, coder: str, given: Arguments) -> None:
    about = given.get("about")
    record = None
    if about is not None:
        collection = ABOUT.get(about[0], "")
        if collection == "documents":
            coding.documents.take_in(about[1], coder=coder)
        record = _record(coding, collection, about[1])
    coding.memos.add(
        given["text"],
        about=record,
        title=given.get("title", ""),
        kind=given.get("kind", "analytic"),
        id=given.get("id"),
        coder=coder,
    )


# --- any record ---------------------------------------------------------------------------------------------------


def _change(coding: KeptCoding, coder: str, given: Arguments) -> None:
    """Give fields other values, as long as they are what the person saw when they began to type."""
    record = _record(coding, given["collection"], given["id"])
    values = {name: _as_field(value) for name, value in given["values"].items()}
    for name, seen in (given.get("was") or {}).items():
        now = getattr(record, name)
        if name in values and now not in (_as_field(seen), values[name]):
            raise ChangedElsewhere(
                f"Somebody changed this meanwhile. It now says: {_shown(now)}. Yours was not stored; it stays in the "
                "field, so that you can put the two together."
            )
    coding.change(record, coder=coder, **values)


def _as_field(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _shown(value: object, longest: int = 200) -> str:
    text = " ".join(str(value).split())
    return f'"{shortened(text, longest)}"'


# --- configurations -----------------------------------------------------------------------------------------------


def _take(coding: KeptCoding, coder: str, given: Arguments) -> None:
    """Take an extract into a configuration or one slot of it: the evidence link, and its code into the slot."""
    role = given.get("slot")
    extract: Extract = _record(coding, "extracts", given["extract"])
    made = Evidence(
        given["id"],
        extract.id,
        given["configuration"],
        given.get("stance", "supports"),
        role,
        given.get("inference"),
        given.get("relevance"),
        given.get("richness"),
        given.get("rigour"),
        given.get("reason", ""),
        coder,
        given.get("created", ""),
    )

    def edit(state: Any) -> dict[tuple[str, str], Any]:
        configuration: Configuration = state.require("configurations", given["configuration"])
        state.require("extracts", extract.id)
        changes: dict[tuple[str, str], Any] = {("evidence", made.id): made}
        if role is not None and made.stance != "refutes":
            filled = with_code(configuration, role, extract.code)
            if filled != configuration:
                changes["configurations", configuration.id] = filled
        return changes

    together(coding, Act.TAKE_INTO_SLOT if role else Act.LINK_EVIDENCE, coder, edit)


def with_code(configuration: Configuration, role: str, code: str) -> Configuration:
    """Give a configuration in which a slot holds a code besides what it held.

    Raises
    ------
    CodingError
        When its schema has no such role.

    Examples
    --------
    >>> with_code(Configuration("cmo1", "Trust"), "context", "c1").slots
    (Slot(role='context', codes=('c1',), wording=''),)
    """
    roles = [one.key for one in SCHEMAS[configuration.schema].roles]
    if role not in roles:
        raise CodingError(f"The schema {configuration.schema} has no role {role!r}: it has {', '.join(roles)}.")
    slots = {slot.role: slot for slot in configuration.slots}
    held = slots.get(role, Slot(role))
    slots[role] = replace(held, codes=tuple(dict.fromkeys([*held.codes, code])))
    order = [*roles, *(one for one in slots if one not in roles)]
    return replace(configuration, slots=tuple(slots[one] for one in order if one in slots))


def _reword_slot(coding: KeptCoding, coder: str, given: Arguments) -> None:
    configuration: Configuration = _record(coding, "configurations", given["configuration"])
    now = next((slot.wording for slot in configuration.slots if slot.role == given["role"]), "")
    if "was" in given and now not in (given["was"], given["wording"]):
        raise ChangedElsewhere(
            f"Somebody reworded this slot meanwhile. It now says: {_shown(now)}. Yours was not stored; it stays in "
            "the field."
        )
    coding.configurations.fill(configuration, given["role"], wording=given["wording"], coder=coder)


# --- two coders ---------------------------------------------------------------------------------------------------


def _resolve(coding: KeptCoding, coder: str, given: Arguments) -> None:
    """Settle a disagreement: what becomes of the extract, and the decision with its reason, in one change."""
    extract: Extract = _record(coding, "extracts", given["extract"])
    outcome, reason = given["outcome"], given["reason"].strip()
    if not reason:
        raise CodingError("Write the reason first: it is what a reader will want to know. Nothing was changed.")
    others = tuple(one for one in given.get("coders", ()) if one != extract.coder)
    name = _record(coding, "codes", extract.code).name
    what = {
        "accept": f"{name} stays where {extract.coder} coded it, and is given by {', '.join(others)} as well.",
        "remove": f"{name}, coded by {extract.coder}, was taken away.",
        "differ": f"{name}, coded by {extract.coder}, stays theirs alone: the coders agree to differ.",
    }
    if outcome not in what:
        raise CodingError(f"A disagreement is settled by one of {', '.join(what)}, not {outcome!r}.")
    about = ("document", extract.document) if outcome == "remove" else ("extract", extract.id)
    quote = shortened(extract.quote, 300)
    decision = Decision(
        given["id"],
        f"{what[outcome]} The passage: “{quote}”",
        reason,
        given.get("alternatives", ""),
        *about,
        tuple(given.get("coders", (coder,))),
        given.get("created", ""),
    )

    def edit(state: Any) -> dict[tuple[str, str], Any]:
        now = state.require("extracts", extract.id)
        changes: dict[tuple[str, str], Any] = {("decisions", decision.id): decision}
        if outcome == "remove":
            changes["extracts", now.id] = None
        if outcome == "accept":
            for number, other in enumerate(others):
                state.require("coders", other)
                twin = replace(now, id=f"{given['twin']}{number or ''}", coder=other, created=decision.created, memo="")
                changes["extracts", twin.id] = twin
        return changes

    together(coding, Act.RESOLVE, coder, edit)


def together(coding: KeptCoding, verb: str, coder: str, edit: Callable[[Any], Mapping[Any, Any]]) -> None:
    """Change several records in one transaction, which one undo takes back."""
    coding.transact(verb, edit, coder=coder)


def _turn(coding: KeptCoding, coder: str, action: str) -> str:
    """Take back or make again the last thing the person did; say what it was."""
    log = coding.log
    turn, back = (log.undo, log.redo) if action == "undo" else (log.redo, log.undo)
    turned = turn(coder)
    if turned.verb == Act.ADD_CODER:
        # Who somebody is was said before the first thing they did, and is no act of theirs.
        back(coder)
        raise CodingError(f"There is nothing {coder} could {action}.")
    return f"{'Undone' if action == 'undo' else 'Redone'}: {_what_was_done(turned, coder)}."


def _what_was_done(change: Change, coder: str) -> str:
    words = Act.in_words(change.verb)
    for entry in change.entries:
        body = json.loads(entry.after or entry.before or "{}")
        title = next((body[name] for name in ("quote", "label", "name", "text", "wording") if body.get(name)), "")
        # What belongs to others may be hidden from the person.
        if isinstance(title, str) and title and (body.get("coder") or coder) == coder:
            return f"{words} {_shown(title, 60)}"
    return words


def _lists(given: Arguments, *names: str) -> dict[str, Any]:
    return {name: tuple(given.get(name, ())) for name in names}


MAKES: Final[Mapping[str, str]] = {
    "add_extract": "extracts",
    "add_code": "codes",
    "add_configuration": "configurations",
    "take": "evidence",
    "add_ripple": "ripples",
    "record_theory": "theories",
    "ask": "questions",
    "memo": "memos",
    "decide": "decisions",
    "resolve": "decisions",
}
"""The verbs that make a record under an identifier of the browser's making, and in which collection."""

VERBS: Final[Mapping[str, Verb]] = {
    "add_extract": _add_extract,
    "recode": _recode,
    "move_extract": lambda coding, coder, given: coding.extracts.move(
        given["extract"], given["start"], given["end"], coder=coder
    ),
    "delete_extract": _delete_extract,
    "replace_document": lambda coding, coder, given: coding.documents.replace(given["document"], coder=coder),
    "memo": _memo,
    "add_code": lambda coding, coder, given: coding.codes.add(
        given["name"],
        parent=given.get("parent"),
        definition=given.get("definition", ""),
        id=given.get("id"),
        level=given.get("level"),
        colour=given.get("colour", ""),
        coder=coder,
    ),
    "rename_code": lambda coding, coder, given: coding.codes.rename(given["code"], given["name"], coder=coder),
    "move_code": lambda coding, coder, given: coding.codes.move(given["code"], given["parent"], coder=coder),
    "merge_codes": lambda coding, coder, given: coding.codes.merge(given["into"], *given["others"], coder=coder),
    "delete_code": lambda coding, coder, given: coding.codes.delete(
        given["code"], extracts=given.get("extracts"), children=given.get("children"), coder=coder
    ),
    "change": _change,
    "delete": lambda coding, coder, given: coding.delete(
        _record(coding, given["collection"], given["id"]), users=given.get("users"), coder=coder
    ),
    "add_configuration": lambda coding, coder, given: coding.configurations.add(
        given["label"],
        schema=given.get("schema", "CMO"),
        statement=given.get("statement", ""),
        id=given.get("id"),
        coder=coder,
    ),
    "take": _take,
    "reword_slot": _reword_slot,
    "fill_slot": lambda coding, coder, given: coding.configurations.fill(
        given["configuration"], given["role"], *given["codes"], coder=coder
    ),
    "empty_slot": lambda coding, coder, given: coding.configurations.empty(
        given["configuration"], given["role"], *given["codes"], coder=coder
    ),
    "unlink": lambda coding, coder, given: coding.configurations.unlink(given["evidence"], coder=coder),
    "add_ripple": lambda coding, coder, given: coding.ripples.add(
        given["source"], given["target"], note=given.get("note", ""), id=given.get("id"), coder=coder
    ),
    "remove_ripple": lambda coding, coder, given: coding.ripples.remove(given["ripple"], coder=coder),
    "add_rival": lambda coding, coder, given: coding.configurations.add_rival(
        given["configuration"], given["rival"], coder=coder
    ),
    "remove_rival": lambda coding, coder, given: coding.configurations.remove_rival(
        given["configuration"], given["rival"], coder=coder
    ),
    "record_theory": lambda coding, coder, given: coding.theory.record(
        given["label"],
        given["stage"],
        statement=given.get("statement", ""),
        move=given.get("move"),
        inference=given.get("inference"),
        reason=given.get("reason", ""),
        middle_range=given.get("middle_range", ""),
        id=given.get("id"),
        coder=coder,
        **_lists(given, "follows", "configurations", "evidence"),
    ),
    "ask": lambda coding, coder, given: coding.theory.ask(
        given["wording"],
        purpose=given.get("purpose"),
        whom=given.get("whom", ""),
        id=given.get("id"),
        coder=coder,
        **_lists(given, "configurations", "theories", "documents"),
    ),
    "decide": lambda coding, coder, given: coding.theory.decide(
        given["what"],
        reason=given.get("reason", ""),
        alternatives=given.get("alternatives", ""),
        id=given.get("id"),
        coder=coder,
    ),
    "resolve": _resolve,
    "settle": lambda coding, coder, given: coding.settle(given["conflict"], given["choice"], coder=coder),
    "undo": lambda coding, coder, given: _turn(coding, coder, "undo"),
    "redo": lambda coding, coder, given: _turn(coding, coder, "redo"),
}
"""Every verb the browser may ask for."""
