"""What the page is told: every character of a text, and how two sets differ."""

import json
import re

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from records import documents
from standoff.corpus.model import AnnotationSet, Document, Fragment, Relation, Section, Source, Span
from standoff.corpus.scheme import Head, Layer, RelationLabel, Scheme, SpanLabel, index
from standoff.explore.build import script
from standoff.explore.records import ATTRIBUTES, EXTENT, LABEL, LINKS, document_record, row

TEXT = "Anna zei: ik kom morgen."
SCHEME = index(
    Scheme(
        version="test/1",
        layers=(
            Layer(name="names", color="#0072B2", labels=(SpanLabel(name="PERSON"), SpanLabel(name="DATE"))),
            Layer(
                name="quotes",
                color="#009E73",
                labels=(SpanLabel(name="QUOTE"), SpanLabel(name="SPEAKER")),
                head=Head(labels=("QUOTE",), column="content", type="label"),
                relations=(RelationLabel(name="speaker", heads=("QUOTE",), tails=("SPEAKER",)),),
            ),
        ),
    )
)


def _document(text: str, sections: tuple[Section, ...]) -> Document:
    source = Source(file="a.txt", sha256="0" * 64)
    return Document(id="a", language="nl", source=source, text=text, sections=sections, sentences=())


def _span(label: str, surface: str, **attributes: str) -> Span:
    start = TEXT.index(surface)
    fragment = Fragment(start=start, end=start + len(surface), text=surface)
    return Span(id=f"{label}{start}", label=label, fragments=(fragment,), attributes=attributes)


def _set(*spans: Span, linked: bool = False, layers: tuple[str, ...] = ("names", "quotes")) -> AnnotationSet:
    relations = (Relation(id="r", label="speaker", head="QUOTE10", tail="SPEAKER0"),) if linked else ()
    return AnnotationSet(
        document="a", text_sha256="0" * 64, annotator="x", kind="human", scheme="test/1", layers=layers, spans=spans, relations=relations,
    )  # fmt: skip


def _told(first: AnnotationSet, second: AnnotationSet) -> list[tuple[str | None, str | None, int]]:
    record = document_record(0, _document(TEXT, ()), (first, second), SCHEME)
    sides = [one["spans"] for one in record["sets"]]
    return [
        (sides[0][a][0] if a >= 0 else None, sides[1][b][0] if b >= 0 else None, kind)
        for a, b, kind in record["differences"]["0,1"]
    ]


def test_how_two_sets_differ() -> None:
    first = _set(_span("PERSON", "Anna"), _span("DATE", "morgen"), _span("QUOTE", "ik kom morgen"), _span("SPEAKER", "Anna"), linked=True)  # fmt: skip
    assert {kind for *_, kind in _told(first, first)} == {0}
    second = _set(_span("PERSON", "Anna", entity="Anna"), _span("QUOTE", "ik kom morgen"), _span("SPEAKER", "Anna"))
    assert _told(first, second) == [
        ("PERSON", "PERSON", ATTRIBUTES),
        ("SPEAKER", "SPEAKER", 0),
        ("QUOTE", "QUOTE", LINKS),
        ("DATE", None, 0),
    ]
    third = _set(_span("DATE", "Anna zei"), layers=("names",))
    assert _told(first, third) == [("PERSON", "DATE", EXTENT + LABEL), ("DATE", None, 0)]
    assert _told(third, first) == [("DATE", "PERSON", EXTENT + LABEL), (None, "DATE", 0)]


@given(
    st.text("ab \n", min_size=1, max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=4)
)
def test_every_character_is_shown_once(text: str, places: list[tuple[int, int]]) -> None:
    sections = tuple(
        Section(kind="heading", start=min(a, b, len(text)), end=min(max(a, b), len(text))) for a, b in places
    )
    shown = document_record(0, _document(text, sections), (), SCHEME)["sections"]
    covered = [place for _, start, end in shown for place in range(start, end)]
    assert covered == sorted(set(covered))
    assert {place for place, sign in enumerate(text) if sign.strip()} <= set(covered)


def test_a_layer_that_was_not_annotated_has_no_number() -> None:
    document = _document(TEXT, ())
    assert row(document, _set(_span("PERSON", "Anna"), layers=("names",)), SCHEME).counts == (1, None)
    assert row(document, _set(layers=("quotes",)), SCHEME).counts == (None, 0)
    assert row(document, None, SCHEME).counts == (None, None)


@given(documents(), st.text("<>/'\"\\\u2028\u2029\nxé", max_size=20))
def test_a_script_is_one_string_that_nothing_ends(document: Document, harm: str) -> None:
    document = msgspec.structs.replace(document, title=harm)
    written = script("document", document.id, document).decode()
    assert "<" not in written
    assert "\u2028" not in written
    assert written.count("\n") == 1
    literal = re.fullmatch(r"standoff\.take\.document\(\"[^\"]*\",JSON\.parse\('(.*)'\)\);\n", written)
    assert literal
    assert not re.search(r"(?<!\\)(\\\\)*'", literal[1])
    text = re.sub(
        r"\\(x3c|u2028|u2029|.)",
        lambda m: {"x3c": "<", "u2028": "\u2028", "u2029": "\u2029"}.get(m[1], m[1]),
        literal[1],
    )
    assert json.loads(text) == json.loads(msgspec.json.encode(document))
