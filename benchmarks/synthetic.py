"""A synthetic corpus of the seed article's size, for benchmarks: the seed's own document and annotations under other ids."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from standoff.corpus.codec import encode_line, sha256
from standoff.corpus.model import AnnotationSet, Document, Fragment
from standoff.corpus.store import Store

REPOSITORY = Path(__file__).resolve().parents[1]


def seed() -> tuple[Document, AnnotationSet]:
    """The seed article and its gold annotations."""
    store = Store(REPOSITORY)
    document = next(store.documents())
    annotations = store.set("gold", document.id)
    if annotations is None:
        raise SystemExit("the seed article has no gold annotations")
    return document, annotations


def records(number: int) -> Iterator[tuple[Document, AnnotationSet]]:
    """Documents that differ in every word: each letter is replaced by another, so that nothing is found in a cache."""
    document, annotations = seed()
    chance = random.Random(1)
    lower = "abcdefghijklmnopqrstuvwxyz"
    for i in range(number):
        mixed = "".join(chance.sample(lower, 26))
        table = str.maketrans(lower + lower.upper(), mixed + mixed.upper())
        text = document.text.translate(table)
        made = msgspec.structs.replace(document, id=f"d{i:07}", text=text)
        spans = tuple(
            msgspec.structs.replace(
                span,
                fragments=tuple(Fragment(start=p.start, end=p.end, text=text[p.start : p.end]) for p in span.fragments),
            )
            for span in annotations.spans
        )
        yield made, msgspec.structs.replace(annotations, document=made.id, text_sha256=sha256(text), spans=spans)


def corpus(root: Path, number: int) -> None:
    """A corpus repository with this many annotated documents, in shards."""
    (root / "corpus" / "documents").mkdir(parents=True)
    (root / "corpus" / "annotations" / "gold").mkdir(parents=True)
    for name in ("corpus.toml", "scheme.toml"):
        (root / "corpus" / name).write_bytes((REPOSITORY / "corpus" / name).read_bytes())
    with (
        (root / "corpus" / "documents" / "all.jsonl").open("wb") as documents,
        (root / "corpus" / "annotations" / "gold" / "all.jsonl").open("wb") as sets,
    ):
        for document, annotations in records(number):
            documents.write(encode_line(document))
            sets.write(encode_line(annotations))


def articles(number: int) -> Iterator[str]:
    """Raw texts of the seed's size, each with words of its own."""
    raw = next((REPOSITORY / "seeds").glob("*.txt")).read_text(encoding="utf-8")
    words = re.findall(r"\b[a-z]{4,}\b", raw)
    chance = random.Random(2)
    for i in range(number):
        swap = dict(zip(words, chance.sample(words, len(words)), strict=True))
        yield re.sub(r"\b[a-z]{4,}\b", lambda match, swap=swap: swap[match.group()], raw) + f"\n\nArtikel {i}."  # type: ignore[misc]
