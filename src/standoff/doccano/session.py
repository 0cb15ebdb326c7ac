"""A logged-in connection to a Doccano server. Every failure is a RemoteError, and none shows the password or a cookie."""

import contextlib
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from standoff.doccano.credentials import Credentials
from standoff.errors import EnvironmentFault, how_to_install
from standoff.sync.remote import NotFound, RemoteError, Unauthorized, Unreachable

T = TypeVar("T")
K = TypeVar("K")
SLOW = (5.0, 300.0)
"""The time-out where the server works for long before it answers."""
PAUSE = 0.5
"""Seconds before something is asked again that broke off after its first bytes."""
CONNECTIONS = 4
"""So many requests at the same time, at most."""
_TIMES = 3
_NOT_DOCCANO = "this is not an answer of Doccano 1.8.4; check the server's address"
_UPLOAD_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
_CLIENT_FAULTS = (AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What doccano-client, which takes an answer apart without a look at it, raises on one that is none of Doccano's."""


class Session:
    """Requests to one server as one user, through doccano-client's session. An expired login is renewed once."""

    def __init__(self, url: str, user: Credentials) -> None:
        """Logs in. Raises Unauthorized, Unreachable, EnvironmentFault without the client."""
        try:
            from doccano_client import DoccanoClient

            from standoff.doccano import transport
        except ImportError as error:
            raise EnvironmentFault(
                f"the Doccano client can't be used here ({error}); {how_to_install('doccano')}, in an environment"
                " without pydantic 2 and urllib3 2"
            ) from None
        self.url = url.rstrip("/")
        self._user = user
        self._transport = transport
        self._client = DoccanoClient
        self._date = ""
        self._connect()
        self._login()
        transport.patient(self._http)

    def _connect(self) -> None:
        self.client = self._client(self.url)
        self._http = self.client._base_repository._session
        self._transport.prepare(self._http, self.url)

    def _twin(self) -> "Session":
        """One with the same login, for another thread."""
        twin = copy(self)
        twin._connect()
        twin._http.cookies.update(self._http.cookies)
        twin._http.headers.update(self._http.headers)
        self._transport.patient(twin._http)
        return twin

    def get(self, path: str, kind: type[T], *, timeout: tuple[float, float] | None = None, **query: Any) -> T:
        """What a GET answers, as `kind`."""
        body = self._exchange("GET", path, self._transport.content, _TIMES, params=query, timeout=timeout)
        return self._decode(f"GET {path}", body, kind)

    def post(self, path: str, body: object, kind: type[T], *, repeat: bool = False) -> T:
        """What a POST answers, as `kind`. It is sent once, but for `repeat`, where a second one does no harm."""
        answer = self._exchange("POST", path, self._transport.content, 1, repeat, json=body)
        return self._decode(f"POST {path}", answer, kind)

    def patch(self, path: str, body: object) -> None:
        """Changes what is there."""
        self._exchange("PATCH", path, self._transport.content, _TIMES, json=body)

    def delete(self, path: str, body: object = None) -> None:
        """Deletes; what is gone already is fine."""
        try:
            self._exchange("DELETE", path, self._transport.content, _TIMES, json=body)
        except NotFound:
            return

    def several(self, ask: Callable[["Session", K], T], items: Sequence[K]) -> list[T]:
        """What `ask` gives for each item, in their order; many are asked for at the same time, over a few connections.

        For what changes nothing. Raises what one of them raises.
        """
        if len(items) < 2 * CONNECTIONS:
            return [ask(self, item) for item in items]
        over = threading.Event()

        def work(session: Session, part: Sequence[K]) -> list[T]:
            return [ask(session, item) for item in part if not over.is_set()]

        parts = [items[start::CONNECTIONS] for start in range(CONNECTIONS)]
        twins = [self._twin() for _ in parts]
        with contextlib.ExitStack() as connections, ThreadPoolExecutor(CONNECTIONS) as threads:
            for twin in twins:
                connections.callback(twin._http.close)
            try:
                answers = list(threads.map(work, twins, parts))
            finally:
                over.set()
        return [answers[place % CONNECTIONS][place // CONNECTIONS] for place in range(len(items))]

    def download(self, path: str, file: IO[bytes], limit: int, **query: Any) -> None:
        """Writes what a GET answers to a file, at most `limit` bytes."""

        def read(answer: Any) -> None:
            file.seek(0)
            file.truncate()
            for block in self._transport.blocks(answer, limit):
                file.write(block)

        self._exchange("GET", path, read, _TIMES, params=query)

    def moment(self) -> datetime | None:
        """The server's clock when it answered last, to a second; None where it does not tell."""
        try:
            moment = parsedate_to_datetime(self._date)
        except ValueError:
            return None
        return moment if moment.tzinfo else None

    def upload(self, path: Path) -> str:
        """Sends a file, streamed from disk, to be imported later; its id."""
        from doccano_client.repositories.data_upload import DataUploadRepository

        repository = DataUploadRepository(self.client._base_repository)
        what = "upload of a file"
        answer: str = self.through_client(what, lambda: repository.upload(str(path)), repeat=True)
        id_ = answer.strip().strip('"')
        if not _UPLOAD_ID.fullmatch(id_):
            raise RemoteError(f"{self.url}: {what}: {_NOT_DOCCANO}")
        return id_

    def through_client(self, what: str, send: Callable[[], T], *, repeat: bool = False) -> T:
        """The result of requests that doccano-client makes in `send`. `what` names them in a message.

        With `repeat` they are made again when there was no answer.
        """
        import requests

        def guarded() -> T:
            try:
                return send()
            except requests.RequestException:
                raise
            except _CLIENT_FAULTS:
                pass
            raise RemoteError(f"{self.url}: {what}: {_NOT_DOCCANO}")

        return self._call(what, guarded, repeat)

    def hide(self, text: str) -> str:
        """What the server says, without the password, the cookies, and what a terminal would obey."""
        for secret in (self._user.password, *(str(cookie.value) for cookie in self._http.cookies)):
            if secret:
                text = text.replace(secret, "***")
        return "".join(character if character.isprintable() else " " for character in text)

    def _exchange(
        self, method: str, path: str, read: Callable[[Any], T], times: int, repeat: bool = False, **kwargs: Any
    ) -> T:
        """What `read` makes of the answer. Up to `times` times when that broke off; see `_call` for `repeat`."""
        import requests

        def send() -> T:
            left = times
            while True:
                answer = self._request(method, path, **kwargs)
                try:
                    return read(answer)
                except requests.RequestException:
                    left -= 1
                    if not left:
                        raise
                time.sleep(PAUSE)

        return self._call(f"{method} {path}", send, repeat)

    def _call(self, what: str, send: Callable[[], T], repeat: bool) -> T:
        """The result of `send`, with every failure as a RemoteError; with `repeat` again when there was no answer."""
        import requests
        import urllib3

        what = f"{self.url}: {what}"
        times, renewed = _TIMES if repeat else 1, False
        while True:
            try:
                return send()
            except RemoteError as error:
                fault = error
            except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
                fault = self._transport.failure(what, error, self.hide)
            # Out of the handler, so that no exception with a request in it hangs on to ours.
            if isinstance(fault, Unauthorized) and not renewed and self._expired():
                # It was refused before anything was done, so asking again is safe even for POST.
                self._login()
                renewed = True
                continue
            times -= 1
            if isinstance(fault, Unreachable) and times:
                time.sleep(2 * PAUSE)
                continue
            raise fault

    def _request(self, method: str, path: str, **kwargs: Any) -> Any:
        answer = self._http.request(method, f"{self.url}/v1/{path}", stream=True, **kwargs)
        if answer.status_code >= 400:
            fault = self._transport.refusal(f"{self.url}: {method} {path}", answer, self.hide)
            answer.close()
            raise fault
        self._date = answer.headers.get("date", "")
        return answer

    def _decode(self, what: str, body: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            reason = error
        raise RemoteError(f"{self.url}: {what}: {_NOT_DOCCANO} ({reason})")

    def _expired(self) -> bool:
        import requests
        import urllib3

        try:
            return bool(self._http.get(f"{self.url}/v1/me", stream=True).status_code in {401, 403})
        except (requests.RequestException, urllib3.exceptions.HTTPError):
            return False

    def _hint(self) -> str:
        path = urlsplit(self.url).path
        return f", and whether the address goes on with {path}" if path else ""

    def _login(self) -> None:
        import requests
        import urllib3

        self._http.cookies.clear()
        self._http.headers.pop("X-CSRFToken", None)
        fault: RemoteError | None = None
        code = 0
        try:
            self.client.login(self._user.username, self._user.password)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            fault = self._transport.failure(f"{self.url}: login", error, self.hide)
            answer = getattr(error, "response", None)
            code = answer.status_code if answer is not None else 0
        except _CLIENT_FAULTS:
            fault = RemoteError(f"{self.url}: login: {_NOT_DOCCANO}")
        # What the server says of a login is not repeated: it may quote what it was sent.
        if code in {400, 401, 403}:
            raise Unauthorized(
                f"{self.url}: Doccano does not accept the user {self._user.username!r} with this password; check"
                f" DOCCANO_USERNAME and DOCCANO_PASSWORD, or your netrc{self._hint()}"
            )
        if fault and 400 < code < 500 and code != 429:
            raise RemoteError(f"{self.url}: the login answered {code}; is this the address of a Doccano?")
        if fault:
            raise fault
