"""Model and schema are one: what the model writes validates, and what it reads validates."""

import json
from typing import Any

import jsonschema
import jsonschema_rs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import annotation_sets, documents, kind_of
from standoff.corpus.codec import DecodeError, decode, encode, encode_line
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.schema import STATES, TITLES, schema

VALIDATORS = {
    kind: (jsonschema.Draft202012Validator(schema(name)), jsonschema_rs.validator_for(schema(name)))
    for kind, name in ((Document, "document"), (AnnotationSet, "annotations"))
}
records = st.one_of(documents(), annotation_sets())


@pytest.mark.parametrize("name", [*TITLES, *STATES])
def test_schemas_are_schemas_that_explain_themselves(name: str) -> None:
    contents = schema(name)
    jsonschema.Draft202012Validator.check_schema(contents)
    assert contents["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert contents["$id"]
    for part in (contents, *contents.get("$defs", {}).values()):
        assert part["title"]
        assert part["description"]


@given(records)
def test_what_is_written_validates_and_is_read_again(record: Document | AnnotationSet) -> None:
    for raw in (encode(record), encode_line(record)):
        for validator in VALIDATORS[type(record)]:
            assert validator.is_valid(json.loads(raw))
        again = decode(raw, kind_of(record))
        assert again == record
        assert encode(again) == encode(record)
        assert encode_line(again) == encode_line(record)


@given(records)
def test_lines(record: Document | AnnotationSet) -> None:
    raw = encode(record)
    assert raw.endswith(b"\n}\n")
    assert encode_line(record).count(b"\n") == 1
    if isinstance(record, AnnotationSet):
        lines = [json.loads(line.strip().rstrip(b",")) for line in raw.split(b"\n") if line.startswith(b"  {")]
        ids = [line["id"] for line in lines if "id" in line]
        assert ids == [span.id for span in record.spans] + [relation.id for relation in record.relations]


ODD: list[Any] = [
    None,
    True,
    0,
    1,
    -1,
    1.0,
    1.5,
    2**31,
    2**70,
    "",
    "a",
    "a\n",
    "\u0000",
    "2025-13",
    "2025-06",
    [],
    {},
    [{}],
    "é",
    "A b",
]


@given(st.data())
def test_what_the_model_reads_validates(data: st.DataObject) -> None:
    """Valid records with one place changed: whatever the decoder still takes, the schema takes too."""
    record = data.draw(records)
    contents = json.loads(encode(record))
    places = [(contents, key) for key in contents]
    stack: list[Any] = list(contents.values())
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            places += [(part, key) for key in part]
            stack += part.values()
        elif isinstance(part, list):
            places += [(part, number) for number in range(len(part))]
            stack += part
    where, key = data.draw(st.sampled_from(places))
    change = data.draw(st.sampled_from(["replace", "remove", "add"]))
    if change == "replace":
        where[key] = data.draw(st.sampled_from(ODD))
    elif change == "remove":
        del where[key]
    elif isinstance(where, dict):
        where[data.draw(st.sampled_from(["extra", "id", "note", "title", "score", "by"]))] = data.draw(
            st.sampled_from(ODD)
        )
    raw = json.dumps(contents).encode()
    try:
        decode(raw, kind_of(record))
    except DecodeError:
        return
    for validator in VALIDATORS[type(record)]:
        assert validator.is_valid(json.loads(raw)), raw


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"id":"a\n"}', b'{"id":"\\ud800"}', b"[" * 100_000, b'{"id": NaN}'],
)
def test_garbage_is_a_decode_error(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(raw, Document)


def test_an_id_with_a_final_newline_is_no_id() -> None:
    record = msgspec.json.decode(b'{"id":"a\\n"}')
    for validator in VALIDATORS[Document]:
        assert any(
            "id" in str(error.instance) or "a\n" in str(error.instance) for error in validator.iter_errors(record)
        )
    with pytest.raises(DecodeError, match=r"\$\.id"):
        decode(b'{"id":"a\\n"}', Document)


def test_the_file_that_a_reader_learns_from() -> None:
    raw = b"""{
 "document": "a",
 "text_sha256": "0000000000000000000000000000000000000000000000000000000000000000",
 "annotator": "gold",
 "kind": "human",
 "scheme": "tiny/1",
 "layers": ["quotes"],
 "spans": [
  {"id":"s1","label":"CUE","fragments":[{"start":3,"end":8,"text":"sprak"},{"start":20,"end":23,"text":"uit"}]},
  {"id":"s2","label":"QUOTE","fragments":[{"start":24,"end":27,"text":"dat"}],"attributes":{"type":"indirect"}}
 ],
 "relations": [
  {"id":"r1","label":"cue","head":"s2","tail":"s1"}
 ]
}
"""
    record = decode(raw, AnnotationSet)
    assert record.spans[0].text == "sprak uit"
    assert (record.spans[0].start, record.spans[0].end) == (3, 23)
    assert encode(record) == raw
