"""What annotators see and do in Doccano's page, in a real browser, and what the corpus gets of it."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, BrowserContext

from doccano.corpora import Item, add_document, in_grapheme_mode, page_project, snapshot, sync, total
from doccano.page import WINDOW, AnnotationPage, Highlight, drawn_name
from standoff.corpus.model import AnnotationSet, By, Fragment, Relation, Span
from standoff.corpus.store import Store
from standoff.doccano import server
from standoff.doccano.answers import Made
from standoff.doccano.credentials import Credentials
from standoff.doccano.remote import DoccanoRemote
from standoff.doccano.session import Session
from standoff.sync.remote import Project

pytestmark = [pytest.mark.doccano, pytest.mark.browser]
SEED = "000_31863ef30e6d4108"
QUOTES = {"QUOTE", "SPEAKER", "CUE", "ADDRESSEE"}
LONGEST_PASSWORD = 30
"""The form takes no longer one, though the server does."""

# Before and inside the spans: emoji beyond 16 bits, families joined by ZWJ, skin tones, flags, combining marks that no
# precomposed letter replaces, letters beyond 16 bits, a text that runs from right to left.
HARD = (
    "😀 Anna 👩‍👩‍👧‍👦 zei: “Héél m̃óói 🇳🇱 x̌x̌ waar.” 👍🏽 Daarna vroeg 👩🏽‍🚀 Anna aan Bo ❤️‍🔥 of q̃at klopt.\n"
    "שלום עולם van rechts naar links. \U0001d54fyz sprak 😀😀 zich uit."
)
QUOTE, ANNA, ZEI, INDIRECT, ASTRONAUT, BO, SPRAK, HEBREW, XYZ = range(9)
HARD_ITEMS: list[Item] = [
    ("QUOTE", ["“Héél m̃óói 🇳🇱 x̌x̌ waar.”"], {"type": "direct"}),
    ("SPEAKER", ["Anna"], {"entity": "Anna", "kb_id": "NIL"}),
    ("CUE", ["zei"], {}),
    ("QUOTE", ["of q̃at klopt"], {"type": "indirect"}),
    ("SPEAKER", ["👩🏽‍🚀 Anna"], {"entity": "Anna", "kb_id": "NIL"}),
    ("ADDRESSEE", ["Bo ❤️‍🔥"], {"entity": "Bo"}),
    ("CUE", ["sprak", "uit"], {}),
    ("SPEAKER", ["שלום עולם"], {"entity": "vrede"}),
    ("SPEAKER", ["\U0001d54fyz"], {}),
]
QUESTION = "Hoort 👩🏽‍🚀 bij de naam?"


class Annotator:
    """A user who is a member of projects with an annotator's rights, and no more."""

    def __init__(self, running: server.Server) -> None:
        self.username, self.password = "annotator-1", "p" * LONGEST_PASSWORD
        self._session = Session(running.url, Credentials(running.username, server.read_password(running.home)))
        body = {"username": self.username, "password1": self.password, "password2": self.password}
        self._id = self._session.post("users/create", body, Made).id

    def join(self, project: Project) -> None:
        """Becomes a member."""
        roles = self._session.get("roles", list[dict[str, int | str]])
        (role,) = [role["id"] for role in roles if role["name"] == "annotator"]
        self._session.post(f"projects/{project.id}/members", {"user": self._id, "role": role}, Made)


@pytest.fixture(scope="module")
def annotator(doccano_server: server.Server) -> Annotator:
    return Annotator(doccano_server)


@pytest.fixture(scope="module")
def logged_in(browser: Browser, doccano_server: server.Server, annotator: Annotator) -> BrowserContext:
    """The annotator's browser, after a login through the form."""
    context = browser.new_context(viewport=WINDOW)
    page = context.new_page()
    AnnotationPage(page, doccano_server.url).log_in(annotator.username, annotator.password)
    page.close()
    return context


class Window(AnnotationPage):
    """A page that keeps a numbered screenshot of each moment under `test-artifacts/`."""

    def __init__(self, context: BrowserContext, url: str, prefix: Path) -> None:
        super().__init__(context.new_page(), url)
        self._prefix, self._numbers = prefix, count(1)

    def keep(self, moment: str) -> None:
        self.screenshot(self._prefix.with_name(f"{self._prefix.name}-{next(self._numbers)}-{moment}.png"))


@pytest.fixture
def artifact(repository: Path, request: pytest.FixtureRequest) -> Path:
    """Where this test's screenshots begin."""
    name: str = request.node.name
    name = name.removeprefix("test_").replace("[", "-").replace("]", "")
    return repository / "test-artifacts" / "doccano" / name


@pytest.fixture
def window(logged_in: BrowserContext, doccano_server: server.Server, artifact: Path) -> Iterator[Window]:
    made = Window(logged_in, doccano_server.url, artifact)
    yield made
    made.keep("end")
    made.close()


