"""Makes a corpus of the German news quotation corpus (Petersen-Frey and Biemann 2024): python scripts/german_quotes.py DATA CORPUS.

DATA is a folder with its JSON files (`*.pretty.json`), CORPUS a new folder. All documents come into the split `validation`, since
what is at hand is the corpus's development part. `type` follows from quotation marks, `form` is the type that the source states.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from standoff.corpus.files import write_atomically, write_many
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.rules.quotation import quoted
from standoff.corpus.scaffold import Start, corpus_name, scaffold
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.exchange.convert import Setting, convert
from standoff.formats.foreign import Foreign, ForeignRelation, ForeignSpan, Loss
from standoff.release.splits import encode_splits

LICENSE = "CC-BY-NC-SA-4.0"
GUIDELINES = b"# Guidelines\n\nThose of the German news quotation corpus, which its authors publish with it.\n"
SCHEME = b"""\
version = "german-quotes/1"
title = "German news: quotes"

[[layers]]
name = "quotes"
color = "#66C2A5"
labels = [{ name = "QUOTE" }, { name = "SPEAKER" }, { name = "CUE" }, { name = "ADDRESSEE" }]
head = { labels = ["QUOTE"], column = "content", type = "type" }
relations = [
  { name = "speaker", heads = ["QUOTE"], tails = ["SPEAKER"], max = 1 },
  { name = "cue", heads = ["QUOTE"], tails = ["CUE"], max = 1 },
  { name = "addressee", heads = ["QUOTE"], tails = ["ADDRESSEE"], max = 1 },
]

[[attributes]]
name = "type"
labels = ["QUOTE"]
values = ["direct", "indirect", "mixed"]
required = true
page = "label"

[[attributes]]
name = "form"
labels = ["QUOTE"]
pattern = "Direct|Indirect|FreeIndirect|IndirectFreeIndirect|Reported"
page = "local"

[[attributes]]
name = "medium"
labels = ["QUOTE"]
page = "local"

[[rules.quotation]]
labels = ["QUOTE"]
attribute = "type"
direct = "direct"
indirect = "indirect"
mixed = "mixed"
"""
ROLES = ("speaker", "cue", "addressee")
_TYPES = {"all": "direct", "none": "indirect", "some": "mixed"}


def main(data: Path, root: Path) -> None:
    """Writes the corpus, and prints what was lost on the way."""
    files = scaffold(corpus_name(root.name), Start(SCHEME, ("quotes",), ("de",), GUIDELINES))
    write_many([(root / path, content) for path, content in files.items()])
    store = Store(root)
    setting = Setting(
        format="german-quotes", scheme=index(store.scheme), layers=("quotes",), languages=("de",), license=LICENSE
    )
    records: list[Document | AnnotationSet] = []
    losses: list[Loss] = []
    for path in sorted(data.rglob("*.json")):
        stated = json.loads(path.read_bytes())
        number, title, date = named(stated["documentName"])
        found = convert(foreign(path, stated, number, title), setting)
        if isinstance(found, Loss):
            losses.append(found)
            continue
        assert found.annotations is not None
        records += [replace(found.document, date=date), found.annotations]
        losses += found.losses
    with store.lock():
        store.write(records)
        documents = [record.id for record in records if isinstance(record, Document)]
        write_atomically(store.folder / "splits.json", encode_splits(dict.fromkeys(documents, "validation")))
    for loss in losses:
        print(f"{loss.kind} {loss.document} {loss.place}: {loss.message}")
    print(f"{len(documents)} documents in {root}; {len(losses)} losses")


def named(name: str) -> tuple[str, str, str | None]:
    """Number, title and date, from `12324 - Title of the article (2005-09-10)`."""
    found = re.fullmatch(r"(\d+) - (.*?)(?: \((\d{4}-\d\d-\d\d)\))?", name)
    return (found[1], found[2], found[3]) if found else (name, name, None)


def foreign(path: Path, stated: Any, number: str, title: str) -> Foreign:
    """One article; a span that several quotes share, such as a speaker, is one span."""
    text = stated["originalText"]
    spans: dict[tuple[Any, ...], ForeignSpan] = {}
    relations = []
    for quote in stated["annotations"]:
        place = f"{path.name}, annotation {quote['id']}"
        words = [text[start:end] for start, end in extents(quote["quote"])]
        attributes = {"type": _TYPES[quoted(" ".join(words))], "form": quote["type"], "medium": quote["medium"]}
        head = ForeignSpan(
            id=f"q{quote['id']}",
            keep_id=False,
            label="QUOTE",
            extents=extents(quote["quote"]),
            attributes=attributes,
            place=place,
        )
        spans[head.id,] = head
        for role in ROLES:
            if where := extents(quote[role]):
                span = ForeignSpan(id=f"{role}{where}", keep_id=False, label=role.upper(), extents=where, place=place)
                spans.setdefault((role, where), span)
                relations.append(
                    ForeignRelation(id="", keep_id=False, label=role, head=head.id, tail=span.id, place=place)
                )
    return Foreign(
        name=number,
        file=path.name,
        place=path.name,
        text=text,
        raw=path.read_bytes(),
        language="de",
        title=title,
        sentences=tuple((sentence["charBegin"], sentence["charEnd"]) for sentence in stated["sentences"]),
        spans=list(spans.values()),
        relations=relations,
    )


def extents(part: Any) -> tuple[tuple[int, int], ...]:
    """Where a part of a quotation stands: code points, half-open."""
    return tuple(sorted((span["charBegin"], span["charEnd"]) for span in part["spans"]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
