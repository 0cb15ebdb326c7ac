"""Two annotators who differ in all that a page shows, and steps of `standoff adjudicate --project`."""

from pathlib import Path

from standoff.adjudicate.project import CuratedProject
from standoff.adjudicate.run import Adjudication, Case
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.store import Store
from sync.world import annotations, document, relation, span

PROJECT = '[doccano.main]\nset = "gold-candidates"\npush = { documents = "present" }\n'
LAYERS = ("entities", "quotes", "events")
SHOWN = [
    ("ORG", "Anna"),
    ("PERSON", "Anna"),
    ("SPEAKER", "Anna"),
    ("SPEAKER", "Anna zei"),
    ("QUOTE.direct", "dat Bob"),
    ("QUOTE.indirect", "dat Bob"),
    ("Meet", "ontmoette"),
    ("PERSON", "Carla"),
    ("ORG", "de raad"),
]
"""What the page has of them: all that is agreed, and all rivals."""


def rivals() -> list[Document | AnnotationSet]:
    """Extent, label and a speaker differ, one quote's type, one event's realis, one span is only ann's. And a document that
    nobody annotated."""
    doc = document()
    ann = [
        span("a1", "PERSON", "Anna"),
        span("a2", "QUOTE", "dat Bob", type="direct"),
        span("a3", "SPEAKER", "Anna"),
        span("a4", "Meet", "ontmoette", realis="Actual"),
        span("a5", "PERSON", "Carla"),
        span("a6", "ORG", "de raad"),
    ]
    ben = [
        span("b1", "ORG", "Anna"),
        span("b2", "QUOTE", "dat Bob", type="indirect"),
        span("b3", "SPEAKER", "Anna zei"),
        span("b4", "Meet", "ontmoette", realis="Other"),
        span("b5", "PERSON", "Carla"),
    ]
    records: list[Document | AnnotationSet] = [doc, document("b")]
    for spans, name in ((ann, "ann"), (ben, "ben")):
        letter = name[0]
        links = [
            relation(f"{letter}r1", "speaker", f"{letter}2", f"{letter}3"),
            relation(f"{letter}r2", "Agent", f"{letter}4", f"{letter}5"),
        ]
        records.append(annotations(doc, spans, links, annotator=name))
    return records


def step(root: Path, expected: str) -> Case:
    """One run of `standoff adjudicate ann ben --project main`."""
    run = Adjudication(Store(root), ["ann", "ben"], "gold")
    curated = CuratedProject(run, "main")
    with run.hold():
        (case,) = list(run.cases())
        assert isinstance(case, Case), case
        assert curated.step(case, None) == expected
        run.write(case, LAYERS)
    return case
