"""`standoff schema`: the JSON Schemas, written from the structs or checked against them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from standoff.cli.common import Json, Root, out, print_json
from standoff.corpus.files import write_many
from standoff.corpus.schema import STATES, TITLES, schema, schema_text
from standoff.release.manifest import manifest_schema

app = typer.Typer()


def schemas() -> dict[str, dict[str, Any]]:
    """File name to schema, of all that is committed in `schema/`."""
    made = {f"{name}.schema.json": schema(name) for name in (*TITLES, *STATES)}
    return made | {"manifest.schema.json": manifest_schema()}


@app.command("schema")
def schema_command(
    root: Root = Path(),
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit 1 when a file is stale or missing.")
    ] = False,
    json: Json = False,
) -> None:
    """Write the JSON Schemas of documents, annotation sets, schemes, sync states and manifests.

    Example: standoff schema --check
    """
    folder = root / "schema"
    texts = {name: schema_text(contents).encode() for name, contents in schemas().items()}
    stale = [
        name for name, text in texts.items() if not (folder / name).exists() or (folder / name).read_bytes() != text
    ]
    if not check:
        write_many([(folder / name, text) for name, text in texts.items()])
    if json:
        print_json({"folder": str(folder), "schemas": sorted(texts), "stale" if check else "written": stale})
    elif not stale:
        out.print(f"{len(texts)} schemas in {folder}: all current")
    else:
        out.print(f"{folder}: {', '.join(stale)} {'stale; run `standoff schema`' if check else 'written'}")
    raise typer.Exit(1 if check and stale else 0)
