"""`standoff doccano up|down|status`: a Doccano server on this machine."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from standoff.cli.common import Json, err, out, print_json
from standoff.doccano import server

app = typer.Typer(no_args_is_help=True, help="Start and stop a Doccano server on this machine.")

Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Where it keeps everything, by default in your user data folder; inside a repository only a folder that git"
        " ignores.",
    ),
]


@app.command()
def up(
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Its port; none: the last one, or a free one.")
    ] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Install Doccano if need be, start it on this machine's loopback address, and say how to log in.

    Example: standoff doccano up --port 8000
    """
    with err.status("Doccano") as spinner:

        def progress(message: str) -> None:
            spinner.update(escape(message))
            if not err.is_terminal:
                err.print(message, markup=False)

        running = server.up(home or server.default_home(), port, progress=progress)
    if json:
        print_json(
            {
                "url": running.url,
                "username": running.username,
                "password": server.read_password(running.home),
                "home": str(running.home),
            }
        )
        return
    password = running.home / "password"
    out.print(f"Doccano runs at {escape(running.url)}")
    out.print(f"user      {escape(running.username)}")
    out.print(f"password  in {escape(str(password))}")
    out.print("\nFor `standoff sync`:", style="dim")
    out.print(
        f'export DOCCANO_URL={running.url} DOCCANO_USERNAME={running.username} DOCCANO_PASSWORD="$(cat {shlex.quote(str(password))})"',
        markup=False,
    )


@app.command()
def down(home: Home = None, json: Json = False) -> None:
    """Stop the server. Its data stays.

    Example: standoff doccano down
    """
    folder = (home or server.default_home()).resolve()
    stopped = server.down(folder)
    if json:
        print_json({"stopped": stopped, "home": str(folder)})
        return
    out.print("Doccano is stopped" if stopped else f"no Doccano ran in {escape(str(folder))}")


@app.command()
def status(home: Home = None, json: Json = False) -> None:
    """Say whether the server runs, and where.

    Example: standoff doccano status
    """
    found = server.status(home or server.default_home())
    if json:
        print_json(
            {
                "state": found.state,
                "url": found.url,
                "username": server.USERNAME,
                "home": str(found.home),
                "pids": {"web": found.web, "worker": found.worker},
            }
        )
        return
    start = f"`standoff doccano up{f' --home {escape(shlex.quote(str(home)))}' if home else ''}`"
    if found.state == "running":
        out.print(
            f"Doccano runs at {found.url} (processes {found.web} and {found.worker}), home {escape(str(found.home))}"
        )
    elif found.state == "broken":
        missing = " and ".join(
            name for name, pid in (("web server", found.web), ("task worker", found.worker)) if pid is None
        )
        what = f"its {missing} does not run" if missing else "its web server does not answer"
        out.print(f"Doccano is broken: {what}; {start} mends it, logs are in {escape(str(found.home / 'logs'))}")
    else:
        out.print(f"Doccano does not run in {escape(str(found.home))}; start it with {start}")
