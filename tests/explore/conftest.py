"""A browser, and sites built of the seed corpus, of many documents, and of texts and labels that mean harm."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from benchmark.boards import board, result
from command import standoff
from explore.reader import Reader
from standoff.benchmark.leaderboard import encode_leaderboard
from standoff.benchmark.results import Stopped
from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet, Comment, Document, Fragment, Provenance, Section, Source, Span
from standoff.corpus.store import Store
from standoff.explore.build import build
from standoff.explore.leaderboards import read_reports

NAMES = ("gold", "annotator-a", "annotator-b")
HOSTILE = (
    '<img src=x onerror="window.hacked=1">',
    "</script><script>window.hacked=1</script>",
    "'));window.hacked=1;//",
    "\\'));window.hacked=1;//",
    "\u2028window.hacked=1\u2029",
    "__proto__",
    "constructor",
    "\u202eabc\u202c",
    "{{7*7}} ${7*7} <!-- -->",
)
"""Texts, labels and names that try to become something else."""


MADE = Provenance(tool="standoff adjudicate", version="0.1.0")


@pytest.fixture(scope="session")
def reports(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two baselines measured on the seed article, and in a folder of its own a table of other content."""
    folder = tmp_path_factory.mktemp("measured") / "reports"
    done = standoff(
        *("benchmark", "rule:quotes", "gazetteer:gold", "--root", repository, "--split", "train", "--out", folder)
    )
    assert done.returncode == 0, done.stderr
    stopped = Stopped(model=HOSTILE[1], reason=HOSTILE[0], exit_code=3)
    other = board(
        Store(repository),
        result("good", [2] * 39 + [1]),
        result("nearly", [2] * 38 + [1, 1]),
        result(HOSTILE[0], [1] * 40, text=HOSTILE[0]),
        stopped=[stopped],
    )
    (folder / "other").mkdir()
    (folder / "other" / "leaderboard.json").write_bytes(encode_leaderboard(other))
    return folder


