"""A small forum whose every count can be checked by hand."""

import copy
import functools

import pandas as pd
import pytest

from cop_analysis.change.pictures import answers, estimates
from cop_analysis.results import Figure
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


@pytest.fixture(autouse=True)
def undrawn(request, monkeypatch):
    """Leave the last step of a picture (matplotlib writing SVG) out, but for tests that ask to have it `drawn`."""
    if "drawn" in request.fixturenames:
        return

    def unwritten(canvas, **facts):
        return Figure(svg="<svg></svg>", **facts)

    for module in (answers, estimates):
        monkeypatch.setattr(module, "finish", unwritten)


@pytest.fixture
def drawn():
    """Ask for pictures as a page gets them."""


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


@pytest.fixture(scope="session")
def study_of():
    def make(config=CONFIG, answers=ANSWERS, changes=None, **tables):
        given = {**copy.deepcopy(config), **(changes or {})}
        survey = answers if isinstance(answers, pd.DataFrame) or answers is None else _survey_of(answers)
        if survey is not None:
            tables["survey"] = survey
        return Study.from_tables(given, **tables)

    return make


@pytest.fixture
def make_study(config, study_of):
    return functools.partial(study_of, config)


@pytest.fixture
def study(make_study):
    return make_study()


@pytest.fixture(scope="session")
def attitude():
    """R datasets: attitude (Chatterjee & Price 1977), thirty departments."""
    return pd.DataFrame(
        [
            [43, 51, 30, 39, 61, 92, 45], [63, 64, 51, 54, 63, 73, 47], [71, 70, 68, 69, 76, 86, 48],
            [61, 63, 45, 47, 54, 84, 35], [81, 78, 56, 66, 71, 83, 47], [43, 55, 49, 44, 54, 49, 34],
            [58, 67, 42, 56, 66, 68, 35], [71, 75, 50, 55, 70, 66, 41], [72, 82, 72, 67, 71, 83, 31],
            [67, 61, 45, 47, 62, 80, 41], [64, 53, 53, 58, 58, 67, 34], [67, 60, 47, 39, 59, 74, 41],
            [69, 62, 57, 42, 55, 63, 25], [68, 83, 83, 45, 59, 77, 35], [77, 77, 54, 72, 79, 77, 46],
            [81, 90, 50, 72, 60, 54, 36], [74, 85, 64, 69, 79, 79, 63], [65, 60, 65, 75, 55, 80, 60],
            [65, 70, 46, 57, 75, 85, 46], [50, 58, 68, 54, 64, 78, 52], [50, 40, 33, 34, 43, 64, 33],
            [64, 61, 52, 62, 66, 80, 41], [53, 66, 52, 50, 63, 80, 37], [40, 37, 42, 58, 50, 57, 49],
            [63, 54, 42, 48, 66, 75, 33], [66, 77, 66, 63, 88, 76, 72], [78, 75, 58, 74, 80, 78, 49],
            [48, 57, 44, 45, 51, 83, 38], [85, 85, 71, 71, 77, 74, 55], [82, 82, 39, 59, 64, 78, 39],
        ],
        columns=["rating", "complaints", "privileges", "learning", "raises", "critical", "advance"],
    )  # fmt: skip
