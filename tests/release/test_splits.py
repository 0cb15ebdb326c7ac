"""Splits: dealt by group, recorded, never moved."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.corpus.config import SplitsTable
from standoff.release.near_duplicates import signatures
from standoff.release.splits import SPLITS, Split, SplitError, deal, encode_splits, groups_of, read_splits, torn_groups

TEXT = "Minister Jansen sprak dinsdag in Den Haag haar vrees uit dat het water de dijken zou breken."
ALWAYS = SplitsTable(salt="s", min_groups=0)
IDS = st.text("abc", min_size=1, max_size=3)
GROUPS = st.dictionaries(IDS, st.sampled_from(["g", "h", "i", "j"]), max_size=8)


@given(GROUPS, GROUPS)
def test_nothing_moves_and_groups_stay_together(first: dict[str, str], second: dict[str, str]) -> None:
    before = deal(first, {}, ALWAYS)
    assert set(before) == set(first)
    later = {**second, **first}
    after = deal(later, before, ALWAYS)
    assert before.items() <= after.items()
    assert set(after) == set(later)
    assert not torn_groups(later, after)
    assert deal(later, after, ALWAYS) == after
    assert deal({}, after, ALWAYS) == after


@given(GROUPS)
def test_order_and_other_documents_do_not_matter(groups: dict[str, str]) -> None:
    backwards = dict(reversed(groups.items()))
    assert deal(groups, {}, ALWAYS) == deal(backwards, {}, ALWAYS)
    for id_, group in groups.items():
        assert deal({id_: group}, {}, ALWAYS)[id_] == deal(groups, {}, ALWAYS)[id_]


def test_fractions_are_met_and_the_salt_deals_anew() -> None:
    groups = {f"d{number}": f"g{number}" for number in range(5000)}
    dealt = deal(groups, {}, ALWAYS)
    shares = [list(dealt.values()).count(split) / 5000 for split in SPLITS]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.02)
    assert deal(groups, {}, SplitsTable(salt="t", min_groups=0)) != dealt
    half = SplitsTable(fractions={"train": 0.5, "test": 0.5}, min_groups=0)
    assert set(deal(groups, {}, half).values()) == {"train", "test"}


def test_a_small_corpus_is_all_train_and_stays_there_when_it_grows() -> None:
    small = deal({f"d{number}": f"g{number}" for number in range(19)}, {}, SplitsTable())
    assert set(small.values()) == {"train"}
    grown = deal({f"d{number}": f"g{number}" for number in range(300)}, small, SplitsTable())
    assert small.items() <= grown.items()
    assert set(grown.values()) == set(SPLITS)


def test_a_group_in_two_splits_is_refused_by_name() -> None:
    recorded: dict[str, Split] = {"a": "train", "b": "test"}
    groups = {"a": "group:storm", "b": "group:storm", "c": "group:storm"}
    with pytest.raises(SplitError, match=r"story 'storm'.*a \(train\), b \(test\).*overrides.toml"):
        deal(groups, recorded, ALWAYS)
    assert len(torn_groups(groups, recorded)) == 1


def test_near_duplicates_of_a_story_are_in_its_group_through_one_another_too() -> None:
    texts = {"d": TEXT, "c": f"{TEXT} Slot.", "b": "Iets heel anders dan dat.", "a": "Nog iets, ook heel anders."}
    stories = {"d": "document:d", "c": "group:storm", "b": "group:storm", "a": "document:a"}
    expected = {"d": "group:storm", "c": "group:storm", "b": "group:storm", "a": "document:a"}
    for ids in itertools.permutations(texts):
        matrix = signatures([texts[id_] for id_ in ids])
        assert groups_of({id_: stories[id_] for id_ in ids}, matrix) == expected


def test_near_duplicates_in_two_splits_are_refused_by_name() -> None:
    groups = groups_of({"a": "document:a", "b": "document:b"}, signatures([TEXT, TEXT.upper()]))
    (message,) = torn_groups(groups, {"a": "train", "b": "test"})
    assert "near duplicates are in different splits: a (train), b (test); a document never moves, so exclude" in message


@given(st.dictionaries(IDS, st.sampled_from(SPLITS)))
def test_the_record_is_canonical(splits: dict[str, Split]) -> None:
    path = Path("splits.json")
    raw = encode_splits(splits)
    assert encode_splits(dict(reversed(splits.items()))) == raw
    assert read_splits(path.parent / "none" / "splits.json") == {}
    assert len(raw.splitlines()) == 4 + max(len(splits), 1)


def test_the_record_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "splits.json"
    path.write_bytes(encode_splits({"b": "test", "a": "train"}))
    assert read_splits(path) == {"a": "train", "b": "test"}


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        ('{"documents": {"a": "train", "a": "test"}}', "'a' is there twice"),
        ('{"documents": {"a": "dev"}}', "a: 'dev' is no split"),
        ('{"documents": {"../a": "test"}}', "'../a' is no document id"),
        ('{"documents": {}}}', "Extra data"),
        ("[]", "Expected `object`"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_a_broken_record_is_told(tmp_path: Path, raw: str, cause: str) -> None:
    path = tmp_path / "splits.json"
    path.write_text(raw)
    with pytest.raises(SplitError, match=cause) as told:
        read_splits(path)
    assert "restore it from git" in str(told.value)


def test_a_conflict_of_git_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "splits.json"
    path.write_text('{\n "documents": {\n<<<<<<< HEAD\n  "a": "test"\n=======\n  "b": "test"\n>>>>>>> other\n }\n}\n')
    with pytest.raises(SplitError, match="git left a conflict here; keep the documents of both sides"):
        read_splits(path)
