"""spaCy's DocBin (`.spacy`): `doc.ents` and the groups of `doc.spans`, over spaCy's own tokens. Pure.

Read and written by spaCy, which counts in code points and keeps a text exactly. Written are a group for each annotated layer, with
all its spans that begin and end with tokens, and as entities the outermost ones of layers without relations; read are both, and a
span that is in both is one. A span's `kb_id` is the attribute of that name. Document, annotator and language are in `user_data`.
"""

import sys
import zlib
from collections.abc import Iterable, Iterator
from math import isnan
from typing import Any, NamedTuple

from standoff.corpus.model import AnnotationSet, Document, Span
from standoff.corpus.scheme import SchemeIndex
from standoff.errors import EnvironmentFault, how_to_install
from standoff.formats.doccano_rows import DOCUMENT_KEY
from standoff.formats.foreign import Foreign, ForeignSpan, FormatError, Loss
from standoff.formats.writing import item_losses, lost, set_left_out

_ANNOTATOR, _LANGUAGE = "standoff_annotator", "standoff_language"
_READ = ("ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID", "SENT_START")
_TOLD = ("TAG", "POS", "MORPH", "LEMMA", "DEP")
"""What else tokens have that a corpus has no place for."""
_VERSION = "0.1"
_MOST = 1 << 30
_KB = "kb_id"
_ELSE = "sc"
"""The group of labels that the scheme does not have; spaCy's own name for a group."""


def _spacy() -> Any:
    try:
        import spacy
    except ImportError:
        raise EnvironmentFault(
            f"spacy needs the package spacy; {how_to_install('spacy')}, in an"
            " environment of its own if this one has the extra doccano, for these two exclude each other"
        ) from None
    return spacy


def read(raw: bytes, where: str) -> Iterator[Foreign]:
    """The texts of one file. Raises FormatError for anything that is no whole DocBin of this version, and EnvironmentFault
    without the package. A text that its `user_data` does not name has no name."""
    vocab = _spacy().vocab.Vocab()
    bin_, told = _load(raw, where)
    try:
        for number, doc in enumerate(bin_.get_docs(vocab)):
            yield _foreign(doc, f"{where}#{number}", where, told[number])
    except FormatError:
        raise
    except Exception as error:  # whatever spaCy raises on arrays and hashes that don't fit each other
        raise _damaged(where, error) from None


def _load(raw: bytes, where: str) -> tuple[Any, list[tuple[str, ...]]]:
    """The DocBin with those columns alone that are read, and for each text the names of others that state something.

    spaCy checks little of this, and other columns may lead it out of its arrays.
    """
    import numpy
    import srsly
    from spacy.attrs import IDS
    from spacy.tokens import DocBin

    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(raw, _MOST)
        if unpacker.unconsumed_tail:
            raise FormatError(f"{where}: more than {_MOST >> 20} MB when it is unpacked; split it")
        content = srsly.msgpack_loads(plain) if unpacker.eof else None
    except (zlib.error, ValueError, TypeError, RecursionError) as error:
        raise FormatError(f"{where}: no DocBin of spaCy: {' '.join(str(error).split())[:200]}") from None
    if content is None:
        raise FormatError(f"{where}: it was cut off; fetch it again")
    if not isinstance(content, dict) or "attrs" not in content or "tokens" not in content:
        raise FormatError(f"{where}: no DocBin of spaCy, but something else that is packed as one")
    if content.get("version") != _VERSION:
        raise FormatError(
            f"{where}: a DocBin of version {content.get('version', 'unknown')!s:.20}, of which {_VERSION} is read here, that of"
            " spaCy 3; load it with the spaCy that wrote it, and save it with spaCy 3"
        )
    try:
        bin_ = DocBin().from_bytes(raw)
        attrs = list(content["attrs"])
        lengths = numpy.frombuffer(content["lengths"], dtype="int32")
        sizes = {sum(len(tokens) for tokens in bin_.tokens), sum(len(spaces) for spaces in bin_.spaces)}
        parts = {len(bin_.tokens), len(bin_.cats), len(bin_.flags), len(bin_.span_groups), len(bin_.user_data)}
        if sizes != {int(lengths.sum())} or parts != {len(lengths)} or (lengths < 0).any():
            raise ValueError("its parts are not of one length")
        told = [
            tuple(f"tokens' {name}" for name in _TOLD if IDS[name] in attrs and tokens[:, attrs.index(IDS[name])].any())
            for tokens in bin_.tokens
        ]
        columns = [attrs.index(IDS[name]) for name in ("ORTH", *_READ) if IDS[name] in attrs]
        bin_.attrs = [attrs[column] for column in columns]
        bin_.tokens = [numpy.ascontiguousarray(tokens[:, columns]) for tokens in bin_.tokens]
    except Exception as error:  # as in `read`
        raise _damaged(where, error) from None
    return bin_, told


