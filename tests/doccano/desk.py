"""A corpus beside a real Doccano, and people who work in its page by the requests that the page sends."""

import functools
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import requests
from msgspec.structs import replace

from patience import PATIENCE
from standoff.corpus.model import AnnotationSet, Document
from standoff.corpus.state import ProjectState
from standoff.corpus.store import Store
from standoff.doccano import server
from standoff.doccano.credentials import Credentials
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import Session
from standoff.formats.doccano import offsets
from standoff.formats.doccano_rows import DOCUMENT_KEY
from standoff.sync.report import Options, ProjectReport
from standoff.sync.run import sync
from sync.world import SCHEME_TOML, annotations, document, relation, span

PASSWORD = "Zeer-geheim-77"
"""Of everybody but the administrator."""


class Person:
    """A user of the page."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url
        self.username = username
        self.password = password
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["accept"] = "application/json"
        self.ask("POST", "auth/login/", {"username": username, "password": password})
        self.http.headers["X-CSRFToken"] = self.http.cookies["csrftoken"]
        self.id = int(self.ask("GET", "me")["id"])

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """What the server answers; it has to accept the request."""
        answer = self.http.request(method, f"{self.url}/v1/{path}", json=body, timeout=PATIENCE)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None


@functools.cache
def admin_of(running: server.Server) -> Person:
    """The administrator that `standoff doccano up` made."""
    return Person(running.url, running.username, server.read_password(running.home))


@functools.cache
def person(running: server.Server, username: str) -> Person:
    """Somebody who may log in, and no more, until a project takes them in."""
    form = {"username": username, "password1": PASSWORD, "password2": PASSWORD}
    admin_of(running).ask("POST", "users/create", form)
    return Person(running.url, username, PASSWORD)


class Desk:
    """A corpus repository, the server, and short ways to say what both hold. Its one project is `main`, unless `projects`
    (tables of corpus.toml) says otherwise."""

    def __init__(self, root: Path, running: server.Server, name: str) -> None:
        self.root = root
        self.running = running
        self.name = name
        self.admin = admin_of(running)
        self.set_projects("")
        (root / "corpus" / "scheme.toml").write_text(SCHEME_TOML, encoding="utf-8")
        self.remote = self.connect()

    @property
    def store(self) -> Store:
        """The corpus as it is now."""
        return Store(self.root)

    @property
    def env(self) -> dict[str, str]:
        """What the command line needs to log in."""
        return {
            "DOCCANO_URL": self.running.url,
            "DOCCANO_USERNAME": self.admin.username,
            "DOCCANO_PASSWORD": self.admin.password,
        }

    def set_projects(self, tables: str) -> None:
        """Writes corpus.toml."""
        head = f'[corpus]\nformat = 1\nname = "{self.name}"\nlicenses = {{ annotations = "CC0-1.0" }}\n'
        path = self.root / "corpus" / "corpus.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(head + tables, encoding="utf-8")

    def connect(self, who: Person | None = None, task_seconds: float = PATIENCE) -> DoccanoRemote:
        """A new login, the administrator's by default."""
        who = who or self.admin
        return DoccanoRemote(Session(self.running.url, Credentials(who.username, who.password)), task_seconds)

    def write(self, *records: Document | AnnotationSet) -> None:
        """Puts documents and sets into the corpus."""
        with self.store.lock():
            self.store.write(records)

    def set(self, id_: str = "a", annotator: str = "gold") -> AnnotationSet:
        """A set of the corpus; it has to be there."""
        found = self.store.set(annotator, id_)
        assert found is not None
        return found

    def sync(
        self, *names: str, remote: DoccanoRemote | None = None, force_delete: Iterable[str] = (), **options: Any
    ) -> ProjectReport:
        """One sync of one project, in this process."""
        given = Options(force_delete=frozenset(force_delete), **options)
        (report,) = sync(self.store, lambda name, table: remote or self.remote, given, names)
        return report

    def files(self, *parts: str) -> Mapping[str, bytes]:
        """Every file of the corpus with its bytes; with `parts` those below such folders."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in sorted(self.root.joinpath("corpus", *parts).rglob("*"))
            if path.is_file()
        }

    # -- the page

    def project(self, name: str = "main") -> ProjectState:
        """The project in the page: its id, and its label types' ids."""
        state = self.store.project_state(name)
        assert state is not None
        return state

    def place(self, id_: str = "a", name: str = "main") -> str:
        """The path of the document's example: the one that is linked, else the only one."""
        state = self.store.document_state(name, "gold", id_)
        if state and state.example:
            return f"projects/{self.project(name).id}/examples/{state.example}"
        (example,) = self.examples(id_, name)
        return f"projects/{self.project(name).id}/examples/{example['id']}"

    def examples(self, id_: str = "a", name: str = "main") -> list[dict[str, Any]]:
        """The document's examples."""
        found = self.admin.ask("GET", f"projects/{self.project(name).id}/examples?limit=100000")["results"]
        return [example for example in found if example["meta"].get(DOCUMENT_KEY) == id_]

    def join(self, who: Person, role: str = "annotator", name: str = "main") -> None:
        """Makes somebody a member."""
        roles = {known["name"]: known["id"] for known in self.admin.ask("GET", "roles")}
        body = {"user": who.id, "role": roles[role]}
        self.admin.ask("POST", f"projects/{self.project(name).id}/members", body)

    def draw(self, who: Person, label: str, surface: str, id_: str = "a", name: str = "main") -> int:
        """Somebody selects the first such words and chooses a label; the row's id."""
        text = self.store.document(id_).text
        units = offsets(text, grapheme_mode=False)
        start = text.index(surface)
        body = {
            "label": self.project(name).span_types[label],
            "start_offset": units.to_unit(start),
            "end_offset": units.to_unit(start + len(surface)),
            "prob": 0,
        }
        return int(who.ask("POST", f"{self.place(id_, name)}/spans", body)["id"])

    def relabel(self, who: Person, row: int, label: str, id_: str = "a", name: str = "main") -> None:
        """Somebody chooses another label."""
        body = {"label": self.project(name).span_types[label]}
        who.ask("PATCH", f"{self.place(id_, name)}/spans/{row}", body)

    def erase(self, who: Person, row: int, id_: str = "a", name: str = "main") -> None:
        """Somebody deletes a span."""
        who.ask("DELETE", f"{self.place(id_, name)}/spans/{row}")

    def rows(self, id_: str = "a", name: str = "main", who: Person | None = None) -> dict[int, tuple[str, str]]:
        """Row id to label and surface, as somebody sees them in the page."""
        text = self.store.document(id_).text.encode("utf-16-le")
        labels = {number: label for label, number in self.project(name).span_types.items()}
        found = (who or self.admin).ask("GET", f"{self.place(id_, name)}/spans")
        return {
            row["id"]: (
                labels[row["label"]],
                text[2 * row["start_offset"] : 2 * row["end_offset"]].decode("utf-16-le"),
            )
            for row in found
        }

    def row(self, label: str, surface: str, id_: str = "a", name: str = "main") -> int:
        """The id of the row with this label and surface."""
        return next(row for row, shown in self.rows(id_, name).items() if shown == (label, surface))


