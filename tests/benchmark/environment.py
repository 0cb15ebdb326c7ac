"""The environment with spaCy and transformers, for tests: without it they are skipped."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "models_environment.py"


@cache
def models_python() -> Path:
    """The Python of that environment. Without it a test is skipped, or fails with STANDOFF_REQUIRE_ALL=1."""
    done = subprocess.run([sys.executable, str(_SCRIPT)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(done.stderr.strip())
    return Path(done.stdout.strip())
