"""An import: the source is surveyed, its scheme inferred or compared, its texts written, every loss told."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from standoff.corpus.config import excluded
from standoff.corpus.files import write_many
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.processes import without_collector
from standoff.corpus.scaffold import Start, corpus_name, scaffold
from standoff.corpus.scheme import Scheme, SchemeIndex, index, read_scheme
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.exchange.convert import Converted, Setting, convert
from standoff.exchange.files import files_in
from standoff.exchange.inference import Survey, attribute_name, infer, to_toml
from standoff.exchange.items import is_text
from standoff.exchange.new import is_free, made_aside
from standoff.exchange.sources import DETECTED, ENDINGS, Options, read
from standoff.formats.doccano import scope
from standoff.formats.foreign import Foreign, Loss, shown
from standoff.normalize.duplicates import Holdings
from standoff.normalize.language import identify
from standoff.normalize.readers import stem
from standoff.normalize.records import Normalized
from standoff.text.clean import LoneSurrogateError, clean

_BATCH = 500
_BATCH_CHARACTERS = 8 << 20
_KEPT = 64 << 20
_SPAN_SIZE = 1000
_GUIDELINES = b"# Guidelines\n\nHow the labels of `scheme.toml` are used: nothing was imported about it.\n"


class Report(Struct, kw_only=True):
    """What an import did. `changes` counts the places that cleaning changed, by kind, and `moved` the spans that it moved;
    `left_out` counts what the source states and no document or set has a place for; `scheme` is the scheme's version, and
    `renamed` attributes with their names here. `confidence` is that in the language of a new corpus, 0 to 1; None when it was not
    told from the texts. `weak` are documents of a corpus of several languages whose own is a weak guess."""

    format: str
    root: str
    made: bool = False
    scheme: str = ""
    language: str = ""
    confidence: float | None = None
    texts: int = 0
    created: int = 0
    unchanged: int = 0
    sets: int = 0
    spans: int = 0
    relations: int = 0
    labels: dict[str, int] = {}
    changes: dict[str, int] = {}
    moved: int = 0
    renamed: dict[str, str] = {}
    weak: list[str] = []
    left_out: dict[str, int] = {}
    losses: list[Loss] = []

    @property
    def refused(self) -> int:
        """The number of things that are not there because they were wrong."""
        return sum(loss.kind == "refused" for loss in self.losses)


class Refused(StandoffError):
    """A strict import or export that would lose, repair or refuse something; nothing was written."""

    def __init__(self, losses: list[Loss]) -> None:
        first = losses[0]
        super().__init__(
            f"{len(losses)} losses, and --strict refuses them all; nothing was written. The first: {first.place}:"
            f" {first.kind}: {first.message}. Run it without --strict into another folder to see them all"
        )
        self.losses = losses


def import_(
    format_: str,
    path: Path,
    root: Path,
    *,
    scheme: Path | None = None,
    set_name: str | None = None,
    license_: str | None = None,
    strict: bool = False,
    options: Options = DETECTED,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Imports what is at `path` into the corpus at `root`, which is made when there is nothing yet.

    A new corpus gets the scheme in the file `scheme`, or one inferred from the source; an old one keeps its own. Texts that
    the corpus has already get sets, and stay as they are. A new corpus is made aside and renamed when it is whole.
    Raises UsageError, ConfigError, SchemeError, and Refused.
    """
    new = is_free(root)
    if not new and scheme is not None:
        raise UsageError(
            f"--scheme: {root} has a scheme already, which holds; leave it out, or import into a new folder"
        )
    store = None if new else Store(root)
    given = store.scheme if store else read_scheme(scheme) if scheme else None
    if given is not None:
        options = replace(options, scope=scope(index(given), ()))
    source = _Source(format_, path, options)
    survey = source.survey
    losses = [] if survey.texts else [item for item in source if isinstance(item, Loss)]
    if not survey.texts and (new or not losses):
        endings = ENDINGS.get(format_, ())
        if losses:
            why = f"{losses[0].place}: {losses[0].message}"
        elif endings and not (any(files_in(path, endings)) if path.is_dir() else stem(path.name)[1] in endings):
            why = f"no file there ends in {', '.join(endings)}"
        else:
            why = "there is nothing in it"
        raise StandoffError(f"{path}: no {format_} text can be read here: {why}")
    name = corpus_name(root.resolve().name)
    used = given or infer(survey, name)
    language, confidence = ("", None) if store else _language(survey)
    languages = store.config.corpus.languages if store else (language,)
    setting = _setting(format_, used, survey, languages, set_name, store, license_)
    inside = path.resolve().parent if path.is_dir() else path.parent.resolve()
    if inside.is_relative_to(root.resolve()):
        folder = (inside.relative_to(root.resolve()).as_posix() + "/").removeprefix("./")
        if not is_text(folder):
            raise UsageError(f"{inside}: its name is not UTF-8, which no document can state as its source; rename it")
        setting = replace(setting, folder=folder)

    def run(into: Store, *, dry: bool = False) -> Report:
        with into.lock():
            here = _Run(into, setting, dry=dry)
            here.report.made, here.report.root = new, str(root)
            here.report.language = languages[0] if len(languages) == 1 else ""
            here.report.confidence = confidence
            here.report.renamed = _renamed(survey, setting.scheme)
            with without_collector():
                here.over(source, progress)
        if strict and here.report.losses:
            raise Refused(here.report.losses)
        return here.report

    if store is not None:
        if strict:
            run(store, dry=True)
        return run(store)
    with made_aside(root) as aside:
        content = scheme.read_bytes() if scheme else to_toml(used).encode()
        start = Start(content, [layer.name for layer in used.layers], languages, _GUIDELINES)
        write_many([(aside / part, content) for part, content in scaffold(name, start).items()])
        report = run(Store(aside))
        if not report.created:  # a corpus of nothing, with a scheme of nothing, would be in the way of the next try
            refused = [loss for loss in report.losses if loss.kind == "refused"]
            raise StandoffError(f"{path}: none of its texts can be imported: {refused[0].place}: {refused[0].message}")
        return report


