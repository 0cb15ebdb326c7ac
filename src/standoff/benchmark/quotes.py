"""`rule:quotes`: quotations by their marks and by verbs of saying, with the nearest speaker. A baseline without a model.

It knows what a grammar for newspapers says of Dutch and German: marks in pairs hold direct quotations; a verb of saying beside
them is the cue; the noun phrase beside the cue speaks; a clause with "dat" behind such a verb is indirect speech.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from standoff.benchmark.predictor import FoundRelation, FoundSpan, Prediction, Request
from standoff.corpus.model import Document
from standoff.corpus.rules.quotation import quoted
from standoff.corpus.scheme import SchemeIndex, index
from standoff.errors import UsageError

VERSION = "2"

_SAID = {
    "nl": "zegt zei zeggen zeiden gezegd stelt stelde stellen stelden gesteld verklaart verklaarde verklaren verklaarden"
    " verklaard meldt meldde melden meldden gemeld vindt vond vinden vonden denkt dacht denken dachten benadrukt benadrukte"
    " benadrukken benadrukten benadrukt schrijft schreef schrijven schreven geschreven vertelt vertelde vertellen vertelden"
    " verteld waarschuwt waarschuwde waarschuwen waarschuwden gewaarschuwd voegt voegde beweert beweerde beweren beweerden"
    " hoopt hoopte hopen hoopten verwacht verwachtte verwachten verwachtten noemt noemde noemen noemden reageert reageerde"
    " antwoordt antwoordde bevestigt bevestigde bevestigen bevestigden laat liet oordeelt oordeelde concludeert concludeerde"
    " aldus volgens",
    "de": "sagt sagte sagen sagten gesagt erklärt erklärte erklären erklärten meint meinte meinen meinten betont betonte"
    " betonen betonten berichtet berichtete teilt teilte schreibt schrieb schreiben schrieben heißt hieß fordert forderte"
    " fordern forderten warnt warnte warnen warnten kritisiert kritisierte findet fand glaubt glaubte so laut",
}
_BEFORE_SPEAKER = {"nl": {"aldus", "volgens"}, "de": {"so", "laut"}}
"""Cues that are no verbs: whoever is named behind them speaks."""
_THAT = {"nl": r"(?:dat|of)\b", "de": r"(?:dass|ob)\b"}
_ARTICLES = "de het een zijn haar hun deze dit die der die das ein eine einer seine ihre"
_MARKED = re.compile('“[^“”]+”|„[^“”„]+[“”]|"[^"]+"|»[^«»]+«|«[^«»]+»')
_WORD = re.compile(r"[\w’'-]+")
_NO_NOUN = (
    "dat of aan in op met bij door voor naar over na uit te om er zich niet en maar die heeft hebben had hadden is was zijn waren"
    " dass ob an auf mit bei durch für nach über aus zu um es sich nicht und aber hat haben hatte hatten ist war sind"
)
_PARTS = "van von der den de het zu vom"
_STOP = "|".join(sorted({*_NO_NOUN.split(), *" ".join(_SAID.values()).split()}))
_LOWER = rf"(?!(?:{_STOP})\b)[\w-]+"
_NAME = rf"[A-ZÀ-ÖØ-Þ][\w’'-]*(?:\s+(?:(?:{'|'.join(_PARTS.split())})\s+)*[A-ZÀ-ÖØ-Þ][\w’'-]*)*"
_ARTICLE = rf"(?:{'|'.join(_ARTICLES.split())})"
# The minister of trade with her name, the minister, a name, a pronoun: the longest that stands here.
_PHRASE = re.compile(
    rf"\b(?i:{_ARTICLE})\s+(?:{_LOWER}\s+){{0,4}}{_NAME}|\b(?i:{_ARTICLE})\s+(?:{_LOWER}\s+)?{_LOWER}|\b{_NAME}"
    r"|\b(?:hij|zij|ze|er|sie|wir|wij|we|ik|ich)\b"
)
_MOST_WORDS_TO_CUE = 6
_FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class _Names:
    """What the scheme calls the parts of a quotation."""

    layer: str
    content: str
    attribute: str
    types: Mapping[str, str]
    speaker: tuple[str, str] | None
    """Relation label, span label."""
    cue: tuple[str, str] | None


class QuoteFinder:
    """See the module. Deterministic; knows Dutch and German, and finds marks only in other languages."""

    version = VERSION
    labels = None

    def __init__(self, scheme: SchemeIndex) -> None:
        self._names = _names(scheme)
        self.layers = (self._names.layer,)

    def predict(self, documents: Iterable[Document]) -> Iterator[Prediction]:
        """One prediction for each document, in order."""
        return map(self._predict, documents)

    def _predict(self, document: Document) -> Prediction:
        spans: list[FoundSpan] = []
        relations: list[FoundRelation] = []
        for quotation in _quotations(document):
            head, content = len(spans), quotation.content
            text = " ".join(document.text[start:end] for start, end in content)
            kind = self._names.types[quoted(text)]
            spans.append(
                FoundSpan(label=self._names.content, fragments=content, attributes={self._names.attribute: kind})
            )
            for names, extent in ((self._names.cue, quotation.cue), (self._names.speaker, quotation.speaker)):
                if names and extent:
                    span = FoundSpan(label=names[1], fragments=(extent,))
                    if span not in spans:
                        spans.append(span)
                    relations.append(FoundRelation(label=names[0], head=head, tail=spans.index(span)))
        return Prediction(document=document.id, spans=tuple(spans), relations=tuple(relations))


def load(request: Request) -> QuoteFinder:
    """`rule:quotes`. Raises UsageError for a scheme without quotations."""
    if request.argument != "quotes":
        raise UsageError(f"there is no rule:{request.argument}; there is rule:quotes")
    return QuoteFinder(index(request.store.scheme))


def _names(scheme: SchemeIndex) -> _Names:
    for rule in scheme.scheme.rules.quotation:
        content = scheme.expand(rule.labels)[0]
        layer = scheme.span_layer[content]
        roles = {label.name: label for label in scheme.layers[layer].relations}
        found = {
            role: (role, sorted(scheme.tails[role] & {label.name for label in scheme.layers[layer].labels}))
            for role in ("speaker", "cue")
            if role in roles
        }
        speaker, cue = (
            (found[role][0], found[role][1][0]) if role in found and found[role][1] else None
            for role in ("speaker", "cue")
        )
        types = {"all": rule.direct, "none": rule.indirect, "some": rule.mixed}
        return _Names(layer, content, rule.attribute, types, speaker, cue)
    raise UsageError(
        "rule:quotes needs a scheme that says how quotations are typed: a [[rules.quotation]] in scheme.toml"
    )


Extent = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Quotation:
    content: tuple[Extent, ...]
    cue: Extent | None
    speaker: Extent | None


def _quotations(document: Document) -> Iterator[_Quotation]:
    """The quotations of a document, in text order."""
    text = document.text
    language = document.language.partition("-")[0]
    said = frozenset(_SAID.get(language, "").split())
    last: _Quotation | None = None
    for sentence in _stretches(document):
        marked = [match.span() for match in _MARKED.finditer(text, *sentence)]
        marked = [span for span in marked if len(_WORD.findall(text, *span)) >= _FEWEST_WORDS]
        cue = _cue(text, sentence, marked, said)
        verb = cue is not None and text[slice(*cue)].lower() not in _BEFORE_SPEAKER.get(language, set())
        that = _clause(text, sentence, cue, language) if cue and verb else None
        content = (that,) if that is not None else tuple(marked)
        if not content:
            continue
        if last and last.cue and cue is None and _goes_on(text, last, sentence, content):
            last = _Quotation((*last.content, *content), last.cue, last.speaker)
            continue
        if last:
            yield last
        speaker = _speaker(text, sentence, content, cue, _BEFORE_SPEAKER.get(language, set())) if cue else None
        last = _Quotation(content, cue, speaker)
    if last:
        yield last


def _goes_on(text: str, last: _Quotation, sentence: Extent, content: tuple[Extent, ...]) -> bool:
    """Whether a sentence is nothing but marked words, in the paragraph of a marked quotation before it."""
    whole = not _WORD.search(text, sentence[0], content[0][0]) and not _WORD.search(text, content[-1][1], sentence[1])
    return whole and len(content) == 1 and "\n" not in text[last.content[-1][1] : content[0][0]]


def _stretches(document: Document) -> Iterator[Extent]:
    """Sentences; those that marks hold together are one."""
    text = document.text
    start = None
    for sentence in document.sentences:
        start = sentence.start if start is None else start
        part = text[start : sentence.end]
        opening, closing = ("„", "“”") if "„" in part else ("“", "”")
        open_marks = part.count(opening) > sum(map(part.count, closing))
        if not open_marks and part.count('"') % 2 == 0:
            yield start, sentence.end
            start = None
    if start is not None:
        yield start, document.sentences[-1].end


def _cue(text: str, sentence: Extent, marked: list[Extent], said: frozenset[str]) -> Extent | None:
    """The verb of saying nearest to the marks, outside of them; without marks the first one of the sentence."""
    words = [
        match.span()
        for match in _WORD.finditer(text, *sentence)
        if match.group().lower() in said and not any(start <= match.start() < end for start, end in marked)
    ]
    if not words or not marked:
        return words[0] if words else None

    def distance(word: Extent) -> int:
        return min(
            len(_WORD.findall(text, *((end, word[0]) if end <= word[0] else (word[1], start)))) for start, end in marked
        )

    nearest = min(words, key=distance)
    return nearest if distance(nearest) <= _MOST_WORDS_TO_CUE else None


def _clause(text: str, sentence: Extent, cue: Extent, language: str) -> Extent | None:
    """Indirect speech: the clause with "dat" behind the cue, up to the end of the sentence."""
    conjunction = _THAT.get(language)
    match = re.compile(rf",?\s*({conjunction})").search(text, cue[1], sentence[1]) if conjunction else None
    if match is None or len(_WORD.findall(text, cue[1], match.start(1))) > _MOST_WORDS_TO_CUE:
        return None
    end = sentence[0] + len(text[sentence[0] : sentence[1]].rstrip(" .!?…"))
    return (match.start(1), end) if end > match.start(1) else None


def _speaker(text: str, sentence: Extent, content: tuple[Extent, ...], cue: Extent, before: set[str]) -> Extent | None:
    """The noun phrase next to the cue that is in no content: behind it, else the last one before it."""

    def free(match: re.Match[str]) -> bool:
        return not any(start < match.end() and match.start() < end for start, end in content)

    behind = _PHRASE.match(text, cue[1] + 1, sentence[1])
    if behind and free(behind):
        return behind.span()
    if text[slice(*cue)].lower() in before:
        found = _PHRASE.search(text, cue[1], sentence[1])
        return found.span() if found and free(found) else None
    ahead = [match for match in _PHRASE.finditer(text, sentence[0], cue[0]) if free(match)]
    return ahead[-1].span() if ahead else None
