"""Differences between annotators, settled in a real Doccano."""

import pytest

from adjudicate.rivals import PROJECT, SHOWN, rivals, step
from doccano.desk import Desk, person

pytestmark = pytest.mark.doccano


def test_a_curator_keeps_one_of_each(desk: Desk) -> None:
    desk.set_projects(PROJECT)
    desk.write(*rivals())
    step(desk.root, "written")
    assert desk.sync().clean
    assert sorted(desk.rows().values()) == sorted(SHOWN)
    assert desk.examples("b") == []
    cor = person(desk.running, "cor")
    desk.join(cor)
    step(desk.root, "waiting")
    for label, surface in (("ORG", "Anna"), ("SPEAKER", "Anna zei"), ("QUOTE.direct", "dat Bob"), ("ORG", "de raad")):
        desk.erase(cor, desk.row(label, surface))
    cor.ask("POST", f"{desk.place()}/states", {})
    assert desk.sync().clean
    case = step(desk.root, "read")
    assert {one.by for one in case.decisions.decisions} == {"cor"}
    gold = desk.set()
    assert [(one.label, one.text, dict(one.attributes)) for one in gold.spans] == [
        ("SPEAKER", "Anna", {}),
        ("QUOTE", "dat Bob", {"type": "indirect"}),
    ]
    assert [one.label for one in gold.relations] == ["speaker"]
    assert [(one.label, one.text) for one in case.plan.spans if one.label in {"PERSON", "ORG"}] == [
        ("PERSON", "Anna"),
        ("PERSON", "Carla"),
    ]
    # the page has done its part: nothing there is touched again
    before = desk.files()
    assert desk.sync().clean
    assert desk.files() == before
