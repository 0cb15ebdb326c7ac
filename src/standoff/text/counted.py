"""Numbers in messages. Pure."""


def counted(number: int, noun: str) -> str:
    """`1 document`, `1,234 documents`: for nouns that take an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def figure(value: float | None) -> str:
    """A figure with three digits; a dash where there was nothing to measure."""
    return "–" if value is None else f"{value:.3f}"
