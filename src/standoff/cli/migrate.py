"""`standoff migrate`: annotation sets brought to a new version of the scheme."""

from collections import Counter
from contextlib import nullcontext
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.adjudicate.follow import follow
from standoff.cli.common import Json, Root, err, out, print_json, progress
from standoff.corpus.migrate import Migrated, Renames, migrations
from standoff.corpus.scheme import Scheme, index
from standoff.corpus.store import Store
from standoff.text.counted import counted

app = typer.Typer()

_TOGETHER = 500
"""Sets that are written together."""
_MOST = 5
"""Reasons that are told for one set."""


@app.command("migrate")
def migrate(
    root: Root = Path(),
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME", help="Only this annotator's sets, a model's too; may be repeated."),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="OLD=NEW", help="A label of spans or relations that is called otherwise now."),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option("--attribute", metavar="OLD=NEW", help="An attribute that is called otherwise now."),
    ] = None,
    layer: Annotated[
        list[str] | None, typer.Option("--layer", metavar="OLD=NEW", help="A layer that is called otherwise now.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what would be done.")] = False,
    json: Json = False,
) -> None:
    """Bring annotation sets to the version of the scheme that corpus/scheme.toml states now.

    Each set that states another version gets the new names and the new version, if all rules hold of it then; else it stays
    as it is, and its problems are told. Whether annotations still mean what the scheme says now, no rule can tell: look before.
    Sets of models stay unless named with --set: let the model predict anew. What was decided
    between annotators follows. Sync before you change the scheme; annotators' pages follow with the next sync.

    Exits with 1 when a set could not be brought along.

    Example: standoff migrate --label LOC=PLACE --dry-run
    """
    store = Store(root)
    scheme = store.scheme
    known = index(scheme)
    renames = Renames(
        labels=_pairs(label, "--label", [*known.spans, *known.relations], scheme),
        attributes=_pairs(attribute, "--attribute", [*known.attributes], scheme),
        layers=_pairs(layer, "--layer", [*known.layers], scheme),
    )
    names = store.set_names()
    for name in set_ or ():
        if name not in names:
            raise typer.BadParameter(f"there are no sets of {name!r}; there are {', '.join(names)}", param_hint="--set")
    done: list[Migrated] = []
    refused: list[Migrated] = []
    models: list[Migrated] = []
    waiting: list[Migrated] = []
    # A dry run leaves no trace, so it takes no lock.
    with nullcontext() if dry_run else store.lock(), progress() as display:
        task = display.add_task("looking at sets", total=None)
        for found in migrations(store, set_ or names, renames, models=bool(set_)):
            display.advance(task)
            if found and found.after:
                done.append(found._replace(after=None))
                waiting.append(found)
            elif found:
                (refused if found.reasons else models).append(found)
            if len(waiting) == _TOGETHER:
                _write(store, waiting, dry_run=dry_run)
        _write(store, waiting, dry_run=dry_run)
        if any(renames) and not dry_run:
            follow(store, renames)
    if json:
        print_json(
            {
                "scheme": scheme.version,
                "migrated": [_named(found) for found in done],
                "refused": [_named(found) | {"reasons": found.reasons} for found in refused],
                "models": [_named(found) for found in models],
            }
        )
    else:
        _tell(scheme, done, refused, models, dry_run=dry_run)
    raise typer.Exit(1 if refused else 0)


def _write(store: Store, waiting: list[Migrated], *, dry_run: bool) -> None:
    if not dry_run:
        store.write([found.after for found in waiting if found.after])
    waiting.clear()


def _named(found: Migrated) -> dict[str, object]:
    return {"document": found.document, "annotator": found.annotator}


def _tell(
    scheme: Scheme, done: list[Migrated], refused: list[Migrated], models: list[Migrated], *, dry_run: bool
) -> None:
    for found in refused:
        err.print(f"[red]stays[/] {escape(found.where)}")
        for reason in found.reasons[:_MOST]:
            err.print(f"  {escape(reason)}")
        if len(found.reasons) > _MOST:
            err.print(f"  and {len(found.reasons) - _MOST:,} more; --json tells all")
    if refused:
        err.print("for what is only called otherwise now, add --label OLD=NEW (or --attribute, --layer)", style="dim")
    version = escape(scheme.version)
    for annotator, count in _counts(done):
        would = "would be" if dry_run else "is" if count == 1 else "are"
        out.print(f"{escape(annotator)}: {counted(count, 'set')} {would} at {version}")
    for annotator, count in _counts(models):
        out.print(
            f"{escape(annotator)}: {counted(count, 'set')} of a model left; let it predict anew, or name it with --set"
        )
    if not (done or refused or models):
        out.print(f"every set is at {version}; nothing changed")


def _counts(found: list[Migrated]) -> list[tuple[str, int]]:
    return sorted(Counter(one.annotator for one in found).items())


def _pairs(values: list[str] | None, option: str, known: list[str], scheme: Scheme) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in values or ():
        old, _, new = value.partition("=")
        if not old or not new:
            raise typer.BadParameter(f"{value!r} is not OLD=NEW", param_hint=option)
        if new not in known:
            near = get_close_matches(new, known, n=1)
            hint = f", or did you mean {near[0]!r}?" if near else ""
            raise typer.BadParameter(
                f"{new!r} is not in {scheme.version}; first change corpus/scheme.toml{hint}", param_hint=option
            )
        if pairs.setdefault(old, new) != new:
            raise typer.BadParameter(f"{old!r} can't become both {pairs[old]!r} and {new!r}", param_hint=option)
    return pairs
