"""Numbers of things in messages."""

import pytest

from standoff.text.counted import counted


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0 documents"), (1, "1 document"), (2, "2 documents"), (12345, "12,345 documents")]
)
def test_one_is_one(number: int, words: str) -> None:
    assert counted(number, "document") == words
