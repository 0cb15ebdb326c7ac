"""One table of several results: its order, its p values, and what is not put into one. Pages show any text as it is."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from benchmark.boards import DATA, board, result
from standoff.benchmark.leaderboard import decode_leaderboard, encode_leaderboard
from standoff.benchmark.report import escaped, leaderboard_page, mistakes_page
from standoff.benchmark.results import MixedError, Stopped, decode_result, encode_result
from standoff.corpus.store import Store
from standoff.errors import StandoffError
from standoff.score.significance import holm, randomization


def test_the_best_is_first_and_the_others_are_compared_with_it(seed: Store) -> None:
    half, good, bad = [1] * 40, [2] * 39 + [1], [0] * 20 + [1] * 20
    made = board(seed, result("half", half), result("bad", bad), result("good", good))
    rows = made.layers["entities"].models
    assert [row.model for row in rows] == ["good", "half", "bad"]
    terms = [
        one.layers["entities"].figures[0].columns for one in (result("g", good), result("h", half), result("b", bad))
    ]
    expected = [randomization(terms[0], other) for other in terms[1:]]
    assert [row.p for row in rows] == [None, *expected]
    assert [row.p_holm for row in rows] == [None, *holm(expected)]
    assert board(seed, result("good", good), result("half", half), result("bad", bad)) == made


@pytest.mark.parametrize(
    "other",
    [{"content_sha256": "b" * 64}, {"split": "train"}, {"scheme": "news-nl/2"}, {"set": "anna"}, {"name": "other"}],
)
def test_results_of_different_data_are_in_no_table_together(seed: Store, other: dict[str, str]) -> None:
    data = msgspec.structs.replace(DATA, **other)
    with pytest.raises(MixedError, match="results of different data don't compare"):
        board(seed, result("a", [1]), result("b", [1], data))


def test_the_same_content_in_another_version_compares(seed: Store) -> None:
    later = msgspec.structs.replace(DATA, version="1.0.1", commit="c" * 40)
    assert len(board(seed, result("a", [1, 1]), result("b", [1, 2], later)).models) == 2


def test_damaged_results(seed: Store) -> None:
    raw = encode_result(result("a", [1, 2]))
    assert decode_result(raw, "a.json") == result("a", [1, 2])
    with pytest.raises(StandoffError, match="no result can be read"):
        decode_result(raw[:-10], "a.json")
    with pytest.raises(StandoffError, match="another version of standoff"):
        decode_result(raw.replace(b'"format":1', b'"format":2'), "a.json")
    with pytest.raises(StandoffError, match="other documents than the others"):
        board(seed, result("a", [1, 2]), result("b", [1, 2, 2]))


def test_a_leaderboard_is_read_as_it_was_written(seed: Store) -> None:
    made = board(seed, result("a", [1, 2]), result("b", [1, 1]))
    raw = encode_leaderboard(made)
    assert encode_leaderboard(decode_leaderboard(raw, "l.json")) == raw
    wrong = {
        "no report can be read": raw[:-10],
        "another version of standoff": raw.replace(b'"format": 1', b'"format": 2'),
        r"a has no figure entities\.strict": raw.replace(b'"strict": {', b'"exact": {'),
    }
    for said, content in wrong.items():
        with pytest.raises(StandoffError, match=rf"l\.json: .*{said}"):
            decode_leaderboard(content, "l.json")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_pages_show_any_text_as_it_is(text: str) -> None:
    shown = "".join(
        child.content
        for token in MarkdownIt("js-default").parseInline(escaped(f"x {text} x"))
        for child in token.children or ()
    )
    assert " ".join(shown.split()) == " ".join(f"x {text} x".split())


def test_a_model_with_a_hostile_name(seed: Store) -> None:
    name = "command:a | b <script>`*"
    stopped = Stopped(model=name, reason="line\n| one |", exit_code=3)
    made = board(seed, result(name, [1, 2], text="a\n# b | *c*"), stopped=[stopped])
    for page in (leaderboard_page(made), mistakes_page(made)):
        html = MarkdownIt("js-default").render(page)
        assert "<script" not in html
        assert "command:a | b &lt;script&gt;`*" in html
        assert html.count("<table>") == (4 if "### Models" in page else 0)
    assert "line | one |" in MarkdownIt("js-default").render(leaderboard_page(made))
