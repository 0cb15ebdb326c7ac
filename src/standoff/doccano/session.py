"""A logged-in connection to a Doccano server. Every failure is a RemoteError, and none shows the password or a cookie."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from standoff.doccano.credentials import Credentials
from standoff.errors import EnvironmentFault
from standoff.sync.remote import NotFound, RemoteError, Unauthorized, Unreachable

T = TypeVar("T")
SLOW = (5.0, 300.0)
"""The time-out where the server works for long before it answers."""
_TIMES = 3
"""So often is asked again what may be asked twice and broke off after its first bytes."""


class Session:
    """Requests to one server as one user, through doccano-client's session. An expired login is renewed once."""

    def __init__(self, url: str, user: Credentials) -> None:
        """Logs in. Raises Unauthorized, Unreachable, EnvironmentFault without the client."""
        try:
            from doccano_client import DoccanoClient

            from standoff.doccano import transport
        except ImportError as error:
            raise EnvironmentFault(
                f"the Doccano client can't be used here ({error}): pip install 'standoff[doccano]', in an environment"
                " without pydantic 2 and urllib3 2"
            ) from None
        self.url = url.rstrip("/")
        self.client = DoccanoClient(self.url)
        self._user = user
        self._transport = transport
        self._http = self.client._base_repository._session
        transport.prepare(self._http, self.url)
        self._login()
        transport.patient(self._http)

    def get(self, path: str, kind: type[T], *, timeout: tuple[float, float] | None = None, **query: Any) -> T:
        """What a GET answers, as `kind`."""
        body = self._get(path, self._transport.content, query, timeout)
        return self._decode(f"GET {path}", body, kind)

    def post(self, path: str, body: object, kind: type[T], *, repeat: bool = False) -> T:
        """What a POST answers, as `kind`. It is sent once, but for `repeat`, where a second one does no harm."""

        def send() -> bytes:
            content: bytes = self._transport.content(self._request("POST", path, json=body))
            return content

        return self._decode(f"POST {path}", self.call(f"POST {path}", send, repeat=repeat), kind)

    def patch(self, path: str, body: object) -> None:
        """Changes what is there."""
        self.call(f"PATCH {path}", lambda: self._transport.content(self._request("PATCH", path, json=body)))

    def delete(self, path: str, body: object = None) -> None:
        """Deletes; what is gone already is fine."""
        try:
            self.call(f"DELETE {path}", lambda: self._transport.content(self._request("DELETE", path, json=body)))
        except NotFound:
            return

    def download(self, path: str, file: IO[bytes], limit: int, **query: Any) -> None:
        """Writes what a GET answers to a file, at most `limit` bytes."""

        def read(answer: Any) -> None:
            file.seek(0)
            file.truncate()
            for block in self._transport.blocks(answer, limit):
                file.write(block)

        self._get(path, read, query, None)

    def upload(self, path: Path) -> str:
        """Sends a file, streamed from disk, to be imported later; its id."""
        from doccano_client.repositories.data_upload import DataUploadRepository

        repository = DataUploadRepository(self.client._base_repository)
        id_: str = self.call("upload of a file", lambda: repository.upload(str(path)), repeat=True)
        return id_.strip().strip('"')

    def call(self, what: str, send: Callable[[], T], *, repeat: bool = False) -> T:
        """The result of requests made by `send`, with every failure as a RemoteError. `what` names them in a message.

        With `repeat` they are made again when there was no answer.
        """
        import requests
        from pydantic import ValidationError

        what = f"{self.url}: {what}"
        times, renewed = _TIMES if repeat else 1, False
        while True:
            try:
                return send()
            except RemoteError as error:
                fault = error
            except requests.RequestException as error:
                fault = self._transport.failure(what, error)
            except ValidationError:
                fault = RemoteError(f"{what}: this is not an answer of Doccano 1.8.4; check the server's address")
            # Out of the handler, so that no exception with a request in it hangs on to ours.
            if isinstance(fault, Unauthorized) and not renewed and self._expired():
                # It was refused before anything was done, so asking again is safe even for POST.
                self._login()
                renewed = True
                continue
            times -= 1
            if isinstance(fault, Unreachable) and times:
                time.sleep(1)
                continue
            raise fault

    def _get(
        self, path: str, read: Callable[[Any], T], query: dict[str, Any], timeout: tuple[float, float] | None
    ) -> T:
        import requests

        def send() -> T:
            for _ in range(_TIMES - 1):
                answer = self._request("GET", path, params=query, timeout=timeout)
                try:
                    return read(answer)
                except requests.RequestException:
                    time.sleep(0.5)
            return read(self._request("GET", path, params=query, timeout=timeout))

        return self.call(f"GET {path}", send)

    def _request(self, method: str, path: str, **kwargs: Any) -> Any:
        answer = self._http.request(method, f"{self.url}/v1/{path}", stream=True, **kwargs)
        if answer.status_code >= 400:
            fault = self._transport.refusal(f"{self.url}: {method} {path}", answer)
            answer.close()
            raise fault
        return answer

    def _decode(self, what: str, body: bytes, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RemoteError(f"{self.url}: {what}: this is not an answer of Doccano 1.8.4: {error}") from None

    def _expired(self) -> bool:
        import requests

        try:
            return bool(self._http.get(f"{self.url}/v1/me").status_code in {401, 403})
        except requests.RequestException:
            return False

    def _login(self) -> None:
        import requests

        self._http.cookies.clear()
        self._http.headers.pop("X-CSRFToken", None)
        fault: RemoteError | None = None
        code = 0
        try:
            self.client.login(self._user.username, self._user.password)
        except requests.RequestException as error:
            fault = self._transport.failure(f"{self.url}: login", error)
            answer = getattr(error, "response", None)
            code = answer.status_code if answer is not None else 0
        # What the server says of a login is not repeated: it may quote what it was sent.
        if code in {400, 401, 403}:
            raise Unauthorized(
                f"{self.url}: Doccano does not accept the user {self._user.username!r} with this password; check"
                " DOCCANO_USERNAME and DOCCANO_PASSWORD, or your netrc"
            )
        if fault and 400 < code < 500:
            raise RemoteError(f"{self.url}: the login answered {code}; is this the address of a Doccano?")
        if fault:
            raise fault
