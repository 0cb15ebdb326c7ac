"""Programs as models: what they say is taken, and whatever goes wrong with them is said, with what was predicted before kept."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmark.corpora import corpus
from command import standoff
from standoff.benchmark.predictor import Prediction, PredictorError, Request, load
from standoff.corpus.codec import encode
from standoff.corpus.model import By, Document, Extent, Section, Source
from standoff.corpus.state import DocumentState
from standoff.corpus.store import Store

GOOD = """
import json, sys
for line in sys.stdin:
    document = json.loads(line)
    start = document["text"].index("Anna")
    spans = [{"label": "PERSON", "start": start, "end": start + 4, "score": 0.9}]
    print(json.dumps({"id": document["id"], "spans": spans}), flush=True)
"""
IN_ONE_BATCH = """
import json, sys
lines = sys.stdin.readlines()
for line in lines:
    print(json.dumps({"id": json.loads(line)["id"], "spans": [{"label": "PERSON", "fragments": [[0, 4], [8, 11]]}]}))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "c"

    store = corpus(root)
    with store.lock():
        store.write([document(number) for number in range(200)])
    return root


def document(number: int) -> Document:
    text = f"😀 Hier is Anna Bos, nummer {number}."
    return Document(
        id=f"d{number:03}",
        language="nl",
        source=Source(file="x", sha256="0" * 64, license="unknown"),
        text=text,
        sections=(Section(kind="paragraph", start=0, end=len(text)),),
        sentences=(Extent(start=0, end=len(text)),),
    )


def program(tmp_path: Path, source: str) -> str:
    path = tmp_path / "model.py"
    path.write_text(source)
    return f"command:{sys.executable} {path}"


def predict(root: Path, model: str, *words: str, code: int = 0) -> dict[str, Any]:
    done = standoff("predict", model, "--set", "m", "--root", root, "--json", "--option", "layers=entities", *words)
    assert done.returncode == code, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def refused(root: Path, model: str, *words: str, code: int) -> str:
    done = standoff("predict", model, "--set", "m", "--root", root, "--option", "layers=entities", *words)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr.partition("It said:")[0]
    return done.stderr


def test_a_program_predicts_and_is_not_asked_twice(root: Path, tmp_path: Path) -> None:
    model = program(tmp_path, GOOD)
    first = predict(root, model)
    assert (first["predicted"], first["kept"], first["failed"], first["problems"]) == (200, 0, 0, [])
    made = Store(root).set("m", "d007")
    assert made is not None
    assert [span.text for span in made.spans] == ["Anna"]
    assert (made.kind, made.layers, made.provenance and made.provenance.model) == ("model", ("entities",), model)
    before = encode(made)
    second = predict(root, model)
    assert (second["predicted"], second["kept"]) == (0, 200)
    assert encode(Store(root).set("m", "d007")) == before  # type: ignore[arg-type]
    assert predict(root, model, "--option", "version=2")["predicted"] == 200
    assert standoff("validate", "--root", root).returncode == 0


def test_a_program_that_reads_all_before_it_answers(tmp_path: Path, root: Path) -> None:
    store = Store(root)
    predictor = load("command:x", Request(argument=program(tmp_path, IN_ONE_BATCH).partition(":")[2], store=store))
    few = [document(number) for number in range(20)]
    found = list(predictor.predict(few))
    assert [item.document for item in found] == [item.id for item in few]
    assert found[0].spans[0].fragments == ((0, 4), (8, 11))


