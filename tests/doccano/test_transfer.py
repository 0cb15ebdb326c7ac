"""Archives of an export that hold other things than they should: refused, and nothing of them is written anywhere."""

import io
import random
import tempfile
import zipfile
from pathlib import Path

import pytest
from msgspec.structs import replace

from doccano.double import Answer, Double, value
from standoff.doccano import transfer
from standoff.doccano.credentials import Credentials
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import Session
from standoff.doccano.transfer import read_archive
from standoff.formats.doccano_rows import Example, Row, write_line
from standoff.sync.remote import Project, RemoteError, Settings, Unreachable

EXAMPLE = Example(id=3, text="Anna\u2028zei", meta={"k": "v"}, rows=(Row(id=5, label="PERSON", start=0, end=4),))
LINE = write_line(EXAMPLE)
SHARED = Project(id=7, name="n", description="d", guideline="", settings=Settings(), span_types=(), relation_types=())
OWN = replace(SHARED, settings=Settings(collaborative=False))


def archive(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


def read(content: bytes, *, shared: bool = True, **limits: int) -> list[tuple[str | None, Example]]:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        return list(read_archive(file, "the export", shared=shared, **limits))


SOUND = archive(("all.jsonl", LINE + b"\n" + LINE))
FLAWED: dict[str, tuple[bytes, type[RemoteError], str]] = {
    "no archive": (b"<html>", Unreachable, "no whole archive .* try again"),
    "nothing": (b"", Unreachable, "no whole archive"),
    "truncated": (SOUND[:-30], Unreachable, "no whole archive"),
    "damaged": (SOUND.replace(SOUND[50:60], b"0123456789"), Unreachable, "no whole archive"),
    "empty": (archive(), RemoteError, "holds nothing, which is not what Doccano 1.8.4 writes"),
    "two members": (archive(("all.jsonl", LINE), ("b.jsonl", LINE)), RemoteError, "holds 'all.jsonl', 'b.jsonl'"),
    "outside": (archive(("../../etc/all.jsonl", LINE)), RemoteError, "holds '../../etc/all.jsonl'"),
    "absolute": (archive(("/etc/all.jsonl", LINE)), RemoteError, "holds '/etc/all.jsonl'"),
    "another name": (archive(("all.json", LINE)), RemoteError, "holds 'all.json'"),
    "no name": (SOUND.replace(b"all.jsonl", b"\0ll.jsonl"), RemoteError, "holds '', which is not"),
    "not JSON": (archive(("all.jsonl", b"{}")), RemoteError, "can't be used: .* a line that can't be read"),
    "bytes": (archive(("all.jsonl", b"\xff\n")), RemoteError, "can't be used"),
    "deep": (archive(("all.jsonl", b"[" * 100_000)), RemoteError, "can't be used"),
    "another method": (archive(("all.jsonl", LINE), method=zipfile.ZIP_BZIP2), RemoteError, "packed in a way"),
}


@pytest.mark.parametrize("flaw", FLAWED)
def test_a_flawed_archive(flaw: str) -> None:
    content, kind, says = FLAWED[flaw]
    with pytest.raises(kind, match=f"^the export .*{says}"):
        read(content)


def test_a_sound_archive() -> None:
    assert read(SOUND) == [(None, EXAMPLE)] * 2
    # `all` is a name like any other where members have files of their own.
    own = archive(("all.jsonl", LINE), ("../../etc.jsonl", LINE), ("gold.jsonl", b""))
    assert read(own, shared=False) == [("all", EXAMPLE), ("../../etc", EXAMPLE)]


def test_an_encrypted_member() -> None:
    content = bytearray(SOUND)
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(start) + flags] |= 1
    with pytest.raises(RemoteError, match="is encrypted or packed in a way that Doccano"):
        read(bytes(content))


