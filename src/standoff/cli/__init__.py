"""The command line: one thin module a command. The only place that prints or exits."""

import importlib
import io
import re
import sys
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape

from standoff import __version__
from standoff.errors import StandoffError

# Command, or group of commands, to its module: a module is imported when its command runs, so that every start is quick.
COMMANDS = {
    "init": "Start a new corpus in an empty folder.",
    "normalize": "Raw texts to documents.",
    "validate": "Check everything, and say what to do.",
    "show": "Print a document with its annotations.",
    "explore": "Build pages to read the corpus in a browser.",
    "import": "Bring in a corpus in another format.",
    "export": "Write the corpus in another format.",
    "doccano": "Start and stop a Doccano server on this machine.",
    "sync": "Bring corpus and Doccano in step, both ways.",
    "push": "Send our changes to Doccano.",
    "pull": "Fetch the annotators' changes.",
    "status": "What a sync would do.",
    "merge-file": "Merge two versions of an annotation set, for git.",
    "migrate": "Bring annotation sets to a new version of the scheme.",
    "train": "Train a model on a release.",
    "predict": "Let a model annotate.",
    "agreement": "How far annotators agree.",
    "adjudicate": "Settle differences between annotators.",
    "score": "Score a system's annotations against gold.",
    "benchmark": "Measure models on a split, in one table.",
    "split": "Deal new documents to splits.",
    "release": "Build a versioned dataset.",
    "diff": "What changed between two versions of the data.",
    "publish": "Bring a release to where others load it from.",
    "yank": "Mark a published version as withdrawn.",
    "card": "Bring the facts in DATASET_CARD.md up to date.",
    "schema": "Write the JSON Schemas of everything on disk.",
}
_MODULES = {
    "import": "import_",
    "push": "sync",
    "pull": "sync",
    "status": "sync",
    "merge-file": "merge_file",
    "split": "release",
}


def _paragraphs(text: str) -> str:
    """Help whose paragraphs are a line each, so that they are wrapped to the terminal; what is indented stays as it is."""
    return re.sub(r"(?<=\S)\n(?=\S)", " ", text)


# Typer carries a click of its own, so its types are left out here.
class _Commands(typer.core.TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module: Any = importlib.import_module(f"standoff.cli.{_MODULES.get(cmd_name, cmd_name)}")
        group: Any = typer.main.get_group(module.app)
        for command in group.commands.values():
            command.help = _paragraphs(command.help)
        return group if cmd_name == "doccano" else group.commands[cmd_name]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"standoff {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Annotated corpora as plain files: in step with Doccano, released as versioned Hugging Face datasets.

    Exit codes: 0 fine, 1 problems found, 2 wrong usage or configuration, 3 the machine or a remote service stands in the way.
    """


def main() -> None:
    """Runs the command line and exits with its code."""
    from standoff.cli.common import err

    if isinstance(sys.stdout, io.TextIOWrapper):
        # What a terminal's encoding lacks is shown as an escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="standoff")
    except StandoffError as error:
        err.print(f"[bold red]error[/] {escape(str(error))}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read our output has stopped reading: `standoff show x | head`.
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        from standoff.corpus.files import fault

        told = (
            str(fault(error, Path(error.filename))) if isinstance(error.filename, str) else error.strerror or str(error)
        )
        err.print(f"[bold red]error[/] {escape(told)}")
        sys.exit(3)
