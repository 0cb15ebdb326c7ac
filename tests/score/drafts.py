"""Annotations to compare: of one short text by hand, and any by hypothesis."""

import msgspec
from hypothesis import strategies as st

from release.corpora import Draft
from standoff.corpus.model import AnnotationSet, Fragment, Relation, Span

LINES = (
    "Minister Jansen zei dinsdag dat hij vertrekt.",
    "“Ik ga,” zei hij tegen de pers, “en snel.”",
    "Het leger viel Genève aan; de stad brandde.",
)


def quotes(role: str = "Minister Jansen", type_: str = "direct", *content: str) -> AnnotationSet:
    """Two quotes: one indirect, whose speaker is given, one in two pieces, whose type and pieces are given."""
    draft = Draft("a", *LINES)
    first = draft.span("QUOTE", "dat hij vertrekt", type="indirect")
    draft.relation("speaker", first, draft.span("SPEAKER", role))
    draft.relation("cue", first, draft.span("CUE", "zei"))
    second = draft.span("QUOTE", *(content or ("“Ik ga,”", "“en snel.”")), type=type_)
    draft.relation("addressee", second, draft.span("ADDRESSEE", "de pers"))
    return draft.set()


def events(*others: str) -> Draft:
    """An attack on Genève, which "de stad" names too, in others' words if given: label and realis, filler and its role."""
    draft = Draft("a", *LINES)
    label, realis, role, filler = others or ("Conflict.Attack", "Actual", "Target", "Genève")
    draft.span("GPE", "Genève", entity="Genève")
    draft.span("ARG", "de stad", entity="Genève")
    draft.span("ARG", "leger")
    found = next((span.id for span in draft.spans if span.fragments[0].text == filler), None) or draft.span(
        "ARG", filler
    )
    attack = draft.span(label, "viel", "aan", realis=realis, polarity="Positive")
    draft.relation(role, attack, found)
    return draft


ROLES = {"QUOTE": ("speaker", "cue"), "Conflict.Attack": ("Target", "Place"), "Other": ("Thing", "Place")}


@st.composite
def sets(draw: st.DrawFn) -> AnnotationSet:
    """Annotations of one text with frames at few places, so that much is equal, crossing, nested and doubled."""
    cuts = st.lists(st.integers(0, 12), min_size=2, max_size=4, unique=True).map(sorted)
    labels = st.sampled_from(["GPE", "QUOTE", "SPEAKER", "CUE", "Conflict.Attack", "Other", "ARG"])
    spans = []
    for i, label in enumerate(draw(st.lists(labels, max_size=9))):
        places = draw(cuts)
        attributes = {}
        if label == "QUOTE":
            attributes["type"] = draw(st.sampled_from(["direct", "indirect"]))
        elif label in ROLES:
            attributes["realis"] = draw(st.sampled_from(["Actual", "Other"]))
        elif label in {"GPE", "ARG"}:
            attributes["entity"] = draw(st.sampled_from(["x", "y"]))
        fragments = tuple(
            Fragment(start=a, end=b, text="x" * (b - a)) for a, b in zip(places[::2], places[1::2], strict=False)
        )
        spans.append(Span(id=f"s{i}", label=label, fragments=fragments, attributes=attributes))
    heads = [span for span in spans if span.label in ROLES]
    relations = []
    for i in range(draw(st.integers(0, 6)) if heads else 0):
        head = draw(st.sampled_from(heads))
        tail = draw(st.sampled_from(spans))
        role = draw(st.sampled_from(ROLES[head.label]))
        relations.append(Relation(id=f"r{i}", label=role, head=head.id, tail=tail.id))
    return msgspec.structs.replace(Draft("a", "x" * 20).set(), spans=tuple(spans), relations=tuple(relations))
