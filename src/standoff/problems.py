"""Problems in data, as values: every check returns all it finds, and nothing is raised."""

from typing import Literal

import msgspec

Severity = Literal["error", "warning"]


class Problem(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One thing wrong in a corpus.

    `path` is the file, relative to the corpus repository, and the place in it as a JSON pointer (RFC 6901) after `#`,
    as in `corpus/annotations/gold/a.json#/spans/3/label`. `message` says what is wrong and what to do.
    """

    document: str
    path: str
    rule: str
    severity: Severity
    message: str
