"""`manifest.json` of a release: what is in it, by name and hash, and what it was made from. Pure."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from standoff.corpus.model import DocumentId, Name, Sha256, Timestamp
from standoff.corpus.schema import schema_of
from standoff.errors import StandoffError

VERSION_PATTERN = r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?![\s\S])"
Version = Annotated[str, Meta(pattern=VERSION_PATTERN, description="MAJOR.MINOR.PATCH.")]
Count = Annotated[int, Meta(ge=0)]


class _Part(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class FileEntry(_Part, frozen=True, kw_only=True):
    """One file of the release; the manifest itself is not listed."""

    path: Annotated[str, Meta(description="Relative to the release, with `/`.")]
    bytes: Count
    sha256: Sha256


class SplitEntry(_Part, frozen=True, kw_only=True):
    """One split of one configuration. Scores compare only where `content_sha256` is equal."""

    rows: Annotated[int, Meta(ge=1)]
    content_sha256: Annotated[
        Sha256, Meta(description="Hash of the rows and their order, the same for every file format.")
    ]


class Corpus(_Part, frozen=True, kw_only=True):
    """What the release was made from."""

    commit: Annotated[
        str | None, Meta(description="The last commit that changed it; absent: it was in no git repository.")
    ]
    date: Annotated[Timestamp | None, Meta(description="That commit's, in UTC.")]
    dirty: Annotated[bool, Meta(description="It had changes that were not committed.")]
    scheme: Annotated[Name, Meta(description="Version of the label scheme.")]
    set: Annotated[Name, Meta(description="The annotation set that is released.")]
    documents: Count
    left_out: Annotated[
        Mapping[str, Count], Meta(description="Documents that are not released, counted by the reason why.")
    ]


class Licenses(_Part, frozen=True, kw_only=True):
    """Licence of the annotations, and those of the texts with the number of texts."""

    annotations: Name
    texts: Mapping[str, Count]
    default: Annotated[Name | None, Meta(description="Of texts that state none of their own.")] = None


class Tools(_Part, frozen=True, kw_only=True):
    """The same versions write the same bytes."""

    standoff: str
    pyarrow: str


class Manifest(_Part, frozen=True, kw_only=True):
    """A release."""

    format: Annotated[int, Meta(ge=1)] = 1
    name: DocumentId
    version: Version
    content_sha256: Annotated[
        Sha256, Meta(description="Hash of all documents and annotation sets: of `documents` and `annotators`.")
    ]
    canary: Annotated[
        str, Meta(description="A GUID of this dataset, in no text of it: where it turns up, this was copied.")
    ]
    corpus: Corpus
    licenses: Licenses
    tools: Tools
    configurations: Annotated[
        Mapping[str, Mapping[str, SplitEntry]],
        Meta(description="Configuration to split; without those that have no rows."),
    ]
    losses: Annotated[
        Mapping[str, Mapping[str, Count]],
        Meta(description="Configuration to the number of annotations that its columns can't show, by reason."),
    ] = {}
    files: tuple[FileEntry, ...]


def canary(name: str) -> str:
    """The canary GUID of the dataset of this name, the same in all of its versions."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:standoff:canary:{name}"))


def encode_manifest(manifest: Manifest) -> bytes:
    """A manifest as it stands in a release."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def decode_manifest(raw: bytes, where: str) -> Manifest:
    """The manifest in a release. Raises StandoffError with the place and the cause."""
    try:
        return msgspec.json.decode(raw, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StandoffError(f"{where}: {error}; put back what was built, or build the release again") from None


_DATED = ("CITATION.cff", "croissant.json")
"""Files that state the commit's date."""


def differences(there: Manifest, built: Manifest) -> list[str]:
    """Paths of the files in which two builds of a version differ, `rows` without any that says so; empty when it is one release.

    Other versions of the tools may write the same rows as other bytes, and the same content may stand in a later commit:
    neither makes another release.
    """
    files = [
        {
            entry.path: entry.sha256
            for entry in manifest.files
            if entry.path not in _DATED and not (there.tools != built.tools and entry.path.startswith("data/"))
        }
        for manifest in (there, built)
    ]
    what = [path for path in sorted(files[0] | files[1]) if files[0].get(path) != files[1].get(path)]
    return what or ([] if there.configurations == built.configurations else ["rows"])


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of a manifest."""
    return schema_of(Manifest, "manifest", "Manifest: what is in a release, and what it was made from")
