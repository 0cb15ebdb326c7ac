"""What Label Studio's own SDK makes of our export, and what we make of its files: the real one, in its own environment."""

import subprocess
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmark.environment import models_python
from exchange import labelstudio_sdk_script
from release.corpora import Draft, write_corpus
from standoff.corpus.store import Store
from standoff.exchange.exporting import Export, export
from standoff.exchange.importing import import_
from standoff.exchange.sources import Options

Entity = tuple[int, int, str]


class Converted(NamedTuple):
    """A corpus of one document, what its exports told, and the folder of the SDK's conversions, beside our `gold.conll`."""

    store: Store
    told: Export
    columns: Export
    folder: Path

    def text(self) -> str:
        (document,) = self.store.documents()
        return document.text


def converted(root: Path, folder: Path) -> Converted:
    told = export("labelstudio", folder / "tasks", root)
    columns = export("conll", folder / "gold.conll", root, options=Options(columns=("token", "tag"), tagging="IOB2"))
    script = [str(models_python()), labelstudio_sdk_script.__file__, str(folder / "tasks"), str(folder)]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Converted(Store(root), told, columns, folder)


@pytest.fixture(scope="module")
def dutch(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Converted:
    """The validation part of CoNLL-2002."""
    folder = tmp_path_factory.mktemp("dutch")
    import_("conll", data / "conll2002-nl" / "val.conllu", folder / "corpus")
    return converted(folder / "corpus", folder)


@pytest.fixture(scope="module")
def astral(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    """Spans behind, around and of characters that are two units in UTF-16, nested ones, and one in two pieces."""
    draft = Draft(
        "astral",
        "👩‍🚒😀 Den Haag , 11 juni : 𝔍𝔞𝔫 Smit 🎉 belt .",
        "Groningen Airport sprak dinsdag de vrees uit dat China zou aanvallen !",
    )
    draft.span("GPE", "Den Haag", entity="Den Haag")
    draft.span("PERSON", "Smit", entity="Jan")
    draft.span("PERSON", "𝔍𝔞𝔫 Smit 🎉", entity="Jan")
    draft.span("GPE", "Groningen")
    draft.span("ORG", "Groningen Airport")
    draft.span("DATE", "dinsdag")
    draft.span("GPE", "China")
    quote = draft.span("QUOTE", "dat China zou aanvallen")
    draft.relation("cue", quote, draft.span("CUE", "sprak", "uit"))
    folder = tmp_path_factory.mktemp("astral")
    write_corpus(folder / "corpus", [draft.document, draft.set()])
    return converted(folder / "corpus", folder)


def entities(text: str, conll: Path) -> list[Entity]:
    """The entities that a file of tokens and IOB2 tags says are in the text."""
    found: list[Entity] = []
    place = 0
    for line in conll.read_text(encoding="utf-8").split("\n"):
        if not line or line.startswith("-DOCSTART-"):
            continue
        token, *_, tag = line.split()
        start = text.index(token, place)
        assert not text[place:start].strip(), f"{token!r} is not the next token"
        place = start + len(token)
        kind, _, label = tag.partition("-")
        if kind == "I":
            begun, _, there = found.pop()
            assert there == label
            start = begun
        if label:
            found.append((start, place, label))
    return found


def test_the_sdk_tags_the_dutch_data_as_we_do(dutch: Converted) -> None:
    assert (dutch.told.losses, dutch.columns.losses) == ([], [])
    ours = entities(dutch.text(), dutch.folder / "gold.conll")
    assert len(ours) == 2_616
    assert entities(dutch.text(), dutch.folder / "CONLL2003" / "result.conll") == ours
    (gold,) = dutch.store.sets("gold")
    assert ours == [(span.start, span.end, span.label) for span in gold.spans]


def test_the_sdk_counts_code_points_as_we_do(astral: Converted) -> None:
    text = astral.text()
    ours = entities(text, astral.folder / "gold.conll")
    theirs = entities(text, astral.folder / "CONLL2003" / "result.conll")
    assert [(text[start:end], label) for start, end, label in ours] == [
        ("Den Haag", "GPE"),
        ("𝔍𝔞𝔫 Smit 🎉", "PERSON"),
        ("Groningen Airport", "ORG"),
        ("dinsdag", "DATE"),
        ("dat China zou aanvallen", "QUOTE"),
    ]
    # Both have the outermost alone. What is in pieces we leave out, and tell; the SDK knows of pieces alone.
    assert set(ours) <= set(theirs)
    assert [text[start:end] for start, end, label in theirs if (start, end, label) not in ours] == ["sprak", "uit"]
    assert astral.told.losses == []
    assert Counter(loss.reason for loss in astral.columns.losses) == {
        "nested": 3,
        "discontinuous": 1,
        "relation": 1,
        "attributes": 3,
        "white-space": 1,
    }


@pytest.mark.parametrize("folder", ["tasks", "JSON"])
@pytest.mark.parametrize("name", ["dutch", "astral"])
def test_our_json_and_its_own_come_back_whole(
    name: str, folder: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    made: Converted = request.getfixturevalue(name)
    told = import_("labelstudio", made.folder / folder, tmp_path / "c", strict=True)
    assert (told.created, told.left_out) == (1, {})
    assert meant(tmp_path / "c") == meant(made.store.root)


def test_its_json_min_has_every_region(dutch: Converted, astral: Converted, tmp_path: Path) -> None:
    import_("labelstudio", dutch.folder / "JSON_MIN", tmp_path / "dutch", strict=True)
    assert meant(tmp_path / "dutch") == meant(dutch.store.root)
    told = import_("labelstudio", astral.folder / "JSON_MIN", tmp_path / "astral", strict=True)
    assert told.left_out == {"data.entity": 1}
    (document,), (annotations,) = Store(tmp_path / "astral").documents(), Store(tmp_path / "astral").sets("gold")
    assert (document.id, document.text) == ("astral", astral.text())
    (gold,) = astral.store.sets("gold")
    assert {(span.label, span.fragments) for span in annotations.spans} == {
        (span.label, (piece,)) for span in gold.spans for piece in span.fragments
    }


def meant(root: Path) -> set[object]:
    """The text, its spans with their attributes, and relations between them."""
    (document,), (annotations,) = Store(root).documents(), Store(root).sets("gold")
    spans = {
        span.id: (span.label, span.fragments, tuple(sorted(span.attributes.items()))) for span in annotations.spans
    }
    links = [(relation.label, spans[relation.head], spans[relation.tail]) for relation in annotations.relations]
    return {document.id, document.text, *spans.values(), *links}
