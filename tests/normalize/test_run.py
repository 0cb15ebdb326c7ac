"""`standoff normalize` on real files: what comes out, what is rejected and why, and that nothing is touched otherwise."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
import zstandard

from command import standoff
from standoff.corpus import processes
from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet
from standoff.corpus.store import Store
from standoff.errors import EnvironmentFault
from standoff.normalize import outcomes, readers
from standoff.normalize.records import Raw, Rejected
from standoff.normalize.run import Report, run


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    root = tmp_path / "corpus-repository"
    assert standoff("init", root).returncode == 0
    return root


def put(root: Path, name: str, content: str | bytes) -> Path:
    path = root / "seeds" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def reasons(report: Report) -> dict[str, str]:
    return {f"{Path(r.source).name}:{r.line}" if r.line else Path(r.source).name: r.reason for r in report.rejected}


def snapshot(root: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file() and ".standoff" not in p.parts
    }


def test_the_seed_article(repository: Path, corpus: Path) -> None:
    for seed in (repository / "seeds").glob("*.txt"):
        shutil.copy(seed, corpus / "seeds")
    report = run(Store(corpus))
    assert (report.created, report.rejected) == (1, [])
    document = Store(corpus).document("000_31863ef30e6d4108")
    assert document.date == "2025-06"
    assert document.text.startswith("Hooggeplaatste functionarissen")
    assert [document.text[s.start : s.end] for s in document.sections if s.kind == "heading"] == ["Akkoord van Genève"]
    assert len(document.sentences) == 15


def test_the_committed_document_is_what_the_seed_gives(repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository / "seeds", tmp_path / "seeds")
    shutil.copytree(repository / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("documents"))
    run(Store(tmp_path))
    assert snapshot(tmp_path / "corpus" / "documents") == snapshot(repository / "corpus" / "documents")


def test_run_twice_changes_nothing(corpus: Path) -> None:
    put(corpus, "a.txt", "Een tekst.\r\n\r\nMet twee\u00a0alinea's.")
    assert run(Store(corpus)).created == 1
    before = snapshot(corpus)
    times = {p: p.stat().st_mtime_ns for p in (corpus / "corpus" / "documents").iterdir()}
    report = run(Store(corpus))
    assert (report.created, report.updated, report.unchanged) == (0, 0, 1)
    assert snapshot(corpus) == before
    assert {p: p.stat().st_mtime_ns for p in (corpus / "corpus" / "documents").iterdir()} == times


def test_kinds_of_sources(corpus: Path) -> None:
    put(corpus, "tekst.txt", "Gewone tekst van een krant.")
    put(
        corpus,
        "mark.md",
        "---\ndate: 2024-03-01\npublisher: De Krant\n---\n# De *titel*\n\nEen [link](http://x.example) erin.\n",
    )
    put(
        corpus,
        "pagina.html",
        "<html><head><title>Kop</title></head><body><article><p>"
        + "De minister sprak vandaag lang. " * 20
        + "</p></article></body></html>",
    )
    put(corpus, "veel.jsonl", '{"id":"j1","text":"Eerste stuk."}\n\n{"text":"Tweede stuk.","date":"2020"}\n')
    put(corpus, "ingepakt.txt.gz", gzip.compress(b"Ingepakte tekst."))
    put(corpus, "klein.txt.zst", zstandard.compress(b"Samengeperste tekst."))
    report = run(Store(corpus))
    assert report.rejected == []
    documents = {document.id: document for document in Store(corpus).documents()}
    assert {"tekst", "mark", "pagina", "j1", "ingepakt", "klein"} < documents.keys()
    assert len(documents) == 7
    assert documents["mark"].text == "De titel\n\nEen link erin."
    assert (documents["mark"].title, documents["mark"].date, documents["mark"].source.publisher) == (
        "De titel",
        "2024-03-01",
        "De Krant",
    )
    assert documents["mark"].sections[0].kind == "title"


def test_what_is_rejected_and_why(corpus: Path) -> None:
    put(corpus, "leeg.txt", "")
    put(corpus, "wit.txt", " \n\t\u00a0\n")
    put(corpus, "kapot.txt", b"abc\xff\xfe\x80\x81\x00\x01\x02" * 50)
    put(corpus, "plaatje.jpg", b"\xff\xd8\xff")
    put(corpus, "kaal.html", "<html><body></body></html>")
    put(corpus, "afgebroken.txt.gz", gzip.compress(b"tekst" * 1000)[:-20])
    put(corpus, "afgebroken2.txt.zst", zstandard.compress(os.urandom(5000))[:-20])
    put(corpus, "Ö.txt", "Geen geldige naam.")
    put(corpus, "a.txt", "Dezelfde tekst.")
    put(corpus, "b.txt", "Dezelfde\u00a0tekst.")
    put(
        corpus,
        "lijnen.jsonl",
        '{"id":"x","text":"Goed."}\n{"id":"x","text":"Ander."}\n{"id":"y\\n","text":"Iets."}\n{"id":"../../z","text":"Iets."}\n{"text":"afgeb\n[1]\n{"id":"q"}\n{"id":"r","text":7}\n{"id":"s","text":"Ook goed."}\n',
    )
    report = run(Store(corpus))
    assert reasons(report) == {
        "leeg.txt": "empty",
        "wit.txt": "empty",
        "kapot.txt": "undecodable",
        "plaatje.jpg": "unknown-kind",
        "kaal.html": "no-main-text",
        "afgebroken.txt.gz": "damaged",
        "afgebroken2.txt.zst": "damaged",
        "Ö.txt": "bad-id",
        "b.txt": "duplicate-text",
        "lijnen.jsonl:2": "duplicate-id",
        "lijnen.jsonl:3": "bad-id",
        "lijnen.jsonl:4": "bad-id",
        "lijnen.jsonl:5": "bad-json",
        "lijnen.jsonl:6": "bad-json",
        "lijnen.jsonl:7": "no-text",
        "lijnen.jsonl:8": "bad-field",
    }
    assert {document.id for document in Store(corpus).documents()} == {"a", "x", "s"}
    lines = (corpus / ".standoff" / "rejects.jsonl").read_text().splitlines()
    assert [json.loads(line)["reason"] for line in lines] == [rejected.reason for rejected in report.rejected]
    assert next(r for r in report.rejected if r.reason == "duplicate-text").detail == "the same text as 'a'"


def test_rejects_are_written_whole_each_run(corpus: Path) -> None:
    path = put(corpus, "leeg.txt", "")
    run(Store(corpus))
    path.unlink()
    put(corpus, "a.txt", "Tekst.")
    run(Store(corpus))
    assert (corpus / ".standoff" / "rejects.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32", "utf-32-le"),
    ],
)
def test_encodings_that_are_certain(corpus: Path, encoding: str, named: str) -> None:
    text = "Coördinatie in één café: “reëel” – zei zij."
    put(corpus, "a.txt", text.encode(encoding))
    report = run(Store(corpus))
    assert report.encodings == {named: 1}
    assert Store(corpus).document("a").text == text


def test_a_detected_encoding_is_reported(corpus: Path) -> None:
    text = "De coördinatie van de financiële situatie in België is volgens één woordvoerder heel reëel. " * 5
    put(corpus, "a.txt", text.encode("cp1252"))
    report = run(Store(corpus))
    assert report.rejected == []
    assert Store(corpus).document("a").text == text.strip()
    assert report.encodings == {"cp1252": 1}
    assert any("save the source as UTF-8" in notice.message for notice in report.warnings)


def test_sources_outside_the_repository_are_refused(corpus: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.txt"
    outside.write_text("Geheim.")
    (corpus / "seeds" / "link.txt").symlink_to(outside)
    report = run(Store(corpus))
    assert reasons(report) == {"link.txt": "outside"}
    report = run(Store(corpus), [str(corpus / ".." / "secret.txt")])
    assert reasons(report) == {"secret.txt": "outside"}
    assert list((corpus / "corpus").glob("documents/*")) == []


def test_a_gigantic_line_is_rejected_without_being_held(corpus: Path) -> None:
    with (corpus / "seeds" / "groot.txt").open("wb") as file:
        for _ in range(200):
            file.write(b"a" * (1 << 20))
    with zstandard.open(corpus / "seeds" / "lijnen.jsonl.zst", "wb") as file:
        file.write(b'{"text":"')
        for _ in range(600):
            file.write(b"a" * (1 << 20))
        file.write(b'"}\n{"id":"na","text":"Erna."}\n')
    put(corpus, "bom.txt.zst", zstandard.compress(b"\0" * (300 << 20)))
    # Not ru_maxrss: it starts from the peak of the process that forked this one.
    script = (
        "import sys; from standoff.cli import main\ntry: main()\n"
        "finally: print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "normalize", "--root", str(corpus), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert [r["reason"] for r in report["rejected"]] == ["too-large", "too-large", "too-large"]
    assert report["created"] == 1
    assert int(done.stderr.split()[-1]) < 400_000  # kB; a text may be 100 MB


def test_a_text_under_annotations_never_changes(corpus: Path) -> None:
    path = put(corpus, "a.txt", "Eerste tekst.")
    store = Store(corpus)
    run(store)
    text = store.document("a").text
    annotations = AnnotationSet(
        document="a",
        text_sha256=sha256(text),
        annotator="gold",
        kind="human",
        scheme="news-nl/1",
        layers=(),
        spans=(),
        relations=(),
    )
    with store.lock():
        store.write([annotations])
    before = snapshot(corpus / "corpus")
    path.write_text("Andere tekst.")
    report = run(Store(corpus))
    assert reasons(report) == {"a.txt": "annotated"}
    assert snapshot(corpus / "corpus") == before
    path.write_text("date 2024-01 Eerste tekst.")
    report = run(Store(corpus))
    assert (report.updated, report.rejected) == (1, [])
    assert Store(corpus).document("a").date == "2024-01"


def test_overrides(corpus: Path) -> None:
    put(corpus, "a.txt", "date 2024-01 Eerste tekst.")
    put(corpus, "b.txt", "Tweede tekst.")
    (corpus / "corpus" / "overrides.toml").write_text(
        '[a]\ndate = "2024-01-05"\nlicense = "CC0-1.0"\nreason = "r"\n[b]\nexclude = true\nreason = "dubbel"\n[weg]\ntitle = "x"\nreason = "r"\n'
    )
    report = run(Store(corpus))
    assert reasons(report) == {"b.txt": "excluded"}
    document = Store(corpus).document("a")
    assert (document.date, document.source.license) == ("2024-01-05", "CC0-1.0")
    assert [notice.id for notice in report.warnings] == ["weg"]
    (corpus / "corpus" / "overrides.toml").write_text('[a]\ndate = "2024-01"\nreason = "r"\n')
    assert any("take it out" in notice.message for notice in run(Store(corpus)).warnings)
    (corpus / "corpus" / "overrides.toml").write_text('[a]\ndate = "2024-01"\n')
    done = standoff("normalize", "--root", corpus)
    assert done.returncode == 2
    assert """overrides.toml: ["a"]: Object missing required field `reason`""" in done.stderr


def test_an_excluded_text_that_comes_under_another_name_is_told_once(corpus: Path) -> None:
    put(corpus, "b.txt", "Weg ermee.\n")
    (corpus / "corpus" / "overrides.toml").write_text('[b]\nexclude = true\nreason = "taken down"\n')
    assert run(Store(corpus)).warnings == []
    put(corpus, "a-copy.txt", " Weg  ermee. ".replace("  ", " "))
    report = run(Store(corpus))
    ((id_, message),) = [(notice.id, notice.message) for notice in report.warnings]
    assert (report.created, id_) == (1, "a-copy")
    assert "the same text as 'b', which is excluded (taken down)" in message
    assert run(Store(corpus)).warnings == []


def test_the_result_does_not_depend_on_the_number_of_processes(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "PATIENCE", 0)  # so that processes are started at once
    lines = [json.dumps({"id": f"d{i:04}", "text": f"Tekst nummer {i % 900}.\n\nNog een alinea."}) for i in range(1200)]
    put(corpus, "veel.jsonl", "\n".join(lines))
    one = run(Store(corpus), jobs=1)
    before = snapshot(corpus)
    shutil.rmtree(corpus / "corpus" / "documents")
    two = run(Store(corpus), jobs=2)
    assert one == two
    assert snapshot(corpus) == before
    assert len(one.rejected) == 300


def test_a_process_that_is_killed_is_told(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "PATIENCE", 0)
    monkeypatch.setattr(outcomes, "_BATCH", 10)
    batches = processes.batches

    def killing(*given: Any) -> Iterator[list[Raw | Rejected]]:
        for batch in batches(*given):
            yield batch
            for process in active_children():
                process.kill()

    monkeypatch.setattr(outcomes, "batches", killing)
    put(corpus, "veel.jsonl", "\n".join(json.dumps({"id": f"d{i}", "text": f"Tekst {i}."}) for i in range(100)))
    with pytest.raises(EnvironmentFault, match="--jobs 1"):
        run(Store(corpus), jobs=2)


def test_paths_that_name_nothing_are_a_usage_error(corpus: Path) -> None:
    assert standoff("normalize", "nergens.txt", "--root", corpus).returncode == 2


def test_a_read_only_folder_is_told(corpus: Path) -> None:
    put(corpus, "a.txt", "Tekst.")
    for path in (corpus, *corpus.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    # Root may write anywhere, unless it gives up that right.
    words = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*words, sys.executable, "-m", "standoff", "normalize", "--root", str(corpus)],
        capture_output=True,
        text=True,
        check=False,
    )
    for path in (corpus, *corpus.rglob("*")):
        path.chmod(0o755)
    assert done.returncode == 3, done.stderr
    assert "you may not read or write here" in done.stderr


def test_a_full_disk_is_told_and_nothing_is_half_written(corpus: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], capture_output=True, check=False
    ).returncode:
        pytest.skip("can't mount a small file system")
    try:
        shutil.copytree(corpus, small, dirs_exist_ok=True)
        with (small / "seeds" / "a.jsonl").open("w") as file:
            for i in range(40):
                file.write(json.dumps({"id": f"d{i}", "text": f"{i} " + "woord " * 2000}) + "\n")
        done = standoff("normalize", "--root", small)
        assert done.returncode == 3, done.stderr
        assert "the disk is full" in done.stderr
        assert [p for p in (small / "corpus").rglob("*") if p.name.endswith(".tmp")] == []
        for path in (small / "corpus" / "documents").glob("*.json"):
            json.loads(path.read_bytes())
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_field_names_are_configurable(corpus: Path) -> None:
    path = corpus / "corpus" / "corpus.toml"
    path.write_text(path.read_text() + '\n[normalize]\nfields = { text = "body", id = "key" }\n')
    put(corpus, "a.jsonl", '{"key":"k1","body":"Hallo daar."}\n')
    run(Store(corpus))
    assert Store(corpus).document("k1").text == "Hallo daar."


def test_limits_are_what_the_messages_say() -> None:
    assert readers.LARGEST == 100 << 20


def test_overrides_of_what_was_not_looked_at_are_not_told(corpus: Path) -> None:
    path = put(corpus, "a.txt", "Tekst.")
    put(corpus, "b.txt", "Nog een tekst.")
    (corpus / "corpus" / "overrides.toml").write_text('["b"]\ntitle = "Kop"\nreason = "Zo heet het."\n')
    assert run(Store(corpus), [str(path)]).warnings == []
    (corpus / "seeds" / "b.txt").unlink()
    (warning,) = run(Store(corpus)).warnings
    assert (warning.id, warning.message) == ("b", "there is no such document any more; take this override out")
