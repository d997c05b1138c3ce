"""The rules that belong to one table each: what its rows must satisfy besides columns, key and references."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from cop_analysis.study.config import Instrument, RatingItem
from cop_analysis.study.consent import refusing
from cop_analysis.study.schemas import ROUNDING, Mask, Rule, Surroundings, suggestions

_LIKE_A_NAME = r"[^\W\d_]{2,}[ ,]+[^\W\d_][^\d_]+"
"""Two or more words of letters alone; a pseudonym has a digit, or is one word."""

LEAST_LISTED = 0.5
"""The share of a survey's rows that must be by people of people.csv before the others are remarked on."""


def table_rules(table: str, surroundings: Surroundings) -> list[Rule]:
    """Give the rules of a table besides those that follow from its columns, key and references.

    Examples
    --------
    >>> [rule.says for rule in table_rules("ties", Surroundings())]
    ['is a tie of a person with themselves']
    """
    make = _RULES.get(table)
    return make(surroundings) if make else []


def _order(earlier: str, later: str, says: str) -> Rule:
    """Demand that one day is not before another; the same day is fine."""

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return ~(table[later] < table[earlier])

    def fix(table: pd.DataFrame, broken: Mask) -> list[str]:
        return [f"{earlier} is {day:%Y-%m-%d}: correct one of the two days" for day in table[earlier][broken]]

    return Rule(later, says, passes, fix)


def _people(surroundings: Surroundings) -> list[Rule]:
    def is_no_name(table: pd.DataFrame) -> pd.Series[bool]:
        return ~table["person"].astype(object).astype(str).str.fullmatch(_LIKE_A_NAME).astype(bool)

    return [
        _order("joined", "left", "is before the day of joining"),
        Rule("person", "looks like the name of a person", is_no_name,
             "give each person a pseudonym such as P07 in every file, and keep the list of who is who elsewhere",
             severity="notice"),
    ]  # fmt: skip


def _consented(column: str, surroundings: Surroundings, what: str) -> list[Rule]:
    """Notice rows that hold what somebody said who did not consent, or who withdrew."""
    people = surroundings.tables.get("people")
    if people is None or "people" in surroundings.uncertain:
        return []
    refused = refusing(surroundings.tables)

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return ~table[column].astype(object).isin(refused)

    return [
        Rule(column, f"{what}, but did not consent or withdrew by people.csv", passes,
             "nothing to do if that is so: the row is left out of every page; otherwise correct consent in people.csv",
             severity="notice")
    ]  # fmt: skip


_SELF_MADE = (
    'leave it if the id was self-made, and write ids = "survey codes" under its [[waves]] in study.toml if all are'
)


def _listed(surroundings: Surroundings) -> list[Rule]:
    """Notice who answered a survey and is not among the people: self-made ids happen, and mistyped ones."""
    people = surroundings.tables.get("people")
    if people is None or "people" in surroundings.uncertain:
        return []
    known = pd.Index(people["person"].dropna().astype(object).unique())
    waves = () if surroundings.config is None else surroundings.config.waves
    of_people = [wave.key for wave in waves if wave.ids == "people"]
    of_codes = [wave.key for wave in waves if wave.ids == "survey codes"]

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        ids, asked = table["person"].astype(object), table["wave"].astype(object)
        found = ids.isna() | ids.isin(known) | asked.isin(of_codes)
        if of_people:
            return (found | ~asked.isin(of_people)) | table.duplicated(["person", "wave"])
        # A survey whose ids are mostly nobody's has ids of its own. Else one row for each id and wave says it.
        if found.mean() < LEAST_LISTED:
            return pd.Series(True, index=table.index)
        return found | table.duplicated(["person", "wave"])

    def fix(table: pd.DataFrame, broken: Mask) -> list[str]:
        return suggestions(table["person"][broken], known, _SELF_MADE)

    return [Rule("person", "answered, but is not in people.csv", passes, fix, severity="notice", also_reads=("wave",))]


def _organisations(surroundings: Surroundings) -> list[Rule]:
    return [_order("valid_from", "valid_to", "is before the first day of validity")]


def attended_by_event(attendance: pd.DataFrame) -> pd.Series:
    """Count who attended each event: one for each person's row and as many as each head count says.

    Examples
    --------
    >>> rows = pd.DataFrame({"event": ["E1", "E1", "E2"], "person": ["P1", None, None],
    ...                      "count": pd.array([None, 12, 7], dtype="Int64")})
    >>> attended_by_event(rows).to_dict()
    {'E1': 13, 'E2': 7}
    """
    heads = attendance["count"].fillna(0).where(attendance["person"].isna(), 1)
    return heads.groupby(attendance["event"].astype(object), sort=False).sum().astype("int64")


