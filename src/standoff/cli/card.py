"""`standoff card`: the generated part of DATASET_CARD.md, written or checked."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, Root, err, out, print_json
from standoff.corpus.files import write_atomically
from standoff.corpus.store import Store

app = typer.Typer()


@app.command("card")
def card(
    root: Root = Path(),
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 when the card is stale.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that build tables; all processors by default.")] = (
        os.cpu_count() or 1
    ),
    json: Json = False,
) -> None:
    """Bring the facts in DATASET_CARD.md up to date with the corpus as it stands; what people wrote stays as it is.

    Counts, labels, columns, agreement, examples and versions are made as for a release. What keeps the corpus from being
    released keeps the card from being made.

    Example: standoff card --check
    """
    from standoff.release.card import FILE

    store = Store(root)
    stale = refresh(store, jobs, write=not check)
    warn_unwritten(root)
    if json:
        print_json({"card": str(root / FILE), "stale" if check else "written": stale})
    elif not stale:
        out.print(f"{escape(str(root / FILE))}: current")
    else:
        out.print(f"{escape(str(root / FILE))}: {'stale; run `standoff card`' if check else 'written'}")
    raise typer.Exit(1 if check and stale else 0)


def warn_unwritten(root: Path) -> None:
    """Says which sections of DATASET_CARD.md people have yet to write."""
    from standoff.release.card import FILE, prose, unwritten

    if lacking := unwritten(prose(root)):
        err.print(f"[yellow]{FILE}[/]: {escape(str(lacking))}; write it before you publish")


def refresh(store: Store, jobs: int, *, write: bool) -> bool:
    """Whether DATASET_CARD.md is not what it should be; written, then, if `write`."""
    from standoff.release.card import FILE, prose, refreshed
    from standoff.release.gather import gather
    from standoff.release.origin import Origin
    from standoff.release.releases import FILE as RELEASES
    from standoff.release.releases import read_releases

    written = prose(store.root)
    with tempfile.TemporaryDirectory(prefix="standoff-card-") as folder:
        gathered = gather(store, Path(folder), jobs, lambda step, documents: None)
        # The card stands in a commit, so it can't name that commit; and the version is the next release's to choose.
        manifest = gathered.manifest("0.0.0", Origin(None, None, ()))
        versions = read_releases(store.folder / RELEASES)
        text = refreshed(written, gathered.facts(manifest, versions, released=False))
    stale = text != written
    if stale and write:
        with store.lock():
            write_atomically(store.root / FILE, text.encode())
    return stale
