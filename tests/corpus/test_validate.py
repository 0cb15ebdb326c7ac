"""The run over a whole corpus: all problems in one pass, in one order, whatever the records and the number of processes."""

import json
import os
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from functools import reduce
from multiprocessing import get_context
from operator import getitem
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import standoff
from patience import until
from records import annotation_sets, documents, kind_of
from standoff.corpus import validate as module
from standoff.corpus.codec import DecodeError, decode, encode, encode_line, sha256
from standoff.corpus.entries import Entry
from standoff.corpus.model import AnnotationSet, Document, Extent, Fragment, Relation, Section, Span
from standoff.corpus.rules.records import REMEDY, read, readable
from standoff.corpus.schema import schema
from standoff.corpus.store import Bundle, Store
from standoff.corpus.validate import Checker, report
from standoff.errors import EnvironmentFault, StandoffError

BASE = Path(__file__).parents[1] / "fixtures" / "rules" / "base"
STORE = Store(BASE)
CHECKER = Checker(STORE.config, STORE.scheme)
DOCUMENT = STORE.document("a")
GOLD = msgspec.convert(STORE.set("gold", "a"), AnnotationSet)
SCHEMA = schema("annotations")


def checked(document: Document, annotations: AnnotationSet) -> list[str]:
    """Names of the rules that are broken."""
    entries = (
        Entry("a", None, "d", 1, encode_line(document)[:-1]),
        Entry("a", "gold", "s", 1, encode_line(annotations)[:-1]),
    )
    bundle = Bundle("a", entries[:1], entries[1:])
    return [problem.rule for problem in CHECKER.check([bundle]).problems]