def _events(surroundings: Surroundings) -> list[Rule]:
    attendance = surroundings.tables.get("attendance")
    if attendance is None or "attendance" in surroundings.uncertain:
        return []
    attended = attended_by_event(attendance)

    def came(table: pd.DataFrame) -> pd.Series:
        return table["event"].astype(object).map(attended).fillna(0).astype("int64")

    def fits(table: pd.DataFrame) -> pd.Series[bool]:
        return (table["signed_up"].isna() | (table["signed_up"].fillna(0) >= came(table))).astype(bool)

    def not_enough(table: pd.DataFrame, broken: Mask) -> list[str]:
        return [
            f"attendance.csv has {number} at this event: leave it where some came without signing up, or correct "
            "one of the two"
            for number in came(table)[broken].tolist()
        ]

    def with_status(status: str) -> Callable[[pd.DataFrame], pd.Series]:
        return lambda table: ~((table["status"] == status).fillna(False).astype(bool) & (came(table) > 0))

    def who_came(table: pd.DataFrame, broken: Mask) -> list[str]:
        return [
            f"attendance.csv has {number} at this event: write held, or delete its attendance"
            for number in came(table)[broken].tolist()
        ]

    return [
        Rule("signed_up", "is fewer than those who attended", fits, not_enough, severity="notice"),
        Rule("status", "is the status of an event that has attendance", with_status("cancelled"), who_came),
        Rule("status", "is still the status of an event that has attendance", with_status("planned"), who_came,
             severity="notice"),
    ]  # fmt: skip


def _attendance(surroundings: Surroundings) -> list[Rule]:
    def someone(table: pd.DataFrame) -> pd.Series[bool]:
        return table["person"].notna() | table["count"].notna()

    def not_both(table: pd.DataFrame) -> pd.Series[bool]:
        return table["person"].isna() | table["count"].isna()

    rules = [
        Rule("person", "the row has neither a person nor a count", someone,
             "fill in one of the two, or delete the row", also_reads=("count",)),
        Rule("count", "stands beside a person, so that the row is both one person and a head count", not_both,
             "keep one of the two"),
    ]  # fmt: skip
    events, people = surroundings.tables.get("events"), surroundings.tables.get("people")
    if events is None or "events" in surroundings.uncertain:
        return rules
    day = events.drop_duplicates("event").set_index("event")["date"]
    if people is not None and "people" not in surroundings.uncertain:
        rules += _membership(day, people)
    organisations = surroundings.tables.get("organisations")
    if organisations is not None and "organisations" not in surroundings.uncertain:
        rules.append(_validity(day, organisations, people))
    return rules


def _membership(day: pd.Series, people: pd.DataFrame) -> list[Rule]:
    member = people.drop_duplicates("person").set_index("person")

    def not_before(table: pd.DataFrame) -> pd.Series[bool]:
        return ~(table["event"].map(day) < table["person"].map(member["joined"]))

    def not_after(table: pd.DataFrame) -> pd.Series[bool]:
        return ~(table["event"].map(day) > table["person"].map(member["left"]))

    fix = "see whether the date in people.csv or in events.csv is right"
    return [
        Rule("person", "attended before the day of joining in people.csv", not_before, fix, severity="notice"),
        Rule("person", "attended after the day of leaving in people.csv", not_after, fix, severity="notice"),
    ]


def _validity(day: pd.Series, organisations: pd.DataFrame, people: pd.DataFrame | None) -> Rule:
    valid = organisations.drop_duplicates("organisation").set_index("organisation")
    home = None if people is None else people.drop_duplicates("person").set_index("person")["organisation"]

    def organisation(table: pd.DataFrame) -> pd.Series:
        given = table["organisation"]
        return given if home is None else given.where(given.notna(), table["person"].map(home))

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        at, where = table["event"].map(day), organisation(table)
        return ~((at < where.map(valid["valid_from"])) | (at > where.map(valid["valid_to"])))

    def value(table: pd.DataFrame, broken: Mask) -> list[str]:
        return [str(code) for code in organisation(table)[broken]]

    return Rule("organisation", "was not valid on the day of the event", passes,
                "see valid_from and valid_to in organisations.csv, and the event's date", "notice", value)  # fmt: skip


def _on_scale(scores: pd.Series, minimum: float, maximum: float) -> pd.Series:
    return scores.isna() | scores.between(minimum, maximum)


