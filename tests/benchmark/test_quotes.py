"""The quote finder: what a newspaper's grammar says of a quotation, by example."""

from pathlib import Path

import pytest

from standoff.benchmark.predictor import Request, load
from standoff.corpus.model import Document, Extent, Section, Source
from standoff.corpus.store import Store
from standoff.errors import UsageError
from standoff.normalize.sentences import sentences

STORE = Store(Path(__file__).parents[1] / "fixtures" / "rules" / "base")


def found(text: str, language: str = "nl") -> list[tuple[str, str]]:
    section = Section(kind="paragraph", start=0, end=len(text))
    document = Document(
        id="d",
        language=language,
        source=Source(file="d", sha256="0" * 64),
        text=text,
        sections=(section,),
        sentences=tuple(Extent(start=start, end=end) for start, end in sentences(text, [(0, len(text))])),
    )
    predictor = load("rule:quotes", Request(argument="quotes", store=STORE))
    (prediction,) = predictor.predict([document])
    return [(span.label, " … ".join(text[a:b] for a, b in span.fragments)) for span in prediction.spans]


def test_a_direct_quotation_with_its_speaker() -> None:
    assert found("“We gaan door met praten,” zei de minister Anna de Vries.") == [
        ("QUOTE", "“We gaan door met praten,”"),
        ("CUE", "zei"),
        ("SPEAKER", "de minister Anna de Vries"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anna verklaarde dat het plan klaar is.", ["dat het plan klaar is", "verklaarde", "Anna"]),
        ("Volgens Anna Bos is dat “echt niet waar”.", ["“echt niet waar”", "Volgens", "Anna Bos"]),
        ("“Wij doen niet mee”, aldus de woordvoerder.", ["“Wij doen niet mee”", "aldus", "de woordvoerder"]),
        ("Het zogenaamde “akkoord” werd getekend.", []),
        ("Anna zei niets.", []),
    ],
)
def test_other_shapes(text: str, expected: list[str]) -> None:
    assert [surface for _, surface in found(text)] == expected


def test_a_sentence_that_is_all_quotation_goes_on() -> None:
    spans = found("“We werken snel,” vertelde Jan aan de pers. “Het gaat echt goed met ons.”")
    assert spans[0] == ("QUOTE", "“We werken snel,” … “Het gaat echt goed met ons.”")


def test_german() -> None:
    assert found("„Wir machen alle weiter“, sagte Olaf Scholz.", "de")[1:] == [
        ("CUE", "sagte"),
        ("SPEAKER", "Olaf Scholz"),
    ]


def test_another_rule_is_unknown() -> None:
    with pytest.raises(UsageError, match="rule:quotes"):
        load("rule:verbs", Request(argument="verbs", store=STORE))


def test_german_marks_close_before_the_next_sentence() -> None:
    """“ closes there, and opens in Dutch."""
    spans = found(
        "„Wir machen alle weiter“, sagte Olaf Scholz. Das Wetter war gut. „Das ist wirklich neu“, sagte Anna.", "de"
    )
    assert [surface for label, surface in spans if label == "QUOTE"] == [
        "„Wir machen alle weiter“",
        "„Das ist wirklich neu“",
    ]
