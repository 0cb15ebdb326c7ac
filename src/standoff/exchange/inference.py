"""A label scheme from what a source uses: labels, attributes, relations. Pure."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from standoff.corpus.page import CONTINUES, DRAWN
from standoff.corpus.scheme import Attribute, Head, Layer, RelationLabel, Scheme, SpanLabel
from standoff.formats.foreign import Foreign

SPANS, RELATIONS = "entities", "relations"
"""The layer of labels that no relation starts from, and that of those that one does, with all relations."""
_COLORS = {SPANS: "#0072B2", RELATIONS: "#D55E00"}
_KEYS = "1234567890abcdefghijklmnopqrstuvwxyz"
_MOST_VALUES = 50
"""An attribute with more values holds free text."""
_LONGEST = 200
_NAME = 36
_TAKEN = {"id", "label", "labels", "text", "start", "end", "fragments", "type", "role", "head", "arguments", "tokens"}
_TAKEN |= {"offset", "date", "sentence", "section", "document_id", "token_start", "token_end", "token_starts"}
_TAKEN |= {"token_ends", "in_tags", "ner_tags", "conll2002_tags"}
"""Columns that a release has beside attributes."""


class Survey:
    """What a source uses, text by text; and enough of its texts to tell the language."""

    def __init__(self) -> None:
        self.texts = 0
        self.spans: Counter[str] = Counter()
        self.relations: Counter[str] = Counter()
        self.ends: dict[str, tuple[set[str], set[str]]] = {}
        """Relation label to the span labels at its heads and at its tails."""
        self.attributes: dict[str, tuple[set[str], set[str]]] = {}
        """Attribute, by its name here, to the labels that carry it and its values, as many as matter."""
        self.stated: set[str] = set()
        """Attributes by their names in the source."""
        self.sample = ""
        self.languages: Counter[str] = Counter()

    def add(self, foreign: Foreign) -> None:
        """Takes one text into account."""
        self.texts += 1
        if len(self.sample) < 20_000:
            self.sample += foreign.text[:500].encode("utf-8", "ignore").decode() + "\n"
        if foreign.language:
            self.languages[foreign.language] += 1
        labels: dict[str, str] = {}
        for span in foreign.spans:
            if not is_label(span.label):
                continue
            self.spans[span.label] += 1
            labels.setdefault(span.id, span.label)
            for name, value in span.attributes.items():
                self.stated.add(name)
                carriers, values = self.attributes.setdefault(attribute_name(name), (set(), set()))
                carriers.add(span.label)
                if len(values) <= _MOST_VALUES:
                    values.add(value)
        for relation in foreign.relations:
            head, tail = labels.get(relation.head), labels.get(relation.tail)
            if head and tail and relation.head != relation.tail and is_label(relation.label):
                self.relations[relation.label] += 1
                heads, tails = self.ends.setdefault(relation.label, (set(), set()))
                heads.add(head)
                tails.add(tail)


def is_label(name: str) -> bool:
    """Whether a scheme can hold this label."""
    return 0 < len(name) <= _LONGEST and name[0] != "@" and name.isprintable() and name == name.strip()


@lru_cache(4096)
def attribute_name(name: str) -> str:
    """An attribute's name as a scheme can hold it: lower case, letters, digits, `_`; a hash tells apart names that have other
    letters."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:_NAME]
    if len(name) > _NAME or not re.fullmatch(r"[A-Za-z0-9 ._:/-]+", name):
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        plain = f"{plain[: _NAME - 7]}_{digest}"
    plain = plain if plain[:1].isalpha() else f"a_{plain.strip('_')}".strip("_")
    return f"{plain}_" if plain in _TAKEN else plain


def infer(survey: Survey, name: str) -> Scheme:
    """The scheme of a source, the most frequent labels first. Attributes are local: the page doesn't show them."""
    heads = {label for ends, _ in survey.ends.values() for label in ends}
    ordered = _by_frequency(survey.spans)
    if not ordered:  # a scheme has at least one label
        ordered = ["SPAN"]
    keys = dict(zip(ordered, _KEYS, strict=False))
    pages = _pages(ordered, ())
    layers = []
    for layer in (SPANS, RELATIONS):
        own = [label for label in ordered if (label in heads) == (layer == RELATIONS)]
        if own:
            layers.append(
                Layer(
                    name=layer,
                    color=_COLORS[layer],
                    labels=tuple(SpanLabel(name=label, page=pages.get(label), key=keys.get(label)) for label in own),
                    head=Head(labels=tuple(own), column="head", type="label") if layer == RELATIONS else None,
                    relations=_relations(survey) if layer == RELATIONS else (),
                )
            )
    attributes = tuple(
        Attribute(name=attribute, labels=tuple(sorted(carriers)), values=_values(values), page="local")
        for attribute, (carriers, values) in sorted(survey.attributes.items())
    )
    return Scheme(version=f"{name}/1", title=name, layers=tuple(layers), attributes=attributes)


def _by_frequency(labels: Counter[str]) -> list[str]:
    return sorted(labels, key=lambda label: (-labels[label], label))


def _values(values: set[str]) -> tuple[str, ...]:
    fit = len(values) <= _MOST_VALUES and all(is_label(value) for value in values)
    return tuple(sorted(values)) if fit else ()


def _relations(survey: Survey) -> tuple[RelationLabel, ...]:
    ordered = _by_frequency(survey.relations)
    keys = dict(zip(ordered, _KEYS, strict=False))
    pages = _pages(ordered, (CONTINUES,))
    return tuple(
        RelationLabel(
            name=label,
            heads=tuple(sorted(survey.ends[label][0])),
            tails=tuple(sorted(survey.ends[label][1])),
            page=pages.get(label),
            key=keys.get(label),
        )
        for label in ordered
    )


def _pages(names: Sequence[str], taken: Iterable[str]) -> dict[str, str]:
    """Names in the page for those that it would draw like another one."""
    drawn = {name[:DRAWN].casefold() for name in taken}
    pages: dict[str, str] = {}
    for name in names:
        page, number = name, 1
        while page[:DRAWN].casefold() in drawn:
            number += 1
            end = f"~{number}"
            page = name[: DRAWN - len(end)] + end
        drawn.add(page[:DRAWN].casefold())
        if page != name:
            pages[name] = page
    return pages


def to_toml(scheme: Scheme) -> str:
    """The scheme as `scheme.toml`, a label a line."""
    lines = [
        "# Inferred from what was imported. The order of labels and values is part of the released data: add at the end,"
    ]
    lines.append("# never move or remove.")
    contents = msgspec.to_builtins(scheme)
    lines += [f"{key} = {_inline(contents[key])}" for key in ("version", "title") if key in contents]
    for table in ("layers", "attributes"):
        for item in contents.get(table, ()):
            lines += ["", f"[[{table}]]", *(f"{key} = {_value(value)}" for key, value in item.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
        return "[\n" + "".join(f"  {_inline(item)},\n" for item in value) + "]"
    return _inline(value)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_inline(item)}" for key, item in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_inline, value)) + "]"
    # A JSON string is a basic string of TOML, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
