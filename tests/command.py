"""Runs the real `standoff` command, as a user would."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def standoff(
    *words: str | Path, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The finished process, its output as text."""
    return subprocess.run(
        [sys.executable, "-m", "standoff", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        check=False,
    )
