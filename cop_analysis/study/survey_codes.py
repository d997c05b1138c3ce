"""Ids that are no people's: a wave whose answers carry codes that people or a survey tool made up."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cop_analysis.study.config import StudyConfig

CODE = "code "
"""What stands before a survey code from here on, so that it is never taken for a person of the same name."""


def with_own_codes(tables: Mapping[str, pd.DataFrame], config: StudyConfig) -> dict[str, pd.DataFrame]:
    """Set the survey codes of a study apart from the ids of its people.

    In a wave that study.toml declares with ``ids = "survey codes"`` nobody of people.csv, attendance or ties answered
    under their own id. A code that happens to be written like one (1, 2, 3 in both) would be linked to that person,
    and would go when that person withdraws. Codes keep their likeness from wave to wave, so that pairs stay pairs.

    Examples
    --------
    >>> config = StudyConfig.model_validate({"key": "forum", "title": "Forum", "provenance": "simulated",
    ...     "waves": [{"key": "start", "ids": "survey codes"}, {"key": "end"}]})
    >>> survey = pd.DataFrame({"person": ["1", "1"], "wave": ["start", "end"]})
    >>> with_own_codes({"survey": survey}, config)["survey"]["person"].tolist()
    ['code 1', '1']
    """
    waves = [wave.key for wave in config.waves if wave.ids == "survey codes"]
    if not waves or "survey" not in tables:
        return dict(tables)
    survey = tables["survey"].copy()
    coded = survey["wave"].astype(object).isin(waves) & survey["person"].notna()
    people = survey["person"].astype(object)
    survey["person"] = people.where(~coded, CODE + people.astype(str)).astype(survey["person"].dtype)
    return {**tables, "survey": survey}
