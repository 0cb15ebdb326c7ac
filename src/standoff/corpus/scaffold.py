"""The files of a new corpus: what `standoff init` writes. Pure but for reading the templates."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

GITIGNORE = """\
# what standoff keeps for itself: lock, journal, rejects, backups
.standoff/
# temporary files of writes that were killed half way
.*.tmp
# releases are built from this repository, not kept in it
/dist/
# pages and reports of models are built anew; their words are those of the texts
/site/
/reports/
"""

GITATTRIBUTES = """\
# raw texts as received, byte for byte
seeds/** -text
corpus/** text eol=lf
corpus/**/*.zst binary
# a state file is never merged by lines: after a conflict delete it, the next sync rebuilds it
corpus/sync/** -merge
# annotation sets merge annotation by annotation, once a clone has
# git config merge.standoff.driver "standoff merge-file %O %A %B"
corpus/annotations/**/*.json merge=standoff
"""
MERGE_DRIVER = 'git config merge.standoff.driver "standoff merge-file %O %A %B"'
"""What switches the merge driver on, in each clone: git never takes that from a repository."""

CORPUS = """\
[corpus]
format = 1
name = "{name}"
title = "{name}"
# Under which licence your annotations are published: an SPDX id. Texts state theirs one by one, in overrides.toml.
licenses = {{ annotations = "unknown" }}
languages = {languages}
layers = {layers}

# Field names of .jsonl sources, ours = theirs:
# [normalize]
# fields = {{ id = "url_id", text = "body", date = "published" }}

[splits]
salt = "{name}"
fractions = {{ train = 0.8, validation = 0.1, test = 0.1 }}
min_groups = 20

[release]
set = "gold"

# One table for each project in Doccano. Without any, one project, `main`, holds all layers.
# [doccano.quotes]
# url = "http://127.0.0.1:8000"
# layers = ["quotes"]
"""

OVERRIDES = """\
# What a curator decides about single documents, each with a reason; a key that is not here comes from the source.
# ["document-id"]
# license = "CC-BY-4.0"
# reason = "The publisher's terms of use, read on the day the text was taken."
"""

CARD = """\
# {name}

## What it is for, and what not

<!-- write: which uses this dataset serves, and for which it is too small, too old or too one-sided -->

## The texts

<!-- write: where the texts come from, how they were chosen, and which period and publishers they cover -->

## How the annotations were made

<!-- write: who or what annotated, by which guidelines, who checked it, and how differences were settled -->

## Known ambiguities

<!-- write: where the guidelines leave room, and which labels scores should report apart -->

## Rights, and taking down a text

<!-- write: what the licences allow, and whom somebody writes to who wants a text removed -->
"""


def corpus_name(folder: str) -> str:
    """A corpus name made from a folder's name; `corpus` when nothing of it can stand in one."""
    return re.sub(r"[^a-z0-9._-]+", "-", folder.lower()).strip("-._") or "corpus"


@dataclass(frozen=True, slots=True)
class Start:
    """What a new corpus begins with, when that is not the seed corpus's scheme."""

    scheme: bytes
    layers: Sequence[str]
    languages: Sequence[str]
    guidelines: bytes


def scaffold(name: str, start: Start | None = None) -> dict[str, bytes]:
    """Path, relative to the new repository, to content. By default scheme and guidelines are those of the seed corpus."""
    start = start or Start(
        template("scheme.toml"), ("entities", "quotes", "events"), ("nl",), template("guidelines.md")
    )
    languages, layers = json.dumps(list(start.languages)), json.dumps(list(start.layers))
    return {
        ".gitattributes": GITATTRIBUTES.encode(),
        ".gitignore": GITIGNORE.encode(),
        "DATASET_CARD.md": CARD.format(name=name).encode(),
        "corpus/corpus.toml": CORPUS.format(name=name, languages=languages, layers=layers).encode(),
        "corpus/guidelines.md": start.guidelines,
        "corpus/overrides.toml": OVERRIDES.encode(),
        "corpus/scheme.toml": start.scheme,
        "seeds/.gitkeep": b"",
    }


def template(name: str) -> bytes:
    """A file that the package carries; in a checkout it is the seed corpus's own."""
    packaged = files("standoff") / "templates" / name
    if packaged.is_file():
        return packaged.read_bytes()
    return (Path(__file__).parents[3] / "corpus" / name).read_bytes()