@pytest.fixture(scope="session")
def seed_site(repository: Path, reports: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seed article with three sets, two of which differ in all ways, and two reports."""
    root = tmp_path_factory.mktemp("seed")
    shutil.copytree(repository / "corpus", root / "corpus", ignore=shutil.ignore_patterns("sync"))
    store = Store(root)
    (document,) = store.documents()
    annotations = store.set("annotator-b", document.id)
    assert annotations is not None
    with store.lock():
        store.write([msgspec.structs.replace(_changed(annotations, document), provenance=MADE)])
    build(store, NAMES, root / "site", boards=read_reports(reports, store.config.corpus.name))
    return root / "site"


def _changed(annotations: AnnotationSet, document: Document) -> AnnotationSet:
    """One span gone, one longer, one with another label, one with another attribute, one link gone."""
    spans = {
        span.fragments[0].text: span for span in reversed(annotations.spans) if span.label in ("GPE", "DATE", "NORP")
    }
    london, china, days = spans["Londen"], spans["China"], spans["twee dagen"]
    start = days.start - 3
    new = {
        london.id: None,
        china.id: msgspec.structs.replace(china, label="ORG"),
        days.id: msgspec.structs.replace(
            days, fragments=(Fragment(start=start, end=days.end, text=document.text[start : days.end]),)
        ),
    }
    cue = next(relation for relation in annotations.relations if relation.label == "cue")
    return msgspec.structs.replace(
        annotations,
        spans=tuple(kept for span in annotations.spans if (kept := new.get(span.id, span))),
        relations=tuple(
            one
            for one in annotations.relations
            if one is not cue and one.head not in (london.id,) and one.tail not in (london.id,)
        ),
    )


@pytest.fixture(scope="session")
def many_site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """620 short documents, in two parts of the index; every hundredth has a title and says Zürich."""
    root = tmp_path_factory.mktemp("many")
    store = _new(root, repository)
    records: list[Document | AnnotationSet] = []
    for number in range(620):
        rare = number % 100 == 0
        document = _document(
            f"d{number:04}",
            f"Bericht {number} over {'Zürich' if rare else 'Londen'}.",
            f"Titel {number}" if rare else None,
        )
        records += [document, _set(document, "gold", [("GPE" if rare else "LOC", "Zürich" if rare else "Londen")])]
    with store.lock():
        store.write(records)
    build(store, ("gold",), root / "site")
    return root / "site"


@pytest.fixture(scope="session")
def hostile_site(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every place where a text can stand holds one that tries to become something else."""
    root = tmp_path_factory.mktemp("hostile")
    scheme = (repository / "corpus" / "scheme.toml").read_text(encoding="utf-8")
    store = _new(root, repository)
    labels = "\n".join(f"  {{ name = {_toml(text)} }}," for text in HOSTILE)
    (root / "corpus" / "scheme.toml").write_text(
        scheme.replace(
            '  { name = "CARDINAL", key = "7" },', f'  {{ name = "CARDINAL", key = "7" }},\n{labels}', 1
        ).replace("Dutch news: entities, quotes, events", _toml(HOSTILE[0])[1:-1], 1),
        encoding="utf-8",
    )
    path = root / "corpus" / "corpus.toml"
    path.write_text(path.read_text().replace("Dutch news with entities, quotes and events", _toml(HOSTILE[1])[1:-1]))
    text = "\n".join(HOSTILE)
    document = msgspec.structs.replace(
        _document("hostile", text, HOSTILE[0]),
        group=HOSTILE[1],
        source=Source(
            file="seeds/a.txt",
            sha256="0" * 64,
            publisher=HOSTILE[0],
            url="javascript:window.hacked=1",
            license=HOSTILE[1],
        ),
    )
    pieces = [
        (label, surface) for label, surface in zip((*HOSTILE, "not in the scheme <b>"), (*HOSTILE, "7*7"), strict=True)
    ]
    sets = [
        msgspec.structs.replace(
            one,
            spans=tuple(
                msgspec.structs.replace(
                    span, attributes={HOSTILE[0]: HOSTILE[1], "__proto__": HOSTILE[2]}, note=HOSTILE[0]
                )
                for span in one.spans
            ),
            comments=(Comment(by=None, text=HOSTILE[0]),),
            provenance=Provenance(model=HOSTILE[1], user=HOSTILE[0]),
        )
        for one in (_set(document, "gold", pieces), _set(document, "annotator-a", pieces[2:]))
    ]
    with store.lock():
        store.write([document, *sets])
    build(Store(root), ("gold", "annotator-a"), root / "site")
    return root / "site"


def _toml(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _new(root: Path, repository: Path) -> Store:
    (root / "corpus").mkdir()
    for name in ("corpus.toml", "scheme.toml"):
        shutil.copy(repository / "corpus" / name, root / "corpus" / name)
    return Store(root)


def _document(id_: str, text: str, title: str | None) -> Document:
    return Document(
        id=id_,
        language="nl",
        title=title,
        source=Source(file="seeds/a.txt", sha256="0" * 64),
        text=text,
        sections=(Section(kind="paragraph", start=0, end=len(text)),),
        sentences=(),
    )


def _set(document: Document, annotator: str, pieces: Sequence[tuple[str, str]]) -> AnnotationSet:
    spans = []
    for number, (label, surface) in enumerate(pieces):
        start = document.text.index(surface)
        fragment = Fragment(start=start, end=start + len(surface), text=surface)
        spans.append(Span(id=f"s{number}", label=label, fragments=(fragment,)))
    return AnnotationSet(
        document=document.id,
        text_sha256=sha256(document.text),
        annotator=annotator,
        kind="human",
        scheme="news-nl/1",
        layers=("entities",),
        spans=tuple(spans),
        relations=(),
    )


@pytest.fixture
def reader(browser: Browser) -> Iterator[Reader]:
    """A window of its own. A test fails when a request left the site, or the console shows an error."""
    one = Reader(browser)
    yield one
    one.close()


@pytest.fixture(scope="session")
def functions(browser: Browser, seed_site: Path) -> Iterator[Page]:
    """A page on which the functions of the site's scripts can be called."""
    page = browser.new_page()
    page.goto((seed_site / "index.html").as_uri())
    page.wait_for_selector(".entry")
    yield page
    page.close()
