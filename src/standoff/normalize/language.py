"""Which language a text is in, offline: py3langid, whose model is part of the package. Pure after the model is loaded."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from standoff.errors import UsageError

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]

# As good as whole articles and four times as fast (docs/decisions/0003-language.md).
_ENOUGH = 500


LEAST_CONFIDENCE = 0.5
"""A language that is told with less is a weak guess, of which whoever is responsible is told."""


def identify(text: str, allowed: Sequence[str] = ()) -> tuple[str, float]:
    """The language of `text` (ISO 639-1) and the confidence in it, 0 to 1; a text without letters is `und`, 0.

    Only the first 500 code points are read. With `allowed`, the likeliest of those languages and its share among *all*
    languages: a German text is `("nl", 0.01)` when only `nl` is allowed, so that the caller sees that it doesn't fit.
    Some languages outside of ISO 639-1 come with their code of three letters. Raises UsageError for an allowed language
    that the model doesn't know.
    """
    identifier = _identifier()
    unknown = sorted(set(allowed) - set(identifier.labels))
    if unknown:
        raise UsageError(
            f"language {', '.join(unknown)} can't be identified; name only languages out of {', '.join(identifier.labels)}"
        )
    sample = text[:_ENOUGH]
    if not any(map(str.isalpha, sample)):
        return "und", 0.0
    shares: dict[str, float] = dict(identifier.rank(sample))
    language = max(allowed or shares, key=shares.__getitem__)
    return language, shares[language]


@cache
def _identifier() -> "LanguageIdentifier":
    # Imported here: the library and its model take a third of a second, and most commands never need them.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
