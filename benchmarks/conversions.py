"""Conversions that others do too, of the same files in the same direction: spaCy's converter, Label Studio's SDK converter.

CoNLL to spaCy's or our documents, and Label Studio's JSON to CoNLL-2003, the one conversion that the SDK has in common with us:
it imports pictures alone and knows no brat. Ours cleans and checks texts, finds sentences and infers a scheme on the way. Each runs in a process of its own in `.venv-models`, ours too, and only its conversion
is measured: all imports are done before, and a first small conversion, that loads what is loaded late. Processor time, the best of
three, ours and theirs in turn.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import synthetic
from standoff.formats import labelstudio

ROUNDS = 3
ARTICLES = 500
DATA = Path(os.environ.get("STANDOFF_DATA", synthetic.REPOSITORY.parent / "shared" / "data"))


def main(articles: int = ARTICLES) -> None:
    """Prints a line for each conversion, then the ratio of the times."""
    python = subprocess.run(
        [sys.executable, str(synthetic.REPOSITORY / "scripts" / "models_environment.py")],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.strip()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        corpus = DATA / "conll2002-nl" / "train.conllu"
        if corpus.exists():
            path = folder / "train.conll"
            path.write_text("\n".join(_token_and_tag(line) for line in corpus.read_text("utf-8").split("\n")), "utf-8")
            _compare(python, path, "sentences", ("conll-read", "spacy-docs"), ("conll-import", "spacy-convert"))
        else:
            print(f"no CoNLL-2002 in {DATA}; set STANDOFF_DATA")
        path = folder / "tasks.json"
        path.write_text(json.dumps(list(map(_task, range(articles), synthetic.records(articles)))), "utf-8")
        _compare(
            python, path, "articles", ("labelstudio-conll", "sdk-conll"), ("labelstudio-corpus-conll", "sdk-conll")
        )


def _token_and_tag(line: str) -> str:
    """Without its index, which spaCy would take for the token."""
    return " ".join(line.split("\t")[1:])


def _task(number: int, pair: tuple[object, object]) -> object:
    """As Label Studio exports it: with the number of its annotator; regions with labels alone."""
    document, annotations = pair
    task = json.loads(labelstudio.write(document, annotations, number, {}).content)  # type: ignore[arg-type]
    regions = [result for result in task["annotations"][0]["result"] if result["type"] == "labels"]
    task["annotations"][0] |= {"completed_by": 1, "result": regions}
    return task


def _compare(python: str, path: Path, unit: str, *pairs: tuple[str, str]) -> None:
    for ours, theirs in pairs:
        runs = [(_run(python, ours, path), _run(python, theirs, path)) for _ in range(ROUNDS)]
        best = [min(side, key=lambda run: run["seconds"]) for side in zip(*runs, strict=True)]
        for kind, run in zip((ours, theirs), best, strict=True):
            speed = run["number"] / run["seconds"]
            print(f"{kind:26} {speed:9,.0f} {unit} a second; {run['number']:,} {unit}, {run['spans']:,} spans")
        print(f"{'':26} {best[1]['seconds'] / best[0]['seconds']:9.1f} times as fast as theirs")


def _run(python: str, kind: str, path: Path) -> dict[str, float]:
    repository = synthetic.REPOSITORY
    environment = {**os.environ, "PYTHONPATH": f"{repository}{os.pathsep}{repository / 'src'}"}
    words = [python, "-m", "benchmarks.conversions_worker", kind, str(path)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return dict(json.loads(done.stdout))