def names(span: Span) -> Iterator[tuple[int, str]]:
    """The names of a span in the page, each with the fragment that it stands at. Markers stand at the first one."""
    name = span.label.rpartition(".")[2]
    if span.label == "QUOTE":
        name += f".{span.attributes['type']}"
    yield from ((fragment, name) for fragment in range(len(span.fragments)))
    if span.attributes.get("realis", "Actual") != "Actual":
        yield 0, f"realis:{span.attributes['realis']}"
    if span.attributes.get("polarity") == "Negative":
        yield 0, "polarity:Neg"


def highlights(spans: Sequence[Span], lines: Sequence[tuple[int, int]]) -> Counter[Highlight]:
    """What the page has to underline: each fragment under its words, cut where its lines are, named where it starts."""
    found: Counter[Highlight] = Counter()
    for span in spans:
        for fragment, name in names(span):
            start, end = span.fragments[fragment].start, span.fragments[fragment].end
            for first, last in lines:
                piece = max(start, first), min(end, last)
                if piece[0] < piece[1]:
                    found[Highlight(*piece, drawn_name(name) if piece[0] == start else None)] += 1
    return found


def assert_shown(window: AnnotationPage, text: str, spans: Sequence[Span]) -> None:
    """The page shows this text, and underlines exactly the words of these spans."""
    shown, underlined, lines = window.read()
    assert shown == text
    assert Counter(underlined) == highlights(spans, lines)


def at(words: tuple[int, int]) -> Fragment:
    """These characters of the hard text."""
    return Fragment(start=words[0], end=words[1], text=HARD[slice(*words)])


def made(annotations: AnnotationSet) -> list[tuple[str, By]]:
    """The items of which it is known when somebody made or changed them, by id."""
    items: list[Span | Relation] = [*annotations.spans, *annotations.relations]
    return [(item.id, item.by) for item in items if item.by]


def test_login_through_the_form(browser: Browser, doccano_server: server.Server, artifact: Path) -> None:
    with browser.new_context(viewport={"width": 1260, "height": 700}) as context:
        window = Window(context, doccano_server.url, artifact)
        window.open_login(doccano_server.username, "p" * (LONGEST_PASSWORD + 1))
        window.keep("refused")
        assert window.login_button.is_disabled()
        window.log_in(doccano_server.username, server.read_password(doccano_server.home))
        window.keep("projects")


def test_the_seed_article_from_both_projects(
    corpus: Path, env: dict[str, str], remote: DoccanoRemote, annotator: Annotator, window: Window
) -> None:
    sync(corpus, env)
    store = Store(corpus)
    text, gold = store.document(SEED).text, store.set("gold", SEED)
    assert gold is not None
    quotes, events = (page_project(corpus, remote, name) for name in ("quotes", "events"))
    for project in (quotes, events):
        annotator.join(project)
    window.open(events.id)
    window.keep("events")
    assert_shown(window, text, [span for span in gold.spans if span.label not in QUOTES])

    # A new event with a marker on the same words and an argument; a trigger relabeled; a marker taken away.
    aimed, who = text.index("streefden"), text.index("De twee grootste economieën ter wereld")
    talks, approved = text.index("gesprekken op hoog niveau"), text.index("goedgekeurd")
    window.add_span(aimed, aimed + len("streefden"), "Other")
    window.add_span(aimed, aimed + len("streefden"), "realis:Other")
    window.add_span(who, who + len("De twee grootste economieën ter wereld"), "ARG")
    window.relate((aimed, "Other"), (who, "ARG"), "Agent")
    window.relabel(talks, "Negotiate", "Meet")
    window.delete_span(approved, "realis:Other")
    window.keep("drawn")
    window.confirm()
    sync(corpus, env)
    pulled = store.set("gold", SEED)
    assert pulled is not None
    assert pulled.confirmed == ()
    old, now = {span.id: span for span in gold.spans}, {span.id: replace(span, by=None) for span in pulled.spans}
    trigger, argument = sorted((now[id_] for id_ in now.keys() - old.keys()), key=lambda span: -span.start)
    assert (trigger.label, trigger.text, trigger.attributes) == (
        "Other",
        "streefden",
        {"realis": "Other", "polarity": "Positive"},
    )
    assert (argument.label, argument.text) == ("ARG", "De twee grootste economieën ter wereld")
    (drawn,) = set(pulled.relations) - set(gold.relations)
    assert (drawn.label, drawn.head, drawn.tail) == ("Agent", trigger.id, argument.id)
    (met,) = [span for span in gold.spans if span.start == talks and span.label == "Contact.Negotiate"]
    (agreed,) = [span for span in gold.spans if span.start == approved and "realis" in span.attributes]
    assert now == old | {
        trigger.id: trigger,
        argument.id: argument,
        met.id: replace(met, label="Contact.Meet"),
        agreed.id: replace(agreed, attributes={**agreed.attributes, "realis": "Actual"}),
    }
    assert set(gold.relations) < set(pulled.relations)

    # A set is confirmed when it is in every project that holds a layer of it.
    window.open(quotes.id)
    window.keep("quotes")
    assert_shown(window, text, [span for span in gold.spans if span.label in QUOTES])
    window.confirm()
    sync(corpus, env, "quotes")
    confirmed = store.set("gold", SEED)
    assert confirmed is not None
    assert [by.annotator for by in confirmed.confirmed] == [annotator.username] * 2
    assert replace(confirmed, confirmed=()) == pulled


