"""`standoff adjudicate`: what annotators agree on is taken, differences are asked, at the terminal or by options."""

import getpass
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from standoff.adjudicate.project import CuratedProject, Step
from standoff.adjudicate.questions import Question
from standoff.adjudicate.run import Adjudication, Case, Outcome, SkipError
from standoff.adjudicate.take import Signature, Takes
from standoff.cli.ask import ask, context, describe, now
from standoff.cli.common import Json, Root, check_name, check_new_set, out, print_json
from standoff.cli.compared import Layers, check_layers
from standoff.corpus.codec import DecodeError
from standoff.corpus.store import Store
from standoff.errors import StandoffError, UsageError
from standoff.sync.people import annotator_name
from standoff.text.counted import counted

app = typer.Typer()


@app.command("adjudicate")
def adjudicate(
    annotators: Annotated[list[str], typer.Argument(metavar="ANNOTATOR...", help="Two or more.")],
    root: Root = Path(),
    set_name: Annotated[
        str,
        typer.Option("--set", metavar="NAME", help="The adjudicated set, by its name.", callback=check_new_set),
    ] = "gold",
    layer: Layers = None,
    document: Annotated[
        list[str] | None,
        typer.Option("--document", metavar="ID", help="Only this document; may be given more than once."),
    ] = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            "--take",
            metavar="ANSWER",
            help="An annotator's name: their answer to all that is open. The id of a span or relation: that one."
            " QUESTION=NAME or QUESTION=nothing: the answer to one question, also to change it. May be given more than once.",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            metavar="NAME",
            help="Who decides; the user of this machine if not given.",
            callback=lambda v: v and check_name(v),
        ),
    ] = None,
    why: Annotated[
        str | None, typer.Option("--why", metavar="TEXT", help="The reason, kept with each decision.")
    ] = None,
    only_list: Annotated[bool, typer.Option("--list", help="Say what is open, and change nothing.")] = False,
    overwrite: Annotated[
        list[str] | None,
        typer.Option(
            "--overwrite", metavar="ID", help="Replace what was edited by hand in the result's set of this document."
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep-edits", metavar="ID", help="Take what was edited by hand in this document's set as decisions."
        ),
    ] = None,
    project: Annotated[
        str | None,
        typer.Option(
            "--project", metavar="NAME", help="Ask in this Doccano project, and read back what was kept there."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Make one set of several: what all annotators agree on is taken, differences are asked, decisions are kept.

    Quit at any time: what was answered is not asked again. Exits with 1 when something is open, was skipped, or was left as
    it is because it was edited by hand.

    Example: standoff adjudicate annotator-a annotator-b --document 000_31863ef30e6d4108
    """
    store = Store(root)
    run = Adjudication(store, annotators, set_name)
    layers = check_layers(layer, run.index)
    takes = Takes.of(take or (), run.names)
    sign = Signature(by or (None if only_list else _user()), now(), why or None)
    asks = not (json or only_list or take or project)
    prompts = asks and sys.stdin.isatty()
    report = _Report(set_name, json=json)
    named = {*(document or ()), *(overwrite or ()), *(keep or ())}
    curated = CuratedProject(run, project) if project else None
    to_ask: dict[str, int] = {}
    with nullcontext() if only_list else run.hold():
        for case in run.cases(named):
            if isinstance(case, tuple):
                report.skip(*case)
                continue
            try:
                outcome = Outcome()
                if not only_list:
                    id_ = case.document.id
                    if id_ in (keep or ()):
                        run.keep_edits(case, layers, sign)
                    run.take(case, layers, takes, sign)
                    if curated:
                        report.step(case, curated.step(case, sign.why), curated)
                    outcome = run.write(case, layers, overwrite=id_ in (overwrite or ()))
                if prompts and (open_ := _open(case, layers)):
                    to_ask[id_] = len(open_)
                else:
                    report.add(case, outcome, layers, details=only_list)
            except (SkipError, DecodeError) as error:
                report.skip(case.document.id, error)
    # Nobody waits for the lock while somebody thinks.
    _ask_all(run, to_ask, layers, sign, overwrite or (), report)
    report.end(run, takes, unasked=asks and not prompts)
    raise typer.Exit(0 if report.clean or only_list else 1)


def _user() -> str:
    try:
        return annotator_name(getpass.getuser(), frozenset())
    except (KeyError, OSError):
        raise UsageError("this machine has no name for its user; say who decides with --by NAME") from None


def _open(case: Case, layers: Sequence[str]) -> list[Question]:
    return [question for question in case.plan.questions if question.layer in layers]


def _ask_all(
    run: Adjudication,
    to_ask: dict[str, int],
    layers: Sequence[str],
    sign: Signature,
    overwrite: Sequence[str],
    report: "_Report",
) -> None:
    """Asks about these documents, until whoever answers quits."""
    cases = run.cases(to_ask) if to_ask else iter(())
    asking = True
    while asking and (case := next(cases, None)):
        if isinstance(case, tuple):
            report.skip(*case)
            to_ask.pop(case[0], None)
            continue
        asking = ask(run, case, layers, sign)
        del to_ask[case.document.id]
        try:
            report.add(case, run.write(case, layers, overwrite=case.document.id in overwrite), layers)
        except (SkipError, DecodeError) as error:
            report.skip(case.document.id, error)
    for count in to_ask.values():
        report.left(count)


class _Report:
    """What was done and what is left, told document by document."""

    def __init__(self, name: str, *, json: bool) -> None:
        self.clean = True
        self._curated: CuratedProject | None = None
        self._name = name
        self._json = json
        self._documents: list[dict[str, Any]] = []
        self._steps: dict[str, list[str]] = {}
        self._skipped: list[dict[str, str]] = []
        self._totals = dict.fromkeys(("documents", "decided", "open", "written"), 0)

    def skip(self, document: str, reason: StandoffError) -> None:
        self.clean = False
        self._skipped.append({"document": document, "reason": str(reason)})
        if not self._json:
            out.print(f"[yellow]skipped[/] {escape(document)}: {escape(str(reason))}")

    def step(self, case: Case, step: Step, curated: CuratedProject) -> None:
        self._steps.setdefault(step, []).append(case.document.id)
        self._curated = curated

    def left(self, count: int) -> None:
        """A document that nobody came to, with so many questions."""
        self.clean = False
        self._totals["documents"] += 1
        self._totals["open"] += count

    def add(self, case: Case, outcome: Outcome, layers: Sequence[str], *, details: bool = False) -> None:
        open_ = _open(case, layers)
        self._totals["documents"] += 1
        self._totals["decided"] += case.new
        self._totals["open"] += len(open_)
        self._totals["written"] += outcome.written
        if open_ or outcome.edited or outcome.leaning or outcome.problems:
            self.clean = False
        if self._json:
            self._documents.append(
                {
                    "document": case.document.id,
                    "layers": case.plan.layers,
                    "open": [describe(case, question) for question in open_],
                    "decided": case.new,
                    "no_longer_applies": case.plan.unused,
                    "outside": case.plan.outside,
                    **asdict(outcome),
                }
            )
            return
        name = escape(case.document.id)
        for decision in case.plan.unused:
            out.print(
                f"[yellow]no longer applies[/] {name}: what {escape(decision.by or 'somebody')} decided in"
                f" {escape(decision.layer)} ({decision.question}); an annotator's answer has changed"
            )
        if case.plan.outside:
            out.print(
                f"[yellow]left out[/] {name}: {counted(case.plan.outside, 'relation')} to spans of layers that not all annotated, or"
                " that the scheme forbids"
            )
        if outcome.edited:
            out.print(
                f"[red]edited by hand[/] {name}: {escape(', '.join(outcome.edited))} of {escape(self._name)} differ from what"
                f" was decided, and are left as they are; --keep-edits {name} takes the edits as decisions,"
                f" --overwrite {name} replaces them"
            )
        if outcome.unconfirmed:
            out.print(
                f"[yellow]no longer confirmed[/] {name}: it was confirmed with what {escape(self._name)} held before"
            )
        if outcome.leaning:
            out.print(
                f"[red]left as it is[/] {name}: {escape(', '.join(outcome.leaning))} of {escape(self._name)} lead to what would"
                " be written, and not all annotated it; adjudicate those who did, or use another --set"
            )
        for problem in outcome.problems:
            out.print(f"[red]error[/] {escape(problem.path)}: {escape(problem.message)}")
        if open_:
            out.print(f"[bold]{name}[/] {len(open_)} open")
            for question in open_ if details else ():
                out.print(context(case, question))

    def end(self, run: Adjudication, takes: Takes, *, unasked: bool) -> None:
        if not self._totals["documents"] and not self._skipped:
            raise StandoffError(
                f"nothing to adjudicate: no document has sets of all of {', '.join(run.names)}"
                + (f", but for what corpus/overrides.toml excludes ({run.excluded:,})" if run.excluded else "")
            )
        if takes.unused:
            self.clean = False
        if self._json:
            print_json(
                {
                    "set": self._name,
                    "annotators": run.names,
                    "totals": self._totals,
                    "missing": run.missing,
                    "excluded": run.excluded,
                    "skipped": self._skipped,
                    "take_unused": takes.unused,
                    "project": {step: ids for step, ids in self._steps.items() if step != "nothing"},
                    "documents": self._documents,
                }
            )
            return
        if self._curated:
            self._tell(self._curated)
        for word in takes.unused:
            out.print(f"[yellow]--take {escape(word)}[/]: nothing that is open has this id")
        if run.missing:
            out.print(f"left out: {counted(run.missing, 'document')} that not all annotated")
        if run.excluded:
            out.print(f"left out: {counted(run.excluded, 'document')} that corpus/overrides.toml excludes")
        totals = self._totals
        out.print(
            f"{counted(totals['documents'], 'document')}: {totals['decided']:,} decided now, {totals['open']:,} open,"
            f" {counted(totals['written'], 'set')} of {escape(self._name)} written"
        )
        if unasked and totals["open"]:
            out.print("nothing was asked, since this is no terminal: --list shows what is open, --take answers it")

    def _tell(self, curated: CuratedProject) -> None:
        """What happens in the Doccano project, and how to go on."""
        name = escape(curated.name)
        steps = {step: len(ids) for step, ids in self._steps.items()}
        if "written" in steps:
            out.print(
                f"the candidates of {counted(steps['written'], 'document')} are in {escape(curated.set)} now: bring them there with"
                f" `standoff sync {name}`; in the page keep one of each, confirm, sync, and run this again"
            )
        for id_ in curated.again:
            out.print(
                f"{escape(id_)} was there before: `standoff sync {name} --document {escape(id_)}` takes it up again"
            )
        if "waiting" in steps:
            out.print(f"waiting in {name} for somebody's confirmation: {counted(steps['waiting'], 'document')}")
        if "read" in steps:
            out.print(f"read back from {name}: {counted(steps['read'], 'document')}")