def _damaged(where: str, error: Exception) -> FormatError:
    return FormatError(
        f"{where}: a damaged DocBin: {type(error).__name__}: {' '.join(str(error).split())[:200]}; save it again with spaCy 3"
    )


def _foreign(doc: Any, place: str, file: str, told: tuple[str, ...]) -> Foreign:
    stated = {str(key): value for key, value in doc.user_data.items()}
    name, annotator, language = (_string(stated.pop(key, None)) for key in (DOCUMENT_KEY, _ANNOTATOR, _LANGUAGE))
    foreign = Foreign(
        name=name or "",
        file=file,
        place=place,
        text=doc.text,
        annotated=bool(name or doc.spans or doc.has_annotation("ENT_IOB")),
        annotator=annotator,
        language=language,
        sentences=_sentences(doc) if doc.has_annotation("SENT_START") else None,
        left_out=(*told, *(["cats"] if doc.cats else []), *(f"user_data {key}" for key in stated)),
    )
    if doc.has_unknown_spaces:
        message = "it does not say where spaces are: there is one between any two tokens"
        foreign.tell("repaired", "spaces", place, message)
    ours, left_out, seen = bool(name), set(), set()
    for key, group in doc.spans.items():
        scores = group.attrs.get("scores")
        left_out |= {f"attribute of a group {attr}" for attr in group.attrs.keys() - {"scores"}}
        for number, span in enumerate(group):
            score = float(scores[number]) if scores is not None and number < len(scores) else None
            here = f"{place}/spans/{key}/{number}"
            extent = _extent(doc, span)
            if extent is None:
                message = f"its tokens {span.start}:{span.end} are not at {span.start_char}:{span.end_char}"
                foreign.tell("refused", "offsets", here, message)
                continue
            seen.add(_key(span))
            foreign.spans.append(
                _span(span, extent, here, ours=ours, score=None if score is None or isnan(score) else score)
            )
    for number, span in enumerate(doc.ents):
        if _key(span) not in seen:
            extent = (span.start_char, span.end_char)
            foreign.spans.append(_span(span, extent, f"{place}/ents/{number}", ours=ours, score=None))
    foreign.left_out += tuple(sorted(left_out))
    return foreign


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _key(span: Any) -> tuple[Any, ...]:
    return span.start, span.end, span.label, span.kb_id, span.id


def _extent(doc: Any, span: Any) -> tuple[int, int] | None:
    """Where a group's span is; None when it has no tokens, or they are not where its offsets are."""
    if span.start >= span.end:
        return None
    last = doc[span.end - 1]
    extent = (span.start_char, span.end_char)
    return extent if extent == (doc[span.start].idx, last.idx + len(last)) else None


def _span(span: Any, extent: tuple[int, int], place: str, *, ours: bool, score: float | None) -> ForeignSpan:
    """`ours`: its id was written by us. spaCy's own are those of patterns, which many spans share."""
    attributes = {_KB: span.kb_id_, "ent_id": "" if ours else span.id_}
    return ForeignSpan(
        id=(span.id_ if ours else "") or place,
        keep_id=ours and bool(span.id_),
        label=span.label_,
        extents=(extent,),
        attributes={name: value for name, value in attributes.items() if value},
        score=score,
        place=place,
    )


