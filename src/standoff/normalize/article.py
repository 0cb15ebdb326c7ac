"""One raw text to a document: clean text, id, what is stated about it, language, sections, sentences. Pure."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from standoff.corpus.codec import sha256
from standoff.corpus.config import Override
from standoff.corpus.model import Date, Document, DocumentId, Extent, Name, Source, fits
from standoff.normalize.language import LEAST_CONFIDENCE, identify
from standoff.normalize.parse import parse
from standoff.normalize.records import Normalized, Raw, Rejected, Setting
from standoff.normalize.sections import sections
from standoff.normalize.sentences import sentences
from standoff.text.clean import LoneSurrogateError, clean, one_line
from standoff.text.counted import counted

_STATED: dict[str, Any] = {"title": str, "date": Date, "publisher": str, "url": str, "license": str, "group": Name}


def normalize(raw: Raw, setting: Setting) -> Normalized | Rejected:
    """The document in a raw text, or why there is none.

    A curator's override wins over what the source states, and that over the licence of all the corpus's texts. Raises
    UsageError when corpus.toml names a language that can't be identified among several.
    """

    def rejected(reason: str, detail: str, id_: str = "") -> Rejected:
        return Rejected(source=raw.file, line=raw.line, id=id_, reason=reason, detail=detail)

    parsed = parse(raw, setting.fields)
    if isinstance(parsed, Rejected):
        return parsed
    try:
        cleaned = clean(parsed.text)
    except LoneSurrogateError as error:
        return rejected("undecodable", str(error))
    text = cleaned.text
    if not any(map(str.isprintable, text)):
        return rejected("empty", "there is no text in it")
    name = raw.name.lower() if raw.name.isascii() else raw.name  # other letters may turn into ASCII ones
    identifier = parsed.fields.get("id") or name or sha256(text)[:16]
    if not fits(identifier, DocumentId):
        return rejected("bad-id", _bad_id(parsed.fields.get("id"), raw.name))
    override = setting.overrides.get(identifier)
    if override and override.exclude:
        excluded = rejected("excluded", f"overrides.toml excludes it: {override.reason}", identifier)
        return replace(excluded, text_sha256=sha256(text))
    warnings: list[str] = []
    if cleaned.replacement_characters:
        warnings.append(
            f"{counted(cleaned.replacement_characters, 'replacement character')}: the text was damaged before it came here"
        )
    stated = _decide(parsed.fields, setting, override, warnings)
    language = _language(text, setting, override, warnings)
    headings = None if parsed.headings is None else frozenset(clean(heading).text for heading in parsed.headings)
    blocks = sections(text, stated["title"], headings)
    document = Document(
        id=identifier,
        language=language,
        title=stated["title"],
        date=stated["date"],
        group=stated["group"],
        source=Source(
            file=raw.file,
            sha256=hashlib.sha256(raw.content).hexdigest(),
            publisher=stated["publisher"],
            url=stated["url"],
            license=stated["license"],
        ),
        text=text,
        sections=blocks,
        sentences=tuple(Extent(start=s, end=e) for s, e in sentences(text, [(b.start, b.end) for b in blocks])),
    )
    return Normalized(
        document=document,
        line=raw.line,
        encoding=parsed.encoding,
        changes=Counter(parsed.changes) + Counter(cleaned.counts),
        left_out=parsed.left_out,
        warnings=tuple(warnings),
    )


def _bad_id(stated: str | None, name: str) -> str:
    rule = "lower-case letters, digits, '.', '_', '-', a letter or digit first, 200 at most"
    if stated is not None:
        return f"the id {stated[:300]!r}: use {rule}"
    return f"the name {name[:300]!r} makes no document id: rename it ({rule}), or state an id in front matter"


def _decide(
    fields: Mapping[str, str], setting: Setting, override: Override | None, warnings: list[str]
) -> dict[str, str | None]:
    """What holds of title, date, publisher, url, license and group."""
    decided: dict[str, str | None] = {}
    for name, kind in _STATED.items():
        value = _one_line(fields[name]) if name in fields else ""
        if value and not fits(value, kind):
            what = (
                "is no day in ISO 8601 (2025, 2025-06, 2025-06-11)"
                if name == "date"
                else "is longer than 200 characters"
            )
            warnings.append(f"{name} {value[:300]!r} {what} and was left out; set it in overrides.toml")
            value = ""
        if name == "license":
            value = value or setting.license or ""
        own = _one_line(getattr(override, name) or "") if override else ""
        if own and own == value:
            warnings.append(f"overrides.toml: {name} = {own!r} holds without it; take it out")
        decided[name] = own or value or None
    return decided


def _language(text: str, setting: Setting, override: Override | None, warnings: list[str]) -> str:
    if override and override.language:
        if setting.languages == (override.language,):
            warnings.append(f"overrides.toml: language = {override.language!r} holds without it; take it out")
        return override.language
    if len(setting.languages) == 1:
        return setting.languages[0]
    named = {name.split("-")[0]: name for name in reversed(setting.languages)}
    language, confidence = identify(text, list(named))
    if not confidence:
        warnings.append("no language can be told; set it in overrides.toml")
    elif confidence < LEAST_CONFIDENCE:
        warnings.append(f"language {language} is a weak guess ({confidence:.2f}); set it in overrides.toml")
    return named.get(language, language)


def _one_line(value: str) -> str:
    try:
        return one_line(value)
    except LoneSurrogateError:
        return ""
