"""A text is read as what it was saved as: marks, zero bytes and letters tell, and one rule serves every reader."""

import pytest

from cop_analysis.files import decoded, encoding_called, encoding_of

TEXTS = {
    "a line": "P01: l’été à Genève\n",
    "quotation marks": "I: “How was it?”\nR: It’s been long – very long – since we’d met.\n",
    "German": "Die Gespräche über Übergaben waren schön, aber größer als früher.\n",
    "French": "Les réunions étaient très utiles à l’équipe, où chacun a pu s’exprimer.\n",
    "a table": "person,role\r\nP01,infirmière\r\nP02,médecin\r\n",
}
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac_roman"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_read_as_it_was_saved(text: str, encoding: str):
    assert decoded(text.encode(encoding))[0] == text


@pytest.mark.parametrize(
    ("content", "called"),
    [
        (b"person,score\r\nP01,3\r\n", "UTF-8"),
        (b"", "UTF-8"),
        ("cost,£5\n".encode("cp1252"), "Windows-1252"),
        ("P01: café".encode("cp1252"), "Windows-1252"),
        ("Siân".encode("cp1252"), "Windows-1252"),
        ("person".encode("utf-16-le"), "UTF-16"),
        (b"P01\x00P02", "UTF-8"),
    ],
)
def test_short_texts_are_told_apart(content: bytes, called: str):
    assert encoding_called(encoding_of(content)) == called


def test_what_cannot_be_told_is_taken_for_the_commoner_encoding():
    """One accent in a Mac file says nothing: “cafŽ” is as good a word as any in Windows-1252."""
    assert encoding_of("P01: café".encode("mac_roman")) == "cp1252"


def test_rows_pasted_in_from_another_program_are_judged_by_themselves():
    """Good UTF-8 read byte by byte looks like letters of a Mac; only the lines that are not UTF-8 tell."""
    good = "P01,“été à Genève”\n".encode() * 50
    assert encoding_of(good + "P02,hôpital général\n".encode("cp1252")) == "cp1252"
    assert encoding_of(good + "P02,hôpital général\n".encode("mac_roman")) == "mac_roman"
