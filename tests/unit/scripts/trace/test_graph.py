"""A run on its graph: colours, times, the way that it took, a Map's items."""

import json

from traced_runs import ARN, BEGIN, History, at, machine, published, trained

from model_service_cli.runs.follow import Execution
from model_service_cli.runs.history import steps
from model_service_cli.trace.graph import MOST_LANES, Graph, graph
from model_service_cli.trace.timeline import timeline


def graph_of(history: History, lines: list, status: str = "SUCCEEDED", seconds: float | None = 18.6) -> Graph:
    duration = None if seconds is None else round(1000 * seconds)
    execution = Execution(ARN, status, "{}", None, None, BEGIN, duration, tuple(steps(history.events)))
    return graph(machine(), timeline(execution, lines, at(30)))


def nodes(found: Graph) -> dict:
    return {node.name: node for node in found.nodes}


def way(found: Graph) -> list[str]:
    return sorted(line.title for line in found.lines if "taken" in line.kind)


def test_each_state_has_its_time_and_its_place_in_the_timeline():
    found = nodes(graph_of(*published()))
    assert (found["FetchAndValidate"].status, found["FetchAndValidate"].time) == ("succeeded", "1.90 s")
    assert found["FetchAndValidate"].target == "state-1"
    assert found["PublishArtifact"].target == "state-8"
    assert (found["ValidateShards"].status, found["ValidateShards"].target) == ("not-entered", "")
    assert found["ValidateShards"].time == "not entered"


def test_the_way_that_the_run_took_is_marked():
    found = graph_of(*published())
    assert "IsOneLambdaEnough to FitFolds" in way(found)
    assert "IsOneLambdaEnough to PlanRanges" not in way(found)
    assert "HowManyShards to ValidateShards" not in way(found)
    assert "PublishArtifact to end" in way(found)
    assert [came for _, _, came in found.points] == [True, True]
    assert not any("caught" in line.kind for line in found.lines if "taken" in line.kind)


def test_a_rejected_run_goes_to_its_end_by_the_gate():
    history, lines = trained(passed=False)
    history.pass_through("Pass", "RejectModel", 16.2, 16.3)
    history.add("FailStateEntered", 16.4, name="RunFailed", input=history.value)
    history.add("ExecutionFailed", 16.5, error="ModelRejectedError", cause="low")
    found = graph_of(history, lines, "FAILED", 16.5)
    assert "IsModelGoodEnough to RejectModel" in way(found)
    assert nodes(found)["RunFailed"].status == "failed"
    assert nodes(found)["PublishArtifact"].status == "not-entered"
    assert [came for _, _, came in found.points] == [True, False]


def test_a_caught_error_takes_the_dotted_line():
    history = History()
    history.add("TaskStateEntered", 0.1, name="FetchAndValidate", input=history.value)
    history.add("TaskScheduled", 0.1)
    history.add("TaskFailed", 0.9, error="InvalidDatasetError", cause="line 3")
    history.add("TaskStateExited", 0.9, name="FetchAndValidate", output="{}")
    history.pass_through("Pass", "ReadErrorMessage", 1, 1.1)
    found = graph_of(history, [], "FAILED", 1.2)
    (line,) = [
        line for line in found.lines if line.title == "FetchAndValidate to ReadErrorMessage, on an error"
    ]
    assert line.kind == "taken caught"
    assert nodes(found)["FetchAndValidate"].time == "0.80 s · failed"


def test_what_runs_says_so_and_how_many_items_are_done():
    history = History()
    history.add("MapStateEntered", 2, name="FitFolds", input="{}")
    history.add("MapStateStarted", 2, length=5)
    history.add("MapIterationSucceeded", 3, name="FitFolds", index=0)
    node = nodes(graph_of(history, [], "RUNNING", None))["FitFolds"]
    assert (node.status, node.time) == ("running", "28.0 s · running")
    assert [words for _, words in node.more] == ["FitFold: 1 of 5"]


def test_what_was_found_done_has_a_colour_of_its_own():
    history = History()
    history.task("FetchAndValidate", "fetch-and-validate", 0, 1, {"run": {"cached": ["FetchAndValidate"]}})
    node = nodes(graph_of(history, []))["FetchAndValidate"]
    assert (node.status, node.time) == ("cached", "1.00 s · cached")


def test_a_map_is_a_group_with_its_lanes_and_what_failed_in_them():
    history, lines = published(shards=60)
    broken = {"errorType": "TransientStorageError", "errorMessage": "slow", "requestId": "shard-7"}
    history_lines = [*lines]
    history_lines.insert(-3, type(lines[0])(at(3), "fetch-and-validate", "", "shard-7", json.dumps(broken)))
    found = nodes(graph_of(history, history_lines))["ValidateShards"]
    box = found.box
    assert found.kind == "group"
    assert [words for _, words in found.more] == ["ValidateShard x 60", "and 4 lanes more"]
    assert len({bar.y for bar in found.bars}) == MOST_LANES
    assert sum(bar.failed for bar in found.bars) == 1
    assert all(box.x <= bar.x and bar.x + bar.width <= box.x + box.width for bar in found.bars)
    assert all(box.y <= bar.y and bar.y + bar.height <= box.y + box.height for bar in found.bars)
