"""Every rule has a tiny fixture that keeps it and one that breaks it, and nothing else.

A fixture holds only the files in which it differs from `tests/fixtures/rules/base`.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from msgspec import convert

from standoff.corpus.codec import encode
from standoff.corpus.model import AnnotationSet
from standoff.corpus.rules import ALL_RULES
from standoff.corpus.rules.base import Rule
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
    command = [sys.executable, str(repository / "scripts" / "rules.py")]
    page = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    assert (repository / "docs" / "rules.md").read_text(encoding="utf-8") == page, (
        "run `python scripts/rules.py > docs/rules.md`"
    )


def test_the_message_of_a_moved_surface_says_where_it_is(tmp_path: Path) -> None:
    (found,) = problems(FIXTURES / "span-surface" / "invalid", tmp_path)
    assert found.path == "corpus/annotations/gold/a.json#/spans/2/fragments/0/text"
    assert found.message == (
        'text "Drie dagen" is not the document\'s "rie dagen " (53:63); it is at 52:62: correct the offsets'
    )


def with_spans(tmp_path: Path, *spans: str) -> list[str]:
    """The rules that the base's set breaks with these spans in the place of all but its first two, without relations."""
    shutil.copytree(FIXTURES / "base", tmp_path, dirs_exist_ok=True)
    path = tmp_path / "corpus" / "annotations" / "gold" / "a.json"
    found = json.loads(path.read_bytes())
    found["spans"] = found["spans"][:2] + [json.loads(span) for span in spans]
    found["relations"] = []
    path.write_bytes(encode(convert(found, AnnotationSet)))
    return [problem.rule for problem in report(Store(tmp_path), jobs=1).problems]


CUE = (
    '{"id":"c","label":"CUE","fragments":[{"start":69,"end":71,"text":"ve"},{"start":%d,"end":76,"text":"%s"}]}',
    '{"id":"e","label":"Leave","fragments":[{"start":71,"end":73,"text":"rt"}]}',
)


@pytest.mark.parametrize(("start", "text", "rules"), [(73, "rok", []), (72, "trok", ["exclusive-labels"])])
def test_words_that_only_touch_are_not_common(tmp_path: Path, start: int, text: str, rules: list[str]) -> None:
    assert with_spans(tmp_path, CUE[0] % (start, text), CUE[1]) == rules


def test_a_value_in_pieces_stands_in_a_whole_one_of_the_same_reach(tmp_path: Path) -> None:
    pieces = '{"id":"p","label":"CARDINAL","fragments":[{"start":52,"end":56,"text":"Drie"},{"start":60,"end":62,"text":"en"}]}'
    whole = '{"id":"w","label":"DATE","fragments":[{"start":52,"end":62,"text":"Drie dagen"}]}'
    assert with_spans(tmp_path, pieces, whole) == ["nested-values"]


DAYS = '{"id":"d","label":"DATE","fragments":[{"start":52,"end":62,"text":"Drie dagen"}]}'


def number(id_: str, *pieces: tuple[int, int, str]) -> str:
    return json.dumps(
        {
            "id": id_,
            "label": "CARDINAL",
            "fragments": [dict(zip(("start", "end", "text"), p, strict=True)) for p in pieces],
        }
    )


def test_each_value_inside_another_is_told_and_none_that_is_half_inside(tmp_path: Path) -> None:
    both = [DAYS, number("a", (52, 56, "Drie")), number("b", (57, 62, "dagen"))]
    assert with_spans(tmp_path / "both", *both) == ["nested-values", "nested-values"]
    half = [DAYS, number("a", (52, 56, "Drie"), (63, 68, "later"))]
    assert with_spans(tmp_path / "half", *half) == []


def test_a_span_may_end_with_the_text_beside_one_that_goes_beyond(tmp_path: Path) -> None:
    assert with_spans(tmp_path, number("a", (80, 81, ".")), number("b", (90, 91, "."))) == ["span-offsets"]


def test_white_space_is_no_value_of_an_attribute(tmp_path: Path) -> None:
    blank = DAYS.replace("DATE", "PERSON").replace("]}", '],"attributes":{"entity":" "}}')
    assert with_spans(tmp_path, blank) == ["span-attributes"]
