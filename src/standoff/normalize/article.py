"""One raw text to a document: header, clean text, sections, sentences, language. Pure."""

import hashlib
import re
from collections.abc import Mapping

from msgspec import Struct

from standoff.corpus.config import Override
from standoff.corpus.model import Document, Extent, Source
from standoff.normalize.header import split_header
from standoff.normalize.language import identify
from standoff.normalize.sections import sections
from standoff.normalize.sentences import sentences
from standoff.text.clean import LoneSurrogateError, clean


class Raw(Struct, frozen=True, kw_only=True):
    """A text as its source gives it, decoded. `fields` holds what the source states: id, title, date, publisher, url, license,
    group. `file` is relative to the repository; `line` is its line in a `.jsonl`, or 0."""

    file: str
    line: int
    sha256: str
    name: str
    text: str
    fields: Mapping[str, str] = {}
    encoding: str = "utf-8"
    markup: bool = False


class Rejected(Struct, frozen=True, kw_only=True):
    """A source that becomes no document, and why. `reason` is a stable word, `detail` is for people."""

    source: str
    line: int = 0
    id: str = ""
    reason: str
    detail: str


class Normalized(Struct, frozen=True, kw_only=True):
    """A document, and how many places of each kind cleaning changed."""

    document: Document
    line: int
    changes: Mapping[str, int]
    encoding: str
    warnings: tuple[str, ...] = ()


class Setting(Struct, frozen=True, kw_only=True):
    """What the corpus says about all its texts."""

    languages: tuple[str, ...] = ()
    license: str | None = None
    overrides: Mapping[str, Override] = {}


_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
_DATE = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
_LEAST_CONFIDENCE = 0.5


def normalize(raw: Raw, setting: Setting) -> Normalized | Rejected:
    """The document in a raw text, or why there is none. The curator's override wins over what the source states."""
    header, body = split_header(raw.text)
    fields = {**raw.fields, **header}
    identifier = _identifier(raw, fields)
    if isinstance(identifier, Rejected):
        return identifier

    def rejected(reason: str, detail: str) -> Rejected:
        return Rejected(source=raw.file, line=raw.line, id=identifier, reason=reason, detail=detail)

    override = setting.overrides.get(identifier)
    if override and override.exclude:
        return rejected("excluded", f"overrides.toml excludes it: {override.reason}")
    try:
        cleaned = clean(body)
    except LoneSurrogateError as error:
        return rejected("undecodable", str(error))
    text = cleaned.text
    if not text:
        return rejected("empty", "there is no text in it")
    warnings = []
    if cleaned.replacement_characters:
        warnings.append(
            f"{cleaned.replacement_characters} replacement characters: the text was damaged before it came here"
        )
    stated = {name: fields.get(name) or None for name in ("title", "date", "publisher", "url", "license", "group")}
    stated["license"] = stated["license"] or setting.license
    if override:
        for name, value in stated.items():
            decided: str | None = getattr(override, name)
            if decided is not None and decided == value:
                warnings.append(f"overrides.toml: {name} = {decided!r} is what the source states; take it out")
            stated[name] = value if decided is None else decided
    if stated["title"] is not None:
        stated["title"] = " ".join(clean(stated["title"]).text.split()) or None
    if stated["date"] is not None and not _DATE.fullmatch(stated["date"]):
        warnings.append(
            f"date {stated['date']!r} is not ISO 8601 (2025, 2025-06, 2025-06-11) and was left out; set it in overrides.toml"
        )
        stated["date"] = None
    language = _language(text, setting, override, warnings)
    blocks = sections(text, stated["title"])
    document = Document(
        id=identifier,
        language=language,
        title=stated["title"],
        date=stated["date"],
        group=stated["group"],
        source=Source(
            file=raw.file,
            sha256=raw.sha256,
            publisher=stated["publisher"],
            url=stated["url"],
            license=stated["license"],
        ),
        text=text,
        sections=blocks,
        sentences=tuple(Extent(start=s, end=e) for s, e in sentences(text, [(b.start, b.end) for b in blocks])),
    )
    return Normalized(
        document=document, line=raw.line, changes=cleaned.counts, encoding=raw.encoding, warnings=tuple(warnings)
    )


def digest(raw: bytes) -> str:
    """SHA-256 of raw bytes, hexadecimal."""
    return hashlib.sha256(raw).hexdigest()


def _identifier(raw: Raw, fields: Mapping[str, str]) -> str | Rejected:
    """The document's id: the one its source states, else the source's name, else from its content."""
    stated = fields.get("id")
    if stated is not None:
        if _ID.fullmatch(stated):
            return stated
        detail = f"id {stated!r}: use lower-case letters, digits, '.', '_', '-', a letter or digit first, 200 at most"
        return Rejected(source=raw.file, line=raw.line, reason="bad-id", detail=detail)
    if not raw.name:
        return raw.sha256[:16]
    name = raw.name.lower()
    if _ID.fullmatch(name):
        return name
    detail = f"the name {raw.name!r} makes no document id: rename it (letters, digits, '.', '_', '-'), or state an id in the text's header"
    return Rejected(source=raw.file, line=raw.line, reason="bad-id", detail=detail)


def _language(text: str, setting: Setting, override: Override | None, warnings: list[str]) -> str:
    if override and override.language:
        return override.language
    if len(setting.languages) == 1:
        return setting.languages[0]
    language, confidence = identify(text, [name.split("-")[0] for name in setting.languages])
    if confidence < _LEAST_CONFIDENCE:
        warnings.append(f"language {language} is a weak guess ({confidence:.2f}); set it in overrides.toml")
    if not setting.languages:
        return language
    return next(name for name in setting.languages if name.split("-")[0] == language)
