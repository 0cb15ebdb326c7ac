"""Runs a model over documents and keeps its predictions as annotation sets: streamed, kept as it goes, taken up again."""

import json
from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from standoff import __version__
from standoff.benchmark.accept import Speaker, accept
from standoff.benchmark.predictor import Predictor, PredictorError
from standoff.corpus.codec import sha256
from standoff.corpus.config import excluded
from standoff.corpus.model import AnnotationSet, Document, Provenance
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.errors import StandoffError
from standoff.problems import Problem

_TOGETHER = 64
"""So many sets are written together; what a crash can cost."""


@dataclass(slots=True)
class Outcome:
    """What a run did: documents predicted now and before, those that a curator excludes, and what was left out of the
    predictions."""

    predicted: int = 0
    kept: int = 0
    failed: int = 0
    excluded: int = 0
    problems: list[Problem] = field(default_factory=list)


def predict(
    store: Store,
    name: str,
    predictor: Predictor,
    annotator: str,
    *,
    wanted: Collection[str] | None = None,
    parameters: dict[str, object] | None = None,
    labels: dict[str, str] | None = None,
    progress: Callable[[int], None] = lambda done: None,
    outcome: Outcome | None = None,
) -> Outcome:
    """Predicts documents (all, or the wanted ones) into `annotator`'s sets. Call it inside `store.lock()`. What a curator
    excludes is shown to no model: it may be one of somebody else's.

    A document whose set has this model, version, parameters and text already is left as it is. Raises StandoffError for a set
    that is not this model's, or that people worked on, before anything is predicted, and PredictorError when the model stops: what it had predicted is
    kept, and `outcome`, which is filled as it goes, says what that was.
    """
    scheme = index(store.scheme)
    settings = json.dumps(parameters or {}, sort_keys=True, ensure_ascii=False)
    provenance = Provenance(
        tool=f"standoff {__version__}",
        model=name,
        version=predictor.version,
        parameters=settings,
        at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    speaker = Speaker(annotator, provenance, predictor.layers, predictor.labels if labels is None else labels)
    outcome = outcome or Outcome()
    without = excluded(store.overrides())
    done = _done(store, annotator, provenance, predictor.layers, scheme.scheme.version, wanted)
    sent: deque[Document] = deque()
    there = store.lookup(annotator)

    def fresh() -> Iterator[Document]:
        for document in store.documents():
            if wanted is not None and document.id not in wanted:
                continue
            if document.id in without:
                outcome.excluded += 1
                continue
            if done.get(document.id) == sha256(document.text):
                outcome.kept += 1
                continue
            sent.append(document)
            yield document

    sets: list[AnnotationSet] = []

    def keep() -> None:
        store.write(sets)
        outcome.predicted += len(sets)
        sets.clear()
        progress(outcome.predicted + outcome.kept + outcome.failed)

    try:
        for prediction in predictor.predict(fresh()):
            document = sent.popleft()
            if prediction.document != document.id:
                raise PredictorError(f"{name} answered for {prediction.document!r} where {document.id!r} was next")
            if prediction.failure is not None:
                outcome.failed += 1
                outcome.problems.append(_failure(document.id, annotator, prediction.failure, there(document.id)))
                continue
            made, problems = accept(document, prediction, speaker, scheme)
            sets.append(made)
            outcome.problems += problems
            if len(sets) == _TOGETHER:
                keep()
    finally:
        keep()
    if sent:
        raise PredictorError(f"{name} ended without an answer for {sent[0].id!r}")
    return outcome


def _done(
    store: Store,
    annotator: str,
    made: Provenance,
    layers: tuple[str, ...],
    scheme: str,
    wanted: Collection[str] | None,
) -> dict[str, str]:
    """Documents that have a set of exactly this model, with the hash of the text that it was made on.

    Raises StandoffError for a set that is not this model's, or that people worked on and a prediction would replace.
    """
    done = {}
    in_page = {
        document: project
        for project in store.config.doccano
        for name, document in store.document_states(project)
        if name == annotator
    }
    for annotations in store.sets(annotator):
        before = annotations.provenance
        if annotations.kind != "model" or before is None or before.model != made.model:
            whose = before.model if before and before.model else f"a {annotations.kind}"
            raise StandoffError(
                f"corpus/annotations/{annotator}: the set of {annotations.document!r} is {whose}'s, not {made.model}'s; give another --set"
            )
        same = (before.version, before.parameters) == (made.version, made.parameters)
        if same and annotations.layers == layers and annotations.scheme == scheme:
            done[annotations.document] = annotations.text_sha256
        elif wanted is not None and annotations.document not in wanted:
            continue
        elif project := in_page.get(annotations.document):
            # What was deleted there leaves no trace in the set.
            raise StandoffError(
                f"corpus/annotations/{annotator}: the set of {annotations.document!r} is in the Doccano project {project}, where people may"
                " have corrected it, and predictions would take the place of that; give another --set"
            )
        elif _worked_on(annotations):
            raise StandoffError(
                f"corpus/annotations/{annotator}: people confirmed, corrected or commented on the set of {annotations.document!r}, and"
                " predictions would take the place of that; give another --set"
            )
    return done


def _worked_on(annotations: AnnotationSet) -> bool:
    made_by = [*(span.by for span in annotations.spans), *(relation.by for relation in annotations.relations)]
    return bool(annotations.confirmed or annotations.comments or any(made_by))


def _failure(document: str, annotator: str, reason: str, before: AnnotationSet | None) -> Problem:
    version = before.provenance.version if before and before.provenance else ""
    what = f"what was predicted before stays (version {version})" if before else "it gets no set"
    message = f"the model failed: {reason}; {what}"
    return Problem(document=document, path=annotator, rule="model-failure", severity="error", message=message)
