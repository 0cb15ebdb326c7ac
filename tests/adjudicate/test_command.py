"""`standoff adjudicate` as it is run: by options, at a real terminal, killed half way."""

import json
import os
import pty
import select
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner

from command import standoff
from patience import PATIENCE
from standoff.cli import app
from standoff.corpus.model import AnnotationSet, By
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError

SEED = "000_31863ef30e6d4108"
PAIR = ("annotator-a", "annotator-b")


@pytest.fixture
def corpus(repository: Path, tmp_path: Path) -> Path:
    """The seed corpus without its gold set."""
    shutil.copytree(
        repository / "corpus", tmp_path / "corpus", ignore=shutil.ignore_patterns("gold", "decisions", "sync")
    )
    return tmp_path


def adjudicate(corpus: Path, *words: str, code: int = 0) -> Any:
    """The report of the command, run in this process: starting another one would take most of the time."""
    done = CliRunner().invoke(app, ["adjudicate", *PAIR, "--root", str(corpus), "--json", *words])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def gold(corpus: Path) -> AnnotationSet:
    found = Store(corpus).set("gold", SEED)
    assert found is not None
    return found


def change(corpus: Path, annotator: str, span: str, **changes: Any) -> None:
    """Edits a span of a set by hand."""
    store = Store(corpus)
    found = store.set(annotator, SEED)
    assert found is not None
    spans = tuple(msgspec.structs.replace(one, **changes) if one.id == span else one for one in found.spans)
    with store.lock():
        store.write([msgspec.structs.replace(found, spans=spans)])


def test_the_seed_corpus_comes_to_its_gold_but_for_names(corpus: Path, repository: Path) -> None:
    """The two annotators agree in all but five values: the names of two events, on two triggers each, and one entity."""
    report = adjudicate(corpus, code=1)
    (found,) = report["documents"]
    assert [(one["layer"], one["kinds"], one["text"]) for one in found["open"]] == [
        ("events", ["attribute"], "afgesproken"),
        ("events", ["attribute"], "overeenkomst"),
        ("events", ["attribute"], "telefoongesprek"),
        ("events", ["attribute"], "gesprek"),
        ("events", ["attribute"], "hun overeenkomst"),
    ]
    # what is settled by itself is written, and nothing else
    assert gold(corpus).layers == ("quotes",)
    adjudicate(corpus, "--take", "annotator-b", "--by", "cor", "--why", "one name for one event")
    made, committed = gold(corpus), Store(repository).set("gold", SEED)
    assert committed is not None
    assert made.kind == "adjudicated"
    assert made.layers == committed.layers
    assert {span.id: span for span in made.spans} == {span.id: span for span in committed.spans}
    assert {item.id: item for item in made.relations} == {item.id: item for item in committed.relations}
    assert made.provenance is not None
    assert made.provenance.parameters == '{"sets":["annotator-a","annotator-b"]}'
    decisions = Store(corpus).decisions("gold", SEED)
    assert decisions is not None
    assert {(one.by, one.why) for one in decisions.decisions} == {("cor", "one name for one event")}
    before = snapshot(corpus)
    assert adjudicate(corpus)["totals"] == {"documents": 1, "decided": 0, "open": 0, "written": 0}
    assert snapshot(corpus) == before
    assert standoff("validate", "--root", corpus).returncode == 0


def snapshot(corpus: Path) -> dict[str, bytes]:
    return {str(p.relative_to(corpus)): p.read_bytes() for p in (corpus / "corpus").rglob("*") if p.is_file()}


def test_a_list_changes_nothing(corpus: Path) -> None:
    before = snapshot(corpus)
    assert adjudicate(corpus, "--list")["totals"]["open"] == 5
    assert snapshot(corpus) == before


