"""A way in of one line to each heading, for whoever wants one and not the whole page; `opened.waves` opens a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cop_analysis.network.methods.networks import ORGANISATION
from cop_analysis.network.pages.opened import waves

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.results import Result
    from cop_analysis.study import Study


def wave_graphs(study: Study, relation: str | None = None) -> dict[str, nx.Graph]:
    """Give the network of each wave as a networkx graph: `Waves.graphs`."""
    return waves(study, relation).graphs()


def summary(
    study: Study, relation: str | None = None, permutations: int = 4999, seed: int = 2024, *, by: str = ORGANISATION
) -> Result:
    """Answer whether people are connected across organisations, and whether that changed: `Waves.summary`."""
    return waves(study, relation, by=by, permutations=permutations, seed=seed).summary()


def four_answers(
    study: Study, relation: str | None = None, *, by: str = ORGANISATION, permutations: int = 999, seed: int = 2024
) -> Result:
    """Answer the four questions of an evaluator: `Waves.four_answers`."""
    return waves(study, relation, by=by, permutations=permutations, seed=seed).four_answers()


def mixing_table(
    study: Study, relation: str | None = None, permutations: int = 4999, seed: int = 2024, *, by: str = ORGANISATION
) -> Result:
    """Compare ties within and across with chance, wave by wave: `Waves.mixing_table`."""
    return waves(study, relation, by=by, permutations=permutations, seed=seed).mixing_table()


def cross_share_trajectory(study: Study, relation: str | None = None, *, by: str = ORGANISATION) -> Result:
    """Show the share of ties across over time: `Waves.cross_share_trajectory`."""
    return waves(study, relation, by=by).cross_share_trajectory()


def organisation_map(study: Study, relation: str | None = None, *, by: str = ORGANISATION) -> Result:
    """Show how strongly each two organisations are joined: `Waves.organisation_map`."""
    return waves(study, relation, by=by).organisation_map()


def organisation_matrix(study: Study, relation: str | None = None, *, by: str = ORGANISATION) -> Result:
    """Answer which organisations are connected to which: `Waves.organisation_matrix`."""
    return waves(study, relation, by=by).organisation_matrix()


def wave_change(study: Study, relation: str | None = None) -> Result:
    """Answer which ties were gained, lost and kept: `Waves.wave_change`."""
    return waves(study, relation).wave_change()


def wave_change_picture(study: Study, relation: str | None = None, *, linked: bool = False) -> Result:
    """Show which ties were gained, lost and kept: `Waves.wave_change_picture`."""
    return waves(study, relation).wave_change_picture(linked=linked)


def change_tested(
    study: Study,
    relation: str | None = None,
    *,
    by: str = ORGANISATION,
    replications: int = 5000,
    permutations: int = 4999,
    seed: int = 2024,
) -> Result:
    """Answer whether the network changed by more than chance: `Waves.change_tested`."""
    opened = waves(study, relation, by=by, seed=seed)
    return opened.change_tested(replications=replications, permutations=permutations)


def who_gained(study: Study, relation: str | None = None, *, by: str = ORGANISATION) -> Result:
    """Answer who gained contacts in other organisations: `Waves.who_gained`."""
    return waves(study, relation, by=by).who_gained()


def sociogram(study: Study, relation: str | None = None, *, size_by: str = "brokerage", linked: bool = False) -> Result:
    """Show who is tied to whom: `Waves.sociogram`."""
    return waves(study, relation).sociogram(size_by=size_by, linked=linked)


def who_connects(study: Study, relation: str | None = None) -> Result:
    """Answer who reaches other organisations: `Waves.who_connects`."""
    return waves(study, relation).who_connects()


def who_spans(
    study: Study, relation: str | None = None, *, by: str = ORGANISATION, permutations: int = 499, seed: int = 2024
) -> Result:
    """Answer who stands between people of different organisations: `Waves.who_spans`."""
    return waves(study, relation, by=by, seed=seed).who_spans(permutations=permutations)


def ego_view(study: Study, person: str | None = None, relation: str | None = None) -> Result:
    """Show one person's own network: `Waves.ego_view`."""
    return waves(study, relation).ego_view(person)


def positions(study: Study, relation: str | None = None, *, by: str = ORGANISATION) -> Result:
    """Answer where each person stands: `Waves.positions`."""
    return waves(study, relation, by=by).positions()


def core_and_periphery(
    study: Study, relation: str | None = None, *, permutations: int = 99, seed: int = 2024
) -> Result:
    """Answer whether the network has a core and a periphery: `Waves.core_and_periphery`."""
    return waves(study, relation, seed=seed).core_and_periphery(permutations=permutations)


def structure(
    study: Study, relation: str | None = None, *, by: str = ORGANISATION, permutations: int = 299, seed: int = 2024
) -> Result:
    """Answer how the network is built: `Waves.structure`."""
    return waves(study, relation, by=by, seed=seed).structure(permutations=permutations)


def what_predicts(study: Study, relation: str | None = None, *, permutations: int = 1999, seed: int = 2024) -> Result:
    """Answer what goes with a tie: `Waves.what_predicts`."""
    return waves(study, relation, seed=seed).what_predicts(permutations=permutations)


def tie_strength(
    study: Study, relation: str | None = None, *, by: str = ORGANISATION, permutations: int = 1999, seed: int = 2024
) -> Result:
    """Answer whether ties across are as strong as those within: `Waves.tie_strength`."""
    return waves(study, relation, by=by, seed=seed).tie_strength(permutations=permutations)


def response(study: Study) -> Result:
    """Answer who was asked and who answered: `Waves.response`."""
    return waves(study).response()


def what_non_response_changes(
    study: Study, relation: str | None = None, *, by: str = ORGANISATION, permutations: int = 999, seed: int = 2024
) -> Result:
    """Answer whether people who did not answer could explain the rest: `Waves.what_non_response_changes`."""
    return waves(study, relation, by=by, seed=seed).what_non_response_changes(permutations=permutations)


what_silence_changes = what_non_response_changes
"""Its first name."""


def attendance_picture(study: Study, *, by: str = ORGANISATION) -> Result:
    """Show who attended which session: `Waves.attendance_picture`."""
    return waves(study, by=by).attendance_picture()


def meeting_network(study: Study) -> Result:
    """Answer which organisations' people were in the same sessions: `Waves.meeting_network`."""
    return waves(study).meeting_network()


def organisation_meetings(study: Study, *, by: str = ORGANISATION) -> Result:
    """Answer which organisations were at sessions together: `Waves.organisation_meetings`."""
    return waves(study, by=by).organisation_meetings()


def validated_meetings(study: Study, *, permutations: int = 999, seed: int = 2024) -> Result:
    """Answer which pairs met more often than by chance: `Waves.validated_meetings`."""
    return waves(study, seed=seed).validated_meetings(permutations=permutations)
