"""spaCy's DocBin: what it can hold comes back, what it can't is told, and nothing in a file leads anywhere else."""

import os
import pickle
import subprocess
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.environment import models_python
from formats import spacy_process
from formats.meaning import meaning
from release.corpora import minister
from release.strategies import NEWS, drafts
from standoff.corpus.model import AnnotationSet, Document, Extent, Fragment, Span
from standoff.errors import EnvironmentFault
from standoff.formats import spacy

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(repository: Path) -> Iterator[Ask]:
    """Calls a function of `spacy_process` where spaCy is."""
    words = [str(models_python()), spacy_process.__file__]
    environment = {**os.environ, "PYTHONPATH": str(repository / "src")}
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin
        assert process.stdout
        streams = process.stdin, process.stdout

        def call(function: Callable[..., Any], *arguments: Any) -> Any:
            pickle.dump((function.__name__, arguments), streams[0])
            streams[0].flush()
            return pickle.load(streams[1])

        yield call
        process.stdin.close()


def held(annotations: AnnotationSet, tokens: list[tuple[int, int]]) -> AnnotationSet:
    """What of the set a DocBin has a place for."""
    starts, ends = {start for start, _ in tokens}, {end for _, end in tokens}
    spans = [
        span for span in annotations.spans if len(span.fragments) == 1 and span.start in starts and span.end in ends
    ]
    kept = [
        msgspec.structs.replace(
            span, attributes={name: value for name, value in span.attributes.items() if name == "kb_id"}
        )
        for span in spans
    ]
    return msgspec.structs.replace(annotations, spans=tuple(kept), relations=())


def on_words(document: Document, annotations: AnnotationSet) -> AnnotationSet:
    """The set with its spans in one piece made longer until they begin and end at white space, as most tokens do."""
    text, spans = document.text, []
    for span in annotations.spans:
        start, end = span.start, span.end
        while start and not text[start - 1].isspace():
            start -= 1
        while end < len(text) and not text[end].isspace():
            end += 1
        whole = (Fragment(start=start, end=end, text=text[start:end]),)
        spans.append(msgspec.structs.replace(span, fragments=whole) if len(span.fragments) == 1 else span)
    return msgspec.structs.replace(annotations, spans=tuple(spans))


@settings(max_examples=60)
@given(drawn=drafts(), words=st.booleans())
def test_all_but_what_is_told_comes_back(ask: Ask, drawn: tuple[Document, list[AnnotationSet]], words: bool) -> None:
    document, (annotations, *_) = drawn
    if words:
        annotations = on_words(document, annotations)
    raw, losses, _ = ask(spacy_process.packed, [(document, annotations)])
    (foreign,), error = ask(spacy_process.read, raw)
    ((tokens, entities, said, groups),) = ask(spacy_process.seen, raw)
    assert (error, foreign.losses, foreign.left_out) == ("", [], ())
    assert (foreign.text, foreign.name, foreign.language) == (document.text, document.id, document.language)
    assert (foreign.annotator, foreign.annotated, foreign.relations) == (annotations.annotator, True, [])
    expected = held(annotations, tokens)
    assert meaning(foreign, ("attributes", "score")) == meaning(expected, ("attributes", "score"))
    assert {span.id for span in foreign.spans if span.keep_id} == {span.id for span in expected.spans}

    told = Counter((loss.reason, loss.place) for loss in losses)
    sentences = tuple((sentence.start, sentence.end) for sentence in document.sentences)
    assert ("sentence", document.id) in told or foreign.sentences == sentences
    assert told - Counter([("sentence", document.id)]) == Counter(
        [
            *(("relation", relation.id) for relation in annotations.relations),
            *(
                (name, item.id)
                for item in annotations.spans
                for name in ("note", "by")
                if getattr(item, name) is not None
            ),
            *(("attributes", span.id) for span in annotations.spans if span.attributes.keys() - {"kb_id"}),
            *(
                ("discontinuous" if len(span.fragments) > 1 else "unaligned", span.id)
                for span in annotations.spans
                if span.id not in {span.id for span in expected.spans}
            ),
        ]
    )

    layers = Counter(NEWS.span_layer[span.label] for span in expected.spans)
    assert groups == {layer: layers[layer] for layer in annotations.layers}
    flat = [span for span in expected.spans if NEWS.span_layer[span.label] == "entities"]
    assert said == ("entities" in annotations.layers)
    assert all(before[1] <= after[0] for before, after in pairwise(entities))
    assert set(entities) <= {(span.start, span.end, span.label) for span in flat}
    assert all(any(start <= span.start and span.start < end for start, end, _ in entities) for span in flat)


