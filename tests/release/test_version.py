"""The version follows from what changed, and never says less."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from release.test_card import MANIFEST
from standoff.errors import StandoffError, UsageError
from standoff.release.diff import Change
from standoff.release.history import AUTO, LAST, NONE, baseline, chosen, moved_texts, same_content
from standoff.release.releases import Published, published
from standoff.release.version import Level, following, level, parse, step

MAJOR, MINOR, PATCH = Level.MAJOR, Level.MINOR, Level.PATCH


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (Change(what="configuration", change="removed", item="x"), MAJOR),
        (Change(what="configuration", change="added", item="x"), MINOR),
        (Change(what="column", change="removed", item="x/y"), MAJOR),
        (Change(what="column", change="changed", item="x/y", field="type"), MAJOR),
        (Change(what="column", change="changed", item="x", field="order"), MAJOR),
        (Change(what="column", change="added", item="x/y"), MINOR),
        (Change(what="class", change="removed", item="x/y"), MAJOR),
        (Change(what="class", change="changed", item="x/y", field="order"), MAJOR),
        (Change(what="class", change="added", item="x/y"), MINOR),
        (Change(what="document", change="removed", document="a"), MAJOR),
        (Change(what="document", change="changed", document="a", field="text"), MAJOR),
        (Change(what="document", change="changed", document="a", field="license"), MAJOR),
        (Change(what="document", change="changed", document="a", field="title"), MINOR),
        (Change(what="document", change="added", document="a"), MINOR),
        (Change(what="split", change="changed", document="a"), MAJOR),
        (Change(what="license", change="changed", item="annotations"), MAJOR),
        (Change(what="set", change="added", document="a"), MINOR),
        (Change(what="set", change="removed", document="a"), MINOR),
        (Change(what="span", change="removed", document="a"), MINOR),
        (Change(what="relation", change="changed", document="a", field="tail"), MINOR),
        (Change(what="rows", change="changed", item="ner/train"), MINOR),
    ],
)
def test_the_rule(change: Change, wanted: Level) -> None:
    assert level(change) is wanted


NUMBERS = st.tuples(*[st.integers(0, 20)] * 3)


@given(NUMBERS, st.sampled_from(Level))
def test_the_following_version_is_a_step_of_that_level(numbers: tuple[int, int, int], needs: Level) -> None:
    version = "{}.{}.{}".format(*numbers)
    assert parse(version) == numbers
    assert step(version, following(version, needs)) is needs


@given(NUMBERS, NUMBERS)
def test_a_step_goes_forward(old: tuple[int, int, int], new: tuple[int, int, int]) -> None:
    words = "{}.{}.{}".format(*old), "{}.{}.{}".format(*new)
    if new > old:
        assert step(*words) >= PATCH
    else:
        with pytest.raises(ValueError, match="does not come after"):
            step(*words)


def entries(*versions: str) -> tuple[Published, ...]:
    result: tuple[Published, ...] = ()
    for version in versions:
        result = published(result, replace(MANIFEST, version=version), "folder:a")
    return result


@pytest.mark.parametrize(
    ("there", "version", "against", "before"),
    [
        ((), AUTO, LAST, None),
        ((), "0.1.0", LAST, None),
        (("1.0.0", "1.10.0", "1.9.0"), AUTO, LAST, "1.10.0"),
        (("1.0.0", "1.1.0"), "1.2.0", LAST, "1.1.0"),
        (("1.0.0", "1.1.0"), "1.1.0", LAST, "1.0.0"),
        (("1.0.0", "1.1.0"), "1.0.0", LAST, None),
        (("1.0.0", "2.0.0"), "1.0.1", "1.0.0", "1.0.0"),
        (("1.0.0",), "3.0.0", NONE, None),
    ],
)
def test_what_a_version_is_compared_with(
    there: tuple[str, ...], version: str, against: str, before: str | None
) -> None:
    found = baseline(entries(*there), version, against)
    assert (found and found.version) == before


@pytest.mark.parametrize(
    ("there", "version", "against", "message"),
    [
        (("1.0.0", "2.0.0"), "1.5.0", LAST, "2.0.0 is published already"),
        (("1.0.0",), "1.1.0", "1.0.1", r"not published \(1.0.0\)"),
        (("1.0.0",), "1.0.0", "1.0.0", "does not come after"),
        (("1.0.0",), AUTO, NONE, "say which --version"),
        ((), "1.0", LAST, "three numbers"),
    ],
)
def test_versions_that_can_not_be_had(there: tuple[str, ...], version: str, against: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        baseline(entries(*there), version, against)


def test_a_version_that_says_less_than_what_changed_is_refused_with_the_reason() -> None:
    there = entries("1.0.0", "1.1.0")
    assert chosen(there, AUTO, None, PATCH, "") == "1.0.0"
    assert chosen(there, AUTO, there[1], MINOR, "") == "1.2.0"
    assert chosen(there, "3.0.0", there[1], MINOR, "") == "3.0.0"
    with pytest.raises(UsageError, match=r"calls for 2\.0\.0 at least \(1 document removed\).*standoff diff 1\.1\.0"):
        chosen(there, "1.2.0", there[1], MAJOR, "1 document removed")
    with pytest.raises(UsageError, match=r"1\.1\.0 would follow 1\.0\.0"):
        chosen(there, AUTO, there[0], MINOR, "")


def test_a_published_version_never_has_other_content() -> None:
    (entry,) = entries("1.0.0")
    same_content(entry, entry.content_sha256)
    same_content(None, "?")
    with pytest.raises(StandoffError, match="published with other content"):
        same_content(entry, "1" * 64)


def test_a_text_that_was_published_in_another_split_is_told_once() -> None:
    old = [("a", "hash 1", "train"), ("b", "hash 2", "test"), ("gone", "hash 3", "test")]
    now = {"hash 1": ("renamed", "test"), "hash 2": ("b", "test")}
    (problem,) = moved_texts([("1.0.0", old), ("1.1.0", old)], now)
    assert "the text of renamed is in test, and was published in train (as a in 1.0.0)" in problem
