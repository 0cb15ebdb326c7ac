"""JSON formats to corpora and back: Prodigy, Label Studio, Doccano."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import standoff
from release.corpora import mayor, minister, write_corpus
from standoff.corpus.model import AnnotationSet
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.errors import StandoffError
from standoff.exchange.exporting import export
from standoff.exchange.importing import import_
from standoff.exchange.json_items import json_items
from standoff.formats.foreign import FormatError
from standoff.normalize.language import LEAST_CONFIDENCE


@pytest.fixture
def news(tmp_path: Path) -> Store:
    first, second = minister(), mayor()
    return write_corpus(tmp_path / "news", [first.document, second.document, first.set(), second.set()])


def meant(annotations: AnnotationSet | None) -> set[object]:
    assert annotations is not None
    spans = {
        span.id: (span.label, span.fragments, tuple(sorted(span.attributes.items()))) for span in annotations.spans
    }
    return {*spans.values(), *((r.label, spans[r.head], spans[r.tail]) for r in annotations.relations)}


@pytest.mark.parametrize("format_", ["prodigy", "labelstudio", "brat"])
def test_a_corpus_goes_out_and_comes_back(format_: str, news: Store, tmp_path: Path) -> None:
    told = export(format_, tmp_path / "out", news.root, strict=True)
    assert (told.documents, told.losses) == (2, [])
    back = import_(format_, tmp_path / "out", tmp_path / "again", scheme=news.folder / "scheme.toml", strict=True)
    assert (back.created, back.losses) == (2, [])
    again = Store(tmp_path / "again")
    assert [d.text for d in again.documents()] == [d.text for d in news.documents()]
    for name in ("mayor", "minister"):
        assert meant(again.set("gold", name)) == meant(news.set("gold", name))
    assert report(again, jobs=1).problems == ()


@pytest.mark.parametrize("format_", ["prodigy", "labelstudio", "brat", "doccano"])
def test_an_inferred_scheme_holds_all_of_it(format_: str, news: Store, tmp_path: Path) -> None:
    export(format_, tmp_path / "out", news.root)
    back = import_(format_, tmp_path / "out", tmp_path / "again")
    assert (back.created, back.losses, back.language) == (2, [], "nl")
    assert report(Store(tmp_path / "again"), jobs=1).problems == ()


def test_doccano_gives_back_what_the_page_shows(news: Store, tmp_path: Path) -> None:
    told = export("doccano", tmp_path / "out.jsonl", news.root)
    assert {loss.reason for loss in told.losses} == {"attributes"}  # those that are local
    import_("doccano", tmp_path / "out.jsonl", news.root, set_name="back", strict=True)
    assert report(news, jobs=1).problems == ()
    local = {"entity", "kb_id", "event"}

    def shown(annotations: AnnotationSet | None) -> set[object]:
        assert annotations is not None
        return {
            (s.label, s.fragments, tuple(sorted((k, v) for k, v in s.attributes.items() if k not in local)))
            for s in annotations.spans
        }

    assert shown(news.set("back", "minister")) == shown(news.set("gold", "minister"))


def test_one_text_of_several_annotators_is_one_document_with_several_sets(tmp_path: Path) -> None:
    tasks = [
        {"text": "Jan 😀 in Gent", "spans": [{"start": 0, "end": 3, "label": "PER"}], "_annotator_id": "Jan B.", "answer": "accept"},
        {"text": "Jan 😀 in Gent", "spans": [{"start": 9, "end": 13, "label": "LOC"}], "_annotator_id": "piet"},
        {"text": "Jan 😀 in Gent", "spans": [], "_annotator_id": "piet"},
        {"text": "Nee", "answer": "reject"},
    ]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\ufeff" + "".join(json.dumps(task) + "\r\n" for task in tasks) + '{"text": "cut')
    told = import_("prodigy", tmp_path / "a.jsonl", tmp_path / "c")
    assert (told.created, told.unchanged, told.sets) == (2, 2, 2)
    assert [(loss.place, loss.reason) for loss in told.losses] == [
        ("a.jsonl:1", "annotator"),
        ("a.jsonl:3", "set-exists"),
        ("a.jsonl:4", "answer"),
        ("a.jsonl:5", "json"),
    ]
    store = Store(tmp_path / "c")
    assert store.annotators() == ("jan-b", "piet")
    assert [annotations.confirmed != () for annotations in store.sets("jan-b")] == [True]
    assert report(store, jobs=1).problems == ()


def test_surfaces_say_when_offsets_are_counted_otherwise(tmp_path: Path) -> None:
    text = "😀😀 René in Gent"
    value = {"start": 5, "end": 9, "text": "René", "labels": ["PER"]}
    other = {"start": 13, "end": 17, "text": "Gent", "labels": ["LOC"]}
    result = [{"id": "a", "type": "labels", "value": value}, {"id": "b", "type": "labels", "value": other}]
    (tmp_path / "a.json").write_text(json.dumps([{"data": {"text": text}, "annotations": [{"result": result}]}]))
    told = import_("labelstudio", tmp_path / "a.json", tmp_path / "c")
    assert [(loss.kind, loss.reason) for loss in told.losses] == [("repaired", "unit")]
    (annotations,) = Store(tmp_path / "c").sets("gold")
    assert [(span.start, span.text) for span in annotations.spans] == [(3, "René"), (11, "Gent")]


def test_predictions_are_sets_of_their_models(tmp_path: Path) -> None:
    result = [{"id": "a", "type": "labels", "value": {"start": 0, "end": 3, "labels": ["PER"]}}]
    task = {
        "data": {"text": "Jan"},
        "annotations": [{"result": result}],
        "predictions": [{"model_version": "M 1", "result": result}],
    }
    (tmp_path / "a.json").write_text(json.dumps([task, {"data": {}}]))
    told = import_("labelstudio", tmp_path / "a.json", tmp_path / "c", set_name="jan")
    assert [(loss.place, loss.reason) for loss in told.losses] == [
        ("a.json#/0/predictions/0", "annotator"),
        ("a.json#/1", "json"),
    ]
    store = Store(tmp_path / "c")
    assert [(name, next(store.sets(name)).kind) for name in store.annotators()] == [("jan", "human"), ("m-1", "model")]


def test_a_name_that_can_be_no_folder_gives_no_other_persons_set(tmp_path: Path) -> None:
    names = ["Zoë", "Zoé", "zo", "Zo", "日本", "zo@example.org", "zo-candidates", "a.", "gold"]
    called = ["zo-c6a126", "zo-d92562", "zo", "zo", "annotator-cf2abf", "zo", "zo-candidates-set", "a.", "gold"]
    tasks = [{"text": f"Tekst {n}.", "spans": [], "_annotator_id": name} for n, name in enumerate(names)]
    (tmp_path / "a.jsonl").write_text(
        "".join(json.dumps(task) + "\n" for task in [*tasks, {**tasks[0], "text": "Nog een."}])
    )
    told = import_("prodigy", tmp_path / "a.jsonl", tmp_path / "c")
    expected = [(a, b) for a, b in zip(names, called, strict=True) if a != b]
    assert [loss.message for loss in told.losses] == [f"{a!r} is called {b!r} here" for a, b in expected]
    assert Store(tmp_path / "c").annotators() == tuple(sorted(set(called)))


def test_a_time_that_is_none_is_told_and_the_set_is_valid(tmp_path: Path) -> None:
    tasks = [
        {"data": {"text": f"Tekst {at}."}, "annotations": [{"result": [], "updated_at": at}]}
        for at in ("2024-02-30T10:00:00Z", "2024-02-28T10:00:00Z", "gisteren")
    ]
    (tmp_path / "a.json").write_text(json.dumps(tasks))
    told = import_("labelstudio", tmp_path / "a.json", tmp_path / "c")
    assert [(loss.kind, loss.reason, loss.place) for loss in told.losses] == [
        ("lost", "by", "a.json#/0/annotations/0"),
        ("lost", "by", "a.json#/2/annotations/0"),
    ]
    store = Store(tmp_path / "c")
    assert report(store, jobs=1).problems == ()
    assert sorted(one.confirmed[0].at or "" for one in store.sets("gold")) == ["", "", "2024-02-28T10:00:00Z"]


def test_a_truncated_array_gives_what_was_whole(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"data": {"text": "Jan"}}, {"data": {"te')
    told = import_("labelstudio", tmp_path / "a.json", tmp_path / "c")
    assert (told.created, [loss.reason for loss in told.losses]) == (1, ["format"])
    assert "cut off" in told.losses[0].message


@given(st.lists(st.dictionaries(st.text(), st.integers() | st.text()), max_size=5), st.integers(1, 7), st.booleans())
def test_values_come_one_at_a_time_whatever_the_pieces(values: list[object], size: int, lines: bool) -> None:
    raw = (
        "\n".join(map(json.dumps, values)).encode()
        if lines
        else json.dumps(values, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    )
    pieces = [raw[start : start + size] for start in range(0, len(raw), size)]
    assert list(json_items(pieces)) == json.loads(json.dumps(values) if lines else raw)


def test_a_gigantic_array_is_never_in_memory() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"["
        for _ in range(50):
            yield b'{"a": "' + b"x" * 100_000 + b'"},'
        yield b"]"

    assert sum(len(value["a"]) for value in json_items(pieces())) == 5_000_000


@pytest.mark.parametrize(
    "raw", [b"\xff", b"[1, nope", b'{"a"', b"[" * 100_000, b'[{"a": ' + b"[" * 100_000, b'[{"a": 1}, ', b'[{"a": 1}]]']
)
def test_what_is_no_json(raw: bytes) -> None:
    with pytest.raises(FormatError):
        list(json_items([raw]))


def test_a_model_that_is_called_gold_does_not_write_gold(tmp_path: Path) -> None:
    value = {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}
    result = [{"id": "a", "type": "labels", "from_name": "label", "to_name": "text", "value": value}]
    task = {"data": {"text": "Anna woont in Gent."}, "predictions": [{"model_version": "gold", "result": result}]}
    (tmp_path / "tasks.json").write_text(json.dumps([task]))
    told = import_("labelstudio", tmp_path / "tasks.json", tmp_path / "c")
    assert Store(tmp_path / "c").annotators() == ("gold-model",)
    assert [(loss.kind, loss.reason) for loss in told.losses] == [("repaired", "annotator")]


def test_an_empty_folder_that_somebody_stands_in_becomes_a_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("Gent is groot.")
    (tmp_path / "a.ann").write_text("T1\tLOC 0 4\tGent\n")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    told = import_("brat", tmp_path / "a.txt", Path())
    assert (told.created, told.sets) == (1, 1)
    assert Store(here).annotators() == ("gold",)
    assert not [path for path in here.iterdir() if path.name.startswith(".here")]


def test_names_that_a_given_scheme_knows_are_not_said_to_be_changed(news: Store, tmp_path: Path) -> None:
    export("prodigy", tmp_path / "gold.jsonl", news.root)
    scheme = news.folder / "scheme.toml"
    told = import_("prodigy", tmp_path / "gold.jsonl", tmp_path / "given", scheme=scheme)
    assert told.renamed == {}
    told = import_("prodigy", tmp_path / "gold.jsonl", tmp_path / "inferred")
    assert told.renamed == {"type": "type_"}


def test_a_curators_decisions_hold_for_what_is_imported(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("a", "b"):
        (source / f"{name}.txt").write_text(f"Gent is groot, zegt {name}.")
        (source / f"{name}.ann").write_text("T1\tLOC 0 4\tGent\n")
    store = write_corpus(tmp_path / "c", [mayor().document])
    (store.folder / "overrides.toml").write_text(
        '[a]\nexclude = true\nreason = "Its publisher wants it removed."\n'
        '[b]\nlicense = "CC0-1.0"\ntitle = "Een titel"\ndate = "2025-06"\ngroup = "gent"\nlanguage = "fy"\n'
        'publisher = "De Bode"\nurl = "https://bode.example/b"\nreason = "Its page says so."\n'
    )
    told = import_("brat", source, store.root, license_="CC-BY-4.0")
    assert [loss.document for loss in told.losses if loss.reason == "excluded"] == ["a"]
    made = store.document("b")
    assert not store.has_document("a")
    assert (made.title, made.date, made.group, made.language) == ("Een titel", "2025-06", "gent", "fy")
    assert (made.source.publisher, made.source.url, made.source.license) == (
        "De Bode",
        "https://bode.example/b",
        "CC0-1.0",
    )


def test_nothing_to_import_is_an_error_in_a_corpus_too(news: Store, tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("Gent is groot.")
    with pytest.raises(StandoffError, match=r"no file there ends in \.spacy"):
        import_("spacy", tmp_path / "texts", news.root)
    (tmp_path / "texts" / "a.jsonl").touch()
    for source in (tmp_path / "texts", tmp_path / "texts" / "a.jsonl"):
        with pytest.raises(StandoffError, match="there is nothing in it"):
            import_("prodigy", source, news.root)


def test_what_only_a_twin_says_is_told(tmp_path: Path) -> None:
    span = {"start": 0, "end": 5, "label": "PER"}
    task = {"text": "Carla woont in Gent.", "spans": [{**span, "note": "een"}, {**span, "note": "twee", "score": 0.3}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(task))
    (loss,) = import_("prodigy", tmp_path / "a.jsonl", tmp_path / "c").losses
    assert loss.reason == "twin"
    assert loss.message.endswith("without the other's note twee, score 0.3")


def test_a_language_that_is_a_weak_guess_is_told(news: Store, tmp_path: Path) -> None:
    for name, text in (
        ("a", "Bob x"),
        ("b", "De minister zei gisteren dat het kabinet niet zal aftreden voor de zomer."),
    ):
        (tmp_path / f"{name}.jsonl").write_text(json.dumps({"text": text, "spans": []}))
    weak, sure = (import_("prodigy", tmp_path / f"{name}.jsonl", tmp_path / name) for name in "ab")
    assert weak.confidence is not None
    assert sure.confidence is not None
    assert weak.confidence < LEAST_CONFIDENCE < sure.confidence
    assert sure.language == "nl"
    done = standoff("import", "prodigy", tmp_path / "a.jsonl", "--root", tmp_path / "c")
    assert "is a weak guess" in done.stderr
    config = news.folder / "corpus.toml"
    config.write_text(re.sub(r"languages = \[.*\]", 'languages = ["nl", "de", "fy"]', config.read_text()))
    assert len(import_("prodigy", tmp_path / "a.jsonl", news.root).weak) == 1
    assert import_("prodigy", tmp_path / "b.jsonl", news.root).weak == []
