"""How requests to Doccano travel: time-outs, retries of what may be asked twice, no redirects, no secrets from elsewhere.

Imports the packages of the extra `doccano`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError
from urllib3.response import HTTPResponse
from urllib3.util.retry import Retry

from standoff.doccano.credentials import is_loopback
from standoff.sync.remote import NotFound, Rejected, RemoteError, Unauthorized, Unreachable

TIMEOUT = (5.0, 60.0)
"""Seconds to connect, and to wait for the next bytes of an answer."""
RETRIES = 6
BACK_OFF = 0.25
"""Pauses of 0, 0.5, 1, 2, 4, 8 seconds: enough for a web server to restart."""
LONGEST_PAUSE = 30.0
"""Seconds, whatever the server asks for."""
_LATER = frozenset({429, 500, 502, 503, 504})
MAX_ANSWER = 1 << 30
"""Bytes of one answer."""


class _Retry(Retry):
    """GET, PATCH and DELETE are asked again. Of other methods only what never left: a connection that was not made."""

    def get_retry_after(self, response: HTTPResponse) -> float | None:
        """The pause that the server asks for, within bounds."""
        seconds = super().get_retry_after(response)
        return None if seconds is None else min(float(seconds), LONGEST_PAUSE)

    def increment(self, *args: Any, **kwargs: Any) -> Retry:
        """After a whole time-out of silence only one more request, or a user would wait for many minutes."""
        after = super().increment(*args, **kwargs)
        if isinstance(kwargs.get("error"), ReadTimeoutError):
            after.total = 0
        return after


class Adapter(HTTPAdapter):
    """Sends with a time-out also where the caller names none."""

    def __init__(self, retries: int) -> None:
        super().__init__(
            max_retries=_Retry(
                total=retries,
                allowed_methods=frozenset({"GET", "PATCH", "DELETE"}),
                status_forcelist=_LATER,
                backoff_factor=BACK_OFF,
                raise_on_status=False,
            )
        )

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Sends one request, as requests does."""
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT
        answer = super().send(request, **kwargs)
        # Else requests takes an answer that ends too early for a whole one.
        answer.raw.enforce_content_length = True
        return answer


def prepare(session: requests.Session, url: str) -> None:
    """Makes a session fit for one server. Nothing is tried again until `patient` is called."""
    # A proxy of the user's does not lead to this machine.
    session.trust_env = not is_loopback(url)
    # Else requests would add the user of a netrc to a session that belongs to another one.
    session.auth = lambda request: request
    # A redirected login would hand the password to whoever is named.
    session.max_redirects = 0
    _mount(session, Adapter(0))


def patient(session: requests.Session) -> None:
    """From now on requests are tried again."""
    _mount(session, Adapter(RETRIES))


def _mount(session: requests.Session, adapter: Adapter) -> None:
    session.mount("http://", adapter)
    session.mount("https://", adapter)


def content(answer: requests.Response, limit: int = MAX_ANSWER) -> bytes:
    """The whole body. Raises RemoteError beyond `limit` bytes, requests' errors when it ends too early."""
    return b"".join(blocks(answer, limit))


def blocks(answer: requests.Response, limit: int) -> Iterator[bytes]:
    """The body, piece by piece; see `content`."""
    size = 0
    for block in answer.iter_content(1 << 16):
        size += len(block)
        if size > limit:
            answer.close()
            raise RemoteError(f"the server's answer is larger than {limit >> 20} MB; it is not read")
        yield block


def failure(what: str, error: Exception, hide: Callable[[str], str]) -> RemoteError:
    """What an exception of requests or of urllib3 means. It keeps nothing of the request, which may hold a password or
    a cookie; `hide` takes them out of what the server says.
    """
    answer = getattr(error, "response", None)
    if isinstance(error, requests.TooManyRedirects):
        target = hide(str(answer.headers.get("location", "")))[:200] if answer is not None else ""
        return RemoteError(f"{what}: the server sends on to {target!r}; if that is your Doccano, give its address")
    if isinstance(error, requests.HTTPError) and answer is not None:
        return refusal(what, answer, hide)
    if isinstance(error, requests.JSONDecodeError):
        return RemoteError(f"{what}: this is not an answer of Doccano; check the server's address")
    if isinstance(error, requests.exceptions.SSLError):
        return RemoteError(
            f"{what}: no safe connection; if the server's certificate is your own, name its file in REQUESTS_CA_BUNDLE"
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable(f"{what}: no answer through the proxy that your environment names; see NO_PROXY")
    return Unreachable(
        f"{what}: no answer ({type(error).__name__}); see that Doccano runs there (`standoff doccano up` starts this"
        " machine's), then sync again: it goes on from there"
    )


def refusal(what: str, answer: requests.Response, hide: Callable[[str], str]) -> RemoteError:
    """What an answer of 400 and above means."""
    code = answer.status_code
    if code in _LATER or code >= 500:
        return Unreachable(
            f"{what}: the server answered {code}; look into its log, then sync again: it goes on from there"
        )
    if code == 404:
        return NotFound(f"{what}: it is not there (any more), or not for this user")
    if code in {401, 403}:
        return Unauthorized(
            f"{what}: this user may not do that; use one who is an administrator of the project, or of the server to make one"
        )
    return Rejected(f"{what}: {code}: {hide(_reason(answer))}")


def _reason(answer: requests.Response) -> str:
    try:
        body = msgspec.json.decode(content(answer, 1 << 20))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RemoteError, requests.RequestException):
        return "no reason given; check the server's address"
    if isinstance(body, Mapping):
        return "; ".join(f"{key}: {value}" for key, value in body.items())[:500]
    return str(body)[:500]
