"""Carries out a sync: preflight, read, decide, then write to the page and here. The only part that acts.

Killed at any moment and run again, it converges: annotations are saved before the state, the state last (S17), and the journal
tells what was under way (S16).
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Sequence

from standoff.corpus.config import DoccanoTable, excluded
from standoff.corpus.model import DOCUMENT_ID_PATTERN
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.errors import UsageError
from standoff.formats.doccano import scope
from standoff.problems import Problem
from standoff.sync.context import Context, Progress
from standoff.sync.project import forgotten, is_forgotten
from standoff.sync.project_run import run_project
from standoff.sync.remote import Remote
from standoff.sync.report import Options, ProjectReport, Stop

Connect = Callable[[str, DoccanoTable], Remote]
"""Logs in to the server of a project of corpus.toml."""

DEFAULT_PROJECT = "main"


def projects(store: Store) -> dict[str, DoccanoTable]:
    """The projects of corpus.toml; without any, one that holds all layers."""
    return dict(store.config.doccano) or {DEFAULT_PROJECT: DoccanoTable()}


def sync(
    store: Store,
    connect: Connect,
    options: Options,
    names: Sequence[str] = (),
    progress: Progress = lambda what, done, total: None,
) -> Iterator[ProjectReport]:
    """Syncs projects one by one (all without `names`); a report for each, also for one that must not be synced.

    Raises UsageError for an unknown project, and RemoteError when a server fails.
    """
    tables = projects(store)
    if unknown := set(names) - set(tables):
        raise UsageError(f"corpus.toml has no project {min(unknown)!r}; it has {', '.join(sorted(tables))}")
    # A state is a file that is named after its document.
    for option, ids in (("--drop", options.drop), ("--document", options.documents)):
        if wrong := [id_ for id_ in ids if not re.fullmatch(DOCUMENT_ID_PATTERN, id_)]:
            raise UsageError(f"{option}: {min(wrong)!r} is no document id; `standoff show` lists those that are there")
    scheme = index(store.scheme)
    scopes = {name: scope(scheme, table.layers or store.config.corpus.layers) for name, table in tables.items()}
    without = excluded(store.overrides())
    left = [
        Problem(
            document="",
            path=f"corpus/sync/{name}",
            rule="sync-forgotten",
            severity="warning",
            message=is_forgotten(name),
        )
        for name in forgotten(store, tables)
    ]
    # A dry run leaves no trace, so it takes no lock.
    with contextlib.nullcontext() if options.dry_run else store.lock():
        for name in names or tables:
            table = tables[name]
            report = ProjectReport(project=name)
            context = Context(
                store=store,
                name=name,
                table=table,
                scope=scopes[name],
                others={
                    other: scopes[other].layers
                    for other, t in tables.items()
                    if other != name and t.mode == table.mode and (t.mode == "per-member" or t.set == table.set)
                },
                remote=connect(name, table),
                options=options,
                progress=progress,
                report=report,
                excluded=without,
            )
            try:
                run_project(context)
                report.problems += left
                left = []
            except Stop as stop:
                report.problems.append(
                    Problem(
                        document="",
                        path=f"corpus/sync/{name}",
                        rule="sync-stopped",
                        severity="error",
                        message=str(stop),
                    )
                )
            yield report
