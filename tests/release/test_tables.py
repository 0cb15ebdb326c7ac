"""Tables: columns as the scheme demands, offsets that index each row's own text, and nothing lost on the way back."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from release.corpora import Draft, extents_of, fragments_of, minister
from release.strategies import NEWS, TABLES, drafts, released
from standoff.corpus.model import AnnotationSet, By, Comment, Document, Provenance, Span
from standoff.corpus.scheme import SchemeError, index, read_scheme
from standoff.corpus.views import Frame, views
from standoff.errors import StandoffError
from standoff.release import features
from standoff.release.reading import document_of, set_of
from standoff.release.tables import Released, Tables, plan

NAMES = {"gold": "gold", "jan": "a1"}


def rows(*found: Released, tables: Tables = TABLES) -> dict[str, list[dict[str, Any]]]:
    built = tables.build(found, NAMES).tables
    for table in built.values():
        table.validate(full=True)
    return {name: table.to_pylist() for name, table in built.items()}


def test_a_document_as_a_reader_sees_it() -> None:
    draft = minister()
    (row,) = rows(released(draft.document, draft.set()))["documents"]
    assert [(entity["label"], entity["text"], entity["entity"], entity["kb_id"]) for entity in row["entities"]] == [
        ("GPE", "Den Haag", "Den Haag", "Q36600"),
        ("DATE", "dinsdag", None, None),
        ("GPE", "China", "China", "Q148"),
    ]
    (quote,) = row["quotes"]
    assert (quote["type"], quote["content"]["text"]) == ("indirect", "dat China zou aanvallen")
    assert (quote["speaker"]["text"], quote["speaker"]["entity"]) == ("Minister Jansen", "Jansen")
    assert quote["cue"]["text"] == "sprak uit"
    assert [fragment["text"] for fragment in quote["cue"]["fragments"]] == ["sprak", "uit"]
    assert row["text"][quote["cue"]["start"] : quote["cue"]["end"]] == "sprak dinsdag haar vrees uit"
    assert quote["addressee"] is None
    attack, leave = row["events"]
    assert (attack["type"], attack["realis"], attack["event"]) == ("Conflict.Attack", "Other", None)
    assert [(part["role"], part["label"], part["text"]) for part in attack["arguments"]] == [
        ("Attacker", "GPE", "China")
    ]
    assert [(part["role"], part["label"], part["entity"]) for part in leave["arguments"]] == [
        ("Destination", "ARG", "Genève")
    ]
    assert (row["date"], row["status"], row["layers"]) == ("2025-06", "draft", ["entities", "quotes", "events"])


def test_a_quote_is_a_row_with_the_sentence_around_it() -> None:
    draft = minister()
    built = rows(released(draft.document, draft.set()))
    (quote,) = built["quotes"]
    sentence = draft.document.text.split("\n")[1]
    assert (quote["id"], quote["document_id"], quote["text"]) == ("minister#s3", "minister", sentence)
    assert quote["offset"] == draft.document.text.index(sentence)
    assert quote["text"][quote["content"]["start"] : quote["content"]["end"]] == "dat China zou aanvallen"
    assert features.frames(TABLES.layers[1], NEWS)["label"] == features.Classes(("direct", "indirect", "mixed"))
    assert (quote["type"], quote["label"]) == ("indirect", 1)
    assert [event["label"] for event in built["events"]] == [11, 5]


def test_a_row_spans_all_sentences_of_its_parts() -> None:
    draft = minister()
    draft.relation("addressee", "s3", draft.span("ADDRESSEE", "Zij"))
    (quote,) = rows(released(draft.document, draft.set()))["quotes"]
    assert quote["text"] == draft.document.text.partition("\n")[2]
    assert quote["text"][quote["addressee"]["start"] : quote["addressee"]["end"]] == quote["addressee"]["text"] == "Zij"


def test_of_two_speakers_the_first_in_the_text_is_shown() -> None:
    draft = minister()
    draft.relation("speaker", "s3", draft.span("SPEAKER", "Zij"))
    (quote,) = rows(released(draft.document, draft.set()))["quotes"]
    assert quote["speaker"]["text"] == "Minister Jansen"


def test_null_is_not_annotated_and_empty_is_none_found() -> None:
    first, second = Draft("a", "Niets."), minister("b")
    built = rows(
        released(first.document, first.set(layers=("quotes",))),
        released(second.document, second.set(layers=("entities",))),
    )
    assert [row["entities"] is None for row in built["documents"]] == [True, False]
    assert [row["quotes"] for row in built["documents"]] == [[], None]
    assert [row["events"] for row in built["documents"]] == [None, None]
    assert built["quotes"] == built["events"] == []


def test_names_are_public_and_comments_and_users_stay_at_home() -> None:
    draft = minister()
    spans = [msgspec.structs.replace(span, by=By(annotator="jan", at="2025-06-11T10:00")) for span in draft.spans]
    person = msgspec.structs.replace(
        draft.set("jan", kind="human", confirmed=(By(annotator="jan"),)),
        spans=tuple(spans),
        comments=(Comment(by="jan", text="Lastig geval"),),
        provenance=Provenance(tool="doccano", user="jan.jansen@example.org"),
    )
    built = TABLES.build([released(draft.document, draft.set(), person)], NAMES).tables
    everything = str([table.to_pylist() for table in built.values()])
    assert "Lastig" not in everything
    assert "jan.jansen" not in everything
    assert "'jan'" not in everything
    gold, other = built["annotators"].to_pylist()
    assert (gold["id"], other["id"]) == ("minister#gold", "minister#a1")
    assert (other["status"], other["confirmed"]) == ("confirmed", [{"annotator": "a1", "at": None}])
    assert other["spans"][0]["by"] == {"annotator": "a1", "at": "2025-06-11T10:00"}


# -- laws


@given(st.lists(drafts(), max_size=3))
def test_documents_and_sets_come_back_exactly(corpus: Sequence[tuple[Document, list[AnnotationSet]]]) -> None:
    names = {"gold": "gold", "jan": "jan"}
    built = TABLES.build([released(document, *sets) for document, sets in corpus], names).tables
    assert [document_of(row) for row in built["documents"].to_pylist()] == [document for document, _ in corpus]
    assert [set_of(row) for row in built["annotators"].to_pylist()] == [found for _, sets in corpus for found in sets]


@given(st.lists(drafts(), max_size=3))
def test_views_are_those_of_each_set(corpus: Sequence[tuple[Document, list[AnnotationSet]]]) -> None:
    """What is made of all sets at once is what `corpus.views` makes of each."""
    built = TABLES.build([released(document, *sets) for document, sets in corpus], {"gold": "gold", "jan": "jan"})
    types = {layer.name: Counter[str]() for layer in TABLES.layers}
    for row, (_, sets) in zip(built.tables["documents"].to_pylist(), corpus, strict=True):
        for layer, view in zip(TABLES.layers, views(sets[0], TABLES.layers, NEWS).values(), strict=True):
            if view is None:
                assert row[layer.name] is None
                continue
            for shown, item in zip(row[layer.name], view, strict=True):
                if isinstance(item, Span):
                    assert (shown["id"], shown["label"], shown["text"]) == (item.id, item.label, item.text)
                    types[layer.name][item.label] += 1
                    continue
                assert isinstance(item, Frame)
                kind = layer.type_of(item)
                types[layer.name][kind or ""] += 1
                assert (shown["id"], shown["type"], shown[layer.column]["text"]) == (item.head.id, kind, item.head.text)
                if layer.kind == "frames":
                    parts = [(part["role"], part["id"]) for part in shown["arguments"]]
                    assert parts == [(role, span.id) for role, span in item.parts]
                else:
                    slots = {role: span.id for role, span in reversed(item.parts)}
                    assert {role.name: slots.get(role.name) for role in layer.roles} == {
                        role.name: shown[role.name] and shown[role.name]["id"] for role in layer.roles
                    }
    assert built.types == types


@given(st.lists(drafts(), max_size=3))
def test_offsets_index_the_text_of_their_own_row(corpus: Sequence[tuple[Document, list[AnnotationSet]]]) -> None:
    built = rows(*(released(document, *sets) for document, sets in corpus))
    for configuration, found in built.items():
        for row in found:
            for fragment in fragments_of(row):
                assert row["text"][fragment["start"] : fragment["end"]] == fragment["text"], (configuration, row)
            for extent in extents_of(row):
                fragments = extent["fragments"]
                assert (extent["start"], extent["end"]) == (fragments[0]["start"], fragments[-1]["end"])
                assert extent["text"] == " ".join(fragment["text"] for fragment in fragments)
    by_id = {document.id: document.text for document, _ in corpus}
    if len(by_id) == len(corpus):
        for row in [*built["quotes"], *built["events"]]:
            assert by_id[row["document_id"]].startswith(row["text"], row["offset"])


# -- other schemes

DIALOGUE = """
version = "dialogue/2"
[[layers]]
name = "acts"
color = "#000000"
labels = [{ name = "ASK" }, { name = "TELL" }, { name = "TO" }, { name = "WHY" }]
head = { labels = ["ASK", "TELL"], column = "utterance", type = "force" }
relations = [
  { name = "to", heads = ["ASK", "TELL"], tails = ["TO"], max = 1 },
  { name = "reason", heads = ["ASK"], tails = ["WHY", "@names"], max = 1 },
]
[[layers]]
name = "names"
color = "#000000"
labels = [{ name = "NAME" }]
[[attributes]]
name = "force"
labels = ["ASK", "TELL"]
page = "local"
[[attributes]]
name = "case"
labels = ["NAME", "TELL"]
page = "local"
"""


@pytest.fixture
def dialogue(tmp_path: Path) -> Tables:
    path = tmp_path / "scheme.toml"
    path.write_text(DIALOGUE)
    return plan(index(read_scheme(path)))


def test_another_scheme_brings_other_columns_by_the_same_rules(dialogue: Tables) -> None:
    assert list(dialogue.features) == ["documents", "ner", "acts", "annotators"]
    assert list(dialogue.features["acts"]) == [
        *("id", "text", "type", "case", "utterance", "to", "reason"),
        *("document_id", "offset", "date"),
    ]
    draft = Draft("a", "Wie Anna riep, vroeg Jan.")
    ask = draft.span("ASK", "Wie", "riep", force="open")
    draft.relation("reason", ask, draft.span("NAME", "Jan", case="nom"))
    draft.span("TELL", "vroeg")
    found = rows(released(draft.document, draft.set(layers=("acts", "names"))), tables=dialogue)
    first, second = found["acts"]
    # Two labels can be heads, and the type is something else: the head shows its label.
    assert (first["type"], first["utterance"]["label"], first["utterance"]["text"]) == ("open", "ASK", "Wie riep")
    assert (first["to"], first["reason"]["label"], first["reason"]["case"]) == (None, "NAME", "nom")
    assert (second["type"], second["case"], second["reason"]) == (None, None, None)
    assert [name["case"] for name in found["documents"][0]["names"]] == ["nom"]
    assert list(found["annotators"][0]["spans"][0]["attributes"]) == ["force", "case"]


def test_a_scheme_without_attributes_makes_no_empty_struct(tmp_path: Path) -> None:
    path = tmp_path / "scheme.toml"
    path.write_text('version = "v"\n[[layers]]\nname = "parts"\ncolor = "#000000"\nlabels = [{ name = "P" }]\n')
    tables = plan(index(read_scheme(path)))
    draft = Draft("a", "tekst")
    draft.span("P", "tekst")
    (row,) = rows(released(draft.document, draft.set(layers=("parts",))), tables=tables)["annotators"]
    assert "attributes" not in row["spans"][0]
    assert set_of(row) == draft.set(layers=("parts",))
    with pytest.raises(StandoffError, match=rf"a row of '{draft.document.id}' that can't be .*kind"):
        set_of({**row, "kind": "ghost"})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("names", "sentences"),
        ("names", "annotators"),
        ('column = "utterance"', 'column = "to"'),
        ('name = "to"', 'name = "Type"'),
        ('name = "case"', 'name = "fragments"'),
        ('name = "to"', 'name = "offset"'),
    ],
)
def test_names_that_a_table_can_not_hold_are_refused(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "scheme.toml"
    path.write_text(DIALOGUE.replace(old, new))
    with pytest.raises(SchemeError, match="rename"):
        plan(index(read_scheme(path)))


def test_no_type_is_lost_among_the_notations() -> None:
    """The three notations of the features describe the same columns, as `datasets` reads them."""
    datasets = pytest.importorskip("datasets")
    for name, wanted in TABLES.features.items():
        from_files = datasets.Features.from_dict(features.metadata(wanted))
        assert datasets.Features._from_yaml_list(features.card(wanted)) == from_files
        assert datasets.Features.from_arrow_schema(TABLES.schemas[name]) == from_files
        assert from_files.arrow_schema.remove_metadata() == TABLES.schemas[name].remove_metadata()
    assert pa.types.is_int64(TABLES.schemas["quotes"].field("label").type)
