"""README.md of a release: the prose of DATASET_CARD.md, the YAML that the Hub and `datasets` read, generated facts. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from standoff.errors import StandoffError
from standoff.release import features
from standoff.release.features import Classes, Feature, Features, ListOf
from standoff.release.legal import UNKNOWN, license_fields
from standoff.release.manifest import Manifest
from standoff.release.rows import Findings
from standoff.release.splits import SPLITS

BEGIN = "<!-- facts: written by `standoff release`, don't edit -->"
END = "<!-- end of facts -->"
_SIZES = (("n<1K", 10**3), ("1K<n<10K", 10**4), ("10K<n<100K", 10**5), ("100K<n<1M", 10**6), ("1M<n<10M", 10**7))


def readme(prose: str, title: str, manifest: Manifest, wanted: Mapping[str, Features], findings: Findings) -> str:
    """The card. `prose` is DATASET_CARD.md, possibly empty: its own YAML is kept, and what is derived is added or replaced.

    The facts stand between BEGIN and END, or at its end when it has no such lines. Raises StandoffError when the prose
    starts with YAML that can't be read.
    """
    own, body = _parts(prose)
    facts = "\n".join([BEGIN, "", *_facts(manifest, wanted, findings), "", END])
    before, begin, rest = body.partition(BEGIN)
    _, end, after = rest.partition(END)
    body = before + facts + after if begin and end else f"{body.strip() or f'# {title}'}\n\n{facts}"
    header = yaml.safe_dump(
        _header(own, title, manifest, wanted, findings), sort_keys=False, allow_unicode=True, width=1000
    )
    return f"---\n{header}---\n\n{body.strip()}\n"


def _parts(prose: str) -> tuple[dict[str, Any], str]:
    """The YAML that the prose starts with, and the rest of it."""
    if not prose.startswith("---\n"):
        return {}, prose
    head, _, body = prose[4:].partition("\n---\n")
    try:
        own = yaml.safe_load(head)
    except yaml.YAMLError as error:
        raise StandoffError(f"DATASET_CARD.md: its first lines, up to the second ---, are not YAML: {error}") from None
    if not isinstance(own, dict) or not body:
        raise StandoffError("DATASET_CARD.md: starts with ---, so YAML keys and a second line of --- have to follow")
    return own, body


def _header(
    own: Mapping[str, Any], title: str, manifest: Manifest, wanted: Mapping[str, Features], findings: Findings
) -> dict[str, Any]:
    rows = sum(split.rows for split in manifest.configurations["documents"].values())
    return {
        "pretty_name": title,
        **own,
        "language": sorted({language.partition("-")[0] for language in findings.languages}),
        **license_fields(manifest.licenses.annotations, manifest.licenses.texts),
        "size_categories": [next((name for name, limit in _SIZES if rows < limit), "n>10M")],
        "configs": [
            {
                "config_name": name,
                **({"default": True} if name == "documents" else {}),
                "data_files": [{"split": split, "path": f"data/{name}/{split}-*.parquet"} for split in splits],
            }
            for name, splits in manifest.configurations.items()
        ],
        # Without `splits`: numbers of rows make a load with filters fail.
        "dataset_info": [
            {"config_name": name, "features": features.card(wanted[name])} for name in manifest.configurations
        ],
    }


def _facts(manifest: Manifest, wanted: Mapping[str, Features], findings: Findings) -> Iterator[str]:
    corpus = manifest.corpus
    splits = [split for split in SPLITS if split in manifest.configurations["documents"]]
    yield "## Facts"
    yield ""
    yield (
        f"{manifest.name} {manifest.version}: {_count(findings.released, 'document')} with the annotations of `{corpus.set}`,"
        f" label scheme {corpus.scheme}. Annotations: {manifest.licenses.annotations}. Texts: "
        + ", ".join(f"{name} ({count})" for name, count in sorted(manifest.licenses.texts.items()))
        + "."
    )
    if UNKNOWN in manifest.licenses.texts:
        yield "Where the licence of a text is unknown, nobody has established whether it may be used: see LICENSE.md."
    for why, count in sorted(corpus.left_out.items()):
        yield f"{_count(count, 'document')} of the corpus left out: {why}."
    yield ""
    yield from _table(
        ["configuration", "split", "rows", "content hash"],
        [
            [f"`{name}`", split, str(entry.rows), f"`{entry.content_sha256[:16]}`"]
            for name, of_splits in manifest.configurations.items()
            for split, entry in of_splits.items()
        ],
    )
    yield ""
    yield "Scores compare only where the content hash of the split is equal. `manifest.json` has it in full."
    yield ""
    yield "### Labels"
    for layer, documents in findings.annotated.items():
        yield ""
        yield f"`{layer}`, annotated in {documents} of {_count(findings.released, 'document')}:"
        yield ""
        counts = {split: findings.types.get((layer, split), Counter()) for split in splits}
        names = sorted({name for of_split in counts.values() for name in of_split})
        yield from _table(
            ["label or type", *splits],
            [[f"`{name}`", *(str(counts[split][name]) for split in splits)] for name in names],
        )
    yield ""
    for name, lost in manifest.losses.items():
        yield f"### What `{name}` does not show"
        yield ""
        yield from _table(["annotations", "why"], [[str(count), why] for why, count in lost.items()])
        yield ""
    yield "### Columns"
    yield ""
    yield (
        "`start` and `end` are code points of the `text` of the same row, half-open: in Python, `text[start:end]`. A span in"
        " several pieces has them in `fragments`, its `text` joins them with a space, and `start` and `end` are its hull."
        " A layer that is null was not annotated; one that is empty was, and nothing was found. A missing part is null."
    )
    for name in manifest.configurations:
        yield ""
        yield f"`{name}`:"
        yield ""
        yield from _table(["column", "type"], [[f"`{column}`", _type(kind)] for column, kind in wanted[name].items()])


def _type(kind: Feature) -> str:
    if isinstance(kind, ListOf):
        return f"list of {_type(kind.item)}"
    if isinstance(kind, Classes):
        return f"class: {', '.join(f'{place} `{name}`' for place, name in enumerate(kind.names))}"
    if isinstance(kind, Mapping):
        return f"{{{', '.join(f'`{name}`' if isinstance(child, str) else f'`{name}`: {_type(child)}' for name, child in kind.items())}}}"
    return kind


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"|{'---|' * len(head)}",
        *(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows),
    ]
