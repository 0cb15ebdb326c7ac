"""Column files to corpora and back, the published ones too."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from command import standoff
from exchange.conftest import Imports
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.exchange.exporting import export
from standoff.exchange.importing import Refused, import_
from standoff.exchange.sources import Options
from standoff.text.iob import Tagging


def test_the_dutch_data_of_2002_has_the_counts_of_its_authors(imported: Imports) -> None:
    _, root, told = imported("conll2002")
    assert (told.created, told.sets, told.losses, told.changes, told.language) == (3, 3, [], {}, "nl")
    store = Store(root)
    for document, annotations in zip(store.documents(), store.sets("gold"), strict=True):
        counts = Counter(span.label for span in annotations.spans)
        assert (len(document.sentences), counts) == COUNTS[document.id]


COUNTS = {
    "train": (15_806, {"LOC": 3_064, "MISC": 3_338, "ORG": 2_082, "PER": 4_566}),
    "val": (2_895, {"LOC": 479, "MISC": 748, "ORG": 686, "PER": 703}),
    "test": (5_195, {"LOC": 770, "MISC": 1_187, "ORG": 882, "PER": 1_093}),
}


def test_it_is_valid(imported: Imports) -> None:
    assert report(Store(imported("conll2002").root), jobs=1).problems == ()


def test_it_comes_back_byte_by_byte(imported: Imports, data: Path, tmp_path: Path) -> None:
    told = export("conll", tmp_path / "out", imported("conll2002").root, strict=True)
    assert (told.documents, told.losses) == (3, [])
    for name in COUNTS:
        here = tmp_path / "out" / f"{name}.conll"
        assert here.read_bytes() == (data / "conll2002-nl" / f"{name}.conllu").read_bytes()


@pytest.fixture(scope="module")
def small(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("small") / "corpus"
    import_("conll", data / "conll2002-nl" / "val.conllu", root)
    return root


@pytest.mark.parametrize("tagging", ["IOB1", "BILOU", "BIOES"])
def test_every_tagging_holds_the_same(tagging: Tagging, small: Path, tmp_path: Path) -> None:
    export("conll", tmp_path / "out", small, options=Options(tagging=tagging, columns=("token", "tag")))
    told = import_("conll", tmp_path / "out", tmp_path / "again")
    assert told.losses == []
    (one,), (other,) = Store(tmp_path / "again").sets("gold"), Store(small).sets("gold")
    assert one.spans == other.spans
    assert f'"tagging":"{tagging}"' in str(one.provenance)


EXAMPLE = (
    "-DOCSTART- -X- O\n\nDe DT O\nNV NN B-ORG\n. . O\n\n-DOCSTART- -X- O\n\nJan NN B-PER\nSmit NN I-PER\n. . O\n\n"
)


def test_several_documents_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "News 1.txt").write_text(EXAMPLE)
    told = import_("conll", tmp_path / "News 1.txt", tmp_path / "c")
    assert [(loss.kind, loss.reason) for loss in told.losses] == [("repaired", "id")] * 2
    assert told.left_out == {"column 2": 2}
    assert [document.id for document in Store(tmp_path / "c").documents()] == ["news-1-00001", "news-1-00002"]
    export("conll", tmp_path / "out.txt", tmp_path / "c")
    assert (tmp_path / "out.txt").read_text() == EXAMPLE.replace("DT", "_").replace("NN", "_").replace(". .", ". _")


def test_the_command_makes_a_corpus_and_tells_what_happened(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("De\tO\nNV\tB-ORG\n\nkapot\n\n")
    done = standoff("import", "conll", tmp_path / "a.conll", "--root", tmp_path / "c")
    assert done.returncode == 1
    assert "1 text: 1 document created, 0 there already; 1 set with 1 span and 0 relations" in done.stdout
    assert "refused a.conll:4 (a): 1 column, or an empty token, where others have 2" in done.stdout
    assert standoff("validate", "--root", tmp_path / "c").returncode == 0
    again = standoff("import", "conll", tmp_path / "a.conll", "--root", tmp_path / "c", "--json")
    told = json.loads(again.stdout)
    assert (again.returncode, told["created"], told["unchanged"], told["sets"]) == (1, 0, 1, 0)
    assert [loss["reason"] for loss in told["losses"]] == ["columns", "set-exists"]


def test_strict_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("De\tO\nNV\tI-ORG\n\nkapot\n\n")
    done = standoff("import", "conll", tmp_path / "a.conll", "--root", tmp_path / "c", "--strict")
    assert (done.returncode, done.stdout) == (1, "")
    assert "1 losses, and --strict refuses them all" in done.stderr
    assert not (tmp_path / "c").exists()
    assert standoff("import", "conll", tmp_path / "a.conll", "--root", tmp_path / "c").returncode == 1
    told = standoff("export", "conll", tmp_path / "out", "--root", tmp_path / "c", "--set", "nobody")
    assert told.returncode == 2
    assert "there is gold" in told.stderr


@pytest.mark.parametrize(
    ("raw", "text", "reasons"),
    [
        (b"\xef\xbb\xbfDe\tO\r\nNV\tB-ORG\r\n\r\n", "De NV", []),
        (
            "Dit\tO\nrestaurant\tB-ORG\n\nIn\tO\nItalië\tB-LOC\n".encode("latin-1"),
            "Dit restaurant\nIn Italië",
            ["encoding"],
        ),
        ("De\tO\nNV\tB-ORG\n\nIn\tO\nItalië".encode()[:-1], "De NV", ["encoding", "columns"]),
        ("De\u00ad\tO\n😀é\u0301\tB-ORG\nNV\tI-ORG\n".encode(), "De 😀é́ NV", []),
    ],
)
def test_encodings_and_line_ends(raw: bytes, text: str, reasons: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_bytes(raw)
    told = import_("conll", tmp_path / "a.conll", tmp_path / "c")
    assert [loss.reason for loss in told.losses] == reasons
    (document,) = Store(tmp_path / "c").documents()
    assert document.text == text
    assert report(Store(tmp_path / "c"), jobs=1).problems == ()


def test_what_is_no_column_file_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "README").write_text("This is a corpus.\n")
    (tmp_path / "in" / "a.tsv").write_text("De\tO\nNV\tB-ORG\n")
    (tmp_path / "in" / "b.conll.gz").write_bytes(b"\x1f\x8b\x08damaged")
    told = import_("conll", tmp_path / "in", tmp_path / "c")
    assert [(loss.place, loss.reason) for loss in told.losses] == [
        ("in/README", "format"),
        ("in/b.conll.gz", "damaged"),
    ]
    assert told.created == 1


def test_of_files_with_one_name_the_later_ones_have_their_folders_before_it(tmp_path: Path) -> None:
    for number, name in enumerate(["a/x.train", "b/X.train.gz", "b/c/x.train", "b/c/y.conll", "z.conll"]):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = f"Dit\tO\nNV{number}\tB-ORG\n".encode()
        path.write_bytes(gzip.compress(lines) if name.endswith(".gz") else lines)
    assert import_("conll", tmp_path / "in" / "a", tmp_path / "c").created == 1
    told = import_("conll", tmp_path / "in", tmp_path / "c", set_name="again")
    assert (told.unchanged, told.created, told.sets) == (1, 4, 5)
    assert [(loss.kind, loss.reason, loss.place) for loss in told.losses] == [
        ("repaired", "id", "in/b/X.train.gz"),
        ("repaired", "id", "in/b/c/x.train"),
    ]
    ids = ["b-c-x.train", "b-x.train", "x.train", "y", "z"]
    assert [document.id for document in Store(tmp_path / "c").documents()] == ids


def test_an_old_corpus_keeps_its_scheme(tmp_path: Path) -> None:
    assert standoff("init", tmp_path / "c").returncode == 0
    (tmp_path / "a.conll").write_text("De\tO\nNV\tB-ORG\nX\tB-NIX\n")
    told = import_("conll", tmp_path / "a.conll", tmp_path / "c", set_name="model-a")
    assert [(loss.reason, loss.place) for loss in told.losses] == [("label", "a.conll:3")]
    (annotations,) = Store(tmp_path / "c").sets("model-a")
    assert (annotations.layers, [span.label for span in annotations.spans]) == (("entities",), ["ORG"])
    assert report(Store(tmp_path / "c"), jobs=1).problems == ()


def test_a_layer_that_the_corpus_does_not_annotate_is_refused_and_is_in_nobodys_way(tmp_path: Path) -> None:
    assert standoff("init", tmp_path / "c").returncode == 0
    config = tmp_path / "c" / "corpus" / "corpus.toml"
    stated = config.read_text()
    config.write_text(stated.replace('layers = ["entities", "quotes", "events"]', 'layers = ["quotes"]'))
    (tmp_path / "a.conll").write_text("De\tO\nNV\tB-ORG\n")
    told = import_("conll", tmp_path / "a.conll", tmp_path / "c")
    assert [(loss.kind, loss.reason, loss.place) for loss in told.losses] == [("refused", "layer", "a.conll:2")]
    assert (told.created, told.sets) == (1, 0)
    assert report(Store(tmp_path / "c"), jobs=1).problems == ()
    config.write_text(stated)
    again = import_("conll", tmp_path / "a.conll", tmp_path / "c")
    assert (again.losses, again.sets, again.spans) == ([], 1, 1)
    assert report(Store(tmp_path / "c"), jobs=1).problems == ()


def test_what_is_refused_in_the_same_words_is_told_five_times(tmp_path: Path) -> None:
    assert standoff("init", tmp_path / "c").returncode == 0
    (tmp_path / "a.conll").write_text("X\tB-NIX\n" * 7 + "Y\tB-NEE\n")
    done = standoff("import", "conll", tmp_path / "a.conll", "--root", tmp_path / "c")
    assert (done.stdout.count("'NIX': the scheme"), done.stdout.count("'NEE': the scheme")) == (5, 1)
    assert "and 2 more; see --json" in done.stdout


def test_what_is_lost_of_every_span_does_not_hide_the_rest(tmp_path: Path) -> None:
    assert standoff("init", tmp_path / "c").returncode == 0
    words = ["Anna", "Bob", "Carla", "Dirk", "Eva", "Frans", "Gerda"]
    (tmp_path / "a.conll").write_text("".join(f"{word}\tB-PERSON\n" for word in words))
    assert standoff("import", "conll", tmp_path / "a.conll", "--root", tmp_path / "c").returncode == 0
    (path,) = (tmp_path / "c" / "corpus" / "annotations").rglob("*.json")
    path.write_text(path.read_text().replace('"fragments"', '"by":{"annotator":"anna"},"fragments"'))
    done = standoff("export", "conll", tmp_path / "b.conll", "--root", tmp_path / "c")
    assert "lost by: 7" in done.stdout
    assert done.stdout.count("there is no place for who and when") == 5
    assert "and 2 more; see --json" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["conl", "a"], "no such format; known are brat"),
        (["brat", "a", "--tags", "IOB2"], "brat has no columns"),
        (["conll", "a", "--tags", "IOB3"], "IOB3"),
        (["conll", "a", "--columns", "token"], "name one column token and one tag"),
        (["conll", "a", "--delimiter", ","], "use tab, space, blanks"),
        (["conll", "a", "--set", "../x"], "lower-case letters"),
        (["conll", "a"], "there is nothing here"),
    ],
)
def test_wrong_usage(words: list[str], told: str, tmp_path: Path) -> None:
    done = standoff("import", *words, "--root", tmp_path / "c", cwd=tmp_path)
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr


def test_strict_in_an_old_corpus_writes_nothing_when_a_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("De\tO\nNV\tB-ORG\n")
    import_("conll", tmp_path / "a.conll", tmp_path / "c", strict=True)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.conll").write_text("De\tO\nNV\tB-ORG\n")
    (tmp_path / "in" / "0.conll").write_text("Een\tO\nNV\tB-ORG\n")
    with pytest.raises(Refused, match="'gold' already"):
        import_("conll", tmp_path / "in", tmp_path / "c", strict=True)
    assert [document.id for document in Store(tmp_path / "c").documents()] == ["a"]
