"""Bytes to text: what is certain is read, what isn't is refused."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standoff.normalize.encoding import Decoded, NotText, decode

DUTCH = (
    "De coördinatie in België is volgens één woordvoerder reëel; “wij gaan door”, zei hij. Het kost € 100 – niet meer. "
)
PRINTED = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff"))


@given(PRINTED)
def test_utf8_is_read_as_it_is(text: str) -> None:
    assert decode(text.encode()) == Decoded(text, "utf-8")
    assert decode(b"\xef\xbb\xbf" + text.encode()) == Decoded(text, "utf-8")


@given(PRINTED, st.sampled_from(["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]))
def test_a_mark_decides(text: str, encoding: str) -> None:
    assert decode("\ufeff".encode(encoding) + text.encode(encoding)) == Decoded(text, encoding)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), min_size=1))
def test_utf16_without_a_mark_is_read_rightly_or_not_at_all(text: str) -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert decode(text.encode(encoding)) in (Decoded(text, encoding), decode(b"\1"))


@pytest.mark.parametrize("times", [1, 3, 30])
@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", DUTCH),
        ("cp1252", "L’été dernier, à Genève, les négociations étaient très difficiles. "),
        ("cp1252", "Der Präsident erklärte, daß die Gespräche für Österreich schön sind. "),
        ("cp1251", "Президент России заявил, что переговоры продолжаются. "),
        ("koi8_r", "Президент России заявил, что переговоры продолжаются. "),
        ("cp1253", "Ο πρόεδρος δήλωσε ότι οι συνομιλίες συνεχίζονται. "),
    ],
)
def test_usual_code_pages(encoding: str, text: str, times: int) -> None:
    assert decode((text * times).encode(encoding)) == Decoded(text * times, encoding)


def test_one_accent_in_a_long_text_is_enough_for_windows_1252() -> None:
    text = "Een zin zonder enig teken. " * 50 + "Financiële steun. "
    assert decode(text.encode("cp1252")) == Decoded(text, "cp1252")


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_code_pages_that_nobody_can_tell_from_others_are_refused(encoding: str) -> None:
    assert isinstance(
        decode(DUTCH.replace("“", "").replace("”", "").replace("€ ", "").replace("–", "-").encode(encoding)), NotText
    )


def test_a_letter_that_would_become_an_opening_mark_at_the_end_of_a_word_is_refused() -> None:
    text = "Een lange zin zonder veel tekens over het land Belgi\xeb en de rest. "
    assert isinstance(decode(text.encode("mac_roman")), NotText)  # it would be Belgi‘


def test_too_little_evidence_for_a_rare_code_page_is_refused() -> None:
    text = "Zażółć gęślą jaźń w Polsce, powiedział prezydent. "
    assert isinstance(decode(text.encode("cp1250")), NotText)
    assert decode((text * 10).encode("cp1250")) == Decoded(text * 10, "cp1250")


def test_letters_of_turkish_are_not_read_as_those_of_icelandic() -> None:
    found = decode("Bu sabah hava soğuk, sokakta kar vardı ve herkes evde kaldı.".encode("cp1254"))
    assert isinstance(found, NotText)


def test_damaged_utf8_is_not_read_as_something_else() -> None:
    raw = ("Genève en coördinatie. " * 30).encode() + b"\xff"
    found = decode(raw)
    assert isinstance(found, NotText)
    assert f"byte {len(raw) - 1} is not UTF-8" in found.detail


@pytest.mark.parametrize(
    "raw",
    [
        random.Random(1).randbytes(5000),
        b"%PDF-1.4\n\0\1\2\3\4" * 20,
        b"\1\0\2\0" * 500,
        "Hallo allemaal".encode("utf-16-le") + b"x",
        "Президент".encode("utf-16-le"),
        bytes(range(128, 256)) * 5,
    ],
    ids=["random", "pdf", "small-numbers", "odd-utf16", "cyrillic-utf16", "high"],
)
def test_what_is_no_text_is_refused(raw: bytes) -> None:
    assert isinstance(decode(raw), NotText)


def test_what_a_page_declares_is_believed_unless_it_is_utf8() -> None:
    assert decode("Zażółć".encode("iso8859-2"), "ISO-8859-2") == Decoded("Zażółć", "iso8859-2")
    assert decode("een reëel getal".encode("latin-1"), "iso-8859-1") == Decoded("een reëel getal", "cp1252")
    assert decode("een reëel getal".encode(), "iso-8859-1") == Decoded("een reëel getal", "utf-8")
    for name in ("unicode_escape", "hex", "no-such", "utf-7", "x\0"):
        assert decode("een reëel getal".encode("latin-1"), name) == Decoded("een reëel getal", "cp1252")


def test_control_characters_in_small_number_are_left_to_cleaning() -> None:
    text = "Een gewone zin in een tekst. " * 20 + "\0\x07"
    assert decode(text.encode()) == Decoded(text, "utf-8")
