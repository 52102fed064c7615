"""The graph of a trace's page: each state with its colour, its time and its place, a Map with its items in lanes.

Pure: a machine and a timeline in, values for the template out. Where things stand is in `graph_layout`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from model_service_cli.runs.steps import RUNNING, SUCCEEDED, failed_step
from model_service_cli.trace.definition import END, START, Machine, State
from model_service_cli.trace.graph_layout import Box, layout
from model_service_cli.trace.graph_lines import head_of, path_of
from model_service_cli.trace.page_parts import span, words
from model_service_cli.trace.timeline import Row, Timeline

WORK, DECISION, POINT = 44, 34, 14  # heights
INNER, LANE, PADDING = 18, 5, 8  # of what a Map holds
MOST_LANES = 8
NAME_CHARACTERS = {True: 26, False: 19}  # that fit into a box of the first column, and of another
NOT_ENTERED = "not entered"


@dataclass(frozen=True)
class LaneBar:
    x: float
    y: float
    width: float
    height: float
    failed: bool


@dataclass(frozen=True)
class Node:
    """A state of the graph. status: a class of the style sheet; time: what stands under the name; target: the anchor
    of its line in the timeline, empty where it was not entered; more: lines in a Map's box."""

    box: Box
    kind: str
    name: str
    shown: str
    status: str
    time: str
    target: str = ""
    more: tuple[tuple[float, str], ...] = ()
    bars: tuple[LaneBar, ...] = ()


@dataclass(frozen=True)
class Line:
    """path: of SVG; head: the corners of its arrow; kind: classes of the style sheet."""

    path: str
    head: str
    kind: str
    title: str


@dataclass(frozen=True)
class Graph:
    width: float
    height: float
    nodes: tuple[Node, ...]
    lines: tuple[Line, ...]
    points: tuple[tuple[float, float, bool], ...]  # start and end: x, y, whether the run came there


def graph(machine: Machine, timeline: Timeline) -> Graph:
    """The machine as this run went through it. The last visit of a state is the one that is shown."""
    visits = {row.step.name: (number, row) for number, row in enumerate(timeline.rows, 1)}
    heights = {name: _height(state, visits.get(name, (0, None))[1]) for name, state in machine.states.items()}
    placed = layout(machine, heights | {START: POINT, END: POINT})
    names = [row.step.name for row in timeline.rows]
    way = [START, *names, *([END] if timeline.execution.status == SUCCEEDED else [])]
    gone = set(pairwise(way))
    caught = {row.step.name for row in timeline.rows if row.step.status not in (RUNNING, SUCCEEDED)}
    lines = []
    for edge, corners in placed.lines.items():
        taken = (edge.source, edge.target) in gone and (edge.caught == (edge.source in caught))
        kind = " ".join(word for word, holds in (("taken", taken), ("caught", edge.caught)) if holds)
        title = f"{edge.source} to {edge.target}" + (", on an error" if edge.caught else "")
        lines.append(Line(path_of(corners), head_of(corners), kind, title))
    lines.sort(key=lambda line: "taken" in line.kind)  # drawn last, over the others
    blamed = failed_step([row.step for row in timeline.rows], _error(timeline))
    nodes = []
    for name, state in machine.states.items():
        number, row = visits.get(name, (0, None))
        nodes.append(_node(state, placed.boxes[name], number, row, bool(blamed and blamed.name == name)))
    points = tuple((*placed.boxes[name].middle, name in way) for name in (START, END) if name in placed.boxes)
    return Graph(placed.width, placed.height, tuple(nodes), tuple(lines), points)


def _error(timeline: Timeline) -> str | None:
    failure = timeline.execution.failure
    return failure.error if failure else None


def _height(state: State, row: Row | None) -> float:
    if state.kind in ("Choice", "Pass", "Fail", "Succeed"):
        return DECISION
    lanes = _lanes(row)
    strip = PADDING + LANE * lanes + (INNER if row and len(row.lanes) > lanes else 0) if lanes else 0
    return WORK + INNER * len(state.inside) + strip + (PADDING if state.inside else 0)


def _lanes(row: Row | None) -> int:
    return min(len(row.lanes), MOST_LANES) if row else 0


def _node(state: State, box: Box, number: int, row: Row | None, blamed: bool) -> Node:
    limit = NAME_CHARACTERS[box.width > 160]
    shown = state.name if len(state.name) <= limit else f"{state.name[: limit - 1]}…"
    more = tuple(_inside(state, box, row))
    if row is None:
        return Node(
            box, _kind(state), state.name, shown, NOT_ENTERED.replace(" ", "-"), NOT_ENTERED, more=more
        )
    step = row.step
    status = "cached" if step.cached else words(step.status)
    time = [span(row.ended_at - step.started_at)]
    if status != words(SUCCEEDED):
        time.append(status)
    if step.attempts > 1:
        time.append(f"{step.attempts} attempts")
    if state.kind == "Fail" and not blamed:
        time = [words(step.status)]  # it takes no time, and says another state's error
    return Node(
        box,
        _kind(state),
        state.name,
        shown,
        status.replace(" ", "-"),
        " · ".join(time),
        f"state-{number}",
        more,
        tuple(_bars(state, box, row)),
    )


def _kind(state: State) -> str:
    return {"Choice": "choice", "Fail": "end", "Succeed": "end"}.get(
        state.kind, "group" if state.inside else "work"
    )


def _inside(state: State, box: Box, row: Row | None) -> Iterator[tuple[float, str]]:
    """Lines of text in a Map's box, each with its height: the states inside, and how many items they were given."""
    for place, name in enumerate(state.inside):
        yield box.y + WORK + INNER * place + 12, name + (_count(row) if place == 0 else "")
    if row and len(row.lanes) > MOST_LANES:
        y = box.y + WORK + INNER * len(state.inside) + PADDING + LANE * MOST_LANES + 12
        yield y, f"and {len(row.lanes) - MOST_LANES} lanes more"


def _count(row: Row | None) -> str:
    if row is None:
        return ""
    if row.step.items:
        done, total = row.step.items
        return f" x {total}" if row.step.status == SUCCEEDED else f": {done} of {total}"
    return f" x {len(row.items)}" if row.items else ""


def _bars(state: State, box: Box, row: Row) -> Iterator[LaneBar]:
    whole = row.ended_at - row.step.started_at
    left, width = box.x + 12, box.width - 24
    top = box.y + WORK + INNER * len(state.inside) + 4
    for place, lane in enumerate(row.lanes[:MOST_LANES]):
        for item in lane:
            begin = min(max((item.begun_at - row.step.started_at) / whole, 0.0), 1.0) if whole else 0.0
            end = min(max((item.ended_at - row.step.started_at) / whole, begin), 1.0) if whole else 1.0
            long = max(width * (end - begin) - 0.5, 1.0)
            yield LaneBar(
                round(left + width * begin, 2),
                top + LANE * place,
                round(long, 2),
                LANE - 1,
                bool(item.failure),
            )
