"""Doccano's server in a Python environment of its own: installed by uv from a lock with hashes, once.

The environment's folder holds no secret and no annotation, so that several servers can share it. Its marker is written
last: an installation that was cut short, or made from another lock, is done again.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from standoff.corpus.files import write_atomically
from standoff.doccano.process import exclusive
from standoff.errors import EnvironmentFault, how_to_install

VERSION = "1.8.4"
PYTHON = (3, 11)
SETTINGS_MODULE = "standoff_settings"
Progress = Callable[[str], None]

_LOCK = files("standoff.doccano") / "server-requirements.txt"
# On top of Doccano's own: a key that nobody else has, no answer to other host names, uploads beside the database, and a
# queue apart from it, so that its polling never meets the annotators' writes.
_SETTINGS = '''"""A Doccano that listens on this machine only; all of its state is in DOCCANO_HOME."""

import gc
import os
from pathlib import Path

from celery.signals import task_postrun
from config.settings.production import *
from kombu.transport.sqlalchemy import Transport

_home = Path(os.environ["DOCCANO_HOME"])
SECRET_KEY = (_home / "secret-key").read_text()
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _home / "doccano.sqlite3",
        "CONN_MAX_AGE": 500,
        "OPTIONS": {"timeout": 60},
    }
}
MEDIA_ROOT = str(_home / "media")
DJANGO_DRF_FILEPOND_FILE_STORE_PATH = MEDIA_ROOT
# Uploads are accepted only below it; whatever else Doccano derives from it is already set.
BASE_DIR = str(_home)
DJANGO_DRF_FILEPOND_UPLOAD_TMP = str(_home / "uploads")
CELERY_BROKER_URL = "sqla+sqlite:///queue.sqlite3"
# The worker looks for a new task this often (seconds); this transport doesn't take the interval from the settings.
Transport.polling_interval = 0.2
# An import or export makes a million objects and no rubbish: looking through them again and again took half its time.
# What is rubbish when it is done has grown too old to be looked at again soon, and the worker would grow with each.
gc.set_threshold(100_000, 20, 100)
task_postrun.connect(lambda **_: gc.collect(), weak=False)
'''
_PREPARE = """
import sys
import django
django.setup()
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection

call_command("migrate", verbosity=0, interactive=False)
call_command("create_roles")
connection.cursor().execute("PRAGMA journal_mode=WAL")
password = sys.stdin.read()
if password:
    user, _ = get_user_model().objects.get_or_create(username=sys.argv[1])
    user.is_superuser = user.is_staff = user.is_active = True
    user.set_password(password)
    user.save()
"""


def fingerprint() -> str:
    """Names an installation: it changes with the lock and with what we add to it."""
    return hashlib.sha256(_LOCK.read_bytes() + _SETTINGS.encode() + _PREPARE.encode()).hexdigest()


def install(environment: Path, progress: Progress) -> Path:
    """The server's Python in the folder `environment`, installed there if it isn't yet. Raises EnvironmentFault."""
    environment.mkdir(parents=True, exist_ok=True)
    python = environment / "venv" / "bin" / "python"
    marker = environment / "installed"

    def waiting() -> None:
        progress("another command is installing Doccano: waiting")

    with exclusive(environment / "lock", 1800, waiting) as lock:
        if python.exists() and marker.exists() and marker.read_text() == fingerprint():
            return python
        marker.unlink(missing_ok=True)
        shutil.rmtree(environment / "venv", ignore_errors=True)
        _install(environment, progress, lock)
        _add_settings(environment)
        progress("preparing the database that new servers start from")
        _make_template(environment, python)
        write_atomically(marker, fingerprint().encode())
    return python


def template(environment: Path) -> Path:
    """A database with Doccano's tables and roles and without a user, to start from."""
    return environment / "template" / "doccano.sqlite3"