def test_a_minister_as_spacy_sees_him(ask: Ask) -> None:
    draft = minister()
    raw, losses, left_out = ask(spacy_process.packed, [(draft.document, draft.set())])
    ((tokens, entities, said, groups),) = ask(spacy_process.seen, raw)
    assert draft.document.text.startswith("😀 Den Haag")
    assert tokens[:3] == [(0, 1), (2, 5), (6, 10)]
    assert entities[0] == (2, 10, "GPE")
    assert (said, set(groups)) == (True, {"entities", "quotes", "events"})
    assert Counter(loss.reason for loss in losses)["relation"] == len(draft.set().relations)
    assert left_out == ("date", "source", "sections")


def test_overlapping_spans_with_and_without_scores(ask: Ask) -> None:
    draft = minister()
    spans = [
        Span(id=f"s{number}", label=label, fragments=(Fragment(start=start, end=end, text=draft.document.text[start:end]),), score=score)
        for number, (label, start, end, score) in enumerate(
            [("GPE", 2, 10, 0.25), ("GPE", 6, 10, None), ("FAC", 2, 5, 1.0), ("ORG", 2, 5, None)]
        )
    ]  # fmt: skip
    annotations = msgspec.structs.replace(draft.set(), spans=tuple(spans), relations=())
    raw, losses, _ = ask(spacy_process.packed, [(draft.document, annotations)])
    assert losses == ()
    ((_, entities, *_),) = ask(spacy_process.seen, raw)
    assert entities == [(2, 10, "GPE")]
    (foreign,), _ = ask(spacy_process.read, raw)
    assert meaning(foreign, ("score",)) == meaning(annotations, ("score",))


def test_documents_of_languages_that_spacy_knows_and_does_not(ask: Ask) -> None:
    draft = minister()
    pairs = [
        (msgspec.structs.replace(draft.document, id=language, language=language), draft.set())
        for language in ("nl", "nl-BE", "en", "zh", "ja", "zzz")
    ]
    raw, *_ = ask(spacy_process.packed, pairs)
    found, error = ask(spacy_process.read, raw)
    assert error == ""
    assert [(each.name, each.language, each.text) for each in found] == [(d.id, d.language, d.text) for d, _ in pairs]


def test_one_text_of_more_than_a_million_characters(ask: Ask) -> None:
    sentence = f"{' '.join(['woord' * 10] * 20)}. "
    number = 1_000_001 // len(sentence) + 1
    extents = [(place * len(sentence), (place + 1) * len(sentence) - 1) for place in range(number)]
    document = msgspec.structs.replace(
        minister().document,
        text=(sentence * number).strip(),
        sentences=tuple(Extent(start=start, end=end) for start, end in extents),
    )
    annotations = msgspec.structs.replace(minister().set(), spans=(), relations=())
    raw, losses, _ = ask(spacy_process.packed, [(document, annotations)])
    (foreign,), _ = ask(spacy_process.read, raw)
    assert (foreign.text, list(foreign.sentences), losses) == (document.text, extents, ())


