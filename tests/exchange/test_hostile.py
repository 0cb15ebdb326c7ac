"""Whatever is in a source, an import ends with a report, and what it made is valid."""

import json
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.errors import StandoffError
from standoff.exchange.importing import import_

WORDS = [
    "T1",
    "T2",
    "E1",
    "R1",
    "A1",
    "N1",
    "#1",
    "*",
    "Org",
    "Org:T1",
    "Arg1:T1",
    "Arg2:E1",
    "T1;",
    "0",
    "3",
    "-1",
    "9" * 5000,
    "Jan",
    "é😀",
    "\u0301",
    "@x",
    "continues",
    "true",
    "Reference",
    "B-A",
    "I-A",
    "O",
    "",
    "\ud800",
]
GLUE = ["\t", " ", "\n", "\t", " ", ";", "\r\n", "\n\n", "\x00", "\ufeff"]
LINES = st.lists(st.sampled_from(WORDS) | st.sampled_from(GLUE), max_size=60).map("".join)
TEXTS = st.text(st.sampled_from("Jan é😀\n\r\t\u0301\u00ad\ufeff\ud800\u2028"), max_size=20)

STRINGS = st.sampled_from(
    [
        "PER",
        "LOC",
        "continues",
        "",
        "@x",
        " x",
        "a\nb",
        "\ud800",
        "gold",
        "..",
        "情感",
        "情景",
        "x" * 300,
        "2024-01-31",
        "realis:Other",
    ]
)
NUMBERS = st.sampled_from([0, 1, 2, 3, 5, -1, 10**30, 0.5, float("nan"), float("inf")])
EXTENT = st.fixed_dictionaries(
    {"start": NUMBERS, "end": NUMBERS, "label": STRINGS},
    optional={
        "id": STRINGS,
        "text": TEXTS,
        "attributes": st.dictionaries(STRINGS, STRINGS),
        "score": NUMBERS,
        "note": STRINGS,
    },
)
RESULT = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["labels", "relation", "choices", "textarea", "x"]),
        "id": STRINGS,
        "value": st.dictionaries(
            st.sampled_from(["start", "end", "labels", "choices", "text", "textarea"]),
            NUMBERS | STRINGS | st.lists(STRINGS, max_size=2),
            max_size=4,
        ),
    },
    optional={
        "from_id": STRINGS,
        "to_id": STRINGS,
        "labels": st.lists(STRINGS, max_size=2),
        "from_name": STRINGS,
        "score": NUMBERS,
        "direction": STRINGS,
        "meta": st.fixed_dictionaries({"text": st.lists(STRINGS)}),
    },
)
ANNOTATION = st.fixed_dictionaries(
    {"result": st.lists(RESULT, max_size=4)},
    optional={"completed_by": STRINGS | NUMBERS, "updated_at": STRINGS, "model_version": STRINGS},
)
TASKS: dict[str, st.SearchStrategy[Any]] = {
    "prodigy": st.fixed_dictionaries(
        {"text": TEXTS},
        optional={
            "spans": st.lists(EXTENT, max_size=4),
            "relations": st.lists(st.fixed_dictionaries({"head": NUMBERS, "child": NUMBERS, "label": STRINGS}, optional={"head_span": EXTENT, "child_span": EXTENT}), max_size=3),
            "meta": st.dictionaries(st.just("standoff_document"), STRINGS),
            "answer": STRINGS,
            "_annotator_id": STRINGS,
            "_timestamp": NUMBERS,
        },
    ),
    "labelstudio": st.fixed_dictionaries({"data": st.fixed_dictionaries({"text": TEXTS}, optional={"standoff_document": STRINGS})}, optional={"annotations": st.lists(ANNOTATION, max_size=2), "predictions": st.lists(ANNOTATION, max_size=1)})
    | st.fixed_dictionaries({"text": TEXTS, "annotation_id": NUMBERS}, optional={"annotator": STRINGS | NUMBERS, "label": st.lists(st.fixed_dictionaries({"start": NUMBERS, "end": NUMBERS, "labels": st.lists(STRINGS, max_size=2)}, optional={"text": STRINGS}) | STRINGS, max_size=4)}),
    "doccano": st.fixed_dictionaries(
        {"text": TEXTS},
        optional={
            "label": st.lists(st.tuples(NUMBERS, NUMBERS, STRINGS), max_size=4),
            "entities": st.lists(st.fixed_dictionaries({"id": NUMBERS, "label": STRINGS, "start_offset": NUMBERS, "end_offset": NUMBERS}), max_size=3),
            "relations": st.lists(st.fixed_dictionaries({"id": NUMBERS, "from_id": NUMBERS, "to_id": NUMBERS, "type": STRINGS}), max_size=2),
            "Comments": st.lists(STRINGS, max_size=2),
            "standoff_document": STRINGS,
        },
    ),
}  # fmt: skip
FEW = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def imported(format_: str, folder: Path, files: dict[str, bytes]) -> None:
    source = folder / "in"
    source.mkdir()
    for name, content in files.items():
        (source / name).write_bytes(content)
    try:
        told = import_(format_, source, folder / "c")
    except StandoffError:
        assert not (folder / "c").exists()
        return
    msgspec.json.encode(told)
    assert [p for p in report(Store(folder / "c"), jobs=1).problems if p.severity == "error"] == []


@pytest.mark.parametrize("format_", TASKS)
@FEW
@given(data=st.data())
def test_any_json(format_: str, data: st.DataObject) -> None:
    tasks = data.draw(st.lists(TASKS[format_], min_size=1, max_size=4))
    content = "\n".join(map(json.dumps, tasks)).encode()
    cut = data.draw(st.integers(0, len(content)))
    with tempfile.TemporaryDirectory() as folder:
        imported(format_, Path(folder), {"a.jsonl": content, "b.jsonl": content[:cut]})


@FEW
@given(TEXTS, LINES)
def test_any_brat(text: str, lines: str) -> None:
    files = {"a.txt": text.encode("utf-8", "surrogatepass"), "a.ann": lines.encode("utf-8", "surrogatepass")}
    files |= {"b.txt": b"Jan zag Piet in Gent.\n", "b.ann": lines.encode("utf-8", "ignore")}
    with tempfile.TemporaryDirectory() as folder:
        imported("brat", Path(folder), files)


@FEW
@given(LINES, st.binary(max_size=20))
def test_any_columns(lines: str, raw: bytes) -> None:
    files = {
        "a": lines.encode("utf-8", "surrogatepass"),
        "b": b"De\tO\nNV\tB-A\n" + lines.encode("utf-8", "ignore"),
        "c": raw,
    }
    with tempfile.TemporaryDirectory() as folder:
        imported("conll", Path(folder), files)


def test_a_task_that_is_half_a_surrogate_pair(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"data": {"text": "Gent"}}, "\\ud800"]')
    told = import_("labelstudio", tmp_path / "a.json", tmp_path / "c")
    assert (told.created, [(loss.kind, loss.place) for loss in told.losses]) == (1, [("refused", "a.json#/1")])
