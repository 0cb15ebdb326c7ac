"""A Doccano on this machine that a user can trust: loopback only, a random password, all of its state in one folder.

A home holds `password` and `secret-key` (mode 0600), `port`, `prepared`, `doccano.sqlite3`, `queue.sqlite3`, `media/`,
`uploads/`, `tmp/`, `logs/`, the pid files `web` and `worker`, a `lock`, and by default the `environment/` it runs in.
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Literal

from msgspec import Struct

from standoff.corpus.files import fault, write_atomically
from standoff.doccano import process
from standoff.doccano.install import (
    Progress,
    command,
    fingerprint,
    install,
    last_lines,
    make_home,
    prepare,
    template,
    variables,
)
from standoff.errors import EnvironmentFault, StandoffError

USERNAME = "admin"
PROCESSES = ("web", "worker")
PORTS = range(8000, 8100)
START_SECONDS = 180
STOP_SECONDS = 20
ANSWER_SECONDS = 20
"""A web server that lives may be busy, so it is asked for so long."""


class Server(Struct, frozen=True):
    """A running server. `pids`: the web server's and the task worker's. Its password: `read_password(home)`."""

    url: str
    username: str
    home: Path
    pids: tuple[int, int]


class Status(Struct, frozen=True):
    """What is there: `broken` when only a part runs or the web server doesn't answer (no `url`), which `up` mends."""

    state: Literal["running", "broken", "stopped"]
    home: Path
    url: str | None
    web: int | None
    worker: int | None


def default_home() -> Path:
    """The home in the user's data folder. Raises StandoffError if that is inside a git repository."""
    from platformdirs import user_data_path

    home = (user_data_path("standoff") / "doccano").resolve()
    repository = _repository(home)
    if repository is not None:
        raise StandoffError(
            f"{home} is inside the git repository {repository}, where a password must not be;"
            " give another folder with --home"
        )
    return home


def up(
    home: Path, port: int | None = None, *, environment: Path | None = None, progress: Progress = lambda _: None
) -> Server:
    """The server of `home`, started unless it runs, installed into `environment` (by default inside `home`) if need be.

    Without `port` it takes the one it had, or else a free one. Raises StandoffError when `home` could be committed to a
    git repository, EnvironmentFault when the port is taken or the server can't be installed or doesn't start.
    """
    home = home.expanduser().resolve()
    _refuse_repository(home)

    def waiting() -> None:
        progress("another command is starting or stopping this server: waiting")

    with _faults(home):
        make_home(home)
        with process.exclusive(home / "lock", 1800, waiting):
            url, worker, prepared = _answering(home), process.group(home / "worker"), _is_prepared(home)
            if url is not None and port is not None and url != _url(port):
                raise EnvironmentFault(
                    f"Doccano already runs at {url}; run `standoff doccano down` before giving it port {port}"
                )
            works = {name for name, there in (("web", url), ("worker", worker)) if there and prepared}
            if works != set(PROCESSES):
                _mend(home, port, works, environment or home / "environment", progress)
            web, worker, url = process.group(home / "web"), process.group(home / "worker"), _answering(home)
            if web is None or worker is None or url is None:
                raise EnvironmentFault(f"Doccano stopped right after its start; see the logs in {home / 'logs'}")
            return Server(url, USERNAME, home, (web, worker))


def down(home: Path) -> bool:
    """Stops the server of `home`; False when none ran. Tasks in the queue stay there and go on after the next `up`."""
    home = home.expanduser().resolve()
    if not home.is_dir():
        return False
    with _faults(home), process.exclusive(home / "lock", 60, lambda: None):
        stopped = process.stop([home / name for name in PROCESSES], STOP_SECONDS)
    return bool(stopped)


def status(home: Path) -> Status:
    """What runs in `home`, without changing it."""
    home = home.expanduser().resolve()
    with _faults(home):
        web, worker = process.group(home / "web"), process.group(home / "worker")
        url = _answering(home)
    works = url is not None and worker is not None
    return Status("running" if works else "broken" if web or worker else "stopped", home, url, web, worker)


def read_password(home: Path) -> str:
    """The password of `USERNAME`. Raises EnvironmentFault when the home has none yet."""
    try:
        return (home / "password").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise EnvironmentFault(f"{home} holds no password yet; make it with `standoff doccano up`") from None
    except OSError as error:
        raise fault(error, home / "password") from error


def _mend(home: Path, port: int | None, works: Container[str], environment: Path, progress: Progress) -> None:
    """Starts what doesn't work. What does is left alone: annotators in the page, a task half way."""
    for file in process.stop([home / name for name in PROCESSES if name not in works], STOP_SECONDS):
        progress(f"stopped the {file.name} process of a server that no longer works or is out of date")
    with contextlib.ExitStack() as stack:
        listener = None if "web" in works else stack.enter_context(_listener(home, port, progress))
        python = install(environment.expanduser().resolve(), progress)
        if not _is_prepared(home):
            _prepare(home, environment, python, progress)
        _start(home, python, listener, progress)


def _is_prepared(home: Path) -> bool:
    names = ("doccano.sqlite3", "password", "secret-key", "prepared")
    return all((home / name).exists() for name in names) and (home / "prepared").read_text() == fingerprint()


