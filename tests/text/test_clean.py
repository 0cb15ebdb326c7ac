"""Laws of cleaning, and one example a rule."""

import pickle
import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from patience import grows_no_faster_than_its_input
from standoff.text.clean import LoneSurrogateError, clean, invariants, is_clean
from standoff.text.edits import apply
from standoff.text.offsets import OffsetError
from standoff.text.rules import RULES, _may_join

# All that the rules look for, and what they must leave alone, often enough beside each other to meet.
PIECES = [
    *"abé \n\t\r\0\x07\x0b\x0c\x1b\x7f\x85\x9f\xa0\xad",
    *"\u2000\u2002\u2009\u202f\u3000\u1680\u205f\u200b\u2060\ufeff\u2028\u2029",
    *"\u200c\u200d\u200e\u200f\u061c\u202a\u202c\u202e\u2066\u2068\u2069",
    *"\ufffd\ufdd0\uffff\U0001fffe",
    *"\u0301\u0323\u0308\u0344\u212b\u2126\u0958\uf900\u0374\u1fef",
    "e\u0301",
    "\r\n",
    "\n\n",
    "  ",
    "שלום",
    "مرحبا",
    "👩\u200d👧",
    "👍🏽",
    "\u1100\u1161\u11a8",
    "\uac00\u11a8",
    "\u09c7\u09be",
    "\u0dd9\u0dcf\u0dca",
]
raws = st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=["Cs"]), max_size=25).map("".join)
WIDE_RAW = "".join(chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point <= 0xDFFF)


@pytest.mark.parametrize(
    ("kind", "raw", "expected", "count"),
    [
        ("byte_order_mark", "\ufeffTekst", "Tekst", 1),
        ("newline", "a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh", 7),
        ("tab", "a\tb\t\tc", "a b  c", 3),
        ("control_character", "a\0\x07b\x1bc\x7fd\x9f", "abcd", 4),
        ("space", "5\xa0000\u2009km\u202f\u3000\u1680x", "5 000 km   x", 5),
        ("soft_hyphen", "on\xadge\xadval", "ongeval", 2),
        ("zero_width_space", "a\u200bb\u2060c\ufeff\u200bd", "abcd", 3),
        ("bidi_control", "op \u200e6\u200e/\u20666\u2069 in\u202enekaj", "op 6/6 innekaj", 5),
        ("stray_joiner", "a \u200d\u200c b", "a  b", 1),
        ("outer_white_space", " \n a b\n ", "a b", 2),
        ("line_space", "a  \n  b  c \n d", "a\nb  c\nd", 4),
        ("blank_line", "a\n\n\n\n\nb\n\nc\n\n\nd", "a\n\nb\n\nc\n\nd", 2),
        ("not_nfc", "cafe\u0301 5 \u212b, q\u0307\u0323", "café 5 Å, q\u0323\u0307", 3),
    ],
)
def test_each_rule(kind: str, raw: str, expected: str, count: int) -> None:
    rule = next(rule for rule in RULES if rule.kind == kind)
    assert apply(raw, rule.find(raw))[:2] == (expected, count)
    cleaned = clean(raw)
    assert (cleaned.text, dict(cleaned.counts)) == (expected, {kind: count})
    assert [violation.code for violation in invariants(raw)].count(kind) == count


