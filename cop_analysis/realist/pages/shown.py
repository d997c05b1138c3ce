"""A study's coding as its pages may show it, read once, with what several headings need. No words are here."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.methods.evidence import evidence_by_configuration, stance_counts
from cop_analysis.realist.model import Coding, Evidence
from cop_analysis.realist.model.consent import Consent, coding_shown
from cop_analysis.realist.model.people import Voice, voices

if TYPE_CHECKING:
    from cop_analysis.study import Study


class Shown:
    """What the headings of page 02 share.

    Parameters
    ----------
    study : Study
    """

    suffix = ""

    def __init__(self, study: Study) -> None:
        self.study = study

    @cached_property
    def coding_or_none(self) -> Coding | None:
        """The coding without what it quotes of people who refused; None where the study has none."""
        return coding_shown(self.study)

    @property
    def coding(self) -> Coding:
        """The same, where there is one."""
        coding = self.coding_or_none
        assert coding is not None
        return coding

    @cached_property
    def consent(self) -> Consent:
        """What may be quoted of whom."""
        return Consent(self.study, self.coding)

    @cached_property
    def voices(self) -> dict[str, Voice]:
        """Whose words each extract holds."""
        return voices(self.study)

    @cached_property
    def evidence(self) -> dict[str, tuple[Evidence, ...]]:
        """The evidence links of each configuration that has any."""
        return evidence_by_configuration(self.coding)

    @cached_property
    def stances(self) -> pd.DataFrame:
        """How many extracts support, refine and refute each configuration."""
        return stance_counts(self.coding)
