"""A scheme's colours, moved no further than it takes to be read on light and on dark paper. Pure."""

LIGHT = "#fffefb"
"""The paper in light mode, as in style.css."""
DARK = "#1c1e21"
"""The paper in dark mode, as in style.css."""
CONTRAST = 4.5
"""What small text needs: WCAG 2.2, 1.4.3."""

_STEPS = 64


def contrast(color: str, other: str) -> float:
    """Contrast ratio of two colours like #0072B2: 1 to 21 (WCAG 2.2)."""
    high, low = sorted((_luminance(_channels(color)), _luminance(_channels(other))), reverse=True)
    return (high + 0.05) / (low + 0.05)


def legible(color: str, paper: str) -> str:
    """The colour itself where it has CONTRAST on the paper, else the nearest mixture with black or white that has."""
    channels = _channels(color)
    pole = 0 if _luminance(_channels(paper)) > 0.18 else 255
    for step in range(_STEPS + 1):
        share = step / _STEPS
        mixed = _hex([round(channel + (pole - channel) * share) for channel in channels])
        if contrast(mixed, paper) >= CONTRAST:
            return mixed
    raise ValueError(f"nothing can be read on {paper}")


def _channels(color: str) -> list[int]:
    return [int(color[i : i + 2], 16) for i in (1, 3, 5)]


def _hex(channels: list[int]) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in channels)


def _luminance(channels: list[int]) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in channels)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