def told(raw: bytes) -> list[tuple[str, str]]:
    """Why these bytes are no annotation set: where in them, and what is wrong."""
    context = read(Entry("a", "gold", "s", 1, raw))
    return [(pointer, message.removesuffix(f"; {REMEDY}")) for pointer, message, *_ in readable(context)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return shutil.copytree(BASE, tmp_path / "c")


def test_the_base_is_clean() -> None:
    assert checked(DOCUMENT, GOLD) == []


# -- rules take whatever records there are


LABELS = st.sampled_from([*CHECKER.scheme.spans, "UNKNOWN"])
IDS = st.sampled_from(["s1", "s2", "s3", "r1"])
SPANS = st.builds(
    Span,
    id=IDS,
    label=LABELS,
    fragments=st.lists(
        st.builds(
            Fragment, start=st.integers(0, 90), end=st.integers(0, 90), text=st.sampled_from(["Anna Bos", " é", '"'])
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    attributes=st.dictionaries(
        st.sampled_from(["entity", "kb_id", "type", "odd"]), st.sampled_from(["", "Q1", "direct"])
    ),
)
RELATIONS = st.builds(
    Relation, id=IDS, label=st.sampled_from([*CHECKER.scheme.relations, "UNKNOWN"]), head=IDS, tail=IDS
)
WILD = st.builds(
    msgspec.structs.replace,
    st.just(GOLD),
    layers=st.lists(st.sampled_from(["entities", "quotes", "events", "odd"]), max_size=3).map(tuple),
    spans=st.lists(SPANS, max_size=5).map(tuple),
    relations=st.lists(RELATIONS, max_size=5).map(tuple),
)


@given(WILD)
def test_no_set_stops_the_rules(annotations: AnnotationSet) -> None:
    checked(DOCUMENT, annotations)


@given(documents(), annotation_sets())
def test_no_record_stops_the_rules(document: Document, annotations: AnnotationSet) -> None:
    checked(document, annotations)
    checked(document, msgspec.structs.replace(annotations, text_sha256=sha256(document.text)))


PIECES = [(s, f) for s, span in enumerate(GOLD.spans) for f in range(len(span.fragments))]


@given(st.sampled_from(PIECES), st.integers(0, 100), st.integers(0, 100))
def test_no_moved_fragment_goes_unnoticed(piece: tuple[int, int], start: int, end: int) -> None:
    place, number = piece
    span = GOLD.spans[place]
    old = span.fragments[number]
    moved = msgspec.structs.replace(old, start=start, end=end)
    fragments = (*span.fragments[:number], moved, *span.fragments[number + 1 :])
    changed = msgspec.structs.replace(span, fragments=fragments)
    rules = checked(
        DOCUMENT, msgspec.structs.replace(GOLD, spans=(*GOLD.spans[:place], changed, *GOLD.spans[place + 1 :]))
    )
    right = DOCUMENT.text[start:end] == old.text and start < end <= len(DOCUMENT.text)
    assert right or {"span-offsets", "span-surface"} & set(rules)


CUE = next(span for span in GOLD.spans if span.label == "CUE")
TRIGGER = next(span for span in GOLD.spans if CHECKER.scheme.span_layer[span.label] == "events")


def test_fragments_out_of_order_hide_no_common_words() -> None:
    text = DOCUMENT.text
    extents = (TRIGGER.start, TRIGGER.end), (0, 4)
    moved = msgspec.structs.replace(CUE, fragments=tuple(Fragment(start=a, end=b, text=text[a:b]) for a, b in extents))
    rules = checked(DOCUMENT, msgspec.structs.replace(GOLD, spans=(moved, TRIGGER), relations=()))
    assert {"span-fragments", "exclusive-labels"} <= set(rules)


def test_a_fragment_of_any_length_costs_no_memory() -> None:
    long = msgspec.structs.replace(CUE, fragments=(Fragment(start=0, end=2**24, text="x"),))
    tracemalloc.start()
    try:
        rules = checked(DOCUMENT, msgspec.structs.replace(GOLD, spans=(long, TRIGGER), relations=()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert {"span-offsets", "exclusive-labels"} <= set(rules)
    assert peak < 50_000_000


# -- bytes that are no records


VALIDATORS = {name: jsonschema_rs.validator_for(schema(name)) for name in ("document", "annotations")}
CHANGES: list[Any] = [None, True, -1, 1.0, 1.5, 2**70, "", "a\n", "\u0000", [], {}, "A b"]


@given(st.data())
def test_validation_reads_what_the_model_reads(data: st.DataObject) -> None:
    """The quick way takes the same records as the schema and the decoder, and makes the same of them."""
    record = data.draw(st.one_of(documents(), annotation_sets()))
    contents = json.loads(encode(record))
    places: list[tuple[Any, Any]] = [(contents, key) for key in contents]
    fragments = [piece for span in contents.get("spans", []) for piece in span["fragments"]]
    for part in (*contents.get("spans", []), *fragments, *contents.get("relations", []), *contents.get("sections", [])):
        places += [(part, key) for key in part]
    where, key = data.draw(st.sampled_from(places))
    if data.draw(st.booleans()):
        where[key] = data.draw(st.sampled_from(CHANGES))
    else:
        del where[key]
    # The first as the model writes it, so that the schema is not asked.
    raw = data.draw(st.sampled_from([msgspec.json.encode(contents), json.dumps(contents).encode()]))
    found = read(Entry("a", None if isinstance(record, Document) else "gold", "f", 1, raw)).record
    name = "document" if isinstance(record, Document) else "annotations"
    taken = VALIDATORS[name].is_valid(contents)
    assert taken or found is None
    # To JSON Schema it is an integer, and to the model it is none.
    assert found or not taken or where.get(key) == 1.0
    try:
        wanted = decode(raw, kind_of(record))
    except DecodeError:
        wanted = None
    assert (found is None) == (wanted is None)
    if found is not None and wanted is not None:
        assert encode(found) == encode(wanted)
        assert isinstance(found, type(record))


@pytest.mark.parametrize("key", ["id", "label", "fragments", "start", "end", "text", "head", "tail"])
def test_a_missing_key_is_told(root: Path, key: str) -> None:
    contents = msgspec.to_builtins(GOLD)
    span, relation = contents["spans"][0], contents["relations"][0]
    for part in (relation, span, span["fragments"][0]):
        if key in part:
            del part[key]
            break
    (root / "corpus" / "annotations" / "gold" / "a.json").write_bytes(msgspec.json.encode(contents))
    (found,) = report(Store(root), jobs=1).problems
    assert found.rule == "readable"
    assert f"'{key}' is a required property" in found.message


def patterned(part: Any, definitions: Any, place: str = "") -> Iterator[str]:
    """Where a schema has strings of a pattern."""
    if "pattern" in part:
        yield place
    if "$ref" in part:
        yield from patterned(definitions[part["$ref"].rsplit("/", 1)[-1]], definitions, place)
    if "items" in part:
        yield from patterned(part["items"], definitions, f"{place}/0")
    for other in part.get("anyOf", ()):
        yield from patterned(other, definitions, place)
    for key, other in part.get("properties", {}).items():
        yield from patterned(other, definitions, f"{place}/{key}")


@pytest.mark.parametrize("value", ["A b", "é", "a\n", ""])
@pytest.mark.parametrize("place", [*patterned(SCHEMA, SCHEMA["$defs"])])
def test_a_string_of_another_pattern_is_told_wherever_it_stands(place: str, value: str) -> None:
    contents = msgspec.to_builtins(GOLD) | {"confirmed": [{}], "comments": [{"text": "x"}], "provenance": {}}
    contents["spans"][0]["by"], contents["relations"][0]["by"] = {}, {}
    assert told(msgspec.json.encode(contents)) == []
    *way, key = [int(step) if step.isdigit() else step for step in place.split("/")[1:]]
    reduce(getitem, way, contents)[key] = value
    ((pointer, message),) = told(msgspec.json.encode(contents))
    assert pointer == place
    assert message.startswith(f"{value!r} does not match: ")


@pytest.mark.parametrize(
    ("changes", "messages"),
    [
        ({b'"start":0,': b'"start":0.0,'}, ["Expected `int`, got `float` - at `$.spans[0].fragments[0].start`"]),
        ({b'"human"': b'"robot"', b'"relations":[': b'"relations":]'}, ["JSON is malformed"]),
        (
            {b'"human"': b'"robot"', b'"relations":[': b'"relations":[NaN,'},
            ["JSON is malformed", "'robot' is not one of", "nan is not of type"],
        ),
    ],
)
def test_faults_of_syntax_and_of_shape(changes: dict[bytes, bytes], messages: list[str]) -> None:
    raw = encode_line(GOLD)[:-1]
    for before, after in changes.items():
        assert before in raw
        raw = raw.replace(before, after, 1)
    for message, (_, text) in zip(messages, told(raw), strict=True):
        assert message in text


BAD = {
    "empty": b"",
    "white space": b" \n\n ",
    "binary": bytes(range(256)),
    "utf-16": '{"id": "x"}'.encode("utf-16-le"),
    "half": b'{"id": "x", "text": "',
    "other type": b"[1, 2]",
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep enough": b'{"id":' + b"[" * 900 + b"]" * 900 + b"}",
    "surrogate": b'{"id": "\\ud800"}',
    "not a number": b'{"id": NaN}',
    "long": b'{"id": "' + b"x" * 5_000_000 + b'"}',
}


def test_bad_records_stop_nothing(root: Path) -> None:
    """Each is told, with its file, and so is what is wrong in a good one."""
    for number, raw in enumerate(BAD.values()):
        (root / "corpus" / "documents" / f"bad{number}.json").write_bytes(raw)
        (root / "corpus" / "annotations" / "gold" / f"bad{number}.json").write_bytes(raw)
    (root / "corpus" / "documents" / "folder.json").mkdir()
    (root / "corpus" / "documents" / "gone.json").symlink_to("nowhere.json")
    (root / "corpus" / "documents" / "folder.jsonl").mkdir()
    (root / "corpus" / "documents" / "z.jsonl").write_bytes(b"\xff\n\n{}\n" + encode_line(DOCUMENT)[:50])
    wrong = msgspec.structs.replace(
        GOLD, spans=(msgspec.structs.replace(GOLD.spans[0], label="PERSOON"),), relations=()
    )
    (root / "corpus" / "annotations" / "gold" / "a.json").write_bytes(encode(wrong))
    found = report(Store(root), jobs=1)
    assert {p.path.partition("#")[0] for p in found.problems} == {
        *(f"corpus/documents/bad{number}.json" for number in range(len(BAD))),
        *(f"corpus/annotations/gold/bad{number}.json" for number in range(len(BAD))),
        "corpus/documents/folder.json",
        "corpus/documents/gone.json",
        "corpus/documents/folder.jsonl:1",
        *(f"corpus/documents/z.jsonl:{line}" for line in range(1, 5)),
        "corpus/annotations/gold/a.json",
    }
    assert ("corpus/annotations/gold/a.json#/spans/0/label", "span-label") in {(p.path, p.rule) for p in found.problems}
    assert all(len(p.message) < 400 for p in found.problems)
    assert report(Store(root), jobs=2) == found


def test_all_faults_of_a_record_are_told_at_once(root: Path) -> None:
    record = json.loads(encode(GOLD))
    record["kind"] = "robot"
    record["spans"][0]["fragments"][0]["start"] = -1
    record["spans"][2]["colour/size"] = "red"
    del record["relations"][0]["head"]
    (root / "corpus" / "annotations" / "gold" / "a.json").write_text(json.dumps(record))
    found = report(Store(root), jobs=1).problems
    assert [p.rule for p in found] == ["readable"] * 4
    assert {p.path.partition("#")[2] for p in found} == {
        "/kind",
        "/spans/0/fragments/0/start",
        "/spans/2",
        "/relations/0",
    }


def test_a_document_is_explained_by_its_own_schema(root: Path) -> None:
    (root / "corpus" / "documents" / "b.json").write_bytes(encode(DOCUMENT).replace(b'"nl"', b'"Dutch"'))
    (found,) = report(Store(root), jobs=1).problems
    assert (found.rule, found.path) == ("readable", "corpus/documents/b.json#/language")
    assert found.message.startswith("'Dutch' does not match: ")
    assert found.message.endswith("; correct it, or restore it from git")
    assert found.message.count("Dutch") == 1


def test_of_many_faults_of_one_record_the_rest_is_counted(root: Path) -> None:
    raw = encode(msgspec.structs.replace(GOLD, spans=GOLD.spans * 5, relations=()))
    (root / "corpus" / "annotations" / "gold" / "a.json").write_bytes(raw.replace(b'"label"', b'"lable"'))
    found = report(Store(root), jobs=1).problems
    assert len(found) == 21
    faults = 2 * 5 * len(GOLD.spans)
    assert found[-1].message == f"and {faults - 20} more faults of this kind"


def test_a_torn_line_of_a_set_is_told_once(root: Path) -> None:
    (root / "corpus" / "annotations" / "gold" / "z.jsonl").write_bytes(b"{\n")
    assert [p.rule for p in report(Store(root), jobs=1).problems] == ["readable"]


@pytest.mark.parametrize("line", [0, 1])
def test_keys_that_stand_twice(line: int) -> None:
    raw = encode_line(DOCUMENT)[:-1].replace(b'"language":"nl"', b'"language":"de","language":"nl"')
    entry = Entry("a", None, "f", line, raw)
    found = CHECKER.check([Bundle("a", (entry,), ())]).problems
    assert "readable" in {p.rule for p in found}
    assert any("'language' stands twice" in p.message for p in found)
    assert all(p.rule != "canonical-form" for p in found)


def test_of_another_text_only_what_is_no_matter_of_offsets_is_told() -> None:
    other = msgspec.structs.replace(DOCUMENT, text=DOCUMENT.text.replace("Anna", "Eva"), sections=(), sentences=())
    wrong = msgspec.structs.replace(GOLD.spans[0], label="PERSOON")
    rules = checked(other, msgspec.structs.replace(GOLD, spans=(wrong, *GOLD.spans[1:])))
    assert "text-sha256" in rules
    assert "span-label" in rules
    assert not {"span-surface", "span-offsets"} & set(rules)


END = len(DOCUMENT.text)


@pytest.mark.parametrize(
    ("sections", "sentences", "rule", "told"),
    [
        ([(0, END + 1)], [(0, END)], "sections", "is not a stretch of the text"),
        ([(0, 0), (0, END)], [(0, END)], "sections", "is not a stretch of the text"),
        ([(0, 51), (51, END)], [(0, 51), (52, END)], "sections", "white space at its ends"),
        ([(0, 52), (52, END)], [(0, 51), (52, END)], "sections", "white space at its ends"),
        ([(0, END), (52, END)], [(0, END)], "sections", "before the one before it ends"),
        ([(0, END)], [(0, 52), (52, END)], "sentences", "white space at its ends"),
        ([(0, END)], [(0, 51), (40, END)], "sentences", "before the one before it ends"),
        ([(0, 51)], [(0, 51), (52, END)], "sentences", "in no section"),
        ([(52, END)], [(0, 51), (52, END)], "sentences", "in no section"),
        ([(0, 51), (52, END)], [(0, END)], "sentences", "crosses one"),
        ([], [(0, END)], "sentences", "in no section"),
    ],
)
def test_extents_of_a_document(
    sections: list[tuple[int, int]], sentences: list[tuple[int, int]], rule: str, told: str
) -> None:
    document = msgspec.structs.replace(
        DOCUMENT,
        sections=tuple(Section(kind="paragraph", start=start, end=end) for start, end in sections),
        sentences=tuple(Extent(start=start, end=end) for start, end in sentences),
    )
    entry = Entry("a", None, "d", 1, encode_line(document)[:-1])
    (problem,) = CHECKER.check([Bundle("a", (entry,), ())]).problems
    assert problem.rule == rule
    assert told in problem.message


def span(id_: str, label: str, *extents: tuple[int, int], **attributes: str) -> dict[str, Any]:
    pieces = [{"start": start, "end": end, "text": DOCUMENT.text[start:end]} for start, end in extents]
    return {"id": id_, "label": label, "fragments": pieces, "attributes": attributes}


def link(id_: str, label: str, head: str, tail: str) -> dict[str, str]:
    return {"id": id_, "label": label, "head": head, "tail": tail}


@pytest.mark.parametrize(
    ("at", "value", "told"),
    [
        ("/layers", ["entities", "quotes"], ["annotated-layers /spans/6"]),
        ("/layers/3", "odd", ["set-layers /layers/3"]),
        ("/layers/3", "quotes", ["set-layers /layers/3"]),
        ("/spans/2/label", "DAY", ["span-label /spans/2/label"]),
        ("/spans/2/attributes", {"odd": "y"}, ["span-attributes /spans/2/attributes/odd"]),
        ("/spans/3/attributes", {}, ["span-attributes /spans/3/attributes"]),
        ("/spans/3/attributes/type", "odd", ["span-attributes /spans/3/attributes/type"]),
        ("/spans/3/attributes/type", "direct", ["quotation-type /spans/3/attributes/type"]),
        ("/spans/1/attributes/kb_id", "Q2", ["entity-attributes /spans/1/attributes/kb_id"]),
        ("/spans/1/attributes", {"entity": "Anna Bos"}, ["entity-attributes-everywhere /spans/1/attributes"]),
        ("/spans/1/attributes", {"entity": "Bos"}, []),
        ("/spans/2/fragments/0/end", 1000, ["span-offsets /spans/2/fragments/0"]),
        ("/spans/2/fragments/0/start", 62, ["span-offsets /spans/2/fragments/0"]),
        ("/spans/5/fragments/1/text", "it", ["span-surface /spans/5/fragments/1/text"]),
        ("/spans/5", span("s6", "CUE", (25, 28), (9, 14)), ["span-fragments /spans/5/fragments/1"]),
        ("/spans/5", span("s6", "CUE", (9, 14), (13, 17)), ["span-fragments /spans/5/fragments/1"]),
        ("/spans/5", span("s6", "CUE", (9, 14), (14, 17)), ["span-edges /spans/5/fragments/1"]),
        ("/spans/2", span("s3", "DATE", (46, 62)), ["sentence-boundary /spans/2/fragments/0"]),
        ("/spans/7", span("s8", "DATE", (52, 62)), ["identical-spans /spans/7", "nested-values /spans/7"]),
        ("/spans/7", span("s8", "DATE", (57, 62)), ["nested-values /spans/7"]),
        ("/spans/7", span("s8", "DATE", (58, 68)), []),
        ("/spans/7", span("s8", "Leave", (9, 14)), ["exclusive-labels /spans/5"]),
        ("/spans/7", span("s8", "Leave", (15, 24)), []),
        (
            "/spans/5/fragments/1",
            {"start": 72, "end": 70, "text": "x"},
            ["span-offsets /spans/5/fragments/1"],
        ),
        ("/spans/2/id", "r3", ["unique-ids /relations/2/id"]),
        ("/relations/2/label", "Agentt", ["relation-label /relations/2/label"]),
        ("/relations/2/tail", "s9", ["dangling-relation /relations/2/tail"]),
        ("/relations/2/head", "s9", ["dangling-relation /relations/2/head"]),
        ("/relations/2/head", "s1", ["relation-ends /relations/2/head"]),
        ("/relations/0/tail", "s3", ["relation-ends /relations/0/tail"]),
        ("/relations/3", link("r4", "cue", "s4", "s5"), ["relation-ends /relations/3/tail", "relation-maximum /spans/3"]),
        ("/relations/3", link("r4", "Agent", "s7", "s2"), ["identical-relations /relations/3"]),
        ("/relations/3", link("r4", "Agent", "s7", "s1"), []),
        ("/relations/2/tail", "s7", ["relation-ends /relations/2/tail", "self-relation /relations/2"]),
    ],
)  # fmt: skip
def test_each_rule_names_the_one_place_that_breaks_it(at: str, value: object, told: list[str]) -> None:
    contents = json.loads(encode(GOLD))
    *steps, last = [int(step) if step.isdigit() else step for step in at.split("/")[1:]]
    place = contents
    for step in steps:
        place = place[step]
    if isinstance(place, list) and last == len(place):
        place.append(value)
    else:
        place[last] = value
    document = Entry("a", None, "d", 1, encode_line(DOCUMENT)[:-1])
    entry = Entry("a", "gold", "s", 1, msgspec.json.encode(contents))
    found = CHECKER.check([Bundle("a", (document,), (entry,))]).problems
    assert [f"{p.rule} {p.path.partition('#')[2]}" for p in found] == told


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"label": "PERSOON"}, "unknown label 'PERSOON'; did you mean 'PERSON'?"),
        ({"label": "XYZ"}, "unknown label 'XYZ'; use one of the scheme's, or add it there"),
        (
            {"fragments": [{"start": 40, "end": 43, "text": "Bos"}]},  # there are two near: neither is named
            'text "Bos" is not the document\'s "oi"" (40:43); look which of the two is right',
        ),
        (
            {"fragments": [{"start": 78, "end": 81, "text": "x" * 61}]},
            f'text "{"x" * 57}..." is not the document\'s "os." (78:81); look which of the two is right',
        ),
    ],
)
def test_what_a_message_says_to_do(change: dict[str, Any], told: str) -> None:
    contents = json.loads(encode(GOLD)) | {"relations": []}
    contents["spans"][1] |= {"attributes": {}} | change
    document = Entry("a", None, "d", 1, encode_line(DOCUMENT)[:-1])
    entry = Entry("a", "gold", "s", 1, msgspec.json.encode(contents))
    assert told in [p.message for p in CHECKER.check([Bundle("a", (document,), (entry,))]).problems]