def test_a_changed_answer_is_asked_again(corpus: Path) -> None:
    adjudicate(corpus, "--take", "annotator-b")
    change(corpus, "annotator-a", "sfm7qs22h", attributes={"entity": "Akkoord van Parijs"})
    (found,) = adjudicate(corpus, code=1)["documents"]
    assert [one["text"] for one in found["open"]] == ["hun overeenkomst"]
    assert [one["layer"] for one in found["no_longer_applies"]] == ["events"]
    # gold stays as it was decided before
    assert gold(corpus).layers == ("entities", "quotes", "events")
    adjudicate(corpus, "--take", f"{found['open'][0]['question']}=annotator-a")
    assert {span.attributes.get("entity") for span in gold(corpus).spans if span.id == "sfm7qs22h"} == {
        "Akkoord van Parijs"
    }
    # and what no longer applied is forgotten
    (found,) = adjudicate(corpus)["documents"]
    assert found["no_longer_applies"] == []


def test_an_answer_is_changed_by_its_question(corpus: Path) -> None:
    (found,) = adjudicate(corpus, "--list")["documents"]
    question = found["open"][0]["question"]
    adjudicate(corpus, "--take", "annotator-b")
    adjudicate(corpus, "--take", f"{question}=annotator-a", "--why", "as the text says")
    decisions = Store(corpus).decisions("gold", SEED)
    assert decisions is not None
    assert [one.why for one in decisions.decisions if one.question == question] == ["as the text says"]
    assert next(span for span in gold(corpus).spans if span.id == "szzrgz5d2").attributes["event"] == "kaderafspraak"


def test_what_was_edited_by_hand_is_kept_or_replaced_when_told(corpus: Path) -> None:
    adjudicate(corpus, "--take", "annotator-b")
    change(corpus, "gold", "s3fcs2t59", label="LOC")
    edited = snapshot(corpus)
    # agreed with what is decided, nothing would be written, but it differs: left alone and told
    (found,) = adjudicate(corpus, code=1)["documents"]
    assert found["edited"] == ["entities"]
    assert snapshot(corpus) == edited
    adjudicate(corpus, "--keep-edits", SEED, "--by", "cor")
    assert next(span for span in gold(corpus).spans if span.id == "s3fcs2t59").label == "LOC"
    adjudicate(corpus)
    assert snapshot(corpus).keys() == edited.keys()
    change(corpus, "gold", "s3fcs2t59", label="ORG")
    adjudicate(corpus, code=1)
    adjudicate(corpus, "--overwrite", SEED)
    assert next(span for span in gold(corpus).spans if span.id == "s3fcs2t59").label == "LOC"


def test_wrong_words_say_what_to_do(corpus: Path) -> None:
    for words, code, says in (
        (("annotator-a",), 2, "needs two annotators"),
        (("annotator-a", "nobody"), 2, "no such annotator"),
        ((*PAIR, "--set", "annotator-a"), 2, "can't be one of the sets"),
        ((*PAIR, "--take", "q=nobody"), 2, "after `=` comes one of"),
        ((*PAIR, "--document", "other"), 1, "annotated a document of this id"),
        ((*PAIR, "--take", "s404"), 1, "nothing that is open"),
    ):
        done = CliRunner().invoke(app, ["adjudicate", *words, "--root", str(corpus)])
        error = done.exception
        found = error.exit_code if isinstance(error, StandoffError) else done.exit_code
        assert found == code, done.output
        assert says in " ".join(f"{done.output} {error}".split())


def test_without_a_terminal_it_says_why_nothing_was_asked(corpus: Path) -> None:
    done = CliRunner().invoke(app, ["adjudicate", *PAIR, "--root", str(corpus)])
    assert done.exit_code == 1
    assert "--take answers it" in " ".join(done.output.split())
    done = CliRunner().invoke(app, ["adjudicate", *PAIR, "--root", str(corpus), "--take", PAIR[0]])
    assert "--take answers it" not in " ".join(done.output.split())


# -- at a terminal