OF_SPACY = """
import spacy
from spacy.tokens import Doc, DocBin, Span
nlp = spacy.blank("nl")
nlp.add_pipe("entity_ruler").add_patterns([{"label": "PER", "pattern": "Anna Bos", "id": "anna"}])
Doc.set_extension("mood", default=None)
doc = nlp("😀 Anna Bos woont  in Genève.")
doc.ents = [*doc.ents, Span(doc, 6, 7, "LOC", kb_id="Q71")]
doc.spans["sc"] = [Span(doc, 1, 3, "PER"), Span(doc, 1, 7, "STATEMENT"), Span(doc, 6, 7, "LOC", kb_id="Q71")]
doc.spans["sc"].attrs["scores"] = doc.tensor.__class__((3,), dtype="float32")
doc.spans["sc"].attrs["scores"][:] = 0.5
doc.spans["sc"].attrs["threshold"] = 0.5
doc.cats = {"news": 1.0}
doc._.mood = "calm"
doc[1].tag_ = "N"
plain = nlp.make_doc("Niets.")
apart = Doc(nlp.vocab, words=["Jan", "lacht", "."], ents=["B-PER", "O", "O"])
raw = DocBin(store_user_data=True, docs=[doc, plain, apart]).to_bytes()
"""


def test_a_file_of_spacy_itself(ask: Ask) -> None:
    found, error = ask(spacy_process.read, ask(spacy_process.made, OF_SPACY))
    assert error == ""
    first, plain, apart = found
    assert first.text == "😀 Anna Bos woont  in Genève."
    assert [(span.label, first.text[slice(*span.extents[0])], span.attributes, span.score) for span in first.spans] == [
        ("PER", "Anna Bos", {}, 0.5),
        ("STATEMENT", "Anna Bos woont  in Genève", {}, 0.5),
        ("LOC", "Genève", {"kb_id": "Q71"}, 0.5),
        ("PER", "Anna Bos", {"ent_id": "anna"}, None),
    ]
    assert first.left_out == (
        "tokens' TAG",
        "cats",
        "user_data ('._.', 'mood', None, None)",
        "attribute of a group threshold",
    )
    assert (plain.annotated, plain.name, plain.sentences) == (False, "", None)
    assert (apart.text, [span.extents for span in apart.spans]) == ("Jan lacht . ", [((0, 3),)])
    assert [(loss.kind, loss.reason) for loss in apart.losses] == [("repaired", "spaces")]


CHANGED = """
import srsly, struct, zlib, spacy, numpy
from spacy.tokens import Doc, DocBin, Span
doc = Doc(spacy.blank("nl").vocab, words=["Jan", "lacht"], spaces=[True, False], ents=["B-PER", "O"], heads=[0, 0], deps=["ROOT", "x"])
doc.spans["sc"] = [Span(doc, 0, 1, "PER")]
content = srsly.msgpack_loads(zlib.decompress(DocBin(docs=[doc, doc]).to_bytes()))
attrs, tokens = content["attrs"], numpy.frombuffer(content["tokens"], dtype="uint64").reshape(4, -1).copy()
def group(start, end, first, last):
    span = struct.pack(">QQQllll", 0, 0, doc.vocab.strings["PER"], start, end, first, last)
    return srsly.msgpack_dumps({srsly.msgpack_dumps({"name": "sc", "attrs": {}, "spans": [span]}): ["sc"]})
CHANGE
content["tokens"] = tokens.tobytes()
raw = zlib.compress(srsly.msgpack_dumps(content))
"""


@pytest.mark.parametrize(
    ("change", "texts", "told"),
    [
        ("del content['version']", 0, "version unknown, of which 0.1 is read"),
        ("content['version'] = '9'", 0, "version 9, of which 0.1 is read"),
        ("del content['spaces']", 0, "damaged DocBin"),
        ("content['lengths'] = numpy.asarray([2, 3], dtype='int32').tobytes()", 0, "damaged DocBin"),
        ("content['lengths'] = numpy.asarray([-1, 5], dtype='int32').tobytes()", 0, "damaged DocBin"),
        ("content['cats'] = []", 0, "not of one length"),
        ("content['attrs'] = attrs[1:]", 0, "damaged DocBin"),
        ("content['strings'] = []", 0, "damaged DocBin"),
        ("tokens[2, 0] = 12345678", 1, "damaged DocBin"),
        ("content['user_data'] = [b'', b'\\xc1']", 0, "damaged DocBin"),
        ("content = {'tokens': []}", 0, "something else that is packed"),
        ("tokens[:, attrs.index(spacy.attrs.HEAD)] = 10**6", 2, ""),
    ],
)
def test_a_file_that_is_not_sound(ask: Ask, change: str, texts: int, told: str) -> None:
    found, error = ask(spacy_process.read, ask(spacy_process.made, CHANGED.replace("CHANGE", change)))
    assert [foreign.text for foreign in found] == ["Jan lacht"] * texts
    assert bool(error) == bool(told)
    assert told in error
    assert not told or error.startswith("FormatError: f: ")


