"""New corpora for tests of models."""

from pathlib import Path

from standoff.corpus.scaffold import scaffold
from standoff.corpus.store import Store


def corpus(root: Path) -> Store:
    """An empty corpus with the seed corpus's scheme."""
    for path, content in scaffold("test").items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return Store(root)
