"""What differs is told once, named, and nothing else is."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from release.corpora import Draft, minister
from release.strategies import TABLES, drafts
from standoff.corpus.model import AnnotationSet, By, Document
from standoff.release import features
from standoff.release.columns import feature_changes, license_changes, row_changes
from standoff.release.diff import Change, Record, differences
from standoff.release.manifest import SplitEntry
from standoff.release.summary import Summary, changelog, code
from standoff.release.version import Level


def record(document: Document, *sets: AnnotationSet, split: str | None = "train") -> Record:
    return Record(document, split, {found.annotator: found for found in sets})


def changes_of(old: AnnotationSet, new: AnnotationSet) -> list[Change]:
    document = minister().document
    return list(differences([record(document, old)], [record(document, new)]))


def told(changes: list[Change]) -> list[tuple[str, str, str, str]]:
    return [(change.what, change.change, change.item or change.document, change.field) for change in changes]


@given(drafts())
def test_nothing_differs_from_itself(draft: tuple[Document, list[AnnotationSet]]) -> None:
    same = record(draft[0], *draft[1])
    assert list(differences([same], [same])) == []


@given(drafts(), drafts())
@settings(max_examples=50)
def test_what_is_different_is_told_and_backwards_it_is_the_reverse(
    one: tuple[Document, list[AnnotationSet]], other: tuple[Document, list[AnnotationSet]]
) -> None:
    old, new = record(one[0], *one[1]), record(other[0], *other[1])
    there, back = list(differences([old], [new])), list(differences([new], [old]))
    assert bool(there) == (old != new)
    assert bool(there) == bool(back)
    reverse = {"added": "removed", "removed": "added", "changed": "changed"}
    for change in there:
        if change.what in ("document", "set"):
            assert (change.document, change.annotator, reverse[change.change], change.field) in [
                (one.document, one.annotator, one.change, one.field) for one in back
            ]


def test_documents_come_and_go_and_move() -> None:
    a, b, c = (minister(id_) for id_ in "abc")
    old = [record(a.document, a.set()), record(b.document, b.set())]
    new = [record(b.document, b.set(), split="test"), record(c.document, c.set(), split=None)]
    changes = list(differences(old, new))
    assert told(changes) == [
        ("document", "removed", "a", ""),
        ("set", "removed", "a", ""),
        ("split", "changed", "b", ""),
        ("document", "added", "c", ""),
        ("set", "added", "c", ""),
    ]
    assert (changes[2].before, changes[2].after) == ("train", "test")
    assert changes[4].size == (9, 4)


def test_what_is_said_of_a_document_is_told_by_its_field() -> None:
    old = minister().document
    new = replace(old, title="Nieuw", source=replace(old.source, license="MIT", url="x:y"))
    assert [(change.field, change.before, change.after) for change in differences([record(old)], [record(new)])] == [
        ("title", None, "Nieuw"),
        ("source.url", None, "x:y"),
        ("license", "CC-BY-4.0", "MIT"),
    ]


def test_each_change_of_an_annotation_is_named() -> None:
    old = minister().set()
    spans, relations = list(old.spans), list(old.relations)
    spans[0] = replace(spans[0], label="LOC", attributes={"entity": "Den Haag"})
    spans[1] = replace(spans[1], fragments=(replace(spans[1].fragments[0], end=spans[1].fragments[0].end + 1),))
    relations[0] = replace(relations[0], tail=spans[0].id)
    removed = relations.pop()
    changes = changes_of(old, replace(old, spans=tuple(spans), relations=tuple(relations), confirmed=(By(),)))
    assert told(changes) == [
        ("set", "changed", "minister", "confirmed"),
        ("span", "changed", "s0", "label"),
        ("span", "changed", "s0", "attributes.kb_id"),
        ("span", "changed", "s1", "extent"),
        ("relation", "changed", "r0", "tail"),
        ("relation", "removed", removed.id, ""),
    ]
    assert (changes[2].before, changes[2].after, changes[2].text) == ("Q36600", None, "Den Haag")
    assert (changes[4].before, changes[4].after) == (
        {"id": "s4", "text": "Minister Jansen"},
        {"id": "s0", "text": "Den Haag"},
    )
    assert changes[4].text == "dat China zou aanvallen → Den Haag"


def test_the_same_annotations_under_other_ids_are_changed_in_nothing_but_ids() -> None:
    old = minister().set()
    new = replace(
        old,
        spans=tuple(replace(span, id=f"new-{span.id}") for span in old.spans),
        relations=tuple(
            replace(relation, id=f"new-{relation.id}", head=f"new-{relation.head}", tail=f"new-{relation.tail}")
            for relation in old.relations
        ),
    )
    assert {(change.change, change.field) for change in changes_of(old, new)} == {("changed", "id")}


def test_another_order_of_the_same_annotations_is_told() -> None:
    old = minister().set()
    changes = changes_of(old, replace(old, spans=old.spans[::-1]))
    assert told(changes) == [("set", "changed", "minister", "order of spans")]


NEWS = {name: features.metadata(columns) for name, columns in TABLES.features.items()}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (["quotes"], None, [("configuration", "removed", "quotes", "")]),
        (["documents", "title"], None, [("column", "removed", "documents/title", "")]),
        (["ner", "offset"], {"dtype": "string", "_type": "Value"}, [("column", "changed", "ner/offset", "type")]),
        (["quotes", "speaker", "kb_id"], None, [("column", "removed", "quotes/speaker/kb_id", "")]),
        (["more"], {}, [("configuration", "added", "more", "")]),
        (["ner", "more"], {"dtype": "string", "_type": "Value"}, [("column", "added", "ner/more", "")]),
        (["quotes", "label", "names"], ["direct", "indirect"], [("class", "removed", "quotes/label", "")]),
        (["quotes", "label", "names"], ["direct", "indirect", "mixed", "x"], [("class", "added", "quotes/label", "")]),
        (
            ["quotes", "label", "names"],
            ["indirect", "direct", "mixed"],
            [("class", "changed", "quotes/label", "order")],
        ),
        (
            ["quotes", "label", "names"],
            ["x", "direct", "indirect", "mixed"],
            [("class", "added", "quotes/label", ""), ("class", "changed", "quotes/label", "order")],
        ),
    ],
)
def test_columns(path: list[str], value: Any, expected: list[tuple[str, str, str, str]]) -> None:
    changed = _with(NEWS, path, value)
    assert told(list(feature_changes(NEWS, changed))) == expected
    assert list(feature_changes(NEWS, NEWS)) == []


def test_columns_in_another_order() -> None:
    columns = dict(reversed(NEWS["quotes"].items()))
    (change,) = feature_changes(NEWS, {**NEWS, "quotes": columns})
    assert (change.what, change.item, change.field) == ("column", "quotes", "order")


def _with(tree: Any, path: list[str], value: Any) -> Any:
    result = dict(tree)
    if len(path) > 1:
        result[path[0]] = _with(tree[path[0]], path[1:], value)
    elif value is None:
        del result[path[0]]
    else:
        result[path[0]] = value
    return result


def test_licences_and_rows() -> None:
    assert [change.item for change in license_changes(("MIT", None), ("MIT", "unknown"))] == ["texts"]
    one, two = (SplitEntry(rows=1, content_sha256=digit * 64) for digit in "01")
    (change,) = row_changes({"ner": {"train": one, "test": one}}, {"ner": {"train": two, "test": one}, "x": {}})
    assert change.item == "ner/train"


@given(st.text(max_size=80))
def test_any_text_is_one_piece_of_code_on_one_line(text: str) -> None:
    shown = code(text)
    assert "\n" not in shown
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    assert fence not in shown[len(fence) : -len(fence)] or not text.strip()


def test_a_changelog_repeats_no_words_that_a_text_had_before() -> None:
    old, new = Draft("d", "Jan Jansen kwam.", title="Jansen"), Draft("d", "Iemand kwam.", title="Iemand")
    for draft, name in ((old, "Jan Jansen"), (new, "Iemand")):
        draft.span("PERSON", name, entity=name)
        draft.relation("speaker", draft.span("CUE", "kwam"), "s0")
    old.relation("Place", "s1", old.span("GPE", "Jansen kwam"))
    told = Summary(differences([record(old.document, old.set())], [record(new.document, new.set())]))
    text = changelog("2.0.0", "1.0.0", told, 1)
    assert "Jansen" not in text
    assert "- 1 document changed: title\n  - `d`\n" in text
    assert "- 1 span removed\n  - `d/gold` `GPE`\n" in text
    assert "Jansen" in "\n".join(told.lines())


def test_the_changelog_counts_everything_and_shows_the_first() -> None:
    drafted = [Draft(f"d{number:03}", "Niets.") for number in range(60)]
    draft = drafted[-1]
    old = [record(draft.document, draft.set()) for draft in drafted[:1]]
    new = [record(draft.document, draft.set(layers=("quotes",))) for draft in drafted]
    text = changelog("1.1.0", "1.0.0", Summary(differences(old, new)), 60)
    assert "## 1.1.0, since 1.0.0\n" in text
    assert "- 59 documents added\n  - `d001`\n" in text
    assert "  - and 19 more\n- 59 annotation sets added (0 spans, 0 relations)\n" in text
    layers = '`["entities","quotes","events"]` → `["quotes"]`'
    assert f"- 1 annotation set changed: layers\n  - `d000/gold` {layers}" in text
    told = [
        *differences(
            [record(draft.document, draft.set())],
            [record(draft.document, draft.set(confirmed=(By(at="2025-06-11T10:00"),)))],
        ),
        Change(what="rows", change="changed", item="quotes/train", before=8, after=8),
        Change(what="rows", change="changed", item="quotes/test", before=3, after=4),
        Change(what="document", change="added", document="new", after="A title"),
        Change(what="document", change="removed", document="gone", before="Of a text that was taken down"),
    ]
    assert [line for line in Summary(told).lines() if line.startswith("  ")] == [
        '  - `d059/gold` nothing → `[{"at":"2025-06-11T10:00"}]`',
        "  - `quotes/train` 8 rows as before, with other content",
        "  - `quotes/test` `3` → `4`",
        "  - `new` `A title`",
        "  - `gone`",
    ]
    assert changelog("1.0.0", None, Summary(), 60).endswith("## 1.0.0\n\nThe first version: 60 documents.\n")
    assert "nothing in the rows" in changelog("1.0.1", "1.0.0", Summary(), 60)
    assert Summary().level is Level.PATCH
