"""What every answer of this room says when a study has no coding; nothing else lives here."""

from __future__ import annotations

from cop_analysis.results import Result


def no_coding(key: str, title: str, needed_for: str) -> Result:
    """Say in one sentence that the study has no coding yet, so that its page still builds.

    Examples
    --------
    >>> no_coding("gaps", "Gaps", "gaps in the theory").sentence
    'This study has no coding yet (coding.json), so gaps in the theory cannot be shown.'
    """
    sentence = f"This study has no coding yet (coding.json), so {needed_for} cannot be shown."
    return Result(key=key, title=title, sentence=sentence, absent_file="coding.json")
