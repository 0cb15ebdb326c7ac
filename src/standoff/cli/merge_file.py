"""`standoff merge-file`: the three-way merge of sync as a git merge driver for annotation sets."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, err, out, print_json
from standoff.corpus.codec import decode, encode
from standoff.corpus.files import fault, write_atomically
from standoff.corpus.model import AnnotationSet
from standoff.corpus.stands import id_twice
from standoff.errors import StandoffError
from standoff.sync.sets import merge_sets
from standoff.text.counted import counted

app = typer.Typer()


@app.command("merge-file")
def merge_file_command(
    base: Annotated[Path, typer.Argument(help="The version that both sides started from; an empty file: none.")],
    ours: Annotated[Path, typer.Argument(help="Our version: the merged set is written here.")],
    theirs: Annotated[Path, typer.Argument(help="Their version.")],
    json: Json = False,
) -> None:
    """Merge two versions of one annotation set, annotation by annotation.

    On a conflict OURS stays as it is, the conflicts are named, and the exit code is 1: git then takes the file as unmerged.
    `standoff init` names it in .gitattributes for corpus/annotations/**/*.json. Switch it on in each clone:

        git config merge.standoff.driver "standoff merge-file %O %A %B"

    Example: standoff merge-file base.json ours.json theirs.json
    """
    contents = []
    for path in (base, ours, theirs):
        try:
            contents.append(path.read_bytes())
        except OSError as error:
            raise fault(error, path) from error
    old = decode(contents[0], AnnotationSet, str(base)) if contents[0].strip() else None
    mine, other = decode(contents[1], AnnotationSet, str(ours)), decode(contents[2], AnnotationSet, str(theirs))
    for side, whose in ((mine, "our"), (other, "their")):
        if twice := id_twice(side):
            raise StandoffError(
                f"{side.annotator}/{side.document}.json: in {whose} version the id {twice} stands twice, and a merge would lose"
                " one of the two; give one of them another id"
            )
    merged, conflicts = merge_sets(old, mine, other)
    if not conflicts:
        write_atomically(ours, encode(merged))
    # Not the path that was given: git's driver gets temporary files, which nobody finds afterwards.
    name = escape(f"{mine.annotator}/{mine.document}.json")
    if json:
        print_json({"conflicts": conflicts})
    elif not conflicts:
        out.print(f"{name}: {counted(len(merged.spans), 'span')}, {counted(len(merged.relations), 'relation')}")
    for conflict in conflicts if not json else ():
        err.print(
            f"[red]conflict[/] {name} {escape(conflict.item)} {escape(conflict.field)}: was"
            f" {escape(repr(conflict.base))}, ours {escape(repr(conflict.ours))}, theirs {escape(repr(conflict.theirs))}"
        )
    if conflicts and not json:
        err.print(
            f"{name} stays as it is: settle these in it, then `git add` it (`standoff validate` checks it)",
            style="dim",
        )
    if not json and any((conflict.item, conflict.field) == ("set", "scheme") for conflict in conflicts):
        err.print(
            "or `git merge --abort`, `standoff migrate` the branch with the older scheme, and merge again", style="dim"
        )
    raise typer.Exit(1 if conflicts else 0)
