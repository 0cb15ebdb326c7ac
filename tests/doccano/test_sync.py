"""Sync with a real Doccano: what was pushed comes back, what annotators do arrives, and nothing changes twice."""

from pathlib import Path

import msgspec
import pytest

from command import standoff
from doccano.corpora import Item, add_document, in_grapheme_mode, page_project, snapshot, sync, total
from standoff.corpus.store import Store
from standoff.doccano.remote import DoccanoRemote
from standoff.formats.doccano_rows import RelationRow, Row

pytestmark = pytest.mark.doccano
SEED = "000_31863ef30e6d4108"
NASTY = (
    (
        "😀 Anna 👩‍👩‍👧‍👦 zei: “Héél e\u0301cht 🇳🇱 waar.”\nDé rest\u2028na een scheiding, en "
        "שלום עולם van rechts naar links. \U0001d54fyz sprak 😀😀 zich uit."
    )
    .replace("e\u0301", "é")
    .replace("\u2028", "\n")
)


def test_gold_comes_back_byte_for_byte_and_a_second_sync_writes_nothing(corpus: Path, env: dict[str, str]) -> None:
    before = snapshot(corpus)
    first = sync(corpus, env)
    assert total(first, "page") > 100
    assert total(first, "ours") == 0
    after = snapshot(corpus)
    assert {path: content for path, content in after.items() if "/sync/" not in path} == before
    second = sync(corpus, env)
    assert total(second, "page") == total(second, "ours") == 0
    assert snapshot(corpus) == after
    assert env["DOCCANO_PASSWORD"].encode() not in b"".join(after.values())


@pytest.mark.parametrize("grapheme_mode", [False, True])
def test_text_that_is_hard_to_count(
    corpus: Path, env: dict[str, str], remote: DoccanoRemote, grapheme_mode: bool
) -> None:
    if grapheme_mode:
        in_grapheme_mode(corpus)
    items: list[Item] = [
        ("QUOTE", ["“Héél écht 🇳🇱 waar.”"], {"type": "direct"}),
        ("SPEAKER", ["Anna"], {}),
        ("CUE", ["zei"], {}),
        ("CUE", ["sprak", "uit"], {}),
        ("SPEAKER", ["שלום עולם"], {}),
    ]
    annotations = add_document(corpus, "moeilijk", NASTY, items, [("cue", 0, 2)])
    store = Store(corpus)
    sync(corpus, env, "quotes")
    before = snapshot(corpus)
    assert store.set("gold", "moeilijk") == annotations
    again = sync(corpus, env, "quotes")
    assert total(again, "page") == total(again, "ours") == 0
    assert snapshot(corpus) == before
    # What stands in the page covers the same words, counted in the page's own units.
    project = page_project(corpus, remote, "quotes")
    assert project.settings.grapheme_mode is grapheme_mode
    (example,) = [e for _, e in remote.export(project) if e.document == "moeilijk"]
    assert example.text == NASTY
    if not grapheme_mode:
        utf16 = NASTY.encode("utf-16-le")
        shown = {utf16[2 * row.start : 2 * row.end].decode("utf-16-le") for row in example.rows}
        assert shown == {fragment.text for span in annotations.spans for fragment in span.fragments}


def test_what_annotators_do_arrives_and_local_attributes_stay(
    corpus: Path, env: dict[str, str], remote: DoccanoRemote
) -> None:
    sync(corpus, env)
    store = Store(corpus)
    gold = store.set("gold", SEED)
    assert gold is not None
    project = page_project(corpus, remote, "events")
    (example,) = [e for _, e in remote.export(project) if e.document == SEED]
    text = example.text
    by_words = {
        (text[row.start : row.end], row.label, row.start): row for row in example.rows
    }  # BMP only: units are code points
    lutnick = next(row for (words, label, _), row in by_words.items() if (words, label) == ("Howard Lutnick", "PERSON"))
    lancaster = next(row for (words, label, _), row in by_words.items() if words == "Lancaster House")
    remote.update_span(project, example.id, msgspec.structs.replace(lutnick, label="ORG"))
    new = Row(id=0, label="LOC", start=text.index("Alle ogen"), end=text.index("Alle ogen") + len("Alle ogen"))
    remote.create_span(project, example.id, new)
    # An extent is changed by drawing again and deleting the old span.
    start = text.index("historische Lancaster House")
    redrawn = remote.create_span(project, example.id, Row(id=0, label="FAC", start=start, end=lancaster.end))
    remote.delete_span(project, example.id, lancaster.id)
    assert redrawn
    (projects,) = sync(corpus, env, "events")
    assert (projects["ours"]["created"], projects["ours"]["updated"], projects["ours"]["moved"]) == (1, 1, 1)
    pulled = store.set("gold", SEED)
    assert pulled is not None
    old = {span.id: span for span in gold.spans}
    found = {span.text: span for span in pulled.spans if span.label in {"ORG", "LOC", "FAC"}}
    assert found["Howard Lutnick"].attributes == {"entity": "Howard Lutnick"}
    assert old[found["Howard Lutnick"].id].label == "PERSON"
    assert found["Alle ogen"].by is not None
    assert found["historische Lancaster House"].attributes["entity"] == "Lancaster House"
    assert old[found["historische Lancaster House"].id].text == "Lancaster House"
    assert len(pulled.spans) == len(gold.spans) + 1
    assert {r.id for r in pulled.relations} == {r.id for r in gold.relations}
    assert total(sync(corpus, env), "ours") == 0


