"""The site: a small file for each document, an index in parts, and the page that reads them. Memory stays flat."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec
from msgspec import Struct

from standoff.benchmark.leaderboard import Leaderboard
from standoff.corpus.codec import sha256
from standoff.corpus.config import excluded
from standoff.corpus.files import fault
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import index
from standoff.corpus.stands import misplaced
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.explore.agreements import Agreements
from standoff.explore.leaderboards import Reports
from standoff.explore.records import Row, document_record, row, scheme_record
from standoff.explore.statistics import Statistics
from standoff.explore.words import WordIndex, gaps
from standoff.text.counted import counted

PART = 500
"""Documents in one part of the index."""
MARK = "corpus.js"
"""The file by which a folder is known as one that `explore` wrote and may replace."""
_FOLDERS = ("data", "documents")


class Site(Struct, frozen=True):
    """What was built; `skipped` is what was left out and why, reason to the number of sets, and `excluded` the number of
    documents that overrides.toml excludes."""

    place: str
    documents: int
    sets: tuple[str, ...]
    files: int
    bytes: int
    skipped: dict[str, int]
    excluded: int = 0


def build(
    store: Store,
    names: Sequence[str],
    place: Path,
    step: Callable[[], object] = lambda: None,
    *,
    boards: Mapping[str, Leaderboard] = MappingProxyType({}),
    with_gamma: bool = False,
) -> Site:
    """Writes the pages of a corpus with the sets of these annotators, the first of which is shown first, and with reports.

    Documents that overrides.toml excludes are left out. Built aside, then put in the place of what an earlier run wrote there;
    what somebody else put beside it stays. `step` is called after each document. Raises
    UsageError for a place that holds anything else, StandoffError for a corpus that can't be read, and EnvironmentFault, also
    when gamma's extra is missing.
    """
    scheme = index(store.scheme)
    without = excluded(store.overrides())
    left_out = 0
    with _aside(place) as aside:
        writer = _Writer(aside)
        for name in _FOLDERS:
            (aside / name).mkdir()
        statistics, agreements = Statistics(scheme), Agreements(names, scheme, with_gamma=with_gamma)
        reports = Reports(boards)
        skipped: Counter[str] = Counter()
        rows: list[Row] = []
        with tempfile.TemporaryDirectory(dir=aside.parent) as temporary:
            words = WordIndex(Path(temporary) / "words")
            for document, sets in _read(store, names, without, skipped):
                if document.id in without:
                    left_out += 1
                    continue
                number = statistics.documents
                shown = next(iter(sets.values()), None)
                statistics.add(number, document, shown)
                agreements.add(sets)
                reports.add(document)
                words.add(number, f"{document.id} {document.title or ''} {document.text}")
                rows.append(row(document, shown, scheme))
                if len(rows) == PART:
                    writer.call(f"data/part-{number // PART}.js", "part", number // PART, rows)
                    rows = []
                record = document_record(number, document, list(sets.values()), scheme)
                writer.call(f"documents/{document.id}.js", "document", document.id, record)
                step()
            if not statistics.documents:
                raise StandoffError(
                    f"nothing to show: corpus/overrides.toml excludes {counted(left_out, 'document')}, and there is no other"
                    if left_out
                    else "no documents yet: put texts into seeds/ and run `standoff normalize`"
                )
            if rows:
                writer.call(f"data/part-{statistics.documents // PART}.js", "part", statistics.documents // PART, rows)
            parts = words.parts()
            for number, found in enumerate(words.read()):
                writer.call(f"data/words-{number}.js", "words", number, found)
        labels = sorted(statistics.found)
        for number, label in enumerate(labels):
            writer.call(f"data/label-{number}.js", "label", number, gaps(statistics.found[label]))
        for number, board in enumerate(reports.records()):
            writer.call(f"data/board-{number}.js", "board", number, board)
        corpus = {
            "name": store.config.corpus.name,
            "title": store.config.corpus.title,
            "sets": names,
            "part": PART,
            "wordParts": parts,
            "labels": labels,
            "scheme": scheme_record(scheme),
            "statistics": statistics.record(),
            "agreement": agreements.record(),
            "gamma": with_gamma,
            "boards": reports.titles(),
        }
        writer.call(MARK, "corpus", store.config.corpus.name, corpus)
        for resource in _resources():
            writer.write(resource.name, resource.read_bytes())
    return Site(
        place=str(place),
        documents=statistics.documents,
        sets=tuple(names),
        files=writer.files,
        bytes=writer.bytes,
        skipped=dict(sorted(skipped.items())),
        excluded=left_out,
    )


def _resources() -> list[Traversable]:
    """The files of the page itself."""
    return sorted(resources.files("standoff.explore").joinpath("page").iterdir(), key=lambda one: one.name)


def _read(
    store: Store, names: Sequence[str], without: frozenset[str], skipped: Counter[str]
) -> Iterator[tuple[Document, dict[str, AnnotationSet]]]:
    """Each document with the sets that stand on its text, in the order of `names`; the others are counted, but for those of
    documents that are to be left out."""
    for document, sets in store.together(names):
        if document is None:
            skipped["no such document"] += len(sets)
            continue
        digest = sha256(document.text)
        sound = {}
        for name in names:
            if name not in sets or document.id in without:
                continue
            if why := misplaced(document, sets[name], digest):
                on_this_text = sets[name].text_sha256 == digest
                skipped["a span is not where it says" if on_this_text else why] += 1
            else:
                sound[name] = sets[name]
        yield document, sound


def script(function: str, key: str | int, value: Any) -> bytes:
    """A call that a page loads as a script: one string of JSON, which can't end the script or open anything in HTML."""
    text = msgspec.json.encode(value)
    for sign, escaped in (
        (b"\\", b"\\\\"),
        (b"'", b"\\'"),
        (b"<", b"\\x3c"),
        (b"\xe2\x80\xa8", b"\\u2028"),
        (b"\xe2\x80\xa9", b"\\u2029"),
    ):
        text = text.replace(sign, escaped)
    return b"standoff.take." + function.encode() + b"(" + msgspec.json.encode(key) + b",JSON.parse('" + text + b"'));\n"


