"""Coordinates of the card's figures: scales, axes with ticks, and paths of lines, as SVG."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
WIDE = 360  # of every figure, in units of its viewBox: a phone shows one unit as about a pixel
LEFT, TOP, SIDE = 54, 12, 292  # of the unit square


@dataclass(frozen=True)
class Scale:
    """From values between low and high to places between start and end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        reach = (self.high - self.low) or 1.0
        return self.start + (self.end - self.start) * (value - self.low) / reach


X = Scale(0, 1, LEFT, LEFT + SIDE)
Y = Scale(0, 1, TOP + SIDE, TOP)


def path(points: Iterable[Point]) -> str:
    """The `d` of a line through places."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def text(x: float, y: float, content: str, anchor: str = "start", kind: str = "") -> str:
    """A text of HTML that is escaped already."""
    where = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{where}{kind and f' class="{kind}"'}>{content}</text>'


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.0):.1f}" height="{height:.1f}"/>'
    )


def square(across: str, up: str) -> str:
    """The unit square with its ticks and what its sides mean."""
    ticks = "".join(
        f'<path class="axis" d="M{X(t):.0f} {TOP}V{Y(0):.0f}M{LEFT} {Y(t):.0f}H{X(1):.0f}"/>'
        + text(X(t), Y(0) + 16, f"{t:g}", "middle")
        + text(LEFT - 6, Y(t) + 4, f"{t:g}", "end")
        for t in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        ticks
        + text(X(0.5), Y(0) + 36, across, "middle")
        + f'<text transform="translate(13 {Y(0.5):.0f}) rotate(-90)" text-anchor="middle">{up}</text>'
    )


def in_square(points: Iterable[Point], kind: str) -> str:
    """A line of points from 0 to 1."""
    return f'<path class="{kind}" d="{path((X(x), Y(y)) for x, y in points)}"/>'


SQUARE = (WIDE, SIDE + 60)  # its size, with what is written about it


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from low to high, at most `most` + 1 of them."""
    reach = high - low
    if not reach > 0:
        return [low]
    step = 10 ** math.floor(math.log10(reach / most))
    step *= next((m for m in (1, 2, 5) if reach / (m * step) <= most), 10)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def bars_with_names(
    names: Sequence[str], bars: Sequence[str], heights: Sequence[float], start: float = 8
) -> tuple[str, float]:
    """Lines of a bar chart, each a name on the left and a drawing at height 0; and how high they are together."""
    drawn, y = [], start
    for name, bar, height in zip(names, bars, heights, strict=True):
        drawn.append(
            f'<g transform="translate(0 {y:.1f})">{text(118, height / 2 + 4, name, "end", "v")}{bar}</g>'
        )
        y += height
    return "".join(drawn), y + 4
