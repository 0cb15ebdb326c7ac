"""Reports for the page: which are found, what of them is shown, and that no text of another corpus is."""

from pathlib import Path

import msgspec
import pytest

from benchmark.boards import DATA, board, result
from standoff.benchmark.errors import Example
from standoff.benchmark.leaderboard import Leaderboard, encode_leaderboard
from standoff.corpus.model import Document, Source
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.explore.leaderboards import Reports, has_reports, read_reports


@pytest.fixture
def made(repository: Path) -> Leaderboard:
    """Two models on 40 documents."""
    return board(Store(repository), result("good", [2] * 39 + [1]), result("poor", [1] * 40))


def _document(text: str) -> Document:
    return Document(
        id="d", language="nl", source=Source(file="a.txt", sha256="0" * 64), text=text, sections=(), sentences=()
    )


def test_reports_are_those_of_the_folder_and_of_the_folders_in_it(tmp_path: Path, made: Leaderboard) -> None:
    assert not has_reports(tmp_path / "none")
    with pytest.raises(UsageError, match=r"no leaderboard\.json there; `standoff benchmark"):
        read_reports(tmp_path, "tiny")
    splits = [
        msgspec.structs.replace(made, data=msgspec.structs.replace(made.data, split=one)) for one in ("train", "test")
    ]
    ours = msgspec.structs.replace(made, data=msgspec.structs.replace(made.data, name="yours"))
    for place, one in ((".", splits[0]), ("a", splits[1]), ("b", ours), ("c/deep", made)):
        (tmp_path / place).mkdir(parents=True, exist_ok=True)
        (tmp_path / place / "leaderboard.json").write_bytes(encode_leaderboard(one))
    assert has_reports(tmp_path)
    assert [one.data for one in read_reports(tmp_path, "yours").values()] == [
        one.data for one in (ours, *reversed(splits))
    ]
    (tmp_path / "a" / "leaderboard.json").write_text("{")
    with pytest.raises(StandoffError, match=r"a/leaderboard\.json: no report can be read"):
        read_reports(tmp_path, "yours")


def test_reports_that_would_be_called_alike_are_told_apart_by_their_folders(tmp_path: Path, made: Leaderboard) -> None:
    places = tmp_path / "reports", tmp_path / "reports" / "seed-1", tmp_path / "reports" / "train"
    for folder, split in zip(places, ("test", "test", "train"), strict=True):
        folder.mkdir()
        one = msgspec.structs.replace(made, data=msgspec.structs.replace(made.data, split=split))
        (folder / "leaderboard.json").write_bytes(encode_leaderboard(one))
    titles = list(read_reports(places[0], "tiny"))
    rest = made.data.title.removeprefix("tiny 1.0.0, test")
    assert titles == [
        f"tiny 1.0.0, test, in reports{rest}",
        f"tiny 1.0.0, test, in reports/seed-1{rest}",
        f"tiny 1.0.0, train{rest}",
    ]


def test_what_the_page_is_told_of_a_report(made: Leaderboard) -> None:
    (record,) = Reports({"tiny": made}).records()
    assert (record["name"], record["version"], record["content"]) == ("tiny", "1.0.0", DATA.content_sha256)
    (layer,) = record["layers"]
    good, poor = layer["models"]
    assert (layer["main"], layer["documents"], good["p"], round(good["f1"], 3)) == ("strict", 40, None, 0.994)
    assert good["interval"][0] < good["f1"] <= good["interval"][1]
    assert poor["p"] < record["alpha"]
    assert layer["figures"] == [("strict", [good["f1"], poor["f1"]])]
    assert record["models"][0]["seconds"] is None


@pytest.mark.parametrize(("text", "shown"), [("xxx", False), ("xx", True), ("yx", False)])
def test_words_are_shown_only_where_a_document_of_the_corpus_has_them(
    made: Leaderboard, text: str, shown: bool
) -> None:
    example = Example(document="d", start=1, end=2, gold="ORG: x", predicted=None, before="x", text="x", after="")
    if text == "xxx":
        example = msgspec.structs.replace(example, after="y")
    row = made.layers["entities"].models[0]
    errors = {"spans": msgspec.structs.replace(row.errors["spans"], examples={"missed": [example]})}
    table = msgspec.structs.replace(made.layers["entities"], models=(msgspec.structs.replace(row, errors=errors),))
    reports = Reports({"tiny": msgspec.structs.replace(made, layers={"entities": table})})
    reports.add(_document(text))
    (record,) = reports.records()
    (mistakes,) = record["layers"][0]["models"][0]["mistakes"]
    assert list(mistakes["examples"]) == (["missed"] if shown else [])
    assert sum(mistakes["counts"]) == 6
