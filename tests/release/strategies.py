"""Documents with annotation sets that the news scheme allows, as hypothesis draws them."""

from pathlib import Path

import msgspec
from hypothesis import strategies as st

from release.corpora import Draft
from standoff.corpus.model import AnnotationSet, By, Document, Fragment, Provenance, Relation, Span
from standoff.corpus.rules.columns import Columns
from standoff.corpus.scheme import index, read_scheme
from standoff.release.tables import Released, plan

NEWS = index(read_scheme(Path(__file__).parents[2] / "corpus" / "scheme.toml"))
TABLES = plan(NEWS)


def released(document: Document, *sets: AnnotationSet) -> Released:
    """A row whose first set is shown."""
    columns = tuple(Columns(found) for found in sets)
    return Released(document, columns[0], columns)


TEXTS = st.lists(
    st.text(st.sampled_from("ab é😀\u0301\u200d👩«”"), min_size=1, max_size=12).map(lambda text: f"x{text}y"),
    min_size=1,
    max_size=4,
)
BYS = st.none() | st.builds(By, annotator=st.none() | st.sampled_from(["gold", "jan"]), at=st.just("2025-06-11T10:00"))
NOTES = st.none() | st.text(max_size=3)
SCORES = st.none() | st.floats(0, 1)


@st.composite
def drafts(draw: st.DrawFn) -> tuple[Document, list[AnnotationSet]]:
    """A document with one to three sets of spans and relations that its scheme allows, discontinuous ones too."""
    document = Draft(
        draw(st.sampled_from(["a", "a-b", "a.b"])), *draw(TEXTS), group=draw(st.none() | st.just("g"))
    ).document
    sets = []
    for annotator in draw(st.sampled_from([["gold"], ["gold", "jan"]])):
        layers = draw(st.permutations(["entities", "quotes", "events"]))[: draw(st.integers(0, 3))]
        labels = [label for label, layer in NEWS.span_layer.items() if layer in layers]
        spans = []
        for number in range(draw(st.integers(0, 6)) if labels else 0):
            label = draw(st.sampled_from(labels))
            cuts = sorted(draw(st.sets(st.integers(0, len(document.text)), min_size=2, max_size=6)))
            extents = zip(cuts[::2], cuts[1::2], strict=False)
            carried = {
                name: draw(st.sampled_from(NEWS.attributes[name].values or ("Q1", "é")))
                for name in sorted(NEWS.label_attributes[label])
                if name in NEWS.required[label] or draw(st.booleans())
            }
            fragments = tuple(Fragment(start=start, end=end, text=document.text[start:end]) for start, end in extents)
            spans.append(
                Span(
                    id=f"s{number}",
                    label=label,
                    fragments=fragments,
                    attributes=carried,
                    by=draw(BYS),
                    score=draw(SCORES),
                    note=draw(NOTES),
                )
            )
        ends = [
            (label, head.id, tail.id)
            for label in ("speaker", "cue", "Place", "Topic", "Time")
            for head in spans
            if head.label in NEWS.heads[label]
            for tail in spans
            if tail.label in NEWS.tails[label] and NEWS.relation_layer[label] in layers
        ]
        chosen = draw(st.lists(st.sampled_from(ends), max_size=5, unique=True)) if ends else []
        sets.append(
            msgspec.structs.replace(
                Draft("a", "x").set(annotator, kind="human", layers=tuple(layers)),
                document=document.id,
                text_sha256=Draft(document.id, *document.text.split("\n")).set().text_sha256,
                confirmed=tuple(by for by in draw(st.lists(BYS, max_size=2)) if by),
                provenance=draw(st.none() | st.builds(Provenance, tool=NOTES, at=st.just("2025-06-11T10:00"))),
                spans=tuple(spans),
                relations=tuple(
                    Relation(id=f"r{number}", label=label, head=head, tail=tail, by=draw(BYS), score=draw(SCORES))
                    for number, (label, head, tail) in enumerate(chosen)
                ),
            )
        )
    return document, sets
