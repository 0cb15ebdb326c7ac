"""`standoff show`: the article as people read it."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from command import standoff
from standoff.corpus.codec import sha256
from standoff.corpus.model import AnnotationSet, By, Comment, Fragment, Span
from standoff.corpus.store import Store

SEED = "000_31863ef30e6d4108"


@pytest.fixture
def corpus(repository: Path, tmp_path: Path) -> Path:
    shutil.copytree(repository / "corpus", tmp_path / "corpus")
    return tmp_path


def test_the_list_of_documents(corpus: Path) -> None:
    done = standoff("show", "--root", corpus)
    assert done.returncode == 0
    assert SEED in done.stdout
    listed = json.loads(standoff("show", "--root", corpus, "--json").stdout)
    assert [row["id"] for row in listed["documents"]] == [SEED]


def test_spans_are_shown_at_their_words(corpus: Path) -> None:
    done = standoff("show", SEED, "--root", corpus, "--layer", "quotes")
    assert done.returncode == 0, done.stderr
    assert "[Li]SPEAKER [sprak]… de hoop [uit]CUE [dat de vooruitgang" in done.stdout
    assert "PERSON" not in done.stdout


def test_all_layers_by_default(corpus: Path) -> None:
    done = standoff("show", SEED, "--root", corpus)
    for name in ("entities", "quotes", "events"):
        assert f"\n{name} " in done.stdout
    assert "[[Genève]GPE]LAW" not in done.stdout
    assert "[Akkoord van [Genève]GPE]LAW" in done.stdout


def test_markup_in_a_text_is_shown_as_it_is(tmp_path: Path) -> None:
    standoff("init", tmp_path)
    (tmp_path / "seeds" / "a.txt").write_text("Een [bold]vette[/bold] tekst [/] hier.")
    standoff("normalize", "--root", tmp_path)
    done = standoff("show", "a", "--root", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Een [bold]vette[/bold] tekst [/] hier." in done.stdout
    assert "no annotation set gold" in done.stdout
    assert done.stdout.startswith("a\nnl\n\nEen")  # without a title its id takes the place, once


def test_who_confirmed_a_set_and_what_was_said_about_it(corpus: Path) -> None:
    assert "gold, adjudicated, draft, 97 spans" in standoff("show", SEED, "--root", corpus).stdout
    store = Store(corpus)
    held = store.set("gold", SEED)
    assert held
    confirmed = (By(annotator="anna", at="2026-01-01T00:00:00Z"), By(annotator="bea"), By(annotator="anna"))
    comments = (Comment(by="anna", text="Is [Li] een spreker?\nEn Xi?\x1b[31m"), Comment(text="Ja."))
    store.write([replace(held, confirmed=confirmed, comments=comments)])
    done = standoff("show", SEED, "--root", corpus)
    assert "gold, adjudicated, confirmed by anna, bea, 97 spans" in done.stdout
    assert "anna: Is [Li] een spreker?\nEn Xi?" in done.stdout
    assert "somebody: Ja." in done.stdout
    assert "\x1b" not in done.stdout


def test_errors(corpus: Path) -> None:
    assert standoff("show", "nothing", "--root", corpus).returncode == 1
    assert standoff("show", "../../etc/passwd", "--root", corpus).returncode == 1
    assert standoff("show", SEED, "--root", corpus, "--layer", "moods").returncode == 2


def test_annotations_on_another_text_are_not_painted(corpus: Path) -> None:
    path = corpus / "corpus" / "documents" / f"{SEED}.json"
    path.write_text(path.read_text().replace("Hooggeplaatste", "Laaggeplaatste"))
    done = standoff("show", SEED, "--root", corpus)
    assert done.returncode == 1
    assert "another text" in done.stderr


def test_a_span_over_two_paragraphs_is_shown_in_both(tmp_path: Path) -> None:
    standoff("init", tmp_path)
    (tmp_path / "seeds" / "a.txt").write_text("Hij zei: “Ik ga nu weg.\n\nEn ik blijf weg.” Zo was het toen.")
    standoff("normalize", "--root", tmp_path)
    document = Store(tmp_path).document("a")
    start, end = document.text.index("“"), document.text.index("”") + 1
    span = Span(id="s1", label="QUOTE", fragments=(Fragment(start=start, end=end, text=document.text[start:end]),))
    annotations = AnnotationSet(
        document="a",
        text_sha256=sha256(document.text),
        annotator="gold",
        kind="human",
        scheme="news-nl/1",
        layers=("quotes",),
        spans=(span,),
        relations=(),
    )
    Store(tmp_path).write([annotations])
    done = standoff("show", "a", "--root", tmp_path)
    assert "Hij zei: [“Ik ga nu weg.]…\n" in done.stdout
    assert "\n[En ik blijf weg.”]QUOTE Zo was het toen." in done.stdout


def test_the_name_of_a_set_is_no_path(corpus: Path) -> None:
    for name in ("../gold", "/etc", "Gold"):
        done = standoff("show", SEED, "--root", corpus, "--set", name)
        assert done.returncode == 2, done.stdout
        assert "lower-case letters" in done.stderr


def test_a_layer_that_was_not_annotated_is_not_shown_as_empty(corpus: Path) -> None:
    store = Store(corpus)
    gold = store.set("gold", SEED)
    assert gold is not None
    with store.lock():
        store.write([msgspec.structs.replace(gold, annotator="half", layers=("entities",))])
    done = standoff("show", SEED, "--root", corpus, "--set", "half", "--layer", "quotes")
    assert "quotes: not annotated" in done.stdout
    assert "Hooggeplaatste" not in done.stdout
    done = standoff("show", SEED, "--root", corpus, "--set", "half")
    assert "not shown" in done.stderr
    assert "QUOTE 8" in done.stderr


def test_json_of_one_layer(corpus: Path) -> None:
    shown = json.loads(standoff("show", SEED, "--root", corpus, "--layer", "quotes", "--json").stdout)["annotations"]
    assert shown["layers"] == ["quotes"]
    assert {span["label"] for span in shown["spans"]} == {"QUOTE", "CUE", "SPEAKER", "ADDRESSEE"}
    events = json.loads(standoff("show", SEED, "--root", corpus, "--layer", "events", "--json").stdout)["annotations"]
    ids = {span["id"] for span in events["spans"]}
    assert events["relations"]
    assert all({one["head"], one["tail"]} <= ids for one in events["relations"])
    assert "DATE" in {span["label"] for span in events["spans"]}
