"""One raw text to a document: ids, what holds about it, the language, and that all that comes out is valid."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.corpus.codec import decode, encode, sha256
from standoff.corpus.config import Override
from standoff.corpus.model import Document
from standoff.normalize.article import normalize
from standoff.normalize.records import Normalized, Raw, Rejected, Setting
from standoff.text.clean import is_clean

DUTCH = Setting(languages=("nl",))


def line(setting: Setting = DUTCH, **fields: Any) -> Normalized | Rejected:
    content = json.dumps({"text": "Een tekst.", **fields}).encode()
    return normalize(Raw(file="seeds/a.jsonl", line=1, name="", kind="line", content=content), setting)


def text(content: str, name: str = "a", setting: Setting = DUTCH) -> Normalized | Rejected:
    return normalize(Raw(file=f"seeds/{name}.txt", name=name, kind="text", content=content.encode()), setting)


def document(found: Normalized | Rejected) -> Document:
    assert isinstance(found, Normalized), found
    return found.document


def reason(found: Normalized | Rejected) -> str:
    assert isinstance(found, Rejected)
    return found.reason


@given(
    st.dictionaries(
        st.sampled_from(["id", "text", "title", "date", "publisher", "url", "license", "group", "x"]),
        st.text() | st.integers(),
    )
)
def test_whatever_a_line_holds_what_comes_out_is_valid_and_clean(fields: dict[str, Any]) -> None:
    found = line(**fields)
    if isinstance(found, Normalized):
        raw = encode(found.document)
        assert decode(raw, Document) == found.document
        assert is_clean(found.document.text)


@given(st.binary())
def test_whatever_bytes_come_there_is_an_outcome(content: bytes) -> None:
    for kind in ("text", "markdown", "line"):
        found = normalize(Raw(file="seeds/a", name="a", kind=kind, content=content), DUTCH)
        assert isinstance(found, Normalized | Rejected)


def test_the_id_is_the_stated_one_else_the_name_else_from_the_text() -> None:
    assert document(line(id="x-1")).id == "x-1"
    assert document(line(id=17)).id == "17"
    assert document(text("Tekst.", "Artikel_1.Nl")).id == "artikel_1.nl"
    assert document(text("---\nid: b\n---\nTekst.")).id == "b"
    assert document(line()).id == sha256("Een tekst.")[:16]
    assert document(line(date="2024")).id == document(line(date="2025")).id


@pytest.mark.parametrize("id_", ["X", "a\n", "../../x", "", " a", ".a", "a/b", "a" * 201, "é", "\u212a", "a\0"])
def test_ids_that_are_refused(id_: str) -> None:
    found = line(id=id_) if id_ else text("Tekst.", "-")
    assert reason(found) == "bad-id"


def test_a_name_with_letters_that_only_look_lower_case_is_refused() -> None:
    assert reason(text("Tekst.", "\u212a2")) == "bad-id"  # the Kelvin sign: its lower case is k


@pytest.mark.parametrize("date", ["2025", "2025-06", "2025-06-11", "2025-06-11T10:00:00Z"])
def test_dates_as_iso_8601_has_them(date: str) -> None:
    assert document(line(date=date)).date == date


def test_what_a_field_cant_be_is_left_out_and_told() -> None:
    assert document(line(date="2025-02-29")).date is None
    found = line(date="11 juni 2025", group="g" * 201, title="Een\n kop ")
    assert isinstance(found, Normalized)
    assert (found.document.date, found.document.group, found.document.title) == (None, None, "Een kop")
    assert [warning.split()[0] for warning in found.warnings] == ["date", "group"]
    assert "'11 juni 2025'" in found.warnings[0]


def test_half_a_surrogate_pair_in_front_matter_is_no_title() -> None:
    assert document(text('---\ntitle: "\\uD800"\n---\nTekst.')).title is None


def test_a_field_that_stands_twice_is_refused_and_not_half_lost() -> None:
    def of(content: str) -> Normalized | Rejected:
        return normalize(Raw(file="f.jsonl", line=1, name="", kind="line", content=content.encode()), Setting())

    found = of('{"text": "Eerste.", "id": "a", "text": "Tweede."}')
    assert isinstance(found, Rejected)
    assert (found.reason, found.detail) == ("bad-field", "text: stands twice; keep one of them")
    assert isinstance(of('{"text": "Zijn \\"text\\".", "about": {"text": "text"}}'), Normalized)


@pytest.mark.parametrize(
    ("content", "told"),
    [("---\ntitle: a: b\n---\nTekst.", "bad-header"), (">" * 200 + "Tekst.", "bad-markup")],
)
def test_markdown_that_cant_be_read_is_refused(content: str, told: str) -> None:
    found = normalize(Raw(file="a.md", name="a", kind="markdown", content=content.encode()), DUTCH)
    assert reason(found) == told


def test_only_a_page_declares_its_encoding() -> None:
    words = "Президент сказал вчера, что переговоры продолжаются, и что он едет домой."
    page = f"<html><head><meta charset=windows-1251></head><body><article><p>{words}</p></article></body></html>"
    found = normalize(Raw(file="a.html", name="a", kind="html", content=page.encode("cp1251")), DUTCH)
    assert document(found).text == words
    short = "<meta charset=windows-1251> Да"
    bare = normalize(Raw(file="a.txt", name="a", kind="text", content=short.encode("cp1251")), DUTCH)
    assert isinstance(bare, Normalized)
    assert bare.encoding == "cp1252"


@pytest.mark.parametrize("value", [["a"], {"a": "b"}, 1.5, True])
def test_a_field_that_is_no_string_is_refused(value: Any) -> None:
    for name in ("title", "id", "text"):
        assert reason(line(**{name: value})) == "bad-field"


def test_lines_of_dashes_in_plain_text_that_state_nothing_of_it_are_text() -> None:
    content = "---\nBrussel: rust in de stad\n---\nEen vervolg."
    assert document(text(content)).text == content


def test_fields_without_a_place_are_named() -> None:
    found = line(author="J.", tags=["a"])
    assert isinstance(found, Normalized)
    assert found.left_out == ("author", "tags")


def test_a_date_before_the_text_of_a_line_counts_unless_the_line_states_one() -> None:
    assert document(line(text="date 2025-06 Tekst.")).date == "2025-06"
    found = document(line(text="date 2025-06 Tekst.", date="2024"))
    assert (found.date, found.text) == ("2024", "date 2025-06 Tekst.")


def test_the_license_is_the_curators_else_the_texts_else_the_corpuss() -> None:
    setting = Setting(languages=("nl",), license="CC0-1.0")
    decided = Setting(languages=("nl",), license="CC0-1.0", overrides={"a": Override(reason="r", license="unknown")})
    assert document(line()).source.license is None
    assert document(line(setting)).source.license == "CC0-1.0"
    assert document(line(setting, license="MIT")).source.license == "MIT"
    assert document(line(decided, license="MIT", id="a")).source.license == "unknown"


def test_the_license_stands_in_for_nothing_else() -> None:
    found = document(text("Tekst van een artikel.", setting=Setting(languages=("nl",), license="CC0-1.0")))
    assert (found.source.license, found.title, found.group, found.source.publisher) == ("CC0-1.0", None, None, None)


def test_an_override_that_changes_nothing_is_told() -> None:
    override = Override(reason="r", title="Kop", language="nl", date="2024")
    found = line(Setting(languages=("nl",), overrides={"a": override}), id="a", title="Kop", date="2023")
    assert isinstance(found, Normalized)
    assert [warning.split("=")[0] for warning in found.warnings] == [
        "overrides.toml: title ",
        "overrides.toml: language ",
    ]
    assert found.document.date == "2024"


def test_the_language() -> None:
    several = Setting(languages=("nl-BE", "fr"))
    french = "La ministre a déclaré hier que les négociations continuent malgré tout, selon le gouvernement."
    assert document(text(french)).language == "nl"
    assert document(text(french, setting=several)).language == "fr"
    assert document(text("De minister zei gisteren dat het overleg doorgaat.", setting=several)).language == "nl-BE"
    assert document(text(french, setting=Setting())).language == "fr"


def test_a_language_is_told_as_weak_only_when_it_is() -> None:
    several = Setting(languages=("nl", "fr"), overrides={"b": Override(reason="x", language="fr")})
    for name in ("a", "b"):  # one by the model, one by the curator, who changes something
        found = text("De minister zei gisteren dat het overleg doorgaat en dat hij blijft.", name, several)
        assert isinstance(found, Normalized)
        assert found.warnings == ()
    found = text("Der Minister sagte gestern, dass die Verhandlungen trotz allem weitergehen.", setting=several)
    assert isinstance(found, Normalized)
    assert found.warnings == ("language nl is a weak guess (0.00); set it in overrides.toml",)


def test_what_was_lost_before_is_told() -> None:
    found = text("Een t\ufffdkst.")
    assert isinstance(found, Normalized)
    assert [warning.split(":")[0] for warning in found.warnings] == ["1 replacement character"]


def test_a_bad_id_is_told_with_where_it_comes_from() -> None:
    for found, told in ((line(id="A b"), "the id 'A b'"), (text("Tekst.", name="A b"), "the name 'A b'")):
        assert isinstance(found, Rejected)
        assert found.detail.startswith(told)


def test_in_markdown_only_its_headings_are_headings() -> None:
    content = "Een korte regel\n\n## Een kop\n\nEen tekst."
    found = document(normalize(Raw(file="a.md", name="a", kind="markdown", content=content.encode()), DUTCH))
    assert [section.kind for section in found.sections] == ["paragraph", "heading", "paragraph"]


def test_a_text_without_letters_has_no_language_to_tell() -> None:
    found = text("123 456", setting=Setting(languages=("nl", "fr")))
    assert isinstance(found, Normalized)
    assert found.document.language == "und"
    assert found.warnings == ("no language can be told; set it in overrides.toml",)


@pytest.mark.parametrize("content", ["", " \n\t\u00a0\u3000", "\u00ad\u200b", "date 2025-06", "---\ntitle: x\n---\n"])
def test_nothing_to_read_is_empty(content: str) -> None:
    assert reason(text(content)) == "empty"
