"""What runs in the environment that has spaCy, for its exclude ours: pickled calls in, pickled answers out. Started as a script."""

import os
import pickle
import sys
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import index, read_scheme
from standoff.errors import StandoffError
from standoff.formats import spacy
from standoff.formats.foreign import Foreign, Loss

SCHEME = index(read_scheme(Path(__file__).parents[2] / "corpus" / "scheme.toml"))

pipeline = cache(spacy.pipeline)


def packed(pairs: list[tuple[Document, AnnotationSet]]) -> tuple[bytes, tuple[Loss, ...], tuple[str, ...]]:
    """A file of these, with the losses and what is left out of all."""
    written = [spacy.write(*pair, pipeline(pair[0].language), SCHEME) for pair in pairs]
    losses = tuple(loss for each in written for loss in each.losses)
    return spacy.pack([each.doc for each in written]), losses, tuple(n for each in written for n in each.left_out)


def read(raw: bytes) -> tuple[list[Foreign], str]:
    """What was read until the end or an error, and the error."""
    found = []
    try:
        for foreign in spacy.read(raw, "f"):
            found.append(foreign)  # noqa: PERF402 - what came before an error counts
    except StandoffError as error:
        return found, f"{type(error).__name__}: {error}"
    return found, ""


def bounded(raw: bytes, most: int) -> tuple[list[Foreign], str]:
    """As `read`, but no file may be larger than this when it is unpacked."""
    with patch.object(spacy, "_MOST", most):
        return read(raw)


def seen(raw: bytes) -> list[Any]:
    """As spaCy alone reads it: tokens, entities, whether anything is said of entities, names and lengths of groups."""
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    return [
        (
            [(token.idx, token.idx + len(token)) for token in doc],
            [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents],
            doc.has_annotation("ENT_IOB"),
            {name: len(group) for name, group in doc.spans.items()},
        )
        for doc in DocBin().from_bytes(raw).get_docs(Vocab())
    ]


def made(source: str) -> bytes:
    """`raw`, which this code makes."""
    names: dict[str, Any] = {}
    exec(source, names)
    return bytes(names["raw"])


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            function, arguments = pickle.load(sys.stdin.buffer)
        except EOFError:
            break
        pickle.dump(globals()[function](*arguments), answers)
        answers.flush()
