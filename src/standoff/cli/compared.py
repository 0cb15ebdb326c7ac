"""What commands that compare share: which annotators, layers and documents. Prints what was left out."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, NamedTuple

import typer
from rich.markup import escape

from standoff.cli.common import err
from standoff.corpus.codec import DecodeError, sha256
from standoff.corpus.config import excluded
from standoff.corpus.entries import sole
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.stands import misplaced
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.release.splits import SPLITS, read_splits
from standoff.score.comparison import unknown_labels
from standoff.text.counted import counted

Layers = Annotated[list[str] | None, typer.Option("--layer", help="Only this layer; may be given more than once.")]


def check_annotators(store: Store, names: Iterable[str]) -> None:
    """Raises UsageError for a name that has no annotations."""
    known = store.annotators()
    for name in names:
        if name not in known:
            raise UsageError(f"{name}: no such annotator; there are {', '.join(known) or 'none yet'}")


class Compared(NamedTuple):
    """A document that annotators have in common: `by` whom, and their sets if there is something to compare."""

    by: Collection[str]
    excluded: bool
    sets: Mapping[str, AnnotationSet]


def compared(store: Store, names: Iterable[str], wanted: Collection[str] | None = None) -> Iterator[Compared]:
    """Each document (of the wanted ones, if given) that one of these annotated, in the order of ids.

    Only what can be compared is read: two sets or more, or the only ones asked for, of a document that no curator excludes.
    Raises StandoffError for one of these sets without a document, and for one whose offsets are not those of its text.
    """
    names = tuple(dict.fromkeys(names))
    without = excluded(store.overrides())
    for bundle in store.bundles(names):
        if damaged := next((one for one in (*bundle.documents, *bundle.sets) if one.fault and one.line), None):
            raise DecodeError(damaged.fault, damaged.where)  # it may be a line of any document
        by = sorted({entry.annotator for entry in bundle.sets if entry.annotator})
        if not by or (wanted is not None and bundle.id not in wanted):
            continue
        if bundle.id in without or len(by) < min(2, len(names)):
            yield Compared(by, bundle.id in without, {})
            continue
        if not bundle.documents:
            raise StandoffError(f"{by[0]}/{bundle.id}: there is no such document; run `standoff validate`")
        document = sole(bundle.documents, Document)
        digest = sha256(document.text)
        sets = {name: sole([one for one in bundle.sets if one.annotator == name], AnnotationSet) for name in by}
        for name, annotations in sets.items():
            if why := misplaced(document, annotations, digest):
                raise StandoffError(f"{name}/{bundle.id}: {why}; run `standoff validate`")
        yield Compared(by, False, sets)


def documents_of(store: Store, split: str | None) -> frozenset[str] | None:
    """Ids of the documents of a split; None for all. Raises UsageError for one that doesn't exist, or holds none."""
    if split is None:
        return None
    if split not in SPLITS:
        raise UsageError(f"--split {split}: there are {', '.join(SPLITS)}")
    found = frozenset(id_ for id_, name in read_splits(store.folder / "splits.json").items() if name == split)
    if not found:
        raise UsageError(f"--split {split}: no document is in it; `standoff split` deals documents to splits")
    return found


def check_layers(layers: Sequence[str] | None, index: SchemeIndex) -> tuple[str, ...]:
    """The layers to compare, in the scheme's order: all if none are given. Raises UsageError."""
    for name in layers or ():
        if name not in index.layers:
            raise UsageError(f"--layer {name}: the scheme has {', '.join(index.layers)}")
    return tuple(name for name in index.layers if not layers or name in layers)


class Noticed:
    """What to know of the sets that were compared: labels that the scheme doesn't have, so that their annotations are compared with
    nothing, and predictions of one model in several versions or settings."""

    def __init__(self, index: SchemeIndex) -> None:
        self._index = index
        self.labels: dict[str, Counter[str]] = {}
        """Annotator to label to the number of documents."""
        self._made: dict[str, Counter[tuple[str, str]]] = {}

    def look(self, annotator: str, annotations: AnnotationSet) -> None:
        """Notes the unknown labels of a set, and what made it."""
        if annotations.kind == "model" and (made := annotations.provenance):
            self._made.setdefault(annotator, Counter())[made.version or "", made.parameters or ""] += 1
        if labels := unknown_labels(annotations, self._index):
            self.labels.setdefault(annotator, Counter()).update(labels)

    def warn(self) -> None:
        """Prints it on standard error."""
        for annotator, made in self._made.items():
            if len(made) > 1:
                some = ", ".join(
                    f"{counted(number, 'document')} by {' '.join(filter(None, ('version', version, settings)))}"
                    for (version, settings), number in made.most_common(5)
                )
                err.print(
                    f"[yellow]mixed[/] {escape(annotator)}: {escape(some)}; `standoff predict` without --split brings all to one"
                )
        for annotator, labels in self.labels.items():
            some = ", ".join(f"{label} ({counted(number, 'document')})" for label, number in labels.most_common(5))
            err.print(
                f"[yellow]not compared[/] {escape(annotator)}: labels that the scheme doesn't have: {escape(some)};"
                " `standoff validate` shows where"
            )
