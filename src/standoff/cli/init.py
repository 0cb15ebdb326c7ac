"""`standoff init`: a new corpus, ready for its first texts."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, check_name, out, print_json
from standoff.corpus.files import write_many
from standoff.corpus.scaffold import MERGE_DRIVER, corpus_name, scaffold
from standoff.errors import StandoffError

app = typer.Typer()


@app.command("init")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The new repository; made when it is not there.")],
    name: Annotated[str | None, typer.Option(help="The corpus's name; by default made from the folder's.")] = None,
    json: Json = False,
) -> None:
    """Start a new corpus: configuration, label scheme, guidelines, and the folder for raw texts.

    Nothing that is already there is changed.

    Example: standoff init my-corpus
    """
    chosen = check_name(name) if name else corpus_name(folder.resolve().name)
    wanted = {folder / path: content for path, content in scaffold(chosen).items()}
    last = folder / "corpus" / "corpus.toml"
    # What a killed `init` leaves has files of its own at most, and not the last one: it is finished.
    mine = (path for path in (folder / "corpus").rglob("*") if path.is_file() and not path.match(".*.tmp"))
    if last.exists() or not wanted.keys() >= set(mine):
        raise StandoffError(f"{folder}: there is a corpus here already; choose another folder")
    kept = [path for path, content in wanted.items() if path.exists() and path.read_bytes() != content]
    write_many([(path, content) for path, content in wanted.items() if path not in (*kept, last)])
    write_many([(last, wanted[last])])
    if json:
        print_json(
            {
                "root": str(folder),
                "name": chosen,
                "written": [str(p) for p in wanted if p not in kept],
                "kept": [str(p) for p in kept],
            }
        )
        return
    out.print(f"[bold]{escape(chosen)}[/] is ready in {escape(str(folder))}")
    for path in kept:
        out.print(
            f"[yellow]kept[/] {escape(str(path))} as it was; compare it with the one that `standoff init` writes elsewhere"
        )
    out.print(
        f"Next: put texts into {escape(str(folder / 'seeds'))}, then\n"
        f"  cd {escape(shlex.quote(str(folder)))}\n  git init\n  standoff normalize\n  standoff validate\n"
        f"In each clone, so that git merges annotations one by one:\n  {escape(MERGE_DRIVER)}"
    )
