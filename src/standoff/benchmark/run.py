"""Measures models: each predicts in a process of its own and is scored; its result is kept beside the report."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from standoff import __version__
from standoff.benchmark.aside import BOARD, RESULTS, put_aside, refuse_others
from standoff.benchmark.data import Prepared, Source, prepare
from standoff.benchmark.leaderboard import Leaderboard, encode_leaderboard, leaderboard
from standoff.benchmark.measured import Data
from standoff.benchmark.predictor import safe_name
from standoff.benchmark.report import leaderboard_page, mistakes_page
from standoff.benchmark.results import Result, Stopped, check_same, decode_result, encode_result, score
from standoff.benchmark.worker import Done, Failed, Finished, Message, Order, Settings
from standoff.corpus.codec import sha256
from standoff.corpus.files import write_atomically
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.store import Store
from standoff.errors import EnvironmentFault, StandoffError, UsageError

_SHOWN = 2000
_LINES = 10
_GRACE = 10
_PLAIN = Settings()
Aside = Callable[[Data, Path], None]
_messages = msgspec.json.Decoder(Message)


def annotator_name(model: str) -> str:
    """What a model is called as an annotator, and where files are named after it; different for different models."""
    name = safe_name(model)
    return name if name == model.replace(":", "-", 1) else f"{name[:80].strip('-._')}-{sha256(model)[:8]}"


def earlier(out: Path, data: Data, models: Collection[str]) -> list[Result]:
    """Results in the folder of the report, without those of `models`, which are measured anew.

    Raises MixedError when one of them was measured on other data, and StandoffError for a file that is no result.
    """
    others = [result for result in _kept(out) if result.model not in models]
    check_same([*others, data])
    return others


def run(
    models: Sequence[str],
    source: Source,
    store: Store,
    out: Path,
    *,
    split: str,
    layers: Sequence[str],
    settings: Settings = _PLAIN,
    progress: Callable[[str, int, int], None] = lambda model, done, of: None,
    aside: Aside = lambda data, folder: None,
) -> Leaderboard:
    """Measures models in the corpus of `store`, and writes result after result and at the end the report below `out`.

    Raises UsageError, EnvironmentFault or StandoffError, after the worst of the reasons, when all of them stopped, and what
    `refuse_others`, `prepare` and `earlier` raise before any has begun. `progress` hears of a model, documents done, and of how many; `aside`
    of the data of a report that was there, and of the folder where it is now.
    """
    names = list(dict.fromkeys(models))
    stopped: list[Stopped] = []
    refuse_others(out)
    with store.lock():
        prepared = prepare(source, split, store)
        results = earlier(out, prepared.data, names)
        for model in names:
            found = measure(
                prepared, model, out, layers=layers, settings=settings, progress=partial(progress, model), aside=aside
            )
            if isinstance(found, Stopped):
                stopped.append(found)
            else:
                results.append(found)
    if len(stopped) == len(names):
        error = {2: UsageError, 3: EnvironmentFault}.get(max(one.exit_code for one in stopped), StandoffError)
        raise error("\n".join(f"{one.model} stopped: {one.reason}" for one in stopped))
    board = leaderboard(results, prepared.index, stopped=stopped, seed=settings.seed)
    write_atomically(out / BOARD, encode_leaderboard(board))
    write_atomically(out / "leaderboard.md", leaderboard_page(board).encode())
    write_atomically(out / "mistakes.md", mistakes_page(board).encode())
    return board


def measure(
    prepared: Prepared,
    model: str,
    out: Path,
    *,
    layers: Sequence[str],
    settings: Settings = _PLAIN,
    progress: Callable[[int, int], None] = lambda done, of: None,
    aside: Aside = lambda data, folder: None,
) -> Result | Stopped:
    """Predicts with one model what it has not predicted yet, scores it in these layers, and keeps the result under `out`.

    `aside` hears when a report on other data had to make room. Call it inside `prepared.store.lock()`. Raises StandoffError when predictions can't be read.
    """
    annotator = annotator_name(model)
    order = Order(
        root=str(prepared.store.root.absolute()),
        model=model,
        annotator=annotator,
        wanted=prepared.wanted,
        settings=settings,
    )
    found = _worked(order, lambda done: progress(done, len(prepared.wanted)))
    if isinstance(found, Failed):
        return Stopped(model=model, reason=found.reason, exit_code=found.exit_code)
    scored = score(_triples(prepared, annotator, found.failed), prepared.index, layers, found.layers)
    if not scored:
        return Stopped(model=model, reason=_no_layer(prepared, layers, found.layers), exit_code=1)
    result = Result(
        data=prepared.data,
        model=model,
        version=found.version,
        parameters=found.parameters,
        tool=f"standoff {__version__}",
        failed=tuple(sorted(found.failed)),
        left_out=found.left_out,
        layers=scored,
        speed=found.speed,
    )
    path = out / RESULTS / f"{annotator}.json"
    if found.speed is None and path.exists():
        before = decode_result(path.read_bytes(), str(path))
        if _measured_on(before) == _measured_on(result):
            result = replace(result, speed=before.speed)
    if moved := put_aside(out, prepared.data):
        aside(*moved)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, encode_result(result))
    return result


def _measured_on(result: Result) -> tuple[str, ...]:
    """Equal where the speed of one is that of the other: gold makes no difference."""
    return result.data.name, result.data.split, result.model, result.version, result.parameters


def _kept(out: Path) -> Iterator[Result]:
    for path in sorted((out / RESULTS).glob("*.json")):
        yield decode_result(path.read_bytes(), str(path))


def _no_layer(prepared: Prepared, layers: Sequence[str], own: Sequence[str]) -> str:
    return (
        f"it annotates {', '.join(own)}, and there is nothing to compare with that: {prepared.data.set} is asked for"
        f" {', '.join(layers)}, and no document of {prepared.data.split} has a layer in common"
    )


def _triples(
    prepared: Prepared, annotator: str, failed: Collection[str]
) -> Iterator[tuple[Document, AnnotationSet, AnnotationSet | None]]:
    """Each document of the split with gold and prediction; of one that failed not the set of an earlier version."""
    wanted = frozenset(prepared.wanted)
    for document, sets in prepared.store.together((prepared.data.set, annotator)):
        if document and document.id in wanted:
            yield document, sets[prepared.data.set], None if document.id in failed else sets.get(annotator)


def _worked(order: Order, progress: Callable[[int], None]) -> Finished | Failed:
    """What the process that does the work says of it, or what became of that process."""
    reading, writing = os.pipe()
    watched, held = os.pipe()
    with tempfile.TemporaryFile() as said, open(reading, "rb") as messages:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "standoff.benchmark.worker", str(writing), str(watched)],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                pass_fds=[writing, watched],
            )
        except BaseException:
            os.close(held)
            raise
        finally:
            os.close(writing)
            os.close(watched)
        last: Message | None = None
        try:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(msgspec.json.encode(order))
                process.stdin.close()
            for line in messages:
                last = _messages.decode(line)
                if not isinstance(last, Done):
                    break
                progress(last.documents)
        except BaseException:
            process.send_signal(signal.SIGINT)  # it keeps what it has
            raise
        finally:
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(held)
        if isinstance(last, Finished | Failed):
            return last
        said.seek(0)
        words = "\n".join(said.read()[-_SHOWN:].decode("utf-8", "replace").strip().splitlines()[-_LINES:])
        return Failed(f"{_end(process.returncode)}{f'. It said: {words}' if words else ''}", 3)


def _end(code: int) -> str:
    if code >= 0:
        return f"its process ended with exit code {code} in the middle of its work"
    name = signal.Signals(-code).name
    return f"its process was ended by {name}{', as happens when memory runs out' if name == 'SIGKILL' else ''}"