@pytest.mark.parametrize("line", [0, 1])
def test_a_set_in_the_folder_of_another_annotator(line: int) -> None:
    raw = encode_line(GOLD)[:-1] if line else encode(GOLD)
    document = Entry("a", None, "d", 1, encode_line(DOCUMENT)[:-1])
    found = CHECKER.check([Bundle("a", (document,), (Entry("a", "other", "s", line, raw),))]).problems
    assert [(p.rule, p.path.partition("#")[2]) for p in found] == [("file-name", "/annotator")]


def test_a_set_lists_only_layers_of_its_corpus(root: Path) -> None:
    config = root / "corpus" / "corpus.toml"
    config.write_text(
        config.read_text().replace('languages = ["nl"]', 'languages = ["nl"]\nlayers = ["entities", "events"]')
    )
    (found,) = report(Store(root), jobs=1).problems
    assert (found.rule, found.path) == ("set-layers", "corpus/annotations/gold/a.json#/layers/1")
    assert "'quotes' is no layer of this corpus: entities, events; take it out, or add it" in found.message


def test_a_project_of_an_unknown_layer_is_told_and_stops_nothing(root: Path) -> None:
    config = root / "corpus" / "corpus.toml"
    config.write_text(config.read_text() + '\n[doccano.main]\nurl = "http://127.0.0.1:8000"\nlayers = ["odd"]\n')
    assert [p.rule for p in report(Store(root), jobs=1).problems] == ["known-layers"]


