"""What `predict` and `benchmark` share: settings of a model, and its label map."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from standoff.errors import UsageError

LabelMap = Annotated[
    Path | None,
    typer.Option(
        "--labels", metavar="FILE", help="A label map in JSON: the model's label to the scheme's, or to \"\"."
    ),
]
Options = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="NAME=VALUE", help="A setting of the model; may be given more than once."),
]


def read_options(given: Sequence[str] | None) -> dict[str, str]:
    """Name to value. Raises UsageError."""
    options = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--option {text}: write NAME=VALUE")
        options[name] = value
    return options


def read_label_map(path: Path | None) -> dict[str, str] | None:
    """The model's label to the scheme's. Raises UsageError."""
    if path is None:
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: it can't be read as a label map: {error}") from None