def _sentences(doc: Any) -> tuple[tuple[int, int], ...]:
    """Sentences without white space at their ends."""
    extents = []
    for sentence in doc.sents:
        text = sentence.text
        start = sentence.start_char + len(text) - len(text.lstrip())
        if start < (end := sentence.start_char + len(text.rstrip())):
            extents.append((start, end))
    return tuple(extents)


# -- writing


class Written(NamedTuple):
    """One document as spaCy's Doc, and what it has no place for."""

    doc: Any
    losses: tuple[Loss, ...]
    left_out: tuple[str, ...]


def pipeline(language: str) -> Any:
    """A blank pipeline, for its tokens: of the language, or of many where spaCy or a package that it needs has no such one.
    Raises EnvironmentFault without spaCy."""
    spacy = _spacy()
    try:
        nlp = spacy.blank(language)
    except ImportError:
        nlp = spacy.blank("xx")
    nlp.max_length = sys.maxsize  # its limit is for the memory of models, and there are none
    return nlp


def write(document: Document, annotations: AnnotationSet, nlp: Any, scheme: SchemeIndex) -> Written:
    """The document with the tokens of a blank pipeline. When no layer without relations was annotated, entities are not said to
    be absent, but missing."""
    import numpy

    doc = nlp.make_doc(document.text)
    losses = list(item_losses(document.id, annotations, spans=("attributes", "score"), relations=None))
    groups: dict[str, list[Span]] = {layer: [] for layer in annotations.layers}
    made: dict[str, Any] = {}
    for span in annotations.spans:
        if names := sorted(name for name, value in span.attributes.items() if name != _KB or not value):
            message = f"{span.label} {span.text[:60]!r}: there is no place for {', '.join(names)}"
            losses.append(lost(document.id, span, "attributes", message))
        ids = {"label": span.label, "kb_id": span.attributes.get(_KB, ""), "span_id": span.id}
        placed = doc.char_span(span.start, span.end, **ids) if len(span.fragments) == 1 else None
        if placed is None:
            reason, why = "unaligned", "it does not begin and end with tokens of spaCy"
            if len(span.fragments) > 1:
                reason, why = "discontinuous", "a span is one piece there"
            losses.append(lost(document.id, span, reason, f"{span.label} {span.text[:60]!r}: {why}"))
            continue
        made[span.id] = placed
        groups.setdefault(scheme.span_layer.get(span.label, _ELSE), []).append(span)
    for layer, spans in groups.items():
        doc.spans[layer] = [made[span.id] for span in spans]
        if any(span.score is not None for span in spans):
            doc.spans[layer].attrs["scores"] = [float("nan") if s.score is None else s.score for s in spans]
    flat = [layer for layer in groups if layer not in scheme.layers or scheme.layers[layer].head is None]
    outermost, done = [], 0
    for span in sorted([span for layer in flat for span in groups[layer]], key=_outer_first):
        if span.start >= done:
            outermost.append(made[span.id])
            done = span.end
    doc.set_ents(outermost, default="outside" if flat else "missing")
    starts = {sentence.start for sentence in document.sentences}
    # Said token by token, it looks at all tokens for each.
    said = numpy.array([1 if token.idx in starts else -1 for token in doc], dtype="int64")
    doc.from_array(["SENT_START"], said.astype("uint64"))
    if _sentences(doc) != tuple((sentence.start, sentence.end) for sentence in document.sentences):
        message = "sentences there begin with tokens and go on until the next one, and some of its do not"
        id_ = document.id
        losses.append(Loss(kind="lost", reason="sentence", document=id_, place=id_, message=message))
    doc.user_data = {
        DOCUMENT_KEY: document.id,
        _ANNOTATOR: annotations.annotator,
        _LANGUAGE: document.language,
    }
    return Written(doc, tuple(losses), set_left_out(document, annotations, {"ids", "sentences"}))


def _outer_first(span: Span) -> tuple[int, int, str]:
    return span.start, -span.end, span.id


def pack(docs: Iterable[Any]) -> bytes:
    """One file of these."""
    from spacy.tokens import DocBin

    return bytes(DocBin(attrs=_READ, store_user_data=True, docs=docs).to_bytes())
