"""The main job on the seed article, end to end, in a scratch clone under `.demo/`: run it with `make demo`.

Every step is a command that a curator would type. The checkout itself is not touched.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from standoff.doccano.server import down, read_password, up

CHECKOUT = Path(__file__).resolve().parents[1]
DEMO = CHECKOUT / ".demo"
CLONE = DEMO / "corpus"
HOME = DEMO / "doccano"
BIN = Path(sys.executable).parent
STANDOFF = [sys.executable, "-m", "standoff"]
GIT = ["git", "-c", "user.name=standoff demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false"]

console = Console(highlight=False, soft_wrap=True, emoji=False)


def step(title: str) -> None:
    """A heading for what comes next."""
    console.print(f"\n[bold cyan]»[/] [bold]{title}[/]")


def run(*command: str, show: bool = True, env: dict[str, str] | None = None, cwd: Path = CLONE) -> str:
    """Runs a command in the clone, its output passed on or returned. Stops the demo when it fails."""
    if show:
        console.print(f"  [dim]$ {escape(' '.join(command))}[/]")
    words = (
        [*STANDOFF, *command[1:]]
        if command[0] == "standoff"
        else [*GIT, *command[1:]]
        if command[0] == "git"
        else command
    )
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=None if show else subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        console.print(f"[bold red]the demo stops here[/]: {escape(' '.join(command))} exited with {done.returncode}")
        sys.exit(done.returncode)
    return done.stdout or ""


def clone() -> None:
    """A git repository of its own, as the checkout stands at its last commit."""
    if CLONE.exists():
        shutil.rmtree(CLONE)
    DEMO.mkdir(exist_ok=True)
    if (
        subprocess.run(
            ["git", "rev-parse", "--verify", "-q", "HEAD"], cwd=CHECKOUT, capture_output=True, check=False
        ).returncode
        == 0
    ):
        run("git", "clone", "-q", "--no-hardlinks", str(CHECKOUT), str(CLONE), cwd=DEMO, show=False)
    else:
        # The files came without a history, as in a downloaded archive.
        for name in ("corpus", "seeds", "schema"):
            shutil.copytree(CHECKOUT / name, CLONE / name)
        for name in (".gitignore", ".gitattributes", "DATASET_CARD.md", "CITATION.cff", "LICENSE"):
            shutil.copy(CHECKOUT / name, CLONE / name)
        run("git", "init", "-q", "-b", "main", show=False)
        run("git", "add", "-A", show=False)
        run("git", "commit", "-q", "-m", "The corpus as it came", show=False)


def main() -> None:
    began = time.monotonic()
    step("A scratch clone of this repository")
    clone()
    console.print(f"  {CLONE}")

    step("Normalize the seed article: raw text to a document with sections and sentences")
    shutil.rmtree(CLONE / "corpus" / "documents", ignore_errors=True)
    run("standoff", "normalize")
    changed = run("git", "status", "--porcelain", "corpus/documents", show=False)
    console.print(
        f"  made anew from seeds/: {'equal to the committed documents, byte for byte' if not changed else escape(changed)}"
    )

    step("Validate documents and gold annotations")
    run("standoff", "validate")

    step("Start a Doccano of its own on this machine (the first time this installs it)")
    down(HOME)
    # A fresh database each time; what was installed stays.
    for part in HOME.iterdir() if HOME.exists() else ():
        if part.is_dir() and part.name not in {"environment", "uploads"}:
            shutil.rmtree(part)
        elif part.is_file():
            part.unlink()
    server = up(HOME, progress=lambda what: console.print(f"  [dim]{escape(what)}[/]"))
    env = {
        "DOCCANO_URL": server.url,
        "DOCCANO_USERNAME": server.username,
        "DOCCANO_PASSWORD": read_password(server.home),
    }
    console.print(f"  {server.url}, user {server.username}")

    step("Sync: push the annotations to Doccano, read them back, compare")
    run("standoff", "sync", env=env)
    step("Sync again: both sides agree, so nothing is to be done")
    run("standoff", "sync", env=env)
    different = run("git", "status", "--porcelain", "corpus/annotations", show=False)
    console.print(
        f"  annotations after the round trip: {'unchanged, byte for byte' if not different else escape(different)}"
    )

    step("Commit what the sync noted, then release")
    run("git", "add", "-A", "corpus")
    run("git", "commit", "-q", "--allow-empty", "-m", "Sync with Doccano")
    run("standoff", "split")
    run("git", "add", "-A", "corpus", show=False)
    run("git", "commit", "-q", "--allow-empty", "-m", "Splits", show=False)
    run("standoff", "release")
    released: dict[str, Any] = json.loads(run("standoff", "release", "--json", show=False))
    folder = CLONE / released["folder"]

    step("Load it back with datasets.load_dataset, in a process of its own")
    run(sys.executable, str(CHECKOUT / "scripts" / "load.py"), str(folder))
    document = min(path.stem for path in (CLONE / "corpus" / "documents").iterdir())
    console.print(f"\n[bold green]done[/] in {time.monotonic() - began:.0f} s. Where to look:")
    for what, where in {
        "the article with its annotations": f"{BIN / 'standoff'} show {document} --root {CLONE}",
        "the annotations in Doccano": f"{server.url}  user {server.username}, password in {HOME / 'password'}",
        "the corpus, a git repository": CLONE,
        "the dataset": folder,
        "stop Doccano": f"{BIN / 'standoff'} doccano down --home {HOME}",
    }.items():
        console.print(f"  {what:<34}{escape(str(where))}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(f"{(__doc__ or '').strip()}\nIt takes no arguments.")
    main()
