"""`openai:MODEL`: a language model behind any endpoint that speaks OpenAI's chat completions with structured output."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from standoff.benchmark.predictor import FoundRelation, FoundSpan, Prediction, PredictorError, Request
from standoff.benchmark.prompting import Answer, answer_schema, found, instructions, question, questions
from standoff.corpus.model import Document
from standoff.corpus.scheme import SchemeIndex, index
from standoff.errors import UsageError, how_to_install

if TYPE_CHECKING:
    import openai

KEY, URL = "OPENAI_API_KEY", "OPENAI_BASE_URL"
_RETRIES = 4
_TIMEOUT = "120"
_STOP = {401, 402, 403, 404, 408, 409, 429}
"""Answers of a server that no other document would change."""


class _Failed(Exception):
    """Nothing can be said of one document."""


class LanguageModel:
    """Asks for spans as quotations, sentence by sentence, and finds these in the text.

    Options: `layers`, by default the scheme's first one without relations; `url`; `timeout`, seconds for one answer;
    `temperature`, 0 by default, and nothing for models that take none.
    """

    labels = None

    def __init__(self, model: str, client: "openai.OpenAI", request: Request, scheme: SchemeIndex) -> None:
        self.layers = request.layers()
        self._model = model
        self._client = client
        self._instructions = instructions(scheme, self.layers)
        schema = answer_schema(scheme, self.layers)
        self._settings: dict[str, Any] = {
            "seed": request.seed,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "annotations", "strict": True, "schema": schema},
            },
        }
        if temperature := request.option("temperature", "0"):
            self._settings["temperature"] = _number("temperature", temperature)
        asked = json.dumps([self._instructions, schema, question("a", ())])
        self.version = f"{model}, prompt {hashlib.sha256(asked.encode()).hexdigest()[:12]}"

    def predict(self, documents: Iterable[Document]) -> Iterator[Prediction]:
        """One prediction for each document, in order. Raises PredictorError when the server does not answer."""
        for document in documents:
            spans: list[FoundSpan] = []
            relations: list[FoundRelation] = []
            notes: list[str] = []
            try:
                for sentences in questions(document):
                    answer = self._ask(question(document.text, sentences))
                    new, related, left_out = found(document.text, sentences, answer)
                    relations += [
                        FoundRelation(label=each.label, head=each.head + len(spans), tail=each.tail + len(spans))
                        for each in related
                    ]
                    spans += new
                    notes += left_out
            except _Failed as failure:
                yield Prediction(document=document.id, failure=str(failure))
            else:
                yield Prediction(
                    document=document.id, spans=tuple(spans), relations=tuple(relations), notes=tuple(notes)
                )

    def _ask(self, text: str) -> Answer:
        import openai

        try:
            made = self._client.chat.completions.create(
                model=self._model,
                messages=[{"role": "system", "content": self._instructions}, {"role": "user", "content": text}],
                **self._settings,
            )
        except openai.APIStatusError as error:
            said = f"the server says: {self._without_key(error.message)}"
            if error.status_code in _STOP or error.status_code >= 500:
                raise PredictorError(f"openai:{self._model}: {said}") from None
            raise _Failed(said) from None
        except openai.OpenAIError as error:
            where = f"{self._client.base_url.scheme}://{self._client.base_url.host}"
            raise PredictorError(f"openai:{self._model} at {where}: {self._without_key(str(error))}") from None
        except ValueError as error:  # an answer that is no JSON at all
            raise _Failed(f"an answer that can't be read ({self._without_key(str(error))})") from None
        return _read(made)

    def _without_key(self, message: str) -> str:
        """Servers show parts of what they were sent, and a message is shown and kept."""
        return message.replace(self._client.api_key, "***")[:500]


def _read(made: Any) -> Answer:
    choices = getattr(made, "choices", None)
    if not choices:
        raise _Failed("an answer without content")
    choice = choices[0]
    if getattr(choice.message, "refusal", None):
        raise _Failed(f"the model refuses: {str(choice.message.refusal)[:200]}")
    if choice.finish_reason == "length":
        raise _Failed("the answer was cut off: it is longer than the model may write")
    try:
        return msgspec.json.decode(choice.message.content or "", type=Answer)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise _Failed(f"an answer that is not as asked ({error}): {str(choice.message.content)[:200]}") from None


def _number(name: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise UsageError(f"--option {name}={value}: this is no number") from None


def load(request: Request) -> LanguageModel:
    """`openai:MODEL`, with the key from the environment. Raises UsageError, PredictorError for what is missing."""
    if not request.argument:
        raise UsageError("openai: needs the name of a model, as in openai:my-model")
    try:
        import openai
    except ImportError:
        raise PredictorError(f"openai: needs the package openai; {how_to_install('openai')}") from None
    url = request.option("url", os.environ.get(URL, ""))
    if url and (urlsplit(url).scheme not in {"http", "https"} or "@" in urlsplit(url).netloc):
        raise UsageError(f"openai: the address of the server is http:// or https:// and holds no password ({KEY} does)")
    key = os.environ.get(KEY, "")
    if not key and not url:
        raise PredictorError(f"openai: set {KEY}, or name another server with {URL} or --option url=...")
    timeout = _number("timeout", request.option("timeout", _TIMEOUT))
    # A server of one's own may want no key; the library wants one.
    client = openai.OpenAI(api_key=key or "no-key", base_url=url or None, timeout=timeout, max_retries=_RETRIES)
    return LanguageModel(request.argument, client, request, index(request.store.scheme))
