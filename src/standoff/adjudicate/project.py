"""Differences asked in a Doccano project: sync pushes a set of all candidates, and what a curator kept is read back."""

from typing import Literal

import msgspec
from msgspec.structs import replace

from standoff import __version__
from standoff.adjudicate.candidates import candidates
from standoff.adjudicate.curated import read_back
from standoff.adjudicate.questions import Question
from standoff.adjudicate.result import groups
from standoff.adjudicate.run import Adjudication, Case, SkipError
from standoff.adjudicate.take import Signature
from standoff.corpus.codec import encode, sha256
from standoff.corpus.decisions import CANDIDATES, ValueAnswer
from standoff.corpus.model import AnnotationSet, Provenance
from standoff.corpus.state import DocumentState
from standoff.errors import UsageError

Step = Literal["nothing", "written", "waiting", "read"]
"""Nothing to ask; candidates were written, to be pushed; nobody has confirmed it yet; what was kept has been read."""


class CuratedProject:
    """A shared project of corpus.toml that holds the candidates of an adjudicated set.

    Raises UsageError for a project that isn't one, or holds a layer without those that its relations lead to.
    """

    def __init__(self, run: Adjudication, name: str) -> None:
        self.run = run
        self.name = name
        self.again: list[str] = []
        """Documents with new candidates that were there before: sync has to be told to take them up."""
        self.set = f"{run.set}{CANDIDATES}"
        self.candidates = run.store.lookup(self.set)
        table = run.store.config.doccano.get(name)
        wanted = f'[doccano.{name}]\nset = "{self.set}"\npush = {{ documents = "present" }}'
        if table is None:
            raise UsageError(f"corpus.toml has no project {name!r}; add\n{wanted}")
        if table.mode != "shared" or table.set != self.set or table.push.documents != "present":
            raise UsageError(f"corpus.toml: the project {name!r} is not one that holds candidates; make it\n{wanted}")
        self.layers = frozenset(table.layers or run.store.config.corpus.layers or run.index.layers)
        for group in groups(run.index):
            if group & self.layers and not group <= self.layers:
                raise UsageError(
                    f"corpus.toml: the project {name!r} needs all of the layers {', '.join(sorted(group))}, because relations"
                    " lead between them"
                )

    def shows(self, question: Question) -> bool:
        """Whether the page can ask it: readings, relations, and values that are part of a label there."""
        values = [answer for answer in question.answers.values() if isinstance(answer, ValueAnswer)]
        return question.layer in self.layers and all(
            self.run.index.attributes[answer.attribute].page == "label" for answer in values
        )

    def step(self, case: Case, why: str | None) -> Step:
        """Takes a document one step further: candidates written, or what was kept of them taken as decisions.

        Raises SkipError when candidates are of other answers than the annotators' now, or several were kept. Inside `hold`.
        """
        store, id_ = self.run.store, case.document.id
        there = self.candidates(id_)
        state = store.document_state(self.name, self.set, id_)
        if there is None:
            if state and not state.dropped:
                # Killed after the set was removed.
                self._drop(id_)
            if not any(self.shows(question) for question in case.plan.questions):
                return "nothing"
            made = candidates(case.plan, self.run.index, self.layers, self.set)
            store.write([replace(made, provenance=self._provenance(case))])
            if state:
                self.again.append(id_)
            return "written"
        if there.provenance is None or there.provenance.parameters != self._provenance(case).parameters:
            raise SkipError(
                f"an annotator's set has changed since {self.set} was written; answer at the terminal, or start over with"
                f" `standoff sync {self.name} --drop {id_}` and without corpus/annotations/{self.set}/{id_}.json"
            )
        if state is None or not state.confirmed:
            return "waiting"
        self._read(case, there, state, why)
        return "read"

    def _read(self, case: Case, there: AnnotationSet, state: DocumentState, why: str | None) -> None:
        by = state.confirmed[0]
        layers = [layer for layer in case.plan.layers if layer in self.layers]
        sign = Signature(by.annotator, by.at, why)
        back = read_back(case.plan, there, case.decisions.decisions, self.run.index, layers, sign, page=True)
        self.run.keep(case, back)
        if back.unresolved:
            names = {span.id: span.label for span in there.spans} | {item.id: item.label for item in there.relations}
            kept = ", ".join(f"{names.get(id_, '?')} ({id_})" for id_ in back.unresolved)
            raise SkipError(
                f"several candidates were kept in {self.name}: {kept}; delete all but one there, and sync again"
            )
        # Its work is done: no set with rivals stays behind, and sync leaves the page alone. Decisions are saved before.
        self.run.flush()
        self.run.store.remove_set(self.set, case.document.id)
        self._drop(case.document.id)

    def _drop(self, document: str) -> None:
        self.run.store.write_document_states(self.name, [(self.set, document, DocumentState(dropped=True))])

    def _provenance(self, case: Case) -> Provenance:
        sets = {one.annotator: sha256(encode(one).decode()) for one in case.sets}
        parameters = msgspec.json.encode({"sets": sets}, order="deterministic").decode()
        return Provenance(tool="standoff adjudicate", version=__version__, parameters=parameters)
