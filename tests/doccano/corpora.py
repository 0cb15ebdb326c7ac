"""What tests do with a corpus and a real server: sync it, look at its files, find its projects in the page."""

import json
from pathlib import Path
from typing import Any

from command import standoff
from standoff.corpus.store import Store
from standoff.doccano.remote import DoccanoRemote
from standoff.sync.remote import Project


def sync(corpus: Path, env: dict[str, str], *words: str, command: str = "sync", code: int = 0) -> list[dict[str, Any]]:
    """The projects of the real command's report. It has to end with `code`, and to keep the password to itself."""
    done = standoff(command, *words, "--root", corpus, "--json", env=env)
    assert done.returncode == code, done.stdout + done.stderr
    assert env["DOCCANO_PASSWORD"] not in done.stdout + done.stderr
    projects: list[dict[str, Any]] = json.loads(done.stdout)["projects"]
    return projects


def snapshot(corpus: Path) -> dict[str, bytes]:
    """Every file of the corpus with its content."""
    return {str(p.relative_to(corpus)): p.read_bytes() for p in (corpus / "corpus").rglob("*") if p.is_file()}


def total(projects: list[dict[str, Any]], side: str) -> int:
    """How many changes a report tells on one side, `ours` or `page`."""
    return sum(sum(project[side].values()) for project in projects)


def page_project(corpus: Path, remote: DoccanoRemote, name: str) -> Project:
    """The project of the page that was made for this one of the corpus."""
    state = Store(corpus).project_state(name)
    assert state is not None
    return remote.project(state.id)
