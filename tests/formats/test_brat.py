"""brat's standoff: what it can hold comes back, and what it can't is told."""

import re
from collections import Counter
from typing import Any

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from release.corpora import minister
from release.strategies import NEWS, drafts
from standoff.corpus.model import AnnotationSet, Document, Fragment, Relation, Span
from standoff.exchange.convert import Converted, Setting, convert
from standoff.formats import brat
from standoff.formats.brat_writing import write
from standoff.formats.foreign import Foreign
from standoff.text.clean import is_clean

HEADS = frozenset(label for layer in NEWS.layers.values() if layer.head for label in layer.head.labels)
SETTING = Setting(format="brat", scheme=NEWS, layers=tuple(NEWS.layers), languages=("nl",))


def read(text: str, content: str) -> Foreign:
    return brat.read(text, content.split("\n"), "a", "a.txt", "a.ann")


def meaning(spans: Any, relations: Any) -> tuple[Counter[Any], Counter[Any]]:
    """Spans and relations without their ids."""
    by_id = {}
    for span in spans:
        extents = span.extents if hasattr(span, "extents") else tuple((p.start, p.end) for p in span.fragments)
        by_id[span.id] = (span.label, extents, tuple(sorted(span.attributes.items())), span.note)
    joined = [(relation.label, by_id[relation.head], by_id[relation.tail], relation.note) for relation in relations]
    return Counter(by_id.values()), Counter(joined)


@given(drafts())
def test_all_but_what_is_told_comes_back(drawn: tuple[Document, list[AnnotationSet]]) -> None:
    document, (annotations, *_) = drawn
    written = write(document, annotations, HEADS)
    foreign = read(document.text, written.content)
    assert foreign.losses == []
    told = Counter((loss.reason, loss.place) for loss in written.losses)
    items: tuple[Span | Relation, ...] = (*annotations.spans, *annotations.relations)
    expected = Counter(
        {(name, item.id): 1 for item in items for name in ("score", "by") if getattr(item, name) is not None}
    )
    expected.update(("note-lines", item.id) for item in items if "\r" in (item.note or ""))
    assert told == expected
    spans = [msgspec.structs.replace(s, note=s.note and s.note.replace("\r", "")) for s in annotations.spans]
    assert meaning(foreign.spans, foreign.relations) == meaning(spans, annotations.relations)


def lines(content: str) -> list[str]:
    """Lines in any order, those of attributes, normalizations and notes without their numbers."""
    return sorted(re.sub(r"^([AN#])\d+", r"\1", line) for line in content.split("\n"))


@given(drafts())
def test_what_came_from_brat_goes_back_line_by_line(drawn: tuple[Document, list[AnnotationSet]]) -> None:
    document, (annotations, *_) = drawn
    assume(is_clean(document.text))
    content = write(document, annotations, HEADS).content
    found = convert(read(document.text, content), SETTING)
    assert isinstance(found, Converted)
    assume(not found.losses)  # twins
    assert found.annotations is not None
    again = write(found.document, found.annotations, ())
    assert lines(again.content) == lines(content)
    assert again.losses == ()
    assert "ids" not in again.left_out


IDS = ["T1", "T3", "T3/E1", "T4/E1", "T5/E2", "s1", "T05", "R1"]


@given(
    st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(["A", "B C"])), unique_by=lambda item: item[0], min_size=2),
    st.lists(
        st.tuples(
            st.sampled_from(["R2", "R3", "E1.1", "E1.2", "*1.1", "*1.2", "*3.1", "E2", "r1"]),
            st.sampled_from(["Role", "Role2", "Role22", "x"]),
            st.integers(0, 7),
            st.integers(0, 7),
            st.none() | st.just("n"),
        ),
        unique_by=lambda item: item[0],
    ),
)  # fmt: skip
def test_any_ids_are_written_so_that_they_can_be_read(
    spans: list[tuple[str, str]], links: list[tuple[str, str, int, int, str | None]]
) -> None:
    draft = minister()
    text = draft.document.text
    made = tuple(
        Span(id=id_, label=label, fragments=(Fragment(start=n, end=n + 1, text=text[n]),), note="é\n\nt\t2")
        for n, (id_, label) in enumerate(spans)
    )
    relations = tuple(
        Relation(id=id_, label=label, head=made[head % len(made)].id, tail=made[tail % len(made)].id, note=note)
        for id_, label, head, tail, note in links
    )
    annotations = msgspec.structs.replace(draft.set(), spans=made, relations=relations)
    written = write(draft.document, annotations, {"B C"})
    foreign = read(text, written.content)
    assert foreign.losses == []
    lost = {loss.place for loss in written.losses if loss.reason == "note"}
    renamed = {loss.place for loss in written.losses if loss.reason == "label"}
    assert renamed == {span.id for span in made if span.label == "B C"}
    plain = [msgspec.structs.replace(span, label=span.label.replace(" ", "_")) for span in made]
    kept = [msgspec.structs.replace(r, note=None if r.id in lost else r.note) for r in relations]
    assert meaning(foreign.spans, foreign.relations) == meaning(plain, kept)
    ids = {item.id for items in (made, relations) for item in items}
    if "ids" not in written.left_out:
        assert {item.id for items in (foreign.spans, foreign.relations) for item in items} == ids


