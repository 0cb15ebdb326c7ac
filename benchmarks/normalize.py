"""`standoff normalize` on articles of the seed's size: articles a second, memory, and what each step costs.

Two peers for lines: one parses, normalizes to NFC with the standard library and writes lines, which is the least that can
be done; the other writes a file for each article and syncs it, as safe on disk as ours. The peer for pages is trafilatura
alone, in one process.
"""

import hashlib
import json
import os
import tempfile
import time
import unicodedata
from collections.abc import Callable
from html import escape
from itertools import islice
from pathlib import Path

from benchmarks import measure, synthetic
from standoff.corpus.codec import encode
from standoff.corpus.scaffold import scaffold
from standoff.normalize.article import normalize
from standoff.normalize.encoding import decode
from standoff.normalize.header import date_line
from standoff.normalize.language import identify
from standoff.normalize.records import Normalized, Raw, Setting
from standoff.normalize.sections import sections
from standoff.normalize.sentences import sentences
from standoff.text.clean import clean

NUMBER = 20_000
PAGES = 1_000


def main(number: int = NUMBER) -> None:
    """Prints articles a second, peak memory at two sizes, and the cost of each step."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small = _corpus(folder / "small", number // 4, "jsonl")
        large = _corpus(folder / "large", number, "jsonl")
        again = _corpus(folder / "again", number, "jsonl")
        files = _corpus(folder / "files", number // 4, "txt")
        pages = _corpus(folder / "pages", PAGES, "html")
        lines_peer = number / _timed(lambda: _to_lines(large))
        files_peer = number / _timed(lambda: _to_files(large))
        pages_peer = PAGES / _timed(lambda: _extract(pages))
        least = _run(small, 2)
        one, two = _run(large, 1), _run(again, 2)
        _show("lines, one process", number / one.seconds, lines_peer, files_peer)
        _show("lines, two processes", number / two.seconds, lines_peer, files_peer)
        _show("lines again, nothing new", number / _run(again, 2).seconds, lines_peer, files_peer)
        _show("files, one process", number / 4 / _run(files, 1).seconds, lines_peer, files_peer)
        print(f"{'peer: parse, NFC, write lines':<34}{lines_peer:9,.0f}")
        print(f"{'peer: the same, a synced file each':<34}{files_peer:9,.0f}")
        speed = PAGES / _run(pages, 1).seconds
        print(
            f"{'pages, one process':<34}{speed:9,.0f} articles a second   {speed / pages_peer:.2f} of trafilatura alone"
        )
        print(f"peak memory {two.megabytes:.0f} MB for {number:,}, {least.megabytes:.0f} MB for {number // 4:,}")
    _steps(list(synthetic.articles(2_000)))


def _corpus(root: Path, number: int, kind: str) -> Path:
    for path, content in scaffold("bench").items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    seeds = root / "seeds"
    articles = enumerate(synthetic.articles(number))
    if kind == "jsonl":
        with (seeds / "all.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps({"id": f"d{i:07}", "text": text}) + "\n" for i, text in articles)
        return root
    for i, text in articles:
        page = text
        if kind == "html":
            paragraphs = "".join(f"<p>{escape(block)}</p>" for block in text.split("\n\n"))
            page = f"<html><head><title>Kop</title></head><body><article>{paragraphs}</article></body></html>"
        (seeds / f"d{i:07}.{kind}").write_text(page, encoding="utf-8")
    return root


def _run(root: Path, jobs: int) -> measure.Measured:
    return measure.command("-m", "standoff", "normalize", "--json", "--jobs", str(jobs), "--root", str(root))


def _show(name: str, speed: float, lines_peer: float, files_peer: float) -> None:
    ratios = f"{speed / lines_peer:.3f} and {speed / files_peer:.2f} of the peers"
    print(f"{name:<34}{speed:9,.0f} articles a second   {ratios}")


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _to_lines(root: Path) -> None:
    with (root / "seeds" / "all.jsonl").open("rb") as lines, (root / "peer.jsonl").open("w", encoding="utf-8") as out:
        for line in lines:
            article = json.loads(line)
            article["text"] = unicodedata.normalize("NFC", article["text"]).strip()
            out.write(json.dumps(article, ensure_ascii=False) + "\n")


def _to_files(root: Path) -> None:
    (root / "peer").mkdir()
    with (root / "seeds" / "all.jsonl").open("rb") as lines:
        for line in lines:
            article = json.loads(line)
            article["text"] = unicodedata.normalize("NFC", article["text"]).strip()
            with (root / "peer" / f"{article['id']}.json").open("w", encoding="utf-8") as out:
                out.write(json.dumps(article, ensure_ascii=False))
                out.flush()
                os.fsync(out.fileno())


def _extract(root: Path) -> None:
    import trafilatura

    for path in (root / "seeds").iterdir():
        trafilatura.bare_extraction(path.read_text(encoding="utf-8"), with_metadata=True)


def _steps(texts: list[str]) -> None:
    raws = [text.encode() for text in texts]
    headers = [date_line(text) for text in texts]
    bodies = [text[header.end :] if header else text for text, header in zip(texts, headers, strict=True)]
    cleaned = [clean(body).text for body in bodies]
    blocks = [sections(text) for text in cleaned]
    setting = Setting(languages=("nl",))
    whole = [normalize(Raw(file="a", name=f"d{i}", kind="text", content=raw), setting) for i, raw in enumerate(raws)]
    documents = [outcome.document for outcome in whole if isinstance(outcome, Normalized)]
    steps: dict[str, Callable[[], object]] = {
        "decode": lambda: [decode(raw) for raw in raws],
        "sha256": lambda: [hashlib.sha256(raw).hexdigest() for raw in raws],
        "header": lambda: [date_line(text) for text in texts],
        "clean": lambda: [clean(body) for body in bodies],
        "sections": lambda: [sections(text) for text in cleaned],
        "sentences": lambda: [
            sentences(t, [(b.start, b.end) for b in bs]) for t, bs in zip(cleaned, blocks, strict=True)
        ],
        "language (when not fixed)": lambda: [identify(text, ("nl", "en")) for text in islice(cleaned, 500)] * 4,
        "encode": lambda: [encode(document) for document in documents],
    }
    print("microseconds an article:")
    costs = {}
    for name, step in steps.items():
        step() if name.startswith("language") else None  # its model is loaded once
        costs[name] = _timed(step) / (500 if name.startswith("language") else len(texts)) * 1e6
        print(f"  {name:<28}{costs[name]:8.1f}")
    print(f"slowest step: {max(costs, key=costs.__getitem__)}; writing is the rest of the run")


if __name__ == "__main__":
    main()
