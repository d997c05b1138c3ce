"""What the rows of a table must satisfy: vectorised rules that know their column and how a fault is corrected.

Rules that hold for any table (filled, least value, key, references) are made from its contract, then come those that
belong to one table each, and last a fault no row shows alone: answers of one instrument on two scales.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from cop_analysis.study.config import Instrument, RatingItem, StudyConfig
from cop_analysis.study.consent import refusing
from cop_analysis.study.contracts import Column, Contract, Reference
from cop_analysis.study.faults import Fault, Loosened, Severity, nearest, visible

Test = Callable[[pd.DataFrame], "pd.Series[bool]"]
Mask = npt.NDArray[np.bool_]
PerRow = Callable[[pd.DataFrame, Mask], Sequence[str]]

ROUNDING = 1e-9
"""How far a score may lie from an answer of its scale and still be that answer, in steps."""

NEAREST_LOOKED_FOR = 200
"""For how many distinct unknown ids of a column the nearest known one is looked for; the rest are only named."""


@dataclass(frozen=True)
class Rule:
    """One thing every row of a table must satisfy.

    Parameters
    ----------
    column : str
        The column a fault of this rule is shown in.
    says : str
        What a row that breaks it does, as the rest of a sentence that begins with the value.
    passes : callable
        The table to a boolean Series, False where a row breaks the rule.
    fix : str or callable
        How to correct it; a callable gets the table and which rows are broken, and gives one instruction for each.
    severity : {"error", "notice"}
    value : callable, optional
        What to show as the broken values, asked like `fix`; otherwise the cell as written.
    about_key : bool
        Whether it compares keys, so that it cannot be judged where a column of the key is missing.
    also_reads : tuple of str
        Further columns it looks at: a row in which one of them could not be read is not judged.
    """

    column: str
    says: str
    passes: Test
    fix: str | PerRow
    severity: Severity = "error"
    value: PerRow | None = None
    about_key: bool = False
    also_reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What a table's rules may look at besides the table: other tables, study.toml, and which of them are in doubt."""

    config: StudyConfig | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    uncertain: frozenset[str] = frozenset()

    def known(self, reference: Reference) -> pd.Index | None:
        """Give the values a reference may take; None where they cannot be known."""
        if reference.is_table:
            table = self.tables.get(reference.target)
            if table is None or reference.target in self.uncertain:
                return None
            return pd.Index(table[reference.target_column].dropna().unique())
        if self.config is None or reference.target in self.uncertain:
            return None
        keys = self.config.keys(reference.target)
        return pd.Index(keys, dtype="object") if keys else None


def broken_rows(table: pd.DataFrame, rules: Sequence[Rule]) -> list[tuple[Rule, Mask]]:
    """Ask every rule of a typed table, and give those that are broken with the rows that break them.

    Examples
    --------
    >>> from cop_analysis.study.contracts import CONTRACTS
    >>> rosters = pd.DataFrame({"person": ["P01", "P01"], "wave": ["baseline", "baseline"]})
    >>> [(rule.says, rows.tolist()) for rule, rows in broken_rows(rosters, [_unique(CONTRACTS["rosters"])])]
    [('repeats the person and wave of an earlier row', [False, True])]
    """
    found = [(rule, ~rule.passes(table).to_numpy(dtype=bool)) for rule in rules]
    return [(rule, broken) for rule, broken in found if broken.any()]


# --- rules any contract has ----------------------------------------------------------------------------------------


def contract_rules(contract: Contract, surroundings: Surroundings) -> list[Rule]:
    """Give the rules that follow from a contract: filled cells, least values, references and the key."""
    rules = [_filled(column) for column in contract.columns if column.filled]
    rules += [_at_least(column) for column in contract.columns if column.minimum is not None]
    for reference in contract.references:
        known = surroundings.known(reference)
        if known is not None:
            rules.append(_refers(reference, known))
    if contract.name != "survey":
        # Forms are sent twice: what a person answered more than once is remarked on by person, in waves.py.
        rules.append(_unique(contract))
    if len(contract.key) == 1:
        rules.append(_differs_by_more_than_case(contract))
    return rules


