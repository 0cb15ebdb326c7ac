"""What people do to a real Doccano's page that a sync must not take for something else: it says so, and loses nothing."""

import threading
import time
from typing import Any

import pytest
from msgspec.structs import replace

from doccano.desk import Desk, Person, fill, in_step, interrupt, person, work, worked
from patience import PATIENCE
from standoff.formats.doccano_rows import import_line
from sync.world import annotations, document, span

pytestmark = pytest.mark.doccano


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Two documents, in step."""
    fill(desk, "a", "b")
    assert desk.sync().clean
    return desk


def stopped(desk: Desk, **options: Any) -> str:
    """Why the project is not synced; nothing is changed here."""
    before = desk.files()
    report = desk.sync(**options)
    (problem,) = report.problems
    assert (problem.rule, problem.severity, problem.path) == ("sync-stopped", "error", "corpus/sync/main")
    assert desk.files() == before
    return problem.message


def skipped(desk: Desk, **options: Any) -> str:
    """Why document a is left alone, here and in the page, while b is not."""
    before, work_of_b = desk.files(), desk.draw(desk.admin, "PERSON", "Bob", "b")
    report = desk.sync(**options)
    ((line),) = report.skipped
    assert line.document == "a"
    assert {name for name, content in desk.files().items() if before.get(name) != content} == {
        "corpus/annotations/gold/b.json",
        "corpus/sync/main/gold/b.json",
    }
    desk.erase(desk.admin, work_of_b, "b")
    desk.sync()
    return line.reason


def test_the_project_is_deleted(filled: Desk) -> None:
    desk = filled
    id_ = desk.project().id
    annotated = desk.files("annotations")
    desk.admin.ask("DELETE", f"projects/{id_}")
    message = stopped(desk)
    assert f"project {id_} is not on {desk.running.url} any more" in message
    assert "remove corpus/sync/main to push everything to a new project" in message
    # As it says:
    for path in (desk.root / "corpus" / "sync" / "main").rglob("*.json"):
        path.unlink()
    assert desk.sync().clean
    assert desk.project().id != id_
    assert len(desk.rows("a")) == len(desk.rows("b")) == 7
    assert desk.files("annotations") == annotated
    in_step(desk)


def test_the_project_is_deleted_half_way(filled: Desk) -> None:
    desk = filled
    work(desk)
    annotated = desk.files("annotations")
    remote = desk.connect()
    path = f"projects/{desk.project().id}"
    interrupt(remote, "create_span", lambda: desk.admin.ask("DELETE", path))
    report = desk.sync(remote=remote)
    assert [line.document for line in report.skipped] == ["a"]
    assert "deleted in the page just now" in report.skipped[0].reason
    assert desk.files("annotations") == annotated
    assert "is not on" in stopped(desk)


@pytest.mark.parametrize(("kind", "name"), [("span", "QUOTE.mixed"), ("relation", "speaker")])
def test_a_label_is_renamed(filled: Desk, kind: str, name: str) -> None:
    desk = filled
    types = desk.project().span_types if kind == "span" else desk.project().relation_types
    path = f"projects/{desk.project().id}/{kind}-types/{types[name]}"
    desk.admin.ask("PATCH", path, {"text": "Anders"})
    message = stopped(desk)
    assert f"the label {name!r} is called 'Anders' in the page now; give it its old name there" in message
    desk.admin.ask("PATCH", path, {"text": name})
    in_step(desk)


def test_the_scheme_calls_labels_otherwise(filled: Desk) -> None:
    desk = filled
    scheme = desk.root / "corpus" / "scheme.toml"
    text = scheme.read_text()
    for name, page in ("SPEAKER", "Spreker"), ("speaker", "spreker"):
        text = text.replace(f'name = "{name}"', f'name = "{name}", page = "{page}"')
    scheme.write_text(text)
    old, annotated = desk.project().span_types["SPEAKER"], desk.files("annotations")
    report = desk.sync()
    assert report.clean
    assert (report.page.updated, desk.files("annotations")) == (
        4,
        annotated,
    )  # in each document the span and its relation
    assert "Spreker" in {label for label, _ in desk.rows("a").values()}
    in_step(desk)
    # Nothing has the old label any more.
    desk.admin.ask("DELETE", f"projects/{desk.project().id}/span-types/{old}")
    in_step(desk)


def test_a_label_is_deleted(filled: Desk) -> None:
    desk = filled
    desk.admin.ask("DELETE", f"projects/{desk.project().id}/span-types/{desk.project().span_types['SPEAKER']}")
    message = stopped(desk)
    assert "the label 'SPEAKER' was deleted in the page" in message
    assert "--force-delete main" in message
    report = desk.sync(force_delete=["main"])
    assert report.ours.deleted == 4, report  # in each document the span and its relation
    assert "SPEAKER" not in {item.label for item in desk.set("b").spans}
    in_step(desk)


def test_a_text_is_edited(filled: Desk) -> None:
    desk = filled
    text = desk.store.document("a").text
    place = desk.place()
    desk.admin.ask("PATCH", place, {"text": text.replace("Anna", "Annie")})
    work(desk, "a")
    reason = skipped(desk)
    assert "the text has changed in the page since it was pushed" in reason
    assert "restore it there" in reason
    desk.admin.ask("PATCH", place, {"text": text})
    assert desk.sync().clean
    worked(desk)
    in_step(desk)


def import_by_hand(desk: Desk, who: Person) -> None:
    """What the import page does with a file that the export page made."""
    lines = b"".join(
        import_line(replace(example, id=0)) for _, example in desk.remote.export(desk.remote.project(desk.project().id))
    )
    files = {"filepond": ("all.jsonl", lines)}
    answer = who.http.post(f"{who.url}/v1/fp/process/", files=files, headers={"accept": "*/*"}, timeout=PATIENCE)
    assert answer.ok
    body: dict[str, Any] = {
        "format": "JSONL",
        "task": "RelationExtraction",
        "column_data": "text",
        "column_label": "entities",
    }
    body |= {"uploadIds": [answer.text], "encoding": "utf_8"}
    task = who.ask("POST", f"projects/{desk.project().id}/upload", body)["task_id"]
    while not who.ask("GET", f"tasks/status/{task}")["ready"]:
        time.sleep(0.05)
    assert len(desk.examples("a")) == 2


def test_a_document_is_imported_twice_by_hand(filled: Desk) -> None:
    desk = filled
    import_by_hand(desk, desk.admin)
    annotated = desk.files("annotations")
    report = desk.sync()
    assert report.clean, report
    assert [problem.rule for problem in report.problems] == ["sync-copy", "sync-copy"]
    assert len(desk.examples("a")) == len(desk.examples("b")) == 1
    assert desk.files("annotations") == annotated
    in_step(desk)
    # And when somebody has worked on the copy:
    import_by_hand(desk, desk.admin)
    linked, copy = sorted(example["id"] for example in desk.examples("a"))
    body = {"label": desk.project().span_types["ORG"], "start_offset": 0, "end_offset": 4, "prob": 0}
    spot = f"projects/{desk.project().id}/examples/{copy}"
    drawn: list[int] = []
    remote = desk.connect()
    interrupt(remote, "read", lambda: drawn.append(desk.admin.ask("POST", f"{spot}/spans", body)["id"]))
    report = desk.sync(remote=remote)
    assert [line.document for line in report.skipped] == ["a"]
    assert f"somebody works on example {copy}" in report.skipped[0].reason
    report = desk.sync()
    assert [line.document for line in report.skipped] == ["a"]
    reason = report.skipped[0].reason
    assert f"example {copy} holds 1 thing that example {linked} lacks" in reason
    assert f"delete example {copy} there, sync again" in reason
    assert len(desk.examples("b")) == 1
    desk.admin.ask("DELETE", f"{spot}/spans/{drawn[0]}")
    assert desk.sync().clean
    in_step(desk)


def test_the_bin(filled: Desk) -> None:
    desk = filled
    desk.join(person(desk.running, "bea"))
    person(desk.running, "bea").ask("DELETE", f"{desk.place()}/spans")
    assert desk.rows() == {}
    assert "all 7 annotations are gone in the page" in (reason := skipped(desk))
    assert "name this document with --force-delete to delete them here too" in reason
    report = desk.sync(force_delete=["a"])
    assert report.clean, report
    assert desk.set("a").spans == ()
    assert len(desk.set("b").spans) == 5
    in_step(desk)


def test_documents_are_deleted_in_the_page(filled: Desk) -> None:
    desk = filled
    annotated = desk.files("annotations")
    desk.admin.ask("DELETE", desk.place())
    assert "its example was deleted in the page; nothing is deleted here for that" in skipped(desk)
    desk.admin.ask("DELETE", desk.place("b"))
    message = stopped(desk)
    assert "of 2 pushed documents, the page has 0" in message
    assert desk.files("annotations") == annotated
    desk.sync(drop=frozenset({"a"}), force_delete=["main"])
    report = desk.sync(documents=frozenset({"a"}), force_delete=["main"])
    assert report.clean, report
    assert len(desk.rows()) == 7


def test_annotators_write_while_it_is_read(desk: Desk) -> None:
    words = [f"woord{number}" for number in range(100, 200)]
    doc = document("a", " ".join(words))
    desk.write(doc, annotations(doc))
    assert desk.sync().clean
    labels = {"bea": "PERSON", "cas": "ORG"}
    place, types = desk.place(), desk.project().span_types
    enough = threading.Event()
    drawn: set[tuple[str, str, str]] = set()

    def annotate(who: Person) -> None:
        for word in words:
            if enough.is_set():
                break
            start = doc.text.index(word)
            body = {"label": types[labels[who.username]], "start_offset": start, "end_offset": start + len(word)}
            who.ask("POST", f"{place}/spans", {**body, "prob": 0})
            drawn.add((labels[who.username], word, who.username))

    people = [person(desk.running, name) for name in labels]
    for who in people:
        desk.join(who)
    threads = [threading.Thread(target=annotate, args=[who]) for who in people]
    for thread in threads:
        thread.start()
    ours = [span(f"x{number}", "CUE", words[-1 - number], text=doc.text) for number in range(4)]
    for new in ours:
        before = desk.set()
        desk.write(replace(before, spans=(*before.spans, new)))
        report = desk.sync()
        assert report.clean, report
    enough.set()
    for thread in threads:
        thread.join()
    assert desk.sync().clean
    assert len(drawn) > 8
    found = [(item.label, item.text, item.by.annotator if item.by else None) for item in desk.set().spans]
    assert sorted(found, key=str) == sorted([*drawn, *(("CUE", item.text, None) for item in ours)], key=str)
    assert len(desk.rows()) == len(found)
    in_step(desk)
