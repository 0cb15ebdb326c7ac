"""Users of the page as annotators of the corpus. Pure."""

import hashlib
import re

from msgspec.structs import replace

from standoff.corpus.decisions import holds_candidates
from standoff.corpus.model import DOCUMENT_ID_PATTERN
from standoff.formats.doccano_rows import Example

_SAFE = re.compile(DOCUMENT_ID_PATTERN)
# A user whose name looks like one of ours must not meet it.
_HASHED = re.compile(r"-[0-9a-f]{8}\Z")


def with_annotators(example: Example, reserved: frozenset[str], member: str | None = None) -> Example:
    """An example whose users are annotators; in a per-member project all it holds is the member's."""

    def name(user: str | None) -> str | None:
        who = member or user
        return annotator_name(who, reserved) if who else None

    return replace(
        example,
        rows=tuple([replace(row, user=name(row.user)) for row in example.rows]),
        relations=tuple([replace(row, user=name(row.user)) for row in example.relations]),
        comments=tuple([replace(comment, user=name(comment.user)) for comment in example.comments]),
    )


def annotator_name(user: str, reserved: frozenset[str]) -> str:
    """A safe annotator's name for a user's name, the same on every machine; two users never share one.

    A name that is safe and free stays as it is; any other gets a part of its hash.
    """
    taken = user in reserved or bool(_HASHED.search(user)) or holds_candidates(user)
    if _SAFE.fullmatch(user) and not taken and len(user) <= 60:
        return user
    plain = re.sub("[^a-z0-9]+", "-", user.lower()).strip("-")[:50] or "user"
    return f"{plain}-{hashlib.sha256(user.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
