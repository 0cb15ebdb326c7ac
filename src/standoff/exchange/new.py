"""A place for a new corpus: made aside, renamed when whole; what a killed import left is in nobody's way."""

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from standoff.corpus.files import corpus_lock, fault


def is_free(root: Path) -> bool:
    """Whether a new corpus can be made here: there is nothing, or an empty folder, or what a killed import left of one."""
    if not root.exists():
        return True
    if not root.is_dir():
        return False
    names = {path.name for path in root.iterdir()}
    left = {name for name in names if name.startswith(_prefix(root))}
    moving = "corpus" not in names and any((root / name / "corpus" / "corpus").is_dir() for name in left)
    return moving or not names - left - {".standoff"}


@contextlib.contextmanager
def made_aside(root: Path) -> Iterator[Path]:
    """A folder to make the corpus in, which is `root` when all went well. Raises EnvironmentFault.

    An empty folder stays what it is: somebody may stand in it, or it may be where a disk is mounted.
    """
    there = root.exists()
    inside = root if there else root.parent
    try:
        inside.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            if there:
                stack.enter_context(corpus_lock(root))
                for leftover in root.glob(f"{glob.escape(_prefix(root))}*"):
                    shutil.rmtree(leftover)
            aside = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=inside, prefix=_prefix(root)))) / "corpus"
            yield aside
            if not there:
                os.replace(aside, root)
                return
            # The corpus comes last: without it all of this is begun anew.
            for part in sorted(aside.iterdir(), key=lambda path: path.name == "corpus"):
                if part.name == "corpus" or not os.path.lexists(root / part.name):
                    os.replace(part, root / part.name)
    except OSError as error:
        raise fault(error, root) from error


def _prefix(root: Path) -> str:
    return f".{root.resolve().name}."
