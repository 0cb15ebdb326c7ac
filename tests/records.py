"""Hypothesis strategies for records of any content that their types allow; whether they make sense is for the rules to say."""

from typing import Any

from hypothesis import strategies as st

from standoff.corpus.model import (
    AnnotationSet,
    By,
    Comment,
    Document,
    Extent,
    Fragment,
    Provenance,
    Relation,
    Section,
    Source,
    Span,
)

ids = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}", fullmatch=True)
item_ids = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
# no surrogates, since no UTF-8 holds them
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
names = texts
offsets = st.integers(0, 2**31 - 1)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
dates = st.sampled_from(["2025", "2025-06", "2025-06-11", "2025-06-11T10:00:00Z"])
times = st.sampled_from(["2025-06-11T10:00:00Z", "2025-06-11T10:00:00.123456+02:00"])
optional = st.none() | texts
scores = st.none() | st.floats(0, 1)
bys = st.none() | st.builds(By, annotator=st.none() | ids, at=st.none() | times)


def documents() -> st.SearchStrategy[Document]:
    """Documents."""
    return st.builds(
        Document,
        id=ids,
        language=st.sampled_from(["nl", "de", "nl-BE"]),
        title=optional,
        date=st.none() | dates,
        group=st.none() | names,
        source=st.builds(Source, file=texts, sha256=hashes, publisher=optional, url=optional, license=optional),
        text=texts,
        sections=st.lists(
            st.builds(Section, kind=st.sampled_from(["title", "heading", "paragraph"]), start=offsets, end=offsets),
            max_size=3,
        ).map(tuple),
        sentences=st.lists(st.builds(Extent, start=offsets, end=offsets), max_size=3).map(tuple),
    )


def spans() -> st.SearchStrategy[Span]:
    """Spans."""
    fragments = st.lists(st.builds(Fragment, start=offsets, end=offsets, text=texts), min_size=1, max_size=3)
    return st.builds(
        Span,
        id=item_ids,
        label=names,
        fragments=fragments.map(tuple),
        attributes=st.dictionaries(texts, st.text(st.characters(exclude_categories=["Cs"]), max_size=5), max_size=3),
        by=bys,
        score=scores,
        note=optional,
    )


def annotation_sets() -> st.SearchStrategy[AnnotationSet]:
    """Annotation sets."""
    return st.builds(
        AnnotationSet,
        document=ids,
        text_sha256=hashes,
        annotator=ids,
        kind=st.sampled_from(["human", "model", "adjudicated"]),
        scheme=names,
        layers=st.lists(names, max_size=3).map(tuple),
        confirmed=st.lists(st.builds(By, annotator=st.none() | ids, at=st.none() | times), max_size=2).map(tuple),
        comments=st.lists(st.builds(Comment, by=st.none() | ids, at=st.none() | times, text=texts), max_size=2).map(
            tuple
        ),
        provenance=st.none()
        | st.builds(
            Provenance,
            tool=optional,
            model=optional,
            version=optional,
            parameters=optional,
            at=st.none() | times,
            user=optional,
        ),
        spans=st.lists(spans(), max_size=4).map(tuple),
        relations=st.lists(
            st.builds(
                Relation, id=item_ids, label=names, head=item_ids, tail=item_ids, by=bys, score=scores, note=optional
            ),
            max_size=3,
        ).map(tuple),
    )


def kind_of(record: Document | AnnotationSet) -> Any:
    """Its type, for `decode`."""
    return type(record)