def spans() -> list[Any]:
    return [
        span("s1", "PERSON", "Anna", entity="anna"),
        span("s2", "QUOTE", "dat Bob 👩‍👩‍👧", "en dat niemand", type="mixed"),
        span("s3", "SPEAKER", "Anna"),
        span("s4", "Meet", "ontmoette", realis="Other"),
        span("s5", "PERSON", "Carla"),
    ]


def fill(desk: Desk, *ids: str) -> None:
    for id_ in ids or ("a",):
        relations = [relation("r1", "speaker", "s2", "s3"), relation("r2", "Agent", "s4", "s5")]
        desk.write(document(id_), annotations(document(id_), spans(), relations))


def in_step(desk: Desk) -> None:
    """A sync finds nothing to do and changes no byte."""
    before = desk.files()
    report = desk.sync()
    assert report.clean, report
    assert not report.ours
    assert not report.page
    assert desk.files() == before


def work(desk: Desk, id_: str = "a") -> None:
    """Every kind of change, on both sides."""
    desk.draw(desk.admin, "ORG", "de raad", id_)
    desk.relabel(desk.admin, desk.row("Meet", "ontmoette", id_), "Die", id_)
    desk.erase(desk.admin, desk.row("PERSON", "Carla", id_), id_)
    before = desk.set(id_)
    kept = [item for item in before.spans if item.id != "s3"]
    kept = [replace(item, label="ORG") if item.id == "s1" else item for item in kept]
    new = [
        span("s6", "CUE", "zei"),
        span("s7", "PERSON", "Gent"),
        span("s8", "SPEAKER", "Bob"),
        span("s9", "PERSON", "hem"),
    ]
    drawn = [
        relation("r3", "cue", "s2", "s6"),
        relation("r4", "speaker", "s2", "s8"),
        relation("r5", "Place", "s4", "s7"),
    ]
    desk.write(replace(before, spans=(*kept, *new), relations=(before.relations[1], *drawn)))


def go_on(desk: Desk, id_: str = "a") -> tuple[str, bool]:
    """Somebody in the page goes on with what a sync that was cut short has brought there: how `work` ends then."""
    shown = set(desk.rows(id_).values())
    if ("PERSON", "Gent") in shown:
        desk.relabel(desk.admin, desk.row("PERSON", "Gent", id_), "ORG", id_)
    if ("PERSON", "hem") in shown:
        desk.erase(desk.admin, desk.row("PERSON", "hem", id_), id_)
    return "ORG" if ("PERSON", "Gent") in shown else "PERSON", ("PERSON", "hem") not in shown


def worked(desk: Desk, id_: str = "a", *, gent: str = "PERSON", hem: bool = True) -> None:
    """Both sides have all of `work`, once, and nothing else."""
    assert len(desk.examples(id_)) == 1
    found = desk.set(id_)
    both = [("CUE", "zei"), ("ORG", "Anna"), ("ORG", "de raad"), (gent, "Gent"), ("SPEAKER", "Bob")]
    both += [("PERSON", "hem")] if hem else []
    ours = [("Life.Die", "ontmoette"), ("QUOTE", "dat Bob 👩‍👩‍👧 en dat niemand")]
    assert sorted((item.label, item.text) for item in found.spans) == sorted([*both, *ours])
    assert {item.id for item in found.relations} == {"r3", "r4", "r5"}
    assert {item.id for item in found.spans} >= {"s1", "s2", "s4", "s6", "s7", "s8"}
    page = [("Die", "ontmoette"), ("realis:Other", "ontmoette")]
    page += [("QUOTE.mixed", "dat Bob 👩‍👩‍👧"), ("QUOTE.mixed", "en dat niemand")]
    assert sorted(desk.rows(id_).values()) == sorted([*both, *page])
    assert len(desk.admin.ask("GET", f"{desk.place(id_)}/relations")) == 4


def interrupt(remote: DoccanoRemote, method: str, what: Callable[[], object], *, before: bool = True) -> None:
    """Something happens at the first call of this method: right before it, or right after."""
    real = getattr(remote, method)

    def call(*args: Any, **kwargs: Any) -> Any:
        delattr(remote, method)
        if before:
            what()
        result = real(*args, **kwargs)
        if not before:
            what()
        return result

    setattr(remote, method, call)