class _Source:
    """What is at a path, surveyed when this is made: kept in memory if it is small, else read anew each time."""

    def __init__(self, format_: str, path: Path, options: Options) -> None:
        self.read = partial(read, format_, path, options)
        self.survey = Survey()
        kept: list[Foreign | Loss] = []
        size = 0
        for item in self.read():
            if isinstance(item, Foreign):
                self.survey.add(item)
                size += len(item.text) + _SPAN_SIZE * len(item.spans)
            if size <= _KEPT:
                kept.append(item)
        self.kept = kept if size <= _KEPT else None

    def __iter__(self) -> Iterator[Foreign | Loss]:
        return self.read() if self.kept is None else iter(self.kept)


def _language(survey: Survey) -> tuple[str, float | None]:
    """The language of a source, and the confidence in it, None when the source states it."""
    if survey.languages:
        return survey.languages.most_common(1)[0][0], None
    return identify(survey.sample)


def _setting(
    format_: str,
    scheme: Scheme,
    survey: Survey,
    languages: tuple[str, ...],
    set_name: str | None,
    store: Store | None,
    license_: str | None,
) -> Setting:
    known = index(scheme)
    seen = {known.span_layer.get(label) for label in survey.spans}
    seen |= {known.relation_layer.get(label) for label in survey.relations}
    allowed = (store.config.corpus.layers if store else ()) or tuple(known.layers)
    layers = tuple(layer for layer in known.layers if layer in allowed and (layer in seen or not survey.spans))
    return Setting(
        format=format_,
        scheme=known,
        layers=layers,
        unannotated=frozenset(known.layers) - frozenset(allowed),
        languages=languages,
        license=license_ or (store.config.corpus.licenses.texts if store else None),
        set_name=set_name,
        released=store.config.release.set if store else "gold",
        overrides=store.overrides() if store else {},
    )


def _renamed(survey: Survey, scheme: SchemeIndex) -> dict[str, str]:
    """Attributes with their names here, where these are others. A scheme that was given may have the source's own."""
    return {
        shown(name): ours
        for name in sorted(survey.stated - scheme.attributes.keys())
        if (ours := attribute_name(name)) != name and ours in scheme.attributes
    }


