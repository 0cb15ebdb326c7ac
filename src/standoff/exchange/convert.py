"""A foreign text to a document and its set: cleaned, offsets moved, all checked against the scheme. Pure."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec
from msgspec import Struct

from standoff import __version__
from standoff.corpus.codec import sha256
from standoff.corpus.config import Override
from standoff.corpus.decisions import holds_candidates
from standoff.corpus.model import (
    AnnotationSet,
    AnnotatorName,
    By,
    Comment,
    Document,
    DocumentId,
    Extent,
    Language,
    Provenance,
    Source,
    Timestamp,
    fits,
)
from standoff.corpus.scheme import SchemeIndex
from standoff.exchange.items import Items, is_text
from standoff.exchange.units import in_code_points
from standoff.formats.foreign import Foreign, Loss
from standoff.normalize.language import LEAST_CONFIDENCE, identify
from standoff.normalize.sections import sections
from standoff.normalize.sentences import sentences
from standoff.text.clean import Cleaned, LoneSurrogateError, clean, one_line


class Setting(Struct, frozen=True, kw_only=True):
    """What holds for all texts of one import. `set_name` wins over the annotators that the source names; `folder` is where the
    source lies in the corpus repository, with `/` at its end, empty when it lies outside; `released` is the set of releases; `overrides` are
    a curator's decisions, which win over what the source states. `unannotated` are layers of the scheme
    that the corpus does not annotate."""

    format: str
    scheme: SchemeIndex
    layers: tuple[str, ...]
    unannotated: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    license: str | None = None
    set_name: str | None = None
    released: str = "gold"
    folder: str = ""
    overrides: Mapping[str, Override] = {}


class Converted(NamedTuple):
    """A document and its set, None when the source did not annotate it. `moved` counts the spans that cleaning moved; `weak`:
    its language is a weak guess."""

    document: Document
    annotations: AnnotationSet | None
    losses: tuple[Loss, ...]
    changes: Mapping[str, int]
    moved: int
    weak: bool


def convert(foreign: Foreign, setting: Setting, known_id: str | None = None) -> Converted | Loss:
    """The document and set of one text, or why there is none. `known_id` names a text that the source does not name.

    Losses of the source come first, then those of its spans and relations, in their order.
    """
    try:
        cleaned = clean(foreign.text)
    except LoneSurrogateError as error:
        return _refused(foreign, "undecodable", str(error))
    text = cleaned.text
    if not any(map(str.isprintable, text)):
        return _refused(foreign, "empty", "there is no text in it")
    id_ = document_id(foreign.name) or known_id or sha256(text)[:16]
    losses = [msgspec.structs.replace(loss, document=loss.document or id_) for loss in foreign.losses]
    if foreign.name and foreign.name != id_:
        losses.append(
            Loss(
                kind="repaired",
                reason="id",
                document=id_,
                place=foreign.place,
                message=f"{foreign.name[:200]!r} is called {id_!r} here",
            )
        )
    language, confidence = _language(foreign, text, setting, setting.overrides.get(id_))
    weak = confidence < LEAST_CONFIDENCE
    document = _document(id_, foreign, cleaned, setting, language)
    if not foreign.annotated:
        return Converted(document, None, tuple(losses), cleaned.counts, 0, weak)
    foreign, unit = in_code_points(foreign)
    if unit is not None:
        losses.append(msgspec.structs.replace(unit, document=id_))
    items = Items(document, foreign, cleaned, setting.scheme, setting.unannotated, _annotator)
    spans, relations = items.spans(), items.relations()
    if not setting.layers and not foreign.comments:
        # Of no layer is known that it was annotated: a set would say nothing, and be in the way of the next import.
        return Converted(document, None, (*losses, *items.losses), cleaned.counts, 0, weak)
    annotator, renamed = _annotator_of(foreign, setting)
    losses += [msgspec.structs.replace(loss, document=id_) for loss in renamed]
    at = foreign.at if fits(foreign.at, Timestamp) else None
    if foreign.at and not at:
        message = f"{foreign.at[:60]!r} is no moment in ISO 8601"
        losses.append(Loss(kind="lost", reason="by", document=id_, place=foreign.place, message=message))
    by = By(annotator=annotator, at=at)
    annotations = AnnotationSet(
        document=id_,
        text_sha256=sha256(text),
        annotator=annotator,
        kind=foreign.kind,
        scheme=setting.scheme.scheme.version,
        layers=setting.layers,
        confirmed=(by,) if foreign.confirmed else (),
        comments=tuple(Comment(text=comment) for comment in foreign.comments if comment and is_text(comment)),
        provenance=Provenance(
            tool=f"standoff import {setting.format}",
            version=__version__,
            parameters=msgspec.json.encode(foreign.parameters).decode() if foreign.parameters else None,
        ),
        spans=spans,
        relations=relations,
    )
    return Converted(document, annotations, (*losses, *items.losses), cleaned.counts, items.moved, weak)


def document_id(name: str) -> str:
    """A document's id made from the name that a source has for it; empty when nothing of it can stand in one."""
    if fits(name, DocumentId):
        return name
    plain = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:200]
    return plain if fits(plain, DocumentId) else ""