def test_a_state_of_a_document_is_deleted_and_that_of_a_project_restored(root: Path) -> None:
    folder = root / "corpus" / "sync" / "main"
    (folder / "gold").mkdir(parents=True)
    for content in (b"{", b'{"id": -1}'):
        (folder / "project.json").write_bytes(content)
        (folder / "gold" / "a.json").write_bytes(content.replace(b"id", b"example"))
        found = report(Store(root), jobs=1).problems
        assert {p.rule for p in found} == {"sync-readable"}
        messages = {document: [p.message for p in found if p.document == document] for document in ("", "a")}
        assert all("restore this file from git" in message for message in messages[""])
        assert all("delete this file: the next sync" in message for message in messages["a"])
    assert any(message.startswith("'url' is a required property") for message in messages[""])
    assert [message.split(";")[0] for message in messages["a"]] == ["-1 is less than the minimum of 0"]


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ('"score": 1.5', "score", "1.5 is greater than the maximum of 1;"),
        ('"by": {"at": "now"}', "by/at", "'now' does not match: ISO 8601 date and time;"),
        ('"by": {"annotator": "Jan"}', "by/annotator", "'Jan' does not match: ^[a-z0-9][a-z0-9._-]*$ (Who annotated"),
        ('"note": 1', "note", "1 is not of type 'string';"),
    ],
)
def test_what_is_wrong_with_a_value_that_may_be_left_out(root: Path, value: str, path: str, message: str) -> None:
    file = root / "corpus" / "annotations" / "gold" / "a.json"
    file.write_text(file.read_text().replace('{"id":', f'{{{value},"id":', 1))
    (found,) = report(Store(root), jobs=1).problems
    assert (found.rule, found.path.partition("#")[2]) == ("readable", f"/spans/0/{path}")
    assert found.message.startswith(message)


