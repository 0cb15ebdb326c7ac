"""What a result was measured on, as it says of itself; without what reads releases, a library of 60 MB. Pure."""

from typing import Literal

from msgspec import Struct

from standoff.text.counted import counted


class Data(Struct, frozen=True, kw_only=True):
    """What a result was measured on. Results compare only where all of this but the commit is equal.

    `content_sha256` is that of the split in the release's configuration `documents`; of a corpus, that of the documents and
    their gold. `left_out` counts documents of the split by the reason why they are not scored, `unknown_labels` documents whose
    gold has a label that the scheme lacks, by that label: nothing compares such annotations.
    """

    kind: Literal["release", "corpus"]
    name: str
    version: str | None
    commit: str | None
    dirty: bool
    scheme: str
    set: str
    split: str
    documents: int
    content_sha256: str
    left_out: dict[str, int]
    unknown_labels: dict[str, int]

    @property
    def key(self) -> tuple[str, ...]:
        """Equal where results compare."""
        return self.name, self.scheme, self.set, self.split, self.content_sha256

    @property
    def title(self) -> str:
        """As in `nl-news-standoff 1.0.0, test (40 documents, content 5a0f3c12)`."""
        version = self.version or (f"at commit {self.commit[:12]}" if self.commit else "in no commit")
        changed = " with changes" if self.kind == "corpus" and self.commit and self.dirty else ""
        return (
            f"{self.name} {version}{changed}, {self.split} ({counted(self.documents, 'document')}, content"
            f" {self.content_sha256[:12]})"
        )
