"""What a card says by itself: counts, labels, columns, agreement, examples, code, versions. Markdown. Pure."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from standoff.corpus.scheme import SchemeIndex
from standoff.corpus.views import LayerView
from standoff.release.features import Classes, Feature, Features, ListOf
from standoff.release.legal import is_unknown
from standoff.release.manifest import Manifest
from standoff.release.ner import ner_name
from standoff.release.releases import Published
from standoff.release.rows import Findings
from standoff.release.snippets import snippets
from standoff.release.splits import SPLITS
from standoff.release.version import parse
from standoff.score.agreement import LayerAgreement, kappa
from standoff.score.counts import Counts
from standoff.text.counted import counted

_TEXT = 100
_ITEMS = 2
"""Longer texts and lists are cut in examples: code points, items."""
_CLASSES = 12
"""More names are not listed beside their column."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to tell. `released`: the manifest's version is one; a card of the corpus as it stands has none.

    `agreement` has a figure for each layer of each pair of annotators, `examples` a row of each configuration.
    """

    title: str
    manifest: Manifest
    released: bool
    index: SchemeIndex
    layers: Sequence[LayerView]
    features: Mapping[str, Features]
    findings: Findings
    agreement: Sequence[tuple[str, str, LayerAgreement]]
    examples: Mapping[str, Mapping[str, Any]]
    versions: Sequence[Published]

    def text(self) -> str:
        """The whole block, without its first and last lines; a blank line ends each paragraph."""
        parts = (
            self._about,
            self._counts,
            self._labels,
            self._agreement,
            self._losses,
            self._columns,
            self._examples,
            self._code,
            self._versions,
        )
        paragraphs = ["## Facts", *(paragraph for part in parts for paragraph in part())]
        return "".join(f"{paragraph}\n\n" for paragraph in paragraphs)

    def _about(self) -> Iterator[str]:
        corpus = self.manifest.corpus
        licenses = self.manifest.licenses
        name = f"{self.manifest.name} {self.manifest.version}" if self.released else self.manifest.name
        lines = [
            f"{name}: {counted(self.findings.released, 'document')} with the annotations of `{corpus.set}`, label scheme"
            f" {corpus.scheme}. Annotations: {licenses.annotations}. Texts: "
            + ", ".join(f"{name} ({count})" for name, count in sorted(licenses.texts.items()))
            + "."
        ]
        if is_unknown(licenses.annotations):
            lines.append("No licence has been stated for the annotations: nobody knows whether they may use them.")
        if any(map(is_unknown, licenses.texts)):
            lines.append(
                "Where the licence of a text is unknown, nobody has established whether it may be used: see LICENSE.md."
            )
        for why, count in sorted(corpus.left_out.items()):
            lines.append(f"{counted(count, 'document')} of the corpus left out: {why}.")
        yield "\n".join(lines)
        yield (
            f"Canary GUID, in no text of this dataset: `{self.manifest.canary}`. Where a model knows it, it has read this"
            " page; keep pages with it out of training data."
        )

    def _counts(self) -> Iterator[str]:
        yield _table(
            ["configuration", "split", "rows", "content hash"],
            [
                [f"`{name}`", split, f"{entry.rows:,}", f"`{entry.content_sha256[:16]}`"]
                for name, splits in self.manifest.configurations.items()
                for split, entry in splits.items()
            ],
        )
        yield "Scores compare only where the content hash of the split is equal. `manifest.json` has it in full."

    def _labels(self) -> Iterator[str]:
        splits = [split for split in SPLITS if split in self.manifest.configurations["documents"]]
        yield "### Labels"
        for layer in self.layers:
            if layer.name not in self.findings.annotated:
                continue
            documents = self.findings.annotated[layer.name]
            counts = {split: self.findings.types.get((layer.name, split), Counter()) for split in splits}
            column, numbers = self._numbers(layer)
            found = {name for of_split in counts.values() for name in of_split}
            names = [*numbers, *sorted(found - numbers.keys())]
            yield f"`{layer.name}`, annotated in {documents:,} of {counted(self.findings.released, 'document')}:"
            head = ["label" if layer.kind == "spans" else "type", *([column] if column else []), *splits]
            rows = []
            for name in names:
                number = [numbers.get(name, "")] if column else []
                rows.append([f"`{name}`", *number, *(f"{counts[split][name]:,}" for split in splits)])
            yield _table(head, rows)

    def _numbers(self, layer: LayerView) -> tuple[str, dict[str, str]]:
        """The column of class numbers of a layer's configuration, and each label's numbers in it."""
        if layer.kind == "spans":
            labels = [label.name for label in self.index.layers[layer.name].labels]
            tags = self.features[ner_name(self.layers, layer)]["ner_tags"]
            assert isinstance(tags, ListOf)
            assert isinstance(tags.item, Classes)
            places = {name: place for place, name in enumerate(tags.item.names)}
            return "`ner_tags`", {name: f"{places[f'B-{name}']}, {places[f'I-{name}']}" for name in labels}
        classes = self.features[layer.name].get("label")
        if not isinstance(classes, Classes):
            return "", {}
        return "`label`", {name: str(place) for place, name in enumerate(classes.names)}

    def _agreement(self) -> Iterator[str]:
        if not self.agreement:
            return
        yield "### Agreement"
        yield self._agreed()
        yield (
            "F1 of spans with equal extent and label, and of relations between such spans; Cohen's kappa of the values of an"
            " attribute, on spans with equal extent, how many there are in parentheses, and a dash where one value throughout"
            " leaves nothing beyond chance. All before anything was settled."
        )
        rows = []
        for first, second, layer in self.agreement:
            relations = f"{layer.relations.f1:.3f}" if layer.relations.f1 is not None else ""
            spans = f"{layer.spans.f1:.3f}" if layer.spans.f1 is not None else ""
            kappas = ", ".join(
                f"`{name}` {'–' if found.kappa is None else f'{found.kappa:.3f}'} ({found.number:,})"
                for name, table in sorted(layer.attributes.items())
                for found in (kappa(table),)
            )
            pair = f"`{first}`, `{second}`"
            rows.append([pair, f"`{layer.layer}`", f"{len(layer.documents):,}", spans, relations, kappas])
        yield _table(["annotators", "layer", "documents", "spans", "relations", "kappa"], rows)

    def _agreed(self) -> str:
        """All layers of a pair in one sentence; of several pairs the range of their F1."""
        pairs: dict[tuple[str, str], tuple[Counts, Counts]] = {}
        for first, second, layer in self.agreement:
            spans, relations = pairs.get((first, second), (Counts(), Counts()))
            pairs[first, second] = spans + layer.spans, relations + layer.relations
        if len(pairs) == 1:
            (((first, second), found),) = pairs.items()
            told = [
                f"{of.correct:,} of the {of.gold:,} and {of.predicted:,} {what} that they gave are the same (F1 {of.f1:.3f})"
                for what, of in zip(("spans", "relations"), found, strict=True)
                if of.f1 is not None
            ]
            return f"One pair of annotators, `{first}` and `{second}`, in all layers together: {', '.join(told) or 'nothing'}."
        f1s = [sorted(of.f1 for of in one if of.f1 is not None) for one in zip(*pairs.values(), strict=True)]
        told = [
            f"F1 of {what} from {values[0]:.3f} to {values[-1]:.3f}"
            for what, values in zip(("spans", "relations"), f1s, strict=True)
            if values
        ]
        return f"{len(pairs):,} pairs of annotators, in all layers together: {', '.join(told) or 'nothing'}."

    def _losses(self) -> Iterator[str]:
        for name, lost in self.manifest.losses.items():
            yield f"### What `{name}` does not show"
            yield _table(["annotations", "why"], [[f"{count:,}", why] for why, count in lost.items()])

    def _columns(self) -> Iterator[str]:
        yield "### Columns"
        yield (
            "`start` and `end` are code points of the `text` of the same row, half-open: in Python, `text[start:end]`. A span"
            " in several pieces has them in `fragments`, its `text` joins them with a space, and `start` and `end` are its"
            " hull. A layer that is null was not annotated; one that is empty was, and nothing was found. A missing part is"
            " null."
        )
        for name in self.manifest.configurations:
            yield f"`{name}`:"
            columns = self.features[name].items()
            yield _table(["column", "type"], [[f"`{column}`", _type(kind)] for column, kind in columns])

    def _examples(self) -> Iterator[str]:
        if not self.examples:
            return
        yield "### One row each"
        yield f"From `train`, texts cut after {_TEXT} code points and lists after {_ITEMS} items."
        for name, row in self.examples.items():
            yield f"`{name}`:"
            # A text can't end the block, nor the facts.
            fields = [
                json.dumps({column: _cut(value)}, ensure_ascii=False)[1:-1].replace("<", "\\u003c")
                for column, value in row.items()
            ]
            shown = ",\n ".join(fields)
            yield f"```json\n{{{shown}}}\n```"

    def _code(self) -> Iterator[str]:
        if "train" not in self.manifest.configurations["documents"]:
            return
        yield "### Code"
        for title, code in snippets(self.layers, self._of_split("train")):
            yield f"{title}:"
            yield f"```python\n{code.rstrip()}\n```"

    def _of_split(self, split: str) -> dict[str, Features]:
        """The configurations that have rows in this split."""
        return {name: self.features[name] for name, of in self.manifest.configurations.items() if split in of}

    def _versions(self) -> Iterator[str]:
        this = parse(self.manifest.version)
        before = [entry for entry in self.versions if not self.released or parse(entry.version) < this]
        rows = [
            [entry.version, (entry.date or "")[:10], _hashes(entry.configurations), entry.withdrawn or ""]
            for entry in before
        ]
        if self.released:
            # What was published before is dated as it was then, from whatever commit the same is built again.
            dates = [entry.date for entry in self.versions if entry.version == self.manifest.version]
            date = ((dates or [self.manifest.corpus.date])[0] or "")[:10]
            rows.append([self.manifest.version, date, _hashes(self.manifest.configurations), ""])
        if rows:
            yield "### Versions"
            yield _table(["version", "date", "content hashes", "withdrawn"], rows)


def _hashes(configurations: Mapping[str, Mapping[str, Any]]) -> str:
    return ", ".join(
        f"{name}/{split} `{entry.content_sha256[:8]}`"
        for name, splits in configurations.items()
        for split, entry in splits.items()
    )


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _TEXT else f"{value[:_TEXT]}…"
    if isinstance(value, list):
        more = [f"… {len(value) - _ITEMS} more"] if len(value) > _ITEMS else []
        return [*map(_cut, value[:_ITEMS]), *more]
    if isinstance(value, Mapping):
        return {name: _cut(part) for name, part in value.items()}
    return value


def _type(kind: Feature) -> str:
    if isinstance(kind, ListOf):
        return f"list of {_type(kind.item)}"
    if isinstance(kind, Classes) and len(kind.names) > _CLASSES:
        return f"class of {len(kind.names)} names, numbered under Labels"
    if isinstance(kind, Classes):
        return f"class: {', '.join(f'{place} `{name}`' for place, name in enumerate(kind.names))}"
    if isinstance(kind, Mapping):
        return f"{{{', '.join(f'`{name}`' if isinstance(child, str) else f'`{name}`: {_type(child)}' for name, child in kind.items())}}}"
    return kind


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines)
