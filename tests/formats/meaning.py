"""What spans and relations say, without their ids: a foreign text and an annotation set are compared by it."""

from collections import Counter
from typing import Any

from standoff.corpus.model import AnnotationSet
from standoff.formats.foreign import Foreign


def meaning(found: Foreign | AnnotationSet, fields: tuple[str, ...]) -> tuple[Counter[Any], Counter[Any]]:
    """Spans by label, extents and these fields; relations by label, ends and these fields."""
    by_id = {}
    for span in found.spans:
        extents = span.extents if isinstance(found, Foreign) else tuple((p.start, p.end) for p in span.fragments)  # type: ignore[union-attr]
        by_id[span.id] = (span.label, extents, *_stated(span, fields))
    joined = [
        (relation.label, by_id[relation.head], by_id[relation.tail], *_stated(relation, fields))
        for relation in found.relations
    ]
    return Counter(by_id.values()), Counter(joined)


def _stated(item: Any, fields: tuple[str, ...]) -> list[Any]:
    values = [getattr(item, name, None) for name in fields]
    return [tuple(sorted(value.items())) if isinstance(value, dict) else value for value in values]
