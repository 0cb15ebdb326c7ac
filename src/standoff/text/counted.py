"""Numbers of things in messages. Pure."""


def counted(number: int, noun: str) -> str:
    """`1 document`, `1,234 documents`: for nouns that take an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
