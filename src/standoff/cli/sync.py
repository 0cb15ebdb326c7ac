"""`standoff sync|push|pull|status`: the corpus and Doccano's projects in step."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from standoff.cli.common import Json, Root, out, print_json, progress
from standoff.corpus.config import DoccanoTable
from standoff.corpus.store import Store
from standoff.sync.document import Direction
from standoff.sync.merge import Resolve
from standoff.sync.remote import Remote
from standoff.sync.report import Options, ProjectReport
from standoff.sync.run import sync
from standoff.text.counted import counted

app = typer.Typer()

Projects = Annotated[
    list[str] | None, typer.Argument(metavar="[PROJECT]...", help="Projects of corpus.toml; all when none is named.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing anywhere.")]
OnConflict = Annotated[
    str,
    typer.Option(
        "--on-conflict",
        metavar="report|ours|theirs",
        help="Who wins where both sides changed one thing: nobody, the corpus (ours), or Doccano's page (theirs).",
    ),
]
Documents = Annotated[
    list[str] | None, typer.Option("--document", metavar="ID", help="Only this document; may be given more than once.")
]
Drop = Annotated[
    list[str] | None,
    typer.Option(
        "--drop",
        metavar="ID",
        help="Sync this document no longer; what Doccano has of it stays. Undone by --document.",
    ),
]
ForceDelete = Annotated[
    list[str] | None,
    typer.Option(
        "--force-delete",
        metavar="ID",
        help="Delete what was held back because so much would go, for this document, or as a whole for the project of this name.",
    ),
]


_HELP: dict[Direction, str] = {
    "sync": """Merge the corpus and Doccano's projects (the page), both ways: nothing that either side made is lost.

    Example: standoff sync quotes --dry-run
    """,
    "push": """Send what changed in the corpus to Doccano, and fetch nothing.

    Example: standoff push --document 000_31863ef30e6d4108
    """,
    "pull": """Fetch what changed in Doccano, and change nothing there.

    Example: standoff pull events --on-conflict theirs --document 000_31863ef30e6d4108
    """,
}


def _command(direction: Direction) -> Callable[..., None]:
    def command(
        projects: Projects = None,
        dry_run: DryRun = False,
        on_conflict: OnConflict = "report",
        document: Documents = None,
        drop: Drop = None,
        force_delete: ForceDelete = None,
        root: Root = Path(),
        json: Json = False,
    ) -> None:
        _run(direction, projects, dry_run, on_conflict, document, drop, force_delete, root, json)

    return command


for _direction, _help in _HELP.items():
    app.command(_direction, help=_help)(_command(_direction))


@app.command("status")
def status_command(
    projects: Projects = None,
    on_conflict: OnConflict = "report",
    document: Documents = None,
    drop: Drop = None,
    force_delete: ForceDelete = None,
    root: Root = Path(),
    json: Json = False,
) -> None:
    """Say what a sync would do. Changes nothing, and exits with 0 whatever it finds.

    Example: standoff status --json
    """
    _run("sync", projects, True, on_conflict, document, drop, force_delete, root, json, fail=False)


def _run(
    direction: Direction,
    projects: list[str] | None,
    dry_run: bool,
    on_conflict: str,
    documents: list[str] | None,
    drop: list[str] | None,
    force_delete: list[str] | None,
    root: Path,
    json: bool,
    *,
    fail: bool = True,
) -> None:
    options = Options(
        direction=direction,
        dry_run=dry_run,
        resolve=_resolve(on_conflict),
        documents=frozenset(documents or ()),
        drop=frozenset(drop or ()),
        force_delete=frozenset(force_delete or ()),
    )
    reports = []
    with progress() as display:
        task = display.add_task("", total=None)
        for report in sync(
            Store(root),
            _connect,
            options,
            projects or (),
            lambda what, done, total: display.update(task, description=what, completed=done, total=total),
        ):
            reports.append(report)
            if not json:
                _print(report, dry_run)
    if json:
        print_json({"projects": reports})
    raise typer.Exit(1 if fail and not all(report.clean for report in reports) else 0)


def _resolve(value: str) -> Resolve:
    choices: dict[str, Resolve] = {"report": "report", "ours": "ours", "theirs": "theirs"}
    if value not in choices:
        raise typer.BadParameter("one of report, ours, theirs", param_hint="--on-conflict")
    return choices[value]


def _connect(name: str, table: DoccanoTable) -> Remote:
    from standoff.doccano.remote import connect

    return connect(table.url)


def _print(report: ProjectReport, dry_run: bool) -> None:
    out.print(f"[bold]{escape(report.project)}[/]{' (nothing was changed)' if dry_run else ''}")
    columns = report.ours.__struct_fields__
    if report.ours or report.page:
        table = Table("", *columns, box=None, pad_edge=False)
        for side, counts in (("corpus", report.ours), ("page", report.page)):
            table.add_row(side, *[str(getattr(counts, column) or "-") for column in columns])
        out.print(table)
    elif report.clean and not (report.documents or report.dropped or report.confirmations or report.comments):
        out.print("  in step")
    if report.documents:
        out.print(f"new documents in the page: {report.documents:,}")
    if report.confirmations:
        out.print(f"confirmed or unconfirmed in the page: {counted(report.confirmations, 'document')}")
    if report.comments:
        out.print(f"new in the page: {counted(report.comments, 'comment')}")
    for id_ in report.dropped:
        out.print(f"dropped {escape(id_)}: it is synced no longer, until it is named with --document")
    for conflict in report.conflicts:
        out.print(
            f"[red]conflict[/] {escape(conflict.document)} {escape(conflict.item)} {escape(conflict.field)}:"
            f" was {_value(conflict.base)}, corpus {_value(conflict.ours)}, page {_value(conflict.theirs)}"
        )
    if report.conflicts:
        out.print("  settle each with --on-conflict ours|theirs --document ID, or change one side", style="dim")
    for skipped in report.skipped:
        out.print(f"[yellow]skipped[/] {escape(skipped.document)}: {escape(skipped.reason)}")
    for problem in report.problems:
        color = "red" if problem.severity == "error" else "yellow"
        out.print(f"[{color}]{problem.severity}[/] {escape(problem.document)}: {escape(problem.message)}")


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return escape(f"{value.get('label')} ({value.get('id')})")
    if isinstance(value, list):
        return escape(", ".join(f"{piece[0]}-{piece[1]} {piece[2]!r}" for piece in value))
    return escape(repr(value))
