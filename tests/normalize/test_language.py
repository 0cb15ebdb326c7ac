"""Language identification: real sentences, `allowed`, and texts that tell nothing."""

import subprocess
import sys

import pytest

from standoff.errors import UsageError
from standoff.normalize.language import identify

DUTCH = "De minister van Handel sprak dinsdag zijn optimisme uit over de gesprekken in Londen."
GERMAN = "Der Handelsminister äußerte sich am Dienstag zuversichtlich über die Gespräche in London."
ENGLISH = "The secretary of commerce voiced optimism on Tuesday about the talks in London."


@pytest.mark.parametrize(("text", "language"), [(DUTCH, "nl"), (GERMAN, "de"), (ENGLISH, "en")])
def test_identifies_with_confidence(text: str, language: str) -> None:
    found, confidence = identify(text)
    assert found == language
    assert 0.9 < confidence <= 1
    assert identify(text) == (found, confidence)


def test_allowed_restricts_the_answer_but_not_the_doubt() -> None:
    assert identify(DUTCH, ["nl", "en"]) == identify(DUTCH)
    language, confidence = identify(GERMAN, ["nl"])
    assert language == "nl"
    assert confidence < 0.1


@pytest.mark.parametrize("text", ["", " \n", "12 + 30", "😀"])
def test_a_text_without_letters_is_undetermined(text: str) -> None:
    assert identify(text) == ("und", 0.0)
    assert identify(text, ["nl"]) == ("und", 0.0)


def test_an_allowed_language_that_the_model_does_not_know() -> None:
    with pytest.raises(UsageError, match="xx"):
        identify(DUTCH, ["nl", "xx"])


def test_the_model_is_loaded_only_when_it_is_used() -> None:
    code = "import sys, standoff.normalize.language; sys.exit('py3langid' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
