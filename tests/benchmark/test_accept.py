"""Whatever a model says: what is taken follows text and scheme, and what is not is told."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from standoff.benchmark.accept import Speaker, accept
from standoff.benchmark.predictor import FoundRelation, FoundSpan, Prediction
from standoff.corpus.codec import encode, encode_line
from standoff.corpus.entries import Entry
from standoff.corpus.model import AnnotationSet, Document, Provenance
from standoff.corpus.scheme import index
from standoff.corpus.store import Bundle, Store
from standoff.corpus.validate import Checker

STORE = Store(Path(__file__).parents[1] / "fixtures" / "rules" / "base")
SCHEME = index(STORE.scheme)
DOCUMENT = STORE.document("a")
CHECKER = Checker(STORE.config, STORE.scheme)


def speaker(layers: tuple[str, ...] = ("entities", "quotes"), labels: dict[str, str] | None = None) -> Speaker:
    return Speaker("model", Provenance(model="m", version="1"), layers, labels)


def taken(
    spans: list[FoundSpan], relations: list[FoundRelation] | None = None, **how: object
) -> tuple[AnnotationSet, list[str]]:
    prediction = Prediction(document="a", spans=tuple(spans), relations=tuple(relations or ()))
    made, problems = accept(DOCUMENT, prediction, speaker(**how), SCHEME)  # type: ignore[arg-type]
    return made, [problem.rule for problem in problems]


def errors(document: Document, annotations: AnnotationSet) -> set[str]:
    entries = (
        Entry(document.id, None, "d", 1, encode_line(document)[:-1]),
        Entry(document.id, "model", "s", 1, encode_line(annotations)[:-1]),
    )
    found = CHECKER.check([Bundle(document.id, entries[:1], entries[1:])]).problems
    return {problem.rule for problem in found if problem.severity == "error"}


def test_a_span_becomes_one_of_ours() -> None:
    text = DOCUMENT.text
    start = text.index("Anna")
    made, problems = taken([FoundSpan(label="PERSON", fragments=((start, start + 5),), score=0.5)])
    (span,) = made.spans
    assert (span.text, span.start, span.score) == ("Anna", start, 0.5)
    assert made.layers == ("entities", "quotes")
    assert made.kind == "model"
    assert problems == []


def test_a_label_map_renames_and_drops() -> None:
    spans = [FoundSpan(label=label, fragments=((0, 4),)) for label in ("PER", "O", "NEW")]
    made, problems = taken(spans, labels={"PER": "PERSON", "O": ""})
    assert [span.label for span in made.spans] == ["PERSON"]
    assert problems == ["model-label"]


SPANS = st.builds(
    FoundSpan,
    label=st.sampled_from([*SCHEME.spans, "UNKNOWN"]),
    fragments=st.lists(st.tuples(st.integers(-3, 60), st.integers(-3, 60)), max_size=3).map(tuple),
    attributes=st.dictionaries(
        st.sampled_from([*SCHEME.attributes, "odd"]), st.sampled_from(["", "Q1", "direct", "Actual"]), max_size=3
    ),
    score=st.sampled_from([None, 0.5, -1.0, 7.0, float("nan")]),
)
RELATIONS = st.builds(
    FoundRelation,
    label=st.sampled_from([*SCHEME.relations, "UNKNOWN"]),
    head=st.integers(-1, 8),
    tail=st.integers(-1, 8),
)
OF_CONTENT = {"quotation-type", "exclusive-labels", "nested-values", "entity-attributes", "span-attributes"}
"""What only a better model can do: these say of an opinion that it is wrong, not that it can't be one."""


@given(st.lists(SPANS, max_size=8), st.lists(RELATIONS, max_size=8))
def test_what_is_taken_is_sound_and_the_rest_is_told(spans: list[FoundSpan], relations: list[FoundRelation]) -> None:
    made, problems = taken(spans, relations)
    assert errors(DOCUMENT, made) <= OF_CONTENT
    assert encode(made)
    lost = len(spans) + len(relations) - len(made.spans) - len(made.relations)
    kept_out = [rule for rule in problems if rule in {"model-label", "model-offsets", "model-twin", "model-relation"}]
    assert len(kept_out) == lost


@given(st.lists(SPANS, max_size=6))
def test_the_order_in_which_a_model_speaks_does_not_matter(spans: list[FoundSpan]) -> None:
    unique = list({(span.label, tuple(sorted(span.fragments))): span for span in spans}.values())
    assert encode(taken(unique)[0]) == encode(taken(unique[::-1])[0])
