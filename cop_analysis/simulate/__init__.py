"""Studies of any size from a seed: people, events, ratings, survey, ties, transcripts and their coding.

Only made-up data is made here, for demonstration, benchmarks and planning; no analysis, and no data of real people.
"""

from __future__ import annotations

from cop_analysis.simulate.folder import study_files, write_study
from cop_analysis.simulate.presets import NMP_FORUM, PRESETS, WORDS, choose_settings
from cop_analysis.simulate.settings import (
    DesignChange,
    ScriptedChange,
    SettingDescription,
    SimulatedOrganisation,
    SimulationSettings,
    Story,
    describe_settings,
)
from cop_analysis.simulate.study import SimulatedStudy, simulate_study

__all__ = [
    "NMP_FORUM",
    "PRESETS",
    "WORDS",
    "DesignChange",
    "ScriptedChange",
    "SettingDescription",
    "SimulatedOrganisation",
    "SimulatedStudy",
    "SimulationSettings",
    "Story",
    "choose_settings",
    "describe_settings",
    "simulate_study",
    "study_files",
    "write_study",
]
