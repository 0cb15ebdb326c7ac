"""brat's files to corpora and back, the published ones too."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from command import standoff
from exchange.conftest import Imports
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.errors import StandoffError
from standoff.exchange.exporting import export
from standoff.exchange.importing import import_

ENTITIES = {"PER": 782, "FAC": 186, "GPE": 56, "LOC": 47, "VEH": 15, "ORG": 5}


def lines(file: Path) -> Counter[str]:
    return Counter(file.read_text(encoding="utf-8").rstrip("\n").split("\n"))


@pytest.mark.parametrize(("part", "counts"), [("entities", ENTITIES), ("events", {"EVENT": 634})])
def test_litbank_comes_back_annotation_by_annotation(
    part: str, counts: dict[str, int], imported: Imports, tmp_path: Path
) -> None:
    source, root, told = imported(f"litbank-{part}")
    assert (told.created, told.language, told.moved, told.labels) == (8, "en", 0, counts)
    assert told.changes == {"outer_white_space": 8}  # the newline at the end of each text
    dangling = [] if part == "entities" else ["events/11_alices_adventures_in_wonderland_brat.ann:92"]
    assert [loss.place for loss in told.losses] == dangling  # a note on T130, which is not there
    assert report(Store(root), jobs=1).problems == ()
    assert export("brat", tmp_path / "out", root, strict=True).losses == []
    files = sorted(source.glob("*.ann"))
    assert len(files) == 8
    for file in files:
        back = tmp_path / "out" / file.name
        assert lines(file) - lines(back) == Counter(
            ["#1\tAnnotatorNotes T130\tAdverb"] if dangling and "alice" in file.name else []
        )
        assert lines(back) - lines(file) == Counter()
        text = file.with_suffix(".txt").read_bytes()
        assert back.with_suffix(".txt").read_bytes() + b"\n" == text


def test_two_parts_of_one_corpus_are_two_sets(data: Path, tmp_path: Path) -> None:
    import_("brat", data / "litbank" / "entities", tmp_path / "c", set_name="entities")
    told = import_("brat", data / "litbank" / "events", tmp_path / "c", set_name="events")
    assert (told.created, told.unchanged, told.sets, told.spans) == (0, 8, 0, 0), (
        "no label is known, so no layer was annotated"
    )
    assert {loss.reason for loss in told.losses} == {"label", "target"}
    again = import_("brat", data / "litbank" / "entities", tmp_path / "c", set_name="entities")
    assert (again.sets, {loss.reason for loss in again.losses}) == (0, {"set-exists"})


def write(folder: Path, name: str, text: bytes, annotations: bytes | None) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_bytes(text)
    if annotations is not None:
        (folder / f"{name}.ann").write_bytes(annotations)
    return folder


def surfaces(root: Path, id_: str) -> list[str]:
    annotations = Store(root).set("gold", id_)
    return [] if annotations is None else [span.text for span in annotations.spans]


def test_texts_are_cleaned_and_offsets_move_along(tmp_path: Path) -> None:
    text = "\ufeff\r\n  Zij\u00a0 zag 😀 Rene\u0301 in\r\nGent.\r\n"
    place = text[1:].index("Rene")
    lines = f"T1\tPER {place} {place + 5}\tRene\u0301\r\nT2\tGPE {text[1:].index('Gent')} {text[1:].index('Gent') + 4}\tGent\r\n"
    told = import_("brat", write(tmp_path / "in", "a", text.encode(), lines.encode()), tmp_path / "c")
    assert (told.losses, told.moved) == ([], 2)
    assert surfaces(tmp_path / "c", "a") == ["René", "Gent"]
    assert report(Store(tmp_path / "c"), jobs=1).problems == ()


@pytest.mark.parametrize("counted", [0, 1])
def test_a_byte_order_mark_may_count_as_a_character(counted: int, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\ufeffJan en Jan zien Jan.", encoding="utf-8")
    starts = [place + counted for place in (0, 7, 16)]
    lines = [f"T{n}\tPER {start} {start + 3}\tJan\n" for n, start in enumerate(starts)]
    (tmp_path / "a.ann").write_text("".join(lines), encoding="utf-8")
    told = import_("brat", tmp_path / "a.txt", tmp_path / "c")
    assert (told.spans, told.moved, told.losses) == (3, 3 * counted, [])
    (annotations,) = Store(tmp_path / "c").sets("gold")
    assert [span.start for span in annotations.spans] == [0, 7, 16]


def test_offsets_that_are_a_little_off_are_moved_to_their_surface_or_refused(tmp_path: Path) -> None:
    text = "😀😀 Jan zag Piet en nog een Piet."
    lines = "T1\tPER 5 8\tJan\nT2\tPER 11 15\tPiet\nT3\tPER 30 400\tPiet\nT4\tPER 3 3\t\nR1\tKent Arg1:T1 Arg2:T2\nT1\tPER 19 22\tnog\n"
    told = import_("brat", write(tmp_path / "in", "a", text.encode(), lines.encode()), tmp_path / "c")
    assert [(loss.kind, loss.reason, loss.place) for loss in told.losses] == [
        ("repaired", "shifted", "in/a.ann:1"),
        ("refused", "offsets", "in/a.ann:3"),
        ("refused", "offsets", "in/a.ann:4"),
        ("repaired", "id", "in/a.ann:6"),
    ]
    annotations = Store(tmp_path / "c").set("gold", "a")
    assert annotations is not None
    assert [(span.text, span.id) for span in annotations.spans][:2] == [("Jan", "T1"), ("Piet", "T2")]
    assert [(r.id, r.head, r.tail) for r in annotations.relations] == [("R1", "T1", "T2")]
    assert report(Store(tmp_path / "c"), jobs=1).problems == ()


def test_a_surface_that_is_near_twice_is_refused_and_so_is_what_leads_to_it(tmp_path: Path) -> None:
    lines = b"T1\tPER 8 12\tPiet\nT2\tPER 0 3\tJan\nR1\tKent Arg1:T2 Arg2:T1\nA1\tOud T1\n"
    told = import_("brat", write(tmp_path / "in", "a", b"Jan zag Karl, Piet en Piet.", lines), tmp_path / "c")
    assert [(loss.kind, loss.reason, loss.place) for loss in told.losses] == [
        ("refused", "surface", "in/a.ann:1"),
        ("refused", "dangling", "in/a.ann:3"),
    ]
    assert told.spans == 1


def test_events_with_their_attributes_are_valid_and_come_back(tmp_path: Path) -> None:
    text = "Sony en Ericsson vormen een joint venture 😀. Sony groeit.\n"
    stated = (
        "T1\tOrg 0 4\tSony\nT2\tMerge 28 41\tjoint venture\nT3\tOrg 8 16\tEricsson\nT4\tOrg 45 49\tSony\nE1\tMerge:T2 Who:T1 Who2:T3\n"
        "R1\tSame Arg1:T4 Arg2:T1\n*\tEquiv T1 T4\nA1\tNegation E1\nN1\tReference T3 Wikidata:Q1\tEricsson\n#1\tAnnotatorNotes R1\tzeker\n"
    )
    told = import_("brat", write(tmp_path / "in", "a", text.encode(), stated.encode()), tmp_path / "c")
    assert (told.losses, told.renamed) == ([], {"Negation": "negation"})
    assert report(Store(tmp_path / "c"), jobs=1).problems == ()
    export("brat", tmp_path / "out", tmp_path / "c", strict=True)
    expected = Counter(stated.replace("Negation", "negation").rstrip("\n").split("\n"))
    assert lines(tmp_path / "out" / "a.ann") == expected


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("Dit was Italië, nog steeds.\n".encode("latin-1"), ["encoding"]),
        ("Café in Italië, één".encode()[:-1] + b"\xff\xfe", ["format"]),
        (b"", ["empty"]),
        (b"\n \n", ["empty"]),
    ],
)
def test_a_bad_text_is_told_and_the_others_are_read(text: bytes, reasons: list[str], tmp_path: Path) -> None:
    folder = write(tmp_path / "in", "bad", text, b"T1\tLOC 8 14\tItali\xc3\xab\n")
    write(folder, "good", b"Gent\n", b"T1\tLOC 0 4\tGent\n")
    write(folder, "plain", b"Brugge\n", None)
    (folder / "lone.ann").write_bytes(b"T1\tLOC 0 4\tGent\n")
    (folder / "annotation.conf").write_text("[entities]\n")
    told = import_("brat", folder, tmp_path / "c")
    assert [loss.reason for loss in told.losses] == [*reasons, "no-text"]
    assert surfaces(tmp_path / "c", "good") == ["Gent"]
    assert Store(tmp_path / "c").document("plain").text == "Brugge"
    assert [annotations.document for annotations in Store(tmp_path / "c").sets("gold")][-1] == "good"


def test_the_command(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", "[b]A", b"Gent\n", b"T1\tLOC 0 4\tGent\nX\n")
    done = standoff("import", "brat", folder / "[b]A.ann", "--root", tmp_path / "c", "--set", "jan")
    assert done.returncode == 1
    assert "refused [b]A.ann:2 (b-a): 'X' is no line of brat's" in done.stdout
    assert "repaired [b]A.txt (b-a): '[b]A' is called 'b-a' here" in done.stdout
    done = standoff("export", "brat", tmp_path / "out", "--root", tmp_path / "c", "--set", "jan")
    assert done.returncode == 0
    assert (tmp_path / "out" / "b-a.ann").read_text() == "T1\tLOC 0 4\tGent\n"
    done = standoff("export", "brat", tmp_path / "out", "--root", tmp_path / "c", "--set", "jan")
    assert (done.returncode, "there is something here already" in done.stderr) == (2, True)


def test_a_source_in_the_repository_is_named_from_there_and_normalize_misses_none(tmp_path: Path) -> None:
    root = tmp_path / "c"
    import_("brat", write(tmp_path / "in", "a", b"Gent\n", b"T1\tLOC 0 4\tGent\n"), root)
    (root / "sources").mkdir()
    write(root / "sources" / "more", "b", b"Brugge\n", b"T1\tLOC 0 6\tBrugge\n")
    import_("brat", root / "sources" / "more", root)
    assert [document.source.file for document in Store(root).documents()] == ["in/a.txt", "sources/more/b.txt"]
    done = standoff("normalize", "--root", root)
    assert done.returncode == 0, done.stderr
    assert not any(name in done.stdout for name in ("in/a.txt", "sources/more/b.txt"))


def test_packed_files_and_other_cases_are_pairs_too(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.TXT").write_bytes(b"Gent is groot.")
    (source / "a.ANN").write_bytes(b"T1\tLOC 0 4\tGent\n")
    (source / "b.txt.gz").write_bytes(gzip.compress(b"Brugge is klein."))
    (source / "b.ann.gz").write_bytes(gzip.compress(b"T1\tLOC 0 6\tBrugge\n"))
    told = import_("brat", source, tmp_path / "c")
    assert (told.losses, told.sets, told.spans) == ([], 2, 2)
    assert [one.source.file for one in Store(tmp_path / "c").documents()] == ["in/a.TXT", "in/b.txt.gz"]
    assert import_("brat", source / "b.txt.gz", tmp_path / "single").spans == 1


def test_two_files_for_one_are_not_chosen_from(tmp_path: Path) -> None:
    source = write(tmp_path / "in", "a", b"Gent\n", b"T1\tLOC 0 4\tGent\n")
    (source / "a.ann.gz").write_bytes(gzip.compress(b"T1\tPER 0 4\tGent\n"))
    write(source, "b", b"Brugge\n", b"T1\tLOC 0 6\tBrugge\n")
    told = import_("brat", source, tmp_path / "c")
    assert [(loss.kind, loss.reason, loss.place) for loss in told.losses] == [("refused", "twice", "in/a.ann")]
    assert told.created == 1


def test_a_file_that_is_no_part_of_a_pair(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n")
    with pytest.raises(StandoffError, match=r"ends in \.txt"):
        import_("brat", tmp_path / "a.csv", tmp_path / "c")


def test_annotations_in_another_encoding_are_told(tmp_path: Path) -> None:
    annotations = "T1\tLOC 0 4\tGent\n#1\tAnnotatorNotes T1\tDit was Italië, nog steeds.\n".encode("cp1252")
    told = import_("brat", write(tmp_path / "in", "a", b"Gent\n", annotations), tmp_path / "c")
    assert [(loss.reason, loss.place) for loss in told.losses] == [("encoding", "in/a.ann")]
