"""Tokens: the law that they cover the text, the Dutch rules by example, and tokens that must stay the same for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patience import grows_no_faster_than_its_input
from standoff.text.tokens import tokenize, tokenize_all

PIECES = st.sampled_from(
    [
        "dhr.",
        "J.",
        "d.w.z.",
        "V.S.",
        "'s",
        "’t",
        "'98",
        "199,-",
        "09/225.01",
        "http://a.nl/b.",
        "x@y.nl",
        "nu.nl",
        "...",
        " ",
        "\n",
        "\u00a0",
        "\x1c",
        '"',
        "«",
        "👩‍👩‍👧",
        "1️⃣",
        "e\u0301",
        "\u200d",
        "\u0301",
        "→",
        "本",
        "ß",
        "-",
        ",",
        "/",
        "(",
        ")",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(PIECES).map("".join))


MARKED = st.tuples(
    st.sampled_from(["dhr", "Dhr", "art", "max", "bv", "U", "Zij", "etc", "ja", "ß", "本"]),
    st.sampled_from(",.;:?!… )'"),
)


@given(st.lists(TEXTS | st.lists(MARKED.map("".join)).map(" ".join), max_size=4))
def test_many_texts_at_once_have_the_same_tokens(texts: list[str]) -> None:
    counts, tokens = tokenize_all(texts)
    expected = [tokenize(text) for text in texts]
    assert counts.tolist() == [len(found) for found in expected]
    assert tokens.tolist() == [[start, end] for found in expected for start, end in found]


def surfaces(text: str) -> list[str]:
    return [text[start:end] for start, end in tokenize(text)]


@given(TEXTS)
def test_every_character_but_white_space_is_in_exactly_one_token(text: str) -> None:
    position = 0
    for start, end in tokenize(text):
        assert position <= start < end <= len(text)
        assert not text[position:start].strip()
        assert not any(map(str.isspace, text[start:end]))
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Zij is, zei hij (boos), weg.", "Zij is , zei hij ( boos ) , weg ."),
        ('"Waarom?" vroeg hij.', '" Waarom ? " vroeg hij .'),
        ("«Kom» of „kom“ of ‘kom’", "« Kom » of „ kom “ of ‘ kom ’"),
        ("Dhr. De Wit, prof. dr. Smit en mr. Bos", "Dhr. De Wit , prof. dr. Smit en mr. Bos"),
        ("nr. 5, o.a. 3 mln. euro, d.w.z. veel, enz.", "nr. 5 , o.a. 3 mln. euro , d.w.z. veel , enz."),
        ("min. 5 man in 3 min. Klaar.", "min. 5 man in 3 min . Klaar ."),
        ("J. de Vries, A.J. Smit, J.-P. Bos", "J. de Vries , A.J. Smit , J.-P. Bos"),
        ("in de V.S. en bij X N.V.", "in de V.S. en bij X N.V."),
        ("'s avonds in ’t jaar '98", "'s avonds in ’t jaar '98"),
        ("zo'n foto's van collega's", "zo'n foto's van collega's"),
        ("in- en uitvoer van tv-toestellen", "in- en uitvoer van tv-toestellen"),
        ("€ 1.234,50 of 199,- of 12,5%", "€ 1.234,50 of 199,- of 12,5 %"),
        ("tel. 02/511.84.49 om 20.30 uur", "tel. 02 / 511.84.49 om 20.30 uur"),
        ("Zie https://nos.nl/a?b=1. Of nu.nl, of jan@vu.nl.", "Zie https://nos.nl/a?b=1 . Of nu.nl , of jan@vu.nl ."),
        ("Wacht... weg -- nu!!", "Wacht ... weg -- nu !!"),
        ("mooi👩‍👩‍👧😀 → 1️⃣", "mooi 👩‍👩‍👧 😀 → 1️⃣"),
    ],
)
def test_dutch(text: str, tokens: str) -> None:
    assert surfaces(text) == tokens.split()


def test_offsets_are_code_points() -> None:
    assert tokenize("😀 é, ja") == [(0, 1), (2, 3), (3, 4), (5, 7)]


@pytest.mark.parametrize(
    "piece", ["a.", "1.", "1/", "aa.aa-", "a@", "A.", "😀", "\u0301", "www.", "1,", "'a", "(", "1:"]
)
def test_no_text_takes_quadratic_time(piece: str) -> None:
    grows_no_faster_than_its_input(lambda size: tokenize(piece * size), 12_500)