def test_an_argument_that_is_numbered_anew_is_told() -> None:
    draft = minister()
    text = draft.document.text
    made = tuple(
        Span(id=id_, label="A", fragments=(Fragment(start=n, end=n + 1, text=text[n]),))
        for n, id_ in enumerate(["T1/E1", "T2"])
    )
    for id_, read_as in (("E1.1", "E1.1"), ("E1.2", "E1.1"), ("E2.1", "E1.1"), ("*2.1", "*1.1"), ("E9", "E1.1")):
        relation = Relation(id=id_, label="Role", head="T1/E1", tail="T2")
        written = write(draft.document, msgspec.structs.replace(draft.set(), spans=made, relations=(relation,)), ())
        assert [relation.id for relation in read(text, written.content).relations] == [read_as]
        assert ("ids" in written.left_out) == (id_ != read_as)


EVENTS = """\
T1\tOrganization 0 4\tSony
T2\tMERGE-ORG 27 40\tjoint venture
T3\tOrganization 15 23\tEricsson
T4\tCountry 44 46;50 52\tin de
E1\tMERGE-ORG:T2 Org1:T1 Org2:T3 Theme:T4 Theme2:T1
R1\tOrigin Arg1:T3 Arg2:T4
*\tEquiv T1 T3
A1\tNegation E1
A2\tConfidence E1 L 2
N1\tReference T1 Wikipedia:534366\tSony Group
N2\tReference T1 Wikidata:Q41187
#1\tAnnotatorNotes T1\ta note
#2\tAnnotatorNotes T1\tits second line
#3\tAnnotatorNotes R1\tsure
"""
TEXT = "Sony met heer  Ericsson en joint venture na in 😀 de\n"


def test_events_relations_and_what_is_said_of_them() -> None:
    foreign = read(TEXT, EVENTS)
    assert foreign.losses == []
    spans = {span.id: span for span in foreign.spans}
    assert list(spans) == ["T1", "T2/E1", "T3", "T4"]
    assert spans["T2/E1"].attributes == {"Negation": "true", "Confidence": "L 2"}
    assert spans["T4"].extents == ((44, 46), (50, 52))
    assert spans["T1"].note == "a note\nits second line"
    assert spans["T1"].attributes == {
        "reference": "Wikipedia:534366",
        "reference_text": "Sony Group",
        "reference_2": "Wikidata:Q41187",
    }
    assert [(r.id, r.label, r.head, r.tail, r.note) for r in foreign.relations] == [
        ("E1.1", "Org1", "T2/E1", "T1", None),
        ("E1.2", "Org2", "T2/E1", "T3", None),
        ("E1.3", "Theme", "T2/E1", "T4", None),
        ("E1.4", "Theme", "T2/E1", "T1", None),
        ("R1", "Origin", "T3", "T4", "sure"),
        ("*1.1", "Equiv", "T1", "T3", None),
    ]


def test_what_is_wrong_is_told_with_its_line_and_the_rest_is_read() -> None:
    content = """\
T1\tPER 0 4\tSony
T2\tPER 0-4\tSony
kapot
E1\tPER:T9 Org:T1
E2\tX:T1 Org:T8
E3\tPER:T1
R1\tOrigin Arg1:T1
R2\tOrigin Arg1:T1 Arg2:T8
R3\tOrigin From:T1 To:T3
T3\tPER 5 8\tmet
A1\tx T7
A2\tx R3
A3\tx T1 1
A4\tx T1 2
N1\tReference T1
#1\tAnnotatorNotes A1\tn
*\tEquiv T1
"""
    foreign = read(TEXT, content)
    assert [(loss.kind, loss.reason, loss.place.removeprefix("a.ann:")) for loss in foreign.losses] == [
        ("refused", "line", "3"),
        ("refused", "line", "2"),
        ("refused", "dangling", "4"),
        ("repaired", "event-type", "5"),
        ("repaired", "shared-trigger", "6"),
        ("refused", "dangling", "5"),
        ("refused", "line", "7"),
        ("refused", "dangling", "8"),
        ("lost", "argument-names", "9"),
        ("refused", "dangling", "17"),
        ("refused", "target", "11"),
        ("lost", "target", "12"),
        ("lost", "attribute", "14"),
        ("refused", "line", "15"),
        ("refused", "target", "16"),
    ]
    assert [span.id for span in foreign.spans] == ["T1/E2", "T3"]
    assert [relation.id for relation in foreign.relations] == ["R3"]
