"""The card: prose and its own YAML are kept, facts stand where the prose wants them."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from release.strategies import TABLES
from standoff.errors import StandoffError
from standoff.release.card import BEGIN, END, readme
from standoff.release.manifest import Corpus, Licenses, Manifest, SplitEntry, Tools, canary
from standoff.release.rows import Findings

ENTRY = SplitEntry(rows=1, content_sha256="0" * 64)
MANIFEST = Manifest(
    name="tiny",
    version="1.0.0",
    content_sha256="0" * 64,
    canary=canary("tiny"),
    corpus=Corpus(
        commit=None, date=None, dirty=True, scheme="news-nl/1", set="gold", documents=3, left_out={"no gold": 1}
    ),
    licenses=Licenses(annotations="CC-BY-4.0", texts={"unknown": 2}),
    tools=Tools(standoff="0", pyarrow="0"),
    configurations={"documents": {"train": ENTRY}, "quotes": {"train": ENTRY}},
    losses={"ner": {"nested": 3}},
    files=(),
)
FINDINGS = Findings(
    released=2,
    annotated=Counter(entities=2),
    types={("entities", "train"): Counter({"A|B": 2})},
    languages=Counter({"nl": 1, "nl-BE": 1}),
)


def card(prose: str) -> tuple[dict[str, Any], str]:
    text = readme(prose, "Tiny: a corpus", MANIFEST, TABLES.features, FINDINGS)
    _, header, body = text.split("---\n", 2)
    return yaml.safe_load(header), body


def test_without_prose_there_is_a_title_and_the_facts() -> None:
    header, body = card("")
    assert header["pretty_name"] == "Tiny: a corpus"
    assert (header["language"], header["size_categories"]) == (["nl"], ["n<1K"])
    assert [config["config_name"] for config in header["configs"]] == ["documents", "quotes"]
    assert body.startswith("\n# Tiny: a corpus\n")
    assert "| `A\\|B` | 2 |" in body
    assert "| 3 | nested |" in body
    assert "1 document of the corpus left out: no gold." in body
    assert "see LICENSE.md" in body
    assert body.rstrip().endswith(END)


def test_prose_and_its_own_keys_are_kept_and_derived_keys_are_not_taken_from_it() -> None:
    header, body = card(f"---\ntags:\n- news\nlicense: mit\n---\n# Mine\n\n{BEGIN}\nyesterday\n{END}\n\nThe end.\n")
    assert (header["tags"], header["license"]) == (["news"], "other")
    assert body.startswith("\n# Mine\n\n<!-- facts")
    assert "yesterday" not in body
    assert body.endswith(f"{END}\n\nThe end.\n")
    assert body.count(BEGIN) == 1


@pytest.mark.parametrize("prose", ["---\na: [\n---\nText", "---\ntags: a", "---\n- a\n---\nText"])
def test_yaml_that_can_not_be_read_is_told(prose: str) -> None:
    with pytest.raises(StandoffError, match=r"DATASET_CARD\.md"):
        card(prose)


def test_the_committed_card_fits(repository: Path) -> None:
    header, body = card((repository / "DATASET_CARD.md").read_text(encoding="utf-8"))
    assert "language models" in body
    assert body.count(BEGIN) == body.count(END) == 1
    assert "license_link" in header
