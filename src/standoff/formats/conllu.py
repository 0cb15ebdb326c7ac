"""CoNLL-U, the column format of Universal Dependencies: its text with exact white space, entities as tags in MISC. Pure.

Parsed by the package conllu. White space follows the format's conventions: `SpaceAfter=No`, and `SpacesAfter` with `\\s`, `\\t`,
`\\r`, `\\n`, `\\p`, `\\\\` as UDPipe writes it. Entities are IOB2 tags under one key of MISC; trees are left out and counted.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

from msgspec import Struct

from standoff.corpus.model import AnnotationSet, Document
from standoff.errors import EnvironmentFault, how_to_install
from standoff.formats.foreign import Foreign, ForeignSpan, Loss
from standoff.formats.tagging import tagged, untagged
from standoff.formats.writing import Written, item_losses, parameters_of, sentences_of, set_left_out
from standoff.text.counted import counted
from standoff.text.iob import OUTSIDE, decode, encode
from standoff.text.tokens import tokenize

KEYS = ("NER", "ner", "NE", "Entity")
"""Keys of MISC that hold tags, the first that a file uses. Written is `NER`."""
COLUMNS = ("lemma", "upos", "xpos", "feats", "head", "deprel", "deps")

_NEWDOC = re.compile(r"#\s*newdoc(?:\s+id\s*=\s*(.*?))?\s*")
_TAG = re.compile(r"O|[BI]-.+")
_ESCAPES = {"\\s": " ", "\\t": "\t", "\\r": "\r", "\\n": "\n", "\\p": "|", "\\\\": "\\"}
_ESCAPED = re.compile(r"\\[strnp\\]")
_CHARACTERS = {character: escape for escape, character in _ESCAPES.items()}
_TABS = 9
_BLANKS = re.compile(r"\s*")


class Layout(Struct, frozen=True, kw_only=True):
    """What an export needs to write the source's lines again."""

    format: Literal["conllu"] = "conllu"
    key: str = "NER"


def read(lines: Iterable[str], name: str, where: str) -> Iterator[Foreign | Loss]:
    """The documents of a file: those that `# newdoc` begins, else all of it. `lines` come without their ends.

    A sentence that can't be parsed is refused. Raises EnvironmentFault without the package conllu.
    """
    reading = _Reading(name, where)
    block: list[str] = []
    first = 1
    for number, line in enumerate(lines, 1):
        if line.strip():
            if not block:
                first = number
            block.append(line)
        elif block:
            yield from reading.sentence(block, first)
            block = []
    if block:
        yield from reading.sentence(block, first)
    yield from reading.end()


