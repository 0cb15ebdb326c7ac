"""Runs spaCy and transformers in whatever environment has them: documents in, spans out, as lines of JSON. Needs Python alone.

It is started as a script, `library_worker.py spacy|transformers NAME SEED`, since that environment need not have this package. The
first line that it writes says what was loaded; each that follows answers for one document, as `command.py` describes.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

Find = Callable[[dict[str, Any]], list[dict[str, Any]]]
"""A document to its spans."""

_WORD = re.compile(r"\w+|[^\w\s]")
_PREFIXES = "BIELSU"
_OVERLAP = 32
_LONGEST = 512


def spacy(name: str, seed: int) -> tuple[dict[str, Any], Find]:
    """A pipeline by the name of its package or its folder: `doc.ents`, and all groups of `doc.spans`."""
    import spacy
    from spacy.util import fix_random_seed

    fix_random_seed(seed)
    nlp = spacy.load(name)
    found = {label for _, part in nlp.pipeline for label in getattr(part, "labels", ()) if _names_spans(part)}
    meta = nlp.meta
    version = f"{meta['lang']}_{meta['name']} {meta['version']}, spaCy {spacy.__version__}, {_content(Path(nlp.path))}"

    def find(document: dict[str, Any]) -> list[dict[str, Any]]:
        doc = nlp(document["text"])
        spans: dict[tuple[int, int, str], float | None] = {
            (span.start_char, span.end_char, span.label_): None for span in doc.ents
        }
        for group in doc.spans.values():
            scores = group.attrs.get("scores")
            for place, span in enumerate(group):
                score = float(scores[place]) if scores is not None and place < len(scores) else None
                spans[span.start_char, span.end_char, span.label_] = score
        return [
            {"label": label, "start": start, "end": end, "score": score} for (start, end, label), score in spans.items()
        ]

    return {"version": version, "labels": sorted(found)}, find


def _names_spans(part: Any) -> bool:
    """Whether the labels of a pipeline's part are those of spans, not of words or sentences."""
    return type(part).__name__ in {
        "EntityRecognizer",
        "BeamEntityRecognizer",
        "EntityRuler",
        "SpanRuler",
        "SpanCategorizer",
    }


