"""The real corpora, each imported once for all tests of a process, and what docs/formats.md says of them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from standoff.exchange.importing import Report, import_

LICENSE = "CC-BY-4.0"
"""Of all their texts, as far as tests go: without any, nothing is released."""

CORPORA = {
    "conll2002": ("conll", "conll2002-nl", ""),
    "litbank-entities": ("brat", "litbank/entities", ""),
    "litbank-events": ("brat", "litbank/events", ""),
    "litbank-quotations": ("brat", "litbank", "LitBank's quotations"),
    "meantime": ("brat", "meantime-nl", "MEANTIME"),
    "quotes": ("brat", "german-news-quotes", "German news quotes"),
}
"""Each corpus, and each part of one that is imported by itself: its format, its folder, the heading of its recipe, if any."""


class Imported(NamedTuple):
    """A corpus at `root`, made of the files in `source`, which a recipe wrote or its authors. Tests read it, and write nowhere in it."""

    source: Path
    root: Path
    told: Report


Imports = Callable[[str], Imported]


@pytest.fixture(scope="session")
def page(repository: Path) -> str:
    return (repository / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def imported(page: str, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Imports:
    """The corpus of that name, imported when it is asked for first."""

    @cache
    def made(name: str) -> Imported:
        format_, folder, heading = CORPORA[name]
        source, place = data / folder, tmp_path_factory.mktemp("imported")
        if heading:
            cook(page, heading, source, place / "source")
            source = place / "source"
        return Imported(source, place / name, import_(format_, source, place / name, license_=LICENSE))

    return made


def cook(page: str, heading: str, source: Path, target: Path) -> None:
    """Runs the recipe under a heading of the page."""
    recipe = page.partition(f"### {heading}")[2].partition("```python\n")[2].partition("```")[0]
    assert recipe
    exec(compile(recipe, heading, "exec"), {"source": source, "target": target})
