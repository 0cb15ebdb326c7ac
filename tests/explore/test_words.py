"""The index of words: what is written is what the page looks for."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from standoff.explore import words as words_module
from standoff.explore.words import WordIndex, fold, gaps, shard, words

texts = st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs", "Cn", "Co"]), max_size=40)


@pytest.mark.browser
@settings(max_examples=60)
@given(st.lists(texts, max_size=10))
def test_the_page_folds_as_the_index_does(functions: Page, cases: list[str]) -> None:
    assert functions.evaluate("texts => texts.map(standoff.fold)", cases) == [fold(text) for text in cases]
    found = functions.evaluate("texts => texts.map(standoff.words)", cases)
    assert [set(some) for some in found] == [words(text) for text in cases]


def test_case_and_accents_do_not_matter() -> None:
    assert words("Genève, CAFÉ; x̌ 90 dagen_lang") == {"geneve", "cafe", "x", "90", "dagen_lang"}


@settings(max_examples=25)
@given(st.lists(st.sets(st.sampled_from(["aap", "aal", "noot", "é", "жук", "x" * 60])), max_size=12))
def test_every_word_leads_to_its_documents(tmp_path_factory: pytest.TempPathFactory, documents: list[set[str]]) -> None:
    index = WordIndex(tmp_path_factory.mktemp("index") / "words")
    for number, some in enumerate(documents):
        index.add(number, " ".join(sorted(some)))
    found = {}
    for part in index.read():
        assert list(part) == sorted(part)
        found.update(part)
    for word in {word for some in documents for word in words(" ".join(some))}:
        assert found[word] == gaps(number for number, some in enumerate(documents) if word in words(" ".join(some)))


def test_parts_grow_with_the_corpus_and_hold_what_begins_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words_module, "_PART", 100)
    monkeypatch.setattr(words_module, "_BUFFER", 50)
    index = WordIndex(tmp_path / "words")
    for number in range(40):
        index.add(number, f"woord{number} ander{number} de")
    parts = list(index.read())
    assert len(parts) == index.parts() > 4
    for number, part in enumerate(parts):
        assert all(shard(word, len(parts)) == number == shard(word[:2], len(parts)) for word in part)
    assert sum(len(part) for part in parts) == 81
