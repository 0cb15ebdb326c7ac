"""Which span a marker of the page belongs to, and the attributes that markers give (S6). Pure."""

from collections import defaultdict
from collections.abc import Collection

from msgspec.structs import replace

from standoff.corpus.model import Span
from standoff.formats.doccano import Scope
from standoff.formats.doccano_rows import Row
from standoff.sync.linked import Linked
from standoff.sync.merge import Dispute


def place_markers(scope: Scope, linked: Linked, spans: dict[str, Span], agreed: Collection[str]) -> None:
    """Gives `spans` the attribute values that markers show, and links each marker to its span and attribute.

    `agreed`: ids of the spans that the base has.
    """
    old: dict[tuple[str, str], list[Row]] = defaultdict(list)
    new: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(linked.rows.values(), key=lambda row: row.id):
        kind = scope.spans[row.label]
        if kind.label is not None or row.id in linked.duplicates:
            continue
        attribute = kind.values[0][0]
        if part := linked.parts.get(row.id):
            known = linked.known.get(row.id)
            changed = known is not None and known.label != row.label
            linked.parts[row.id] = (part[0], attribute)
            (new if changed else old)[part[0], attribute].append(row)
        elif owner := _span_below(scope, attribute, row, spans):
            linked.parts[row.id] = (owner, attribute)
            new[owner, attribute].append(row)
        else:
            linked.problems.append(
                f"the marker {row.label} at {row.start}-{row.end} belongs to no one span; put it on exactly the words of one"
            )
    was_marked = {(row.span, row.marker) for row in linked.known.values() if row.marker}
    for id_, span in spans.items():
        values = dict(span.attributes)
        for attribute in scope.markers[span.label]:
            values_new = {_value(scope, row) for row in new[id_, attribute]}
            if len(values_new) > 1:
                latest = {f"attributes.{attribute}": _value(scope, new[id_, attribute][-1])}
                linked.disputes.append(Dispute(id_, f"attributes.{attribute}", tuple(sorted(values_new)), latest))
            elif values_new:
                values[attribute] = values_new.pop()
            elif old[id_, attribute]:
                values[attribute] = _value(scope, old[id_, attribute][-1])
            elif id_ in linked.moved if (id_, attribute) in was_marked else id_ in agreed or attribute not in values:
                # A span that was drawn again keeps its values, even when its marker went with the old drawing. Where there was
                # no marker none was deleted: a value that is not the default is one that the scheme shows by a marker only now.
                continue
            else:
                values[attribute] = scope.default(attribute) or ""
        if values != span.attributes:
            spans[id_] = replace(span, attributes=values, score=None)


def _span_below(scope: Scope, attribute: str, row: Row, spans: dict[str, Span]) -> str | None:
    allowed = [span for span in spans.values() if attribute in scope.markers[span.label]]
    exact = [span.id for span in allowed if (row.start, row.end) in span.extents]
    if len(exact) == 1:
        return exact[0]
    near = [span.id for span in allowed if any(p.start < row.end and row.start < p.end for p in span.fragments)]
    return near[0] if len(near) == 1 else None


def _value(scope: Scope, row: Row) -> str:
    return scope.spans[row.label].values[0][1]
