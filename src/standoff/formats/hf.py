"""Token classification as Hugging Face datasets hold it: a row a sentence, its tokens, a class for each. Pure.

The names of the classes are tags (IOB1, IOB2, BILOU, BIOES), or labels without prefixes, of which a run is one span. The text
is rebuilt with one space between tokens and one line a row, so that an export finds the tokens again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct

from standoff.corpus.model import AnnotationSet, Document
from standoff.formats import conll
from standoff.formats.foreign import Foreign, FormatError, Loss
from standoff.text.counted import counted
from standoff.text.iob import Tagging, TokenSpan, detect, encode

DOCUMENTS = ("document", "document_id", "doc_id")
"""Columns that say which rows belong together, the first that is there; without one all rows of a split do."""
_PREFIXED = ("B-", "I-", "S-", "E-", "L-", "U-")


class Columns(Struct, frozen=True, kw_only=True):
    """Which columns hold what, and the names of the classes in their order."""

    tokens: str
    tags: str
    names: tuple[str, ...]
    document: str | None = None


def columns_of(features: Mapping[str, Any], where: str) -> Columns:
    """The columns of a dataset with these features, as `datasets.Features.to_dict` gives them.

    The tags are the one column with lists of classes, the tokens the one with lists of texts. Raises FormatError.
    """
    lists = {name: _inner(feature) for name, feature in features.items()}
    classed = [name for name, inner in lists.items() if inner and inner.get("names")]
    worded = [name for name, inner in lists.items() if inner and inner.get("dtype") in ("string", "large_string")]
    tokens = "tokens" if "tokens" in worded else worded[0] if len(worded) == 1 else None
    tags = "ner_tags" if "ner_tags" in classed else classed[0] if len(classed) == 1 else None
    if tokens is None or tags is None:
        raise FormatError(
            f"{where}: no token classification: it needs a column with lists of texts (tokens) and one with lists of classes"
            f" (ner_tags); it has {', '.join(features)}"
        )
    inner = lists[tags]
    assert inner is not None
    document = next((name for name in DOCUMENTS if features.get(name, {}).get("dtype") == "string"), None)
    return Columns(tokens=tokens, tags=tags, names=tuple(inner["names"]), document=document)


def _inner(feature: Any) -> dict[str, Any] | None:
    """What a list feature is a list of; None for no list."""
    if isinstance(feature, list):
        return dict(feature[0])
    inner = feature.get("feature") if isinstance(feature, dict) else None
    return dict(inner) if isinstance(inner, dict) else None


def read(rows: Iterable[Mapping[str, Any]], columns: Columns, split: str, where: str) -> Iterator[Foreign | Loss]:
    """The documents of one split: rows that follow one another and name the same one; a row that is `-DOCSTART-` alone begins
    another. A row whose tokens and tags differ in number, or hold nothing, is refused, and so are rows apart from the others of
    their document."""
    named = columns.document
    seen: set[str] = set()
    for key, group in groupby(enumerate(rows, 1), key=lambda row: (row[1][named] if named else None) or split):
        if key in seen:
            first, *others = [number for number, _ in group]
            message = f"{counted(len(others) + 1, 'row')} of {key[:60]!r} apart from its others; sort the dataset by {named!r} first"
            yield Loss(kind="refused", reason="apart", document=key, place=f"{where}/{split}:{first}", message=message)
            continue
        seen.add(key)
        yield from _documents(group, columns, key, f"{where}/{split}")


def _documents(
    rows: Iterable[tuple[int, Mapping[str, Any]]], columns: Columns, name: str, where: str
) -> Iterator[Foreign]:
    losses: list[Loss] = []
    sentences: list[tuple[int, list[str], list[str]]] = []
    for number, row in rows:
        # Arrow has nulls at every place.
        tokens = [" ".join((token or "").split()) for token in row[columns.tokens] or ()]
        classes: Sequence[int | None] = row[columns.tags] or ()
        place = f"{where}:{number}"
        if len(tokens) != len(classes) or not all(tokens) or not tokens:
            message = f"{counted(len(tokens), 'token')} and {counted(len(classes), 'tag')}, or an empty token; the row was left out"
            losses.append(Loss(kind="refused", reason="row", place=place, message=message))
        elif any(value is None or not 0 <= value < len(columns.names) for value in classes):
            message = f"a class outside of 0 to {len(columns.names) - 1}; the row was left out"
            losses.append(Loss(kind="refused", reason="class", place=place, message=message))
        elif any(token.startswith(conll.DOCSTART) for token in tokens) and tokens != [conll.DOCSTART]:
            message = f"{conll.DOCSTART} in the middle of a sentence; the row was left out"
            losses.append(Loss(kind="refused", reason="row", place=place, message=message))
        else:
            sentences.append((number, tokens, [columns.names[value] for value in classes if value is not None]))
    if not any(name.startswith(_PREFIXED) for name in columns.names):
        sentences = [(number, tokens, _tagged(labels)) for number, tokens, labels in sentences]
    tagging: Tagging = detect(tags for _, _, tags in sentences)
    layout = conll.Layout(tagging=tagging)
    lines = [line for _, tokens, tags in sentences for line in (*map("\t".join, zip(tokens, tags, strict=True)), "")]
    nothing = (Foreign(name=name, file=where, place=where, text=""),)
    for foreign in conll.read(lines, layout, name, where) if lines else nothing:
        foreign.left_out = ()
        foreign.losses = [*losses, *foreign.losses]
        losses = []
        yield foreign


def _tagged(labels: Sequence[str]) -> list[str]:
    """Labels without prefixes as IOB2: a run of one label is one span."""
    spans = []
    for label, run in groupby(enumerate(labels), key=lambda item: item[1]):
        places = [place for place, _ in run]
        if label not in ("O", ""):
            spans.append(TokenSpan(places[0], places[-1] + 1, label))
    return encode(spans, len(labels), "IOB2")


# -- writing


class Rows(Struct, kw_only=True):
    """Sentences of one document: tokens, and their tags in IOB2."""

    tokens: list[list[str]]
    tags: list[list[str]]
    losses: tuple[Loss, ...]
    left_out: tuple[str, ...]


def write(document: Document, annotations: AnnotationSet) -> Rows:
    """The rows of one document. It is lost what column files have no place for."""
    written = conll.write(document, annotations, conll.Layout())
    rows = [[line.split("\t") for line in block.split("\n")] for block in written.content.split("\n\n") if block]
    return Rows(
        tokens=[[token for token, _ in row] for row in rows],
        tags=[[tag for _, tag in row] for row in rows],
        losses=written.losses,
        left_out=written.left_out,
    )


def names(labels: Iterable[str]) -> list[str]:
    """The classes for these span labels: `O`, then `B-` and `I-` of each."""
    return ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]
