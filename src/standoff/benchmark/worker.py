"""A model at work in a process of its own, so that its memory is measured and its crash is its alone.

`python -m standoff.benchmark.worker PIPE WATCHED` reads an `Order` from standard input, and writes lines to the pipe with the
first number: `Done` as it goes, and at the end `Finished` or `Failed`. It ends when nobody holds the other end of the second.
"""

import contextlib
import json
import re
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from msgspec import Struct

from standoff.benchmark.predict import Outcome, predict
from standoff.benchmark.predictor import Prediction, Predictor, Request, load
from standoff.corpus.files import write_atomically
from standoff.corpus.model import Document
from standoff.corpus.processes import end_with
from standoff.corpus.store import Store
from standoff.errors import StandoffError


class Settings(Struct, frozen=True, kw_only=True):
    """What a user sets: the seed, the model's options, and a label map in place of the model's own."""

    seed: int = 0
    options: dict[str, str] = {}
    labels: dict[str, str] | None = None


class Order(Struct, frozen=True, kw_only=True):
    """Which model is to predict which documents of the corpus at `root`, as whose sets."""

    root: str
    model: str
    annotator: str
    wanted: list[str]
    settings: Settings


class Speed(Struct, frozen=True, kw_only=True):
    """Seconds of waiting for the model's answers, and the greatest memory (bytes) of its process or one it started."""

    documents: int
    seconds: float
    peak_bytes: int


class Done(Struct, frozen=True, tag=True):
    """So many documents have their predictions."""

    documents: int


class Finished(Struct, frozen=True, tag=True, kw_only=True):
    """All of them, but for those that failed with a reason. `speed` is None when nothing had to be predicted."""

    version: str
    parameters: str
    layers: tuple[str, ...]
    failed: dict[str, str]
    left_out: dict[str, int]
    speed: Speed | None


class Failed(Struct, frozen=True, tag=True):
    """It can't go on, for a reason that a StandoffError gave, or because of a defect in the model."""

    reason: str
    exit_code: int


Message = Done | Finished | Failed


@dataclass(slots=True)
class _Timed:
    """A predictor, with the time that it takes and what goes in."""

    inner: Predictor
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)

    @property
    def version(self) -> str:
        return self.inner.version

    @property
    def layers(self) -> tuple[str, ...]:
        return self.inner.layers

    @property
    def labels(self) -> Mapping[str, str] | None:
        return self.inner.labels

    def predict(self, documents: Iterable[Document]) -> Iterator[Prediction]:
        answers = self.inner.predict(self._counted(documents))
        try:
            while True:
                before = time.perf_counter()
                try:
                    answer = next(answers)
                except StopIteration:
                    return
                finally:
                    self.seconds += time.perf_counter() - before
                yield answer
        finally:
            if close := getattr(answers, "close", None):
                close()

    def _counted(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            self.asked.append(document.id)
            yield document


class _Notes:
    """What was left out of the predictions of each document, kept beside them for the next run."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._noted: dict[str, dict[str, int]] = {}
        if path.exists():
            self._noted = msgspec.json.decode(path.read_bytes(), type=dict[str, dict[str, int]])
        self._seen = self._asked = 0

    def keep(self, outcome: Outcome, asked: list[str]) -> None:
        for document in asked[self._asked :]:
            self._noted.pop(document, None)
        for problem in outcome.problems[self._seen :]:
            if problem.severity == "warning":
                rules = self._noted.setdefault(problem.document, {})
                rules[problem.rule] = rules.get(problem.rule, 0) + 1
        self._asked, self._seen = len(asked), len(outcome.problems)
        write_atomically(self._path, msgspec.json.encode(self._noted))

    def total(self, wanted: Iterable[str]) -> dict[str, int]:
        found = Counter[str]()
        for document in wanted:
            found.update(self._noted.get(document, {}))
        return dict(sorted(found.items()))


def work(order: Order, tell: Callable[[Message], None]) -> Message:
    """Predicts what is ordered, and tells how far it is; what became of it. A defect of the model is among that."""
    store = Store(Path(order.root))
    seed, options, labels = order.settings.seed, order.settings.options, order.settings.labels
    parameters: dict[str, object] = {"seed": seed, **options, **({"labels": labels} if labels else {})}
    request = Request(argument=order.model.partition(":")[2], store=store, seed=seed, options=options)
    outcome = Outcome()
    try:
        timed = _Timed(load(order.model, request))
        notes = _Notes(store.root / ".standoff" / f"left-out-{order.annotator}.json")

        def progress(done: int) -> None:
            notes.keep(outcome, timed.asked)
            tell(Done(done))

        predict(
            store,
            order.model,
            timed,
            order.annotator,
            wanted=frozenset(order.wanted),
            parameters=parameters,
            labels=labels,
            progress=progress,
            outcome=outcome,
        )
    except StandoffError as error:
        return Failed(str(error), error.exit_code)
    except Exception as error:
        traceback.print_exc()
        return Failed(f"{type(error).__name__}: {error}", 3)
    return Finished(
        version=timed.version,
        parameters=json.dumps(parameters, sort_keys=True, ensure_ascii=False),
        layers=timed.layers,
        failed={one.document: one.message for one in outcome.problems if one.severity == "error"},
        left_out=notes.total(order.wanted),
        speed=Speed(documents=outcome.predicted, seconds=timed.seconds, peak_bytes=_peak())
        if outcome.predicted
        else None,
    )


def _peak() -> int:
    """Bytes: of this process, or of one that it started and that has ended."""
    unit = 1 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with contextlib.suppress(OSError):
        # On Linux the figure above includes what the process was started from.
        found = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
        own = int(found[1]) if found else own
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * unit


def main(pipe: int, watched: int) -> None:
    """Reads an order, and writes messages to the pipe."""
    end_with(watched)
    with open(pipe, "wb", buffering=0) as out:

        def tell(message: Message) -> None:
            out.write(msgspec.json.encode(message) + b"\n")

        tell(work(msgspec.json.decode(sys.stdin.buffer.read(), type=Order), tell))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
