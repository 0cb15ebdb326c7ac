"""Views: what a reader sees of each kind of layer, null against empty, and names from the scheme alone."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.corpora import Draft, minister
from standoff.corpus.model import AnnotationSet, Fragment, Relation, Span
from standoff.corpus.scheme import Attribute, Head, Layer, RelationLabel, Scheme, SpanLabel, index, read_scheme
from standoff.corpus.views import Frame, layer_views, views

NEWS = index(read_scheme(Path(__file__).parents[2] / "corpus" / "scheme.toml"))
LAYERS = layer_views(NEWS)


def frames(annotations: AnnotationSet, layer: str) -> list[Frame]:
    found = views(annotations, LAYERS, NEWS)[layer]
    assert found is not None
    return [frame for frame in found if isinstance(frame, Frame)]


def test_a_quote_has_its_speaker_and_cue_and_an_event_its_arguments() -> None:
    annotations = minister().set()
    found = views(annotations, LAYERS, NEWS)
    assert [span.text for span in found["entities"] or () if isinstance(span, Span)] == ["Den Haag", "dinsdag", "China"]
    (quote,) = frames(annotations, "quotes")
    assert [(role, span.text) for role, span in quote.parts] == [("speaker", "Minister Jansen"), ("cue", "sprak uit")]
    attack, leave = frames(annotations, "events")
    assert [(role, span.text) for role, span in attack.parts] == [("Attacker", "China")]
    assert [(role, span.label) for role, span in leave.parts] == [("Destination", "ARG")]


def test_the_scheme_says_how_layers_are_shown() -> None:
    entities, quotes, events = LAYERS
    assert (entities.kind, entities.attributes) == ("spans", ("entity", "kb_id"))
    assert (quotes.kind, quotes.column, quotes.type, quotes.attributes) == ("slots", "content", "type", ())
    assert [(role.name, role.labeled, role.attributes) for role in quotes.roles] == [
        ("speaker", False, ("entity", "kb_id")),
        ("cue", False, ()),
        ("addressee", False, ("entity", "kb_id")),
    ]
    assert (events.kind, events.column, events.type) == ("frames", "trigger", "label")
    assert events.attributes == ("realis", "polarity", "event")
    assert all(role.labeled and role.attributes == ("entity", "kb_id") for role in events.roles)


def test_a_type_is_the_label_or_an_attribute() -> None:
    annotations = minister().set()
    _, quotes, events = LAYERS
    assert quotes.type_of(frames(annotations, "quotes")[0]) == "indirect"
    assert events.type_of(frames(annotations, "events")[0]) == "Conflict.Attack"
    assert not quotes.labeled
    assert replace(quotes, head_labels=("QUOTE", "THOUGHT")).labeled


def test_not_annotated_is_none_and_nothing_found_is_empty() -> None:
    nothing = Draft("a", "Niets.").set(layers=("quotes",))
    assert views(nothing, LAYERS, NEWS) == {"entities": None, "quotes": [], "events": None}


def test_a_layer_can_have_heads_of_another_one_and_tells_relations_apart() -> None:
    """Kinship between persons: its heads are also entities, and keep being shown there."""
    scheme = Scheme(
        version="kin/1",
        layers=(
            Layer(name="persons", color="#000000", labels=(SpanLabel(name="PERSON"),)),
            Layer(
                name="kin",
                color="#000000",
                labels=(SpanLabel(name="NOTE"),),
                head=Head(labels=("PERSON",), column="person", type="label"),
                relations=(RelationLabel(name="child", heads=("PERSON",), tails=("PERSON",)),),
            ),
            Layer(
                name="work",
                color="#000000",
                labels=(SpanLabel(name="JOB"),),
                head=Head(labels=("PERSON",), column="person", type="label"),
                relations=(RelationLabel(name="job", heads=("PERSON",), tails=("JOB",), max=1),),
            ),
        ),
        attributes=(Attribute(name="sex", labels=("PERSON",), values=("f", "m"), page="local"),),
    )
    kin = index(scheme)
    draft = Draft("a", "Anna, moeder van Piet, smid.")
    anna, piet, job = draft.span("PERSON", "Anna", sex="f"), draft.span("PERSON", "Piet"), draft.span("JOB", "smid")
    draft.relation("child", anna, piet)
    draft.relation("job", piet, job)
    found = views(draft.set(layers=("persons", "kin", "work")), layer_views(kin), kin)
    assert [len(view or ()) for view in found.values()] == [2, 2, 2]
    shown = {
        name: [[role for role, _ in frame.parts] for frame in view or () if isinstance(frame, Frame)]
        for name, view in found.items()
    }
    assert shown == {"persons": [], "kin": [["child"], []], "work": [[], ["job"]]}
    assert layer_views(kin, ["work"])[0].kind == "slots"
    assert [view.name for view in layer_views(kin, ["work", "persons"])] == ["persons", "work"]


@given(st.permutations(range(9)), st.permutations(range(4)))
def test_the_order_of_a_file_does_not_matter(spans: list[int], relations: list[int]) -> None:
    annotations = minister().set()
    shuffled = msgspec.structs.replace(
        annotations,
        spans=tuple(annotations.spans[i] for i in spans),
        relations=tuple(annotations.relations[i] for i in relations),
    )
    assert len(annotations.spans) == len(spans)
    assert len(annotations.relations) == len(relations)
    assert views(shuffled, LAYERS, NEWS) == views(annotations, LAYERS, NEWS)


@given(st.data())
def test_every_span_and_relation_is_where_the_scheme_says(data: st.DataObject) -> None:
    """Nothing is shown twice, nothing is shown that isn't there, and only layers that were annotated are shown."""
    labels = st.sampled_from(["PERSON", "QUOTE", "SPEAKER", "Contact.Meet", "Other", "ARG"])
    places = st.integers(0, 30)
    spans = [
        Span(id=f"s{i}", label=label, fragments=(Fragment(start=start, end=start + 1, text="x"),))
        for i, (label, start) in enumerate(data.draw(st.lists(st.tuples(labels, places), max_size=8)))
    ]
    ends = st.sampled_from([span.id for span in spans]) if spans else st.just("")
    relations = [
        Relation(id=f"r{i}", label=label, head=head, tail=tail)
        for i, (label, head, tail) in enumerate(
            data.draw(
                st.lists(
                    st.tuples(st.sampled_from(["speaker", "Entity", "Place"]), ends, ends), max_size=6 if spans else 0
                )
            )
        )
    ]
    layers = tuple(data.draw(st.sets(st.sampled_from(["entities", "quotes", "events"]))))
    base = Draft("a", "x" * 40).set(layers=layers)
    annotations = msgspec.structs.replace(base, spans=tuple(spans), relations=tuple(relations))
    found = views(annotations, LAYERS, NEWS)
    assert [name for name, view in found.items() if view is not None] == [
        name for name in NEWS.layers if name in layers
    ]
    by_id = {span.id: span for span in spans}
    for name, view in found.items():
        if view is None:
            continue
        heads = [item.head if isinstance(item, Frame) else item for item in view]
        starts = [span.start for span in heads]
        assert starts == sorted(starts)
        heads_of_layer = NEWS.layers[name].head
        wanted = heads_of_layer.labels if heads_of_layer else [label.name for label in NEWS.layers[name].labels]
        assert sorted(span.id for span in heads) == sorted(span.id for span in spans if span.label in wanted)
        for item in view:
            if isinstance(item, Frame):
                wanted_parts = [
                    (relation.label, by_id[relation.tail])
                    for relation in relations
                    if relation.head == item.head.id and NEWS.relation_layer[relation.label] == name
                ]
                key = lambda part: (part[0], part[1].id)  # noqa: E731
                assert sorted(item.parts, key=key) == sorted(wanted_parts, key=key)


def test_a_relation_without_its_tail_is_skipped() -> None:
    draft = minister()
    draft.relation("addressee", "s3", "s99")
    (quote,) = frames(draft.set(), "quotes")
    assert [role for role, _ in quote.parts] == ["speaker", "cue"]


@pytest.mark.parametrize("layer", ["entities", "quotes", "events"])
def test_each_layer_alone(layer: str) -> None:
    (view,) = layer_views(NEWS, [layer])
    assert list(views(minister().set(), [view], NEWS)) == [layer]
