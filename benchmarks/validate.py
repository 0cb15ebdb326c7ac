"""`standoff validate` (decode, schema, all rules) against `jsonschema` alone on the same records and schema, in one run."""

import json
import tempfile
import time
from pathlib import Path

import jsonschema
import jsonschema_rs

from benchmarks import measure, synthetic
from standoff.corpus.schema import schema

NUMBER = 20_000
PEER = 200


def main(number: int = NUMBER) -> None:
    """Prints documents a second, ratios to the peers, and peak memory at two sizes."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        synthetic.corpus(small, number // 4)
        synthetic.corpus(large, number)
        size = sum(path.stat().st_size for path in large.rglob("*.jsonl"))
        print(f"{number:,} documents with their sets, {size / 1e6:,.0f} MB of JSON")
        runs = [measure.command("-m", "standoff", "validate", "--json", "--root", str(large)) for _ in range(3)]
        one = measure.command("-m", "standoff", "validate", "--json", "--jobs", "1", "--root", str(large))
        less = measure.command("-m", "standoff", "validate", "--json", "--root", str(small))
        ours = number / sorted(run.seconds for run in runs)[1]
        plain, quick = _peers(large)
        print(f"standoff validate, all processors   {ours:9,.0f} documents a second")
        print(f"standoff validate, one process      {number / one.seconds:9,.0f}")
        print(
            f"jsonschema alone                    {plain:9,.0f}   ratio {ours / plain:.1f}, one process {number / one.seconds / plain:.1f}"
        )
        print(f"jsonschema-rs alone                 {quick:9,.0f}   ratio {ours / quick:.2f}")
        print(
            f"peak memory {runs[0].megabytes:.0f} MB for {number:,}, {less.megabytes:.0f} MB for {number // 4:,}, one process {one.megabytes:.0f} MB"
        )


def _peers(root: Path) -> tuple[float, float]:
    pairs = []
    for folder, name in (("documents", "document"), ("annotations/gold", "annotations")):
        with (root / "corpus" / folder / "all.jsonl").open("rb") as file:
            lines = [next(file) for _ in range(PEER)]
        pairs.append((lines, schema(name)))
    speeds = []
    for make in (jsonschema.Draft202012Validator, jsonschema_rs.validator_for):
        validators = [(lines, make(contents)) for lines, contents in pairs]
        began = time.perf_counter()
        for lines, validator in validators:
            for line in lines:
                assert validator.is_valid(json.loads(line))
        speeds.append(PEER / (time.perf_counter() - began))
    return speeds[0], speeds[1]


if __name__ == "__main__":
    main()
