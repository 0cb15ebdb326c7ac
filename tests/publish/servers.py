"""Real servers for the tests, installed once into an environment of their own: seaweedfs (S3) and olah (the Hub's read side)."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from uv import find_uv_bin

from patience import PATIENCE, free_ports
from release.corpora import REPOSITORY

_LOCK = REPOSITORY / "requirements" / "servers.txt"
_ENVIRONMENT = Path(os.environ.get("STANDOFF_TEST_SERVERS_HOME") or REPOSITORY / ".venv-servers")


def installed() -> Path:
    """The folder of the servers' programs. Without them a test is skipped, or fails with STANDOFF_REQUIRE_ALL=1."""
    stamp = _ENVIRONMENT / "installed.txt"
    _ENVIRONMENT.mkdir(parents=True, exist_ok=True)
    with FileLock(_ENVIRONMENT / "lock"):
        if not stamp.exists() or stamp.read_bytes() != _LOCK.read_bytes():
            shutil.rmtree(_ENVIRONMENT / "venv", ignore_errors=True)
            uv = [find_uv_bin(), "--quiet", "--directory", str(_ENVIRONMENT)]
            for words in (
                [*uv, "venv", "--no-project", "--python", sys.executable, "venv"],
                [*uv, "pip", "install", "--python", "venv/bin/python", "--no-deps", "--requirements", str(_LOCK)],
            ):
                done = subprocess.run(words, capture_output=True, text=True, check=False)
                if done.returncode:
                    pytest.skip(f"no servers to test with: {done.stderr.strip()}")
            shutil.copyfile(_LOCK, stamp)
    return _ENVIRONMENT / "venv" / "bin"


@contextlib.contextmanager
def running(words: list[str], folder: Path, ready: Callable[[], object]) -> Iterator[None]:
    """A server for as long as the block lasts. `ready` raises OSError until it answers."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, cwd=folder, stdout=log, stderr=log, env=_bare())
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                ready()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:]) from None
                time.sleep(0.1)
        yield
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def seaweedfs() -> Iterator[dict[str, str]]:
    """A running S3 server with the bucket `corpora`; the environment that leads AWS's tools to it."""
    weed = installed() / "weed"
    with tempfile.TemporaryDirectory(prefix="standoff-s3-") as name:
        folder = Path(name)
        # It also listens 10,000 above each.
        master, volume, filer, s3, metrics = free_ports(5, 10_000)
        (folder / "s3.json").write_text(
            '{"identities": [{"name": "publisher", "actions": ["Admin", "Read", "Write", "List"],'
            ' "credentials": [{"accessKey": "publisher", "secretKey": "secret"}]}]}'
        )
        words = [str(weed), "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}"]
        words += [f"-volume.port={volume}", "-filer", f"-filer.port={filer}", "-s3", f"-s3.port={s3}"]
        words += [f"-s3.config={folder}/s3.json", "-s3.port.iceberg=0", "-s3.port.lance=0", f"-metricsPort={metrics}"]
        words += ["-master.volumeSizeLimitMB=64", "-volume.max=10"]
        environment = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3}",
            "AWS_ACCESS_KEY_ID": "publisher",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

        def ready() -> None:
            import s3fs

            _get(f"http://127.0.0.1:{s3}/healthz")
            keys = {"key": "publisher", "secret": "secret", "endpoint_url": environment["AWS_ENDPOINT_URL"]}
            try:
                files = s3fs.S3FileSystem(**keys, skip_instance_cache=True)
                files.pipe_file("corpora/ready", b"yes")
                files.rm_file("corpora/ready")
            except Exception as error:
                raise OSError(str(error)) from error

        with running(words, folder, ready):
            yield environment


@contextlib.contextmanager
def olah(mirrors: Path) -> Iterator[str]:
    """The Hub's read side for the bare repositories `<mirrors>/datasets/<org>/<name>`; its URL. It asks no other server."""
    with tempfile.TemporaryDirectory(prefix="standoff-olah-") as name:
        folder = Path(name)
        (port,) = free_ports(1)
        (folder / "olah.toml").write_text(
            f'[basic]\nhost = "127.0.0.1"\nport = {port}\nrepos-path = "{folder}/repos"\nmirrors-path = ["{mirrors}"]\n'
            'hf-netloc = "127.0.0.1:9"\nhf-lfs-netloc = "127.0.0.1:9"\nhf-scheme = "http"\n[accessibility]\noffline = true\n'
        )
        url = f"http://127.0.0.1:{port}"
        words = [
            str(installed() / "olah-cli"),
            "--config",
            str(folder / "olah.toml"),
            "--log-path",
            str(folder / "logs"),
        ]
        with running(words, folder, lambda: _get(f"{url}/")):
            yield url


def _get(url: str) -> None:
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(url, timeout=60):
        pass


def _bare() -> dict[str, str]:
    """Without the names of a proxy or a hub: servers of the tests ask nobody."""
    return {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "TMPDIR", "LANG"}}
