"""Every rule has a tiny fixture that keeps it and one that breaks it, and nothing else.

A fixture holds only the files in which it differs from `tests/fixtures/rules/base`.
"""

import shutil
from pathlib import Path
from typing import Any

import pytest

from standoff.corpus.rules import ALL_RULES
from standoff.corpus.rules.base import Rule
from standoff.corpus.rules.describe import page
from standoff.corpus.store import Store
from standoff.corpus.validate import report
from standoff.problems import Problem

FIXTURES = Path(__file__).parents[1] / "fixtures" / "rules"
NAMES = [rule.name for rule in ALL_RULES]


def problems(folder: Path, to: Path) -> tuple[Problem, ...]:
    shutil.copytree(FIXTURES / "base", to, dirs_exist_ok=True)
    shutil.copytree(folder, to, dirs_exist_ok=True)
    return report(Store(to), jobs=1).problems


def test_names_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)


def test_every_fixture_belongs_to_a_rule() -> None:
    assert {folder.name for folder in FIXTURES.iterdir()} == {*NAMES, "base"}


@pytest.mark.parametrize("name", NAMES)
def test_the_valid_fixture_is_clean(name: str, tmp_path: Path) -> None:
    assert problems(FIXTURES / name / "valid", tmp_path) == ()


@pytest.mark.parametrize("name", NAMES)
def test_the_invalid_fixture_breaks_its_rule_alone(name: str, tmp_path: Path) -> None:
    found = problems(FIXTURES / name / "invalid", tmp_path)
    assert {problem.rule for problem in found} == {name}, found
    for problem in found:
        assert problem.message
        assert (tmp_path / problem.path.partition("#")[0].partition(".json:")[0]).exists() or ".jsonl:" in problem.path


@pytest.mark.parametrize("rule", ALL_RULES, ids=NAMES)
def test_every_rule_explains_itself(rule: Rule[Any]) -> None:
    assert len(rule.explanation) > 30


def test_the_page_of_rules_is_not_stale(repository: Path) -> None:
    assert (repository / "docs" / "rules.md").read_text(encoding="utf-8") == page(), (
        "run `python -m standoff.corpus.rules.describe docs/rules.md`"
    )


def test_the_message_of_a_moved_surface_says_where_it_is(tmp_path: Path) -> None:
    (found,) = problems(FIXTURES / "span-surface" / "invalid", tmp_path)
    assert found.path == "corpus/annotations/gold/a.json#/spans/2/fragments/0/text"
    assert found.message == (
        'text "Drie dagen" is not the document\'s "rie dagen " (53:63); it is at 52:62: correct the offsets'
    )
