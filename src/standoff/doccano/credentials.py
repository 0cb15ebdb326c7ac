"""Where Doccano is and who asks: from the environment and the user's netrc, never from a file of ours."""

import ipaddress
import netrc
import os
from urllib.parse import urlsplit

from standoff.errors import UsageError

DEFAULT_URL = "http://127.0.0.1:8000"


class Credentials:
    """A user and a password that no representation shows."""

    __slots__ = ("password", "username")

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self.password = password

    def __repr__(self) -> str:
        return f"Credentials({self.username!r}, ***)"


def address(url: str | None) -> str:
    """The address in DOCCANO_URL, else `url`, else Doccano's usual one on this machine. Raises UsageError.

    Its errors don't repeat an address: it may hold a password.
    """
    variable = os.environ.get("DOCCANO_URL")
    chosen = (variable or url or DEFAULT_URL).strip()
    source = "DOCCANO_URL" if variable else "the `url` of a Doccano project in corpus.toml"
    if "@" in chosen:
        raise UsageError(
            f"{source} must not hold a user or a password; set DOCCANO_USERNAME and DOCCANO_PASSWORD instead"
        )
    try:
        parts = urlsplit(chosen)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment:
        raise UsageError(f"{source} is no address of a server; it should look like {DEFAULT_URL}")
    return chosen.rstrip("/")


def credentials(url: str) -> Credentials:
    """From DOCCANO_USERNAME and DOCCANO_PASSWORD, else from the user's netrc. Raises UsageError when there are none."""
    username, password = os.environ.get("DOCCANO_USERNAME"), os.environ.get("DOCCANO_PASSWORD")
    if username and password:
        return Credentials(username, password)
    host = urlsplit(url).hostname or ""
    found, fault = None, ""
    try:
        found = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except FileNotFoundError:
        pass
    except (netrc.NetrcParseError, OSError, UnicodeDecodeError):
        # What the parser says may quote a password.
        fault = " (your netrc can't be read: mend it, or `chmod 600` it)"
    if found and found[0] and found[2] and username in {None, "", found[0]}:
        return Credentials(found[0], found[2])
    lacking = "DOCCANO_PASSWORD" if username else "DOCCANO_USERNAME and DOCCANO_PASSWORD"
    raise UsageError(
        f"no password for Doccano at {url}: set {lacking}, or put {host} into your netrc{fault};"
        " `standoff doccano up` starts a Doccano on this machine, and says what to set"
    )


def is_loopback(url: str) -> bool:
    """Whether an address leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