class Terminal:
    """A session of the real command at a pseudo-terminal."""

    def __init__(self, corpus: Path) -> None:
        self.screen = ""
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            words = ["standoff", "adjudicate", *PAIR, "--root", str(corpus), "--by", "cor"]
            os.environ.update({"TERM": "dumb", "COLUMNS": "200"})
            os.execv(sys.executable, [sys.executable, "-m", *words])

    def until(self, text: str) -> str:
        """What came up to this text, which has to come."""
        end = time.monotonic() + PATIENCE
        while text not in self.screen:
            assert time.monotonic() < end, self.screen
            if select.select([self._file], [], [], 0.2)[0]:
                try:
                    self.screen += os.read(self._file, 65536).decode()
                except OSError:
                    break
        before, found, self.screen = self.screen.partition(text)
        assert found, before
        return before

    def type(self, text: str) -> None:
        os.write(self._file, text.encode() + b"\r")

    def end(self) -> int:
        """Waits for it; its exit code."""
        while True:
            try:
                if not (more := os.read(self._file, 65536)):
                    break
                self.screen += more.decode()
            except OSError:
                break
        os.close(self._file)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def decided(corpus: Path) -> list[tuple[str | None, str | None]]:
    found = Store(corpus).decisions("gold", SEED)
    return [(one.by, one.why) for one in found.decisions] if found else []


def test_a_session_that_is_killed_loses_no_answer(corpus: Path) -> None:
    first = Terminal(corpus)
    asked = first.until("q: quit > ")
    assert "afgesproken" in asked
    assert "kaderafspraak" in asked
    assert "annotator-b" in asked
    first.type("2 the name that others use")
    assert "overeenkomst" in first.until("q: quit > ")
    first.type("nonsense")
    first.until("type the number")
    first.until("q: quit > ")
    first.type("2")
    first.until("q: quit > ")
    os.kill(first.pid, signal.SIGKILL)
    assert first.end() == -signal.SIGKILL
    assert decided(corpus) == [("cor", "the name that others use"), ("cor", None)]
    # again: it asks only what is open, can put off and quit
    second = Terminal(corpus)
    assert "telefoongesprek" in second.until("q: quit > ")
    second.type("s")
    second.until("q: quit > ")
    second.type("q")
    assert second.end() == 1
    assert "3 open" in second.screen
    assert gold(corpus).layers == ("quotes",)
    third = Terminal(corpus)
    for _ in range(3):
        third.until("q: quit > ")
        third.type("2")
    assert third.end() == 0
    assert len(decided(corpus)) == 5
    assert gold(corpus).layers == ("entities", "quotes", "events")


def test_where_the_user_has_no_name_it_is_asked_for(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs as a number."""
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    adjudicate(corpus, "--list")
    done = CliRunner().invoke(app, ["adjudicate", *PAIR, "--root", str(corpus), "--take", "annotator-a"])
    assert isinstance(done.exception, UsageError)
    assert "--by NAME" in str(done.exception)
    adjudicate(corpus, "--take", "annotator-a", "--by", "cor")


def test_what_a_curator_excludes_is_not_adjudicated(corpus: Path) -> None:
    (corpus / "corpus" / "overrides.toml").write_text(
        f'["{SEED}"]\nexclude = true\nreason = "Its publisher asked for it."\n'
    )
    done = standoff("adjudicate", *PAIR, "--root", corpus)
    assert done.returncode == 1
    assert "excludes (1)" in done.stderr
    report = adjudicate(corpus, "--document", SEED, code=1)
    assert (report["excluded"], report["documents"]) == (1, [])
    assert "take that out to adjudicate it" in report["skipped"][0]["reason"]
    assert not (corpus / "corpus" / "annotations" / "gold").exists()


def test_what_is_written_anew_is_confirmed_by_nobody(corpus: Path) -> None:
    adjudicate(corpus, "--take", "annotator-b")
    store = Store(corpus)
    with store.lock():
        store.write([msgspec.structs.replace(gold(corpus), confirmed=(By(annotator="cor"),))])
    (found,) = adjudicate(corpus)["documents"]
    assert (found["written"], found["unconfirmed"]) == (False, False)
    assert gold(corpus).confirmed
    question = json.loads((corpus / "corpus" / "decisions" / "gold" / f"{SEED}.json").read_text())["decisions"][0]
    (found,) = adjudicate(corpus, "--take", f"{question['question']}=annotator-a")["documents"]
    assert (found["written"], found["unconfirmed"]) == (True, True)
    assert gold(corpus).confirmed == ()
