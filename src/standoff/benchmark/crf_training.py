"""Trains a CRF on the sentences of a release's `ner` configuration: the same data make the same bytes."""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from standoff.benchmark.crf_features import features
from standoff.benchmark.crf_model import Header, TrainedOn, crfsuite, encode, is_model
from standoff.benchmark.data import check_files
from standoff.corpus.files import write_atomically
from standoff.errors import StandoffError, UsageError
from standoff.release import reading
from standoff.release.manifest import decode_manifest

_CONFIGURATION = "ner"
_PARAMETERS: dict[str, float | int | bool] = {
    "c1": 0.1,
    "c2": 0.1,
    "max_iterations": 100,
    "feature.possible_transitions": True,
}
"""Of L-BFGS (Nocedal 1980) with elastic-net regularization. It draws no lots, so it needs no seed."""


def train(
    release: Path, path: Path, split: str = "train", progress: Callable[[int], None] = lambda done: None
) -> Header:
    """Writes the model to `path`, and says what is in it. `progress` is told the iterations that are done.

    Raises UsageError for a folder that is no release, or a release without such sentences, and for a file at `path` that is
    something else than a model; StandoffError for a release whose files are not those of its manifest; PredictorError when the library is missing.
    """
    if path.exists() and not is_model(path):
        raise UsageError(f"{path}: this is something else than a model of `standoff train`; name another file")
    pycrfsuite = crfsuite()
    try:
        raw = (release / "manifest.json").read_bytes()
    except OSError:
        raise UsageError(
            f"{release}: no manifest.json there; name the folder of a release, as in dist/NAME/1.0.0"
        ) from None
    manifest = decode_manifest(raw, f"{release}/manifest.json")
    entry = manifest.configurations.get(_CONFIGURATION, {}).get(split)
    if entry is None:
        known = ", ".join(manifest.configurations.get(_CONFIGURATION, {})) or "none"
        raise UsageError(f"{release}: the configuration {_CONFIGURATION!r} has no split {split!r}; it has {known}")
    try:
        check_files(release, manifest, (f"data/{_CONFIGURATION}/",))
    except FileNotFoundError as error:
        raise StandoffError(f"{error.filename}: is missing; build or fetch the release again") from None
    columns = reading.features(release)[_CONFIGURATION]
    names = columns["ner_tags"]["feature"]["names"]
    trainer = _trainer(pycrfsuite, progress)
    sentences, seen = 0, set[int]()
    for row in reading.rows(release, _CONFIGURATION, split, ("tokens", "ner_tags")):
        if row["tokens"]:
            trainer.append(features(row["tokens"]), [names[tag] for tag in row["ner_tags"]])
            sentences += 1
            seen.update(row["ner_tags"])
    with tempfile.TemporaryDirectory() as folder:
        trainer.train(f"{folder}/weights")
        weights = Path(folder, "weights").read_bytes()
    header = Header(
        layer=next(name for name, column in columns.items() if _is_layer(column)),
        scheme=manifest.corpus.scheme,
        labels=tuple(name[2:] for tag, name in enumerate(names) if tag in seen and name.startswith("B-")),
        data=TrainedOn(
            release=manifest.name,
            version=manifest.version,
            split=split,
            sentences=sentences,
            content_sha256=entry.content_sha256,
        ),
        parameters=_PARAMETERS,
        crfsuite=pycrfsuite.CRFSUITE_VERSION,
        weights_sha256=hashlib.sha256(weights).hexdigest(),
    )
    write_atomically(path, encode(header, weights))
    return header


def _trainer(pycrfsuite: Any, progress: Callable[[int], None]) -> Any:
    class Trainer(pycrfsuite.Trainer):  # type: ignore[misc]
        def message(self, message: str) -> None:
            if self.logparser.feed(message) == "iteration":
                progress(self.logparser.last_iteration["num"])

    trainer = Trainer("lbfgs")
    trainer.set_params(_PARAMETERS)
    return trainer


def _is_layer(column: Any) -> bool:
    """Whether a column is that of the layer: a list of structs, which know whether they are in the tags."""
    item = column[0] if isinstance(column, list) else column.get("feature", {})
    return isinstance(item, dict) and "in_tags" in item
