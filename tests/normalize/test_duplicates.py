"""What a corpus holds already: runs after changes of sources, sets, shards and curators' decisions."""

from pathlib import Path

import pytest

from command import standoff
from standoff.corpus.codec import DecodeError, encode_line, sha256
from standoff.corpus.model import AnnotationSet
from standoff.corpus.store import Store
from standoff.exchange.importing import import_
from standoff.normalize.run import Report, run


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    root = tmp_path / "corpus-repository"
    assert standoff("init", root).returncode == 0
    return root


def put(root: Path, **sources: str) -> None:
    for name, content in sources.items():
        (root / "seeds" / name.replace("_", ".")).write_text(content, encoding="utf-8")


def counts(report: Report) -> tuple[int, int, int, list[str]]:
    return report.created, report.updated, report.unchanged, [rejected.reason for rejected in report.rejected]


def annotate(root: Path, document: str, text: str) -> None:
    store = Store(root)
    with store.lock():
        store.write(
            [
                AnnotationSet(
                    document=document,
                    text_sha256=sha256(text),
                    annotator="gold",
                    kind="human",
                    scheme="news-nl/1",
                    layers=(),
                    spans=(),
                    relations=(),
                )
            ]
        )


def test_a_text_that_is_there_from_another_source_is_a_duplicate(corpus: Path) -> None:
    put(corpus, b_txt="Tekst.")
    run(Store(corpus))
    put(corpus, a_txt="Tekst.")
    report = run(Store(corpus))
    assert counts(report) == (0, 0, 1, ["duplicate-text"])
    assert report.rejected[0].detail == "the same text as 'b'"
    assert counts(run(Store(corpus), [str(corpus / "seeds" / "a.txt")])) == (0, 0, 0, ["duplicate-text"])


def test_the_same_text_twice_without_an_id_is_a_duplicate_text(corpus: Path) -> None:
    put(corpus, x_jsonl='{"text": "Tekst."}\n{"text": "Tekst."}')
    report = run(Store(corpus))
    id_ = sha256("Tekst.")[:16]
    assert [(one.line, one.reason, one.detail) for one in report.rejected] == [
        (2, "duplicate-text", f"the same text as {id_!r}")
    ]
    put(corpus, y_jsonl='{"text": "Tekst."}')
    assert counts(run(Store(corpus), [str(corpus / "seeds" / "y.jsonl")])) == (0, 0, 0, ["duplicate-text"])


def test_an_id_that_is_there_from_another_source_is_a_duplicate_while_that_source_is_there(corpus: Path) -> None:
    put(corpus, a_txt="Tekst.")
    run(Store(corpus))
    put(corpus, x_jsonl='{"id":"a","text":"Andere tekst."}\n')
    assert counts(run(Store(corpus), [str(corpus / "seeds" / "x.jsonl")])) == (0, 0, 0, ["duplicate-id"])
    (corpus / "seeds" / "a.txt").unlink()
    assert counts(run(Store(corpus))) == (0, 1, 0, [])


def test_a_text_that_moves_on_frees_its_old_one(corpus: Path) -> None:
    put(corpus, a_txt="Oud.")
    run(Store(corpus))
    put(corpus, a_txt="Nieuw.", c_txt="Oud.")
    assert counts(run(Store(corpus))) == (1, 1, 0, [])
    assert counts(run(Store(corpus))) == (0, 0, 2, [])


def test_a_moved_source_is_an_update(corpus: Path) -> None:
    put(corpus, a_txt="Tekst.")
    run(Store(corpus))
    (corpus / "seeds" / "2025").mkdir()
    (corpus / "seeds" / "a.txt").rename(corpus / "seeds" / "2025" / "a.txt")
    report = run(Store(corpus))
    assert (counts(report), report.warnings) == ((0, 1, 0, []), [])
    assert Store(corpus).document("a").source.file == "seeds/2025/a.txt"


def test_documents_without_their_source_stay_and_are_told(corpus: Path) -> None:
    put(corpus, a_txt="Tekst.", x_jsonl='{"id":"b","text":"Een."}\n{"id":"c","text":"Twee."}\n')
    run(Store(corpus))
    (corpus / "seeds" / "a.txt").unlink()
    put(corpus, x_jsonl='{"id":"b","text":"Een."}\n')
    report = run(Store(corpus))
    assert [(notice.id, notice.message.split(";")[0][:15]) for notice in report.warnings] == [
        ("a", "the source is g"),
        ("c", "this source was"),
    ]
    assert {document.id for document in Store(corpus).documents()} == {"a", "b", "c"}


def test_of_sources_that_a_run_does_not_look_for_nothing_is_said(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "b.conll").write_text("De\tO\nNV\tB-ORG\n")
    assert import_("conll", tmp_path / "b.conll", corpus).created == 1
    put(corpus, a_txt="Tekst.")
    (corpus / "raw").mkdir()
    (corpus / "raw" / "c.txt").write_text("Een andere tekst.")
    assert run(Store(corpus), [str(corpus / "seeds"), str(corpus / "raw")]).created == 2
    (corpus / "raw" / "c.txt").unlink()
    assert run(Store(corpus)).warnings == []
    (corpus / "seeds" / "a.txt").unlink()
    assert [notice.id for notice in run(Store(corpus)).warnings] == ["a"]
    assert [notice.id for notice in run(Store(corpus), [str(corpus / "raw")]).warnings] == ["c"]


