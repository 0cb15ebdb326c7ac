"""Questions of `standoff adjudicate` at the terminal: what is shown of a difference, and answers as they are typed."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from standoff.adjudicate.questions import Question
from standoff.adjudicate.run import Adjudication, Case
from standoff.adjudicate.take import Signature
from standoff.cli.common import out
from standoff.corpus.decisions import Answer, RelationAnswer, SpanAnswer, ValueAnswer
from standoff.corpus.model import Span

_KINDS = {
    "missing": "not all have it",
    "extent": "extent",
    "label": "label",
    "attribute": "attribute",
    "relation": "relation",
    "end": "end of a relation",
}


def ask(run: Adjudication, case: Case, layers: Sequence[str], sign: Signature) -> bool:
    """Asks one question after another, each answer on disk before the next; False when whoever answers quits."""
    later: set[str] = set()
    while open_ := [one for one in case.plan.questions if one.layer in layers and one.id not in later]:
        question = open_[0]
        out.print()
        out.print(Text(f"{case.document.id}, {len(open_)} open", "dim"))
        out.print(context(case, question))
        number, why = _typed(len(question.options))
        if number == "q":
            return False
        if number == "s":
            later.add(question.id)
        else:
            taken = question.options[int(number) - 1]
            run.decide(case, [question.decide(taken, sign.by, now(), why or sign.why)])
    return True


def now() -> str:
    """This second, as decisions state it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _typed(options: int) -> tuple[str, str]:
    """The number of an answer, `s` or `q`, and what was typed behind it."""
    while True:
        try:
            typed = out.input(Text(f"1-{options} and, if you like, why; s: later; q: quit > ", "bold")).strip()
        except (EOFError, KeyboardInterrupt):
            out.print()
            return "q", ""
        choice, _, why = typed.partition(" ")
        if choice in {"q", "s"} or (choice.isdecimal() and choice.isascii() and 1 <= int(choice) <= options):
            return choice, why.strip()
        out.print("type the number of an answer, s or q")


def context(case: Case, question: Question) -> Text:
    """A question as people read it: the sentence with its place in it, and the answers with their numbers."""
    start, end = _sentences(case, question)
    text = case.document.text
    shown = Text("  ")
    shown.append(f"{question.layer}: {', '.join(_KINDS[kind] for kind in question.kinds)}", "bold")
    shown.append(f"  {question.id}\n  ", "dim")
    for low, high, style in (
        (start, question.start, ""),
        (question.start, question.end, "bold underline"),
        (question.end, end, ""),
    ):
        shown.append(text[low:high].replace("\n", " "), style)
    for number, option in enumerate(question.options, 1):
        takers = ", ".join(question.takers(option)) or "nobody"
        shown.append(f"\n  {number}  ")
        shown.append_text(_shown(case, option))
        shown.append(f"  {takers}", "dim")
    return shown


def describe(case: Case, question: Question) -> dict[str, Any]:
    """A question as programs read it."""
    start, end = _sentences(case, question)
    return {
        "question": question.id,
        "layer": question.layer,
        "kinds": question.kinds,
        "start": question.start,
        "end": question.end,
        "text": case.document.text[question.start : question.end],
        "sentence": {"start": start, "end": end, "text": case.document.text[start:end]},
        "answers": question.answers,
    }


def _sentences(case: Case, question: Question) -> tuple[int, int]:
    around = [one for one in case.document.sentences if one.start < question.end and question.start < one.end]
    start = min([question.start, *(one.start for one in around)])
    return start, max([question.end, *(one.end for one in around)])


def _shown(case: Case, answer: Answer | None) -> Text:
    if answer is None:
        return Text("nothing", "italic")
    if isinstance(answer, SpanAnswer):
        return Text.assemble((answer.label, "bold"), " ", _quoted([piece.text for piece in answer.fragments]))
    if isinstance(answer, ValueAnswer):
        span = _span(case, answer.span)
        about = f" on {span.label} {_quoted([piece.text for piece in span.fragments])}" if span else ""
        return Text.assemble(answer.attribute, " = ", (answer.value or "(not stated)", "bold"), about)
    assert isinstance(answer, RelationAnswer)
    ends = [_span(case, id_) for id_ in (answer.head, answer.tail)]
    surfaces = [_quoted([piece.text for piece in span.fragments]) if span else "?" for span in ends]
    return Text.assemble(surfaces[0], " ", (f"–{answer.label}→", "bold"), " ", surfaces[1])


def _span(case: Case, id_: str) -> Span | None:
    return next((span for span in case.plan.spans if span.id == id_), None)


def _quoted(surfaces: Iterable[str]) -> str:
    return "‘" + " … ".join(surfaces).replace("\n", " ") + "’"
