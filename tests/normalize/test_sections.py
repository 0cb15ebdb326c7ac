"""Blocks of a text: the title, headings, paragraphs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.normalize.sections import sections
from standoff.text.clean import clean


def kinds(text: str, title: str | None = None, headings: frozenset[str] | None = None) -> list[str]:
    return [section.kind for section in sections(text, title, headings)]


@given(st.text(st.sampled_from("ab \n.\u00a0é"), max_size=60))
def test_sections_cover_all_but_white_space_in_order(raw: str) -> None:
    text = clean(raw).text
    if not text:
        return
    found = sections(text)
    place = 0
    for section in found:
        assert text[place : section.start].strip() == ""
        surface = text[section.start : section.end]
        assert surface == surface.strip() != ""
        assert "\n\n" not in surface
        place = section.end
    assert place == len(text)


def test_the_lone_line_in_the_seed_article_is_a_heading() -> None:
    text = "Een eerste alinea die eindigt.\n\nAkkoord van Genève\n\nEen tweede alinea."
    assert kinds(text) == ["paragraph", "heading", "paragraph"]


@pytest.mark.parametrize(
    "line",
    [
        "Dit is een zin.",
        "Wat nu?",
        "“Wij gaan door”",
        '"Wij gaan door',
        "- een punt",
        "***",
        "woord " * 20 + "woord",
        "Een regel\nen nog een",
    ],
)
def test_what_is_no_heading(line: str) -> None:
    assert kinds(f"Alinea een.\n\n{line}\n\nAlinea twee.") == ["paragraph"] * 3


def test_nothing_stands_under_the_last_block_so_it_is_no_heading() -> None:
    assert kinds("Alinea een.\n\nVan onze redactie") == ["paragraph", "paragraph"]
    assert kinds("Kort") == ["paragraph"]


def test_the_title() -> None:
    assert kinds("De kop\n\nAlinea.") == ["title", "paragraph"]
    assert kinds("De kop\n\nAlinea.", "Iets anders") == ["heading", "paragraph"]
    assert kinds("Is dit de kop?\n\nAlinea.", "Is dit de kop?") == ["title", "paragraph"]
    assert kinds("Is dit de kop?\n\nAlinea.") == ["paragraph", "paragraph"]


def test_where_markup_says_what_a_heading_is_nothing_else_is_one() -> None:
    text = "Een korte regel\n\nAlinea.\n\nWat nu?\n\nSlot."
    assert kinds(text, None, frozenset({"Wat nu?"})) == ["paragraph", "paragraph", "heading", "paragraph"]
    assert kinds(text, None, frozenset({"Een korte regel"})) == ["title", "paragraph", "paragraph", "paragraph"]
