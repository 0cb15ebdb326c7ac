"""Agreement for the page: the matrix, and the documents in which two annotators differ."""

import msgspec

from explore.test_records import SCHEME, _set, _span
from standoff.corpus.model import AnnotationSet
from standoff.explore.agreements import Agreements


def _named(document: str, annotations: AnnotationSet) -> AnnotationSet:
    return msgspec.structs.replace(annotations, document=document)


def test_where_two_annotators_differ() -> None:
    both = _set(_span("PERSON", "Anna"), _span("DATE", "morgen"))
    other = _set(_span("DATE", "Anna"), _span("DATE", "morgen"))
    less = _set(_span("PERSON", "Anna"), layers=("names",))
    found = Agreements(("a", "b"), SCHEME)
    for document, second in (("d1", both), ("d2", other), ("d3", less)):
        found.add({"a": _named(document, both), "b": _named(document, second)})
    (pair,) = found.record()
    names = pair["layers"]["names"]
    assert (names["documents"], names["equal"], names["gamma"]) == (3, 1, None)
    assert names["apart"] == [("d2", 0.5, 1, 2, 2), ("d3", 2 / 3, 1, 2, 1)]
    # a row for each label of the first, and in it what the second has there; the last of both is "nothing"
    assert names["matrix"] == {"labels": ["PERSON", "DATE"], "cells": [[2, 1, 0], [0, 2, 1], [0, 0, 0]], "more": 0}
    assert pair["layers"]["quotes"]["matrix"] is None