def _filled(column: Column) -> Rule:
    name = column.name
    fix = f"fill it in ({column.meaning}), or delete the row"
    return Rule(name, "the cell is empty", lambda table: table[name].notna(), fix)


def _at_least(column: Column) -> Rule:
    name, minimum = column.name, column.minimum
    fix = "correct it, or leave the cell empty where it is not known"

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return (table[name] >= minimum).fillna(False).astype(bool) | table[name].isna()

    return Rule(name, f"is below {minimum:g}", passes, fix)


def _refers(reference: Reference, known: pd.Index) -> Rule:
    name = reference.column
    where = f"{reference.target}.csv" if reference.is_table else f"[[{reference.target}]] in study.toml"
    what = f"is not in {where}" if reference.is_table else f"is not a key of {where}"

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return table[name].isin(known) | table[name].isna()

    def fix(table: pd.DataFrame, broken: Mask) -> list[str]:
        return suggestions(table[name][broken], known, f"add it to {where}")

    return Rule(name, what, passes, fix)


def _without_digits(text: str) -> str:
    return "".join(character for character in text if not character.isdigit())


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit()).lstrip("0")


def suggestions(values: pd.Series, known: pd.Index, otherwise: str) -> list[str]:
    """Say for each unknown value which known one is nearest, and what to do where none is."""
    codes, distinct = pd.factorize(values.to_numpy(dtype=object, na_value=""))
    names = [str(name) for name in known]
    examples = ", ".join(visible(name, 20) for name in names[:3])
    correct = f"correct it (known are {examples}{' and others' if len(names) > 3 else ''})" if names else "correct it"
    known_names = Loosened(names)
    advice = []
    for position, value in enumerate(distinct.tolist()):
        meant = nearest(str(value), known_names) if position < NEAREST_LOOKED_FOR else None
        # P03 is no slip of the pen for P01: ids that differ in their numbers alone are two people.
        if meant and _without_digits(str(value)) == _without_digits(meant) and _digits(str(value)) != _digits(meant):
            meant = None
        advice.append(
            f'write "{visible(meant)}" if that is meant, or {otherwise}' if meant else f"{correct}, or {otherwise}"
        )
    return np.array(advice, dtype=object)[codes].tolist() if advice else []


def _unique(contract: Contract) -> Rule:
    key = list(contract.key)
    says = f"repeats the {_in_words(key)} of an earlier row" if len(key) > 1 else "stands in an earlier row already"
    if contract.name == "attendance":
        says = "repeats the event and person, or in a head count the event and organisation, of an earlier row"

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return ~_key_codes(table, contract).duplicated().reindex(table.index, fill_value=False)

    def fix(table: pd.DataFrame, broken: Mask) -> list[str]:
        codes = _key_codes(table, contract)
        numbers = pd.Series(codes.index, index=codes.index)
        first = numbers.groupby([codes[column] for column in codes], sort=False).transform("first")
        return [f"row {number} has it too: keep one of the two" for number in first.loc[table.index[broken]].tolist()]

    def value(table: pd.DataFrame, broken: Mask) -> list[str]:
        parts = [table[column][broken].astype(object).where(table[column][broken].notna(), "") for column in key]
        return [" + ".join(str(part) for part in row if part) for row in zip(*parts, strict=True)]

    return Rule(key[0], says, passes, fix, value=value, about_key=True, also_reads=tuple(key))


def _differs_by_more_than_case(contract: Contract) -> Rule:
    """Notice ids such as P01 and p01: two by the letter, and rarely meant as two."""
    name = contract.key[0]

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        ids = table[name]
        return ids.isna() | ids.duplicated() | ~ids.str.casefold().duplicated()

    fix = "see whether both are meant, and write one of them in the same way everywhere"
    return Rule(name, "differs from an earlier id only by capital letters", passes, fix, "notice", about_key=True)


