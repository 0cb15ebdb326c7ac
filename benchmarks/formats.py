"""`standoff export` and `standoff import` of each format on articles of the seed's size: articles and sentences a second, memory.

An import surveys its source, cleans and checks, and writes two synced files for each article.
"""

import tempfile
from pathlib import Path

from benchmarks import measure, synthetic

NUMBER = 2_000
FORMATS = {"brat": "", "conll": ".conll", "prodigy": ".jsonl", "labelstudio": ".json", "doccano": ".jsonl"}


def main(number: int = NUMBER) -> None:
    """Prints a line for each format."""
    document, annotations = synthetic.seed()
    size, spans, sentences = len(document.text), len(annotations.spans), len(document.sentences)
    print(f"{number:,} articles of {size:,} characters, {sentences} sentences, {spans} spans")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        synthetic.corpus(folder / "large", number)
        synthetic.corpus(folder / "small", number // 4)
        for name, ending in FORMATS.items():
            peaks = []
            for root in ("small", "large"):
                target, again = folder / f"{root}-{name}{ending}", folder / f"{root}-{name}-again"
                out = measure.command(
                    "-m", "standoff", "export", name, str(target), "--root", str(folder / root), "--json"
                )
                back = measure.command("-m", "standoff", "import", name, str(target), "--root", str(again), "--json")
                peaks.append(max(out.megabytes, back.megabytes))
            made = len(list((again / "corpus" / "documents").iterdir()))
            if made != number:
                raise SystemExit(f"{name}: {made} of {number} articles came back")
            print(
                f"{name:12} export {number / out.seconds:7,.0f}, import {number / back.seconds:7,.0f} articles a second"
                f" ({number * sentences / back.seconds:9,.0f} sentences); peak {peaks[1]:.0f} MB, {peaks[0]:.0f} MB for a quarter"
            )
