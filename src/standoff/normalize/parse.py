"""Raw bytes to one text and what its source states about it: decoding, JSON, markup, header. Pure."""

import json
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from standoff.corpus.config import Field
from standoff.normalize.encoding import NotText, decode
from standoff.normalize.header import FIELDS, BadHeader, date_line, front_matter
from standoff.normalize.markup import BadMarkup, declared_encoding, from_html, from_markdown
from standoff.normalize.records import Raw, Rejected

_MOST_LEFT_OUT = 50


class Text(Struct, frozen=True, kw_only=True):
    """A text before it is cleaned. `headings` only where markup says which blocks are headings."""

    text: str
    fields: Mapping[str, str]
    encoding: str
    headings: tuple[str, ...] | None = None
    changes: Mapping[str, int] = {}
    left_out: tuple[str, ...] = ()


def parse(raw: Raw, fields: Mapping[Field, str]) -> Text | Rejected:
    """The text in `raw`; `fields` maps our field names to those in a line."""
    if raw.kind == "line":
        return _line(raw, fields)
    decoded = decode(raw.content, declared_encoding(raw.content) if raw.kind == "html" else None)
    if isinstance(decoded, NotText):
        return _rejected(raw, "undecodable", decoded.detail)
    text, encoding = decoded
    if raw.kind == "html":
        words = from_html(text)
        if not words.text.strip():
            return _rejected(raw, "no-main-text", "no article was found in this page")
        return Text(
            text=words.text, fields=words.fields, encoding=encoding, headings=words.headings, changes=words.changes
        )
    header = front_matter(text)
    if isinstance(header, BadHeader):
        if raw.kind == "markdown":
            return _rejected(raw, "bad-header", header.detail)
        header = None  # in plain text, a line of dashes may be just that
    elif header and raw.kind == "text" and not header.fields:
        header = None  # "Brussel: rust" between two such lines is text too
    header = header or date_line(text)
    stated, left_out, end = header or ({}, (), 0)
    body = text[end:]
    if raw.kind == "text":
        return Text(text=body, fields=stated, encoding=encoding, left_out=left_out)
    bare = from_markdown(body)
    if isinstance(bare, BadMarkup):
        return _rejected(raw, "bad-markup", bare.detail)
    return Text(
        text=bare.text,
        fields={**bare.fields, **stated},
        encoding=encoding,
        headings=bare.headings,
        changes=bare.changes,
        left_out=left_out,
    )


def _line(raw: Raw, fields: Mapping[Field, str]) -> Text | Rejected:
    try:
        article = msgspec.json.decode(raw.content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _rejected(raw, "bad-json", str(error))
    if not isinstance(article, dict):
        return _rejected(raw, "bad-json", "not a JSON object")
    theirs: dict[str, str] = {ours: fields.get(ours, ours) for ours in ("text", *FIELDS)}  # type: ignore[call-overload]
    for name in theirs.values():
        if raw.content.count(b'"%b"' % name.encode()) > 1 and _stands_twice(name, raw.content):
            return _rejected(raw, "bad-field", f"{name}: stands twice; keep one of them")
    text = article.get(theirs["text"])
    if text is None:
        return _rejected(
            raw,
            "no-text",
            f'there is no field {theirs["text"]!r}; name yours in corpus.toml: [normalize] fields = {{ text = "..." }}',
        )
    if not isinstance(text, str):
        return _rejected(raw, "bad-field", f"{theirs['text']}: not a string")
    stated = {}
    for ours in FIELDS:
        value = article.get(theirs[ours])
        if type(value) is int:  # ids and years
            value = str(value)
        if value is not None and not isinstance(value, str):
            return _rejected(raw, "bad-field", f"{theirs[ours]}: not a string")
        if value:
            stated[ours] = value
    left_out = tuple(name for name in article if name not in theirs.values())[:_MOST_LEFT_OUT]
    header = None if "date" in stated else date_line(text)
    if header:
        stated, text = {**stated, **header.fields}, text[header.end :]
    return Text(text=text, fields=stated, encoding="utf-8", left_out=left_out)


def _stands_twice(name: str, content: bytes) -> bool:
    pairs = json.loads(content.removeprefix(b"\xef\xbb\xbf"), object_pairs_hook=list)
    return [key for key, _ in pairs].count(name) > 1


def _rejected(raw: Raw, reason: str, detail: str) -> Rejected:
    return Rejected(source=raw.file, line=raw.line, reason=reason, detail=detail)