class _Writer:
    """Writes new files into one folder and counts them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files = 0
        self.bytes = 0

    def call(self, name: str, function: str, key: str | int, value: Any) -> None:
        self.write(name, script(function, key, value))

    def write(self, name: str, content: bytes) -> None:
        path = self._folder / name
        try:
            path.write_bytes(content)
        except OSError as error:
            raise fault(error, path) from error
        self.files += 1
        self.bytes += len(content)


@contextmanager
def _aside(place: Path) -> Iterator[Path]:
    """A new folder beside `place`, which it replaces when all went well, with what others put there."""
    place = place.absolute()
    if os.path.lexists(place) and not (place.is_dir() and ((place / MARK).is_file() or not any(place.iterdir()))):
        raise UsageError(f"--out {place}: this is something else than pages of `standoff explore`; name another folder")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=place.parent, prefix=f".{place.name}-", suffix=".tmp", ignore_cleanup_errors=True
        ) as made:
            aside = Path(made) / "new"
            aside.mkdir()
            yield aside
            if not place.exists():
                aside.rename(place)
                return
            # A copy: whatever happens until the pages are in their place, it is still in the old ones.
            shutil.copytree(place, aside, symlinks=True, ignore=_own(place), dirs_exist_ok=True)
            old = Path(made) / "old"
            place.rename(old)
            try:
                aside.rename(place)
            except BaseException:
                old.rename(place)
                raise
    except OSError as error:
        raise fault(error, place) from error


def _own(place: Path) -> Callable[[str, list[str]], set[str]]:
    """Names in a folder, of those in it, that an earlier run wrote, for `shutil.copytree`."""
    pages = {MARK, *(resource.name for resource in _resources())}

    def own(folder: str, names: list[str]) -> set[str]:
        if Path(folder) == place:
            return pages.intersection(names)
        inside = Path(folder).relative_to(place).as_posix() in _FOLDERS
        return {name for name in names if inside and name.endswith(".js")}

    return own
