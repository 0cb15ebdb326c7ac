"""The law of a release: any valid corpus with a gold set is released, loads, and gives back what was annotated."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from release.corpora import Draft, commit, fragments_of, minister, write_corpus
from release.strategies import drafts
from standoff.corpus.codec import encode
from standoff.corpus.entries import Entry
from standoff.corpus.model import AnnotationSet, By, Document, Relation, Span
from standoff.corpus.store import Bundle, Store
from standoff.corpus.validate import Checker
from standoff.release import build
from standoff.release.build import release
from standoff.release.reading import document_of, set_of
from standoff.release.splits import deal, encode_splits, groups_of, stories

Annotated = tuple[Document, list[AnnotationSet]]

TOML = (
    'pseudonyms = { jan = "a1" }\n[splits]\nmin_groups = 0\nfractions = { train = 0.4, validation = 0.3, test = 0.3 }\n'
)
NAMES = {"gold": "gold", "jan": "a1", None: None}


def valid(checker: Checker, found: Annotated) -> bool:
    document, sets = found
    entries = [Entry(document.id, s.annotator, f"{s.annotator}/{document.id}.json", 0, encode(s)) for s in sets]
    own = Entry(document.id, None, f"documents/{document.id}.json", 0, encode(document))
    checked = checker.check([Bundle(document.id, (own,), tuple(entries))])
    return not any(problem.severity == "error" for problem in checked.problems)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The repository that every example's corpus is written to."""
    return write_corpus(tmp_path_factory.mktemp("corpus"), [], TOML)


@pytest.fixture(autouse=True)
def loaded_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that would load the release for verification is not started: the test loads it itself."""
    monkeypatch.setattr(build, "verify", lambda *_: None)


def pairs(*found: Draft) -> list[Annotated]:
    return [(draft.document, [draft.set()]) for draft in found]


@settings(max_examples=12)
@example(found=pairs(Draft("empty", "Niets.")), bare=True)
@example(found=pairs(minister("a"), minister("b"), Draft("c", "Iets.")), bare=False)
@given(found=st.lists(drafts(), min_size=1, max_size=4), bare=st.booleans())
def test_any_corpus_is_released_and_comes_back(store: Store, found: list[Annotated], bare: bool) -> None:
    checker = Checker(store.config, store.scheme)
    records = {document.id: (document, sets) for document, sets in found if valid(checker, (document, sets))}
    if bare:
        nobody = Draft("nobody", "Nog niet door iemand gezien 👩‍🚒.")
        records |= {"nobody": (nobody.document, [nobody.set(layers=())])}
    if not records:
        return
    for path in [*store.folder.glob("documents/*"), *store.folder.glob("annotations/*/*")]:
        path.unlink()
    with store.lock():
        store.write([document for document, _ in records.values()])
        store.write([annotations for _, sets in records.values() for annotations in sets])
    groups = groups_of(*stories(store.documents()))
    splits = deal(groups, {}, store.config.splits)
    (store.folder / "splits.json").write_bytes(encode_splits(splits))
    commit(store.root)
    with tempfile.TemporaryDirectory() as out:
        built = release(store, "1.0.0", Path(out))
        rows = {name: list(loaded(built.folder, name, Path(out) / "cache")) for name in built.manifest.configurations}
    assert {row["id"]: split for split, row in rows["documents"]} == splits
    documents = {row["id"]: encode(document_of(row)) for _, row in rows["documents"]}
    assert documents == {id_: encode(document) for id_, (document, _) in records.items()}
    sets = {row["id"]: encode(set_of(row)) for _, row in rows["annotators"]}
    assert sets == {
        f"{id_}#{NAMES[found.annotator]}": encode(public(found)) for id_, (_, sets) in records.items() for found in sets
    }
    for every in rows.values():
        for split, row in every:
            assert splits[row.get("document_id", row["id"])] == split
            for fragment in fragments_of(row):
                assert row["text"][fragment["start"] : fragment["end"]] == fragment["text"]
    for id_, (_, sets_) in records.items():
        row = next(row for _, row in rows["documents"] if row["id"] == id_)
        for layer in ("entities", "quotes", "events"):
            assert (row[layer] is not None) == (layer in sets_[0].layers)


def loaded(folder: Path, name: str, cache: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for split, rows in datasets.load_dataset(str(folder), name, cache_dir=str(cache)).items():
        for row in rows:
            yield str(split), row


def public(found: AnnotationSet) -> AnnotationSet:
    """A set as it may be released: pseudonyms, no comments."""

    def by(given: By | None) -> By | None:
        return given and By(annotator=NAMES[given.annotator], at=given.at)

    def item(given: Span | Relation) -> Any:
        return msgspec.structs.replace(given, by=by(given.by))

    return msgspec.structs.replace(
        found,
        annotator=NAMES[found.annotator],
        comments=(),
        confirmed=tuple(by(given) for given in found.confirmed),
        spans=tuple(item(span) for span in found.spans),
        relations=tuple(item(relation) for relation in found.relations),
    )
