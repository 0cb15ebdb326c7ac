"""`standoff validate`: all problems of a corpus in one pass."""

from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, Root, out, print_json, progress
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.text.counted import counted

app = typer.Typer()


@app.command("validate")
def validate(
    root: Root = Path(),
    jobs: Annotated[
        int | None, typer.Option("--jobs", min=1, help="Processes; by default one for each processor.")
    ] = None,
    json: Json = False,
) -> None:
    """Check documents, annotations, scheme and configuration, and say what to do about each problem.

    Exits with 1 when there is an error; warnings alone are fine.

    Example: standoff validate --json
    """
    store = Store(root)
    _check_records(store)
    with progress() as display:
        task = display.add_task("checking documents", total=None)
        found = report(store, jobs, lambda done: display.update(task, completed=done))
    errors = sum(problem.severity == "error" for problem in found.problems)
    if json:
        rows = [
            {name: getattr(problem, name) for name in ("rule", "severity", "document", "path", "message")}
            for problem in found.problems
        ]
        print_json({"documents": found.documents, "annotation_sets": found.annotation_sets, "problems": rows})
    else:
        for file, problems in groupby(found.problems, key=lambda problem: problem.path.partition("#")[0]):
            out.print(f"[bold]{escape(file)}[/]")
            for problem in problems:
                color = "red" if problem.severity == "error" else "yellow"
                place = _place(problem.path)
                out.print(
                    f"  [{color}]{problem.severity}[/] {escape(place)}{escape(problem.message)} [dim]({problem.rule})[/]"
                )
        warnings = len(found.problems) - errors
        summary = f"{counted(found.documents, 'document')}, {counted(found.annotation_sets, 'annotation set')}: "
        out.print(
            summary
            + (
                f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
                if found.problems
                else "[green]no problems[/]"
            )
        )
    raise typer.Exit(1 if errors else 0)


def _check_records(store: Store) -> None:
    """Raises for what decisions, splits and releases are recorded in, and no command could read."""
    store.overrides()
    if (splits := store.folder / "splits.json").exists():
        from standoff.release.splits import read_splits

        read_splits(splits)
    if (releases := store.folder / "releases.json").exists():
        from standoff.release.releases import read_releases

        read_releases(releases)


def _place(path: str) -> str:
    """The JSON pointer of a problem the way people write it: spans[3].fragments[0]."""
    pointer = path.partition("#")[2]
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    place = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps).removeprefix(".")
    return f"{place}: " if place else ""
