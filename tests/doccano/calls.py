"""Every call of a remote, to be made where answers are wrong; and what is told of the errors."""

import traceback
from collections.abc import Callable

from msgspec.structs import replace

from doccano.double import Double, Told
from standoff.doccano.remote import DoccanoRemote
from standoff.formats.doccano_rows import Example, RelationRow, Row
from standoff.sync.remote import LabelType, Project, Settings

PASSWORD = "open-sesame-7f3"
COOKIE = "sesame-cookie"
PROJECT = Project(
    id=7,
    name="corpus/main",
    description="d",
    guideline="",
    settings=Settings(),
    span_types=(LabelType(id=1, name="PERSON", color="#000000"),),
    relation_types=(LabelType(id=2, name="speaker", color="#000000"),),
)
OWN = replace(PROJECT, settings=Settings(collaborative=False))
ROW = Row(id=5, label="PERSON", start=0, end=4)
RELATION = RelationRow(id=6, label="speaker", head=5, tail=5)
EXAMPLE = Example(id=3, text="Anna\u2028zei", meta={"standoff_document": "a", "standoff_sha256": "0"}, rows=(ROW,))
CALLS: dict[str, Callable[[DoccanoRemote], object]] = {
    "find_projects": lambda remote: remote.find_projects("x"),
    "project": lambda remote: remote.project(7),
    "create_project": lambda remote: remote.create_project("x", "d", "", Settings()),
    "add_label_types": lambda remote: remote.add_label_types(PROJECT, [LabelType(id=0, name="A", color="#000000")], ()),
    "export": lambda remote: list(remote.export(PROJECT)),
    "export of members": lambda remote: list(remote.export(OWN)),
    "confirmed": lambda remote: remote.confirmed(PROJECT),
    "confirmations": lambda remote: remote.confirmations(PROJECT, [3]),
    "read": lambda remote: remote.read(PROJECT, 3),
    "import_examples": lambda remote: remote.import_examples(PROJECT, [EXAMPLE]),
    "create_span": lambda remote: remote.create_span(PROJECT, 3, ROW),
    "create_relation": lambda remote: remote.create_relation(PROJECT, 3, RELATION),
}
SILENT: dict[str, Callable[[DoccanoRemote], object]] = {
    "update_project": lambda remote: remote.update_project(PROJECT, description="d", guideline=""),
    "delete_example": lambda remote: remote.delete_example(PROJECT, 3),
    "update_span": lambda remote: remote.update_span(PROJECT, 3, ROW),
    "delete_span": lambda remote: remote.delete_span(PROJECT, 3, 5),
    "update_relation": lambda remote: remote.update_relation(PROJECT, 3, RELATION),
    "delete_relation": lambda remote: remote.delete_relation(PROJECT, 3, 6),
}
"""Calls of whose answer only the status counts."""


def everywhere(double: Double, *answers: Told) -> None:
    for method in ("GET", "POST", "PATCH", "DELETE"):
        double.tell(method, "*", *answers)


def told(error: BaseException, variables: bool = False) -> str:
    """All that a user or a crash report could get to see of an error: its causes too, with `variables` also what our
    functions held.
    """
    whole = traceback.TracebackException.from_exception(error, capture_locals=variables)
    whole.stack = traceback.StackSummary.from_list([frame for frame in whole.stack if "/tests/" not in frame.filename])
    return "".join(whole.format())
