"""`standoff normalize` on articles of the seed's size: articles a second, memory, and what each step costs.

The peer does much less: it only parses the lines, normalizes to NFC with the standard library, and writes JSON lines.
"""

import json
import tempfile
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

from benchmarks import measure, synthetic
from standoff.corpus.codec import encode
from standoff.corpus.scaffold import scaffold
from standoff.normalize.article import Normalized, Raw, Setting, digest, normalize
from standoff.normalize.header import split_header
from standoff.normalize.language import identify
from standoff.normalize.readers import decode
from standoff.normalize.sections import sections
from standoff.normalize.sentences import sentences
from standoff.text.clean import clean

NUMBER = 20_000


def main(number: int = NUMBER) -> None:
    """Prints articles a second, peak memory at two sizes, and the cost of each step."""
    texts = list(synthetic.articles(2_000))
    with tempfile.TemporaryDirectory() as folder:
        sizes = {}
        for name, count, jobs in (("small", number // 4, 2), ("one", number, 1), ("two", number, 2)):
            root = Path(folder) / name
            for path, content in scaffold("bench").items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_bytes(content)
            with (root / "seeds" / "all.jsonl").open("w", encoding="utf-8") as file:
                for i, text in enumerate(synthetic.articles(count)):
                    file.write(json.dumps({"id": f"d{i:07}", "text": text}) + "\n")
            sizes[name] = measure.command(
                "-m", "standoff", "normalize", "--json", "--jobs", str(jobs), "--root", str(root)
            )
        began = time.perf_counter()
        with (
            (root / "seeds" / "all.jsonl").open("rb") as lines,
            (Path(folder) / "peer.jsonl").open("w", encoding="utf-8") as out,
        ):
            for line in lines:
                article = json.loads(line)
                article["text"] = unicodedata.normalize("NFC", article["text"]).strip()
                out.write(json.dumps(article, ensure_ascii=False) + "\n")
        peer = number / (time.perf_counter() - began)
    for name, words in (("one", "one process"), ("two", "two processes")):
        speed = number / sizes[name].seconds
        print(f"standoff normalize, {words:<14}{speed:9,.0f} articles a second   {speed / peer:.3f} of the peer")
    print(f"parse, NFC, write, nothing else   {peer:9,.0f}")
    print(
        f"peak memory {sizes['two'].megabytes:.0f} MB for {number:,}, {sizes['small'].megabytes:.0f} MB for {number // 4:,}"
    )
    _steps(texts)


def _steps(texts: list[str]) -> None:
    raws = [text.encode() for text in texts]
    bodies = [split_header(text)[1] for text in texts]
    cleaned = [clean(body).text for body in bodies]
    blocks = [sections(text) for text in cleaned]
    setting = Setting(languages=("nl",))
    whole = [
        normalize(Raw(file="a", line=0, sha256="0" * 64, name=f"d{i}", text=text), setting)
        for i, text in enumerate(texts)
    ]
    documents = [outcome.document for outcome in whole if isinstance(outcome, Normalized)]
    steps: dict[str, Callable[[], object]] = {
        "decode": lambda: [decode(raw) for raw in raws],
        "sha256": lambda: [digest(raw) for raw in raws],
        "header": lambda: [split_header(text) for text in texts],
        "clean": lambda: [clean(body) for body in bodies],
        "sections": lambda: [sections(text) for text in cleaned],
        "sentences": lambda: [
            sentences(t, [(b.start, b.end) for b in bs]) for t, bs in zip(cleaned, blocks, strict=True)
        ],
        "language (when not fixed)": lambda: [identify(text, ("nl", "en")) for text in cleaned],
        "encode": lambda: [encode(document) for document in documents],
    }
    print("microseconds an article:")
    costs = {}
    for name, step in steps.items():
        began = time.perf_counter()
        step()
        costs[name] = (time.perf_counter() - began) / len(texts) * 1e6
        print(f"  {name:<28}{costs[name]:8.1f}")
    print(f"slowest step: {max(costs, key=costs.__getitem__)}; writing is the rest of the run")


if __name__ == "__main__":
    main()
