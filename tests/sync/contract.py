"""What every remote has to do: one class of tests, which the remote in memory and Doccano over HTTP both pass."""

from collections.abc import Callable
from typing import Protocol

import pytest
from msgspec.structs import replace

from standoff.formats.doccano_rows import DOCUMENT_KEY, SHA256_KEY, Example, RelationRow, Row
from standoff.sync.remote import LabelType, NotFound, Project, Rejected, Remote, Settings

TEXT = "Anna 😀 zei: “Ja.”\nבן\u2028 liep weg."
SPANS = (
    LabelType(id=0, name="QUOTE.direct", color="#009e73", key="q"),
    LabelType(id=0, name="PERSON", color="#0072b2", key="p"),
    LabelType(id=0, name="realis:Other", color="#d55e00"),
)
RELATIONS = (
    LabelType(id=0, name="speaker", color="#009e73", key="q"),
    LabelType(id=0, name="continues", color="#999999"),
)


class Page(Protocol):
    """What only the page does, as one user."""

    def confirm(self, project: Project, example: int) -> None:
        """Enter: toggles."""
        ...

    def comment(self, project: Project, example: int, text: str) -> int:
        """A comment; its id."""
        ...

    def clear(self, project: Project, example: int) -> None:
        """The bin."""
        ...


def example(document: str = "d1", text: str = TEXT, rows: int = 3) -> Example:
    """An example as it is imported: overlapping rows, two of them identical, and two relations."""
    spans = (
        Row(id=1, label="QUOTE.direct", start=13, end=18),
        Row(id=2, label="PERSON", start=0, end=4),
        Row(id=3, label="PERSON", start=0, end=4),
    )[:rows]
    relations = (
        RelationRow(id=1, label="speaker", head=1, tail=2),
        RelationRow(id=2, label="continues", head=2, tail=3),
    )
    meta = {DOCUMENT_KEY: document, SHA256_KEY: "0" * 64}
    return Example(id=0, text=text, meta=meta, rows=spans, relations=relations if rows == 3 else ())


def shape(one: Example) -> tuple[list[tuple[str, int, int]], list[tuple[str, int, int]]]:
    """Rows, and relations between positions in the list of rows, without ids."""
    place = {row.id: number for number, row in enumerate(one.rows)}
    return (
        [(row.label, row.start, row.end) for row in one.rows],
        [(row.label, place[row.head], place[row.tail]) for row in one.relations],
    )


def _ids(remote: Remote, project: Project) -> set[int]:
    return {one.id for _, one in remote.export(project)}


Join = Callable[[Project], tuple[str, Remote, Page]]


