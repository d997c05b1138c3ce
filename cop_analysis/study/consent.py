"""What is left out of a study because the person who said it did not consent, or withdrew; nothing more is decided.

Only a person's own answers are left out. What the programme records of everybody (who is a member, who came) is kept,
and so is what others said: a tie that names somebody is the answer of the one who named them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from cop_analysis.results import count_of

_SPEAKERS = {"survey": "person", "ratings": "respondent", "ties": "ego", "quotes": "person"}
_ROWS = {
    "survey": ("answer to the survey", "answers to the survey"),
    "ratings": ("rating", "ratings"),
    "ties": ("tie they named", "ties they named"),
    "quotes": ("quote", "quotes"),
    "rosters": ("reply to the network questions", "replies to the network questions"),
}
REFUSALS = ("no", "withdrawn")
_NAMED = 5


def refusing(tables: Mapping[str, pd.DataFrame]) -> pd.Index:
    """Give the ids of the people whose consent is ``no`` or ``withdrawn`` in the people table.

    Examples
    --------
    >>> people = pd.DataFrame({"person": ["P01", "P02"], "consent": ["yes", "withdrawn"]})
    >>> refusing({"people": people}).tolist()
    ['P02']
    """
    people = tables.get("people")
    if people is None or "consent" not in people:
        return pd.Index([], dtype=object)
    return pd.Index(people["person"][people["consent"].isin(REFUSALS)].astype(object))


def aliases(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Give what stands on pages in the place of the pseudonym of each person who refused, the same on every page.

    Examples
    --------
    >>> people = pd.DataFrame({"person": ["P01", "P02"], "consent": ["yes", "withdrawn"]})
    >>> aliases({"people": people})
    {'P02': '[withdrew]'}
    """
    refused = [str(one) for one in refusing(tables)]
    if len(refused) == 1:
        return {refused[0]: "[withdrew]"}
    return {one: f"[withdrew {number}]" for number, one in enumerate(refused, start=1)}


def unnamed(text: str, names: Mapping[str, str]) -> str:
    """Write aliases in the place of pseudonyms, where they stand as words of their own.

    Examples
    --------
    >>> unnamed("P02: yes; P021: no", {"P02": "[withdrew]"})
    '[withdrew]: yes; P021: no'
    """
    if not names:
        return text
    longest_first = sorted(names, key=lambda one: (-len(one), one))
    pattern = r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)"
    return re.sub(pattern, lambda found: names[found[0]], text)


def without_refusals(tables: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Leave out what people said who did not consent, and count what was left out.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        Checked tables by name.

    Returns
    -------
    kept : dict of str to pandas.DataFrame
        In the rosters such a person stands as asked and not answering, so that the network treats them as what they
        are to the analysis: somebody whose own ties nobody knows.
    left_out : dict of str to int
        Rows left out by table, tables without any not listed. For the rosters, replies no longer counted as such.

    Examples
    --------
    >>> people = pd.DataFrame({"person": ["P01", "P02"], "consent": ["yes", "no"]})
    >>> ties = pd.DataFrame({"ego": ["P01", "P02"], "alter": ["P02", "P01"]})
    >>> kept, left_out = without_refusals({"people": people, "ties": ties})
    >>> kept["ties"]["ego"].tolist(), left_out
    (['P01'], {'ties': 1})
    """
    refused = refusing(tables)
    kept = dict(tables)
    left_out: dict[str, int] = {}
    if refused.empty:
        return kept, left_out
    for name, speaker in _SPEAKERS.items():
        if name in kept:
            theirs = kept[name][speaker].astype(object).isin(refused)
            if name == "quotes" and "document" in kept[name]:
                # A quote without a name, of a document that holds somebody of them, may be theirs.
                held = set(documents_of_refusing(tables))
                theirs |= kept[name][speaker].isna() & kept[name]["document"].astype(object).isin(held)
            if theirs.any():
                left_out[name] = int(theirs.sum())
                kept[name] = kept[name][~theirs]
    rosters = kept.get("rosters")
    if rosters is not None:
        replied = rosters["person"].astype(object).isin(refused) & rosters["answered"].eq(True).fillna(False)
        if replied.any():
            left_out["rosters"] = int(replied.sum())
            kept["rosters"] = rosters.assign(answered=rosters["answered"].mask(replied, False))
    return kept, left_out


def documents_of_refusing(tables: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """Name the documents that documents.csv says hold somebody whose consent is ``no`` or ``withdrawn``.

    Examples
    --------
    >>> people = pd.DataFrame({"person": ["P01", "P02"], "consent": ["yes", "withdrawn"]})
    >>> documents = pd.DataFrame({"document": ["D01", "D02"], "people": ["P01", "P01; P02"]})
    >>> documents_of_refusing({"people": people, "documents": documents})
    ('D02',)
    """
    refused, documents = set(refusing(tables)), tables.get("documents")
    if not refused or documents is None or "people" not in documents:
        return ()
    cells = zip(documents["document"].astype(str), documents["people"], strict=True)
    return tuple(
        document
        for document, people in cells
        if isinstance(people, str) and refused.intersection(part.strip() for part in people.split(";"))
    )


def say_left_out(people: int, left_out: Mapping[str, int], documents: Sequence[str] = ()) -> str:
    """Say what was left out for want of consent; empty when nobody refused.

    Parameters
    ----------
    people : int
        How many refused.
    left_out : mapping of str to int
        Rows left out by table.
    documents : sequence of str
        The documents that hold somebody of them: their words there are withheld wherever passages are shown.

    Examples
    --------
    >>> say_left_out(1, {"survey": 20, "ties": 1})
    '1 person did not consent, or withdrew: 20 answers to the survey and 1 tie they named are left out of every page.'
    >>> say_left_out(2, {})
    '2 people did not consent, or withdrew; the study holds no answer of theirs.'
    >>> say_left_out(1, {}, ["D01"])
    '1 person did not consent, or withdrew: no page shows their words in the transcript D01.'
    """
    if not people:
        return ""
    who = count_of(people, "person", "people")
    withheld = ""
    if documents:
        named = ", ".join(documents[:_NAMED]) + (f" and {len(documents) - _NAMED} more" if documents[_NAMED:] else "")
        withheld = f"o page shows their words in the transcript{'' if len(documents) == 1 else 's'} {named}."
    if not left_out:
        said = f": n{withheld}" if withheld else "; the study holds no answer of theirs."
        return f"{who} did not consent, or withdrew{said}"
    parts = [f"{count:,} {_ROWS[name][count != 1]}" for name, count in left_out.items()]
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    verb = "is" if sum(left_out.values()) == 1 else "are"
    further = f" N{withheld}" if withheld else ""
    return f"{who} did not consent, or withdrew: {listed} {verb} left out of every page.{further}"
