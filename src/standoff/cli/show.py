"""`standoff show`: a document with its annotations, in colour, one layer after another."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer
from msgspec.structs import replace
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from standoff.cli.common import Json, Root, SetName, check_name, err, out, print_json
from standoff.corpus.model import AnnotationSet, Document, Span
from standoff.corpus.scheme import SchemeIndex, index
from standoff.corpus.stands import misplaced
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.text.counted import counted

app = typer.Typer()


@app.command("show")
def show(
    document: Annotated[str | None, typer.Argument(metavar="[DOC]", help="A document's id; none: list them.")] = None,
    root: Root = Path(),
    set_name: SetName = "gold",
    layer: Annotated[
        list[str] | None, typer.Option("--layer", help="Only this layer; may be given more than once.")
    ] = None,
    json: Json = False,
) -> None:
    """Print a document with its annotations, or the list of documents.

    Example: standoff show 000_31863ef30e6d4108 --layer quotes
    """
    store = Store(root)
    if document is None:
        _list(store, json)
        return
    text = store.document(document)
    annotations = store.set(check_name(set_name), document)
    scheme = index(store.scheme)
    for name in layer or ():
        if name not in scheme.layers:
            raise UsageError(f"--layer {name}: the scheme has {', '.join(scheme.layers)}")
    if json:
        shown = _within(annotations, scheme, layer) if annotations and layer else annotations
        print_json({"document": text, "annotations": shown})
        return
    if annotations is None:
        others = [name for name in store.annotators() if store.set(name, document)]
        out.print(_header(text), "\n", Text(text.text), sep="")
        hint = f"; there is {', '.join(others)}: choose with --set" if others else ""
        out.print(f"\n[yellow]no annotation set {escape(set_name)}[/]{escape(hint)}")
        return
    _check(text, annotations)
    out.print(
        _header(text),
        Text(
            f"\n{annotations.annotator}, {annotations.kind}, {_status(annotations)}, {counted(len(annotations.spans), 'span')}, {counted(len(annotations.relations), 'relation')}",
            "dim",
        ),
        sep="",
    )
    for comment in annotations.comments:
        out.print(Text.assemble((f"{comment.by or 'somebody'}: ", "dim"), comment.text))
    for name in layer or [name for name in scheme.layers if name in annotations.layers]:
        if name in annotations.layers:
            _show_layer(text, annotations, scheme, name)
        else:
            out.print(f"{escape(name)}: not annotated, which is not the same as empty")
    hidden = Counter(
        span.label for span in annotations.spans if scheme.span_layer.get(span.label) not in annotations.layers
    )
    if hidden and not layer:
        labels = ", ".join(f"{label} {count:,}" for label, count in hidden.most_common())
        err.print(
            f"[yellow]not shown[/] labels of no layer that the set lists: {escape(labels)}; run `standoff validate`"
        )


def _status(annotations: AnnotationSet) -> str:
    by = ", ".join(dict.fromkeys(one.annotator or "somebody" for one in annotations.confirmed))
    return f"confirmed by {by}" if by else "draft"


def _within(annotations: AnnotationSet, scheme: SchemeIndex, layers: Sequence[str]) -> AnnotationSet:
    """The set with these layers alone, and the spans of others that their relations lead to."""
    relations = [one for one in annotations.relations if scheme.relation_layer.get(one.label) in layers]
    ends = {id_ for one in relations for id_ in (one.head, one.tail)}
    spans = [one for one in annotations.spans if scheme.span_layer.get(one.label) in layers or one.id in ends]
    listed = tuple(name for name in annotations.layers if name in layers)
    return replace(annotations, layers=listed, spans=tuple(spans), relations=tuple(relations))


def _list(store: Store, json: bool) -> None:
    rows = [
        {"id": document.id, "date": document.date, "title": document.title, "characters": len(document.text)}
        for document in store.documents()
    ]
    if json:
        print_json({"documents": rows})
        return
    table = Table("document", "date", "characters", "title", box=None)
    for row in rows:
        table.add_row(
            *(escape(str(row[key] if row[key] is not None else "")) for key in ("id", "date", "characters", "title"))
        )
    out.print(table if rows else "no documents yet: put texts into seeds/ and run `standoff normalize`")


def _header(document: Document) -> Text:
    facts = [document.id if document.title else None, document.date, document.language, document.source.publisher]
    return Text.assemble((document.title or document.id, "bold"), "\n", ("  ".join(f for f in facts if f), "dim"), "\n")


def _check(document: Document, annotations: AnnotationSet) -> None:
    if why := misplaced(document, annotations):
        raise StandoffError(f"{annotations.annotator}/{document.id}: {why}; run `standoff validate`")


def _show_layer(document: Document, annotations: AnnotationSet, scheme: SchemeIndex, name: str) -> None:
    layer = scheme.layers[name]
    spans = [span for span in annotations.spans if scheme.span_layer.get(span.label) == name]
    out.rule(f"[bold]{escape(name)}[/] {len(spans)}", align="left", style="dim")
    out.print()
    for section in document.sections:
        style = "" if section.kind == "paragraph" else "bold"
        out.print(_painted(document.text, section.start, section.end, spans, scheme, style))
        out.print()
    if layer.head is None:
        return
    by_id = {span.id: span for span in annotations.spans}
    parts: dict[str, list[tuple[str, Span]]] = {}
    for relation in annotations.relations:
        if scheme.relation_layer.get(relation.label) == name and relation.tail in by_id:
            parts.setdefault(relation.head, []).append((relation.label, by_id[relation.tail]))
    for head in sorted((span for span in spans if span.label in layer.head.labels), key=lambda span: span.start):
        facts = [
            head.label,
            *(value for key, value in sorted(head.attributes.items()) if key in scheme.required[head.label]),
        ]
        line = Text.assemble(
            (" ".join(facts), f"bold {_color(head, scheme)}"), "  ", ("“", "dim"), _surface(head), ("”", "dim")
        )
        out.print(line)
        for label, tail in parts.get(head.id, []):
            known = tail.attributes.get("entity")
            out.print(
                Text.assemble((f"{label:>14}  ", "dim"), _surface(tail), (f"  = {known}" if known else "", "dim"))
            )
    out.print()


def _surface(span: Span) -> str:
    return " … ".join(fragment.text for fragment in span.fragments).replace("\n", " ")


def _color(span: Span, scheme: SchemeIndex) -> str:
    return scheme.spans[span.label].color or scheme.layers[scheme.span_layer[span.label]].color


def _painted(text: str, start: int, end: int, spans: Iterable[Span], scheme: SchemeIndex, style: str) -> Text:
    """The stretch of text with brackets around its spans: the innermost span gives the colour, labels stand at the ends.

    What of a span goes beyond the stretch is left to the next one, and `…` stands in place of the label.
    """
    pieces = [
        (
            max(start, fragment.start),
            min(fragment.end, end),
            span,
            fragment is span.fragments[-1] and fragment.end <= end,
        )
        for span in spans
        for fragment in span.fragments
        if start < fragment.end and fragment.start < end
    ]
    painted = Text()
    for low, high in pairwise(sorted({start, end, *(p for piece in pieces for p in piece[:2])})):
        opened = sorted((p for p in pieces if p[0] == low), key=lambda p: -p[1])
        for piece in opened:
            painted.append("[", f"bold {_color(piece[2], scheme)}")
        inside = [p for p in pieces if p[0] <= low and high <= p[1]]
        inner = min(inside, key=lambda p: p[1] - p[0], default=None)
        painted.append(text[low:high], f"{style} {_color(inner[2], scheme)}" if inner else style)
        for piece in sorted((p for p in pieces if p[1] == high), key=lambda p: -p[0]):
            color = _color(piece[2], scheme)
            painted.append("]", f"bold {color}")
            painted.append(piece[2].label if piece[3] else "…", f"italic {color}")
    return painted
