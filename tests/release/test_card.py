"""The card: prose and its own YAML are kept, facts stand where the prose wants them."""

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace as changed

from command import standoff
from release.corpora import minister, write_corpus
from release.strategies import NEWS, TABLES
from standoff.corpus.scaffold import scaffold
from standoff.release.card import BEGIN, END, CardError, Unwritten, readme, refreshed, unwritten
from standoff.release.facts import Facts
from standoff.release.manifest import Corpus, Licenses, Manifest, SplitEntry, Tools, canary
from standoff.release.releases import Published, withdrawn
from standoff.release.rows import Findings
from standoff.score.agreement import LayerAgreement
from standoff.score.counts import Counts

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
FACTS = Facts(
    title="Tiny: a corpus",
    manifest=MANIFEST,
    released=True,
    index=NEWS,
    layers=TABLES.layers,
    features=TABLES.features,
    findings=Findings(
        released=2,
        annotated=Counter(entities=2),
        types={("entities", "train"): Counter({"A|B": 2, "ORG": 1234})},
        languages=Counter({"nl": 1, "nl-BE": 1}),
    ),
    agreement=(),
    examples={"quotes": {"id": "a", "text": f"{END} ```" + "x" * 200, "list": [1, 2, 3]}},
    versions=(),
)


def _body(facts: Facts) -> str:
    return facts.text()


def card(prose: str) -> tuple[dict[str, Any], str]:
    text = readme(prose, FACTS)
    _, header, body = text.split("---\n", 2)
    return yaml.safe_load(header), body


def test_without_prose_there_is_a_title_and_the_facts() -> None:
    header, body = card("")
    assert header["pretty_name"] == "Tiny: a corpus"
    assert (header["language"], header["size_categories"]) == (["nl"], ["n<1K"])
    assert [config["config_name"] for config in header["configs"]] == ["documents", "quotes"]
    assert body.startswith("\n# Tiny: a corpus\n")
    assert "| `A\\|B` |  | 2 |" in body
    assert "| 3 | nested |" in body
    assert "1 document of the corpus left out: no gold." in body
    assert "see LICENSE.md" in body
    assert "for the annotations" not in body
    assert body.rstrip().endswith(END)


def test_that_annotations_have_no_licence_is_said() -> None:
    licenses = Licenses(annotations="Unknown", texts={"CC0-1.0": 2})
    body = _body(replace(FACTS, manifest=changed(MANIFEST, licenses=licenses)))
    assert "No licence has been stated for the annotations" in body
    assert "see LICENSE.md" not in body


def test_prose_and_its_own_keys_are_kept_and_derived_keys_are_not_taken_from_it() -> None:
    header, body = card(f"---\ntags:\n- news\nlicense: mit\n---\n# Mine\n\n{BEGIN}\nyesterday\n{END}\n\nThe end.\n")
    assert (header["tags"], header["license"]) == (["news"], "other")
    assert body.startswith("\n# Mine\n\n<!-- facts")
    assert "yesterday" not in body
    assert body.endswith(f"{END}\n\nThe end.\n")
    assert body.count(BEGIN) == 1


def test_no_name_ends_the_facts() -> None:
    licenses = Licenses(annotations=END, texts={BEGIN: 1, f"a\n{END}\nb": 1})
    told = replace(FACTS, title=f"Tiny {BEGIN}", manifest=changed(MANIFEST, licenses=licenses))
    first = refreshed("", told)
    assert refreshed(first, told) == first


@pytest.mark.parametrize(
    ("prose", "told"),
    [
        ("---\nlicense: mit\ntags: [news\n---\nText", r"DATASET_CARD\.md:3: not valid YAML \(.*mend it"),
        ("---\ntags: a: b\n---\nText", r"DATASET_CARD\.md:2: not valid YAML"),
        ("---\ntags: a", "no second one ends"),
        ("---\n- a\n---\nText", "have to be keys with values"),
        ("---\n1: a\n---\nText", "have to be keys with values"),
        ("---\ndate: 2025-99-99\n---\nText", "not valid YAML"),
        ("---\r\ntags: a\r\n---\r\nText", r"DATASET_CARD\.md:1: "),
        ("\ufeff---\ntags: a\n---\nText", r"DATASET_CARD\.md:1: "),
        (f"Text\n{BEGIN}\nmore", "put both back"),
        (f"Text\n{END}\n{BEGIN}\nmore", "put both back"),
        (f"{BEGIN}{END}\n{BEGIN}{END}", "put both back"),
    ],
)
def test_a_card_that_was_broken_by_hand_is_one_clear_error(prose: str, told: str) -> None:
    for made in (readme, refreshed):
        with pytest.raises(CardError, match=told) as error:
            made(prose, FACTS)
        assert "\n" not in str(error.value)


def test_labels_have_their_numbers_and_examples_are_cut() -> None:
    _, body = card("")
    assert "| `ORG` | 7, 8 | 1,234 |" in body
    assert "| `LOC` | 11, 12 | 0 |" in body
    assert ' "list": [1, 2, "… 1 more"]}\n```\n' in body
    # A text can end neither the example nor the facts.
    assert body.count(END) == 1
    assert "\\u003c!-- end of facts" in body
    assert "| `label` | class: 0 `direct`, 1 `indirect`, 2 `mixed` |" in body


