"""What models are measured on: one split of a release or of a corpus, copied into a corpus of its own that they work in.

That copy is the models' world: the documents of the split with gold, and the training split with all that people annotated
in it. It also keeps the predictions, so that nothing is predicted twice, and nothing is written where the data is.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from msgspec.structs import replace

from standoff.benchmark.measured import Data
from standoff.corpus.codec import encode_line
from standoff.corpus.config import SplitsTable, excluded
from standoff.corpus.files import fault, file_sha256, write_atomically
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scaffold import Start, scaffold
from standoff.corpus.scheme import SchemeIndex, index, read_scheme
from standoff.corpus.stands import misplaced
from standoff.corpus.store import Store
from standoff.errors import EnvironmentFault, StandoffError, UsageError
from standoff.release import reading
from standoff.release.diff import Record
from standoff.release.manifest import VERSION_PATTERN, Manifest, decode_manifest
from standoff.release.origin import origin
from standoff.release.sources import of_store
from standoff.release.splits import SPLITS, Split, encode_splits
from standoff.score.comparison import unknown_labels
from standoff.text.counted import counted

MANIFEST = "manifest.json"
SCHEME = "scheme.toml"
_ON_THE_HUB = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)@v?([^@/]+)", re.ASCII)
_READ = ("data/documents/", "data/annotators/", SCHEME)
"""The files of a release that are read here."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the data is: its records in the order of document ids, and what is known before they are read."""

    name: str
    set: str
    scheme: bytes
    records: Callable[[], Iterator[Record]]
    manifest: Manifest | None = None
    root: Path | None = None
    confirmed: bool = False
    excluded: frozenset[str] = frozenset()
    """Documents of a corpus that a curator excludes: of a release they are no part."""
    splits: SplitsTable | None = None
    """How a corpus deals documents to splits; None for a release, which doesn't."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The models' corpus, and the documents of the split that have gold, in order."""

    data: Data
    store: Store
    index: SchemeIndex
    wanted: list[str]


def source(words: str | None, root: Path) -> Source:
    """What `--data` names: a release's folder, a corpus repository (that at `root` by default), or `org/name@version` on the Hub.

    Raises UsageError for what is none of these, StandoffError for a release whose files are not those of its manifest.
    """
    folder = root if words is None else Path(words)
    if (folder / MANIFEST).is_file():
        return _of_release(folder)
    if words is None or (folder / "corpus" / "corpus.toml").is_file():
        return _of_corpus(Store(folder))
    if found := _ON_THE_HUB.fullmatch(words):
        return _of_release(_fetched(*found.groups()))
    raise UsageError(
        f"--data {words}: no release folder (with {MANIFEST}), no corpus repository (with corpus/corpus.toml), and no"
        " org/name@version"
    )


def _of_release(folder: Path) -> Source:
    try:
        manifest = decode_manifest((folder / MANIFEST).read_bytes(), str(folder / MANIFEST))
        check_files(folder, manifest, _READ)
        scheme = (folder / SCHEME).read_bytes()
    except FileNotFoundError as error:
        raise StandoffError(f"{error.filename}: is missing; build or fetch the release again") from None
    except OSError as error:
        raise fault(error, folder) from error
    return Source(manifest.name, manifest.corpus.set, scheme, lambda: reading.records(folder), manifest)


def check_files(folder: Path, manifest: Manifest, starts: tuple[str, ...]) -> None:
    """Raises StandoffError for a file of a release whose path begins so and that is not the manifest's; OSError for one that
    can't be read."""
    for entry in manifest.files:
        if entry.path.startswith(starts) and file_sha256(folder / entry.path) != entry.sha256:
            raise StandoffError(
                f"{folder / entry.path}: not what was built; build or fetch the release again, since what is made of it"
                " would pass for that of another"
            )


