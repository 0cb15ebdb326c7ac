"""`make demo`: the main job on the seed article, in a clone of this checkout, with a real Doccano."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from standoff.doccano import server


@pytest.mark.doccano
@pytest.mark.slow
def test_the_main_job_from_seed_to_dataset(repository: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", str(repository), str(checkout)], check=True)
    env = {key: value for key, value in os.environ.items() if not key.startswith("DOCCANO_")}
    before = subprocess.run(["git", "rev-parse", "HEAD"], cwd=checkout, check=True, capture_output=True).stdout
    try:
        done = subprocess.run(
            [sys.executable, "scripts/demo.py"], cwd=checkout, env=env, capture_output=True, text=True, check=False
        )
    finally:
        server.down(checkout / ".demo" / "doccano")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "equal to the committed documents, byte for byte" in done.stdout
    assert "annotations after the round trip: unchanged, byte for byte" in done.stdout
    assert done.stdout.count("in step") == 2
    for configuration in ("documents", "ner", "quotes", "events", "annotators"):
        assert f'load_dataset("…", "{configuration}", split="train")' in done.stdout
    status = subprocess.run(["git", "status", "--porcelain"], cwd=checkout, check=True, capture_output=True).stdout
    after = subprocess.run(["git", "rev-parse", "HEAD"], cwd=checkout, check=True, capture_output=True).stdout
    assert (status, after) == (b"", before), "the demo changed the checkout"
