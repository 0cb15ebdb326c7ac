"""An export: the sets of one annotator in another format, written aside and renamed when they are whole."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from standoff.corpus.config import excluded
from standoff.corpus.files import fault
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import SchemeIndex, index
from standoff.corpus.stands import unsound
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.exchange.importing import Refused
from standoff.exchange.sources import DETECTED, Options
from standoff.formats import (
    brat_writing,
    cas,
    conll,
    conllu,
    doccano_jsonl,
    hf,
    labelstudio,
    labelstudio_config,
    prodigy,
    spacy,
)
from standoff.formats.doccano import PageError, scope
from standoff.formats.foreign import Loss
from standoff.formats.writing import Written, not_known_again
from standoff.text.counted import counted

W = TypeVar("W", Written, hf.Rows, spacy.Written)


class Export(Struct, kw_only=True):
    """What an export wrote. `left_out` counts what documents and sets state and the format has no place for, `excluded` the
    documents that a curator excludes."""

    format: str
    path: str
    documents: int = 0
    spans: int = 0
    relations: int = 0
    excluded: int = 0
    left_out: dict[str, int] = {}
    losses: list[Loss] = []


class Pair(NamedTuple):
    """A document and the set that is exported."""

    document: Document
    annotations: AnnotationSet


class Piece(NamedTuple):
    """Text, or bytes, for one file, named from the target on; an empty name is the target itself."""

    file: str
    content: str | bytes


def export(
    format_: str,
    path: Path,
    root: Path,
    *,
    set_name: str = "gold",
    strict: bool = False,
    options: Options = DETECTED,
    progress: Callable[[int], None] = lambda _: None,
) -> Export:
    """Writes every document that has the set, and that nobody excludes, to `path`, where nothing may be yet: a file, or a folder.

    A set without a document, or on another text than the document has now, is refused. Raises UsageError, and Refused.
    """
    if format_ not in WRITERS:
        raise UsageError(f"{format_}: no such format; known are {', '.join(WRITERS)}")
    if os.path.lexists(path):  # a link that leads nowhere too, which a rename would replace
        raise UsageError(f"{path}: there is something here already; name a new file or folder")
    store = Store(root)
    scheme = index(store.scheme)
    if set_name not in store.annotators():
        known = ", ".join(store.annotators()) or "no set at all"
        raise UsageError(f"--set {set_name}: there is no such set; there is {known}")
    report = Export(format=format_, path=str(path))
    left_out: Counter[str] = Counter()
    pairs = _pairs(store, set_name, scheme, left_out, report, progress)
    pieces = WRITERS[format_](pairs, _Target(path, scheme, options, report.losses, left_out))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp") as aside:
            _write(Path(aside), pieces)
            if strict and report.losses:
                raise Refused(report.losses)
            whole = Path(aside) / "whole"
            if not whole.exists():
                raise StandoffError(
                    f"{path}: the set {set_name!r} has no document that can be exported{_refused(report)}"
                )
            os.rename(whole, path)
    except OSError as error:
        raise fault(error, path) from error
    report.left_out = dict(sorted(left_out.items()))
    return report


def _refused(report: Export) -> str:
    """The first of the documents that were refused, and how many are excluded, for an error message."""
    refused = [loss for loss in report.losses if loss.kind == "refused"]
    more = f", and {counted(len(refused) - 1, 'more document')}" if len(refused) > 1 else ""
    first = f": {refused[0].document}: {refused[0].message}{more}" if refused else ""
    return first + (f"; overrides.toml excludes {counted(report.excluded, 'document')}" if report.excluded else "")


def _pairs(
    store: Store,
    set_name: str,
    scheme: SchemeIndex,
    left_out: Counter[str],
    report: Export,
    progress: Callable[[int], None],
) -> Iterator[Pair]:
    sets = store.sets(set_name)
    without = excluded(store.overrides())
    waiting = next(sets, None)
    for document in chain(store.documents(), [None]):
        while waiting is not None and (document is None or waiting.document < document.id):
            id_ = waiting.document
            message = "there is no such document; run `standoff validate`"
            report.losses.append(Loss(kind="refused", reason="unsound", document=id_, place=id_, message=message))
            waiting = next(sets, None)
        if waiting is None or document is None:
            return
        if waiting.document != document.id:
            continue
        annotations, waiting = waiting, next(sets, None)
        if document.id in without:
            report.excluded += 1
            continue
        if reason := unsound(document, annotations):
            message = f"{reason}; run `standoff validate`"
            loss = Loss(kind="refused", reason="unsound", document=document.id, place=document.id, message=message)
            report.losses.append(loss)
            continue
        left_out.update(not_known_again(report.format, annotations, scheme))
        report.documents += 1
        report.spans += len(annotations.spans)
        report.relations += len(annotations.relations)
        if report.documents % 50 == 0:
            progress(report.documents)
        yield Pair(document, annotations)


def _write(aside: Path, pieces: Iterator[Piece]) -> None:
    name, file = "", None
    try:
        for piece in pieces:
            if file is None or piece.file != name:
                if file is not None:
                    file.close()
                place = aside / "whole" / piece.file if piece.file else aside / "whole"
                place.parent.mkdir(exist_ok=True)
                name, file = piece.file, place.open("ab")
            file.write(piece.content.encode() if isinstance(piece.content, str) else piece.content)
    finally:
        if file is not None:
            file.close()


class _Target(NamedTuple):
    """Where an export goes, and what is told of it."""

    path: Path
    scheme: SchemeIndex
    options: Options
    losses: list[Loss]
    left_out: Counter[str]


def _conll(pairs: Iterator[Pair], target: _Target) -> Iterator[Piece]:
    """One file with lines of -DOCSTART- when the target's name has an ending, else a file for each document."""
    single = bool(target.path.suffix)
    ahead = list(islice(pairs, 2))
    layout: conll.Layout | None = None
    for document, annotations in chain(ahead, pairs):
        own = conll.layout_for(annotations)
        if layout is None or not single:
            layout = _layout(own, target.options)
        written = _told(conll.write(document, annotations, layout), target)
        docstart = own.docstart
        if docstart is None and single and len(ahead) > 1:
            docstart = conll.docstart(layout)
        start = "" if docstart is None else f"{docstart}\n\n"
        yield Piece("" if single else f"{document.id}.conll", start + written.content)


