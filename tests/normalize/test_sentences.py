"""Sentences: the law that they cover their sections, and one example a rule."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patience import grows_no_faster_than_its_input
from standoff.normalize.sentences import sentences

SEED = Path(__file__).parents[2] / "seeds" / "000_31863ef30e6d4108.txt"

PIECES = st.sampled_from(
    [
        "Dhr.",
        "J.",
        "d.w.z.",
        "V.S.",
        "Inc.",
        "De",
        "man",
        "'s",
        "5.",
        "iPhone",
        "(...)",
        "- ",
        "–",
        "Kom",
        "?",
        "!",
        "...",
        ".",
        " ",
        "  ",
        "\n",
        "\n\n",
        "\u00a0",
        "\x1c",
        '"',
        "'",
        "«",
        "»",
        "„",
        "“",
        "”",
        "‘",
        "’",
        "(",
        ")",
        ",",
        "😀",
        "ß",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join))


def surfaces(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, [(0, len(text))])]


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_sentences_cover_their_sections_and_stay_in_them(parts: list[tuple[str, str]]) -> None:
    text, sections = "", []
    for between, section in parts:
        sections.append((len(text) + len(between), len(text) + len(between) + len(section)))
        text += between + section
    found = sentences(text, sections)
    covered: set[int] = set()
    previous = 0
    for start, end in found:
        assert previous <= start < end
        assert text[start:end] == text[start:end].strip()
        assert any(first <= start and end <= last for first, last in sections)
        covered.update(range(start, end))
        previous = end
    for first, last in sections:
        assert all(text[i].isspace() for i in range(first, last) if i not in covered)


def test_a_heading_without_a_period_is_no_part_of_the_next_paragraph() -> None:
    text = "Akkoord van Genève\n\nde bijeenkomst volgde. En toen."
    assert sentences(text, [(0, 18), (20, len(text))]) == [(0, 18), (20, 42), (43, 51)]


@pytest.mark.parametrize(
    "text",
    [
        "Dhr. De Boer sprak.|Mevr. Smit niet.",
        "Hij sprak met prof. dr. Smit.|Het was mr. Bos.",
        "Het kost 5 mln. euro.|Of 3 mld. dollar.",
        "Zie nr. 5 op blz. 12.|Bel tel. 020 123.",
        "Dat is o.a. De Telegraaf, d.w.z. De krant.|Klaar.",
        "Er waren boeken, platen enz.|Toen sloot de winkel.",
        "Hij werkt bij Apple Inc. Chief Tim Cook ook.",
        "Hij werkt bij Apple Inc.|Dat is bekend.",
        "Hij woont in de V.S.|De stad is groot.",
        "De U.S. Air Force kwam.",
        'Hij werkt bij Smit N.V.|"Piet ook."',
        'Hij zei: "Ik werk bij Smit N.V."|Piet ook.',
        "Dat was op 5 jan. 2024.|Hij heet Jan.|Nu niet meer.",
        "Hij liep 3 min.|Daarna niet.",
        "Om 9.00.|Jan kwam.",
    ],
)
def test_abbreviations(text: str) -> None:
    assert surfaces(text.replace("|", " ")) == text.split("|")


@pytest.mark.parametrize(
    "text",
    [
        "J. de Vries kwam.|A.J. De Smet ook.",
        "Th. van Dam en Chr. Bos.|J.-P. Smit.",
        "Hij zag A.J. van Dam.|B. Bos niet.",
    ],
)
def test_initials(text: str) -> None:
    assert surfaces(text.replace("|", " ")) == text.split("|")


@pytest.mark.parametrize(
    "text",
    [
        '"Kom," zei hij.|"Ik ga."|Toen ging hij.',
        '"Waarom?" vroeg hij.|"Daarom!" riep zij.',
        'Hij zei: "Kom.|We gaan nu."|"Goed."',
        "“Kom.”|Hij ging.|‘Ja!’ zei zij.|‘Nee.’|Zij bleef.",
        "„Kom.“|Hij ging.|»Ga!« riep zij.|»Nee.«|Zij bleef.",
        "« Kom. »|Toen ging hij.|« Weg! » zei zij.",
        'Dat was " goed. "|Toen kwam " niets. "',
        "Dat is (volgens mij.)|Nu niet.",
    ],
)
def test_a_closing_quotation_mark_belongs_to_what_it_closes(text: str) -> None:
    assert surfaces(text.replace("|", " ")) == text.split("|")


@pytest.mark.parametrize(
    "text",
    [
        "Wat? riep hij.|Hoezo!",
        "Ik wacht... en wacht.|Nu niet...|Toen wel.",
        "De regels (...) De baas (!) Zegt het.",
        "Hij ging.|'s Avonds niet.|’t Was laat.",
        "Apple won.|iPhone en eBay ook.",
        "... Toen kwam hij.|Klaar.",
        '"Kom!" , zei hij.|"Nee!" : nee.',
        "1. De eerste regel.|Twee.",
        "Het werd 6-4.|Met die stand won hij, op zijn 24.|Jan verloor.",
        "Kom! – riep hij.|– En nu weg.",
    ],
)
def test_what_goes_on_and_what_begins(text: str) -> None:
    assert surfaces(text.replace("|", " ")) == text.split("|")


def test_the_seed_article() -> None:
    text = SEED.read_text(encoding="utf-8")
    found = [text[a:b] for a, b in sentences(text, [match.span() for match in re.finditer(r".+", text)])]
    assert len(found) == 15
    assert found[6:9] == [
        '"We werken zo snel als we kunnen," vertelde de Amerikaanse handelsvertegenwoordiger Jamieson Greer '
        "aan verslaggevers.",
        '"We voelen ons positief over de gesprekken met de Chinezen."',
        "In een aparte verklaring aan verslaggevers zei de Chinese internationale handelsvertegenwoordiger Li Chenggang: "
        '"Onze communicatie was zeer professioneel, rationeel, diepgaand en openhartig."',
    ]
    assert found[10] == "Akkoord van Genève"


@pytest.mark.parametrize("piece", [".", ".)", "dr. A ", "(...) ", "A. ", '. " ', "De. ", "» . ", "Dr. Aa (!) Inc. Bb "])
def test_no_text_takes_quadratic_time(piece: str) -> None:
    grows_no_faster_than_its_input(lambda size: sentences(piece * size, [(0, len(piece) * size)]), 6_000)
