"""What stands before a text: the date line of the seed article, front matter."""

import pytest

from standoff.normalize.header import BadHeader, date_line, front_matter


@pytest.mark.parametrize(
    ("text", "date", "rest"),
    [
        (" date 2025-06 Hooggeplaatste functionarissen", "2025-06", "Hooggeplaatste functionarissen"),
        ("date: 2025\n\nTekst", "2025", "Tekst"),
        ("date 2025-06-11", "2025-06-11", ""),
    ],
)
def test_a_date_before_the_text(text: str, date: str, rest: str) -> None:
    header = date_line(text)
    assert header is not None
    assert (header.fields, text[header.end :]) == ({"date": date}, rest)


@pytest.mark.parametrize(
    "text",
    [
        "date 2025-99 Tekst",
        "date 2025-02-30 Tekst",
        "date 2025-6 Tekst",
        "date 2025x",
        "De date 2025 is",
        "Date 2025 ",
        "update 2025 ",
        "date\n2025 ",
    ],
)
def test_what_is_no_date_stays_text(text: str) -> None:
    assert date_line(text) is None


def test_front_matter() -> None:
    text = '---\r\ntitle: "Een: kop"\ndate: 2024-01-02\nid: 007\ntags:\n  - a\n---\r\nTekst\n---\n'
    header = front_matter(text)
    assert header is not None
    assert not isinstance(header, BadHeader)
    assert header.fields == {"title": "Een: kop", "date": "2024-01-02", "id": "007"}
    assert header.left_out == ("tags",)
    assert text[header.end :] == "Tekst\n---\n"


@pytest.mark.parametrize("block", ["", "\n", "# niets\n"])
def test_front_matter_that_states_nothing(block: str) -> None:
    assert front_matter(f"---\n{block}---\nTekst") == ({}, (), len(block) + 8)


@pytest.mark.parametrize(
    "text", ["Tekst\n---\ntitle: x\n---\n", "---\ntitle: x\n", "--- \n" + "a\n" * 100_000 + "---\n"]
)
def test_no_front_matter(text: str) -> None:
    assert front_matter(text) is None


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("title: a: b", "line 2: mapping values are not allowed here"),
        ("Zomaar een regel", "no list of `key: value` lines"),
        ("title: a\ntitle: b", "'title' stands twice"),
        ('"\\ud800x": b', r"'\ud800x' holds half a surrogate pair"),
        ('title: "\\ud800"', "'title' holds half a surrogate pair"),
        ("date:\n  - 2024\n  - 2025", "date has several values"),
        ("[" * 5000, "nested too deeply"),
    ],
)
def test_front_matter_that_cant_be_read(block: str, told: str) -> None:
    header = front_matter(f"---\n{block}\n---\nTekst")
    assert isinstance(header, BadHeader)
    assert told in header.detail
