"""Offsets of a source in code points, whatever it counts: the surfaces that it quotes say which unit is right. Pure."""

from msgspec.structs import replace

from standoff.formats.foreign import Foreign, Loss
from standoff.text.offsets import OffsetError, OffsetMap, Unit

_NAMES: dict[Unit, str] = {"utf16": "UTF-16 code units", "utf8": "UTF-8 bytes"}

Extents = tuple[tuple[int, int], ...]


def in_code_points(foreign: Foreign) -> tuple[Foreign, Loss | None]:
    """The text with its spans counted in code points, when a surface is not where code points say and every surface is
    where another unit says; a loss tells it. Else the text as it is."""
    text = foreign.text
    if text.isascii() or fits(foreign, text):
        return foreign, None
    for unit, name in _NAMES.items():
        try:
            units = OffsetMap.of(text, unit)
            spans = [
                replace(
                    span,
                    extents=tuple(
                        (units.to_code_point(start), units.to_code_point(end)) for start, end in span.extents
                    ),
                )
                for span in foreign.spans
            ]
        except OffsetError:
            continue
        if all(span.surface is None or says(text, span.extents, span.surface) for span in spans):
            message = f"its offsets count {name}; here they count code points"
            return replace(foreign, spans=spans), Loss(
                kind="repaired", reason="unit", place=foreign.place, message=message
            )
    return foreign, None


def fits(foreign: Foreign, text: str) -> bool:
    """Whether all that the spans quote is where they say in this text."""
    return all(span.surface is None or says(text, span.extents, span.surface) for span in foreign.spans)


def says(raw: str, extents: Extents, surface: str) -> bool:
    """Whether the text there is the surface; formats put a space between pieces and for every kind of white space."""
    if len(extents) == 1 and raw[extents[0][0] : extents[0][1]] == surface:
        return True
    return " ".join([raw[start:end] for start, end in extents]).split() == surface.split()
