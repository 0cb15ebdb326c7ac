"""Quotation marks and apostrophes of Dutch news, as they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.corpus.rules.quotation import quoted


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dat het mooi blijft", "none"),
        ('"Het blijft mooi."', "all"),
        ('"Het blijft mooi," "en droog."', "all"),
        ('dat het "mooi" blijft', "some"),
        ('"Het blijft mooi', "all"),  # the second half of a quotation may stand elsewhere
        ("“Het blijft mooi”", "all"),
        ("„Het blijft mooi”", "all"),
        ("„Het blijft mooi“", "all"),
        ("”Het blijft mooi”", "all"),
        ("«Het blijft mooi»", "all"),
        ("»Het blijft mooi«", "all"),
        ("``Het blijft mooi''", "all"),
        ("''Het blijft mooi''", "all"),
        ("``Het blijft'' mooi", "some"),
        ("'Het blijft mooi'", "all"),
        ("‘Het blijft mooi’", "all"),
        ("‚Het blijft mooi’", "all"),
        ("’Het blijft mooi’", "all"),
        ("dat het ‘mooi’ blijft", "some"),
        ("het blijft mooi”, zei hij", "some"),
        # apostrophes
        ("dat hij 's avonds foto's maakt", "none"),
        ("dat zo'n auto's van de baby's zijn", "none"),
        ("dat ’s avonds foto’s zo’n succes zijn", "none"),
        ("dat ‘s avonds alles dicht is", "none"),
        ("dat het in '68 en in '72 beter was", "none"),
        ("dat Frans' boek en Max' fiets weg zijn", "none"),
        ("dat 't leven 'n feest is", "none"),
        ("'Frans' boek is zo'n succes'", "all"),
        ("'Het is Frans' boek'", "all"),
        ("dat 'de fans' een ramp en 'idioten' zijn", "some"),
        ("'Hij gaat 's avonds weg'", "all"),
        ("dat de foto's 'prachtig' zijn", "some"),
        ("\"Hij zei 'nee' tegen mij, en foto's maakt hij niet\"", "all"),
        ("'Hij zei \"nee\" tegen mij'", "all"),
        ("'s Winters in de jongens' kamer", "none"),
        ("'Ja,' zei hij over de jongens'", "some"),
        ("'Jans' zei 'nee'", "some"),
        # one pair beside another, and halves of pairs
        ("«Ja»«Nee»", "all"),
        ("``Ja'', zei 't kind'", "some"),
        ("...” zei hij", "some"),
        # marks without words, and words that are numbers
        ('"..." zei hij', "some"),
        ('"2,5 miljoen"', "all"),
        ('"', "some"),
        ("“”", "some"),
        ("", "none"),
        ("'", "none"),
    ],
)
def test_how_much_is_quoted(text: str, found: str) -> None:
    assert quoted(text) == found


@given(st.text("ab s'’‘‚\"“”„«»`.,!é\n", max_size=30))
def test_any_text_has_an_answer(text: str) -> None:
    assert quoted(text) in {"all", "some", "none"}
    if not set(text) & set("'’‘‚\"“”„«»`"):
        assert quoted(text) == "none"


@given(st.text("ab é,", min_size=1, max_size=20), st.sampled_from(['""', "“”", "„”", "„“", "«»", "‘’", "''"]))
def test_a_text_put_between_marks_is_all_quoted(text: str, marks: str) -> None:
    words = f"a{text.strip()}b"
    assert quoted(words) == "none"
    assert quoted(f"{marks[0]}{words}{marks[1]}") == "all"
    assert quoted(f"dat {marks[0]}{words}{marks[1]}") == "some"
