"""What tests do with a corpus and a real server: sync it, look at its files, find its projects in the page."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from command import standoff
from standoff.corpus.codec import sha256
from standoff.corpus.ids import mint, relation_content, span_content
from standoff.corpus.model import AnnotationSet, Document, Extent, Fragment, Relation, Section, Source, Span
from standoff.corpus.store import Store
from standoff.doccano.remote import DoccanoRemote
from standoff.sync.remote import Project

Item = tuple[str, Sequence[str], Mapping[str, str]]


def sync(corpus: Path, env: dict[str, str], *words: str, command: str = "sync", code: int = 0) -> list[dict[str, Any]]:
    """The projects of the real command's report. It has to end with `code`, and to keep the password to itself."""
    done = standoff(command, *words, "--root", corpus, "--json", env=env)
    assert done.returncode == code, done.stdout + done.stderr
    assert env["DOCCANO_PASSWORD"] not in done.stdout + done.stderr
    projects: list[dict[str, Any]] = json.loads(done.stdout)["projects"]
    return projects


def snapshot(corpus: Path) -> dict[str, bytes]:
    """Every file of the corpus with its content."""
    return {str(p.relative_to(corpus)): p.read_bytes() for p in (corpus / "corpus").rglob("*") if p.is_file()}


def total(projects: list[dict[str, Any]], side: str) -> int:
    """How many changes a report tells on one side, `ours` or `page`."""
    return sum(sum(project[side].values()) for project in projects)


def page_project(corpus: Path, remote: DoccanoRemote, name: str) -> Project:
    """The project of the page that was made for this one of the corpus."""
    state = Store(corpus).project_state(name)
    assert state is not None
    return remote.project(state.id)


def add_document(
    corpus: Path,
    id_: str,
    text: str,
    items: Sequence[Item],
    relations: Sequence[tuple[str, int, int]] = (),
) -> AnnotationSet:
    """A new document with a gold set of quotes. An item: label, its fragments' words (each looked for behind the one
    before), attributes. A relation: label, and the places of its ends in `items`."""
    pieces = []
    for _, surfaces, _ in items:
        at, found = 0, []
        for surface in surfaces:
            at = text.index(surface, at)
            found.append(Fragment(start=at, end=at + len(surface), text=surface))
            at += len(surface)
        pieces.append(tuple(found))
    ids = mint(
        "s",
        [
            span_content(id_, label, [(f.start, f.end) for f in found])
            for (label, *_), found in zip(items, pieces, strict=True)
        ],
    )
    ends = [(label, ids[head], ids[tail]) for label, head, tail in relations]
    annotations = AnnotationSet(
        document=id_,
        text_sha256=sha256(text),
        annotator="gold",
        kind="human",
        scheme="news-nl/1",
        layers=("quotes",),
        spans=tuple(
            Span(id=i, label=label, fragments=found, attributes=values)
            for i, (label, _, values), found in zip(ids, items, pieces, strict=True)
        ),
        relations=tuple(
            Relation(id=i, label=label, head=head, tail=tail)
            for i, (label, head, tail) in zip(
                mint("r", [relation_content(id_, *end) for end in ends]), ends, strict=True
            )
        ),
    )
    document = Document(
        id=id_,
        language="nl",
        source=Source(file=f"seeds/{id_}.txt", sha256="0" * 64, license="CC0-1.0"),
        text=text,
        sections=(Section(kind="paragraph", start=0, end=len(text)),),
        sentences=(Extent(start=0, end=len(text)),),
    )
    store = Store(corpus)
    with store.lock():
        store.write([document, annotations])
    return annotations


def in_grapheme_mode(corpus: Path) -> None:
    """The project of quotes counts in grapheme clusters."""
    path = corpus / "corpus" / "corpus.toml"
    path.write_text(path.read_text().replace('layers = ["quotes"]', 'layers = ["quotes"]\ngrapheme_mode = true'))