def test_every_rule_has_an_example() -> None:
    marks = test_each_rule.pytestmark  # type: ignore[attr-defined]
    assert [case[0] for case in marks[0].args[1]] == [rule.kind for rule in RULES]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Gewone tekst, met  twee spaties.\n\nEn “aanhalingstekens” – €5.",
        "een gezin 👩\u200d👩\u200d👧 en ❤\ufe0f\u200d🔥",
        "می\u200cخواهم",
        "ශ්\u200dරී අවන්\u200d හල",
        "\u200fשלום (\u202aNederland\u202c) \u2067עולם\u2069!",
        "vlag 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "stuk \ufffd en \uffff",
    ],
)
def test_what_matters_stays(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.text == text
    assert cleaned.counts == {}
    assert cleaned.offsets.is_identity
    assert list(invariants(text)) == []


def test_replacement_characters_are_counted_and_kept() -> None:
    cleaned = clean("a\ufffd\ufdd0\U0010ffff b ")
    assert (cleaned.text, cleaned.replacement_characters) == ("a\ufffd\ufdd0\U0010ffff b", 3)
    assert cleaned.counts == {"outer_white_space": 1}


def test_positions_follow_the_text() -> None:
    raw = "\ufeff Het on\xadgeval in Gene\u0300ve\r\n"
    cleaned = clean(raw)
    assert cleaned.text == "Het ongeval in Genève"
    start = raw.index("on\xad")
    assert cleaned.offsets.span(start, start + len("on\xadgeval")) == (4, 11, True)
    start = raw.index("Gene")
    assert cleaned.offsets.span(start, start + len("Gene\u0300ve")) == (15, 21, True)
    assert cleaned.offsets.span(start, start + len("Gene")) == (15, 19, False)
    assert cleaned.offsets.span(start + len("Gene"), start + len("Gene\u0300")) == (18, 19, False)
    assert cleaned.offsets.span(0, 2) == (0, 0, True)


def test_a_span_of_removed_text_stays_empty_inside_a_replacement() -> None:
    raw = "xe\xad\u0301"
    cleaned = clean(raw)
    assert cleaned.text == "xé"
    assert cleaned.offsets.span(2, 3) == (1, 1, True)


def test_a_span_that_ends_between_marks_that_were_sorted_is_not_exact() -> None:
    offsets = clean("q\u0307\u0323").offsets
    assert offsets.span(0, 2) == (0, 3, False)
    assert offsets.span(0, 1) == (0, 1, True)


def test_direction_controls_are_judged_line_by_line() -> None:
    assert clean("a\u200eb\nש\u200e!\nc\u200ed\u200e").text == "ab\nש\u200e!\ncd"


def test_positions_outside_the_text() -> None:
    offsets = clean("a\r\nb").offsets
    for position in (-1, 5):
        with pytest.raises(OffsetError):
            offsets.to_clean(position)
        with pytest.raises(OffsetError):
            offsets.span(*sorted((2, position)))
    with pytest.raises(OffsetError) as caught:
        offsets.span(3, 2)
    assert (caught.value.position, caught.value.reason) == (2, "before_start")


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(LoneSurrogateError, match=r"character 2 is the lone surrogate U\+D83D") as caught:
        clean("ab\ud83d\n\n\n")
    assert caught.value.position == 2
    assert [(violation.position, violation.code) for violation in invariants("ab\ud83d")] == [(2, "lone_surrogate")]


@given(raws)
def test_cleaning_again_changes_nothing(raw: str) -> None:
    text = clean(raw).text
    again = clean(text)
    assert again.text == text
    assert again.offsets.is_identity
    assert again.counts == {}
    assert list(invariants(text)) == []


@given(raws)
def test_violations_are_found_exactly_in_what_cleaning_changes(raw: str) -> None:
    cleaned = clean(raw)
    changed = cleaned.text != raw
    assert changed == bool(cleaned.counts)
    assert changed == bool(list(invariants(raw)))
    assert changed != is_clean(raw)
    for violation in invariants(raw):
        assert 0 <= violation.position < len(raw)


@given(raws | st.text("a \n"))
@example("a \na")
@example("a\n a")
@example("a\n\n\na")
def test_the_fast_check_agrees_with_the_rules(raw: str) -> None:
    assert is_clean(raw) == (not any(True for rule in RULES for _ in rule.find(raw)))


def test_the_fast_check_knows_every_character_that_a_rule_takes() -> None:
    for character in WIDE_RAW:
        if unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp", "Zs"}:
            text = f"a{character}a"
            assert is_clean(text) == (not any(True for rule in RULES for _ in rule.find(text)))


@given(raws)
def test_clean_text_is_what_the_model_promises(raw: str) -> None:
    text = clean(raw).text
    assert unicodedata.is_normalized("NFC", text)
    assert text == text.strip()
    assert all(line == line.strip() for line in text.split("\n"))
    assert "\n\n\n" not in text
    assert text.splitlines() == (text.split("\n") if text else [])
    for character in text:
        assert character == "\n" or unicodedata.category(character) not in {"Cc", "Zl", "Zp", "Cs"}
        assert unicodedata.category(character) != "Zs" or character == " "
        assert character not in "\u00ad\u200b\u2060\ufeff"


@given(raws)
def test_the_map_is_monotone_and_in_range(raw: str) -> None:
    cleaned = clean(raw)
    moved = [cleaned.offsets.to_clean(position) for position in range(len(raw) + 1)]
    assert moved == sorted(moved)
    assert moved[0] == 0
    assert moved[-1] == len(cleaned.text)


@given(raws, st.data())
def test_a_span_holds_what_is_left_of_its_text(raw: str, data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(raw))] * 2)))
    cleaned = clean(raw)
    span = cleaned.offsets.span(start, end)
    assert 0 <= span.start <= span.end <= len(cleaned.text)
    assert span.start == cleaned.offsets.to_clean(start)
    assert span.end >= cleaned.offsets.to_clean(end)
    if span.exact:
        assert span.end == cleaned.offsets.to_clean(end)
    # Letters that no rule touches survive, in order, where the map says.
    kept = [position for position in range(start, end) if raw[position] in "שלוםab👍"]
    inside = cleaned.text[span.start : span.end]
    for position in kept:
        place = cleaned.offsets.to_clean(position)
        assert span.start <= place < span.end
        assert cleaned.text[place] == unicodedata.normalize("NFC", raw[position]) or raw[position] in "ab"
    if span.exact:
        assert sum(inside.count(letter) for letter in "שלום👍") == sum(raw[p] in "שלום👍" for p in kept)