def _of_corpus(store: Store) -> Source:
    config = store.config
    return Source(
        config.corpus.name,
        config.release.set,
        (store.folder / SCHEME).read_bytes(),
        of_store(config.corpus.name, store, released=False).records,
        root=store.root,
        confirmed=config.release.confirmed,
        excluded=excluded(store.overrides()),
        splits=config.splits,
    )


def _fetched(repository: str, version: str) -> Path:
    if not re.match(VERSION_PATTERN, version):
        raise UsageError(f"--data {repository}@{version}: a version is MAJOR.MINOR.PATCH, as in {repository}@1.0.0")
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            repository,
            repo_type="dataset",
            revision=f"v{version}",
            allow_patterns=[MANIFEST, SCHEME, "data/documents/*", "data/annotators/*"],
        )
    except Exception as error:  # its errors are those of its HTTP library, another one from version to version
        reason = " ".join(str(error).split()) or type(error).__name__
        raise EnvironmentFault(f"--data {repository}@{version}: can't be fetched: {reason}") from None
    return Path(folder)


def prepare(source: Source, split: str, store: Store) -> Prepared:
    """Copies the split, and the training split, into the corpus of `store`. Call it inside `store.lock()`.

    Raises UsageError for a split that doesn't exist or has no document with gold, StandoffError for gold that was made on another
    text than the document's, and for a release that holds other documents than its manifest says.
    """
    named: Split | None = next((name for name in SPLITS if name == split), None)
    if named is None:
        raise UsageError(f"--split {split}: there are {', '.join(SPLITS)}")
    scheme = index(store.scheme)
    digest, wanted = hashlib.sha256(), []
    splits: dict[str, Split] = {}
    sizes, left_out, unknown = Counter[str](), Counter[str](), Counter[str]()
    with _Shards(store) as shards:
        for record in source.records():
            document, gold = record.document, record.sets.get(source.set)
            if document.id in source.excluded:
                if record.split == split:
                    left_out["excluded"] += 1
                continue
            sizes[record.split or "no split"] += 1
            for name, annotations in sorted(record.sets.items()):
                if record.split == "train" and (annotations.kind != "model" or name == source.set):
                    shards.add(name, replace(annotations, annotator=name))
            if record.split == "train":
                splits[document.id] = "train"
            if record.split == split:
                splits[document.id] = named
                if gold is None or (source.confirmed and not gold.confirmed):
                    left_out[f"no {source.set}" if gold is None else "not confirmed"] += 1
                else:
                    _check_text(document, gold)
                    unknown.update(unknown_labels(gold, scheme))
                    wanted.append(document.id)
                    digest.update(encode_line(document) + encode_line(_bare(gold)))
                    if split != "train":
                        shards.add(source.set, gold)
            if document.id in splits:
                shards.add(None, document)
    if not wanted:
        raise UsageError(_empty(source, named, left_out, sizes))
    write_atomically(store.folder / "splits.json", encode_splits(splits))
    data = _data(source, split, scheme, len(wanted), digest.hexdigest())
    counted = replace(data, left_out=dict(sorted(left_out.items())), unknown_labels=dict(sorted(unknown.items())))
    return Prepared(counted, store, scheme, wanted)


def workspace(source: Source, folder: Path) -> Store:
    """The corpus that models work in, at `folder`; made when it isn't there."""
    path = folder / "corpus" / SCHEME
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, source.scheme)
    start = Start(source.scheme, [layer.name for layer in read_scheme(path).layers], ("mul",), b"")
    write_atomically(folder / "corpus" / "corpus.toml", scaffold(source.name, start)["corpus/corpus.toml"])
    write_atomically(folder / ".gitignore", b"*\n")
    return Store(folder)


