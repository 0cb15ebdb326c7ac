"""An export writes all or nothing, tells what it leaves out, and never writes over anything."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from command import standoff
from release.corpora import mayor, minister, write_corpus
from standoff.corpus.model import Fragment, Relation, Span
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.exchange.exporting import WRITERS, export
from standoff.exchange.importing import Refused, import_


def test_strict_writes_nothing(tmp_path: Path) -> None:
    draft = minister()
    root = write_corpus(tmp_path / "c", [draft.document, draft.set()]).root
    with pytest.raises(Refused, match="nothing was written"):
        export("conll", tmp_path / "out" / "gold.conll", root, strict=True)
    assert list((tmp_path / "out").iterdir()) == []
    done = standoff("export", "conll", tmp_path / "gold.conll", "--root", root)
    assert done.returncode == 0
    assert "lost relation: 4" in done.stdout
    assert "the format has no place for: date 1" in done.stdout
    with pytest.raises(UsageError, match="something here already"):
        export("conll", tmp_path / "gold.conll", root)


@pytest.mark.parametrize("format_", ["brat", "conll", "doccano", "labelstudio", "prodigy"])
@pytest.mark.parametrize("fault", ["text", "surface", "end", "twin"])
def test_a_set_that_is_not_sound_is_refused_and_the_others_are_written(
    format_: str, fault: str, tmp_path: Path
) -> None:
    draft, other = minister(), mayor()
    good = draft.set()
    first = good.spans[0]
    changes: dict[str, dict[str, Any]] = {
        "text": {"text_sha256": "0" * 64},
        "surface": {"spans": (Span(id="x", label="GPE", fragments=(Fragment(start=0, end=900, text="Gent"),)),), "relations": ()},
        "end": {"relations": (Relation(id="r", label="cue", head=first.id, tail="nobody"),)},
        "twin": {"spans": (first, first), "relations": ()},
    }  # fmt: skip
    bad = msgspec.structs.replace(good, **changes[fault])
    root = write_corpus(tmp_path / "c", [draft.document, other.document, bad, other.set()]).root
    told = export(format_, tmp_path / "out", root)
    assert [(loss.document, loss.reason) for loss in told.losses if loss.kind == "refused"] == [("minister", "unsound")]
    assert told.documents == 1
    assert format_ in WRITERS


def test_a_set_without_its_document_is_refused_and_told(tmp_path: Path) -> None:
    draft = minister()
    orphans = [msgspec.structs.replace(draft.set(), document=name) for name in ("a", "z")]
    root = write_corpus(tmp_path / "c", [draft.document, draft.set(), *orphans]).root
    told = export("brat", tmp_path / "out", root)
    assert [(loss.kind, loss.document) for loss in told.losses if loss.reason == "unsound"] == [
        ("refused", "a"),
        ("refused", "z"),
    ]
    assert told.documents == 1
    with pytest.raises(Refused, match="no such document"):
        export("prodigy", tmp_path / "strict.jsonl", root, strict=True)


def test_the_page_has_no_label_that_the_scheme_lacks(tmp_path: Path) -> None:
    draft = mayor()
    draft.span("NIX", "brug")
    root = write_corpus(tmp_path / "c", [draft.document, draft.set()]).root
    told = export("doccano", tmp_path / "out.jsonl", root)
    assert [loss.place for loss in told.losses if loss.reason == "label"] == ["s2"]


@pytest.mark.parametrize("format_", WRITERS)
def test_no_document_is_no_file(tmp_path: Path, format_: str) -> None:
    draft = mayor()
    bad = msgspec.structs.replace(draft.set(), text_sha256="0" * 64)
    root = write_corpus(tmp_path / "c", [draft.document, bad]).root
    with pytest.raises(StandoffError, match="no document that can be exported"):
        export(format_, tmp_path / "out", root)
    assert not (tmp_path / "out").exists()


def test_another_text_under_an_id_that_is_there_is_refused(tmp_path: Path) -> None:
    for name, text in (("one", "Gent is groot.\n"), ("two", "Brugge is klein.\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(text)
        (tmp_path / name / "a.ann").write_text("T1\tLOC 0 4\t" + text[:4] + "\n")
    import_("brat", tmp_path / "one", tmp_path / "c")
    told = import_("brat", tmp_path / "two", tmp_path / "c", set_name="two")
    assert [(loss.kind, loss.reason) for loss in told.losses] == [("refused", "duplicate-id")]
    assert [document.text for document in Store(tmp_path / "c").documents()] == ["Gent is groot."]
    assert list(Store(tmp_path / "c").sets("two")) == []


def test_what_an_import_cannot_know_again_is_counted(tmp_path: Path) -> None:
    draft = mayor()
    draft.spans = [span for span in draft.spans if span.label == "PERSON"]
    draft.relations = []
    root = write_corpus(
        tmp_path / "c", [draft.document, draft.set("model", kind="model"), draft.set("anna", kind="human")]
    ).root
    told = export("labelstudio", tmp_path / "a.json", root, set_name="model").left_out
    assert (told.get("kind"), told["layers without spans"], told["language"]) == (None, 1, 1)
    assert export("brat", tmp_path / "b", root, set_name="model").left_out["kind"] == 1
    assert "kind" not in export("brat", tmp_path / "c-brat", root, set_name="anna").left_out
    assert export("labelstudio", tmp_path / "b.json", root, set_name="anna").left_out["that it is a draft"] == 1
    assert import_("labelstudio", tmp_path / "b.json", tmp_path / "again").sets == 1
    again = Store(tmp_path / "again").set("gold", draft.document.id)
    assert again is not None
    assert again.confirmed  # as whatever was submitted there


def test_what_the_scheme_does_not_know_is_written_so_that_it_can_be_read(tmp_path: Path) -> None:
    draft = mayor()
    draft.span("NOPE", "brug", nope="x")
    root = write_corpus(tmp_path / "c", [draft.document, draft.set()]).root
    for format_ in ("xmi", "hf"):
        told = export(format_, tmp_path / format_, root)
        assert told.documents == 1
        back = import_("cas" if format_ == "xmi" else format_, tmp_path / format_, tmp_path / f"{format_}-corpus")
        assert (back.labels["NOPE"], [loss for loss in back.losses if loss.kind == "refused"]) == (1, [])


def test_a_link_that_leads_nowhere_is_not_replaced(tmp_path: Path) -> None:
    draft = mayor()
    root = write_corpus(tmp_path / "c", [draft.document, draft.set()]).root
    (tmp_path / "gold.jsonl").symlink_to(tmp_path / "unmounted" / "gold.jsonl")
    with pytest.raises(UsageError, match="something here already"):
        export("prodigy", tmp_path / "gold.jsonl", root)
    assert (tmp_path / "gold.jsonl").is_symlink()


def test_what_a_curator_excludes_is_exported_and_shown_to_a_model_no_more(tmp_path: Path) -> None:
    drafts = minister(), mayor()
    store = write_corpus(tmp_path / "c", [part for draft in drafts for part in (draft.document, draft.set())])
    (store.folder / "overrides.toml").write_text('[minister]\nexclude = true\nreason = "Its publisher asked for it."\n')
    done = standoff("export", "brat", tmp_path / "out", "--root", store.root)
    assert done.returncode == 0
    assert "left out 1 document that corpus/overrides.toml excludes" in done.stdout
    assert {path.stem for path in (tmp_path / "out").iterdir()} == {"mayor"}
    done = standoff("predict", "rule:quotes", "--set", "rules", "--root", store.root)
    assert done.returncode == 0
    assert "left out 1 document that corpus/overrides.toml excludes" in done.stdout
    assert [found.document for found in store.sets("rules")] == ["mayor"]
    (store.folder / "annotations" / "gold" / "mayor.json").unlink()
    with pytest.raises(StandoffError, match=r"no document that can be exported; overrides.toml excludes 1 document"):
        export("brat", tmp_path / "none", store.root)