def test_agreement_is_said_of_one_pair_and_of_several() -> None:
    one, other = LayerAgreement("quotes", NEWS), LayerAgreement("quotes", NEWS)
    one.spans, one.relations = Counts(correct=3, missed=1), Counts(correct=1)
    one.attributes["type"] = Counter({("direct", "direct"): 2, ("indirect", "indirect"): 1, ("direct", "mixed"): 1})
    other.spans = Counts(correct=1, spurious=1)
    other.attributes["type"] = Counter({("direct", "direct"): 1})
    body = _body(replace(FACTS, agreement=[("a", "b", one)]))
    assert "3 of the 4 and 3 spans that they gave are the same (F1 0.857), 1 of the 1 and 1 relations" in body
    # observed 3/4, expected (3 * 2 + 1 * 1) / 16
    assert "| `a`, `b` | `quotes` | 0 | 0.857 | 1.000 | `type` 0.556 (4) |" in body
    body = _body(replace(FACTS, agreement=[("a", "b", one), ("a", "c", other)]))
    assert (
        "2 pairs of annotators, in all layers together: F1 of spans from 0.667 to 0.857, F1 of relations from" in body
    )
    assert "| `a`, `c` | `quotes` | 0 | 0.667 |  | `type` – (1) |" in body


def test_versions_before_this_one_are_listed_and_what_was_withdrawn() -> None:
    entries = withdrawn(
        [Published(version=version, content_sha256="0" * 64, configurations={}) for version in ("0.9.0", "1.1.0")],
        "0.9.0",
        "a text had to go",
    )
    text = readme("", replace(FACTS, versions=entries))
    assert "| 0.9.0 |  |  | a text had to go |\n| 1.0.0 |  | documents/train `00000000`" in text
    assert "| 1.1.0 |" not in text
    text = refreshed("", replace(FACTS, versions=entries, released=False))
    assert "| 1.1.0 |" in text
    assert "1.0.0" not in text


def test_a_refreshed_card_keeps_every_byte_that_people_wrote() -> None:
    start, end = "---\ntags:   [news]  # a comment\n---\n\n# Mine  \n\n", "\n\n*The end.*\n"
    text = refreshed(f"{start}{BEGIN}\nyesterday\n{END}{end}", FACTS)
    assert text.startswith(start + BEGIN)
    assert text.endswith(END + end)
    assert "yesterday" not in text
    assert refreshed(text, FACTS) == text
    assert refreshed("", FACTS).startswith(f"# Tiny: a corpus\n\n{BEGIN}\n")


def test_what_is_still_to_be_written_is_named() -> None:
    start = scaffold("mine")["DATASET_CARD.md"].decode()
    names = re.findall("^## (.*)$", start, flags=re.MULTILINE)
    assert unwritten(start) == Unwritten(tuple(names), ())
    assert str(unwritten(start)) == "still to be written: " + ", ".join(f'"{name}"' for name in names)
    assert unwritten(refreshed(start, FACTS)) == unwritten(start)
    done = re.sub("<!-- write: .* -->", "Words.", start)
    assert not unwritten(done)
    assert unwritten(done.replace("## Known ambiguities", "## Hard cases")).missing == ("known ambiguities",)
    assert unwritten(done.replace(names[-1], "Rechten <!-- takedown -->")) == Unwritten((), ())
    assert unwritten(f"{BEGIN}\n## Ambiguities\n<!-- write: -->\n{END}").left == ()
    assert len(unwritten("").missing) == 2


def test_the_committed_card_says_all_that_a_card_needs(repository: Path) -> None:
    assert not unwritten((repository / "DATASET_CARD.md").read_text(encoding="utf-8"))


def test_the_committed_card_is_current(repository: Path) -> None:
    done = standoff("card", "--check", "--root", repository)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_card_is_told_and_written(tmp_path: Path) -> None:
    draft = minister()
    root = tmp_path / "corpus"
    write_corpus(root, [draft.document, draft.set(), draft.set("a", kind="model"), draft.set("b", kind="model")])
    assert standoff("split", "--root", root).returncode == 0
    done = standoff("card", "--check", "--root", root)
    assert (done.returncode, (root / "DATASET_CARD.md").exists()) == (1, False)
    assert done.stderr.count("no section is about taking down a text") == 1
    assert "stale; run `standoff card`" in done.stdout
    assert standoff("card", "--root", root).returncode == 0
    text = (root / "DATASET_CARD.md").read_text(encoding="utf-8")
    assert "| `a`, `b` | `quotes` | 1 | 1.000 | 1.000 |" in text
    assert f"`{canary('tiny')}`" in text
    assert standoff("card", "--check", "--root", root).returncode == 0


def test_every_snippet_runs(built: Path, tmp_path: Path) -> None:
    text = (built / "README.md").read_text(encoding="utf-8")
    code = re.findall(r"(?:^|\n)```python\n(.*?)```", text, flags=re.DOTALL)
    assert len(code) == 5
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_DATASETS_OFFLINE": "1"}
    script = "\nprint('# next')\n".join(code).replace("PATH_OR_NAME", str(built))
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    tags, spans, quotes, sql, prompt = done.stdout.split("# next\n")
    assert "Den B-GPE\nHaag I-GPE\n" in tags
    assert "[2, 3, 'GPE']" in spans or "[1, 2, 'GPE']" in spans
    assert quotes == "dat China zou aanvallen -> Minister Jansen\n"
    assert "indirect" in sql
    assert '"speaker": "Minister Jansen"' in prompt