@pytest.mark.parametrize("grapheme_mode", [False, True], ids=["utf16", "graphemes"])
def test_what_an_annotator_does_is_what_the_corpus_gets(
    corpus: Path,
    env: dict[str, str],
    remote: DoccanoRemote,
    annotator: Annotator,
    window: Window,
    grapheme_mode: bool,
) -> None:
    if grapheme_mode:
        in_grapheme_mode(corpus)
    shutil.rmtree(corpus / "corpus" / "annotations")
    shutil.rmtree(corpus / "corpus" / "documents")
    gold = add_document(corpus, "moeilijk", HARD, HARD_ITEMS, [("speaker", QUOTE, ANNA), ("cue", QUOTE, ZEI), ("speaker", INDIRECT, ASTRONAUT)])  # fmt: skip
    began = datetime.now(UTC)
    sync(corpus, env, "quotes")
    project = page_project(corpus, remote, "quotes")
    assert project.settings.grapheme_mode is grapheme_mode
    annotator.join(project)
    old = gold.spans

    def start(item: int) -> int:
        return old[item].start

    def words(some: str, behind: int = 0) -> tuple[int, int]:
        at = HARD.index(some, behind)
        return at, at + len(some)

    window.open(project.id)
    window.keep("pushed")
    assert_shown(window, HARD, old)

    asked, wider, narrower = words("vroeg"), words("😀 Anna"), words("Anna", start(ASTRONAUT))
    window.add_span(*asked, "CUE")
    window.relate((start(INDIRECT), "QUOTE.indirect"), (asked[0], "CUE"), "cue")
    window.relabel(start(INDIRECT), "QUOTE.indirect", "QUOTE.mixed")
    window.relabel(start(HEBREW), "SPEAKER", "ADDRESSEE")
    window.delete_span(start(XYZ), "SPEAKER")
    window.keep("labels")
    # An extent is changed by drawing again. The relation is drawn again once; the other time it goes with the old span.
    window.add_span(*wider, "SPEAKER")
    window.delete_span(start(ANNA), "SPEAKER")
    window.add_span(*narrower, "SPEAKER")
    window.relate((start(INDIRECT), "QUOTE.mixed"), (narrower[0], "SPEAKER"), "speaker")
    window.delete_span(start(ASTRONAUT), "SPEAKER")
    window.keep("extents")
    window.comment(QUESTION)
    window.confirm()

    (report,) = sync(corpus, env, "quotes")
    assert report["ours"] == {"created": 2, "updated": 2, "moved": 2, "deleted": 1, "linked": 0}
    assert report["page"] == {"created": 1, "updated": 0, "moved": 0, "deleted": 0, "linked": 0}
    assert (report["conflicts"], report["skipped"], report["problems"]) == ([], [], [])
    pulled = Store(corpus).set("gold", "moeilijk")
    assert pulled is not None
    (new,) = {span.id for span in pulled.spans} - {span.id for span in old}
    (drawn,) = {relation.id for relation in pulled.relations} - {relation.id for relation in gold.relations}
    expected = {span.id: span for span in old if span is not old[XYZ]}
    changes: dict[int, dict[str, Any]] = {
        ANNA: {"fragments": (at(wider),)},
        ASTRONAUT: {"fragments": (at(narrower),)},
        INDIRECT: {"attributes": {"type": "mixed"}},
        HEBREW: {"label": "ADDRESSEE"},
    }
    for item, fields in changes.items():
        expected[old[item].id] = replace(old[item], **fields)
    expected[new] = Span(id=new, label="CUE", fragments=(at(asked),))
    assert {span.id: replace(span, by=None) for span in pulled.spans} == expected
    assert {replace(relation, by=None) for relation in pulled.relations} == {
        *gold.relations,
        Relation(id=drawn, label="cue", head=old[INDIRECT].id, tail=new),
    }
    # Who drew it is known; of a changed label only when.
    me = annotator.username
    authors = {id_: by.annotator for id_, by in made(pulled)}
    assert authors == {
        new: me, drawn: me, old[ANNA].id: me, old[ASTRONAUT].id: me, old[INDIRECT].id: None, old[HEBREW].id: None
    }  # fmt: skip
    assert [(one.by, one.text) for one in pulled.comments] == [(me, QUESTION)]
    assert [one.annotator for one in pulled.confirmed] == [me]
    times = [by.at for _, by in made(pulled)]
    times += [comment.at for comment in pulled.comments] + [by.at for by in pulled.confirmed]
    assert all(time and began < datetime.fromisoformat(time) < datetime.now(UTC) for time in times)

    before = snapshot(corpus)
    again = sync(corpus, env, "quotes")
    assert total(again, "page") == total(again, "ours") == 0
    assert snapshot(corpus) == before
    window.open(project.id)
    assert_shown(window, HARD, pulled.spans)
    assert window.relations() == ["continues", "cue", "cue", "speaker", "speaker"]
