"""Which split a document is in: dealt once by a hash of its group, recorded in `corpus/splits.json`, never changed. Pure but for reading.

A group is a story, or near duplicates, or both where they overlap: all that has to stay within one split.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
from msgspec import Struct

from standoff.corpus.config import SplitsTable
from standoff.corpus.model import DOCUMENT_ID_PATTERN, Document, DocumentId
from standoff.errors import StandoffError
from standoff.release.near_duplicates import clusters, signatures

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


_SOME = 1000
"""Texts that are in memory at once."""


class SplitError(StandoffError):
    """A record of splits that can't be used: where, what, and what to do."""


class _Record(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    documents: dict[DocumentId, Split]


def story_of(document: Document) -> str:
    """The story that a document tells: its `group`, or one of its own."""
    return f"group:{document.group}" if document.group is not None else f"document:{document.id}"


def stories(documents: Iterable[Document]) -> tuple[dict[str, str], Any]:
    """Documents to their stories, and row for row the signatures of their texts: what `groups_of` asks for."""
    found: dict[str, str] = {}
    pieces = [signatures([])]
    remaining = iter(documents)
    while some := list(islice(remaining, _SOME)):
        found |= {document.id: story_of(document) for document in some}
        pieces.append(signatures([document.text for document in some]))
    return found, np.concatenate(pieces)


def groups_of(stories: Mapping[str, str], matrix: Any) -> dict[str, str]:
    """Each document to its group. `stories` maps documents to their stories, row for row with `matrix`, their texts' signatures.

    A group is called as the first of its stories in alphabetical order; those that several documents may tell come first.
    """
    ids = list(stories)
    joined = {story: story for story in stories.values()}

    def first(story: str) -> str:
        while joined[story] != story:
            story = joined[story]
        return story

    for cluster in clusters(matrix):
        for row in cluster:
            kept, other = sorted((first(stories[ids[cluster[0]]]), first(stories[ids[row]])), key=_rank)
            joined[other] = kept
    return {id_: first(story) for id_, story in stories.items()}


def _rank(story: str) -> tuple[bool, str]:
    return not story.startswith("group:"), story


def read_splits(path: Path) -> dict[str, Split]:
    """Document id to split; empty when there is no such file. Raises SplitError."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    # A merge of two branches may leave one id twice, with two splits; a decoder would take the last.
    if b"\n<<<<<<< " in raw:
        raise SplitError(
            f"{path}: git left a conflict here; keep the documents of both sides, and where they name another split for one, that"
            " in which it was published"
        )
    contents: object = None
    try:
        contents = json.loads(raw, object_pairs_hook=_once)
        return msgspec.json.decode(raw, type=_Record).documents
    except (ValueError, RecursionError) as error:
        reason = _named(contents) or error
        raise SplitError(f"{path}: {reason}; restore it from git: a document never changes its split") from None


def _named(contents: object) -> str:
    """What is wrong with the first faulty document of a record, which the decoder does not name; empty if nothing."""
    documents = contents.get("documents") if isinstance(contents, dict) else None
    for id_, split in documents.items() if isinstance(documents, dict) else ():
        if not re.fullmatch(DOCUMENT_ID_PATTERN, id_):
            return f"{id_!r} is no document id"
        if split not in SPLITS:
            return f"{id_}: {split!r} is no split ({', '.join(SPLITS)})"
    return ""


def encode_splits(splits: Mapping[str, Split]) -> bytes:
    """The record as it stands in `corpus/splits.json`: one document a line, sorted by id."""
    lines = ",\n".join(f"  {json.dumps(id_)}: {json.dumps(split)}" for id_, split in sorted(splits.items()))
    return f'{{\n "documents": {{\n{lines}\n }}\n}}\n'.encode()


def deal(groups: Mapping[str, str], recorded: Mapping[str, Split], config: SplitsTable) -> dict[str, Split]:
    """The record with every document in it. `groups` maps each document of the corpus to its group.

    Recorded documents stay where they are, those that are no longer in the corpus too, and a new document goes where its
    group is. A new group goes where the hash of the salt and its name falls, and to `train` while the corpus has fewer than
    `min_groups`. Raises SplitError for a group that is in two splits.
    """
    homes: dict[str, Split] = {}
    for id_, group in sorted(groups.items()):
        if (split := recorded.get(id_)) and homes.setdefault(group, split) != split:
            raise SplitError(_torn(group, [other for other in groups if groups[other] == group], recorded))
    small = len(set(groups.values())) < config.min_groups
    result = dict(recorded)
    for id_, group in groups.items():
        if id_ not in result:
            result[id_] = homes.get(group) or ("train" if small else _drawn(group, config))
    return result


def torn_groups(groups: Mapping[str, str], recorded: Mapping[str, Split]) -> list[str]:
    """A message for every group whose documents are in more than one split."""
    members: dict[str, list[str]] = {}
    for id_, group in groups.items():
        members.setdefault(group, []).append(id_)
    return [
        _torn(group, ids, recorded)
        for group, ids in sorted(members.items())
        if len({recorded[id_] for id_ in ids if id_ in recorded}) > 1
    ]


def _torn(group: str, ids: Iterable[str], recorded: Mapping[str, Split]) -> str:
    kind, _, name = group.partition(":")
    whose = f"documents of story {name!r}, or near duplicates of them," if kind == "group" else "near duplicates"
    places = ", ".join(f"{id_} ({recorded[id_]})" for id_ in sorted(ids) if id_ in recorded)
    return (
        f"corpus/splits.json: {whose} are in different splits: {places}; a document never moves, so exclude those in one of the"
        " splits in overrides.toml" + (", or give them another group if it is another story" if kind == "group" else "")
    )


def _drawn(group: str, config: SplitsTable) -> Split:
    digest = hashlib.sha256(f"{len(config.salt)}:{config.salt}{group}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    edge = 0.0
    wanted = [split for split in SPLITS if config.fractions.get(split, 0) > 0]
    for split in wanted:
        edge += config.fractions[split]
        if place < edge:
            return split
    return wanted[-1]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key, value in pairs:
        if key in seen:
            raise ValueError(f"{key!r} is there twice")
        seen[key] = value
    return seen
