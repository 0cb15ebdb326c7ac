"""Where Doccano is and who asks: the environment, the user's netrc, and no word of a password in an error."""

from pathlib import Path

import pytest

from doccano.double import Double
from standoff.doccano.credentials import DEFAULT_URL, Credentials, address, credentials, is_loopback
from standoff.doccano.remote import connect
from standoff.errors import StandoffError, UsageError
from standoff.sync.remote import Unreachable

URL = "https://doccano.example.org/annotate"
SECRET = "open-sesame"


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DOCCANO_URL", "DOCCANO_USERNAME", "DOCCANO_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def write_netrc(tmp_path: Path, content: str) -> None:
    (tmp_path / "netrc").write_text(content)
    (tmp_path / "netrc").chmod(0o600)


def test_the_environment_comes_before_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    assert address(None) == DEFAULT_URL
    assert address(f"{URL}/ ") == URL
    monkeypatch.setenv("DOCCANO_URL", "http://[::1]:8000")
    assert address(URL) == "http://[::1]:8000"


@pytest.mark.parametrize(
    "wrong",
    [
        f"https://admin:{SECRET}@doccano.example.org",
        f"https://doccano.example.org/?password={SECRET}",
        f"https://doccano.example.org/#{SECRET}",
        f"ftp://{SECRET}",
        f"http://{SECRET}:port",
        f"http://[{SECRET}",
        SECRET,
        "http://",
        "http://host:0",
        "http://host:65536",
    ],
)
def test_an_address_that_is_none(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"the `url` of a Doccano project in corpus\.toml") as error:
        address(wrong)
    assert SECRET not in str(error.value)
    monkeypatch.setenv("DOCCANO_URL", wrong)
    with pytest.raises(UsageError, match="DOCCANO_URL"):
        address(None)


@pytest.mark.parametrize("host", ["a..b", "x" * 70, "*", "é..é", "127.0.0.1:9"])
def test_an_address_where_nobody_is(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCCANO_USERNAME", "admin")
    monkeypatch.setenv("DOCCANO_PASSWORD", SECRET)
    with pytest.raises(Unreachable, match="no answer"):
        connect(f"http://{host}")


def test_a_user_from_the_environment_or_from_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_netrc(tmp_path, f"machine doccano.example.org login bea password {SECRET}\n")
    found = credentials(URL)
    assert (found.username, found.password) == ("bea", SECRET)
    monkeypatch.setenv("DOCCANO_USERNAME", "cas")
    # Nobody's password is sent with another's name.
    with pytest.raises(UsageError, match="set DOCCANO_PASSWORD"):
        credentials(URL)
    monkeypatch.setenv("DOCCANO_PASSWORD", "another")
    found = credentials(URL)
    assert (found.username, found.password) == ("cas", "another")
    assert "another" not in repr(found) + str(found)


def test_no_user(tmp_path: Path) -> None:
    says = "set DOCCANO_USERNAME and DOCCANO_PASSWORD, or put doccano.example.org into your netrc"
    with pytest.raises(UsageError, match=says):
        credentials(URL)
    for content in (f"machine another.example.org login bea password {SECRET}\n", ""):
        write_netrc(tmp_path, content)
        with pytest.raises(UsageError, match=says):
            credentials(URL)


@pytest.mark.parametrize("content", [f"machine x login y {SECRET} z", f'machine x password "{SECRET}', "\udcff"])
def test_a_netrc_that_can_not_be_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "netrc").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match="your netrc") as error:
        credentials(URL)
    assert SECRET not in str(error.value)


def test_this_machine() -> None:
    for url in ("http://localhost:1", "http://127.0.0.2", "http://[::1]:8000"):
        assert is_loopback(url)
    for url in (URL, "http://10.0.0.1", "http://127.0.0.1.example.org"):
        assert not is_loopback(url)


def test_a_netrc_is_not_sent_beside_the_login(double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """requests would add the netrc's user to every request, also where another one is logged in."""
    monkeypatch.setattr("standoff.doccano.transport.is_loopback", lambda url: False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("DOCCANO_USERNAME", "cas")
    monkeypatch.setenv("DOCCANO_PASSWORD", "another")
    write_netrc(tmp_path, f"machine 127.0.0.1 login bea password {SECRET}\n")
    remote = connect(double.url)
    with pytest.raises(StandoffError):
        remote.find_projects("x")
    assert len(double.requests) == 2
    assert not any(name.lower() == "authorization" for request in double.requests for name in request.headers)


def test_nothing_shows_a_password() -> None:
    assert SECRET not in repr(Credentials("admin", SECRET))