def test_what_to_do_about_a_damaged_shard_is_said_once(root: Path) -> None:
    folder = root / "corpus" / "annotations" / "model"
    folder.mkdir()
    (folder / "a.jsonl.zst").write_bytes(b"(\xb5/\xfd$\x05")
    (folder / "b.jsonl").write_bytes(b'{"document":"b"}\n{"document":"a"}\n')
    messages = [found.message for found in report(Store(root), jobs=1).problems if found.rule == "readable"]
    assert any(message.endswith("; restore it from git or a copy") for message in messages)
    assert any(message.endswith("; sort the lines of this shard by document id") for message in messages)


def test_a_conflict_of_git_is_called_one(root: Path) -> None:
    file = root / "corpus" / "annotations" / "gold" / "a.json"
    first, *others = file.read_text().splitlines(keepends=True)
    file.write_text("".join([first, "<<<<<<< HEAD\n", *others, "=======\n", *others, ">>>>>>> theirs\n"]))
    (found,) = report(Store(root), jobs=1).problems
    assert found.message.startswith("git left a conflict here, from line 2 on;")


def test_decisions_in_the_wrong_place(root: Path) -> None:
    kept = BASE.parent / "decisions-consistent" / "valid" / "corpus" / "decisions" / "gold" / "a.json"
    wrong = root / "corpus" / "decisions" / "other" / "b.json"
    wrong.parent.mkdir(parents=True)
    shutil.copy(kept, wrong)
    found = report(Store(root), jobs=1).problems
    assert {(p.rule, p.path.partition("#")[2]) for p in found} == {
        ("decisions-consistent", "/document"),
        ("decisions-consistent", "/annotator"),
    }


