"""What `score` and `agreement` share: which annotators, layers and documents are compared. Prints what was left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import err
from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.stands import misplaced
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.score.comparison import unknown_labels
from standoff.text.counted import counted

Layers = Annotated[list[str] | None, typer.Option("--layer", help="Only this layer; may be given more than once.")]


def check_annotators(store: Store, names: Iterable[str]) -> None:
    """Raises UsageError for a name that has no annotations."""
    known = store.annotators()
    for name in names:
        if name not in known:
            raise UsageError(f"{name}: no such annotator; there are {', '.join(known) or 'none yet'}")


def sets_on_their_texts(store: Store, names: Iterable[str]) -> Iterator[tuple[str, dict[str, AnnotationSet]]]:
    """Each document that one of these annotated, with the sets there are.

    Raises StandoffError for a set without a document, and for one whose offsets are not those of its document's text.
    """
    documents = store.documents()
    document = next(documents, None)
    for id_, sets in store.sets_together(names):
        while document and document.id < id_:
            document = next(documents, None)
        if document is None or document.id != id_:
            raise StandoffError(f"{next(iter(sets))}/{id_}: there is no such document; run `standoff validate`")
        digest = sha256(document.text)
        for name, annotations in sets.items():
            if why := misplaced(document, annotations, digest):
                raise StandoffError(f"{name}/{id_}: {why}; run `standoff validate`")
        yield id_, sets


def check_layers(layers: Sequence[str] | None, index: SchemeIndex) -> tuple[str, ...]:
    """The layers to compare, in the scheme's order: all if none are given. Raises UsageError."""
    for name in layers or ():
        if name not in index.layers:
            raise UsageError(f"--layer {name}: the scheme has {', '.join(index.layers)}")
    return tuple(name for name in index.layers if not layers or name in layers)


class Unknown:
    """Labels that the scheme doesn't have, so that their annotations are compared with nothing."""

    def __init__(self, index: SchemeIndex) -> None:
        self._index = index
        self.labels: dict[str, Counter[str]] = {}
        """Annotator to label to the number of documents."""

    def look(self, annotator: str, annotations: AnnotationSet) -> None:
        """Notes the unknown labels of a set."""
        if labels := unknown_labels(annotations, self._index):
            self.labels.setdefault(annotator, Counter()).update(labels)

    def warn(self) -> None:
        """Prints them on standard error."""
        for annotator, labels in self.labels.items():
            some = ", ".join(f"{label} ({counted(number, 'document')})" for label, number in labels.most_common(5))
            err.print(
                f"[yellow]not compared[/] {escape(annotator)}: labels that the scheme doesn't have: {escape(some)};"
                " `standoff validate` shows where"
            )


def figure(value: float | None) -> str:
    """A figure for people; a dash where there was nothing to measure."""
    return "–" if value is None else f"{value:.3f}"
