"""The file of a CRF: one line of JSON that says what it is and what it was trained on, then the weights as CRFsuite writes them.

Loading it runs nothing: there is no pickle in it.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from standoff.benchmark.crf_features import FEATURES
from standoff.benchmark.predictor import PredictorError
from standoff.corpus.model import Name, Sha256
from standoff.errors import StandoffError, how_to_install

_MAGIC = b"lCRF"
_START = b'{"standoff_crf":'
_LONGEST_HEADER = 1 << 20


class TrainedOn(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The release and the split that a model learned from."""

    release: str
    version: str
    split: str
    sentences: int
    content_sha256: Annotated[Sha256, Meta(description="Of the split's rows, as the release's manifest states it.")]


class Header(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What stands in the first line of a model's file."""

    standoff_crf: Literal[1] = 1
    features: int = FEATURES
    layer: Name
    scheme: Name
    labels: Annotated[tuple[Name, ...], Meta(description="All that it can say, in the order of the scheme.")]
    data: TrainedOn
    parameters: dict[str, float | int | bool]
    crfsuite: str
    weights_sha256: Sha256


def is_model(path: Path) -> bool:
    """Whether this is the file of a CRF, sound or not."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_START)) == _START


def crfsuite() -> Any:
    """The library. Raises PredictorError when it is not installed."""
    try:
        import pycrfsuite
    except ImportError:
        raise PredictorError(f"a CRF needs the package python-crfsuite; {how_to_install('crf')}") from None
    return pycrfsuite


def encode(header: Header, weights: bytes) -> bytes:
    """The file of a model."""
    return msgspec.json.encode(header) + b"\n" + weights


def read(path: Path) -> tuple[Header, bytes]:
    """What a model's file holds. Raises StandoffError when it is none, is damaged, or needs other features than ours."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise StandoffError(f"{path}: the model can't be read: {error.strerror}") from None
    line, _, weights = raw.partition(b"\n")
    if not raw.startswith(b"{") or len(line) > _LONGEST_HEADER:
        raise StandoffError(f"{path}: this is no model of `standoff train crf`")
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StandoffError(f"{path}: this is no model of `standoff train crf` ({error})") from None
    if not weights.startswith(_MAGIC) or hashlib.sha256(weights).hexdigest() != header.weights_sha256:
        raise StandoffError(f"{path}: the weights are damaged; train the model again, or fetch it again")
    if header.features != FEATURES:
        raise StandoffError(
            f"{path}: it was trained on features of version {header.features}, and these are of version {FEATURES};"
            " train it again with `standoff train crf`"
        )
    return header, weights