def _prepare(home: Path, environment: Path, python: Path, progress: Progress) -> None:
    database, prepared = home / "doccano.sqlite3", home / "prepared"
    there = database.exists()
    progress("bringing the database up to date: what is in it stays" if there else "setting up the database")
    prepared.unlink(missing_ok=True)
    for name in ("secret-key", "password"):
        _make_secret(home / name)
    if not there:
        aside = home / "tmp" / "new.sqlite3"
        shutil.copyfile(template(environment), aside)
        aside.chmod(0o600)
        os.replace(aside, database)
    prepare(python, home, USERNAME, read_password(home))
    write_atomically(prepared, fingerprint().encode())


def _start(home: Path, python: Path, listener: socket.socket | None, progress: Progress) -> None:
    logs = {name: home / "logs" / f"{name}.log" for name in PROCESSES}
    started = []
    try:
        if listener is not None:
            started.append("web")
            port = listener.getsockname()[1]
            progress(f"starting Doccano at {_url(port)}")
            write_atomically(home / "port", f"{port}\n".encode())
            # Threads, because browsers open connections ahead of need, and each would block a process of its own.
            web = ["-m", "gunicorn", "config.wsgi", "--bind", f"fd://{listener.fileno()}", "--preload"]
            web += ["--workers", "2", "--threads", "4", "--timeout", "300", "--graceful-timeout", "10"]
            process.start(home / "web", logs["web"], command(python, *web), variables(home), [listener.fileno()])
            listener.close()
        if process.group(home / "worker") is None:
            started.append("worker")
            _remove_old_exports(home)
            worker = ["-m", "celery", "--app", "config", "worker", "--loglevel", "info", "--concurrency", "1"]
            process.start(home / "worker", logs["worker"], command(python, *worker), variables(home))
        end = time.monotonic() + START_SECONDS
        while lacking := _not_ready(home, logs["worker"]):
            ended = next((name for name in PROCESSES if process.group(home / name) is None), None)
            if ended or time.monotonic() > end:
                what = "ended at its start" if ended else f"was not ready in {START_SECONDS} s"
                log = logs[ended or lacking]
                lines = last_lines(log.read_text(encoding="utf-8", errors="replace"))
                raise EnvironmentFault(
                    f"Doccano's {ended or lacking} process {what}; the last lines of {log}:\n{lines}"
                )
            time.sleep(0.1)
    except BaseException:
        process.stop([home / name for name in started], STOP_SECONDS)
        raise


def _not_ready(home: Path, worker_log: Path) -> str | None:
    if b" ready." not in worker_log.read_bytes():
        return "worker"
    return None if _answering(home, seconds=0) else "web"


def _remove_old_exports(home: Path) -> None:
    """Doccano never removes the archives of its exports, and every sync makes one: those of more than a day ago go."""
    for archive in (home / "media").glob("????????-????-????-????-????????????.zip"):
        if archive.stat().st_mtime < time.time() - 24 * 3600:
            archive.unlink()


@contextlib.contextmanager
def _listener(home: Path, port: int | None, progress: Progress) -> Iterator[socket.socket]:
    """A socket bound to the port on loopback; without `port`: the remembered one, else a free one."""
    remembered = _remembered(home)
    candidates = [port] if port is not None else [*([remembered] if remembered else []), *PORTS, 0]
    for candidate in candidates:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", candidate))
            # It is ours from here on, so nobody can take the port during the installation.
            listener.listen()
        except OSError as error:
            listener.close()
            if candidate == port:
                raise EnvironmentFault(
                    f"port {port} on 127.0.0.1 can't be used ({error.strerror}); give another --port, or none for a free one"
                ) from None
            if candidate == remembered:
                progress(f"port {remembered}, where it ran before, is taken: its address is another one from now on")
            continue
        with listener:
            yield listener
        return


def _answering(home: Path, seconds: float | None = None) -> str | None:
    """The URL of the home's web server if it answers within `seconds`; None: within ANSWER_SECONDS."""
    port = _remembered(home)
    end = time.monotonic() + (ANSWER_SECONDS if seconds is None else seconds)
    while port is not None and process.group(home / "web"):
        if _answers(_url(port)):
            return _url(port)
        if time.monotonic() >= end:
            break
        time.sleep(0.1)
    return None


def _answers(url: str) -> bool:
    """Whether a Doccano that wants a login answers at `url`."""
    # No proxy: it could not reach loopback, and would see the address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(f"{url}/v1/me", timeout=5).close()
    except urllib.error.HTTPError as error:
        with error:
            return error.code == 403
    except (OSError, ValueError):
        return False
    return False


def _make_secret(path: Path) -> None:
    """A random secret in a file that was never readable by others; one that is there stays."""
    if path.exists():
        path.chmod(0o600)
        return
    aside = path.with_name(f".{path.name}.tmp")
    aside.unlink(missing_ok=True)
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        # The login form of Doccano's page takes no password of more than 30 characters.
        file.write(secrets.token_urlsafe(18))
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def _remembered(home: Path) -> int | None:
    try:
        text = (home / "port").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < 65536 else None


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _repository(folder: Path) -> Path | None:
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)


def _refuse_repository(home: Path) -> None:
    repository = _repository(home)
    if repository is None:
        return
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        ignored = subprocess.run(
            ["git", "-C", str(repository), "check-ignore", "--quiet", str(home / "password")],
            env=variables,
            check=False,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        pass
    else:
        if ignored.returncode == 0:
            return
    raise StandoffError(
        f"{home} is inside the git repository {repository}, which doesn't ignore it, so that its password could be committed;"
        " choose a folder elsewhere, or add it to .gitignore"
    )


@contextlib.contextmanager
def _faults(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise fault(error, Path(error.filename) if isinstance(error.filename, str) else home) from error
