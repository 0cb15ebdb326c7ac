"""Which word stands in which documents: written to disk as it comes, sorted part by part, so that memory stays flat."""

import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import regex

SHARDS = 512
"""Parts on the way. As many or fewer are written: a power of two."""
_PART = 200_000
"""About how many bytes a part has that a page loads."""
_BUFFER = 1 << 22
_WORD = regex.compile(r"[\p{L}\p{N}_]+")
_MARKS = regex.compile(r"\p{M}+")
_LONGEST = 40


def fold(text: str) -> str:
    """Lower case without accents, as words.js folds what is searched for."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower()


def words(text: str) -> set[str]:
    """The folded words of a text, each cut after 40 characters."""
    return {word[:_LONGEST] for word in _WORD.findall(fold(text))}


def shard(word: str, number: int = SHARDS) -> int:
    """The part in which a word stands, made of its first two characters: one part has all that begin with them."""
    return (ord(word[0]) * 31 + (ord(word[1]) if len(word) > 1 else 0)) % number


def gaps(numbers: Iterable[int]) -> list[int]:
    """Rising numbers as the distance of each to the one before, from -1: small numbers, so that files are small."""
    before = -1
    found = []
    for number in numbers:
        found.append(number - before)
        before = number
    return found


class WordIndex:
    """Words with the numbers of their documents, kept in files under `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: dict[int, list[str]] = {}
        self._waiting = 0
        self._bytes = 0
        folder.mkdir()

    def add(self, number: int, text: str) -> None:
        """One more document. Numbers rise."""
        for word in words(text):
            line = f"{word} {number}\n"
            self._parts.setdefault(shard(word), []).append(line)
            self._waiting += len(line)
        if self._waiting > _BUFFER:
            self._flush()

    def _flush(self) -> None:
        for part, lines in self._parts.items():
            with (self._folder / str(part)).open("a", encoding="utf-8") as file:
                file.writelines(lines)
        self._bytes += self._waiting
        self._parts = {}
        self._waiting = 0

    def parts(self) -> int:
        """How many parts there are to write, now that all documents are in."""
        self._flush()
        number = 1
        while number < SHARDS and number * _PART < self._bytes:
            number *= 2
        return number

    def read(self) -> Iterator[dict[str, list[int]]]:
        """Part after part: word, in order, to the gaps of its documents' numbers."""
        number = self.parts()
        for part in range(number):
            found: dict[str, list[int]] = {}
            for piece in range(part, SHARDS, number):
                path = self._folder / str(piece)
                if path.exists():
                    with path.open(encoding="utf-8", newline="\n") as file:
                        for line in file:
                            word, _, document = line.rstrip("\n").rpartition(" ")
                            found.setdefault(word, []).append(int(document))
            yield {word: gaps(found[word]) for word in sorted(found)}
