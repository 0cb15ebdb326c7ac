"""Annotations to compare: of one short text by hand, and any by hypothesis."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from hypothesis import strategies as st

from release.corpora import REPOSITORY, Draft
from standoff.corpus.model import AnnotationSet, Fragment, Relation, Span
from standoff.corpus.scheme import SchemeIndex, index, read_scheme
from standoff.score import spans as span_scores
from standoff.score.comparison import Comparison
from standoff.score.counts import Counts
from standoff.score.frames import Path
from standoff.score.matching import Extent

NEWS = index(read_scheme(REPOSITORY / "corpus" / "scheme.toml"))

Labelled = tuple[Extent, str]
"""A span as far as it is compared: where, and its label."""

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


# -- comparing


def compare(
    gold: AnnotationSet, predicted: AnnotationSet, scheme: SchemeIndex, layers: Iterable[str] = ()
) -> Mapping[Path, Counts]:
    """Counts of every figure in one document."""
    comparison = Comparison(scheme, layers)
    comparison.add(gold, predicted)
    return comparison.totals


def measures(
    texts: Sequence[tuple[Sequence[Labelled], Sequence[Labelled]]],
) -> tuple[list[dict[str, Counts]], dict[str, dict[str, Counts]]]:
    """SemEval's measures of each text, and of each label over all texts, by our scorer."""
    labels = sorted({label for sides in texts for side in sides for _, label in side})
    numbers = {label: number for number, label in enumerate(labels)}
    both = span_scores.Spans(), span_scores.Spans()
    for document, sides in enumerate(texts):
        for spans, side in zip(both, sides, strict=True):
            spans.add(document, [span_at(place, label) for place, label in side], numbers)
    by_document, by_label = span_scores.semeval(*both, len(texts), len(labels))
    return (
        [{mode: Counts(*table[i].tolist()) for mode, table in by_document.items()} for i in range(len(texts))],
        {label: {mode: Counts(*table[i].tolist()) for mode, table in by_label.items()} for label, i in numbers.items()},
    )


def span_at(place: Extent, label: str) -> Span:
    """A span somewhere, without a text."""
    return Span(id="s", label=label, fragments=tuple(Fragment(start=a, end=b, text="x") for a, b in place))