class _Reading:
    def __init__(self, name: str, where: str) -> None:
        try:
            import conllu
        except ImportError:
            raise EnvironmentFault(f"conllu needs the package conllu; {how_to_install('formats')}") from None
        self._conllu = conllu
        self.name = name
        self.where = where
        self.documents = 0
        self.begin(None, 1)

    def begin(self, name: str | None, number: int) -> None:
        self.stated = name
        self.first = number
        self.text = ""
        self.after = ""
        self.extents: list[tuple[int, int]] = []
        self.spans: list[ForeignSpan] = []
        self.losses: list[Loss] = []
        self.left_out: list[str] = []
        self.key: str | None = None

    def sentence(self, block: Sequence[str], number: int) -> Iterator[Foreign | Loss]:
        place = f"{self.where}:{number}"
        # Before anything of it is refused: what follows is of the new document all the same.
        if begins := next((found for line in block if (found := _NEWDOC.fullmatch(line))), None):
            yield from self.end()
            self.begin(begins[1] or None, number)
        odd = next((line for line in block if line[0] != "#" and line.count("\t") != _TABS), None)
        if odd is not None:
            cells = odd.count("\t") + 1
            self._note(
                "refused",
                "sentence",
                place,
                f"{counted(cells, 'column')} in {odd[:60]!r}, not 10; the sentence was left out: mend it, or"
                " import columns of tokens and tags as `conll`",
            )
            return
        if (bare := next((line for line in block if line[0] != "#" and "" in line.split("\t")[:2]), None)) is not None:
            self._note(
                "refused", "sentence", place, f"no id or no form in {bare[:60]!r}; the sentence was left out: mend it"
            )
            return
        # The package takes white space off the end of a line, and empty columns with it.
        whole = [f"{line}_" if line.endswith("\t") else line for line in block]
        try:
            (tokens,) = self._conllu.parse("\n".join(whole) + "\n\n") or [None]
        except (self._conllu.exceptions.ParseException, ValueError) as error:
            self._note("refused", "sentence", place, f"{error}; the sentence was left out: mend it")
            return
        if tokens is None or not len(tokens):
            self._note("refused", "sentence", place, "it has no words; left out")
            return
        metadata: dict[str, str | None] = tokens.metadata
        if ("newpar" in metadata or "newpar id" in metadata) and self.text and "\n" not in self.after:
            self.after = "\n\n"
        self._words(tokens, metadata.get("text"), place)

    def _words(self, tokens: Sequence[dict[str, Any]], stated: str | None, place: str) -> None:
        words: list[tuple[int, int]] = []
        tags: list[str] = []
        start, covered = 0, 0
        for token in tokens:
            id_, misc = token["id"], token["misc"] or {}
            if isinstance(id_, int):
                self.left_out += [name for name in COLUMNS if token.get(name) not in (None, "_", {})]
                self.left_out += [f"MISC {key}" for key in misc if key not in ("SpaceAfter", "SpacesAfter", *KEYS)]
                if id_ > covered:
                    words.append(self._word(token["form"], misc))
                    tags.append(self._tag(misc))
                elif tags[-1] == OUTSIDE:
                    tags[-1] = self._tag(misc)
            elif id_[1] == "-":
                words.append(self._word(token["form"], misc))
                tags.append(self._tag(misc))
                covered = id_[2]
            else:
                self.left_out.append("empty node")
        start, end = words[0][0], words[-1][1]
        self.extents.append((start, end))
        rebuilt = self.text[start:end]
        if stated is not None and stated.split() != rebuilt.split():
            self._note("repaired", "text", place, f"`# text` differs from the words; the words hold: {rebuilt[:60]!r}")
        found, bad = decode(tags, "IOB2")
        for tag in bad:
            self._note("refused" if tag.unknown else "repaired", "tag", place, tag.message)
        for first, last, label in found:
            extent = (words[first][0], words[last - 1][1])
            self.spans.append(
                ForeignSpan(
                    id=str(len(self.spans)),
                    keep_id=False,
                    label=label,
                    extents=(extent,),
                    surface=self.text[slice(*extent)],
                    place=place,
                )
            )

    def _word(self, form: str, misc: dict[str, str | None]) -> tuple[int, int]:
        if self.text:
            self.text += self.after
        start = len(self.text)
        self.text += form
        stated = misc.get("SpacesAfter")
        if stated is not None:
            self.after = _ESCAPED.sub(lambda match: _ESCAPES[match[0]], stated)
        else:
            self.after = "" if misc.get("SpaceAfter") == "No" else " "
        return start, len(self.text)

    def _tag(self, misc: dict[str, str | None]) -> str:
        if self.key is None:
            self.key = next((key for key in KEYS if key in misc and _TAG.fullmatch(misc[key] or "")), None)
        value = misc.get(self.key) if self.key else None
        self.left_out += [f"MISC {key}" for key in KEYS if key in misc and key != self.key]
        return value or OUTSIDE

    def end(self) -> Iterator[Foreign | Loss]:
        if not self.text:
            yield from self.losses
            self.losses = []
            return
        self.documents += 1
        numbered = self.name if self.documents == 1 and self.stated is None else f"{self.name}-{self.documents:05}"
        yield Foreign(
            name=self.stated or numbered,
            file=self.where,
            place=f"{self.where}:{self.first}" if self.documents > 1 else self.where,
            text=self.text,
            sentences=tuple(self.extents),
            spans=self.spans,
            annotated=self.key is not None,
            parameters={"format": "conllu", "key": self.key or KEYS[0]},
            left_out=tuple(self.left_out),
            losses=self.losses,
        )
        self.begin(None, 0)

    def _note(self, kind: Literal["repaired", "refused"], reason: str, place: str, message: str) -> None:
        self.losses.append(Loss(kind=kind, reason=reason, place=place, message=message))


# -- writing


def layout_for(annotations: AnnotationSet) -> Layout:
    """The layout that the set was read from, else ours."""
    parameters = parameters_of(annotations, "conllu") or {}
    return Layout(key=str(parameters.get("key", KEYS[0])))


def write(document: Document, annotations: AnnotationSet, layout: Layout) -> Written:
    """The lines of one document: `# newdoc id`, each sentence with its text, its words and their tags.

    The text comes back as it is, white space too. What stands in no sentence makes one of its own, and is told.
    """
    text = document.text
    losses = [*item_losses(document.id, annotations, spans=("label",), relations=None)]
    stretches, between = sentences_of(document)
    losses += between
    lines: list[str] = []
    taken: set[str] = set()
    spans = sorted(annotations.spans, key=lambda span: (span.start, -span.end, span.id))
    for number, (start, end) in enumerate(stretches, 1):
        words = [(start + first, start + last) for first, last in tokenize(text[start:end])]
        inside = [span for span in spans if start <= span.start < end]
        taken.update(span.id for span in inside)
        found, others = tagged(document.id, inside, words, end, _holds)
        losses += others
        tags = encode(found, len(words), "IOB2")
        lines += [f"# newdoc id = {document.id}"] if number == 1 else []
        lines += [f"# sent_id = {number}", f"# text = {' '.join(text[start:end].split())}"]
        lines += [
            _line(place, text, word, tag, layout.key)
            for place, (word, tag) in enumerate(zip(words, tags, strict=True), 1)
        ]
        lines.append("")
    losses += [untagged(document.id, span, "outside") for span in spans if span.id not in taken]
    content = "".join([f"{line}\n" for line in lines])
    return Written(content, tuple(losses), set_left_out(document, annotations, {"sentences"}))


def _holds(label: str) -> bool:
    return label.isprintable() and not set(label) & set("|\\= ")


def _line(number: int, text: str, word: tuple[int, int], tag: str, key: str) -> str:
    start, end = word
    blank = _BLANKS.match(text, end)
    after = blank[0] if blank else ""
    misc = [] if tag == OUTSIDE else [f"{key}={tag}"]
    if not after and end < len(text):
        misc.append("SpaceAfter=No")
    elif after not in (" ", ""):
        misc.append("SpacesAfter=" + "".join(_CHARACTERS.get(character, character) for character in after))
    return "\t".join([str(number), text[start:end], *["_"] * 7, "|".join(sorted(misc)) or "_"])