def transformers(name: str, seed: int) -> tuple[dict[str, Any], Find]:
    """A model for token classification by its name or folder. No code that comes with a model is run.

    A word has the label of its first piece; `score` is the mean of its words' probabilities. Texts go in windows of whole
    sentences; a sentence that is longer than a window is cut into overlapping ones, and each piece believed where it is
    farthest from a cut.
    """
    import torch
    import transformers
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    torch.manual_seed(seed)
    tokenizer = AutoTokenizer.from_pretrained(name, use_fast=True, trust_remote_code=False)
    model = AutoModelForTokenClassification.from_pretrained(name, trust_remote_code=False).eval()
    tags = model.config.id2label
    most = min(getattr(model.config, "max_position_embeddings", None) or _LONGEST, tokenizer.model_max_length, _LONGEST)
    if model.config.model_type in {"roberta", "xlm-roberta", "camembert"}:
        most = min(most, model.config.max_position_embeddings - model.config.pad_token_id - 1)
    origin = _content(Path(name)) if Path(name).is_dir() else str(getattr(model.config, "_commit_hash", None))
    version = f"{origin}, transformers {transformers.__version__}, torch {torch.__version__}"

    def pieces(text: str) -> list[tuple[int, int, int, float]]:
        """Start, end, class and probability of each piece of a window's text."""
        room = most - tokenizer.num_special_tokens_to_add()
        cut = tokenizer(
            text,
            truncation=True,
            max_length=most,
            stride=min(_OVERLAP, room // 2),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        best: dict[tuple[int, int], tuple[int, int, float]] = {}
        for ids, offsets in zip(cut["input_ids"], cut["offset_mapping"], strict=True):
            with torch.inference_mode():
                chances = model(input_ids=torch.tensor([ids])).logits[0].softmax(-1)
            values, classes = (found.tolist() for found in chances.max(-1))
            for place, (start, end) in enumerate(offsets):
                margin = min(place, len(ids) - 1 - place)
                if start < end and margin > best.get((start, end), (-1, 0, 0.0))[0]:
                    best[start, end] = (margin, classes[place], values[place])
        return [(start, end, tag, chance) for (start, end), (_, tag, chance) in sorted(best.items())]

    def length(text: str) -> int:
        return len(tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def find(document: dict[str, Any]) -> list[dict[str, Any]]:
        text, spans = document["text"], []
        for start, end in windows(text, document["sentences"], length, most):
            found = _words(text[start:end], pieces(text[start:end]))
            spans += joined([(start + first, start + last, tags[tag], chance) for first, last, tag, chance in found])
        return spans

    return {"version": version, "labels": sorted({_split(tag)[1] for tag in tags.values()} - {""})}, find


def windows(
    text: str, sentences: Sequence[dict[str, int]], length: Callable[[str], int], most: int
) -> Iterator[tuple[int, int]]:
    """Stretches of whole sentences, each as long as fits; a sentence that does not fit is one of its own."""
    start = end = -1
    for sentence in sentences:
        if start >= 0 and length(text[start : sentence["end"]]) > most:
            yield start, end
            start = -1
        if start < 0:
            start = sentence["start"]
        end = sentence["end"]
    if start >= 0:
        yield start, end


def _words(text: str, pieces: Sequence[tuple[int, int, int, float]]) -> list[tuple[int, int, int, float]]:
    """Words with what their first piece says. Pieces may begin with white space, which is no part of them."""
    words: list[tuple[int, int, int, float]] = []
    place = 0
    for word in _WORD.finditer(text):
        start, end = word.span()
        while place < len(pieces) and pieces[place][1] <= start:
            place += 1
        if place < len(pieces) and pieces[place][0] < end:
            words.append((start, end, *pieces[place][2:]))
    return words


def joined(words: Sequence[tuple[int, int, str, float]]) -> list[dict[str, Any]]:
    """Words of one label in a row are a span, unless a tag says that another begins."""
    spans: list[dict[str, Any]] = []
    chances: list[list[float]] = []
    label = ended = ""
    for start, end, tag, chance in words:
        part, name = _split(tag)
        if not name:
            label = ""
        elif name == label and part not in {"B", "S", "U"} and ended not in {"E", "L", "S", "U"}:
            spans[-1]["end"] = end
            chances[-1].append(chance)
        else:
            spans.append({"label": name, "start": start, "end": end})
            chances.append([chance])
            label = name
        ended = part
    return [{**span, "score": sum(each) / len(each)} for span, each in zip(spans, chances, strict=True)]


def _split(tag: str) -> tuple[str, str]:
    """A tag's part and label: `B-PER`, or `PER` without a part. Nothing for what is outside."""
    if tag in {"O", ""}:
        return "", ""
    return (tag[0], tag[2:]) if tag[0] in _PREFIXES and tag[1:2] in {"-", "_"} else ("", tag)


def _content(folder: Path) -> str:
    """A hash of all files of a model."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        whole.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                whole.update(block)
    return whole.hexdigest()[:12]


def _main(kind: str, name: str, seed: str) -> None:
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(value: dict[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    try:
        about, find = {"spacy": spacy, "transformers": transformers}[kind](name, int(seed))
    except ImportError as error:
        say({"missing": error.name or str(error)})
        return
    except (OSError, ValueError) as error:
        say({"refused": " ".join(str(error).split())[:1000]})
        return
    say(about)
    for line in sys.stdin.buffer:
        document = json.loads(line)
        try:
            say({"id": document["id"], "spans": find(document)})
        except Exception as error:  # one document that a model can't read is no reason to lose the others
            say({"id": document["id"], "error": f"{type(error).__name__}: {error}"[:1000]})


if __name__ == "__main__":
    _main(*sys.argv[1:])
