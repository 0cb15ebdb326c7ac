"""`standoff split` and `standoff release`: the corpus as a versioned dataset."""

import os
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import TaskID
from rich.table import Table

from standoff.cli.card import warn_unwritten
from standoff.cli.common import Json, Root, err, out, print_json, progress
from standoff.corpus.config import excluded
from standoff.corpus.files import write_atomically
from standoff.corpus.store import Store
from standoff.release.build import Release
from standoff.release.legal import is_unknown, misspelled
from standoff.release.splits import SPLITS, deal, encode_splits, groups_of, read_splits, stories
from standoff.text.counted import counted

app = typer.Typer()


@app.command("split")
def split(root: Root = Path(), json: Json = False) -> None:
    """Deal the documents that are in no split yet, and record it in corpus/splits.json. None ever moves.

    Example: standoff split && git add corpus/splits.json && git commit -m "Splits"
    """
    store = Store(root)
    path = store.folder / "splits.json"
    with store.lock():
        recorded = read_splits(path)
        without = excluded(store.overrides())
        groups = groups_of(*stories(document for document in store.documents() if document.id not in without))
        dealt = deal(groups, recorded, store.config.splits)
        if dealt:
            write_atomically(path, encode_splits(dealt))
    counts = Counter(dealt[id_] for id_ in groups)
    new = len(dealt) - len(recorded)
    if json:
        print_json({"documents": len(groups), "new": new, "splits": {name: counts[name] for name in SPLITS}})
        return
    where = ", ".join(f"{counts[name]} in {name}" for name in SPLITS if counts[name])
    out.print(f"{new} of {counted(len(groups), 'document')} newly dealt; {where or 'none so far'}")
    if groups and counts["train"] == len(groups) and len(set(groups.values())) < store.config.splits.min_groups:
        out.print(
            f"[dim]fewer than {counted(store.config.splits.min_groups, 'group')} of documents (splits.min_groups), so all go to"
            " train, and stay there. For other splits add documents; or, as long as no version is published, lower"
            " splits.min_groups in corpus.toml, delete corpus/splits.json, and run this again[/]"
        )


@app.command("release")
def release(
    root: Root = Path(),
    version: Annotated[
        str,
        typer.Option(
            metavar="auto|X.Y.Z",
            help="The version; auto follows from what changed, and is 1.0.0 when none is published.",
        ),
    ] = "auto",
    against: Annotated[
        str,
        typer.Option(
            metavar="VERSION|none",
            help="The published version to compare with, by default the last one; none: compare with nothing.",
        ),
    ] = "last",
    folder: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where releases go.")] = Path("dist"),
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Release changes that are not committed; the manifest says so.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that build tables; all processors by default.")] = (
        os.cpu_count() or 1
    ),
    json: Json = False,
) -> None:
    """Build the dataset as DIR/<name>/<version>/, verify that it loads, and say how to load it.

    A version that is there already is never changed, and none is given that says less than what changed since the last
    published one: removed or moved documents, texts, licences and columns call for a major version, other rows for a minor.

    Example: standoff release --version 1.0.0
    """
    from standoff.release import build

    store = Store(root)
    with progress() as display:
        task: TaskID | None = None

        def show(step: str, documents: int) -> None:
            nonlocal task
            if task is None:
                task = display.add_task(step, total=None)
            display.update(task, description=step, completed=documents)

        built = build.release(store, version, folder, against=against, allow_dirty=allow_dirty, jobs=jobs, on_step=show)
    warn_unwritten(root)
    if json:
        print_json({"folder": str(built.folder), "new": built.new, "manifest": built.manifest})
    else:
        _report(built)


def _report(built: Release) -> None:
    manifest = built.manifest
    if built.new:
        out.print(f"[bold]{escape(manifest.name)} {manifest.version}[/] built and verified")
    else:
        out.print(
            f"[bold]{escape(manifest.name)} {manifest.version}[/] is there already with the same content; left as it is"
        )
    if manifest.corpus.dirty:
        err.print("[yellow]made from a corpus that is not committed[/]; the manifest says so")
    if is_unknown(manifest.licenses.annotations):
        err.print(
            "[yellow]no licence is stated[/] for the annotations, so nobody knows whether they may use them: state one in"
            " corpus.toml (licenses.annotations) before you publish; a later change calls for a major version"
        )
    for name, id_ in misspelled([manifest.licenses.annotations, *manifest.licenses.texts]).items():
        err.print(
            f"[yellow]licence {escape(repr(name))}[/] is no SPDX id, so that nobody takes it for one; if it is {id_}, write it so"
        )
    if left_out := manifest.corpus.left_out:
        reasons = ", ".join(f"{counted(count, 'document')} ({reason})" for reason, count in left_out.items())
        out.print(escape(f"left out: {reasons}"))
    table = Table("configuration", "split", "rows", "bytes", box=None)
    for name, splits in manifest.configurations.items():
        for split_name, entry in splits.items():
            start = f"data/{name}/{split_name}-"
            size = sum(file.bytes for file in manifest.files if file.path.startswith(start))
            table.add_row(escape(name), split_name, f"{entry.rows:,}", f"{size:,}")
    out.print(table)
    out.print(f"in {escape(str(built.folder))}")
    out.print(f'load it: datasets.load_dataset("{escape(str(built.folder))}", "documents")')
