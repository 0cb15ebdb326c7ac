"""An environment with spaCy and transformers for the tests, installed once: their pins and doccano-client's exclude each other."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from uv import find_uv_bin

_REPOSITORY = Path(__file__).resolve().parents[2]
_LOCK = _REPOSITORY / "requirements" / "models.txt"
_ENVIRONMENT = Path(os.environ.get("STANDOFF_TEST_MODELS_HOME") or _REPOSITORY / ".venv-models")


def models_python() -> Path:
    """The Python of that environment. Without it a test is skipped, or fails with STANDOFF_REQUIRE_ALL=1."""
    stamp, python = _ENVIRONMENT / "installed.txt", _ENVIRONMENT / "venv" / "bin" / "python"
    _ENVIRONMENT.mkdir(parents=True, exist_ok=True)
    with FileLock(_ENVIRONMENT / "lock"):
        if not stamp.exists() or stamp.read_bytes() != _LOCK.read_bytes():
            shutil.rmtree(_ENVIRONMENT / "venv", ignore_errors=True)
            _uv("venv", "--no-project", "--python", sys.executable, str(_ENVIRONMENT / "venv"))
            install = ("pip", "install", "--python", str(python), "--no-deps", "--requirements", str(_LOCK))
            # torch without CUDA is in no package index but its own: it is beside us, or fetched from there.
            if said := _uv(*install, must=False):
                _uv(*install, "--torch-backend", "cpu", said=said)
            shutil.copyfile(_LOCK, stamp)
    return python


def _uv(*words: str, must: bool = True, said: str = "") -> str:
    places = {"UV_FIND_LINKS": os.environ.get("PIP_FIND_LINKS", "")} if "UV_FIND_LINKS" not in os.environ else {}
    done = subprocess.run(
        [find_uv_bin(), "--quiet", *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=_ENVIRONMENT,
        env={**os.environ, **{name: value for name, value in places.items() if value}},
    )
    if done.returncode and must:
        pytest.skip(f"no environment with models: {said}{done.stderr.strip()}")
    return done.stderr.strip() if done.returncode else ""
