"""Where states stand and where edges go: nothing lies on anything else, whatever the machine."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from traced_runs import machine

from model_service_cli.trace.definition import END, START, Edge, Machine, State
from model_service_cli.trace.graph_layout import FIRST_WIDTH, Box, layout
from model_service_cli.trace.graph_lines import head_of, path_of

NAMES = "ABCDEFGH"


@st.composite
def machines(draw) -> Machine:
    """A way through all states but some, with shortcuts, ways that leave it, loops and caught errors."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    on_the_way = [name for name in names if name == names[0] or draw(st.booleans())]
    edges = [Edge(one, other) for one, other in pairwise([START, *on_the_way, END])]
    ends = st.sampled_from(names)
    edges += [Edge(*one) for one in draw(st.lists(st.tuples(ends, ends, st.booleans()), max_size=8))]
    return Machine({name: State(name, "Task") for name in names}, tuple(dict.fromkeys(edges)))


def placed(machine: Machine, height: float = 40):
    return layout(machine, dict.fromkeys((START, *machine.states, END), height))


def overlap(a: Box, b: Box) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


@given(machines())
def test_no_box_lies_on_another_and_all_lie_on_the_page(machine):
    found = placed(machine)
    boxes = [found.boxes[name] for name in machine.states]
    assert len(boxes) == len(machine.states)
    for number, box in enumerate(boxes):
        assert 0 <= box.x <= box.x + box.width <= found.width
        assert 0 <= box.y <= box.y + box.height <= found.height
        assert not any(overlap(box, other) for other in boxes[number + 1 :])


@given(machines())
def test_every_edge_has_a_line_of_right_angles_from_its_source_to_its_target(machine):
    found = placed(machine)
    assert found.lines.keys() == set(machine.edges)
    for edge, line in found.lines.items():
        for end, name in ((line[0], edge.source), (line[-1], edge.target)):
            box = found.boxes[name]
            assert box.x <= end[0] <= box.x + box.width
            assert box.y <= end[1] <= box.y + box.height
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(line))
        assert all(0 <= x <= found.width for x, _ in line)


def test_no_line_of_the_pipeline_crosses_a_state():
    found = placed(machine())
    for edge, line in found.lines.items():
        for (x1, y1), (x2, y2) in pairwise(line):
            piece = Box(min(x1, x2), min(y1, y2), abs(x1 - x2) or 0.1, abs(y1 - y2) or 0.1)
            others = [box for name, box in found.boxes.items() if name not in (edge.source, edge.target)]
            assert not any(overlap(piece, box) for box in others), edge


def test_the_way_that_ends_well_is_one_column_from_top_to_bottom():
    found = placed(machine())
    way = [START, "FetchAndValidate", "HowManyShards", "ValidateShards", "CollectShards", "IsOneLambdaEnough",
           "PlanRanges", "SummarizeShards", "LearnColumns", "AreMomentsEnough", "FitFolds", "IsWorkSpread",
           "ChooseModel", "EvaluateShards", "Summarize", "IsModelGoodEnough", "PublishArtifact", END]  # fmt: skip
    boxes = [found.boxes[name] for name in way]
    assert len({box.middle[0] for box in boxes}) == 1
    assert all(above.y + above.height < below.y for above, below in pairwise(boxes))
    assert all(
        found.boxes[name].x > boxes[1].x + FIRST_WIDTH
        for name in ("RejectModel", "ReadErrorMessage", "RunFailed")
    )


def test_caught_errors_share_one_line_to_the_state_that_reads_them():
    found = placed(machine())
    lines = [line for edge, line in found.lines.items() if edge.caught]
    assert len(lines) > 3
    assert len({line[1][0] for line in lines}) == 1


def test_a_line_is_drawn_with_round_corners_and_an_arrow():
    line = ((0.0, 0.0), (20.0, 0.0), (20.0, 30.0))
    assert path_of(line) == "M0 0L14 0Q20 0 20 6L20 30"
    assert head_of(line) == "20,30 16.5,25 23.5,25"