def test_the_same_member_twice() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = archive(("a.jsonl", LINE), ("a.jsonl", LINE))
    with pytest.raises(RemoteError, match=r"holds 'a.jsonl', 'a.jsonl'"):
        read(content, shared=False)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = archive(("all.jsonl", b" " * 50_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(RemoteError, match="would unpack to 50,000,000 bytes, of at most 1,000,000; it is not read"):
        read(bomb, max_unpacked=1_000_000)
    with pytest.raises(RemoteError, match="a line of more than 1,000 bytes; it is not read"):
        read(bomb, max_line=1_000)
    # One that says to be small is read as far as it says.
    size = (50_000_000).to_bytes(4, "little")
    with pytest.raises(Unreachable, match="no whole archive"):
        read(bomb.replace(size, (100).to_bytes(4, "little")), max_unpacked=1_000_000)
    halves = archive(("a.jsonl", b" " * 600_000), ("b.jsonl", b" " * 600_000))
    with pytest.raises(RemoteError, match="would unpack to 1,200,000 bytes"):
        read(halves, shared=False, max_unpacked=1_000_000)


def test_no_damage_goes_unnoticed() -> None:
    """Whatever byte is wrong: the same examples, or an error of ours."""
    chance = random.Random(7)
    content = archive(("all.jsonl", LINE * 3))
    for _ in range(1_000):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 3)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            found = read(bytes(broken))
        except RemoteError:
            continue
        assert found == [(None, EXAMPLE)] * 3


@pytest.fixture
def remote(double: Double, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DoccanoRemote:
    double.tell("POST", "projects/7/download", value({"task_id": "t"}))
    double.tell("GET", "tasks/status/t", value({"ready": True}))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return DoccanoRemote(Session(double.url, Credentials("admin", "open-sesame")))


def test_an_export_leaves_no_file(double: Double, remote: DoccanoRemote, tmp_path: Path) -> None:
    there = sorted(tmp_path.rglob("*"))
    double.tell("GET", "projects/7/members", value([]))
    for project, content in ((SHARED, SOUND), (OWN, archive(("../../etc.jsonl", LINE), ("../x/gold.jsonl", LINE)))):
        double.tell("GET", "projects/7/download", Answer(200, content))
        assert len(list(remote.export(project))) == 2
        assert sorted(tmp_path.rglob("*")) == there
    for content, kind, _ in FLAWED.values():
        double.tell("GET", "projects/7/download", Answer(200, content))
        with pytest.raises(kind, match=f"^{double.url}: the export of project 7 "):
            list(remote.export(SHARED))
        assert sorted(tmp_path.rglob("*")) == there


def test_an_export_begins_before_it_is_read(double: Double, remote: DoccanoRemote) -> None:
    double.tell("GET", "projects/7/download", Answer(200, SOUND))
    examples = remote.export(SHARED)
    assert double.count("POST", "projects/7/download") == 1
    assert double.count("GET", "tasks/status/t") == 0
    assert len(list(examples)) == 2


def test_an_archive_without_end(double: Double, remote: DoccanoRemote, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "MAX_ARCHIVE", 1_000)
    double.tell("GET", "projects/7/download", Answer(200, bytes(200_000)))
    with pytest.raises(RemoteError, match=r"larger than .* it is not read"):
        list(remote.export(SHARED))


def test_a_download_that_breaks_off_is_asked_again(double: Double, remote: DoccanoRemote) -> None:
    double.tell("GET", "projects/7/download", Answer(200, SOUND, cut=50), Answer(200, SOUND))
    assert len(list(remote.export(SHARED))) == 2


def test_no_room_for_an_export(double: Double, remote: DoccanoRemote, tmp_path: Path) -> None:
    double.tell("GET", "projects/7/download", Answer(200, SOUND))
    (tmp_path / "temporary").rmdir()
    with pytest.raises(Exception, match="temporary: ") as error:
        list(remote.export(SHARED))
    assert type(error.value).__name__ == "EnvironmentFault"


@pytest.mark.parametrize("name", ["../../etc", "a/b", "/etc/passwd", "a\0"])
def test_a_member_whose_name_is_no_files_name(double: Double, remote: DoccanoRemote, name: str) -> None:
    """Doccano would write that member's annotations somewhere else on its own machine, and the archive would lack them."""
    members = [
        {"id": number, "user": number, "role": 1, "username": user, "rolename": "annotator"}
        for number, user in enumerate(["bea", name], 1)
    ]
    double.tell("GET", "projects/7/members", value(members))
    with pytest.raises(RemoteError, match="take that user out of the project's members"):
        list(remote.export(OWN))
    assert double.count("POST", "projects/7/download") == 0
    double.tell("GET", "projects/7/download", Answer(200, SOUND))
    assert list(remote.export(SHARED))
