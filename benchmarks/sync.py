"""First push and pull of a project with a real Doccano, against its own bulk import and export and a loop over its client.

All in one run on the same server. The peers go through doccano-client; documents have the seed article's text with other
words, 20 spans and 6 relations.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import measure, synthetic
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.scheme import index
from standoff.corpus.store import Store
from standoff.doccano import server
from standoff.doccano.remote import connect
from standoff.formats.doccano import Scope, encode_set, offsets, scope, to_page
from standoff.formats.doccano_rows import Example, import_line
from standoff.sync.remote import LabelType, Settings

ENVIRONMENT = synthetic.REPOSITORY / ".venv-doccano"
NUMBER = 1_000
LOOP = 20
SPANS = 20
RELATIONS = 6


def main(number: int = NUMBER) -> None:
    """Prints seconds and ratios."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        running = server.up(folder / "home", environment=ENVIRONMENT, progress=print)
        try:
            os.environ["DOCCANO_URL"] = running.url
            os.environ["DOCCANO_USERNAME"] = running.username
            os.environ["DOCCANO_PASSWORD"] = server.read_password(running.home)
            _compare(folder, number)
        finally:
            server.down(running.home)


def _compare(folder: Path, number: int) -> None:
    store = _corpus(folder / "repository", number)
    scheme = index(store.scheme)
    labels = scope(scheme, tuple(scheme.layers))
    examples = [_example(labels, *record) for record in _records(number)]
    rows, links = len(examples[0].rows), len(examples[0].relations)
    print(f"{number:,} documents with {rows} page spans and {links} page relations each")

    client, peer = _client(), _Peer(labels)
    loop = peer.project("loop")
    one_by_one = _timed(lambda: _create(client, loop, examples[:LOOP])) / LOOP
    bulk = peer.project("bulk")
    file = folder / "peer.jsonl"
    file.write_bytes(b"".join(map(import_line, examples)))
    imported = _timed(lambda: client.upload(bulk, [str(file)], "RelationExtraction", "JSONL", "text", "entities"))
    exported = _timed(lambda: client.download(bulk, "JSONL", dir_name=str(folder)))

    root = str(store.root)
    pushed = measure.command("-m", "standoff", "push", "--json", "--root", root)
    pulled = measure.command("-m", "standoff", "pull", "--json", "--root", root)
    again = _timed(lambda: client.download(bulk, "JSONL", dir_name=str(folder)))
    project = store.project_state("main")
    assert project is not None
    for example in client.list_examples(project.id):
        client.update_example_state(project.id, example.id)
    confirmed = measure.command("-m", "standoff", "pull", "--json", "--root", root)
    quiet = measure.command("-m", "standoff", "sync", "--json", "--root", root)
    assert all(annotations.confirmed for annotations in store.sets("gold"))

    own = min(exported, again)
    per = pushed.seconds / number
    print(f"loop over doccano-client            {one_by_one * 1000:8.1f} ms a document")
    print(f"standoff push, first                {per * 1000:8.1f} ms a document   {one_by_one / per:.1f} times faster")
    print(f"Doccano's import and one export     {imported + exported:8.1f} s ({imported:.1f} and {exported:.1f})")
    print(
        f"standoff push, first                {pushed.seconds:8.1f} s   ratio {pushed.seconds / (imported + exported):.2f}"
    )
    print(f"Doccano's export                    {own:8.1f} s")
    print(f"standoff pull, nothing new          {pulled.seconds:8.1f} s   ratio {pulled.seconds / own:.2f}")
    print(f"standoff pull, all newly confirmed  {confirmed.seconds:8.1f} s   ratio {confirmed.seconds / own:.2f}")
    print(f"standoff sync, nothing new          {quiet.seconds:8.1f} s   ratio {quiet.seconds / own:.2f}")
    print(f"peak memory of push {pushed.megabytes:.0f} MB, of pull {pulled.megabytes:.0f} MB")


def _corpus(root: Path, number: int) -> Store:
    (root / "corpus").mkdir(parents=True)
    shutil.copy(synthetic.REPOSITORY / "corpus" / "scheme.toml", root / "corpus")
    settings = (synthetic.REPOSITORY / "corpus" / "corpus.toml").read_text(encoding="utf-8")
    # Without projects of its own a corpus has one, `main`, with all layers.
    (root / "corpus" / "corpus.toml").write_text(settings.partition("[doccano")[0], encoding="utf-8")
    store = Store(root)
    store.write(record for pair in _records(number) for record in pair)
    return store


def _records(number: int) -> Iterator[tuple[Document, AnnotationSet]]:
    for document, annotations in synthetic.records(number):
        whole = {span.id for span in annotations.spans if len(span.fragments) == 1}
        relations = [item for item in annotations.relations if item.head in whole and item.tail in whole][:RELATIONS]
        kept = {id_ for relation in relations for id_ in (relation.head, relation.tail)}
        for span in annotations.spans:
            if len(kept) < SPANS and span.id in whole:
                kept.add(span.id)
        yield (
            document,
            msgspec.structs.replace(
                annotations,
                spans=tuple(span for span in annotations.spans if span.id in kept),
                relations=tuple(relations),
            ),
        )


def _example(labels: Scope, document: Document, annotations: AnnotationSet) -> Example:
    example, _ = encode_set(labels, document, annotations)
    return to_page(example, offsets(document.text, grapheme_mode=False))


class _Peer:
    """Projects with the same settings and label types as ours, for the peers to fill."""

    def __init__(self, labels: Scope) -> None:
        self._remote = connect(None)
        self._labels = labels

    def project(self, name: str) -> int:
        made = self._remote.create_project(name, name, "", Settings())
        types = [
            tuple(LabelType(id=0, name=label.name, color=label.color) for label in wanted)
            for wanted in (self._labels.span_types, self._labels.relation_types)
        ]
        self._remote.add_label_types(made, *types)
        return made.id


def _client() -> Any:
    from doccano_client import DoccanoClient

    client = DoccanoClient(os.environ["DOCCANO_URL"])
    client.login(os.environ["DOCCANO_USERNAME"], os.environ["DOCCANO_PASSWORD"])
    return client


def _create(client: Any, project: int, examples: list[Example]) -> None:
    spans = {label.text: label.id for label in client.list_label_types(project, "span")}
    relations = {label.text: label.id for label in client.list_label_types(project, "relation")}
    for example in examples:
        made = client.create_example(project, example.text, meta=dict(example.meta))
        ids = {
            row.id: client.create_span(project, made.id, row.start, row.end, spans[row.label]).id
            for row in example.rows
        }
        for row in example.relations:
            client.create_relation(project, made.id, ids[row.head], ids[row.tail], relations[row.label])


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
