"""Raw texts to outcomes in several processes, in the order of the texts whatever the number of processes."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from standoff.corpus.files import fault
from standoff.corpus.processes import batches, end_with_parent, results
from standoff.normalize.article import normalize
from standoff.normalize.records import Normalized, Raw, Rejected, Setting

PATIENCE = 1.0
"""Seconds of work after which processes are started: starting them costs about as much."""
_BATCH = 250
_BATCH_BYTES = 4 << 20

Outcome = Normalized | Rejected

# Several times quicker than pickling all the extents of a document.
_Batch = list[tuple[Normalized | None, Rejected | None]]
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Batch)


def outcomes(raws: Iterator[Raw | Rejected], setting: Setting, jobs: int) -> Iterator[Outcome]:
    """What becomes of each text, in order. Only a few batches of texts are in memory at a time.

    Raises UsageError as `normalize` does, and EnvironmentFault when one of the processes is killed.
    """
    began = time.perf_counter()
    for raw in raws:
        yield _outcome(raw, setting)
        if jobs > 1 and time.perf_counter() - began > PATIENCE:
            break
    else:
        return
    with tempfile.TemporaryDirectory(prefix="standoff-") as folder:
        for file in results(
            _work, batches(raws, _size, _BATCH, _BATCH_BYTES), 2 * jobs, jobs, _start, (setting, folder)
        ):
            found = _decoder.decode(Path(file).read_bytes())
            Path(file).unlink()
            for normalized, rejected in found:
                if outcome := normalized or rejected:
                    yield outcome


def _size(raw: Raw | Rejected) -> int:
    return len(raw.content) if isinstance(raw, Raw) else 0


_setting = Setting()
_folder = ""


def _start(setting: Setting, folder: str) -> None:
    global _setting, _folder  # set once in each process, so that they do not travel with every batch
    _setting, _folder = setting, folder
    end_with_parent()


def _work(batch: list[Raw | Rejected]) -> str:
    """The name of the file that holds what became of these texts. Raises EnvironmentFault when there is no room for it."""
    found = (_outcome(raw, _setting) for raw in batch)
    encoded = _encoder.encode([(one, None) if isinstance(one, Normalized) else (None, one) for one in found])
    try:
        handle, file = tempfile.mkstemp(dir=_folder)
        with os.fdopen(handle, "wb") as opened:
            opened.write(encoded)
    except OSError as error:
        raise fault(error, Path(_folder)) from None
    return file


def _outcome(raw: Raw | Rejected, setting: Setting) -> Outcome:
    return raw if isinstance(raw, Rejected) else normalize(raw, setting)
