"""Where the states of a machine stand in its graph, and which way its edges go. Pure: a machine in, coordinates out.

From top to bottom in layers. The longest way that ends well stands in the first column; what branches off it, such
as the handling of errors, in columns to the right. An edge to the next layer is a straight line; one that skips layers
goes beside its column, and one to another column through the gap between the two, where all edges to one state share a
line. So no line crosses a state. Lengths are CSS pixels.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from model_service_cli.trace.definition import Edge, Machine
from model_service_cli.trace.graph_order import columns_of, layers_of, without_loops

FIRST_WIDTH, OTHER_WIDTH = 196, 148
LAYER_GAP = 22
LANE = 12  # between two lines side by side
MARGIN = 8
CAUGHT_BELOW = 9  # a caught error leaves a state so far below its middle

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True)
class Layout:
    """boxes: by the state's name, START and END among them; lines: the corners of each edge, source to target."""

    width: float
    height: float
    boxes: dict[str, Box]
    lines: dict[Edge, tuple[Point, ...]]


def layout(machine: Machine, heights: dict[str, float]) -> Layout:
    """heights: of each state's box, of START and END."""
    forward = without_loops(machine)
    layers = layers_of(forward)
    columns = columns_of(forward, layers)
    beside = {
        edge: lane
        for column in set(columns.values())
        for edge, lane in _lanes(machine, layers, columns, column)
    }
    gaps: dict[int, list[str]] = {}
    for edge in machine.edges:
        if columns[edge.source] != columns[edge.target]:
            targets = gaps.setdefault(_gap(edge, columns), [])
            if edge.target not in targets:
                targets.append(edge.target)
    lefts = _lefts(columns, beside, gaps)
    tops, bottom = _tops(layers, heights)
    boxes = {}
    for name, column in columns.items():
        width = _width(column) if name in machine.states else heights[name]
        left = lefts[column] + (_width(column) - width) / 2
        band = max(heights[other] for other, layer in layers.items() if layer == layers[name])
        boxes[name] = Box(left, tops[layers[name]] + (band - heights[name]) / 2, width, heights[name])
    lines = {}
    for edge in machine.edges:
        source, target = boxes[edge.source], boxes[edge.target]
        if columns[edge.source] != columns[edge.target]:
            gap = _gap(edge, columns)
            at = lefts[gap] - MARGIN - LANE * (len(gaps[gap]) - gaps[gap].index(edge.target))
            lines[edge] = _through(source, target, at, edge.caught)
        elif edge in beside:
            column = columns[edge.source]
            out = MARGIN + LANE * beside[edge]
            at = lefts[column] - out if column == 0 else lefts[column] + _width(column) + out
            lines[edge] = _through(source, target, at, edge.caught)
        else:
            lines[edge] = ((source.middle[0], source.y + source.height), (target.middle[0], target.y))
    last = max(columns.values())
    right = max(lefts[column] + _width(column) for column in columns.values())
    right += LANE * (
        1 + max((lane for edge, lane in beside.items() if columns[edge.source] == last > 0), default=-1)
    )
    return Layout(right + MARGIN, bottom, boxes, lines)


def _lanes(
    machine: Machine, layers: dict[str, int], columns: dict[str, int], column: int
) -> Iterable[tuple[Edge, int]]:
    """The edges that skip states of their column, each with the number of its line beside it, short ones inside."""
    there = sorted(layers[name] for name, one in columns.items() if one == column)
    skipping = []
    for edge in machine.edges:
        if columns[edge.source] == columns[edge.target] == column:
            low, high = sorted((layers[edge.source], layers[edge.target]))
            backwards = layers[edge.target] <= layers[edge.source]
            if backwards or any(low < layer < high for layer in there):
                skipping.append((high - low, low, high, edge))
    lanes: list[list[tuple[int, int]]] = []
    for _, low, high, edge in sorted(skipping, key=lambda one: one[:3]):
        free = (number for number, lane in enumerate(lanes) if all(high <= a or b <= low for a, b in lane))
        number = next(free, len(lanes))
        if number == len(lanes):
            lanes.append([])
        lanes[number].append((low, high))
        yield edge, number


def _gap(edge: Edge, columns: dict[str, int]) -> int:
    """The column to the left of which the edge changes columns."""
    return max(columns[edge.source], columns[edge.target])


def _width(column: int) -> int:
    return OTHER_WIDTH if column else FIRST_WIDTH


def _lefts(columns: dict[str, int], beside: dict[Edge, int], gaps: dict[int, list[str]]) -> dict[int, float]:
    """Where each column begins."""
    first = [lane for edge, lane in beside.items() if columns[edge.source] == 0]
    lefts: dict[int, float] = {0: 2 * MARGIN + LANE * (1 + max(first, default=-1))}
    for column in range(1, max(columns.values()) + 1):
        lanes = [lane for edge, lane in beside.items() if columns[edge.source] == column - 1 > 0]
        lines = len(gaps.get(column, ())) + 1 + max(lanes, default=-1)
        lefts[column] = lefts[column - 1] + _width(column - 1) + 2 * MARGIN + LANE * (lines + 1)
    return lefts


def _tops(layers: dict[str, int], heights: dict[str, float]) -> tuple[dict[int, float], float]:
    tops, y = {}, float(MARGIN)
    for layer in range(max(layers.values()) + 1):
        tops[layer] = y
        y += max((heights[name] for name, one in layers.items() if one == layer), default=0) + LAYER_GAP
    return tops, y - LAYER_GAP + MARGIN


def _through(source: Box, target: Box, at: float, caught: bool) -> tuple[Point, ...]:
    """Out of the source's side to the line at x = `at`, along it, and into the side of the target."""
    start = source.x if at < source.x else source.x + source.width
    end = target.x if at < target.x else target.x + target.width
    y = source.middle[1] + (min(CAUGHT_BELOW, source.height / 3) if caught else 0)
    return (start, y), (at, y), (at, target.middle[1]), (end, target.middle[1])