@pytest.mark.parametrize("place", [(0, 1, 0, 4), (0, 2, 0, 3), (1, 1, 4, 4), (0, 0, 0, 9)])
def test_a_span_that_is_not_where_its_tokens_are_is_refused(ask: Ask, place: tuple[int, ...]) -> None:
    change = f"content['span_groups'][0] = group(*{place})"
    (first, second), error = ask(spacy_process.read, ask(spacy_process.made, CHANGED.replace("CHANGE", change)))
    assert error == ""
    assert [(loss.kind, loss.reason, loss.place) for loss in first.losses] == [("refused", "offsets", "f#0/spans/sc/0")]
    assert [len(foreign.spans) for foreign in (first, second)] == [1, 1]


@pytest.mark.parametrize("place", [(0, 3, 0, 9), (-1, 1, 0, 3), (0, 2**31 - 1, 0, 3)])
def test_a_span_of_tokens_that_are_not_there_is_told(ask: Ask, place: tuple[int, ...]) -> None:
    change = f"content['span_groups'][1] = group(*{place})"
    (first,), error = ask(spacy_process.read, ask(spacy_process.made, CHANGED.replace("CHANGE", change)))
    assert [span.label for span in first.spans] == ["PER"]
    assert "f: a damaged DocBin: " in error


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "cut off"),
        (b"Jan lacht.", "no DocBin of spaCy: "),
        (zlib.compress(b"Jan lacht."), "no DocBin of spaCy"),
        (zlib.compress(b"\xc1"), "no DocBin of spaCy"),
    ],
)
def test_what_is_none(ask: Ask, raw: bytes, told: str) -> None:
    found, error = ask(spacy_process.read, raw)
    assert found == []
    assert told in error


def test_a_file_that_unpacks_to_too_much_is_refused(ask: Ask) -> None:
    draft = minister()
    raw, *_ = ask(spacy_process.packed, [(draft.document, draft.set())])
    assert ask(spacy_process.bounded, raw, 1_000) == (
        [],
        "FormatError: f: more than 0 MB when it is unpacked; split it",
    )
    assert ask(spacy_process.bounded, raw, 1_000_000)[1] == ""


@pytest.mark.parametrize("kept", [(), (0,), (1,)])
def test_sentences_that_are_not_all_there_are_told(ask: Ask, kept: tuple[int, ...]) -> None:
    draft = minister()
    assert len(draft.document.sentences) > 1
    document = msgspec.structs.replace(
        draft.document, sentences=tuple(draft.document.sentences[number] for number in kept)
    )
    raw, losses, _ = ask(spacy_process.packed, [(document, draft.set())])
    (foreign,), _ = ask(spacy_process.read, raw)
    assert foreign.sentences != tuple((sentence.start, sentence.end) for sentence in document.sentences)
    assert [loss.place for loss in losses if loss.reason == "sentence"] == ["minister"]


def test_every_file_that_was_cut_off_is_told(ask: Ask) -> None:
    draft = minister()
    raw, *_ = ask(spacy_process.packed, [(draft.document, draft.set())])
    for length in range(2, len(raw), 97):
        assert ask(spacy_process.read, raw[:length]) == ([], "FormatError: f: it was cut off; fetch it again")


def test_without_spacy_it_is_said_what_to_install() -> None:
    with pytest.raises(EnvironmentFault, match=r"extra `spacy`: pip install '.\[spacy\]'"):
        next(spacy.read(b"", "f"))
    with pytest.raises(EnvironmentFault, match=r"extra `spacy`: pip install '.\[spacy\]'"):
        spacy.pipeline("nl")
