"""`command:PROGRAM`: any model in any environment, through JSON lines on its standard input and output.

Each document goes to the program as one line, `{"id", "language", "text", "sentences": [{"start", "end"}, ...]}`, and for
each the program writes one line, in the same order: `{"id", "spans": [{"label", "start", "end"}, ...], "relations": [...]}`.
Offsets are code points, half-open; a discontinuous span has `"fragments": [[start, end], ...]` in place of `start` and `end`;
spans may have `"attributes"` and `"score"`; a relation has `"label"`, and `"head"` and `"tail"`, places in the list of spans.
`{"id", "error": "..."}` says that it failed on one document. What it writes to standard error is shown when it ends badly.
"""

import contextlib
import shlex
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

import msgspec
from msgspec import Struct

from standoff.benchmark.predictor import FoundRelation, FoundSpan, Prediction, PredictorError, Request
from standoff.corpus.model import Document
from standoff.corpus.scheme import index
from standoff.errors import UsageError

_AHEAD = 64
"""So many documents may be sent before the first answer is there: a program may work in batches."""
_SHOWN = 2000


class _Span(Struct, kw_only=True):
    label: str
    start: int | None = None
    end: int | None = None
    fragments: tuple[tuple[int, int], ...] = ()
    attributes: dict[str, str] = {}
    score: float | None = None


class _Answer(Struct, kw_only=True):
    id: str
    spans: tuple[_Span, ...] = ()
    relations: tuple[FoundRelation, ...] = ()
    error: str | None = None


_answer = msgspec.json.Decoder(_Answer)


class Command:
    """A program that predicts. Options: `layers` (comma-separated; all by default) and `version`."""

    labels: Mapping[str, str] | None = None

    def __init__(self, words: list[str], layers: tuple[str, ...], version: str) -> None:
        self.layers = layers
        self.version = version
        self._words = words
        self._name = f"command:{shlex.join(words)}"

    def predict(self, documents: Iterable[Document]) -> Iterator[Prediction]:
        """One prediction for each document, in order. Raises PredictorError when the program ends or talks nonsense."""
        with tempfile.TemporaryFile() as errors:
            yield from self._exchange(self._start(errors), documents, errors)

    def _start(self, errors: IO[bytes]) -> "subprocess.Popen[bytes]":
        try:
            return subprocess.Popen(
                self._words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, start_new_session=True
            )
        except OSError as error:
            raise PredictorError(f"{self._name} can't be started: {error.strerror}") from None

    def _exchange(
        self, program: "subprocess.Popen[bytes]", documents: Iterable[Document], errors: IO[bytes]
    ) -> Iterator[Prediction]:
        stdin, stdout = program.stdin, program.stdout
        assert stdin is not None
        assert stdout is not None
        waiting: deque[str] = deque()
        room = threading.Semaphore(_AHEAD)
        failed: list[BaseException] = []
        ended = threading.Event()

        def send() -> None:
            try:
                for document in documents:
                    room.acquire()
                    if ended.is_set():
                        return
                    waiting.append(document.id)
                    stdin.write(_line(document))
                    stdin.flush()
            except BrokenPipeError:
                pass  # it ended: the reader says so
            except BaseException as error:
                failed.append(error)
            finally:
                with contextlib.suppress(BrokenPipeError):
                    stdin.close()

        sender = threading.Thread(target=send, daemon=True)
        try:
            sender.start()
            for raw in stdout:
                if not waiting:
                    raise self._wrong(f"an answer that nobody asked for: {_short(raw)}")
                yield self._prediction(raw, waiting.popleft())
                room.release()
            ended.set()
            room.release()
            program.wait()
            if program.returncode:
                raise self._wrong(f"it ended with exit code {program.returncode}", errors)
            sender.join()
            if failed:
                raise failed[0]
            if waiting:
                raise self._wrong(f"it ended without an answer for {waiting[0]!r}", errors)
        finally:
            program.kill()
            program.wait()

    def _prediction(self, raw: bytes, expected: str) -> Prediction:
        try:
            answer = _answer.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise self._wrong(f"a line that can't be read for {expected!r} ({error}): {_short(raw)}") from None
        if answer.id != expected:
            raise self._wrong(f"an answer for {answer.id!r} where {expected!r} is next")
        return Prediction(
            document=expected,
            spans=tuple(map(_span, answer.spans)),
            relations=answer.relations,
            failure=answer.error,
        )

    def _wrong(self, what: str, errors: IO[bytes] | None = None) -> PredictorError:
        said = ""
        if errors is not None:
            errors.seek(0)
            said = errors.read()[-_SHOWN:].decode("utf-8", "replace").strip()
        return PredictorError(f"{self._name}: {what}{f'. It said: {said}' if said else ''}")


def load(request: Request) -> Command:
    """`command:PROGRAM WORDS...`, split as a shell would. Raises UsageError."""
    try:
        words = shlex.split(request.argument)
    except ValueError as error:
        raise UsageError(f"command:{request.argument}: {error}") from None
    if not words:
        raise UsageError("command: needs a program, as in 'command:python my_model.py'")
    layers = request.layers(",".join(index(request.store.scheme).layers))
    return Command(words, layers, request.option("version", "1"))


def _span(span: _Span) -> FoundSpan:
    fragments = span.fragments
    if not fragments and span.start is not None and span.end is not None:
        fragments = ((span.start, span.end),)
    return FoundSpan(label=span.label, fragments=fragments, attributes=span.attributes, score=span.score)


def _line(document: Document) -> bytes:
    contents: dict[str, Any] = {
        "id": document.id,
        "language": document.language,
        "text": document.text,
        "sentences": [{"start": sentence.start, "end": sentence.end} for sentence in document.sentences],
    }
    return msgspec.json.encode(contents) + b"\n"


def _short(raw: bytes) -> str:
    shown = raw[:200].decode("utf-8", "replace").strip()
    return shown + ("..." if len(raw) > 200 else "")
