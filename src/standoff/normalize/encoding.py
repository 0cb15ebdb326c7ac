"""Bytes to text: UTF-8 and its wide relatives first, an older code page only when it is plausible. Pure."""

import codecs
import re
from typing import NamedTuple

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What Dutch, English, French, German, Spanish, Portuguese, Italian and the Scandinavian languages write beside ASCII.
_WESTERN = frozenset("áàâäãåæçéèêëíìîïñóòôöõøœßúùûüÁÀÂÄÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ“”‘’„«»–—…•€£§°©®™·¿¡½¼¾²³\xa0\xad")
# The usual ones for other scripts. More of them only make more wrong guesses possible.
_CODE_PAGES = ["cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r"]
_CODE_PAGES += ["shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"]
_LATIN_1 = ("iso8859-1", "cp1252", "ascii")
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r")) + b"\x7f"
_MOST_CONTROLS = 0.01
_MOST_CHAOS = 0.1
_MOST_ODD = 0.05
_MOST_WESTERN = 0.15
_LEAST_OTHER = 0.05
_LEAST_EVIDENCE = 20
_SAMPLE = 200_000
# Beside small letters on both sides, a symbol is a wrongly read letter (co‘rdinatie, Belgi‰); these do stand there.
_JOINS = frozenset("’–—·\xa0\xad")
_OPENING = frozenset("‘“„«")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")


class Decoded(NamedTuple):
    """Text, without a byte order mark, and the name of its encoding."""

    text: str
    encoding: str


class NotText(NamedTuple):
    """Bytes that are no text for certain, and why."""

    detail: str


def decode(raw: bytes, declared: str | None = None) -> Decoded | NotText:
    """The text in `raw`. A mark decides, then UTF-8, then UTF-16 without a mark where it is obvious.

    What is none of these is read in the code page that it declares; else as Windows-1252, when that gives letters and signs
    of Western languages in places where they stand; else, with characters enough to tell, in the code page that
    charset-normalizer finds. What looks like damaged UTF-8 is not text.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            try:
                return Decoded(raw[len(mark) :].decode(encoding), encoding)
            except UnicodeDecodeError as error:
                return NotText(
                    f"it is marked as {encoding}, but byte {len(mark) + error.start} is not; save it as UTF-8"
                )
    if b"\0" in raw and (wide := _wide(raw)):
        return wide
    if len(raw) - len(raw.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(raw):
        return NotText("it is full of control characters: this is no text; if it is one, save it as UTF-8")
    try:
        return Decoded(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        kept = raw.decode("utf-8", "ignore")
        if len(_NON_ASCII.findall(kept)) * 4 > len(raw) - len(kept.encode()):
            return NotText(
                f"byte {error.start} is not UTF-8, though others are: it was damaged or mixed; save it as UTF-8"
            )
    return (
        _declared(raw, declared)
        or _western(raw)
        or _detected(raw)
        or NotText("neither UTF-8 nor another encoding for certain; save it as UTF-8")
    )


def _wide(raw: bytes) -> Decoded | None:
    """UTF-16 without a mark: nearly every second byte of a text in Latin script is zero."""
    sample = raw[: _SAMPLE * 2]
    if len(raw) % 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros > 0.8 * half and others < 0.01 * half:
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError:
                return None
            narrow = text[:_SAMPLE].encode("utf-8", "replace")
            return Decoded(text, encoding) if len(narrow.translate(None, _CONTROLS)) > 0.99 * len(narrow) else None
    return None


def _declared(raw: bytes, name: str | None) -> Decoded | None:
    try:
        codec = codecs.lookup(name or "").name
        encoding = "cp1252" if codec in _LATIN_1 else codec  # as browsers do
        if codec not in _LATIN_1 and codec.replace("-", "_") not in _CODE_PAGES and not codec.startswith("iso8859"):
            return None
        return Decoded(raw.decode(encoding), encoding)
    except (LookupError, UnicodeDecodeError, ValueError):
        return None


def _western(raw: bytes) -> Decoded | None:
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError:
        return None
    found, letters = _beyond_ascii(text)
    if sum(character in _WESTERN for character in found) < (1 - _MOST_ODD) * len(found):
        return None
    return Decoded(text, "cp1252") if len(found) <= _MOST_WESTERN * letters and _plausible(text) else None


def _detected(raw: bytes) -> Decoded | None:
    from charset_normalizer import from_bytes

    found = []
    for match in from_bytes(raw, cp_isolation=_CODE_PAGES):
        text = str(match)
        others, letters = _beyond_ascii(text)
        enough = len(others) >= max(_LEAST_EVIDENCE, _LEAST_OTHER * letters)
        if match.chaos <= _MOST_CHAOS and enough and _plausible(text):
            found.append((match.chaos, -match.coherence, match.encoding, text))
    if not found:
        return None
    _, _, encoding, text = min(found)
    return Decoded(text, encoding)


def _beyond_ascii(text: str) -> tuple[list[str], int]:
    """Characters outside of ASCII, and the number of all letters."""
    sample = text[:_SAMPLE]
    return _NON_ASCII.findall(sample), sum(map(str.isalpha, sample))


def _plausible(text: str) -> bool:
    """Whether (nearly) no symbol stands between two small letters, and no opening mark or accented capital after one."""
    total = odd = 0
    for match in _NON_ASCII.finditer(text, 0, _SAMPLE):
        total += 1
        place, character = match.start(), match.group()
        if character in _JOINS or not text[max(place - 1, 0) : place].islower():
            continue
        between = text[place + 1 : place + 2].islower()
        odd += character.isupper() or character in _OPENING or (between and not character.isalpha())
    return odd <= _MOST_ODD * total