WRONG = {
    "ends": ("import sys; sys.stdin.readline(); sys.exit('no memory left')", "no memory left"),
    "ends well": ("import sys; sys.stdin.readline()", "without an answer for 'd000'"),
    "garbage": (
        "import sys; sys.stdin.readline(); print('Loading model...', flush=True); sys.stdin.read()",
        "Loading model",
    ),
    "another document": (
        'import sys; sys.stdin.readline(); print(\'{"id": "zz"}\', flush=True); sys.stdin.read()',
        "'zz'",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_program_that_goes_wrong(root: Path, tmp_path: Path, kind: str) -> None:
    source, said = WRONG[kind]
    assert said in refused(root, program(tmp_path, source), code=3)


def test_what_was_predicted_before_a_crash_is_kept(root: Path, tmp_path: Path) -> None:
    crash = GOOD.replace("    start =", "    if document['id'] == 'd150': sys.exit('out of memory')\n    start =")
    said = refused(root, program(tmp_path, crash), code=3)
    assert "out of memory" in said
    there = len(list(Store(root).sets("m")))
    assert f"{there} documents predicted now, 0 before; run it again" in " ".join(said.split())
    assert 128 <= there <= 150
    assert predict(root, program(tmp_path, GOOD))["kept"] == there


def test_one_document_that_fails_and_answers_that_do_not_fit(root: Path, tmp_path: Path) -> None:
    source = GOOD.replace(
        "    print(",
        "    spans += [{'label': 'DWARF', 'start': 0, 'end': 1}, {'label': 'ORG', 'start': 90, 'end': 99}]\n"
        "    if document['id'] == 'd003':\n"
        "        print(json.dumps({'id': 'd003', 'error': 'too long'}), flush=True)\n"
        "        continue\n"
        "    print(",
    )
    found = predict(root, program(tmp_path, source), code=1)
    assert (found["predicted"], found["failed"]) == (199, 1)
    rules = [problem["rule"] for problem in found["problems"] if problem["document"] in {"d002", "d003"}]
    assert sorted(rules) == ["model-failure", "model-label", "model-offsets"]
    assert Store(root).set("m", "d003") is None
    (failure,) = [problem for problem in found["problems"] if problem["rule"] == "model-failure"]
    assert failure["message"] == "the model failed: too long; it gets no set"
    predict(root, program(tmp_path, GOOD))
    found = predict(root, program(tmp_path, source), "--option", "version=2", code=1)
    (failure,) = [problem for problem in found["problems"] if problem["rule"] == "model-failure"]
    assert failure["message"].startswith("the model failed: too long; what was predicted before stays (version ")


def test_killed_half_way_and_run_again(root: Path, tmp_path: Path) -> None:
    slow = GOOD.replace("    print(", "    if document['id'] == 'd130': import time; time.sleep(60)\n    print(")
    words = [sys.executable, "-m", "standoff", "predict", program(tmp_path, slow), "--set", "m", "--root", str(root)]
    process = subprocess.Popen([*words, "--option", "layers=entities"], stdout=subprocess.DEVNULL)
    folder = root / "corpus" / "annotations" / "m"
    while not folder.exists() or len(list(folder.glob("*.json"))) < 128:
        assert process.poll() is None
    process.kill()
    process.wait()
    found = predict(root, program(tmp_path, GOOD))
    assert (found["predicted"], found["kept"]) == (72, 128)


def test_wrong_use(root: Path, tmp_path: Path) -> None:
    model = program(tmp_path, GOOD)
    assert "there is no predictor 'oracle'" in refused(root, "oracle:x", code=2)
    assert "can't be started" in refused(root, "command:/no/such/program", code=3)
    assert "it takes layers, version" in refused(root, model, "--option", "layer=events", code=2)
    assert "it takes none" in refused(root, "rule:quotes", code=2)
    assert "never writes gold" in refused(root, model, "--set", "gold", code=2)
    assert "no layer 'dwarfs'" in refused(root, model, "--option", "layers=dwarfs", code=2)
    assert "NAME=VALUE" in refused(root, model, "--option", "fast", code=2)
    assert "`standoff split` deals documents" in refused(root, model, "--split", "validation", code=2)
    predict(root, model)
    assert f"not {model} again's" in refused(root, f"{model} again", code=1)


def test_label_maps(root: Path, tmp_path: Path) -> None:
    model = program(tmp_path, GOOD.replace("PERSON", "PER"))
    assert "can't be read as a label map" in refused(root, model, "--labels", str(tmp_path / "none.json"), code=2)
    (tmp_path / "map.json").write_text('{"PER": "PERSON"}')
    assert predict(root, model, "--labels", str(tmp_path / "map.json"))["problems"] == []


def test_the_program_is_stopped_when_nobody_listens_any_more(tmp_path: Path, root: Path) -> None:
    argument = program(tmp_path, GOOD).partition(":")[2]
    predictor = load("command:x", Request(argument=argument, store=Store(root)))
    answers = predictor.predict(document(number) for number in range(200))
    assert isinstance(next(answers), Prediction)
    answers.close()  # type: ignore[attr-defined]
    with pytest.raises(PredictorError):
        list(load("command:x", Request(argument="false", store=Store(root))).predict([document(1)]))


# Stands in for the library that the page's example loads, whose weights are on a hub.
GLINER = """
import re
print("Loading...")
class GLiNER:
    @classmethod
    def from_pretrained(cls, name):
        return cls()
    def predict_entities(self, text, labels, threshold):
        found = re.search("Anna", text)
        return [{"start": found.start(), "end": found.end(), "text": "Anna", "label": labels[0], "score": 0.9}]
"""


def test_the_example_in_the_docs_speaks_the_protocol(root: Path, tmp_path: Path, repository: Path) -> None:
    page = (repository / "docs" / "models.md").read_text(encoding="utf-8")
    (tmp_path / "gliner.py").write_text(GLINER)
    model = program(tmp_path, page.split("```python\n")[1].split("```")[0])
    (tmp_path / "map.json").write_text(page.split("echo '")[1].split("'")[0])
    assert predict(root, model, "--labels", str(tmp_path / "map.json"))["problems"] == []
    made = Store(root).set("m", "d100")
    assert made is not None
    assert [(span.text, span.label, span.score) for span in made.spans] == [("Anna", "PERSON", 0.9)]


def test_what_is_released_is_never_a_models(root: Path, tmp_path: Path) -> None:
    config = root / "corpus" / "corpus.toml"
    config.write_text(re.sub(r'set = "gold"', 'set = "final"', config.read_text()))
    assert "never writes final" in refused(root, program(tmp_path, GOOD), "--set", "final", code=2)
    assert not (root / "corpus" / "annotations" / "final").exists()
    assert "[release] set in corpus.toml" in refused(root, program(tmp_path, GOOD), "--set", "final", code=2)


def test_predictions_are_never_called_candidates(root: Path) -> None:
    done = standoff("predict", "command:./good-candidates", "--root", root, "--option", "layers=entities")
    assert done.returncode == 2
    assert "give another --set" in done.stderr


def test_what_people_corrected_is_not_predicted_over(root: Path, tmp_path: Path) -> None:
    model = program(tmp_path, GOOD)
    predict(root, model)
    store = Store(root)
    made = store.set("m", "d007")
    assert made is not None
    corrected = msgspec.structs.replace(made, spans=(), confirmed=(By(annotator="anna"),))
    with store.lock():
        store.write([corrected])
    assert "people confirmed" in refused(root, model, "--option", "version=2", code=1)
    assert store.set("m", "d007") == corrected
    assert predict(root, model)["kept"] == 200
    (store.folder / "splits.json").write_text('{"documents": {"d007": "train", "d100": "test"}}')
    assert predict(root, model, "--option", "version=2", "--split", "test")["predicted"] == 1
    assert store.set("m", "d007") == corrected
    # What somebody deleted in the page leaves no trace in the set, so that what is there counts as worked on.
    config = root / "corpus" / "corpus.toml"
    config.write_text(config.read_text() + '[doccano.check]\nset = "m"\n')
    with store.lock():
        store.write([msgspec.structs.replace(made, spans=())])
        store.write_document_states("check", [("m", "d007", DocumentState())])
    assert "is in the Doccano project check" in refused(root, model, "--option", "version=3", code=1)
    assert store.set("m", "d007") == msgspec.structs.replace(made, spans=())