def _annotator_of(foreign: Foreign, setting: Setting) -> tuple[str, tuple[Loss, ...]]:
    """Whose set it is, and what is to be told of that. A model never writes gold, nor what is released."""
    if foreign.kind != "model" and setting.set_name:
        return setting.set_name, ()
    name = _annotator(foreign.annotator) or ("predictions" if foreign.kind == "model" else "gold")
    if foreign.kind != "model" or name not in {"gold", setting.released}:
        message = f"{(foreign.annotator or '')[:60]!r} is called {name!r} here"
        called = Loss(kind="repaired", reason="annotator", place=foreign.place, message=message)
        return name, (called,) if foreign.annotator and foreign.annotator != name else ()
    message = f"a model never writes {name}: its predictions are the set '{name}-model' here"
    return f"{name}-model", (Loss(kind="repaired", reason="annotator", place=foreign.place, message=message),)


def _annotator(name: str | None) -> str | None:
    """The name as that of a folder. A hash tells apart those that have other letters; an address is not kept."""
    if not name:
        return None
    if not fits(name, AnnotatorName):
        own = name.partition("@")[0]
        plain = re.sub(r"[^a-z0-9._-]+", "-", own.lower()).strip("-._")[:90]
        if len(own) > len(plain) + 1 or not re.fullmatch(r"[A-Za-z0-9 ._-]+", own):
            digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
            plain = f"{plain or 'annotator'}-{digest[:6]}"
        name = plain
    return f"{name[:90]}-set" if holds_candidates(name) else name


def _document(id_: str, foreign: Foreign, cleaned: Cleaned, setting: Setting, language: str) -> Document:
    text = cleaned.text
    override = setting.overrides.get(id_)
    decided = {name: _decided(override, name) for name in ("title", "date", "group", "publisher", "url", "license")}
    title = decided["title"] or " ".join((foreign.title or "").split()) or None
    title = title if title is None or is_text(title) else None
    blocks = sections(text, title)
    if foreign.sentences is None:
        found = sentences(text, [(block.start, block.end) for block in blocks])
    else:
        found = list(_moved_sentences(foreign.sentences, cleaned, [(block.start, block.end) for block in blocks]))
    raw = foreign.text.encode() if foreign.raw is None else foreign.raw
    return Document(
        id=id_,
        language=language,
        title=title,
        date=decided["date"],
        group=decided["group"],
        source=Source(
            file=setting.folder + foreign.file,
            sha256=hashlib.sha256(raw).hexdigest(),
            publisher=decided["publisher"],
            url=decided["url"],
            license=decided["license"] or setting.license,
        ),
        text=text,
        sections=blocks,
        sentences=tuple(Extent(start=start, end=end) for start, end in found),
    )


def _decided(override: Override | None, name: str) -> str | None:
    """What a curator decided, as documents state it."""
    value = getattr(override, name, None)
    return None if value is None else one_line(value) or None


def _moved_sentences(
    stated: Iterable[tuple[int, int]], cleaned: Cleaned, blocks: list[tuple[int, int]]
) -> Iterable[tuple[int, int]]:
    """Sentences of the raw text in the clean one, cut at the ends of sections and without white space at their ends."""
    text = cleaned.text
    block = done = 0
    for raw_start, raw_end in stated:
        start, end, _ = cleaned.offsets.span(raw_start, raw_end)
        start = max(start, done)
        while start < end:
            while block < len(blocks) and blocks[block][1] <= start:
                block += 1
            if block == len(blocks):
                return
            first, last = max(start, blocks[block][0]), min(end, blocks[block][1])
            while first < last and text[first].isspace():
                first += 1
            while first < last and text[last - 1].isspace():
                last -= 1
            if first < last:
                yield first, last
            start = done = max(min(end, blocks[block][1]), start + 1)


def _language(foreign: Foreign, text: str, setting: Setting, override: Override | None) -> tuple[str, float]:
    """The language of a text and the confidence in it, 1 when somebody states it."""
    if decided := _decided(override, "language"):
        return decided, 1.0
    if foreign.language and fits(foreign.language, Language):
        return foreign.language, 1.0
    if len(setting.languages) == 1:
        return setting.languages[0], 1.0
    named = {name.split("-")[0]: name for name in reversed(setting.languages)}
    language, confidence = identify(text, list(named))
    return named.get(language, language), confidence


def _refused(foreign: Foreign, reason: str, message: str) -> Loss:
    return Loss(kind="refused", reason=reason, document=foreign.name, place=foreign.place, message=message)