class _Run:
    """The state of one import: what the corpus holds, and the report."""

    def __init__(self, store: Store, setting: Setting, *, dry: bool) -> None:
        self.store = store
        self.dry = dry
        self.setting = setting
        self.holdings = Holdings(store)
        self.report = Report(format=setting.format, root="", scheme=setting.scheme.scheme.version)
        self.labels: Counter[str] = Counter()
        self.changes: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.annotated: dict[str, set[str]] = {}
        """Annotator to the documents of which there is a set, or is going to be."""
        self.called: set[str] = set()
        """What was told of names of annotators."""
        self.documents: list[Document] = []
        self.sets: list[AnnotationSet] = []
        self.size = 0

    def over(self, items: Iterable[Foreign | Loss], progress: Callable[[int], None]) -> None:
        report = self.report
        for item in items:
            if isinstance(item, Loss):
                report.losses.append(item)
                continue
            report.texts += 1
            self.left_out.update(item.left_out)
            found = convert(item, self.setting, None if item.name else self._holder(item.text))
            if isinstance(found, Loss):
                report.losses.append(found)
                continue
            # Who is called otherwise here is told once, not at each of the texts.
            report.losses += [
                loss for loss in found.losses if loss.reason != "annotator" or loss.message not in self.called
            ]
            self.called.update(loss.message for loss in found.losses if loss.reason == "annotator")
            self._take(found, item)
            if len(self.sets) + len(self.documents) >= _BATCH or self.size >= _BATCH_CHARACTERS:
                self._write()
                progress(report.texts)
        self._write()
        report.labels = dict(sorted(self.labels.items(), key=lambda item: (-item[1], item[0])))
        report.changes = dict(sorted(self.changes.items()))
        report.left_out = {shown(name): count for name, count in sorted(self.left_out.items())}
        report.losses = [
            replace(loss, document=shown(loss.document), place=shown(loss.place), message=shown(loss.message))
            for loss in report.losses
        ]

    def _holder(self, raw: str) -> str | None:
        try:
            return self.holdings.holder(clean(raw).text)
        except LoneSurrogateError:
            return None

    def _take(self, found: Converted, item: Foreign) -> None:
        document, annotations = found.document, found.annotations
        if self.holdings.holds(document.id):
            if self.holdings.holder(document.text) != document.id:
                message = f"the corpus has another text with the id {document.id!r}; rename one of them"
                self._refuse("duplicate-id", item, document.id, message)
                return
            self.report.unchanged += 1
        elif document.id in excluded(self.setting.overrides):
            self._refuse("excluded", item, document.id, "corpus/overrides.toml excludes it; take that out to import it")
            return
        else:
            normalized = Normalized(document=document, encoding="utf-8", changes={})
            if problem := self.holdings.take(normalized):
                remedy = "; call this one so too to give that another set" if problem[0] == "duplicate-text" else ""
                self._refuse(problem[0], item, document.id, problem[1] + remedy)
                return
            self.changes.update(found.changes)
            self.documents.append(document)
            self.report.created += 1
            self.report.weak += [document.id] if found.weak else []
        if annotations is None:
            return
        if annotations.annotator not in self.annotated:
            self.annotated[annotations.annotator] = set(self.store.annotated(annotations.annotator))
        annotated = self.annotated[annotations.annotator]
        if document.id in annotated:
            message = f"it has a set {annotations.annotator!r} already, which stays; import into another with --set"
            self._refuse("set-exists", item, document.id, message)
            return
        annotated.add(document.id)
        self.sets.append(annotations)
        self.size += len(document.text)
        self.report.moved += found.moved
        self.report.sets += 1
        self.report.spans += len(annotations.spans)
        self.report.relations += len(annotations.relations)
        self.labels.update([span.label for span in annotations.spans])
        self.labels.update([relation.label for relation in annotations.relations])

    def _refuse(self, reason: str, item: Foreign, id_: str, message: str) -> None:
        self.report.losses.append(Loss(kind="refused", reason=reason, document=id_, place=item.place, message=message))

    def _write(self) -> None:
        if not self.dry:
            self.store.write(self.documents)
            self.store.write(self.sets)
        self.documents, self.sets, self.size = [], [], 0
