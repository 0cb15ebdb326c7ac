"""An environment with spaCy, transformers and Label Studio's SDK, installed once for tests and benchmarks; prints its Python.

Their pins and doccano-client's exclude each other. It is `.venv-models`, or where STANDOFF_TEST_MODELS_HOME says.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock
from uv import find_uv_bin

_REPOSITORY = Path(__file__).resolve().parents[1]
_LOCK = _REPOSITORY / "requirements" / "models.txt"
_ENVIRONMENT = Path(os.environ.get("STANDOFF_TEST_MODELS_HOME") or _REPOSITORY / ".venv-models")


def install() -> Path:
    """The Python of that environment, after what `requirements/models.txt` names is in it. Exits when that can't be had."""
    stamp, python = _ENVIRONMENT / "installed.txt", _ENVIRONMENT / "venv" / "bin" / "python"
    _ENVIRONMENT.mkdir(parents=True, exist_ok=True)
    with FileLock(_ENVIRONMENT / "lock"):
        if not stamp.exists() or stamp.read_bytes() != _LOCK.read_bytes():
            shutil.rmtree(_ENVIRONMENT / "venv", ignore_errors=True)
            _uv("venv", "--no-project", "--python", sys.executable, str(_ENVIRONMENT / "venv"))
            packages = ("pip", "install", "--python", str(python), "--no-deps", "--requirements", str(_LOCK))
            # torch without CUDA is in no package index but its own: it is beside us, or fetched from there.
            if said := _uv(*packages, must=False):
                _uv(*packages, "--torch-backend", "cpu", said=said)
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
        raise SystemExit(f"no environment with models: {said}{done.stderr.strip()}")
    return done.stderr.strip() if done.returncode else ""


if __name__ == "__main__":
    print(install())
