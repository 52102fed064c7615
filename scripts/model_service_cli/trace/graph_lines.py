"""An edge of the graph as SVG draws it. Pure: corners in, text out."""

from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
CORNER = 6  # pixels


def path_of(line: Sequence[Point]) -> str:
    """The line as an SVG path with round corners."""
    first, last = line[0], line[-1]
    parts = [f"M{first[0]:g} {first[1]:g}"]
    for (before, corner), (_, after) in pairwise(pairwise(line)):
        near, far = _towards(corner, before), _towards(corner, after)
        parts.append(f"L{near[0]:g} {near[1]:g}Q{corner[0]:g} {corner[1]:g} {far[0]:g} {far[1]:g}")
    return "".join([*parts, f"L{last[0]:g} {last[1]:g}"])


def _towards(corner: Point, other: Point) -> Point:
    (x, y), (to_x, to_y) = corner, other
    length = abs(to_x - x) + abs(to_y - y)  # one of the two is 0
    part = min(CORNER, length / 2) / length if length else 0
    return x + (to_x - x) * part, y + (to_y - y) * part


def head_of(line: Sequence[Point], size: float = 5) -> str:
    """The arrow's head at the end of the line, as the corners of an SVG polygon."""
    (x, y), (end_x, end_y) = line[-2], line[-1]
    length = abs(end_x - x) + abs(end_y - y) or 1
    along_x, along_y = (end_x - x) / length, (end_y - y) / length
    back_x, back_y = end_x - along_x * size, end_y - along_y * size
    half = size * 0.7
    corners = ((end_x, end_y), (back_x - along_y * half, back_y + along_x * half),
               (back_x + along_y * half, back_y - along_x * half))  # fmt: skip
    return " ".join(f"{one:g},{other:g}" for one, other in corners)
