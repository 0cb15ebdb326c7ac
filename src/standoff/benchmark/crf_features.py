"""What a CRF sees of the tokens of a sentence: words, affixes, shapes, and the same of their neighbors. Pure."""

import re
from collections.abc import Sequence

FEATURES = 1
"""Changes whenever the features of any sentence do: a model works with those that it was trained on only."""

_AFFIXES = range(1, 5)
_WINDOW = range(-2, 3)
_RUN = re.compile(r"(.)\1+")


def features(tokens: Sequence[str]) -> list[list[str]]:
    """For each token of a sentence the names of the features that hold there, as usual for Dutch named entities.

    They are those that Tjong Kim Sang's task of 2002 made common: the word in lower case, prefixes and suffixes of up to four
    characters, kinds of characters, and words and shapes up to two tokens away.
    """
    lower = [token.lower() for token in tokens]
    shapes = [_shape(token) for token in tokens]
    short = [_RUN.sub(r"\1", shape) for shape in shapes]
    result = []
    for place, token in enumerate(tokens):
        found = ["bias", f"shape={shapes[place]}"]
        for length in _AFFIXES:
            if length < len(token):
                found += (f"-{length}={lower[place][-length:]}", f"+{length}={token[:length]}")
        if any(map(str.isdigit, token)):
            found.append("digit")
        if "-" in token[1:-1]:
            found.append("hyphen")
        if place == 0:
            found.append("first")
        for step in _WINDOW:
            other = place + step
            if 0 <= other < len(tokens):
                found += (f"{step}:word={lower[other]}", f"{step}:short={short[other]}")
                if abs(step) == 1:
                    found.append(f"{step}:end={lower[other][-3:]}")
            elif abs(step) == 1:
                found.append(f"{step}:none")
        for step in (-1, 0):
            if place + step >= 0 and place + step + 1 < len(tokens):
                found.append(f"{step}:shapes={short[place + step]} {short[place + step + 1]}")
        result.append(found)
    return result


def _shape(token: str) -> str:
    """Each character's kind: `X` upper case, `x` lower case, `d` a digit, and all others as they are."""
    return "".join(
        "X" if letter.isupper() else "x" if letter.isalpha() else "d" if letter.isdigit() else letter
        for letter in token
    )