class RemoteContract:
    """Subclasses give the fixtures `remote`, `name` (of a project that is not there), `page`, and `join`: a second user
    becomes a member of a project; their name, and remote and page as they see them.
    """

    @pytest.fixture
    def project(self, remote: Remote, name: str) -> Project:
        made = remote.create_project(name, "about standoff:0123", "Read *this*.", Settings())
        return remote.add_label_types(made, SPANS, RELATIONS)

    @pytest.fixture
    def only(self, remote: Remote, project: Project) -> Callable[[], Example]:
        """Imports one example; afterwards reads the only one of the project."""
        remote.import_examples(project, [example()])

        def read() -> Example:
            ((member, found),) = list(remote.export(project))
            assert member is None
            return remote.read(project, found.id)

        return read

    def test_a_project_is_as_it_was_made(self, remote: Remote, project: Project, name: str) -> None:
        assert remote.find_projects(name) == [project.id]
        assert remote.project(project.id) == project
        assert (project.name, project.description, project.guideline) == (name, "about standoff:0123", "Read *this*.")
        assert project.settings == Settings()
        for held, wanted in ((project.span_types, SPANS), (project.relation_types, RELATIONS)):
            assert [replace(kind, id=0) for kind in held] == list(wanted)
            assert len({kind.id for kind in held}) == len(held)

    @pytest.mark.parametrize("settings", [Settings(grapheme_mode=True), Settings(collaborative=False)])
    def test_settings_are_kept(self, remote: Remote, name: str, settings: Settings) -> None:
        made = remote.create_project(name, "d", "", settings)
        assert made.settings == remote.project(made.id).settings == settings
        assert made.span_types == made.relation_types == ()

    def test_a_name_is_found_exactly(self, remote: Remote, project: Project, name: str) -> None:
        remote.create_project(f"{name} too", name, "", Settings())
        assert remote.find_projects(name) == [project.id]
        assert remote.find_projects(f"no {name}") == []
        twin = remote.create_project(name, "d", "", Settings())
        assert sorted(remote.find_projects(name)) == sorted([project.id, twin.id])

    def test_both_texts_are_set_and_nothing_else(self, remote: Remote, project: Project) -> None:
        remote.update_project(project, description="new", guideline="")
        assert remote.project(project.id) == replace(project, description="new", guideline="")

    def test_a_missing_project(self, remote: Remote, project: Project) -> None:
        with pytest.raises(NotFound):
            remote.project(project.id + 1_000_000)

    @pytest.mark.parametrize(
        "new",
        [
            LabelType(id=0, name="PERSON", color="#000000"),
            LabelType(id=0, name="ORG", color="#000000", key="p"),
        ],
        ids=["name", "key"],
    )
    def test_a_type_whose_name_or_key_is_taken(self, remote: Remote, project: Project, new: LabelType) -> None:
        with pytest.raises(Rejected):
            remote.add_label_types(project, [LabelType(id=0, name="FREE", color="#000000"), new], ())
        assert remote.project(project.id) == project

    @pytest.mark.parametrize("kind", ["span", "relation"])
    def test_two_new_types_of_one_key(self, remote: Remote, project: Project, kind: str) -> None:
        new = [LabelType(id=0, name=name, color="#000000", key="z") for name in ("A", "B")]
        with pytest.raises(Rejected):
            remote.add_label_types(project, *((new, ()) if kind == "span" else ((), new)))
        assert remote.project(project.id) == project

    def test_types_are_added_at_the_end(self, remote: Remote, project: Project) -> None:
        after = remote.add_label_types(project, [LabelType(id=0, name="a", color="#000000")], ())
        assert after.span_types[:-1] == project.span_types
        assert after.span_types[-1].name == "a"
        assert after == remote.project(project.id)

    def test_an_import_comes_back(self, remote: Remote, project: Project, only: Callable[[], Example]) -> None:
        ((_, exported),) = remote.export(project)
        read = only()
        for one in (exported, read):
            assert (one.text, dict(one.meta), one.comments) == (TEXT, dict(example().meta), ())
            assert one.document == "d1"
        assert shape(replace(exported, rows=tuple(sorted(exported.rows, key=lambda row: row.id)))) == shape(example())
        assert shape(read) == shape(example())
        assert {row.id for row in exported.rows} == {row.id for row in read.rows}
        made: list[Row | RelationRow] = [*read.rows, *read.relations]
        assert all(row.user and row.created_at and row.updated_at for row in made)
        brief: list[Row | RelationRow] = [*exported.rows, *exported.relations]
        assert not any(row.user or row.created_at for row in brief)

    def test_an_import_never_looks_for_what_is_there(self, remote: Remote, project: Project) -> None:
        for _ in range(2):
            remote.import_examples(project, [example("d1"), example("d2", rows=0)])
        found = [one for _, one in remote.export(project)]
        assert sorted(str(one.document) for one in found) == ["d1", "d1", "d2", "d2"]
        assert len({one.id for one in found}) == 4

    def test_the_newest_examples(self, remote: Remote, project: Project) -> None:
        assert list(remote.newest(project, 2)) == []
        for document in ("d1", "d2", "d3"):
            remote.import_examples(project, [example(document, rows=0)])
        found = {remote.read(project, id_).document for id_ in remote.newest(project, 2)}
        assert found == {"d2", "d3"}
        assert len(remote.newest(project, 9)) == 3

    def test_an_empty_project_and_an_empty_import(self, remote: Remote, project: Project) -> None:
        remote.import_examples(project, [])
        assert list(remote.export(project)) == []
        assert list(remote.export(project, confirmed=True)) == []
        assert not remote.confirmed(project)

    @pytest.mark.parametrize(
        "bad",
        [
            replace(example(), text=""),
            replace(example(), rows=(Row(id=1, label="nobody", start=0, end=1),), relations=()),
            replace(example(), relations=(RelationRow(id=1, label="nobody", head=1, tail=2),)),
            replace(example(), relations=(RelationRow(id=1, label="speaker", head=1, tail=9),)),
        ],
        ids=["no-text", "label", "relation", "end"],
    )
    def test_a_faulty_import(self, remote: Remote, project: Project, bad: Example) -> None:
        with pytest.raises(Rejected):
            remote.import_examples(project, [bad])
        assert list(remote.export(project)) == []

    def test_confirmations(self, remote: Remote, project: Project, only: Callable[[], Example], page: Page) -> None:
        id_ = only().id
        remote.import_examples(project, [example("d2")])
        (other,) = {one.id for _, one in remote.export(project)} - {id_}
        assert not remote.confirmed(project)
        assert remote.confirmations(project, [id_]) == {id_: ()}
        page.confirm(project, id_)
        assert remote.confirmed(project).ids == {id_}
        assert [one.id for _, one in remote.export(project, confirmed=True)] == [id_]
        (confirmation,) = remote.confirmations(project, [id_])[id_]
        assert confirmation.user == remote.read(project, id_).rows[0].user
        assert confirmation.at
        page.confirm(project, other)
        listed = remote.confirmed(project)
        assert (len(listed.ids), listed.others) == (0, True)
        assert listed.at is not None
        page.confirm(project, id_)
        assert [one in remote.confirmed(project) for one in (id_, other)] == [False, True]

    def test_two_people_share_a_project(
        self, remote: Remote, project: Project, only: Callable[[], Example], page: Page, join: Join
    ) -> None:
        before = only()
        name, theirs, their_page = join(project)
        row = before.rows[0]
        theirs.update_span(project, before.id, replace(row, label="PERSON"))
        id_ = theirs.create_span(project, before.id, Row(id=0, label="PERSON", start=19, end=21))
        rows = {row.id: row for row in only().rows}
        assert (rows[row.id].label, rows[row.id].user) == ("PERSON", row.user)
        assert rows[id_].user == name != row.user
        assert name in remote.users()
        # When anybody has confirmed, the next one takes all confirmations away.
        page.confirm(project, before.id)
        their_page.confirm(project, before.id)
        assert remote.confirmations(project, [before.id]) == {before.id: ()}

    def test_each_member_for_themselves(self, remote: Remote, page: Page, name: str, join: Join) -> None:
        made = remote.create_project(name, "d", "", Settings(collaborative=False))
        project = remote.add_label_types(made, SPANS, RELATIONS)
        member, theirs, their_page = join(project)
        remote.import_examples(project, [example()])
        (mine,) = {one.rows[0].user for one in [remote.read(project, id_) for id_ in _ids(remote, project)]}
        (id_,) = _ids(remote, project)
        theirs.create_span(project, id_, Row(id=0, label="PERSON", start=19, end=21))
        their_page.comment(project, id_, "van mij")
        their_page.confirm(project, id_)
        found = dict(remote.export(project))
        assert found.keys() == {mine, member}
        assert {one.id for one in found.values()} == {id_}
        assert (shape(found[mine]), found[mine].comments) == (shape(example()), ())
        assert (shape(found[member]), [one.text for one in found[member].comments]) == (
            ([("PERSON", 19, 21)], []),
            ["van mij"],
        )
        # Never to be read as "all deleted": a request sees the rows of who asks.
        assert shape(remote.read(project, id_)) == shape(example())
        assert [who for who, _ in remote.export(project, confirmed=True)] == [member]
        page.confirm(project, id_)
        assert {who for who, _ in remote.export(project, confirmed=True)} == {mine, member}

    def test_comments(self, remote: Remote, project: Project, only: Callable[[], Example], page: Page) -> None:
        id_ = only().id
        made = page.comment(project, id_, "klopt “dit”? <b>\u2028😀")
        ((_, exported),) = remote.export(project)
        (brief,), (full,) = exported.comments, only().comments
        assert brief.id == full.id == made
        assert brief.text == full.text == "klopt “dit”? <b>\u2028😀"
        assert (full.user, bool(full.at)) == (only().rows[0].user, True)
        assert (brief.user, brief.at) == (None, None)

    def test_the_bin_empties_an_example(
        self, remote: Remote, project: Project, only: Callable[[], Example], page: Page
    ) -> None:
        page.clear(project, only().id)
        assert (only().rows, only().relations) == ((), ())

    def test_a_span_from_first_to_last(self, remote: Remote, project: Project, only: Callable[[], Example]) -> None:
        before = only()
        id_ = remote.create_span(project, before.id, Row(id=0, label="PERSON", start=19, end=21))
        assert id_ not in {row.id for row in before.rows}
        made = next(row for row in only().rows if row.id == id_)
        assert (made.label, made.start, made.end) == ("PERSON", 19, 21)
        remote.update_span(project, before.id, Row(id=id_, label="QUOTE.direct", start=18, end=22))
        changed = next(row for row in only().rows if row.id == id_)
        assert (changed.label, changed.start, changed.end) == ("QUOTE.direct", 18, 22)
        assert (changed.user, changed.created_at) == (made.user, made.created_at)
        remote.delete_span(project, before.id, id_)
        assert only() == before
        remote.delete_span(project, before.id, id_)
        with pytest.raises(NotFound):
            remote.update_span(project, before.id, Row(id=id_, label="PERSON", start=18, end=22))

    @pytest.mark.parametrize(("label", "start", "end"), [("PERSON", 4, 4), ("PERSON", 5, 2), ("nobody", 0, 4)])
    def test_a_span_that_can_not_be(
        self, remote: Remote, project: Project, only: Callable[[], Example], label: str, start: int, end: int
    ) -> None:
        before = only()
        with pytest.raises(Rejected):
            remote.create_span(project, before.id, Row(id=0, label=label, start=start, end=end))
        with pytest.raises(Rejected):
            remote.update_span(project, before.id, Row(id=before.rows[0].id, label=label, start=start, end=end))
        assert only() == before

    def test_deleting_a_span_takes_its_relations(
        self, remote: Remote, project: Project, only: Callable[[], Example]
    ) -> None:
        before = only()
        remote.delete_span(project, before.id, before.rows[1].id)
        after = only()
        assert [row.id for row in after.rows] == [before.rows[0].id, before.rows[2].id]
        assert after.relations == ()

    def test_a_relation_from_first_to_last(self, remote: Remote, project: Project, only: Callable[[], Example]) -> None:
        before = only()
        one, two, three = (row.id for row in before.rows)
        id_ = remote.create_relation(project, before.id, RelationRow(id=0, label="speaker", head=one, tail=three))
        made = next(row for row in only().relations if row.id == id_)
        assert (made.label, made.head, made.tail) == ("speaker", one, three)
        remote.update_relation(project, before.id, RelationRow(id=id_, label="continues", head=two, tail=one))
        changed = next(row for row in only().relations if row.id == id_)
        assert (changed.label, changed.head, changed.tail) == ("continues", two, one)
        remote.delete_relation(project, before.id, id_)
        assert only() == before
        remote.delete_relation(project, before.id, id_)
        with pytest.raises(NotFound):
            remote.update_relation(project, before.id, RelationRow(id=id_, label="continues", head=two, tail=one))

    def test_a_relation_that_can_not_be(self, remote: Remote, project: Project, only: Callable[[], Example]) -> None:
        before = only()
        gone, end = before.rows[2].id, before.rows[0].id
        remote.delete_span(project, before.id, gone)
        before = only()
        with pytest.raises((Rejected, NotFound)):
            remote.create_relation(project, before.id, RelationRow(id=0, label="speaker", head=end, tail=gone))
        with pytest.raises(Rejected):
            remote.create_relation(project, before.id, RelationRow(id=0, label="nobody", head=end, tail=end))
        known = before.relations[0]
        with pytest.raises((Rejected, NotFound)):
            remote.update_relation(project, before.id, replace(known, tail=gone))
        assert only() == before

    def test_deleting_an_example(self, remote: Remote, project: Project, only: Callable[[], Example]) -> None:
        id_ = only().id
        remote.import_examples(project, [example("d2")])
        remote.delete_example(project, id_)
        assert [one.document for _, one in remote.export(project)] == ["d2"]
        with pytest.raises(NotFound):
            remote.read(project, id_)
        remote.delete_example(project, id_)

    def test_an_example_of_another_project_is_not_deleted(
        self, remote: Remote, project: Project, only: Callable[[], Example], name: str
    ) -> None:
        other = remote.create_project(f"{name} 2", "d", "", Settings())
        remote.delete_example(other, only().id)
        assert only().document == "d1"