def test_annotations_of_a_lost_document_keep_its_text(corpus: Path) -> None:
    annotate(corpus, "a", "Tekst.")
    put(corpus, a_txt="Andere tekst.")
    assert counts(run(Store(corpus))) == (0, 0, 0, ["annotated"])
    put(corpus, a_txt="Tekst.")
    assert counts(run(Store(corpus))) == (1, 0, 0, [])


def test_a_damaged_set_keeps_the_text_too(corpus: Path) -> None:
    put(corpus, a_txt="Tekst.")
    run(Store(corpus))
    annotate(corpus, "a", "Tekst.")
    (corpus / "corpus" / "annotations" / "gold" / "a.json").write_bytes(b"{")
    put(corpus, a_txt="Andere tekst.")
    assert counts(run(Store(corpus))) == (0, 0, 0, ["annotated"])


def put_aside(root: Path) -> bytes:
    """The line of a document X that is in the corpus no more."""
    put(root, x_txt="Iets.")
    run(Store(root), [str(root / "seeds" / "x.txt")])
    line = encode_line(Store(root).document("x")).replace(b'"id":"x"', b'"id":"X"')
    (root / "corpus" / "documents" / "x.json").unlink()
    (root / "corpus" / "documents").rmdir()
    return line


@pytest.mark.parametrize("folder", ["documents", "annotations/tagger"])
def test_a_damaged_shard_stops_the_run_before_it_writes(corpus: Path, folder: str) -> None:
    """Nobody knows what it holds of which document: texts could change under annotations, documents be made twice."""
    put(corpus, a_txt="Tekst.")
    place = corpus / "corpus" / folder
    line = put_aside(corpus) if folder == "documents" else b'{"document":"X"}\n'
    place.mkdir(parents=True)
    (place / "x.jsonl").write_bytes(line.replace(b'"X"', b'"c"') + line.replace(b'"X"', b'"b"'))
    with pytest.raises(DecodeError, match=r"x\.jsonl:1: 'c' comes before 'b'"):
        run(Store(corpus))
    assert not (corpus / "corpus" / "documents" / "a.json").exists()


def test_a_source_that_takes_the_place_of_an_imported_one_is_told(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Tekst.", encoding="utf-8")
    import_("brat", tmp_path / "in", corpus, license_="CC-BY-4.0")
    put(corpus, a_txt="Tekst.")
    report = run(Store(corpus))
    assert counts(report) == (0, 1, 0, [])
    (notice,) = report.warnings
    assert (notice.id, "came from in/a.txt" in notice.message) == ("a", True)
    assert run(Store(corpus)).warnings == []


def test_documents_in_a_shard(corpus: Path) -> None:
    put(corpus, a_txt="Tekst.", b_txt="Nog een.")
    run(Store(corpus))
    folder = corpus / "corpus" / "documents"
    (folder / "all.jsonl").write_bytes(b"".join(encode_line(document) for document in Store(corpus).documents()))
    for path in folder.glob("*.json"):
        path.unlink()
    assert counts(run(Store(corpus))) == (0, 0, 2, [])
    put(corpus, a_txt="date 2025 Tekst.")
    before = (folder / "all.jsonl").read_bytes()
    report = run(Store(corpus))
    assert counts(report) == (0, 0, 1, ["in-shard"])
    assert "corpus/documents/all.jsonl:1" in report.rejected[0].detail
    assert (folder / "all.jsonl").read_bytes() == before
    (corpus / "corpus" / "overrides.toml").write_text('[b]\nexclude = true\nreason = "r"\n')
    (notice,) = run(Store(corpus)).warnings
    assert "take its line out (corpus/documents/all.jsonl:2)" in notice.message


def test_overrides_are_told_as_gone_only_by_a_run_over_everything(corpus: Path) -> None:
    put(corpus, a_txt="Tekst.", b_txt="Nog een.")
    run(Store(corpus))
    (corpus / "corpus" / "overrides.toml").write_text(
        '[a]\nexclude = true\nreason = "r"\n[weg]\nlicense = "X"\nreason = "r"\n[uit]\nexclude = true\nreason = "r"\n'
    )
    part = run(Store(corpus), [str(corpus / "seeds" / "b.txt")])
    assert [notice.id for notice in part.warnings] == ["a"]
    warnings = {notice.id: notice.message for notice in run(Store(corpus)).warnings}
    assert warnings == {
        "a": "it is excluded, but its document is still in the corpus; delete that file, and the sets of it",
        "uit": "neither a document nor a text under seeds/ has this id; mend it if it is wrong, else leave it here: no release"
        " that has the document can be published then",
        "weg": "there is no such document any more; take this override out",
    }


def test_fields_without_a_place_are_counted_once_a_text(corpus: Path) -> None:
    put(corpus, x_jsonl='{"text":"Een.","by":"J."}\n{"text":"Twee.","by":"K.","tags":[]}\n')
    assert run(Store(corpus)).left_out == {"by": 2, "tags": 1}
