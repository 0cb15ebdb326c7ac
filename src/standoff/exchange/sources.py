"""Files of a foreign format to texts with annotations, one at a time: what can't be read is a loss."""

import codecs
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Struct

from standoff.corpus.files import blocks
from standoff.errors import UsageError
from standoff.exchange.convert import document_id
from standoff.exchange.files import Read, each, files_beside, files_in, guarded, refused, text_of, whole
from standoff.exchange.items import is_text
from standoff.exchange.json_items import json_items
from standoff.exchange.units import fits
from standoff.formats import brat, cas, conll, conllu, doccano_jsonl, hf, labelstudio, prodigy, spacy
from standoff.formats.doccano import Scope
from standoff.formats.doccano_rows import ExportError
from standoff.formats.foreign import Foreign, FormatError, Loss
from standoff.normalize.encoding import NotText, decode
from standoff.normalize.readers import LARGEST, cut_lines, stem
from standoff.text.iob import Tagging

_SAMPLE = 1 << 20
_ACCENTS = "read as {}: look whether its accented letters are right"


class Options(Struct, frozen=True, kw_only=True):
    """What a reader has to know beside the files: how columns are laid out, as far as the user says, and what Doccano's page
    holds of the corpus's scheme, when that is not to be inferred."""

    columns: tuple[conll.Column, ...] | None = None
    delimiter: str | None = None
    tagging: Tagging | None = None
    scope: Scope | None = None


DETECTED = Options()
"""All of it is told from the files."""


def read(format_: str, path: Path, options: Options) -> Read:
    """The texts of a file, or of all files under a folder, in the order of their names, and what can't be read.

    Raises UsageError when there is nothing at `path`, or no such format.
    """
    if format_ not in READERS:
        raise UsageError(f"{format_}: no such format; known are {', '.join(READERS)}")
    if not path.exists():
        raise UsageError(f"{path}: there is nothing here")
    return READERS[format_](path, options)


# -- column files

_PARTS = (".train", ".dev", ".val", ".valid", ".validation", ".test", ".testa", ".testb")
"""Endings that tell the parts of one corpus apart, as in `ned.train` and `ned.testa`."""


def _named(path: Path, endings: tuple[str, ...], texts: Callable[[Path, str, str], Read]) -> Read:
    """The texts of all these files. `texts` gets each with its place and the name of its text: the file's, with the folders before
    it when an earlier file has that id."""
    taken: set[str] = set()

    def named(file: Path, shown: str) -> Read:
        base, ending = stem(file.name)
        name = base + ending if ending in _PARTS else base
        if (id_ := document_id(name)) and id_ in taken:
            name = "/".join([*shown.split("/")[1:-1], name])
        taken.add(document_id(name))
        return texts(file, shown, name)

    return each(path, endings, named)


def _conll(path: Path, options: Options) -> Read:
    return _named(path, (), partial(_columns, options))


def _columns(options: Options, file: Path, shown: str, name: str) -> Read:
    encoding, losses = _encoding(file, shown)
    yield from losses
    sample = list(islice(_lines(file, encoding), conll.SAMPLE))
    layout = conll.layout_of(sample, shown, options.columns, options.delimiter, options.tagging)
    yield from conll.read(_lines(file, encoding), layout, name, shown)


def _conllu(path: Path, options: Options) -> Read:
    return _named(path, _CONLLU, _universal)


def _universal(file: Path, shown: str, name: str) -> Read:
    encoding, losses = _encoding(file, shown)
    yield from losses
    yield from conllu.read(_lines(file, encoding), name, shown)


def _cas(path: Path, options: Options) -> Read:
    """CAS in JSON, and XMI with the TypeSystem.xml of its folder, or of the folder of all."""
    return each(path, _CAS, partial(_feature_structures, path))


