"""Tags to spans and back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.text.iob import TAGGINGS, BadTag, Tagging, TokenSpan, decode, detect, encode

EXAMPLES: dict[Tagging, str] = {
    "IOB1": "I-PER I-PER B-PER O I-LOC I-ORG",
    "IOB2": "B-PER I-PER B-PER O B-LOC B-ORG",
    "BILOU": "B-PER L-PER U-PER O U-LOC U-ORG",
    "BIOES": "B-PER E-PER S-PER O S-LOC S-ORG",
}
SPANS = [TokenSpan(0, 2, "PER"), TokenSpan(2, 3, "PER"), TokenSpan(4, 5, "LOC"), TokenSpan(5, 6, "ORG")]


@pytest.mark.parametrize("tagging", TAGGINGS)
def test_four_ways_to_say_the_same(tagging: Tagging) -> None:
    tags = EXAMPLES[tagging].split()
    assert decode(tags, tagging) == (SPANS, [])
    assert encode(SPANS, 6, tagging) == tags
    assert detect([tags]) == tagging


@st.composite
def tagged(draw: st.DrawFn) -> tuple[list[TokenSpan], int]:
    length = draw(st.integers(0, 12))
    cuts = sorted(draw(st.sets(st.integers(0, length), max_size=8)))
    spans = [
        TokenSpan(start, end, draw(st.sampled_from(["A", "B-C", "é"])))
        for start, end in pairwise(cuts)
        if draw(st.booleans())
    ]
    return spans, length


@given(tagged(), st.sampled_from(TAGGINGS))
def test_encoded_spans_are_decoded(drawn: tuple[list[TokenSpan], int], tagging: Tagging) -> None:
    spans, length = drawn
    tags = encode(spans, length, tagging)
    assert len(tags) == length
    assert decode(tags, tagging) == (spans, [])


@given(st.lists(st.sampled_from(["O", "B-A", "I-A", "L-A", "U-A", "E-A", "S-A", "I-B", "", "X", "B-", "-A"])))
def test_any_tags_give_spans_in_order_and_each_odd_one_is_told(tags: list[str]) -> None:
    for tagging in TAGGINGS:
        spans, bad = decode(tags, tagging)
        assert all(span.start < span.end for span in spans)
        assert all(a.end <= b.start for a, b in pairwise(spans))
        assert {span.label for span in spans} <= {"A", "B"}
        if not bad and tagging != "IOB1":  # where B may stand for I
            assert encode(spans, len(tags), tagging) == tags


def test_a_span_that_does_not_begin_is_told() -> None:
    assert decode(["O", "I-PER"], "IOB2") == (
        [TokenSpan(1, 2, "PER")],
        [BadTag(1, "'I-PER' follows no PER; the span begins here", False)],
    )
    spans, bad = decode(["B-PER", "O"], "BIOES")
    assert (spans, [tag.unknown for tag in bad]) == ([TokenSpan(0, 1, "PER")], [False])


def test_one_stray_tag_does_not_make_it_iob1() -> None:
    assert detect([["B-A", "I-A", "O", "I-B"]]) == "IOB2"