def test_both_sides_at_once(corpus: Path, env: dict[str, str], remote: DoccanoRemote) -> None:
    sync(corpus, env, "quotes")
    store = Store(corpus)
    gold = store.set("gold", SEED)
    assert gold is not None
    project = page_project(corpus, remote, "quotes")
    (example,) = [e for _, e in remote.export(project) if e.document == SEED]
    addressees = [row for row in example.rows if row.label == "ADDRESSEE"]
    remote.update_span(project, example.id, msgspec.structs.replace(addressees[0], label="SPEAKER"))
    quotes = [span for span in gold.spans if span.label == "QUOTE"]
    changed = msgspec.structs.replace(quotes[0], attributes={"type": "indirect"})
    conflicted = next(
        span for span in gold.spans if span.fragments[0].start == addressees[1].start and span.label == "ADDRESSEE"
    )
    ours = tuple(changed if span.id == changed.id else span for span in gold.spans)
    ours = tuple(msgspec.structs.replace(span, label="CUE") if span.id == conflicted.id else span for span in ours)
    remote.update_span(project, example.id, msgspec.structs.replace(addressees[1], label="SPEAKER"))
    with store.lock():
        store.write([msgspec.structs.replace(gold, spans=ours)])
    (report,) = sync(corpus, env, "quotes", code=1)
    assert (report["ours"]["updated"], report["page"]["updated"]) == (1, 1)
    assert [(c["item"], c["field"]) for c in report["conflicts"]] == [(conflicted.id, "label")]
    (report,) = sync(corpus, env, "quotes", "--on-conflict", "theirs", "--document", SEED)
    assert report["conflicts"] == []
    pulled = store.set("gold", SEED)
    assert pulled is not None
    assert next(s for s in pulled.spans if s.id == conflicted.id).label == "SPEAKER"
    assert next(s for s in pulled.spans if s.id == changed.id).attributes == {"type": "indirect"}


def test_an_emptied_document_stops(corpus: Path, env: dict[str, str], remote: DoccanoRemote) -> None:
    sync(corpus, env, "quotes")
    before = snapshot(corpus)
    project = page_project(corpus, remote, "quotes")
    (example,) = [e for _, e in remote.export(project) if e.document == SEED]
    for row in example.rows:
        remote.delete_span(project, example.id, row.id)
    sync(corpus, env, "quotes", code=1)
    assert {k: v for k, v in snapshot(corpus).items() if "annotations" in k} == {
        k: v for k, v in before.items() if "annotations" in k
    }


def test_status_and_dry_run_change_nothing(corpus: Path, env: dict[str, str], remote: DoccanoRemote) -> None:
    before = snapshot(corpus)
    sync(corpus, env, command="status")
    sync(corpus, env, "--dry-run")
    assert snapshot(corpus) == before
    assert remote.find_projects(Store(corpus).config.corpus.name + "/quotes") == []


def test_wrong_password_and_no_server(corpus: Path, env: dict[str, str]) -> None:
    done = standoff("sync", "--root", corpus, env={**env, "DOCCANO_PASSWORD": "wrong-one"})
    assert done.returncode == 3
    assert "wrong-one" not in done.stdout + done.stderr
    done = standoff("sync", "--root", corpus, env={**env, "DOCCANO_URL": "http://127.0.0.1:9"})
    assert done.returncode == 3
    assert "no answer" in done.stdout + done.stderr


def test_relations_drawn_in_the_page(corpus: Path, env: dict[str, str], remote: DoccanoRemote) -> None:
    sync(corpus, env, "quotes")
    store = Store(corpus)
    gold = store.set("gold", SEED)
    assert gold is not None
    project = page_project(corpus, remote, "quotes")
    (example,) = [e for _, e in remote.export(project) if e.document == SEED]
    quote = next(row for row in example.rows if example.text[row.start : row.end].startswith("Het kader"))
    hearer = Row(id=0, label="ADDRESSEE", start=example.text.index("leiders"), end=example.text.index("leiders") + 7)
    drawn = remote.create_span(project, example.id, hearer)
    remote.create_relation(project, example.id, RelationRow(id=0, label="addressee", head=quote.id, tail=drawn))
    sync(corpus, env, "quotes")
    pulled = store.set("gold", SEED)
    assert pulled is not None
    (relation,) = [r for r in pulled.relations if r.id not in {r.id for r in gold.relations}]
    spans = {span.id: span for span in pulled.spans}
    assert (relation.label, spans[relation.tail].text, spans[relation.head].text[:9]) == (
        "addressee",
        "leiders",
        "Het kader",
    )
    done = standoff("validate", "--root", corpus)
    assert done.returncode == 0, done.stdout
