"""A corpus, a server in memory, and short ways to say what both hold: for tests of sync."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from standoff.corpus.codec import sha256
from standoff.corpus.config import DoccanoTable
from standoff.corpus.model import AnnotationSet, Document, Fragment, Relation, Source, Span
from standoff.corpus.scheme import SchemeIndex, index, read_scheme
from standoff.corpus.store import Store
from standoff.formats.doccano import Scope, offsets, row_to_page, scope
from standoff.formats.doccano_rows import Example, RelationRow, Row
from standoff.sync.remote import Project, Remote
from standoff.sync.report import Options, ProjectReport
from standoff.sync.run import sync
from sync.memory import MemoryRemote, MemoryServer

SCHEME_TOML = """
version = "test/1"
[[layers]]
name = "entities"
color = "#0072B2"
labels = [{ name = "PERSON" }, { name = "ORG" }]
[[layers]]
name = "quotes"
color = "#009E73"
labels = [{ name = "QUOTE" }, { name = "SPEAKER" }, { name = "CUE" }]
head = { labels = ["QUOTE"], column = "content", type = "type" }
relations = [
  { name = "speaker", heads = ["QUOTE"], tails = ["SPEAKER"] },
  { name = "cue", heads = ["QUOTE"], tails = ["CUE"] },
]
[[layers]]
name = "events"
color = "#D55E00"
labels = [{ name = "Life.Die", page = "Die" }, { name = "Meet" }]
head = { labels = ["Life.Die", "Meet"], column = "trigger", type = "label" }
relations = [
  { name = "Agent", heads = ["Life.Die", "Meet"], tails = ["@entities"] },
  { name = "Place", heads = ["Life.Die", "Meet"], tails = ["@entities"] },
]
[[attributes]]
name = "type"
labels = ["QUOTE"]
values = ["direct", "indirect", "mixed"]
required = true
page = "label"
[[attributes]]
name = "realis"
labels = ["@events.heads"]
values = ["Actual", "Generic", "Other"]
default = "Actual"
required = true
page = "marker"
[[attributes]]
name = "polarity"
labels = ["@events.heads"]
values = ["Positive", "Negative"]
default = "Positive"
required = true
page = "marker"
[[attributes]]
name = "entity"
labels = ["@entities", "SPEAKER"]
page = "local"
"""

TEXT = "Anna zei 🎉 dat Bob 👩‍👩‍👧 de stad verliet, en dat niemand hem zag gaan. Later ontmoette Carla de raad in Gent."


def document(id_: str = "a", text: str = TEXT) -> Document:
    """A document without sections and sentences."""
    source = Source(file=f"seeds/{id_}.txt", sha256=hashlib.sha256(text.encode()).hexdigest(), license="CC0-1.0")
    return Document(id=id_, language="nl", source=source, text=text, sections=(), sentences=())


def span(id_: str, label: str, *places: str | tuple[int, int], text: str = TEXT, **attributes: str) -> Span:
    """A span with a fragment for each surface (its first occurrence) or pair of offsets."""
    pieces = []
    for place in places:
        start, end = (text.index(place), text.index(place) + len(place)) if isinstance(place, str) else place
        pieces.append(Fragment(start=start, end=end, text=text[start:end]))
    if label == "QUOTE":
        attributes = {"type": "direct", **attributes}
    if label in {"Life.Die", "Meet"}:
        attributes = {"realis": "Actual", "polarity": "Positive", **attributes}
    return Span(id=id_, label=label, fragments=tuple(pieces), attributes=attributes)


def relation(id_: str, label: str, head: str, tail: str) -> Relation:
    """A relation."""
    return Relation(id=id_, label=label, head=head, tail=tail)


def annotations(
    doc: Document, spans: Iterable[Span] = (), relations: Iterable[Relation] = (), **keys: Any
) -> AnnotationSet:
    """A person's set with all layers."""
    given: dict[str, Any] = {
        "annotator": "gold",
        "kind": "human",
        "scheme": "test/1",
        "layers": ("entities", "quotes", "events"),
        **keys,
    }
    return AnnotationSet(
        document=doc.id, text_sha256=sha256(doc.text), spans=tuple(spans), relations=tuple(relations), **given
    )


