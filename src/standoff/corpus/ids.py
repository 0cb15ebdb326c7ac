"""Ids of spans and relations: minted once, from content, so that two clones give one annotation one id. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Sequence

# No vowels (no words by accident), no look-alikes; 30 ** 8 is about 6.6e11.
_ALPHABET = "0123456789bcdfghjkmnpqrstvwxyz"
_LENGTH = 8


def _digest(parts: Iterable[str | int]) -> str:
    # Every part carries its length: ("ab", "c") and ("a", "bc") must not meet.
    content = "".join(f"{len(part)}:{part};" for part in map(str, parts))
    number = int.from_bytes(hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest(), "big")
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)


def mint(kind: str, contents: Sequence[Sequence[str | int]], taken: Collection[str] = ()) -> list[str]:
    """Ids for new items of one document, in the order of `contents`.

    `kind` is one letter (`s` for spans, `r` for relations) and starts the id. Equal contents (twins) get different ids, and
    so do contents whose hashes meet, or meet an id in `taken`. The result depends on the contents as a multiset, not on
    their order: twins are numbered, and of two different contents that meet, the smaller one keeps the plain id.
    """
    used = set(taken)
    ids = [""] * len(contents)
    for place in sorted(range(len(contents)), key=lambda i: [str(part) for part in contents[i]]):
        attempt = 0
        while (candidate := kind + _digest([kind, attempt, *contents[place]])) in used:
            attempt += 1
        used.add(candidate)
        ids[place] = candidate
    return ids


def span_content(document: str, label: str, extents: Iterable[tuple[int, int]]) -> tuple[str | int, ...]:
    """What a span's id is minted from: the document's id, its label, its fragments' `(start, end)` in code points."""
    return (document, label, *(position for extent in extents for position in extent))


def relation_content(document: str, label: str, head: str, tail: str) -> tuple[str, ...]:
    """What a relation's id is minted from: the document's id, its label, the ids of its ends."""
    return (document, label, head, tail)
