"""Small corpora to release, and the parts of released rows."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from standoff.corpus.codec import sha256
from standoff.corpus.model import (
    AnnotationSet,
    Document,
    Extent,
    Fragment,
    Relation,
    Section,
    Source,
    Span,
)
from standoff.corpus.store import Store

REPOSITORY = Path(__file__).resolve().parents[2]
LAYERS = ("entities", "quotes", "events")


class Draft:
    """A document, a sentence a line, and annotations found by their surfaces."""

    def __init__(self, id_: str, *lines: str, **keys: Any) -> None:
        places = []
        start = 0
        for line in lines:
            places.append((start, start + len(line)))
            start += len(line) + 1
        source = Source(file=f"seeds/{id_}.txt", sha256="0" * 64, license=keys.pop("license", "CC-BY-4.0"))
        self.document = Document(
            id=id_,
            language="nl",
            source=source,
            text="\n".join(lines),
            sections=tuple(Section(kind="paragraph", start=start, end=end) for start, end in places),
            sentences=tuple(Extent(start=start, end=end) for start, end in places),
            **keys,
        )
        self.spans: list[Span] = []
        self.relations: list[Relation] = []

    def span(self, label: str, *surfaces: str, **attributes: str) -> str:
        """A span with a fragment for each surface, each found after the one before; its id."""
        fragments = []
        place = 0
        for surface in surfaces:
            start = self.document.text.index(surface, place)
            place = start + len(surface)
            fragments.append(Fragment(start=start, end=place, text=surface))
        self.spans.append(
            Span(id=f"s{len(self.spans)}", label=label, fragments=tuple(fragments), attributes=attributes)
        )
        return self.spans[-1].id

    def relation(self, label: str, head: str, tail: str) -> None:
        self.relations.append(Relation(id=f"r{len(self.relations)}", label=label, head=head, tail=tail))

    def set(self, annotator: str = "gold", **keys: Any) -> AnnotationSet:
        """The annotations so far, as one annotator's."""
        defaults = {"kind": "adjudicated", "scheme": "news-nl/1", "layers": LAYERS}
        return AnnotationSet(
            document=self.document.id,
            text_sha256=sha256(self.document.text),
            annotator=annotator,
            spans=tuple(self.spans),
            relations=tuple(self.relations),
            **{**defaults, **keys},
        )


def minister(id_: str = "minister", **keys: Any) -> Draft:
    """One quote with a cue in two pieces, two events, and nested entities, behind an emoji."""
    draft = Draft(
        id_,
        "😀 Den Haag, 11 juni.",
        "Minister Jansen sprak dinsdag haar vrees uit dat China zou aanvallen.",
        "Zij vertrok dinsdag naar Genève.",
        date="2025-06",
        **keys,
    )
    draft.span("GPE", "Den Haag", entity="Den Haag", kb_id="Q36600")
    draft.span("DATE", "dinsdag")
    china = draft.span("GPE", "China", entity="China", kb_id="Q148")
    quote = draft.span("QUOTE", "dat China zou aanvallen", type="indirect")
    draft.relation("speaker", quote, draft.span("SPEAKER", "Minister Jansen", entity="Jansen"))
    draft.relation("cue", quote, draft.span("CUE", "sprak", "uit"))
    attack = draft.span("Conflict.Attack", "aanvallen", realis="Other", polarity="Positive")
    draft.relation("Attacker", attack, china)
    leave = draft.span("Movement.Transport-Person", "vertrok", realis="Actual", polarity="Positive", event="reis")
    draft.relation("Destination", leave, draft.span("ARG", "Genève", entity="Genève"))
    return draft


def mayor(id_: str = "mayor", **keys: Any) -> Draft:
    """Two entities, in another text than the minister's."""
    draft = Draft(id_, "Burgemeester Femke de Vries opent 🎉 morgen de nieuwe brug in Zwolle.", date="2025-07", **keys)
    draft.span("PERSON", "Femke de Vries", entity="Femke de Vries")
    draft.span("GPE", "Zwolle", entity="Zwolle")
    return draft


def write_corpus(root: Path, records: Sequence[Document | AnnotationSet], toml: str = "", scheme: str = "") -> Store:
    """A corpus repository with the news scheme (or another), committed. `toml` is added to its corpus.toml."""
    folder = root / "corpus"
    folder.mkdir(parents=True)
    config = '[corpus]\nformat = 1\nname = "tiny"\ntitle = "A tiny corpus"\nlicenses = { annotations = "CC-BY-4.0" }\n'
    (folder / "corpus.toml").write_text(config + toml, encoding="utf-8")
    if scheme:
        (folder / "scheme.toml").write_text(scheme, encoding="utf-8")
    else:
        shutil.copy(REPOSITORY / "corpus" / "scheme.toml", folder)
    (root / ".gitignore").write_text(".standoff/\ndist/\n", encoding="utf-8")
    store = Store(root)
    with store.lock():
        store.write(records)
    git(root, "init", "-q")
    commit(root)
    return store


def commit(root: Path) -> None:
    """Commits everything, on a fixed day."""
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "corpus")


def git(root: Path, *words: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    environment = {"GIT_COMMITTER_DATE": "2025-06-11T23:30:00-0500", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    subprocess.run(["git", *identity, *words], cwd=root, env=environment, check=True)


# -- parts of rows


def fragments_of(row: Any) -> list[Mapping[str, Any]]:
    """Every fragment anywhere in a row."""
    return [found for found in _structs(row) if set(found) == {"start", "end", "text"}]


def extents_of(row: Any) -> list[Mapping[str, Any]]:
    """Every struct with a hull and fragments anywhere in a row."""
    return [found for found in _structs(row) if {"start", "end", "text", "fragments"} <= set(found)]


def _structs(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, list):
        return [found for item in value for found in _structs(item)]
    return [value, *_structs(list(value.values()))] if isinstance(value, dict) else []