def variables(home: Path) -> dict[str, str]:
    """The whole environment of the server's processes: nothing of the user's own reaches them."""
    return {
        "DJANGO_SETTINGS_MODULE": SETTINGS_MODULE,
        "DOCCANO_HOME": str(home),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
        "STANDALONE": "True",
        "TMPDIR": str(home / "tmp"),
    }


def command(python: Path, *arguments: str) -> list[str]:
    """`python ARGUMENTS` in isolated mode: neither variables nor the folder it runs in change what it imports."""
    return [str(python), "-I", "-X", "utf8", *arguments]


def prepare(python: Path, home: Path, username: str = "", password: str = "") -> None:
    """Brings the home's database up to date; with a password, makes its superuser or gives it that password.

    The password goes through standard input: command lines and environments can be read by others.
    """
    result = subprocess.run(
        command(python, "-c", _PREPARE, username),
        input=password,
        capture_output=True,
        check=False,
        cwd=home,
        env=variables(home),
        text=True,
        umask=0o077,
    )
    if result.returncode:
        raise EnvironmentFault(f"{home}: Doccano's database could not be set up:\n{last_lines(result.stderr)}")


def last_lines(text: str) -> str:
    """The end of a log, for an error message."""
    return "\n".join(f"  {line}" for line in text.rstrip().splitlines()[-15:])


def _install(environment: Path, progress: Progress, lock: int) -> None:
    try:
        from uv import find_uv_bin
    except ImportError:
        raise EnvironmentFault(f"uv is missing; {how_to_install('doccano')}") from None
    wanted = ".".join(map(str, PYTHON))
    python = sys.executable if sys.version_info[:2] == PYTHON else wanted
    if python == wanted:
        progress(f"looking for Python {wanted} for Doccano, downloading it if need be")
    uv = [find_uv_bin(), "--quiet", "--directory", str(environment)]
    _run([*uv, "venv", "--no-project", "--python", python, "venv"], lock)
    requirements = environment / "requirements.txt"
    requirements.write_bytes(_LOCK.read_bytes())
    count = _LOCK.read_text().count("==")
    progress(f"installing Doccano {VERSION} ({count} packages, once; seconds to minutes)")
    pip = [*uv, "pip", "install", "--python", "venv/bin/python"]
    _run([*pip, "--require-hashes", "--no-deps", "--requirements", str(requirements)], lock)


def _run(arguments: list[str], lock: int) -> None:
    # The lock is inherited: if we are killed, the next installation waits until uv is done.
    result = subprocess.run(arguments, capture_output=True, check=False, pass_fds=[lock], stdin=subprocess.DEVNULL)
    if result.returncode:
        output = re.sub(r"://[^/\s@]*@", "://", result.stderr.decode(errors="replace"))
        raise EnvironmentFault(f"Doccano could not be installed; uv says:\n{last_lines(output)}")


def _add_settings(environment: Path) -> None:
    packages = environment / "venv" / "lib" / f"python{PYTHON[0]}.{PYTHON[1]}" / "site-packages"
    (packages / f"{SETTINGS_MODULE}.py").write_text(_SETTINGS, encoding="utf-8")
    # Doccano imports its own packages (`api`, `config`, ...) from inside its package `backend`.
    (packages / "standoff-doccano.pth").write_text("backend\n", encoding="utf-8")


def _make_template(environment: Path, python: Path) -> None:
    home = template(environment).parent
    shutil.rmtree(home, ignore_errors=True)
    make_home(home)
    (home / "secret-key").write_text("only for the empty database")
    prepare(python, home)


def make_home(home: Path) -> None:
    """A home's folders, for its owner only. Raises EnvironmentFault when the folder is in use for something else."""
    uploads = home / "uploads"
    if home.is_dir() and any(home.iterdir()) and not uploads.is_dir():
        raise EnvironmentFault(f"{home} holds other files and is no home of Doccano; choose an empty or a new folder")
    for folder in (home, uploads, home / "logs", home / "media", home / "tmp"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