@given(st.text(st.sampled_from("ab \n\r\xad\u200b\xa0\0\ufeff"), max_size=40))
def test_without_composition_every_character_is_found_at_its_place(raw: str) -> None:
    cleaned = clean(raw)
    letters = [position for position, character in enumerate(raw) if character in "ab"]
    assert "".join(cleaned.text[cleaned.offsets.to_clean(position)] for position in letters) == "".join(
        raw[position] for position in letters
    )
    for position in letters:
        assert cleaned.offsets.span(position, position + 1)[1] == cleaned.offsets.to_clean(position) + 1


@given(raws | st.text("eq\u0301\u0323\u0308\u0344\u09be\u1161\u0958"))
@example("e" + "\u0301\u0323" * 40 + "\u09be" + "\u0301\u0323" * 40)
@example("e\u0301\u0301")
def test_form_c_is_the_library_s_own(raw: str) -> None:
    rule = next(rule for rule in RULES if rule.kind == "not_nfc")
    assert apply(raw, rule.find(raw))[0] == unicodedata.normalize("NFC", raw)


def test_every_character_that_composes_with_the_one_before_is_known_to() -> None:
    """Whatever Unicode this Python has: a piece of text that is composed alone must hold all that composes with it."""
    for point in range(sys.maxunicode + 1):
        if unicodedata.combining(chr(point)):
            assert _may_join(chr(point))
        decomposition = unicodedata.decomposition(chr(point))
        if decomposition and not decomposition.startswith("<") and " " in decomposition:
            assert _may_join(chr(int(decomposition.split()[1], 16)))


def test_every_character_alone_and_all_in_a_row() -> None:
    """Form C, made last, brings back nothing that the rules before it took away."""
    assert is_clean(clean(WIDE_RAW).text)
    assert is_clean(clean(WIDE_RAW[::-1]).text)
    for character in WIDE_RAW:
        if not is_clean(character):
            assert is_clean(clean(character).text)


@pytest.mark.parametrize(
    "raw",
    [
        lambda size: " " * size + "x",
        lambda size: "x" + " " * size + "x",
        lambda size: "x" + " " * size + "x \nx",
        lambda size: "\n " * (size // 2),
        lambda size: "e" + "\u0301\u0323" * (size // 2),
        lambda size: "e" + "\u0301\u0323" * (size // 2) + "\u09be",
        lambda size: "\u200d" * size,
        lambda size: "\u202e" * size,
        lambda size: "\u202ea" * (size // 2) + "ש",
        lambda size: "\xad \n" * (size // 3),
    ],
    ids=lambda raw: ascii(raw(3)),
)
def test_hostile_text_takes_no_more_time_than_its_length(raw: Callable[[int], str]) -> None:
    assert is_clean(clean(raw(30_000)).text)
    grows_no_faster_than_its_input(lambda size: clean(raw(size)), 30_000)


def test_a_result_travels_between_processes() -> None:
    cleaned = clean(" a\xadb\r\n")
    copy = pickle.loads(pickle.dumps(cleaned))
    assert (copy.text, copy.counts, copy.offsets.span(1, 4)) == ("ab", cleaned.counts, (0, 2, True))