def _conllu(pairs: Iterator[Pair], target: _Target) -> Iterator[Piece]:
    """One file when the target's name has an ending, else a file for each document."""
    for document, annotations in pairs:
        written = _told(conllu.write(document, annotations, conllu.layout_for(annotations)), target)
        yield Piece("" if target.path.suffix else f"{document.id}.conllu", written.content)


def _cas(pairs: Iterator[Pair], target: _Target) -> Iterator[Piece]:
    """A folder with a CAS in JSON for each document."""
    return _feature_structures(pairs, target, xmi=False)


def _xmi(pairs: Iterator[Pair], target: _Target) -> Iterator[Piece]:
    """A folder with an XMI file for each document, and the type system that they share: with the scheme's attributes, and
    those of spans that it does not know."""
    piece: Piece | None = None
    names = {*target.scheme.attributes}
    for pair in pairs:
        names.update(name for span in pair.annotations.spans for name in span.attributes)
        for piece in _feature_structures(iter([pair]), target, xmi=True):
            yield piece
    if piece:
        yield Piece("TypeSystem.xml", cas.type_system(names).to_xml())


def _feature_structures(pairs: Iterator[Pair], target: _Target, *, xmi: bool) -> Iterator[Piece]:
    for document, annotations in pairs:
        written = cas.write(document, annotations, target.scheme.attributes, xmi=xmi)
        if isinstance(written, Loss):
            target.losses.append(written)
            continue
        yield Piece(f"{document.id}.{'xmi' if xmi else 'json'}", _told(written, target).content)


