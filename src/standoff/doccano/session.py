"""A logged-in connection to a Doccano server: time-outs, retries, and errors without secrets."""

import netrc
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from standoff.errors import EnvironmentFault, UsageError
from standoff.sync.remote import NotFound, Rejected, Unauthorized, Unreachable

TIMEOUT = (5, 60)
"""Seconds to connect, and to wait for an answer."""
DEFAULT_URL = "http://127.0.0.1:8000"
_RETRIES = 4
_LATER = frozenset({429, 500, 502, 503, 504})


class Credentials:
    """A user and a password that no representation shows."""

    __slots__ = ("password", "username")

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self.password = password

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, ***)"


def credentials(url: str) -> Credentials:
    """From DOCCANO_USERNAME and DOCCANO_PASSWORD, else from the user's netrc. Raises UsageError when there are none."""
    username, password = os.environ.get("DOCCANO_USERNAME"), os.environ.get("DOCCANO_PASSWORD")
    if username and password:
        return Credentials(username, password)
    host = urlsplit(url).hostname or ""
    try:
        found = netrc.netrc().authenticators(host)
    except (FileNotFoundError, netrc.NetrcParseError, PermissionError):
        found = None
    if found and found[0] and found[2]:
        return Credentials(found[0], found[2])
    raise UsageError(
        f"no user for Doccano at {url}: set DOCCANO_USERNAME and DOCCANO_PASSWORD, or put {host} into your netrc"
    )


class Session:
    """Requests to one server as one user. Every failure is a RemoteError; none shows the password or a cookie."""

    def __init__(self, url: str, user: Credentials) -> None:
        try:
            from doccano_client import DoccanoClient
        except ImportError:
            raise EnvironmentFault(
                "the Doccano client is not installed: pip install 'standoff[doccano]', in an environment without pydantic 2"
            ) from None
        self.url = url.rstrip("/")
        self._user = user
        self.client = DoccanoClient(self.url)
        self._session = self.client._base_repository._session
        host = urlsplit(self.url).hostname or ""
        if host in {"127.0.0.1", "localhost", "::1"}:
            self._session.trust_env = False  # a proxy of the user's does not lead to this machine
        self._login()

    def get(self, path: str, **query: Any) -> Any:
        """The JSON that a GET answers."""
        return self.request("GET", path, params=query).json()

    def post(self, path: str, body: object, **query: Any) -> Any:
        """The JSON that a POST answers. It is sent once."""
        return self.request("POST", path, json=body, params=query).json()

    def patch(self, path: str, body: object) -> Any:
        """The JSON that a PATCH answers."""
        return self.request("PATCH", path, json=body).json()

    def delete(self, path: str) -> None:
        """Deletes; what is gone already is fine."""
        try:
            self.request("DELETE", path)
        except NotFound:
            return

    def request(self, method: str, path: str, *, files: object = None, stream: bool = False, **kwargs: Any) -> Any:
        """The answer to a request. GET, PATCH and DELETE are tried again with growing pauses; POST never is.

        Raises Unreachable, NotFound, Rejected, Unauthorized.
        """
        import requests

        tries = 1 if method == "POST" else _RETRIES
        again = True
        for attempt in range(tries):
            if attempt:
                time.sleep(0.2 * 2**attempt)
            try:
                # A file is sent as a form, and answered with a word, not as the JSON that the client says by default.
                headers = {"content-type": None, "accept": "*/*"} if files is not None or stream else None
                answer = self._session.request(
                    method,
                    f"{self.url}/v1/{path}",
                    timeout=TIMEOUT,
                    files=files,
                    headers=headers,
                    stream=stream,
                    **kwargs,
                )
            except requests.RequestException as error:
                failure = f"{self.url}: {method} {path}: no answer ({type(error).__name__})"
                continue
            if answer.status_code in _LATER:
                failure = f"{self.url}: {method} {path}: the server answered {answer.status_code}"
                continue
            if answer.status_code in {401, 403} and again and "login" not in path:
                again = False
                if self._expired():
                    # The server refused before it did anything, so asking again is safe even for POST.
                    self._login()
                    return self.request(method, path, files=files, stream=stream, **kwargs)
            _check(self.url, method, path, answer)
            return answer
        raise Unreachable(failure)

    def _expired(self) -> bool:
        import requests

        try:
            return bool(self._session.get(f"{self.url}/v1/me", timeout=TIMEOUT).status_code in {401, 403})
        except requests.RequestException:
            return False

    def _login(self) -> None:
        import requests

        body = {"username": self._user.username, "password": self._user.password}
        try:
            self._session.cookies.clear()
            answer = self._session.post(f"{self.url}/v1/auth/login/", json=body, timeout=TIMEOUT)
        except requests.RequestException as error:
            raise Unreachable(f"{self.url}: no answer ({type(error).__name__}); is Doccano running there?") from None
        if answer.status_code in {400, 401, 403}:
            raise Unauthorized(
                f"{self.url}: Doccano does not accept the user {self._user.username!r} with this password"
            )
        if answer.status_code != 200:
            raise Unreachable(f"{self.url}: the login answered {answer.status_code}; is this a Doccano?")
        self._session.headers["X-CSRFToken"] = self._session.cookies.get("csrftoken", "")


def _check(url: str, method: str, path: str, answer: Any) -> None:
    code = answer.status_code
    if code < 400:
        return
    where = f"{url}: {method} {path}"
    if code == 404:
        raise NotFound(f"{where}: it is not there (any more), or not for this user")
    if code in {401, 403}:
        raise Unauthorized(f"{where}: this user may not do that; use one who is an administrator of the project")
    raise Rejected(f"{where}: {code}: {_reason(answer)}")


def _reason(answer: Any) -> str:
    try:
        body = answer.json()
    except ValueError:
        return "no reason given"
    if isinstance(body, Mapping):
        return "; ".join(f"{key}: {value}" for key, value in body.items())[:500]
    return str(body)[:500]


def connect(url: str | None) -> Session:
    """A session with the server of DOCCANO_URL, else `url`, else Doccano's usual address on this machine.

    Raises UsageError without credentials, Unauthorized, Unreachable, EnvironmentFault without the client.
    """
    address = os.environ.get("DOCCANO_URL") or url or DEFAULT_URL
    if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
        raise UsageError(f"{address!r} is no address of a server, as in {DEFAULT_URL}")
    if urlsplit(address).username or urlsplit(address).password:
        raise UsageError(
            "the address of Doccano must not hold a user or password; set DOCCANO_USERNAME and DOCCANO_PASSWORD"
        )
    return Session(address, credentials(address))