# -- many documents, several processes


@pytest.fixture
def many(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A thousand more documents with their sets, for which processes are started; as those of one with threads, as tests have."""
    monkeypatch.setattr(module, "quickest", lambda: get_context("spawn"))
    monkeypatch.setattr(module, "_BYTES", 20_000)
    monkeypatch.setattr(module, "_IN_PROCESS", 100_000)
    with (root / "corpus" / "documents" / "more.jsonl").open("wb") as texts:
        for number in range(1000):
            text = DOCUMENT.text if number % 7 else DOCUMENT.text + "\n"
            texts.write(encode_line(msgspec.structs.replace(DOCUMENT, id=f"d{number:04}", text=text)))
    with (root / "corpus" / "annotations" / "gold" / "more.jsonl").open("wb") as sets:
        for number in range(1000):
            label = "PERSON" if number % 5 else "PERSOON"
            span = msgspec.structs.replace(GOLD.spans[0], label=label)
            sets.write(
                encode_line(msgspec.structs.replace(GOLD, document=f"d{number:04}", spans=(span,), relations=()))
            )
    return root


def test_processes_change_nothing(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    take = module._next

    def slowly(following: module._Counter) -> int:
        taken.append(take(following))
        if len(taken) == 1:
            until(lambda: following.value > 1)
        return taken[-1]

    monkeypatch.setattr(module, "_next", slowly)
    told: list[int] = []
    one = report(Store(many), jobs=1)
    three = report(Store(many), 3, told.append)
    assert taken != list(range(len(taken))), "the others took a part"
    assert three == one
    assert (one.documents, one.annotation_sets) == (1001, 1001)
    assert len(one.problems) > 300
    assert [p.document for p in one.problems] == sorted(p.document for p in one.problems)
    assert told == sorted(told)
    assert told[-1] == 1001


COPIES = """
import sys
from pathlib import Path
from standoff.corpus import validate
from standoff.corpus.processes import quickest
from standoff.corpus.store import Store

validate._BYTES, validate._IN_PROCESS = 20_000, 100_000
assert quickest().get_start_method() == "fork"
assert validate.report(Store(Path(sys.argv[1])), 3) == validate.report(Store(Path(sys.argv[1])), 1)
validate._work = sys.exit
validate.report(Store(Path(sys.argv[1])), 3)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere processes are started anew")
def test_copies_of_a_process_change_nothing_either(many: Path) -> None:
    done = subprocess.run([sys.executable, "-c", COPIES, str(many)], capture_output=True, text=True, check=False)
    assert "EnvironmentFault: a process that was checking the corpus was ended" in done.stderr
    assert "AssertionError" not in done.stderr


def test_a_process_that_ends_is_told(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_work", sys.exit)
    with pytest.raises(EnvironmentFault, match="--jobs 1"):
        report(Store(many), 2)


def test_a_corpus_that_changes_meanwhile_is_told(many: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batches, here = module._batches, os.getpid()
    more_here = lambda *args: ((batch, length + (os.getpid() == here)) for batch, length in batches(*args))  # noqa: E731
    monkeypatch.setattr(module, "_batches", more_here)
    with pytest.raises(StandoffError, match="changed while"):
        report(Store(many), 2)


# -- the command


def test_the_command_for_programs(root: Path) -> None:
    done = standoff("validate", "--root", root, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"documents": 1, "annotation_sets": 1, "problems": []}
    (root / "corpus" / "documents" / "a.json").write_text((root / "corpus" / "documents" / "a.json").read_text() + "\n")
    done = standoff("validate", "--root", root, "--json")
    assert done.returncode == 0
    (problem,) = json.loads(done.stdout)["problems"]
    assert list(problem) == ["rule", "severity", "document", "path", "message"]
    assert (problem["rule"], problem["severity"], problem["document"]) == ("canonical-form", "warning", "a")


def test_the_command_for_people(root: Path) -> None:
    path = root / "corpus" / "annotations" / "gold" / "a.json"
    path.write_text(path.read_text().replace('"text":"sprak"', '"text":"sprk"'))
    done = standoff("validate", "--root", root)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "corpus/annotations/gold/a.json",
        '  error spans[5].fragments[0].text: text "sprk" is not the document\'s "sprak" (9:14);'
        " look which of the two is right (span-surface)",
        "1 document, 1 annotation set: 1 error, 0 warnings",
    ]


def test_a_name_that_is_not_utf_8_is_told_to_programs_too(root: Path) -> None:
    (root / "corpus" / "documents" / os.fsdecode(b"\xff.txt")).touch()
    done = standoff("validate", "--root", root, "--json")
    assert done.returncode == 0, done.stderr
    (problem,) = json.loads(done.stdout)["problems"]
    assert (problem["rule"], problem["path"]) == ("stray-file", "corpus/documents/\udcff.txt")


def test_without_a_corpus_or_with_a_key_misspelled(root: Path, tmp_path: Path) -> None:
    done = standoff("validate", "--root", tmp_path)
    assert done.returncode == 2
    assert "standoff init" in done.stderr
    config = root / "corpus" / "corpus.toml"
    config.write_text(config.read_text() + "\n[relese]\nset = 'gold'\n")
    done = standoff("validate", "--root", root)
    assert done.returncode == 2
    assert "unknown key 'relese'; did you mean 'release'?" in done.stderr
