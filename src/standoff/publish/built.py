"""A release in its folder, as `standoff release` built it: what is published is exactly that."""

from dataclasses import dataclass
from pathlib import Path

from standoff.corpus.files import fault, file_sha256
from standoff.errors import StandoffError
from standoff.release.legal import UNKNOWN
from standoff.release.manifest import Manifest, decode_manifest

MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Built:
    """`folder` holds the files that `manifest` lists, and the manifest itself."""

    folder: Path
    manifest: Manifest

    @property
    def title(self) -> str:
        """Name and version, as in `tiny 1.0.0`."""
        return f"{self.manifest.name} {self.manifest.version}"

    @property
    def tag(self) -> str:
        """The version as it is called in repositories, as in `v1.0.0`."""
        return f"v{self.manifest.version}"

    @property
    def unknown_texts(self) -> int:
        """Texts of which nobody has established the licence."""
        return sum(count for name, count in self.manifest.licenses.texts.items() if name.casefold() == UNKNOWN)

    @property
    def paths(self) -> tuple[str, ...]:
        """All files relative to the folder, with `/`, the manifest last."""
        return *(entry.path for entry in self.manifest.files), MANIFEST

    @property
    def size(self) -> int:
        """Bytes of all files but the manifest."""
        return sum(entry.bytes for entry in self.manifest.files)

    def parquet(self, configuration: str, split: str) -> tuple[str, ...]:
        """Paths of the rows of a split."""
        start = f"data/{configuration}/{split}-"
        return tuple(path for path in self.paths if path.startswith(start))


def read_built(folder: Path, *, published: bool = False) -> Built:
    """The release in `folder`, every file of it checked against the manifest.

    Raises StandoffError for a folder that is no release, and for one whose files are not those that were built; what to do
    then depends on whether it was built there, or `published`.
    """
    where = folder / MANIFEST
    try:
        manifest = decode_manifest(where.read_bytes(), str(where))
    except (FileNotFoundError, NotADirectoryError):
        remedy = "publish to another place, or move it away" if published else "build it with `standoff release`"
        raise StandoffError(f"{folder}: there is no release here; {remedy}") from None
    except OSError as error:
        raise fault(error, where) from error
    listed = {entry.path: entry for entry in manifest.files}
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    del there[MANIFEST]
    changed = [path for path in listed if path not in there]
    for name, path in there.items():
        entry = listed.get(name)
        if (
            entry is None
            or path.is_symlink()
            or entry.bytes != path.stat().st_size
            or entry.sha256 != file_sha256(path)
        ):
            changed.append(name)
    if changed:
        remedy = (
            "put those files back, or move this folder away and publish again"
            if published
            else "change the corpus or DATASET_CARD.md, move this folder away, and run `standoff release` again"
        )
        raise StandoffError(
            f"{folder}: not what was built: {', '.join(sorted(changed)[:5])}{' ...' if len(changed) > 5 else ''}; {remedy}"
        )
    return Built(folder, manifest)