class _Shards:
    """Documents and sets, written aside as lines; at the end they take the place of those that were there."""

    def __init__(self, store: Store) -> None:
        self._folder = store.folder
        self._files: dict[Path, IO[bytes]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "_Shards":
        return self

    def add(self, annotator: str | None, record: Document | AnnotationSet) -> None:
        folder = self._folder / "documents" if annotator is None else self._folder / "annotations" / annotator
        path = folder / "data.jsonl"
        if path not in self._files:
            folder.mkdir(parents=True, exist_ok=True)
            self._files[path] = self._stack.enter_context((folder / ".data.jsonl.tmp").open("wb"))
        self._files[path].write(encode_line(record))

    def __exit__(self, kind: object, *_: object) -> None:
        self._stack.close()
        if kind is None:
            for path in self._folder.rglob("data.jsonl"):
                if path not in self._files:
                    path.unlink()
            for path in self._files:
                os.replace(path.with_name(".data.jsonl.tmp"), path)


def _check_text(document: Document, gold: AnnotationSet) -> None:
    if why := misplaced(document, gold):
        raise StandoffError(f"{gold.annotator}/{document.id}: {why}; `standoff validate` says more")


def _bare(gold: AnnotationSet) -> AnnotationSet:
    """A set as far as it is scored."""
    return replace(
        gold,
        confirmed=(),
        comments=(),
        provenance=None,
        spans=tuple(replace(span, by=None, score=None, note=None) for span in gold.spans),
        relations=tuple(replace(relation, by=None, score=None, note=None) for relation in gold.relations),
    )


def _data(source: Source, split: str, scheme: SchemeIndex, documents: int, digest: str) -> Data:
    manifest = source.manifest
    if manifest is None:
        assert source.root is not None
        at = origin(source.root)
        version, commit, dirty = None, at.commit, at.dirty
    else:
        entry = manifest.configurations.get("documents", {}).get(split)
        if entry is None or entry.rows != documents:
            raise StandoffError(
                f"{source.name} {manifest.version}: {split} holds {source.set} of {counted(documents, 'document')}, and its manifest"
                f" says {entry.rows if entry else 0:,}; build or fetch the release again"
            )
        digest = entry.content_sha256
        version, commit, dirty = manifest.version, manifest.corpus.commit, manifest.corpus.dirty
    return Data(
        kind="release" if manifest else "corpus",
        name=source.name,
        version=version,
        commit=commit,
        dirty=dirty,
        scheme=scheme.scheme.version,
        set=source.set,
        split=split,
        documents=documents,
        content_sha256=digest,
        left_out={},
        unknown_labels={},
    )


def _empty(source: Source, split: Split, left_out: Counter[str], sizes: Counter[str]) -> str:
    there = ", ".join(f"{name} {number:,}" for name, number in sorted(sizes.items()) if number) or "no document at all"
    why = "".join(f"; {number:,} in it: {reason}" for reason, number in left_out.items())
    return (
        f"--split {split}: no document of it has {source.set} in {source.name}{why} (there are: {there}); give another --split"
        f"{_remedy(source, split, sizes)}"
    )


def _remedy(source: Source, split: Split, sizes: Counter[str]) -> str:
    """What can be done for documents in a split that has none with gold, if anything."""
    dealt = source.splits
    if sizes[split] or dealt is None:
        return f", or annotate those in it as {source.set}" if dealt else ""
    if not dealt.fractions.get(split):
        return f"; corpus.toml deals no document to {split} (splits.fractions)"
    if sizes.total() >= dealt.min_groups and sizes["no split"]:
        return ", or deal documents with `standoff split`"
    few = f"with fewer than {counted(dealt.min_groups, 'group')} of documents `standoff split` deals all to train (splits.min_groups)"
    if sizes.total() == sizes["no split"]:
        return f". {few[0].upper()}{few[1:]}: lower that in corpus.toml, then run it"
    return (
        f". Documents stay in the split that they are in, and {few}: add documents, of which a part will go to {split}; or, as long"
        " as no version is published, lower splits.min_groups in corpus.toml, delete corpus/splits.json, and run `standoff split`"
    )
