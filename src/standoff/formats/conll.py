"""Column files as those of CoNLL-2002 and 2003: a token a line, its tag in one column, a blank line after each sentence. Pure.

The text is rebuilt with one space between tokens and one line a sentence, so that an export finds the tokens again.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Literal

import msgspec
from msgspec import Struct

from standoff.corpus.model import AnnotationSet, Document
from standoff.formats.foreign import Foreign, ForeignSpan, FormatError, Loss
from standoff.formats.tagging import tagged, untagged
from standoff.formats.writing import Written, item_losses, parameters_of, sentences_of, set_left_out
from standoff.text.counted import counted
from standoff.text.iob import OUTSIDE, Tagging, decode, detect, encode
from standoff.text.tokens import tokenize

DOCSTART = "-DOCSTART-"
SAMPLE = 50_000
"""Lines that a layout is told from."""
Column = Literal["token", "tag", "index", "other"]

_BLANKS = re.compile(r"[ \t]+")
_TAG = re.compile(r"O|[BILUES]-.+")
_MOSTLY = 0.9


class Layout(Struct, frozen=True, kw_only=True):
    """How a file is laid out. `delimiter` is one character, or empty for any run of spaces and tabs; `first` is the number of a
    sentence's first token in an `index` column; `docstart` is the line between documents, None when there is none.
    """

    format: Literal["conll"] = "conll"
    columns: tuple[Column, ...] = ("token", "tag")
    delimiter: str = "\t"
    tagging: Tagging = "IOB2"
    first: int = 1
    docstart: str | None = None

    def cells(self, line: str) -> list[str]:
        """The cells of a line."""
        return line.split(self.delimiter) if self.delimiter else _BLANKS.split(line.strip(" \t"))

    def holds(self, label: str) -> bool:
        """Whether a label can stand in a cell."""
        return label.isprintable() and (self.delimiter == "\t" or " " not in label)


def layout_of(
    lines: Iterable[str],
    where: str,
    columns: tuple[Column, ...] | None = None,
    delimiter: str | None = None,
    tagging: Tagging | None = None,
) -> Layout:
    """The layout of a file, told from its first lines where it is not given.

    The tag is the last column that holds nothing but tags, the token the first that doesn't count. Raises FormatError.
    """
    sample = [line for line in islice(lines, SAMPLE) if not line.startswith(DOCSTART)]
    rows = [line for line in sample if line.strip()]
    if not rows:
        raise FormatError(f"{where}: there are no tokens in it")
    if delimiter is None:
        tabs, single = sum("\t" in line for line in rows), sum("  " not in line for line in rows)
        delimiter = "\t" if tabs > len(rows) / 2 else " " if single == len(rows) and not tabs else ""
    layout = Layout(delimiter=delimiter)
    cells = [layout.cells(line) for line in rows]
    width, _ = Counter(map(len, cells)).most_common(1)[0]
    if columns is None:
        columns = _columns([row for row in cells if len(row) == width], width, where)
    tag = columns.index("tag")
    first = 1
    if "index" in columns:
        index = columns.index("index")
        first = next(
            (int(row[index]) for row in cells if len(row) == width and re.fullmatch(r"[0-9]{1,9}", row[index])), 1
        )
    if tagging is None:
        tagging = detect(_tags(sample, layout, tag, len(columns)))
    return Layout(columns=columns, delimiter=delimiter, tagging=tagging, first=first)


def _columns(rows: Sequence[Sequence[str]], width: int, where: str) -> tuple[Column, ...]:
    found: list[Column] = ["other"] * width
    for place in reversed(range(width)):
        values = [row[place] for row in rows]
        if sum(bool(_TAG.fullmatch(value)) for value in values) > len(values) / 2:
            found[place] = "tag"
            break
    else:
        raise FormatError(
            f"{where}: no column holds tags (O, B-..., I-...); name the columns, as in --columns token,other,tag"
        )
    for place in range(width):
        if found[place] == "tag":
            continue
        values = [row[place] for row in rows]
        if sum(value.isdecimal() for value in values) > _MOSTLY * len(values) and "index" not in found:
            found[place] = "index"
        else:
            found[place] = "token"
            return tuple(found)
    raise FormatError(f"{where}: no column holds tokens; name the columns, as in --columns token,tag")


def _tags(lines: Iterable[str], layout: Layout, tag: int, width: int) -> Iterator[list[str]]:
    sentence: list[str] = []
    for line in lines:
        cells = layout.cells(line) if line.strip() else []
        if len(cells) == width:
            sentence.append(cells[tag])
        elif not cells:
            yield sentence
            sentence = []
    yield sentence


def read(lines: Iterable[str], layout: Layout, name: str, where: str) -> Iterator[Foreign]:
    """The documents of a file, one at a time: those between its lines of -DOCSTART-, else all of it.

    `lines` come without their ends; `where` is the file, for places. A sentence with a line that has another number of
    columns is refused, for its text can't be known.
    """
    reading = _Reading(layout, where, name)
    number = 0
    for number, line in enumerate(lines, 1):
        if not line or not line.strip(" \t"):
            reading.end_sentence()
        elif line.startswith(DOCSTART):
            if document := reading.end_document():
                yield document
            reading.begin(line, number)
        else:
            reading.line(line, number)
    if document := reading.end_document():
        yield document


class _Reading:
    """One document in the making."""

    def __init__(self, layout: Layout, where: str, name: str) -> None:
        self.layout = layout
        self.where = where
        self.name = name
        self.documents = 0
        self.token = layout.columns.index("token")
        self.tag = layout.columns.index("tag")
        self.begin(None, 1)

    def begin(self, docstart: str | None, number: int) -> None:
        self.docstart = docstart
        self.first_line = number
        self.sentences: list[str] = []
        self.extents: list[tuple[int, int]] = []
        self.spans: list[ForeignSpan] = []
        self.losses: list[Loss] = []
        self.position = 0
        self.comments = 0
        self.clear()

    def clear(self) -> None:
        self.tokens: list[str] = []
        self.tags: list[str] = []
        self.numbers: list[int] = []
        self.broken = ""

    def line(self, line: str, number: int) -> None:
        cells = self.layout.cells(line)
        fits = len(cells) == len(self.layout.columns)
        if line.startswith("#") and not (fits and _TAG.fullmatch(cells[self.tag])):
            self.comments += 1
        elif fits and cells[self.token]:
            if len(cells[self.token].split()) != 1:
                self._note("repaired", "token", number, f"{cells[self.token][:60]!r} has a space: an export cuts it")
            self.tokens.append(cells[self.token])
            self.tags.append(cells[self.tag])
            self.numbers.append(number)
        elif not self.broken:
            self.broken = f"{self.where}:{number}"
            width = len(self.layout.columns)
            self._note(
                "refused",
                "columns",
                number,
                f"{counted(len(cells), 'column')}, or an empty token, where others have {width}; its sentence was left out: mend the line",
            )

    def end_sentence(self) -> None:
        if self.tokens and not self.broken:
            text = " ".join(self.tokens)
            if any(tag != OUTSIDE for tag in self.tags):
                self._add_spans(text)
            self.extents.append((self.position, self.position + len(text)))
            self.sentences.append(text)
            self.position += len(text) + 1
        if self.tokens or self.broken:
            self.clear()

    def _add_spans(self, text: str) -> None:
        spans, bad = decode(self.tags, self.layout.tagging)
        for found in bad:
            kind: Literal["refused", "repaired"] = "refused" if found.unknown else "repaired"
            self._note(kind, "tag", self.numbers[found.position], found.message)
        starts = [self.position]
        for token in self.tokens:
            starts.append(starts[-1] + len(token) + 1)
        for start, end, label in spans:
            first, last = starts[start], starts[end] - 1
            self.spans.append(
                ForeignSpan(
                    id=str(len(self.spans)),
                    keep_id=False,
                    label=label,
                    extents=((first, last),),
                    surface=text[first - self.position : last - self.position],
                    place=f"{self.where}:{self.numbers[start]}",
                )
            )

    def end_document(self) -> Foreign | None:
        self.end_sentence()
        if not self.sentences and self.docstart is None and not self.losses:
            return None
        self.documents += self.docstart is not None
        name = self.name if self.docstart is None else f"{self.name}-{self.documents:05}"
        layout = msgspec.structs.replace(self.layout, docstart=self.docstart)
        left_out = [f"column {n}" for n, column in enumerate(self.layout.columns, 1) if column == "other"]
        return Foreign(
            name=name,
            file=self.where,
            place=f"{self.where}:{self.first_line}" if self.docstart is not None else self.where,
            text="\n".join(self.sentences),
            sentences=tuple(self.extents),
            spans=self.spans,
            parameters=msgspec.to_builtins(layout),
            left_out=tuple(left_out + ["comment line"] * self.comments),
            losses=self.losses,
        )

    def _note(self, kind: Literal["lost", "repaired", "refused"], reason: str, number: int, message: str) -> None:
        self.losses.append(Loss(kind=kind, reason=reason, place=f"{self.where}:{number}", message=message))


# -- writing


def layout_for(annotations: AnnotationSet) -> Layout:
    """The layout that the set was read from, else tokens and IOB2 tags with a tab between."""
    parameters = parameters_of(annotations, "conll")
    return msgspec.convert(parameters, Layout) if parameters else Layout()


def docstart(layout: Layout) -> str:
    """A line of -DOCSTART- in this layout."""
    cells = [DOCSTART, *["O" if column == "tag" else "-X-" for column in layout.columns[1:]]]
    return (layout.delimiter or " ").join(cells)


def write(document: Document, annotations: AnnotationSet, layout: Layout) -> Written:
    """The lines of one document, without a line of -DOCSTART-.

    The tokens are those that a file of this format gave, else ours. Tags hold the outermost spans of one piece that begin
    and end with a token; columns that are neither token, tag nor number are written as `_`.
    """
    text = document.text
    kept = parameters_of(annotations, "conll") is not None
    stretches, between = sentences_of(document)
    losses = [*item_losses(document.id, annotations, spans=_HELD, relations=None), *between]
    spans = sorted(annotations.spans, key=lambda span: (span.start, -span.end, span.id))
    starts = [span.start for span in spans]
    lines: list[str] = []
    rebuilt: list[str] = []
    written: set[str] = set()
    for offset, end_of in stretches:
        surface = text[offset:end_of]
        tokens = (
            [(offset + match.start(), offset + match.end()) for match in _SPACED.finditer(surface)]
            if kept
            else [(offset + start, offset + end) for start, end in tokenize(surface)]
        )
        inside = spans[bisect_left(starts, offset) : bisect_left(starts, end_of)]
        found, others = tagged(document.id, inside, tokens, end_of, layout.holds)
        losses += others
        written.update(span.id for span in inside)
        tags = encode(found, len(tokens), layout.tagging)
        words = [text[start:end] for start, end in tokens]
        rebuilt.append(" ".join(words))
        lines += [_line(layout, place, word, tag) for place, (word, tag) in enumerate(zip(words, tags, strict=True))]
        lines.append("")
    losses += [untagged(document.id, span, "outside") for span in spans if span.id not in written]
    if "\n".join(rebuilt) != text:
        message = "its white space is not kept: one space between tokens, one line a sentence"
        losses.append(Loss(kind="lost", reason="white-space", document=document.id, place=document.id, message=message))
    return Written(
        "".join([f"{line}\n" for line in lines]), tuple(losses), set_left_out(document, annotations, _STATED)
    )


_SPACED = re.compile(r"[^ \n]+")
_STATED = frozenset({"sentences"})
_HELD = frozenset({"label"})


def _line(layout: Layout, place: int, word: str, tag: str) -> str:
    cells = {"token": word, "tag": tag, "index": str(place + layout.first), "other": "_"}
    return (layout.delimiter or " ").join([cells[column] for column in layout.columns])