def _key_codes(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Number the values of the key's columns, for those rows that have a key at all."""
    codes = pd.DataFrame({column: pd.factorize(table[column])[0] for column in contract.key}, index=table.index)
    if contract.name == "attendance":
        # A person comes once, whatever organisation the row counts for; a head count is one an organisation.
        codes.loc[table["person"].notna(), "organisation"] = -1
    demanded = [column for column in contract.key if contract.column(column).filled]
    if contract.name == "ratings":
        demanded.append("respondent")  # an anonymous rating can stand beside any other
    return codes[table[demanded].notna().all(axis="columns")]


def _in_words(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


# --- the rules of each table ----------------------------------------------------------------------------------------


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
        Rule(
            "person",
            "looks like the name of a person",
            is_no_name,
            "give each person a pseudonym such as P07 in every file, and keep the list of who is who elsewhere",
            severity="notice",
        ),
    ]


def _consented(column: str, surroundings: Surroundings, what: str) -> list[Rule]:
    """Notice rows that hold what somebody said who did not consent, or who withdrew."""
    people = surroundings.tables.get("people")
    if people is None or "people" in surroundings.uncertain:
        return []
    refused = refusing(surroundings.tables)

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return ~table[column].astype(object).isin(refused)

    return [
        Rule(
            column,
            f"{what}, but did not consent or withdrew by people.csv",
            passes,
            "nothing to do if that is so: the row is left out of every page; otherwise correct consent in people.csv",
            severity="notice",
        )
    ]


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
        Rule(
            "status",
            "is still the status of an event that has attendance",
            with_status("planned"),
            who_came,
            severity="notice",
        ),
    ]


def _attendance(surroundings: Surroundings) -> list[Rule]:
    def someone(table: pd.DataFrame) -> pd.Series[bool]:
        return table["person"].notna() | table["count"].notna()

    def not_both(table: pd.DataFrame) -> pd.Series[bool]:
        return table["person"].isna() | table["count"].isna()

    rules = [
        Rule(
            "person",
            "the row has neither a person nor a count",
            someone,
            "fill in one of the two, or delete the row",
            also_reads=("count",),
        ),
        Rule(
            "count",
            "stands beside a person, so that the row is both one person and a head count",
            not_both,
            "keep one of the two",
        ),
    ]
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

    return Rule(
        "organisation",
        "was not valid on the day of the event",
        passes,
        "see valid_from and valid_to in organisations.csv, and the event's date",
        "notice",
        value,
    )


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

    return Rule(
        "score",
        f"is not on the scale {item.minimum:g} to {item.maximum:g} of {item.key}",
        passes,
        "correct the score, or leave the cell empty where none was given",
    )


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

    return Rule(
        "score",
        f"is not on the scale {instrument.minimum:g} to {instrument.maximum:g} of {instrument.key}",
        passes,
        "correct the score, or leave the cell empty where it was not answered",
    )


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
        Rule(
            "alter",
            "is a tie of a person with themselves",
            lambda table: (table["ego"] != table["alter"]) | table["ego"].isna(),
            "delete the row",
        ),
    ]
    rosters = surroundings.tables.get("rosters")
    if rosters is not None and "rosters" not in surroundings.uncertain:
        silent = rosters[~rosters["answered"].fillna(True).astype(bool)]
        pairs = pd.MultiIndex.from_frame(silent[["person", "wave"]].astype(object))

        def answered(table: pd.DataFrame) -> pd.Series[bool]:
            named = pd.MultiIndex.from_frame(table[["ego", "wave"]].astype(object))
            return pd.Series(~named.isin(pairs), index=table.index)

        rules.append(
            Rule(
                "ego",
                "named someone in a wave they did not answer by rosters.csv",
                answered,
                "correct rosters.csv, or delete the tie",
                severity="notice",
            )
        )
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
        Rule(
            "status",
            "is the status of an output that has a done_date",
            passes,
            "write done, or delete the done_date",
            severity="notice",
        )
    ]


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


