"""`folder:PATH`: copied beside its place, and renamed into it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from standoff.corpus.files import aside_of, fault, sync
from standoff.publish.built import Built, read_built
from standoff.publish.target import Finding, check_same
from standoff.release.verify import Source
from standoff.text.counted import counted


class FolderTarget:
    """Versions as folders in one folder. It is not public: whoever serves it to others decides that."""

    def __init__(self, place: Path) -> None:
        self.place = place.absolute()

    def look(self, built: Built) -> Finding:
        if os.path.lexists(self.place):
            check_same(str(self.place), read_built(self.place, published=True).manifest, built)
            return Finding("there", public=False)
        copied = f"copy {counted(len(built.paths), 'file')} ({counted(built.size, 'byte')}) beside {self.place}"
        return Finding("absent", public=False, steps=(copied, f"rename them to {self.place}"))

    def put(self, built: Built) -> None:
        with aside_of(self.place, "published") as aside:
            if self.look(built).state == "there":
                return
            for path in built.paths:
                copy = aside / path
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(built.folder / path, copy)
                sync(copy)
            for folder in (aside, *(path for path in aside.rglob("*") if path.is_dir())):
                sync(folder)
            read_built(aside, published=True)
            try:
                aside.rename(self.place)
            except OSError as error:
                raise fault(error, self.place) from error
            sync(self.place.parent)

    @contextmanager
    def source(self, built: Built) -> Iterator[Source]:
        yield Source(str(self.place))
