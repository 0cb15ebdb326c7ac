"""`openai:MODEL` against a server on this machine that speaks the API: what is quoted is found, or told."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmark.corpora import corpus
from command import standoff
from standoff.benchmark.language_model import KEY, URL
from standoff.benchmark.predictor import PredictorError, Request, load
from standoff.benchmark.prompting import Answer, Quoted, Related, found, question, questions
from standoff.corpus.model import Document, Extent, Section, Source
from standoff.errors import UsageError

SECRET = "sk-a-key-of-the-tests"

Reply = Callable[[dict[str, Any]], tuple[int, Any]]


class Server(ThreadingHTTPServer):
    """A server of chat completions; `reply` makes an answer of a request's body: a status, and content or an error."""

    reply: Reply
    asked: list[dict[str, Any]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/chat/completions"
        assert self.headers["Authorization"] == f"Bearer {SECRET}"
        self.server.asked.append(body)
        status, content = self.server.reply(body)
        if status == 200:
            message = {"role": "assistant", "content": content if isinstance(content, str) else json.dumps(content)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            content = {
                "id": "c",
                "object": "chat.completion",
                "created": 1,
                "model": body["model"],
                "choices": [choice],
            }
        raw = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Retry-After-Ms", "1")
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.setenv(URL, server.url)
    yield server
    server.shutdown()
    server.server_close()


def document(id_: str, *sentences: str) -> Document:
    places: list[Extent] = []
    for sentence in sentences:
        start = places[-1].end + 1 if places else 0
        places.append(Extent(start=start, end=start + len(sentence)))
    text = " ".join(sentences)
    return Document(
        id=id_,
        language="nl",
        source=Source(file="x", sha256="0" * 64, license="unknown"),
        text=text,
        sections=(Section(kind="paragraph", start=0, end=len(text)),),
        sentences=tuple(places),
    )


def span(sentence: int, label: str, quote: str) -> dict[str, Any]:
    return {"sentence": sentence, "label": label, "quote": quote}


def test_quotations_become_spans_and_all_else_is_told(server: Server, tmp_path: Path) -> None:
    store = corpus(tmp_path / "c")
    with store.lock():
        store.write(
            [document("a", "😀 Anna zag Anna in Gent.", "Bert zag Els en Els."), document("b", "Els zag Bert.")]
        )
    spans = [
        span(1, "PERSON", "Anna"),
        span(1, "PERSON", "Anna"),
        span(1, "GPE", "Gent"),
        span(2, "PERSON", "Els"),
        span(2, "PERSON", "Karel"),
        span(2, "PERSON", "Ber"),
        span(2, "PERSON", "ert"),
        span(9, "PERSON", "Bert"),
        span(2, "DWARF", "Bert"),
    ]
    server.reply = lambda body: (200, {"spans": spans if "Anna" in body["messages"][1]["content"] else []})
    done = standoff("predict", "openai:some/model", "--set", "m", "--root", tmp_path / "c", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["predicted"] == 2
    assert [problem["message"].partition(";")[0] for problem in told["problems"]] == [
        "PERSON 'Els': 2 times in the sentence, and not said which",
        "PERSON 'Karel': no words of the sentence",
        "PERSON 'Ber': no words of the sentence",
        "PERSON 'ert': no words of the sentence",
        "PERSON 'Bert': there is no sentence 9",
        "'DWARF' is no label of entities, the layers of this model",
    ]
    made = store.set("m", "a")
    assert made is not None
    assert [(each.start, each.text, each.label) for each in made.spans] == [
        (2, "Anna", "PERSON"),
        (11, "Anna", "PERSON"),
        (19, "Gent", "GPE"),
    ]
    asked = server.asked[0]
    assert asked["model"] == "some/model"
    assert (asked["temperature"], asked["seed"]) == (0, 0)
    assert "PERSON, NORP" in asked["messages"][0]["content"]
    assert asked["messages"][1]["content"] == "[1] 😀 Anna zag Anna in Gent.\n[2] Bert zag Els en Els."
    schema = asked["response_format"]["json_schema"]
    assert schema["strict"]
    assert "GPE" in schema["schema"]["properties"]["spans"]["items"]["properties"]["label"]["enum"]
    for path in (tmp_path / "c").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes()


def test_quotes_with_their_speakers(server: Server, tmp_path: Path) -> None:
    store = corpus(tmp_path)
    asked = document("a", '"Wij gaan', 'naar huis," zei Els.', "Bert zweeg.")
    server.reply = lambda body: (
        200,
        {
            "spans": [span(1, "QUOTE", "Wij gaan naar huis"), span(2, "SPEAKER", "Els"), span(3, "SPEAKER", "Jan")],
            "relations": [{"label": "speaker", "head": 0, "tail": 1}, {"label": "speaker", "head": 0, "tail": 2}],
        },
    )
    predictor = load("openai:", Request(argument="m", store=store, options={"layers": "quotes", "temperature": ""}))
    (prediction,) = predictor.predict([asked])
    assert [asked.text[slice(*each.fragments[0])] for each in prediction.spans] == ["Wij gaan naar huis", "Els"]
    assert [(each.label, each.head, each.tail) for each in prediction.relations] == [("speaker", 0, 1)]
    assert prediction.notes[1] == "relation speaker: one of its ends is not there; left out"
    assert "temperature" not in server.asked[0]


def test_a_long_text_is_several_questions(server: Server, tmp_path: Path) -> None:
    long = document("a", *(f"Anna zag nummer {number} en {'heel ' * 100}veel." for number in range(30)))
    server.reply = lambda body: (200, {"spans": [span(1, "PERSON", "Anna")]})
    (prediction,) = load("openai:", Request(argument="m", store=corpus(tmp_path))).predict([long])
    starts = [each.fragments[0][0] for each in prediction.spans]
    assert len(starts) == len(server.asked) == 3
    assert all(long.text[start : start + 4] == "Anna" for start in starts)
    assert sum(len(part) for part in questions(long)) == 30


def test_relations_of_a_later_question_join_its_own_spans(server: Server, tmp_path: Path) -> None:
    long = document("a", *(f'"Wij gaan," zei nummer {number} {"heel " * 700}snel.' for number in range(2)))
    speaker = [span(1, "QUOTE", "Wij gaan"), span(1, "SPEAKER", "nummer")]
    server.reply = lambda body: (200, {"spans": speaker, "relations": [{"label": "speaker", "head": 0, "tail": 1}]})
    predictor = load("openai:", Request(argument="m", store=corpus(tmp_path), options={"layers": "quotes"}))
    (prediction,) = predictor.predict([long])
    assert len(server.asked) == 2
    assert [(each.head, each.tail) for each in prediction.relations] == [(0, 1), (2, 3)]


@pytest.mark.parametrize(
    ("content", "said"),
    [("no JSON", "not as asked"), ({"spans": [{"label": "X"}]}, "not as asked"), ("", "not as asked")],
)
def test_an_answer_that_is_not_as_asked_fails_one_document(
    server: Server, tmp_path: Path, content: object, said: str
) -> None:
    server.reply = lambda body: (200, content if "Anna" in body["messages"][1]["content"] else {"spans": []})
    few = [document("a", "Anna."), document("b", "Bert.")]
    predictions = list(load("openai:", Request(argument="m", store=corpus(tmp_path))).predict(few))
    assert predictions[0].failure is not None
    assert said in predictions[0].failure
    assert predictions[1].failure is None


def test_a_server_that_is_busy_is_asked_again_and_one_that_refuses_stops(server: Server, tmp_path: Path) -> None:
    predictor = load("openai:", Request(argument="m", store=corpus(tmp_path), options={"timeout": "300"}))
    busy = iter([(429, {}), (503, {}), (200, {"spans": [span(1, "PERSON", "Anna")]})])
    server.reply = lambda body: next(busy)
    (prediction,) = predictor.predict([document("a", "Anna.")])
    assert (len(prediction.spans), len(server.asked)) == (1, 3)
    server.reply = lambda body: (401, {"error": {"message": f"Incorrect API key provided: {SECRET}"}})
    with pytest.raises(PredictorError, match=r"401.*\*\*\*") as refused:
        list(predictor.predict([document("a", "Anna.")]))
    assert SECRET not in str(refused.value)
    server.reply = lambda body: (400, {"error": {"message": "too long"}})
    (prediction,) = predictor.predict([document("a", "Anna.")])
    assert prediction.failure == "the server says: Error code: 400 - too long"


def test_a_server_that_is_not_there_and_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = corpus(tmp_path)
    monkeypatch.delenv(KEY, raising=False)
    monkeypatch.delenv(URL, raising=False)

    def loaded(argument: str = "m", **options: str) -> Any:
        return load("openai:", Request(argument=argument, store=store, options=options))

    with pytest.raises(PredictorError, match=f"set {KEY}"):
        loaded()
    for url in ("ftp://x", "https://me:secret@host/v1"):
        with pytest.raises(UsageError, match="holds no password"):
            loaded(url=url)
    with pytest.raises(UsageError, match="timeout=soon: this is no number"):
        loaded(url="http://127.0.0.1:9/v1", timeout="soon")
    with pytest.raises(UsageError, match="needs the name of a model"):
        loaded("")
    monkeypatch.setattr("standoff.benchmark.language_model._RETRIES", 0)
    with pytest.raises(PredictorError, match=r"openai:m at http://127\.0\.0\.1: Connection error"):
        list(loaded(url="http://127.0.0.1:9/v1").predict([document("a", "Anna.")]))


words = st.text(st.sampled_from("ab .\n(é"), min_size=1, max_size=12)


@given(st.lists(words.filter(str.strip), min_size=1, max_size=4), st.data())
def test_every_span_that_is_found_has_the_words_that_were_quoted(sentences: list[str], data: st.DataObject) -> None:
    asked = document("a", *sentences)
    quoted = st.builds(Quoted, sentence=st.integers(-1, 5), label=st.sampled_from("XY"), quote=words | st.just(""))
    answer = Answer(
        spans=tuple(data.draw(st.lists(quoted, max_size=8))),
        relations=tuple(
            data.draw(
                st.lists(
                    st.builds(Related, label=st.just("r"), head=st.integers(-2, 9), tail=st.integers(-2, 9)), max_size=3
                )
            )
        ),
    )
    spans, relations, notes = found(asked.text, asked.sentences, answer)
    assert len(spans) + len(relations) + len(notes) == len(answer.spans) + len(answer.relations)
    quotes = {(each.label, *each.quote.split()) for each in answer.spans}
    for each in spans:
        start, end = each.fragments[0]
        assert (each.label, *asked.text[start:end].split()) in quotes
        assert any(place.start <= start < place.end for place in asked.sentences)
    assert len({(each.label, each.fragments) for each in spans}) == len(spans)
    assert all(0 <= end < len(spans) for each in relations for end in (each.head, each.tail))
    assert question(asked.text, asked.sentences).count("\n") == len(sentences) - 1
