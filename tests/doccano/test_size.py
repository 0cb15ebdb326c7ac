"""Many documents with a real Doccano: pushed in several imports, and a second sync finds nothing to do."""

import os
import re
import subprocess
import sys

import pytest

from doccano.desk import Desk
from standoff.corpus.model import AnnotationSet, Document
from standoff.sync.new_documents import BATCH
from sync.world import annotations, document, relation, span

pytestmark = pytest.mark.doccano
DOCUMENTS = BATCH + 100
MEMORY = 100
"""MB."""
# What a parent's `getrusage` says of a child includes the parent.
COMMAND = """
import atexit, sys
from standoff.cli import main
atexit.register(lambda: print(open("/proc/self/status").read(), file=sys.stderr))
main()
"""


def records(count: int) -> list[Document | AnnotationSet]:
    made: list[Document | AnnotationSet] = []
    for number in range(count):
        doc = document(f"d{number:05}", f"Anna 🎉 zei in nummer {number} dat Bob de stad verliet.")
        places = [("s1", "PERSON", "Anna"), ("s2", "QUOTE", "dat Bob de stad verliet"), ("s3", "SPEAKER", "Anna")]
        made += [
            doc,
            annotations(
                doc, [span(*place, text=doc.text) for place in places], [relation("r1", "speaker", "s2", "s3")]
            ),
        ]
    return made


def sync(desk: Desk) -> tuple[int, int]:
    """One `standoff sync`: its exit code, and the most memory that it held, in MB."""
    command = [sys.executable, "-c", COMMAND, "sync", "--root", str(desk.root)]
    done = subprocess.run(command, env={**os.environ, **desk.env}, capture_output=True, text=True, check=False)
    (peak,) = re.findall(r"VmHWM:\s*(\d+) kB", done.stderr)
    return done.returncode, int(peak) // 1024


def test_many_documents(desk: Desk) -> None:
    desk.write(*records(DOCUMENTS))
    annotated = desk.files("annotations")
    code, memory = sync(desk)
    assert code == 0
    assert memory < MEMORY
    assert desk.files("annotations") == annotated
    everything = desk.files()
    code, memory = sync(desk)
    assert code == 0
    assert memory < MEMORY
    assert desk.files() == everything
    page = desk.admin.ask("GET", f"projects/{desk.project().id}/examples?limit=1")
    assert page["count"] == DOCUMENTS
    first, last = "d00000", f"d{DOCUMENTS - 1:05}"
    for id_ in (first, last):
        desk.draw(desk.admin, "ORG", "de stad", id_)
    assert sync(desk)[0] == 0
    changed = {name for name, content in desk.files().items() if everything[name] != content}
    assert changed == {
        f"corpus/{folder}/gold/{id_}.json" for folder in ("annotations", "sync/main") for id_ in (first, last)
    }
