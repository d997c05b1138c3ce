"""A small forum whose every count can be checked by hand."""

import copy

import pandas as pd
import pytest

from cop_analysis.study import Study

CONFIG = {
    "key": "forum",
    "title": "The forum",
    "provenance": "simulated",
    "waves": [
        {"key": "baseline", "label": "Baseline"},
        {"key": "follow_up", "label": "Follow-up"},
    ],
    "instruments": [
        {
            "key": "confidence",
            "title": "Prescribing confidence",
            "minimum": 1.0,
            "maximum": 5.0,
            "items": [
                {"key": "q1", "wording": "starting a medicine"},
                {"key": "q2", "wording": "stopping a medicine"},
                {"key": "q3", "wording": "I feel alone with decisions", "reverse": True},
            ],
        }
    ],
}

# person: answers to q1, q2, q3 before, then after; None is an empty answer, a missing half somebody who did not return.
ANSWERS = {
    "P01": ((2, 3, 4), (3, 3, 2)),
    "P02": ((2, 2, 4), (4, 3, 3)),
    "P03": ((3, 3, 3), (4, 2, 3)),
    "P04": ((1, 2, 5), (3, None, 4)),
    "P05": ((4, 5, 2), (4, 5, 1)),
    "P06": ((3, 4, 3), (2, 4, 3)),
    "P07": ((2, 3, 4), (4, 4, 3)),
    "P08": ((3, 3, 3), None),
    "P09": (None, (5, 5, 1)),
}


def _survey_of(answers, items=("q1", "q2", "q3"), instrument="confidence"):
    return pd.DataFrame(
        [
            (person, wave, instrument, item, score)
            for person, waves in answers.items()
            for wave, scores in zip(("baseline", "follow_up"), waves, strict=True)
            if scores is not None
            for item, score in zip(items, scores, strict=True)
        ],
        columns=["person", "wave", "instrument", "item", "score"],
    )


@pytest.fixture
def one_item_survey():
    """The answers to q1 alone, for an instrument with one item."""

    def make(instrument="confidence"):
        answers = {person: tuple(scores and scores[:1] for scores in waves) for person, waves in ANSWERS.items()}
        return _survey_of(answers, ("q1",), instrument)

    return make


@pytest.fixture
def config():
    return copy.deepcopy(CONFIG)


@pytest.fixture
def make_study(config):
    def make(answers=ANSWERS, changes=None, **tables):
        given = {**config, **(changes or {})}
        survey = answers if isinstance(answers, pd.DataFrame) or answers is None else _survey_of(answers)
        if survey is not None:
            tables["survey"] = survey
        return Study.from_tables(given, **tables)

    return make


@pytest.fixture
def study(make_study):
    return make_study()