def _feature_structures(path: Path, file: Path, shown: str) -> Read:
    raw = whole(file)
    content, encoding = text_of(raw)
    if encoding != "utf-8":
        raise FormatError(f"it is in {encoding}; save it as UTF-8")
    places = [folder / name for folder in (file.parent, path) for name in ("TypeSystem.xml", "typesystem.xml")]
    types = next((place for place in places if place.is_file()), None)
    foreign = cas.read(content, text_of(whole(types))[0] if types else None, stem(file.name)[0], shown)
    foreign.raw = raw
    yield foreign


def _encoding(file: Path, shown: str) -> tuple[str, list[Loss]]:
    """The encoding of a file of lines, looked for in all of it, and what is doubtful about it. Raises FormatError."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    start = b""
    done = 0
    for block in blocks(file):
        if len(start) < _SAMPLE:
            start += block
            if start[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
                raise FormatError("it is in UTF-16; save it as UTF-8")
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            near = (start + b"\n" + block[max(0, error.start - 2000) :])[: 2 * _SAMPLE]
            decoded = decode(near)
            if isinstance(decoded, NotText):
                raise FormatError(f"{decoded.detail} (near byte {done + error.start})") from None
            return decoded.encoding, [_doubtful(shown, _ACCENTS.format(decoded.encoding))]
        done += len(block)
    if decoder.getstate()[0]:
        return "utf-8", [_doubtful(shown, "it ends in the middle of a character: it was cut off, or damaged")]
    return "utf-8", []


def _doubtful(place: str, message: str) -> Loss:
    return Loss(kind="repaired", reason="encoding", place=place, message=message)


def _lines(file: Path, encoding: str) -> Iterator[str]:
    for number, line in enumerate(cut_lines(blocks(file))):
        if line is None:
            raise FormatError(f"line {number + 1} has more than {LARGEST >> 20} MB")
        text = line.decode(encoding, "replace")
        yield text.removeprefix("\ufeff") if number == 0 else text


# -- brat


def _brat(path: Path, options: Options) -> Read:
    """Pairs of `.txt` and `.ann` (or `.a1` and `.a2`), packed or not."""
    folder = path if path.is_dir() else path.parent
    pairs: dict[str, dict[str, list[Path]]] = {}
    for file in files_in(path, _BRAT) if path.is_dir() else files_beside(path, _BRAT):
        if isinstance(file, Loss):
            yield file
            continue
        base, ending = stem(file[0].relative_to(folder).as_posix())
        pairs.setdefault(base, {}).setdefault(ending, []).append(file[0])
    start = Path(path.resolve().name if path.is_dir() else "")
    for base, found in sorted(pairs.items()):
        yield from guarded((start / base).as_posix(), partial(_pair, found, base, (start / base).parent))


_BRAT = (".txt", ".ann", ".a1", ".a2")


def _pair(found: dict[str, list[Path]], name: str, inside: Path) -> Read:
    shown = {ending: (inside / files[0].name).as_posix() for ending, files in found.items()}
    if twice := next((files for files in found.values() if len(files) > 1), None):
        place, other = (inside / twice[0].name).as_posix(), twice[1].name
        yield refused(place, "twice", f"{other} beside it has the same name and ending; keep one of them")
        return
    annotations = [ending for ending in _BRAT[1:] if ending in found]
    if ".txt" not in found:
        yield refused(shown[annotations[0]], "no-text", f"there is no {Path(name).name}.txt beside it")
        return
    raw = whole(found[".txt"][0])
    text, encoding = text_of(raw)
    read_as = {".txt": encoding}
    lines = None
    for ending in annotations:
        content, read_as[ending] = text_of(whole(found[ending][0]))
        lines = (lines or []) + [line.removesuffix("\r") for line in content.split("\n")]
    for ending, encoding in read_as.items():
        if encoding != "utf-8":
            yield _doubtful(shown[ending], _ACCENTS.format(encoding))
    where = shown[annotations[0]] if annotations else ""
    foreign = brat.read(text, lines, name, shown[".txt"], where)
    foreign.raw = raw
    marked = "\ufeff" + text  # whose mark brat counts as a character
    if raw.startswith(codecs.BOM_UTF8) and not fits(foreign, text) and fits(foreign, marked):
        foreign.text = marked
    yield foreign


# -- datasets


def _hf(path: Path, options: Options) -> Read:
    """A dataset that `save_to_disk` wrote, with its splits, or one split of it."""
    shown = path.resolve().name
    if not is_text(shown):
        raise UsageError(f"{path}: its name is not UTF-8; rename it")
    yield from guarded(shown, partial(_splits, path, shown))


def _splits(path: Path, shown: str) -> Read:
    import datasets

    datasets.disable_progress_bars()
    try:
        found = datasets.load_from_disk(str(path))
    except Exception as error:  # whatever reading Arrow and JSON raises on what is no dataset
        raise FormatError(f"no dataset that save_to_disk wrote: {' '.join(str(error).split())[:200]}") from None
    splits = dict(found) if isinstance(found, datasets.DatasetDict) else {str(found.split or shown): found}
    for split, rows in splits.items():
        columns = hf.columns_of(rows.features.to_dict(), shown)
        extra = [name for name in rows.column_names if name not in (columns.tokens, columns.tags, columns.document)]
        for text in hf.read(rows, columns, split, shown):
            if isinstance(text, Foreign):
                text.left_out = (*text.left_out, *(f"column {name}" for name in extra))
            yield text


def _spacy(path: Path, options: Options) -> Read:
    return each(path, _SPACY, _docs)


def _docs(file: Path, shown: str) -> Read:
    yield from spacy.read(whole(file), shown)


# -- lines of JSON


_JSON = (".jsonl", ".json", ".ndjson")
_CAS, _CONLLU, _SPACY = (".json", ".xmi"), (".conllu",), (".spacy",)


def _json_lines(read_line: Callable[[bytes, str, int], Foreign], path: Path) -> Read:
    return each(path, _JSON, partial(_lines_of, read_line))


def _lines_of(read_line: Callable[[bytes, str, int], Foreign], file: Path, shown: str) -> Read:
    for number, raw in enumerate(cut_lines(blocks(file)), 1):
        place = f"{shown}:{number}"
        if raw is None:
            yield refused(place, "too-large", f"a line of more than {LARGEST >> 20} MB")
            continue
        line = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
        if not line.strip():
            continue
        try:
            yield read_line(line, shown, number)
        except (msgspec.MsgspecError, ExportError, UnicodeDecodeError, RecursionError) as error:
            yield refused(place, "json", str(error)[:300])


def _prodigy(path: Path, options: Options) -> Read:
    return _json_lines(prodigy.read, path)


def _doccano(path: Path, options: Options) -> Read:
    return _json_lines(partial(doccano_jsonl.read, scope=options.scope), path)


def _labelstudio(path: Path, options: Options) -> Read:
    """Arrays of tasks, one task at a time, or a task a line."""
    return each(path, _JSON, _tasks)


def _tasks(file: Path, shown: str) -> Read:
    for number, task in enumerate(json_items(blocks(file))):
        try:
            yield from labelstudio.read(task, shown, number)
        except (msgspec.ValidationError, FormatError, UnicodeEncodeError) as error:
            yield refused(f"{shown}#/{number}", "json", str(error)[:300])


ENDINGS = {"brat": _BRAT, "cas": _CAS, "conllu": _CONLLU, "spacy": _SPACY}
ENDINGS |= dict.fromkeys(("doccano", "labelstudio", "prodigy"), _JSON)
"""Format to the endings by which its files are known in a folder."""

READERS: dict[str, Callable[[Path, Options], Read]] = {
    "brat": _brat,
    "cas": _cas,
    "conll": _conll,
    "conllu": _conllu,
    "doccano": _doccano,
    "hf": _hf,
    "labelstudio": _labelstudio,
    "prodigy": _prodigy,
    "spacy": _spacy,
}
"""Format to what reads it."""