# --- answers that seem to stand on two scales -------------------------------------------------------------------------


FEWEST_ROWS = 3
"""How many answers off the scale make another scale likelier than slips of the hand."""

_COMMON_SCALES = ((0, 4), (0, 5), (1, 5), (0, 6), (1, 6), (1, 7), (0, 10), (1, 10), (0, 100), (1, 100))


def scale_faults(tables: Mapping[str, pd.DataFrame], config: StudyConfig) -> list[Fault]:
    """Find instruments and rating items some of whose scores were given on another scale.

    Notes
    -----
    At least `FEWEST_ROWS` scores off the declared scale are taken as another scale when one in common use holds them
    all. On a scale to 20 or more, a wave in which no score exceeds a tenth of the maximum while other waves do is
    only noticed: such scores are possible.
    """
    faults: list[Fault] = []
    survey = tables.get("survey")
    if survey is not None and not survey.empty:
        for instrument in config.instruments:
            rows = survey[(survey["instrument"] == instrument.key).fillna(False) & survey["score"].notna()]
            scale = (instrument.minimum, instrument.maximum)
            faults += _off_scale("survey.csv", rows, "wave", instrument.key, scale)
            faults += _shrunken("survey.csv", rows, "wave", instrument.key, scale)
    ratings = tables.get("ratings")
    if ratings is not None and not ratings.empty:
        for item in config.rating_items:
            rows = ratings[(ratings["item"] == item.key).fillna(False) & ratings["score"].notna()]
            faults += _off_scale("ratings.csv", rows, "event", item.key, (item.minimum, item.maximum))
    return faults


def _off_scale(file: str, rows: pd.DataFrame, group: str, key: str, scale: tuple[float, float]) -> list[Fault]:
    minimum, maximum = scale
    off = rows[~rows["score"].between(minimum, maximum)]
    if len(off) < FEWEST_ROWS:
        return []
    low, high = float(off["score"].min()), float(off["score"].max())
    # A whole group may have answered on the other scale, its scores that happen to fit included.
    other = next((pair for pair in _COMMON_SCALES if pair[0] <= low and high <= pair[1] and pair != scale), None)
    if other is None:
        return []
    names = off[group].dropna().unique()
    where = (
        f" in {group} {visible(str(names[0]), 40)}"
        if len(names) == 1 and set(names) != set(rows[group].dropna().unique())
        else ""
    )
    rule = (
        f"the scores of {key}{where} are on two scales: {len(off):,} of {len(rows):,} lie off {minimum:g} to "
        f"{maximum:g}, from {low:g} to {high:g}, as on a scale {other[0]} to {other[1]}"
    )
    fix = f"bring them to {minimum:g} to {maximum:g} at the source, or make them an instrument of their own"
    return [Fault(file, None, "score", "", rule, fix)]


def _shrunken(file: str, rows: pd.DataFrame, group: str, key: str, scale: tuple[float, float]) -> list[Fault]:
    minimum, maximum = scale
    tenth = maximum / 10
    if minimum < 0 or maximum < 20 or rows.empty:
        return []
    inside = rows[rows["score"].between(minimum, maximum)]
    spread = inside.groupby(inside[group].astype(object), sort=False)["score"].agg(["max", "median", "size"])
    small = spread[(spread["max"] <= tenth) & (spread["size"] >= 5)]
    large = spread[spread["median"] > tenth]
    if small.empty or large.empty:
        return []
    return [
        Fault(
            file,
            None,
            "score",
            "",
            f"no score of {key} in {group} {visible(str(name), 40)} exceeds {tenth:g} on a scale to {maximum:g}, "
            f"while those in {visible(str(large.index[0]), 40)} do",
            "see whether they were given on another scale",
            "notice",
        )
        for name in small.index
    ]
