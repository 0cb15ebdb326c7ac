"""Ids: one annotation, one id, in every clone; twins and collisions resolved the same way everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.corpus import ids
from standoff.corpus.ids import mint, relation_content, span_content

contents = st.lists(st.tuples(st.sampled_from(["PER", "ORG"]), st.integers(0, 3), st.integers(4, 6)), max_size=12)


@given(contents, st.randoms())
def test_the_order_of_minting_does_not_matter(items: list[tuple[str, int, int]], random: object) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = mint("s", items), mint("s", shuffled)
    assert sorted(zip(items, one, strict=True)) == sorted(zip(shuffled, other, strict=True))
    assert len(set(one)) == len(items)


@given(contents, contents)
def test_taken_ids_are_left_alone(items: list[tuple[str, int, int]], before: list[tuple[str, int, int]]) -> None:
    taken = mint("s", before)
    assert not set(mint("s", items, taken)) & set(taken)


def test_contents_do_not_run_into_one_another() -> None:
    a, b = mint("s", [("ab", "c"), ("a", "bc")])
    assert a != b


def test_a_collision_is_resolved_by_content_not_by_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "_LENGTH", 1)  # thirty ids: collisions are certain
    items = [("x", i) for i in range(25)]
    forward = dict(zip(items, mint("s", items), strict=True))
    backward = dict(zip(items[::-1], mint("s", items[::-1]), strict=True))
    assert forward == backward
    assert len(set(forward.values())) == 25


def test_ids_never_change() -> None:
    """These stand in corpora: a change here is a change of everybody's ids."""
    assert mint("s", [span_content("a", "PERSON", [(0, 4)])]) == ["smjs7khgx"]
    assert mint("r", [relation_content("a", "cue", "s1", "s2")]) == ["rs82nmx5c"]
