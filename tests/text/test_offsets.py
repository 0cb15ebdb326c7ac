"""Laws of the conversion of positions between code points, UTF-16, UTF-8 and grapheme clusters."""

from collections.abc import Callable
from typing import get_args

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from standoff.text.offsets import OffsetError, OffsetMap, Unit

UNITS: tuple[Unit, ...] = get_args(Unit)
LENGTHS: dict[Unit, Callable[[str], int]] = {
    "utf16": lambda text: len(text.encode("utf-16-le")) // 2,
    "utf8": lambda text: len(text.encode("utf-8")),
    "grapheme": lambda text: len(regex.findall(r"\X", text)),
}

# What makes clusters and wide characters, often enough beside each other to meet.
PIECES = [
    *"aZé \n\r\u00ad©",
    "\r\n",
    "“”–€",
    "e\u0301",
    "\u0323\u0307",
    "👩\u200d👩\u200d👧",
    "👍🏽",
    "❤\ufe0f",
    "🇳🇱🇧🇪",
    "🇳",
    "\u200d",
    "\u200c",
    "\u200b",
    "\u1100\u1161\u11a8",
    "각",
    "\u1161",
    "क्षि",
    "\u0600",
    "ไทย",
    "𝕏",
    "\U0010ffff",
    "Женева",
    "日本",
]
texts = st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=30).map("".join)
latin = st.text(st.characters(max_codepoint=0x20CF, exclude_categories=["Cs"]))


def boundaries(text: str, unit: Unit) -> set[int]:
    if unit == "grapheme":
        return {match.end() for match in regex.finditer(r"\X", text)} | {0}
    return set(range(len(text) + 1))


@pytest.mark.parametrize("unit", UNITS)
@given(text=texts | latin)
def test_counts_agree_with_the_encoding_or_the_cluster_library(unit: Unit, text: str) -> None:
    offsets = OffsetMap.of(text, unit)
    for position in boundaries(text, unit):
        assert offsets.to_unit(position) == LENGTHS[unit](text[:position])
    assert (offsets.code_points, offsets.units) == (len(text), LENGTHS[unit](text))


@pytest.mark.parametrize("unit", UNITS)
@given(text=texts)
def test_every_boundary_comes_back_and_every_other_position_raises(unit: Unit, text: str) -> None:
    offsets = OffsetMap.of(text, unit)
    there = {}
    for position in range(len(text) + 1):
        if position in boundaries(text, unit):
            there[position] = offsets.to_unit(position)
            assert offsets.to_code_point(there[position]) == position
        else:
            with pytest.raises(OffsetError) as caught:
                offsets.to_unit(position)
            assert (caught.value.position, caught.value.unit, caught.value.reason) == (position, "code_point", "inside")
    assert sorted(set(there.values())) == list(there.values())
    for position in set(range(offsets.units + 1)) - set(there.values()):
        with pytest.raises(OffsetError) as caught:
            offsets.to_code_point(position)
        assert (caught.value.position, caught.value.unit, caught.value.reason) == (position, unit, "inside")


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("text", ["", "abc", "👍🏽é\r\n"])
def test_out_of_range(unit: Unit, text: str) -> None:
    offsets = OffsetMap.of(text, unit)
    assert offsets.to_unit(len(text)) == offsets.units
    assert offsets.to_code_point(offsets.units) == len(text)
    for position in (-1, len(text) + 1):
        with pytest.raises(OffsetError) as caught:
            offsets.to_unit(position)
        assert (caught.value.position, caught.value.unit, caught.value.reason) == (
            position,
            "code_point",
            "out_of_range",
        )
    for position in (-1, offsets.units + 1):
        with pytest.raises(OffsetError) as caught:
            offsets.to_code_point(position)
        assert (caught.value.position, caught.value.unit, caught.value.reason) == (position, unit, "out_of_range")


def test_an_emoji_before_a_name_shifts_it() -> None:
    text = "👍🏽 Genève"
    utf16 = OffsetMap.of(text, "utf16")
    assert (utf16.to_unit(3), utf16.to_code_point(5)) == (5, 3)
    assert OffsetMap.of(text, "grapheme").to_unit(3) == 2
    assert OffsetMap.of(text, "utf8").to_unit(len(text)) == 16
    with pytest.raises(OffsetError, match="UTF-16 code unit 1 is inside a character"):
        utf16.to_code_point(1)


def test_ascii_with_cr_lf_has_fewer_clusters_than_characters() -> None:
    offsets = OffsetMap.of("a\r\nb", "grapheme")
    assert [offsets.to_code_point(position) for position in range(4)] == [0, 1, 3, 4]
    with pytest.raises(OffsetError):
        offsets.to_unit(2)


def test_own_clusters() -> None:
    offsets = OffsetMap.of_clusters("👍🏽é", [1, 1, 1])
    assert offsets.to_unit(1) == 1
    offsets = OffsetMap.of_clusters("abcdef", iter([1, 2, 2, 1]))
    assert [offsets.to_code_point(position) for position in range(5)] == [0, 1, 3, 5, 6]
    with pytest.raises(OffsetError):
        offsets.to_unit(4)


@pytest.mark.parametrize("lengths", [[], [1, 1], [2, 2], [3, 0], [4, -1]])
def test_own_clusters_that_do_not_make_up_the_text(lengths: list[int]) -> None:
    with pytest.raises(ValueError, match="code points"):
        OffsetMap.of_clusters("abc", lengths)


@pytest.mark.parametrize("unit", ["utf8", "utf16"])
def test_a_lone_surrogate_has_no_encoding(unit: Unit) -> None:
    with pytest.raises(OffsetError) as caught:
        OffsetMap.of("a\ud83d", unit)
    assert (caught.value.position, caught.value.reason) == (1, "surrogate")


@pytest.mark.parametrize("unit", UNITS)
def test_one_table_entry_for_a_run(unit: Unit) -> None:
    assert OffsetMap.of("abc " * 1000, unit)._table is None
    table = OffsetMap.of("a" * 1000 + "👍🏽" * 1000 + "a", unit)._table
    assert table is not None
    assert len(table.width) == 3
