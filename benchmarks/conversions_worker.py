"""One conversion in `.venv-models`: `conversions_worker KIND FILE` prints its processor seconds, and what it found, as JSON."""

import contextlib
import io
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SMALL = "Jan B-PER\nwoont O\nin O\nGent B-LOC\n. O\n\nDe O\ntrein O\nrijdt O\n. O\n"
_TASK = [{"id": 1, "data": {"text": "Jan woont in Gent."}, "annotations": [{"id": 1, "completed_by": 1, "result": []}]}]

_SENTENCES = 10

Counts = tuple[int, int]
"""Sentences or articles, and spans."""
Run = Callable[[Path, Path], Callable[[], Counts]]
"""Converts a file, into a folder if it writes; what it returns counts what came out, which is not measured."""


def conll_read() -> Run:
    """CoNLL to texts with spans, in memory."""
    from standoff.exchange.sources import DETECTED, read
    from standoff.formats.foreign import Foreign

    def run(path: Path, target: Path) -> Callable[[], Counts]:
        found = [text for text in read("conll", path, DETECTED) if isinstance(text, Foreign)]
        return lambda: (sum(len(text.sentences or ()) for text in found), sum(len(text.spans) for text in found))

    return run


def spacy_docs() -> Run:
    """CoNLL to Docs of ten sentences each, in memory: one of all, as ours is, takes it minutes."""
    from spacy.training.converters import conll_ner_to_docs

    def run(path: Path, target: Path) -> Callable[[], Counts]:
        docs = list(conll_ner_to_docs(path.read_text("utf-8"), n_sents=_SENTENCES, no_print=True))
        return lambda: _counted(docs)

    return run


def _counted(docs: list[Any]) -> Counts:
    return sum(len(list(doc.sents)) for doc in docs), sum(len(doc.ents) for doc in docs)


def conll_import() -> Run:
    """`standoff import conll`: surveyed, cleaned, checked, and written and synced as a corpus."""
    from standoff.corpus.store import Store
    from standoff.exchange.importing import import_

    def run(path: Path, target: Path) -> Callable[[], Counts]:
        spans = import_("conll", path, target / "corpus").spans
        return lambda: (sum(len(document.sentences) for document in Store(target / "corpus").documents()), spans)

    return run


def spacy_convert() -> Run:
    """`spacy convert`: a file is written."""
    from spacy.cli.convert import convert
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    def run(path: Path, target: Path) -> Callable[[], Counts]:
        with contextlib.redirect_stdout(io.StringIO()):
            convert(path, target, file_type="spacy", n_sents=_SENTENCES, converter="ner", silent=True)
        file = target / f"{path.stem}.spacy"
        return lambda: _counted(list(DocBin().from_disk(file).get_docs(Vocab())))

    return run


def labelstudio_conll() -> Run:
    """Label Studio's JSON to documents and on to CoNLL, with no corpus between."""
    from standoff.corpus.scheme import index
    from standoff.exchange.convert import Converted, Setting, convert
    from standoff.exchange.inference import Survey, infer
    from standoff.exchange.sources import DETECTED, read
    from standoff.formats import conll
    from standoff.formats.foreign import Foreign

    def run(path: Path, target: Path) -> Callable[[], Counts]:
        texts = [text for text in read("labelstudio", path, DETECTED) if isinstance(text, Foreign)]
        survey = Survey()
        for text in texts:
            survey.add(text)
        scheme = index(infer(survey, "x"))
        setting = Setting(format="labelstudio", scheme=scheme, layers=tuple(scheme.layers), languages=("nl",))
        with (target / "out.conll").open("w", encoding="utf-8") as file:
            for text in texts:
                found = convert(text, setting)
                assert isinstance(found, Converted)
                assert found.annotations
                file.write(conll.write(found.document, found.annotations, conll.Layout()).content)
        return lambda: (len(texts), _tagged(target / "out.conll"))

    return run


def labelstudio_corpus_conll() -> Run:
    """`standoff import labelstudio` and `standoff export conll`: a corpus is written, synced and read."""
    from standoff.exchange.exporting import export
    from standoff.exchange.importing import import_

    def run(path: Path, target: Path) -> Callable[[], Counts]:
        told = import_("labelstudio", path, target / "corpus", set_name="gold")
        export("conll", target / "out.conll", target / "corpus")
        return lambda: (told.texts, _tagged(target / "out.conll"))

    return run


def sdk_conll() -> Run:
    """Label Studio's JSON to CoNLL-2003."""
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.converter.converter import Format

    page = '<View><Labels name="label" toName="text"/><Text name="text" value="$text"/></View>'

    def run(path: Path, target: Path) -> Callable[[], Counts]:
        Converter(page, str(target)).convert(str(path), str(target), Format.CONLL2003, is_dir=False)
        file = target / "result.conll"
        return lambda: (file.read_text("utf-8").count("\n\n"), _tagged(file))

    return run


def _tagged(path: Path) -> int:
    return len(re.findall(r"[\t ]B-\S+$", path.read_text("utf-8"), re.MULTILINE))


KINDS: dict[str, Callable[[], Run]] = {
    "conll-read": conll_read,
    "spacy-docs": spacy_docs,
    "conll-import": conll_import,
    "spacy-convert": spacy_convert,
    "labelstudio-conll": labelstudio_conll,
    "labelstudio-corpus-conll": labelstudio_corpus_conll,
    "sdk-conll": sdk_conll,
}


def main(kind: str, path: Path) -> None:
    """Converts something small, then the file."""
    run = KINDS[kind]()
    told: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
        folder = Path(temporary)
        small = folder / ("small" + path.suffix)
        small.write_text(_SMALL if path.suffix == ".conll" else json.dumps(_TASK), "utf-8")
        for name, source in (("warm", small), ("real", path)):
            target = folder / name
            target.mkdir()
            began = time.process_time()
            count = run(source, target)
            seconds = time.process_time() - began
            number, spans = count()
            told = {"seconds": seconds, "number": number, "spans": spans}
    print(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
