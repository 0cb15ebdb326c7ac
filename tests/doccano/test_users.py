"""Several people in a real Doccano: whose work it is, who confirmed it, who said what, and what strange names they have."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from command import standoff
from doccano.desk import PASSWORD, Desk, Person, fill, in_step, person
from patience import PATIENCE
from standoff.corpus.model import AnnotationSet
from standoff.doccano.install import prepare
from standoff.sync.people import annotator_name
from standoff.sync.remote import RemoteError
from sync.world import annotations, document, span

pytestmark = pytest.mark.doccano
PER_MEMBER = '[doccano.main]\nmode = "per-member"\n'


def items(annotations: AnnotationSet) -> list[tuple[str, str]]:
    return sorted((item.label, item.text) for item in annotations.spans)


def confirm(desk: Desk, who: Person, name: str = "main") -> None:
    who.ask("POST", f"{desk.place(name=name)}/states", {})


def comment(desk: Desk, who: Person, text: str, name: str = "main") -> None:
    place = desk.place(name=name)
    project, _, example = place.partition("/examples/")
    who.ask("POST", f"{project}/comments?example={example}", {"text": text})


def test_a_set_for_each_of_two_members(desk: Desk) -> None:
    desk.set_projects(PER_MEMBER)
    fill(desk)
    assert desk.sync().clean
    bea, cas = person(desk.running, "bea"), person(desk.running, "cas")
    for who in (bea, cas):
        desk.join(who)
    gold = desk.files("annotations")
    assert desk.rows() == {}
    row = desk.draw(bea, "PERSON", "Anna")
    desk.draw(bea, "ORG", "de raad")
    desk.draw(cas, "PERSON", "Anna")
    desk.draw(cas, "SPEAKER", "Anna")
    confirm(desk, cas)
    comment(desk, bea, "Is dit een naam?")
    report = desk.sync()
    assert report.clean, report
    first = desk.set(annotator="bea")
    assert items(first) == [("ORG", "de raad"), ("PERSON", "Anna")]
    assert (first.kind, first.confirmed, {item.by and item.by.annotator for item in first.spans}) == (
        "human",
        (),
        {"bea"},
    )
    assert [(said.by, said.text) for said in first.comments] == [("bea", "Is dit een naam?")]
    second = desk.set(annotator="cas")
    assert items(second) == [("PERSON", "Anna"), ("SPEAKER", "Anna")]
    assert [by.annotator for by in second.confirmed] == ["cas"]
    assert second.layers == ("entities", "quotes", "events")
    assert second.comments == ()
    in_step(desk)
    # Edits, and a confirmation that is taken back.
    desk.relabel(bea, row, "ORG")
    for spot in list(desk.rows(who=cas)):
        desk.erase(cas, spot)
    confirm(desk, cas)
    report = desk.sync()
    assert [line.document for line in report.skipped] == ["a"]
    assert "gone in the page" in report.skipped[0].reason
    assert items(desk.set(annotator="bea")) == [("ORG", "Anna"), ("ORG", "de raad")]
    assert {item.id for item in desk.set(annotator="bea").spans} == {item.id for item in first.spans}
    desk.sync(force_delete=["a"])
    second = desk.set(annotator="cas")
    assert not second.spans
    assert not second.confirmed
    in_step(desk)
    # A member who leaves takes nothing along.
    members = desk.admin.ask("GET", f"projects/{desk.project().id}/members")
    (leaver,) = [known["id"] for known in members if known["username"] == "bea"]
    kept = desk.files()
    desk.admin.ask("DELETE", f"projects/{desk.project().id}/members", {"ids": [leaver]})
    report = desk.sync()
    assert desk.files() == kept
    assert {name: content for name, content in kept.items() if "/gold/" in name and "annotations" in name} == gold
    (problem,) = report.problems
    assert "bea is no member of the project in the page any more; what was pulled stays" in problem.message
    desk.join(bea)
    in_step(desk)


def test_a_copy_in_which_another_member_works_stays(desk: Desk) -> None:
    desk.set_projects(PER_MEMBER)
    fill(desk)
    desk.sync()
    bea, cas = person(desk.running, "bea"), person(desk.running, "cas")
    for who in (bea, cas):
        desk.join(who)
    desk.draw(cas, "PERSON", "Anna")
    (linked,) = desk.examples()
    path = f"projects/{desk.project().id}/examples"
    copy = desk.admin.ask("POST", path, {"text": linked["text"], "meta": linked["meta"]})["id"]
    body = {"label": desk.project().span_types["ORG"], "start_offset": 0, "end_offset": 4, "prob": 0}
    bea.ask("POST", f"{path}/{copy}/spans", body)
    report = desk.sync()
    assert report.clean, report
    assert {problem.rule for problem in report.problems} == {"sync-copy"}
    assert items(desk.set(annotator="bea")) == [("ORG", "Anna")]
    assert items(desk.set(annotator="cas")) == [("PERSON", "Anna")]
    assert {example["id"] for example in desk.examples()} == {linked["id"], copy}
    assert len(bea.ask("GET", f"{path}/{copy}/spans")) == 1
    in_step(desk)


def test_who_confirmed_and_who_commented(desk: Desk) -> None:
    fill(desk)
    desk.sync()
    bea, cas = person(desk.running, "bea"), person(desk.running, "cas")
    for who in (bea, cas):
        desk.join(who)
    start = datetime.now(UTC)
    desk.draw(bea, "ORG", "de raad")
    comment(desk, bea, "Is dit een raad?")
    comment(desk, cas, "Ja: <b>die</b> van Gent 🎉\n[red]zeker[/red]")
    confirm(desk, cas)
    assert desk.sync().clean
    end = datetime.now(UTC)
    found = desk.set()
    assert [(said.by, said.text) for said in found.comments] == [
        ("bea", "Is dit een raad?"),
        ("cas", "Ja: <b>die</b> van Gent 🎉\n[red]zeker[/red]"),
    ]
    (confirmed,) = found.confirmed
    assert confirmed.annotator == "cas"
    (drawn,) = [item.by for item in found.spans if item.text == "de raad"]
    assert drawn is not None
    assert drawn.annotator == "bea"
    for at in (confirmed.at, drawn.at, *(said.at for said in found.comments)):
        assert at is not None
        assert start <= datetime.fromisoformat(at) <= end
    in_step(desk)
    # Whoever presses it next takes back everybody's.
    confirm(desk, bea)
    desk.sync()
    assert desk.set().confirmed == ()
    confirm(desk, bea)
    desk.sync()
    assert [by.annotator for by in desk.set().confirmed] == ["bea"]
    assert len(desk.set().comments) == 2
    in_step(desk)


@pytest.mark.parametrize("mode", ["shared", "per-member"])
def test_users_called_like_sets_and_files(desk: Desk, mode: str) -> None:
    desk.set_projects(f'[doccano.main]\nmode = "{mode}"\n')
    fill(desk)
    desk.sync()
    gold = desk.set()
    names = {"gold": "PERSON", "all": "ORG", "main": "CUE"}
    for name, label in names.items():
        who = person(desk.running, name)
        desk.join(who)
        desk.draw(who, label, "niemand")
    report = desk.sync()
    assert report.clean, report
    if mode == "shared":
        by = {item.by.annotator for item in desk.set().spans if item.text == "niemand" and item.by}
        assert by == {"all", "main", annotator_name("gold", frozenset({"gold"}))}
        assert "gold" not in by
    else:
        assert desk.set() == gold
        for name, label in names.items():
            found = desk.set(annotator=annotator_name(name, frozenset({"gold"})))
            assert items(found) == [(label, "niemand")]
            assert found.provenance
            assert found.provenance.user == name
        assert set(desk.store.annotators()) == {"gold", "all", "main", annotator_name("gold", frozenset({"gold"}))}
    in_step(desk)


def test_a_user_whose_name_is_a_path(desk: Desk, doccano_environment: Path) -> None:
    name = "../../etc"
    form = {"username": name, "password1": PASSWORD, "password2": PASSWORD}
    answer = desk.admin.http.post(f"{desk.running.url}/v1/users/create", json=form, timeout=PATIENCE)
    assert answer.status_code == 400  # Doccano refuses the name; its own command line and Django's admin don't
    prepare(doccano_environment / "venv" / "bin" / "python", desk.running.home, name, PASSWORD)
    who = Person(desk.running.url, name, PASSWORD)
    desk.set_projects('[doccano.one]\n[doccano.each]\nmode = "per-member"\n')
    fill(desk)
    for project in ("one", "each"):
        desk.sync(project)
        desk.join(who, name=project)
        desk.draw(who, "ORG", "de raad", name=project)
    assert desk.sync("one").clean
    (drawn,) = [item.by for item in desk.set().spans if item.text == "de raad"]
    assert drawn
    assert drawn.annotator == annotator_name(name, frozenset({"gold"})) == "etc-" + (drawn.annotator or "")[4:]
    before = desk.files()
    with pytest.raises(RemoteError, match=r"Doccano can't export what '../../etc' annotated .* rename the user"):
        desk.sync("each")
    assert desk.files() == before
    assert {path.name for path in desk.root.iterdir()} == {"corpus", ".standoff"}
    assert desk.store.annotators() == ("gold",)


def test_markup_in_texts_and_labels(desk: Desk) -> None:
    scheme = desk.root / "corpus" / "scheme.toml"
    page = {"PERSON": "<img src=x onerror=alert(1)>", "ORG": "[/red]&amp;</script>"}
    text = scheme.read_text()
    for label, shown in page.items():
        text = text.replace(f'{{ name = "{label}" }}', f'{{ name = "{label}", page = "{shown}" }}')
    scheme.write_text(text)
    doc = document("a", "<script>alert('Anna')</script> &lt;b&gt; [bold]zei[/bold] \\u003c <!-- Bob -->")
    desk.write(doc, annotations(doc, [span("s1", "PERSON", "<script>", text=doc.text)]))
    assert desk.sync().clean
    desk.draw(desk.admin, page["ORG"], "<!-- Bob -->")
    comment(desk, desk.admin, "</script><script>alert(2)</script>")
    assert desk.sync().clean
    assert items(desk.set()) == [("ORG", "<!-- Bob -->"), ("PERSON", "<script>")]
    assert sorted(desk.rows().values()) == [(page["PERSON"], "<script>"), (page["ORG"], "<!-- Bob -->")]
    in_step(desk)
    # A label that somebody made in the page is told as it stands there.
    new = {"text": "[/red]<b>[link=x]", "background_color": "#ffffff", "text_color": "#ffffff"}
    kind = desk.admin.ask("POST", f"projects/{desk.project().id}/span-types", new)["id"]
    body = {"label": kind, "start_offset": 0, "end_offset": 3, "prob": 0}
    desk.admin.ask("POST", f"{desk.place()}/spans", body)
    done = standoff("sync", "--root", desk.root, env=desk.env)
    assert done.returncode == 1, done.stderr
    assert "has the label '[/red]<b>[link=x]', which this project's layers of the scheme lack" in done.stdout
