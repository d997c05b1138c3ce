"""The names of the room: each stands in the page of docs/ that says what it is for."""

import re
from pathlib import Path

from cop_analysis import network
from cop_analysis.results.pages import pages_of

MEASURES = Path("docs/network-measures.md")
OTHERS = [Path("docs/network-pictures.md"), Path("docs/network-exchange.md")]
FOUND_BY_THEIR_MAKERS = {
    "CrossChange": "what `cross_change` gives",
    "MRQAP": "what `mrqap` gives",
    "Waves": "what `waves` gives",
}


def told_in(*documents):
    """Give the words in code type, within a line or as a block of their own."""
    texts = [path.read_text(encoding="utf-8") for path in documents]
    code = [part for text in texts for part in re.findall(r"`[^`\n]+`|^    .+$", text, re.MULTILINE)]
    return set(re.findall(r"\w+", " ".join(code)))


def test_every_exported_measure_stands_in_the_document_of_measures():
    of_methods = {
        name for name in network.__all__ if getattr(network, name).__module__.startswith(f"{network.__name__}.methods")
    }
    assert len(of_methods) > 30
    missing = sorted(of_methods - told_in(MEASURES) - FOUND_BY_THEIR_MAKERS.keys())
    assert not missing, f"Put {', '.join(missing)} into the table of {MEASURES}, beside the question each answers."


def test_every_other_exported_name_and_every_page_stands_in_a_document_of_the_room():
    named = set(network.__all__) | {page.method for page in pages_of(network.Waves)}
    missing = sorted(named - told_in(MEASURES, *OTHERS) - FOUND_BY_THEIR_MAKERS.keys())
    assert not missing, f"Say in {MEASURES}, or in {' or '.join(map(str, OTHERS))}, what {', '.join(missing)} is for."
