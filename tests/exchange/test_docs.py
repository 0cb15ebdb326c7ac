"""What docs/formats.md says of real corpora is so: its recipes run, and its counts are those found."""

from collections import Counter
from pathlib import Path

from command import standoff
from exchange.conftest import Imports, cook
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.exchange.exporting import export
from standoff.exchange.importing import import_
from standoff.release.splits import read_splits


def said(folder: Path) -> Counter[tuple[str, ...]]:
    """Labels and surfaces of a folder's spans, document by document."""
    return Counter(
        (file.stem, line.split("\t")[1].split(" ")[0], " ".join(line.split("\t")[2].split()))
        for file in folder.glob("*.ann")
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.startswith("T")
    )


def normal(source: Path, back: Path) -> list[str]:
    """Names of the texts that came back as they were, but for white space at their end."""
    return [
        file.stem
        for file in source.glob("*.txt")
        if file.read_text(encoding="utf-8").rstrip() == (back / file.name).read_text(encoding="utf-8")
    ]


def stated(folder: Path, names: list[str]) -> Counter[tuple[str, str]]:
    """All annotations of these texts: lines, but for the numbers of attributes and relations."""
    return Counter(
        (name, line if line.startswith("T") else line[0] + line.partition("\t")[2])
        for name in names
        for line in (folder / f"{name}.ann").read_text(encoding="utf-8").splitlines()
    )


def valid(root: Path) -> bool:
    return all(problem.severity == "warning" for problem in report(Store(root), jobs=1).problems)


def test_meantime(page: str, imported: Imports, tmp_path: Path) -> None:
    source, root, told = imported("meantime")
    assert (told.created, told.language, valid(root)) == (120, "nl", True)
    events = sum(count for label, count in told.labels.items() if label.startswith("EVENT_"))
    assert (told.spans - events, events) == (2_425, 911)
    assert {loss.reason for loss in told.losses} == {"twin"}
    assert told.spans + len(told.losses) == 2_436 + 912
    assert "2,425 entity and 911 event mentions, and 12 that are there twice" in page
    export("brat", tmp_path / "out", root, strict=True)
    names = normal(source, tmp_path / "out")
    assert len(names) == 120
    there, back = stated(source, names), stated(tmp_path / "out", names)
    assert (there.total() - back.total(), back <= there) == (2 * 12, True)  # each with its chain


QUOTES = {"Indirect": 146, "Direct": 62, "Reported": 30, "IndirectFreeIndirect": 25, "FreeIndirect": 9}


def test_german_quotes(page: str, imported: Imports, tmp_path: Path) -> None:
    source, root, told = imported("quotes")
    assert (told.created, told.language, valid(root)) == (60, "de", True)
    assert {label: count for label, count in told.labels.items() if label in QUOTES} == QUOTES
    assert ", ".join(f"{label} {count}" for label, count in QUOTES.items()) in page
    assert Counter((loss.kind, loss.reason) for loss in told.losses) == {
        ("repaired", "twin"): 2,
        ("refused", "twin"): 2,
    }
    export("brat", tmp_path / "out", root, strict=True)
    assert (said(source) - said(tmp_path / "out")).total() == 2
    assert said(tmp_path / "out") <= said(source)
    names = normal(source, tmp_path / "out")
    assert len(names) == 38
    assert stated(source, names) == stated(tmp_path / "out", names)


def test_quotations_of_litbank(page: str, data: Path, imported: Imports, tmp_path: Path) -> None:
    source, root, told = imported("litbank-quotations")
    assert (told.created, told.language, told.losses, valid(root)) == (8, "en", [], True)
    quotes = [span for annotations in Store(root).sets("gold") for span in annotations.spans]
    assert (len(quotes), {span.label for span in quotes}) == (144, {"QUOTE"})
    assert all(span.attributes["speaker"] for span in quotes)
    assert "144, each with its speaker" in page
    tables = "".join(file.read_text(encoding="utf-8") for file in (data / "litbank" / "quotations").glob("*.ann"))
    surfaces = [row.split("\t")[6].split() for row in tables.splitlines() if row.startswith("QUOTE")]
    assert sorted(span.text.split() for span in quotes) == sorted(surfaces)
    export("brat", tmp_path / "out", root, strict=True)
    names = normal(source, tmp_path / "out")
    assert len(names) == 8
    assert stated(source, names) == stated(tmp_path / "out", names)


def test_the_splits_of_a_shared_task(page: str, tmp_path: Path) -> None:
    (tmp_path / "task").mkdir()
    for part, names in (("train", ("Jan", "Piet")), ("testa", ("Anna",)), ("testb", ("Els", "Bos"))):
        texts = [f"-DOCSTART- O\n\n{name} B-PER\nlacht O\nom O\n{part} O\n" for name in names]
        (tmp_path / "task" / f"ned.{part}").write_text("\n".join(texts), encoding="utf-8")
    root = tmp_path / "c"
    assert import_("conll", tmp_path / "task", root, strict=True).created == 5
    cook(page, "The splits of a shared task", tmp_path / "task", root)
    (tmp_path / "later.conll").write_text("Kees B-PER\nzwijgt O\n", encoding="utf-8")
    import_("conll", tmp_path / "later.conll", root)
    done = standoff("split", "--root", root)
    assert "1 of 6 documents newly dealt; 3 in train, 1 in validation, 2 in test" in done.stdout
    assert read_splits(root / "corpus" / "splits.json") == {
        "later": "train",
        "ned.testa-00001": "validation",
        "ned.testb-00001": "test",
        "ned.testb-00002": "test",
        "ned.train-00001": "train",
        "ned.train-00002": "train",
    }
