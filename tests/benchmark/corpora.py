"""New corpora for tests of models."""

from collections.abc import Mapping
from pathlib import Path

from command import standoff
from standoff.corpus.scaffold import scaffold
from standoff.corpus.store import Store
from standoff.exchange.importing import import_
from standoff.release.splits import Split, encode_splits


def corpus(root: Path) -> Store:
    """An empty corpus with the seed corpus's scheme."""
    for path, content in scaffold("test").items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return Store(root)


def tagged(root: Path, files: Mapping[str, str], splits: Mapping[str, Split]) -> Store:
    """A corpus from column files: a document for each, its id to its lines, with a scheme of their labels."""
    columns = root.parent / f"{root.name}-columns"
    columns.mkdir(parents=True)
    for id_, lines in files.items():
        (columns / f"{id_}.conll").write_text(lines, encoding="utf-8")
    told = import_("conll", columns, root)
    assert told.losses == []
    config = root / "corpus" / "corpus.toml"
    config.write_text(
        config.read_text().replace('annotations = "unknown"', 'annotations = "unknown", texts = "unknown"')
    )
    (root / "corpus" / "splits.json").write_bytes(encode_splits(splits))
    return Store(root)


def released(root: Path) -> Path:
    """The folder of a release of a corpus."""
    done = standoff(
        "release", "--root", root, "--version", "1.0.0", "--out", root / "dist", "--allow-dirty", "--jobs", "1"
    )
    assert done.returncode == 0, done.stderr
    (folder,) = (root / "dist").glob("*/1.0.0")
    return folder


def pieces(path: Path, sentences: int) -> list[str]:
    """A column file in pieces of so many sentences."""
    blocks = path.read_text(encoding="utf-8").strip("\n").split("\n\n")
    return ["\n\n".join(blocks[i : i + sentences]) + "\n" for i in range(0, len(blocks), sentences)]