def _hf(pairs: Iterator[Pair], target: _Target) -> Iterator[Piece]:
    """A dataset as `save_to_disk` writes it: a row for each sentence, with its document, tokens and classes."""
    import datasets

    labels = dict.fromkeys(target.scheme.spans)
    rows: dict[str, list[Any]] = {"document": [], "tokens": [], "ner_tags": []}
    if (first := next(pairs, None)) is None:
        return
    for document, annotations in chain([first], pairs):
        written = _told(hf.write(document, annotations), target)
        rows["document"] += [document.id] * len(written.tokens)
        rows["tokens"] += written.tokens
        rows["ner_tags"] += written.tags
        labels.update(dict.fromkeys(span.label for span in annotations.spans))
    # Those that the scheme does not know come last.
    classes = datasets.ClassLabel(names=hf.names(labels))
    rows["ner_tags"] = [classes.str2int(tags) for tags in rows["ner_tags"]]
    features = {
        "document": datasets.Value("string"),
        "tokens": datasets.List(datasets.Value("string")),
        "ner_tags": datasets.List(classes),
    }
    datasets.disable_progress_bars()  # they would be drawn over ours, and into logs
    with tempfile.TemporaryDirectory() as folder:
        datasets.Dataset.from_dict(rows, features=datasets.Features(features)).save_to_disk(folder)
        for file in sorted(Path(folder).iterdir()):
            yield Piece(file.name, file.read_bytes())


def _layout(layout: conll.Layout, options: Options) -> conll.Layout:
    stated = {"columns": options.columns, "delimiter": options.delimiter, "tagging": options.tagging}
    return replace(layout, **{name: value for name, value in stated.items() if value is not None})


def _brat(pairs: Iterator[Pair], target: _Target) -> Iterator[Piece]:
    """A folder with a `.txt` and an `.ann` for each document."""
    heads = frozenset(label for layer in target.scheme.layers.values() if layer.head for label in layer.head.labels)
    for document, annotations in pairs:
        written = _told(brat_writing.write(document, annotations, heads), target)
        yield Piece(f"{document.id}.txt", document.text)
        yield Piece(f"{document.id}.ann", written.content)


def _prodigy(pairs: Iterator[Pair], target: _Target) -> Iterator[Piece]:
    for pair in pairs:
        yield Piece("", _told(prodigy.write(*pair), target).content)


def _doccano(pairs: Iterator[Pair], target: _Target) -> Iterator[Piece]:
    """What a push sends to a project with all layers; a document that the page can't hold is refused."""
    shown = scope(target.scheme, ())
    for document, annotations in pairs:
        try:
            yield Piece("", _told(doccano_jsonl.write(shown, document, annotations), target).content)
        except PageError as error:
            id_ = document.id
            target.losses.append(Loss(kind="refused", reason="page", document=id_, place=id_, message=str(error)))


def _labelstudio(pairs: Iterator[Pair], target: _Target) -> Iterator[Piece]:
    """One file when the target's name has an ending, else a folder with that and the labeling configuration."""
    name = "" if target.path.suffix else "tasks.json"
    before = "[\n"
    for number, pair in enumerate(pairs, 1):
        written = labelstudio.write(*pair, number, target.scheme.attributes)
        yield Piece(name, before + _told(written, target).content.removesuffix("\n"))
        before = ",\n"
    if before != "[\n":
        yield Piece(name, "\n]\n")
        if name:
            yield Piece("config.xml", labelstudio_config.config(target.scheme))


def _spacy(pairs: Iterator[Pair], target: _Target) -> Iterator[Piece]:
    """One file when the target's name has an ending, else a file for each document."""
    docs = _docs(pairs, target)
    if not target.path.suffix:
        yield from (Piece(f"{id_}.spacy", spacy.pack([doc])) for id_, doc in docs)
    elif (first := next(docs, None)) is not None:
        yield Piece("", spacy.pack(doc for _, doc in chain([first], docs)))


def _docs(pairs: Iterator[Pair], target: _Target) -> Iterator[tuple[str, Any]]:
    pipelines: dict[str, Any] = {}
    for document, annotations in pairs:
        if document.language not in pipelines:
            pipelines[document.language] = spacy.pipeline(document.language)
        written = _told(spacy.write(document, annotations, pipelines[document.language], target.scheme), target)
        yield document.id, written.doc


def _told(written: W, target: _Target) -> W:
    target.losses.extend(written.losses)
    target.left_out.update(written.left_out)
    return written


WRITERS: dict[str, Callable[[Iterator[Pair], _Target], Iterator[Piece]]] = {
    "brat": _brat,
    "cas": _cas,
    "conll": _conll,
    "conllu": _conllu,
    "doccano": _doccano,
    "hf": _hf,
    "labelstudio": _labelstudio,
    "prodigy": _prodigy,
    "spacy": _spacy,
    "xmi": _xmi,
}
"""Format to what writes it."""