def _ratings(surroundings: Surroundings) -> list[Rule]:
    rules = _consented("respondent", surroundings, "rated an event")
    if surroundings.config is None:
        return rules
    return [*rules, *(_rated(item) for item in surroundings.config.rating_items)]


def _rated(item: RatingItem) -> Rule:
    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return (table["item"] != item.key) | _on_scale(table["score"], item.minimum, item.maximum)

    return Rule("score", f"is not on the scale {item.minimum:g} to {item.maximum:g} of {item.key}", passes,
                "correct the score, or leave the cell empty where none was given")  # fmt: skip


def _survey(surroundings: Surroundings) -> list[Rule]:
    rules = [*_consented("person", surroundings, "answered the survey"), *_listed(surroundings)]
    if surroundings.config is None:
        return rules
    for instrument in surroundings.config.instruments:
        rules += [_answered(instrument), _between_steps(instrument)]
        if "instruments" not in surroundings.uncertain:
            rules.append(_asked(instrument))
    return rules


def _answered(instrument: Instrument) -> Rule:
    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return (table["instrument"] != instrument.key) | _on_scale(
            table["score"], instrument.minimum, instrument.maximum
        )

    return Rule("score", f"is not on the scale {instrument.minimum:g} to {instrument.maximum:g} of {instrument.key}",
                passes, "correct the score, or leave the cell empty where it was not answered")  # fmt: skip


def _between_steps(instrument: Instrument) -> Rule:
    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        scores = table["score"]
        steps = (scores - instrument.minimum) / instrument.step
        within = scores.between(instrument.minimum, instrument.maximum)
        return (table["instrument"] != instrument.key) | ~within | ((steps - steps.round()).abs() <= ROUNDING)

    steps = f"from {instrument.minimum:g} in steps of {instrument.step:g}"
    says = f"lies between the answers of {instrument.key}, which go {steps}"
    return Rule("score", says, passes, "write the answer that was given")


def _asked(instrument: Instrument) -> Rule:
    known = pd.Index(instrument.item_keys)

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return (table["instrument"] != instrument.key) | table["item"].isna() | table["item"].isin(known)

    def fix(table: pd.DataFrame, broken: Mask) -> list[str]:
        return suggestions(table["item"][broken], known, "add it to the instrument in study.toml")

    return Rule("item", f"is no item of {instrument.key} in study.toml", passes, fix)


def _quotes(surroundings: Surroundings) -> list[Rule]:
    return _consented("person", surroundings, "is quoted")


def _ties(surroundings: Surroundings) -> list[Rule]:
    rules = [
        *_consented("ego", surroundings, "named a tie"),
        Rule("alter", "is a tie of a person with themselves", lambda table: (table["ego"] != table["alter"]) |
             table["ego"].isna(), "delete the row")
    ]  # fmt: skip
    rosters = surroundings.tables.get("rosters")
    if rosters is not None and "rosters" not in surroundings.uncertain:
        silent = rosters[~rosters["answered"].fillna(True).astype(bool)]
        pairs = pd.MultiIndex.from_frame(silent[["person", "wave"]].astype(object))

        def answered(table: pd.DataFrame) -> pd.Series[bool]:
            named = pd.MultiIndex.from_frame(table[["ego", "wave"]].astype(object))
            return pd.Series(~named.isin(pairs), index=table.index)

        rules.append(
            Rule("ego", "named someone in a wave they did not answer by rosters.csv", answered,
                 "correct rosters.csv, or delete the tie", severity="notice")
        )  # fmt: skip
    return rules


def _rosters(surroundings: Surroundings) -> list[Rule]:
    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return ~(table["answered"].fillna(False).astype(bool) & ~table["asked"].fillna(True).astype(bool))

    return [Rule("answered", "cannot be, as the person was not asked", passes, "correct asked or answered")]


def _outputs(surroundings: Surroundings) -> list[Rule]:
    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        undone = table["status"].isin(["planned", "dropped"])
        return ~(undone & table["done_date"].notna())

    return [
        Rule("status", "is the status of an output that has a done_date", passes,
             "write done, or delete the done_date", severity="notice")
    ]  # fmt: skip


_RULES: dict[str, Callable[[Surroundings], list[Rule]]] = {
    "people": _people,
    "organisations": _organisations,
    "events": _events,
    "attendance": _attendance,
    "ratings": _ratings,
    "survey": _survey,
    "ties": _ties,
    "rosters": _rosters,
    "outputs": _outputs,
    "quotes": _quotes,
}
