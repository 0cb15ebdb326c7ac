"""Pieces of discontinuous spans, in formats that have none."""

import json
from collections.abc import Callable

import msgspec
import pytest

from release.corpora import minister
from standoff.corpus.model import AnnotationSet, Document, Relation
from standoff.formats import labelstudio, prodigy
from standoff.formats.foreign import Foreign


def by_prodigy(document: Document, annotations: AnnotationSet) -> Foreign:
    return prodigy.read(prodigy.write(document, annotations).content.encode(), "f", 1)


def by_labelstudio(document: Document, annotations: AnnotationSet) -> Foreign:
    (foreign,) = labelstudio.read(json.loads(labelstudio.write(document, annotations, 1, {}).content), "f", 0)
    return foreign


@pytest.mark.parametrize("trip", [by_prodigy, by_labelstudio])
def test_a_piece_never_has_the_id_of_a_span(trip: Callable[[Document, AnnotationSet], Foreign]) -> None:
    draft = minister()
    cue = next(span for span in draft.spans if len(span.fragments) == 2)
    other = next(span for span in draft.spans if span.label == "SPEAKER")
    spans = (cue, msgspec.structs.replace(other, id=f"{cue.id}+1"), msgspec.structs.replace(other, id=f"{cue.id}++1"))
    relation = Relation(id="r1", label="of", head=cue.id, tail=f"{cue.id}+1")
    foreign = trip(draft.document, msgspec.structs.replace(draft.set(), spans=spans, relations=(relation,)))
    assert {span.id: len(span.extents) for span in foreign.spans} == {span.id: len(span.fragments) for span in spans}
    assert [(one.label, one.head, one.tail) for one in foreign.relations] == [("of", cue.id, f"{cue.id}+1")]
    assert foreign.losses == []
