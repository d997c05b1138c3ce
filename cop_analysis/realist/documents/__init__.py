"""Documents coming in: text, Markdown, Word and captions become one form of transcript, every word accounted for.

This file only gathers the names another part of the room needs.
"""

from cop_analysis.realist.documents.pieces import SpeakerQuestion
from cop_analysis.realist.documents.text_document import TextDocument, read_text_document

__all__ = ["SpeakerQuestion", "TextDocument", "read_text_document"]