class World:
    """A corpus repository in a folder, and a server."""

    def __init__(self, root: Path, server: MemoryServer | None = None, projects: str = "", name: str = "test") -> None:
        self.root = root
        self.name = name
        self.server = server or MemoryServer(members=["admin", "bea", "cas"])
        self.admin = MemoryRemote(self.server)
        self.bea = MemoryRemote(self.server, "bea")
        self.cas = MemoryRemote(self.server, "cas")
        folder = root / "corpus"
        folder.mkdir(parents=True, exist_ok=True)
        head = f'[corpus]\nformat = 1\nname = "{name}"\nlicenses = {{ annotations = "CC0-1.0" }}\n'
        (folder / "corpus.toml").write_text(head + projects)
        (folder / "scheme.toml").write_text(SCHEME_TOML)
        self.store = Store(root)
        self.index: SchemeIndex = index(read_scheme(folder / "scheme.toml"))

    def scope(self, *layers: str) -> Scope:
        """The scope of a project."""
        return scope(self.index, layers)

    def write(self, *records: Document | AnnotationSet) -> None:
        """Puts documents and sets into the corpus."""
        self.store.write(records)

    def set(self, id_: str = "a", annotator: str = "gold") -> AnnotationSet | None:
        """A set of the corpus."""
        return self.store.set(annotator, id_)

    def sync(self, *names: str, remote: Remote | None = None, **options: Any) -> list[ProjectReport]:
        """One sync; the reports."""

        def connect(name: str, table: DoccanoTable) -> Remote:
            return remote or self.admin

        for key in ("documents", "drop", "force_delete"):
            if key in options:
                options[key] = frozenset(options[key])
        return list(sync(Store(self.root), connect, Options(**options), names))

    def one(self, *names: str, **options: Any) -> ProjectReport:
        """One sync of the only project; its report."""
        (report,) = self.sync(*names, **options)
        return report

    def project(self, name: str = "main") -> Project:
        """The project in the page."""
        return self.admin.project(self.admin.find_projects(f"{self.name}/{name}")[0])

    def example(self, id_: str = "a", name: str = "main") -> Example:
        """The document's example in the page."""
        project = self.project(name)
        found = [example for _, example in self.admin.export(project) if example.document == id_]
        assert len({example.id for example in found}) == 1, f"{len(found)} examples of {id_}"
        return self.admin.read(project, found[0].id)

    def row(self, label: str, place: str | tuple[int, int], example: Example | None = None) -> Row:
        """The row of the page with this label on this surface."""
        example = example or self.example()
        wanted = self.at(label, place, example.text)
        found = [r for r in example.rows if (r.label, r.start, r.end) == (wanted.label, wanted.start, wanted.end)]
        assert found, f"no {label} at {place} among {example.rows}"
        return found[0]

    def at(self, label: str, place: str | tuple[int, int], text: str = TEXT, id_: int = 0) -> Row:
        """A row with a label on a surface, in the page's units."""
        start, end = (text.index(place), text.index(place) + len(place)) if isinstance(place, str) else place
        return row_to_page(Row(id=id_, label=label, start=start, end=end), offsets(text, grapheme_mode=False))

    def draw(self, label: str, place: str | tuple[int, int], who: MemoryRemote | None = None) -> int:
        """What an annotator does: select, choose a label."""
        example = self.example()
        return (who or self.bea).create_span(self.project(), example.id, self.at(label, place, example.text))

    def erase(self, row: int) -> None:
        """What an annotator does: delete a span."""
        self.bea.delete_span(self.project(), self.example().id, row)

    def relabel(self, row: int, label: str) -> None:
        """What an annotator does: another label for a span."""
        example = self.example()
        old = next(r for r in example.rows if r.id == row)
        new = Row(id=row, label=label, start=old.start, end=old.end)
        self.bea.update_span(self.project(), example.id, new)

    def relate(self, label: str, head: int, tail: int) -> int:
        """What an annotator does: a relation."""
        row = RelationRow(id=0, label=label, head=head, tail=tail)
        return self.bea.create_relation(self.project(), self.example().id, row)

    def files(self) -> Mapping[str, bytes]:
        """Every file of the corpus with its bytes."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted((self.root / "corpus").rglob("*"))
            if path.is_file()
        }

    def shown(self, id_: str = "a", name: str = "main") -> list[tuple[str, str]]:
        """Label and surface of each row of the page, by offset."""
        example = self.example(id_, name)
        units = offsets(example.text, grapheme_mode=False)
        return [
            (r.label, example.text[units.to_code_point(r.start) : units.to_code_point(r.end)])
            for r in sorted(example.rows, key=lambda r: (r.start, r.end, r.label))
        ]
