"""The scale benchmark's own side: figures from logs and histories, costs from figures. No timing is asserted."""

import json
import math
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from model_service_cli.runs.steps import Step
from scale_costs import MEMORY_MB, SINGLE, STATES, SUMMARIZE_MB, Measured, Prices, estimate
from scale_costs import tables as cost_tables
from scale_document import with_section
from scale_load import Load
from scale_measure import MAPS, Invocation, figures, invocations, map_figures
from scale_tables import best_runs, tables

ROOT = Path(__file__).parents[3]
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def invocation(
    end: float, seconds: float, init: float = 0.0, peak: int = 70, task: str = "ValidateShard"
) -> Invocation:
    return Invocation(task, BEGIN + timedelta(seconds=end), seconds, init, peak)


def test_an_invocation_is_its_own_last_line_and_lambdas_report():
    lines = [
        {"message": "started", "request_id": "a", "timestamp": "2026-01-01T00:00:00.000Z"},
        {"message": "succeeded", "request_id": "a", "timestamp": "2026-01-01T00:00:02.500Z", "duration_ms": 2400,
         "task": "ValidateShard"},
        {"message": "succeeded", "request_id": "b", "timestamp": "2026-01-01T00:00:01.000Z", "duration_ms": 900,
         "task": "ValidateShard"},
        {"type": "platform.report",
         "record": {"requestId": "a", "metrics": {"maxMemoryUsedMB": 71, "initDurationMs": 300.0}}},
    ]  # fmt: skip
    assert invocations(map(json.dumps, lines)) == [invocation(2.5, 2.4, init=0.3, peak=71)]


def test_overhead_is_what_the_environments_did_beside_their_handlers():
    # Two environments: 0.1 s before each shard of 1 s; the second one has no third shard, and idles for 1.1 s.
    shards = [invocation(1.1, 1.0), invocation(1.1, 1.0), invocation(2.2, 1.0)]
    found = map_figures(shards, 2.2, concurrency=2)
    assert found["overhead_ms"] == pytest.approx(100)
    assert found["idle_seconds"] == pytest.approx(1.1)
    assert found["overhead_with_idle_ms"] == pytest.approx((4.4 - 3.0) / 3 * 1000)


def test_environments_are_never_more_than_shards():
    found = map_figures([invocation(1.0, 0.9), invocation(1.0, 0.9)], 1.0, concurrency=4)
    assert (found["environments"], found["overhead_ms"]) == (2, pytest.approx(100))


def step(name: str, seconds: float) -> Step:
    return Step(name, "Task", "SUCCEEDED", BEGIN, round(seconds * 1000))


def run(megabytes: int, concurrency: int, map_seconds: float) -> dict:
    shards = megabytes // 32
    ran = [invocation(0.0, 0.1, task="FetchAndValidate")]
    ran += [invocation(i + 1.0, map_seconds * concurrency / shards - 0.05) for i in range(shards)]
    ran += [invocation(shards + 2.0, 0.1, task="CollectShards")]
    steps = [
        step("FetchAndValidate", 0.1 + shards / 100),
        step("ValidateShards", map_seconds),
        step("CollectShards", 0.1 + shards / 200),
        step("EvaluateShards", 1.2),
        step("Summarize", megabytes / 100),
        step("PublishArtifact", 0.1),
    ]
    others = {
        "summarize": [
            invocation(1.1, 1.0, task="EvaluateShard", peak=90),
            invocation(2.0, megabytes / 100 - 1.0, task="Summarize"),
        ],
        "publish-artifact": [invocation(1.0, 0.1, task="PublishArtifact")],
    }
    found = {"fetch-and-validate": ran} | others
    size = megabytes * 10**6
    return figures(steps, found, map_seconds + 2, size, concurrency) | {
        "rows": 15_000 * megabytes,
        "model": "gaussian",
        "cores": {"functions": 0.9, "cloud": 0.2, "others": 0.1},
    }


RESULT = {
    "started_at": "2026-01-01T00:00:00+00:00",
    "machine": {"processor": "P", "cores": 2, "memory_gb": 8, "system": "S", "python": "3.13"},
    "load": [0.1, 0.2],
    "shard_bytes": 32 * 10**6,
    "repeat": 2,
    "runs": [run(64, 1, 2.4), run(64, 1, 2.2), run(640, 1, 22.0), run(640, 2, 12.0)],
    "chosen": [run(64, 1, 3.0) | {"model": "auto"}],
    "peers": [
        {"bytes": 64 * 10**6, "name": "pandas and scikit-learn", "seconds": 2.0, "peak_mb": 300.4, "rows": 1},
        {"bytes": 640 * 10**6, "name": "polars and scikit-learn", "failed": "killed"},
    ],
}


def test_the_plan_and_the_collecting_are_no_shards():
    assert [one["map"]["items"] for one in RESULT["runs"]] == [2, 2, 20, 20]


def test_a_csv_of_one_shard_has_no_map():
    found = figures([step("FetchAndValidate", 1.0)], {"fetch-and-validate": []}, 1.0, 10**6, 2)
    assert (found["map"], found["maps"]) == (None, {})


def test_each_map_and_each_task_has_figures_of_its_own():
    one = RESULT["runs"][0]
    assert {name: mapped["items"] for name, mapped in one["maps"].items()} == {
        "ValidateShards": 2,
        "EvaluateShards": 1,
    }
    assert one["maps"]["EvaluateShards"]["overhead_ms"] == pytest.approx(200)
    assert one["tasks"]["EvaluateShard"] == {"count": 1, "seconds": 1.0, "peak_mb": 90}
    assert one["functions"]["summarize"]["peak_mb"] == 90


def test_of_repeated_runs_the_shortest_counts():
    found = [
        (one["model"], one["bytes"] // 10**6, one["concurrency"], one["seconds"]) for one in best_runs(RESULT)
    ]
    assert found == [
        *(("gaussian", 64, 1, 4.2), ("gaussian", 640, 1, 24.0), ("gaussian", 640, 2, 14.0)),
        ("auto", 64, 1, 5.0),
    ]


def test_a_target_stands_beside_its_value():
    *_, targets = tables(RESULT)
    assert ("the execution with two environments, 640 MB: times as fast as with one", "at least 1.6", "1.71",
            "reached") in targets.rows  # fmt: skip
    assert ("peak memory of any Lambda, 640 MB", "at most 300 MB", "90 MB", "reached") in targets.rows
    assert len(targets.rows) == 3 * 2 + 1 + 2


def test_every_table_is_as_wide_as_its_header():
    for table in [*tables(RESULT), *cost_tables(RESULT)]:
        assert {len(row) for row in table.rows} == {len(table.header)}


def test_the_costs_input_is_what_an_item_and_a_megabyte_took():
    measured = Measured.of(RESULT)
    assert measured.an_item["FetchAndValidate"] == pytest.approx(0.01)
    assert measured.an_item["CollectShards"] == pytest.approx(0.005)
    assert measured.an_item["Summarize"] == pytest.approx(
        (6.4 - 0.64) / 10
    )  # of twelve ranges instead of two
    assert measured.an_item["LearnColumns"] == 0.0
    assert measured.a_megabyte["ValidateShards"] == pytest.approx((22.0 - 20 * 0.05) / 640)
    assert measured.a_megabyte["EvaluateShards"] == pytest.approx(1.0 / 640)


def test_one_size_says_nothing_of_what_a_shard_adds():
    with pytest.raises(ValueError, match="two sizes of several shards are needed"):
        Measured.of(RESULT | {"runs": RESULT["runs"][2:]})


MEASURED = Measured(
    {"ValidateShards": 0.02, "SummarizeShards": 0.01, "GatherMoments": 0.005, "EvaluateShards": 0.005},
    {"FetchAndValidate": 0.01, "CollectShards": 0.005, "PlanRanges": 0.0, "LearnColumns": 0.1, "ChooseModel": 0.0,
     "Summarize": 0.2},
    0.05,
    15_000,
)  # fmt: skip
ROWS_OF_A_RANGE = 4096 * ((1 << 22) // 5 // 4096)


def test_time_and_cost_follow_from_the_figures():
    found = estimate(10**11, MEASURED, 10**8, Prices(), 1769)
    ranges = math.ceil(1_500_000_000 / ROWS_OF_A_RANGE)
    assert (found.shards, found.ranges) == (1000, ranges)
    assert found.maps["ValidateShards"] == pytest.approx(
        {100: 10 * 2.05, 1000: 10.0}
    )  # a hundred begin a second
    assert found.maps["SummarizeShards"][1000] == pytest.approx(max(1000 / ranges + 0.05, ranges / 100))
    assert found.single["Summarize"] == pytest.approx(0.2 * ranges)
    assert found.total_seconds(100) == pytest.approx(
        10 + 5 + 0.3 * ranges + sum(seconds[100] for seconds in found.maps.values())
    )
    seconds = 2000 + 1000 + 500 + 500 + 10 + 5 + 0.3 * ranges  # the other steps, too, have a whole core
    assert found.dollars["Lambda, duration"] == pytest.approx(seconds * 1769 / 1024 * 0.0000133334)
    assert found.dollars["Step Functions"] == pytest.approx((2 * (1000 + 3 * ranges) + 15) * 0.000025)


def test_the_states_of_an_execution_are_those_of_the_definition():
    """Of the Gaussian, of a CSV of several shards that goes well: every state but those of folds and of failures."""
    machine = json.loads((ROOT / "statemachine/training_pipeline.asl.json").read_text())
    other = {"FitFolds", "IsWorkSpread", "RejectModel", "ReadErrorMessage", "RunFailed"}
    assert len(machine["States"].keys() - other) == STATES
    maps = {name for name, state in machine["States"].items() if state["Type"] == "Map"}
    assert maps - {"FitFolds"} == MAPS.keys()
    assert set(SINGLE) == {
        name
        for name, state in machine["States"].items()
        if state["Type"] == "Task" and name != "PublishArtifact"
    }


def test_less_memory_is_slower_and_not_dearer():
    small, core, large = (estimate(10**9, MEASURED, 10**8, Prices(), mb) for mb in (884.5, 1769, 3538))
    assert small.single["FetchAndValidate"] == pytest.approx(2 * core.single["FetchAndValidate"])
    assert small.dollars["Lambda, duration"] == pytest.approx(core.dollars["Lambda, duration"])
    assert large.single == core.single
    assert small.single["Summarize"] == core.single["Summarize"]  # its memory is a setting of its own


def test_children_begin_no_faster_than_the_account_starts_them():
    """At 1 TB in shards of 32 MiB, whatever may work at once."""
    found = estimate(10**12, MEASURED, 32 << 20, Prices(), 1769)
    assert found.maps["ValidateShards"][1000] == pytest.approx(298.02, abs=0.01)


def test_a_step_that_one_lambda_cannot_end_is_marked():
    plan = MEASURED.an_item | {"FetchAndValidate": 1.0}
    assert estimate(10**9, replace(MEASURED, an_item=plan), 10**7, Prices(), 1769).fits
    assert not estimate(10**11, replace(MEASURED, an_item=plan), 10**7, Prices(), 1769).fits


def test_the_parts_are_as_many_as_the_writer_makes():
    """2.5 MiB of features each: 100 MB hold 1.5 million rows of five columns, 60 MB of numbers."""
    found = estimate(10**8, MEASURED, 10**8, Prices(thousand_puts=1000.0, thousand_gets=0.0), 1769)
    parts = -(-1_500_000 * 8 * 5 // (5 << 19))
    assert found.dollars["S3, requests"] == pytest.approx(parts + 1 + 2 * 6 + 16)  # of two ranges


def test_the_memory_is_that_of_terraforms_defaults():
    variables = (ROOT / "infra/variables.tf").read_text()
    for name, megabytes in (("lambda_memory_mb", MEMORY_MB), ("summarize_memory_mb", SUMMARIZE_MB)):
        block = variables.partition(f'variable "{name}" {{')[2]
        assert re.search(r"default +=\s*(\d+)", block)[1] == str(megabytes)


def test_a_section_of_the_page_is_replaced_and_the_rest_stays():
    page = "a\n<!-- x: written by benchmarks/scale_document.py -->\nold\n<!-- end of x -->\nb\n"
    replaced = with_section(page, "x", "new")
    assert replaced.startswith("a\n<!-- x")
    assert replaced.endswith("-->\n\nnew\n\n<!-- end of x -->\nb\n")
    assert "old" not in replaced
    with pytest.raises(ValueError, match="lacks the lines"):
        with_section(page, "y", "new")


def test_the_load_is_shared_out_and_a_process_may_be_new_or_gone():
    before = Load(at=10.0, machine=100.0, cloud=5.0, functions={1: 2.0, 2: 9.0})
    after = Load(at=20.0, machine=116.0, cloud=7.0, functions={1: 7.0, 3: 4.0})
    assert after.since(before) == pytest.approx({"functions": 0.9, "cloud": 0.2, "others": 0.5})


def test_a_load_is_read_from_a_process_and_its_children():
    load = Load.now(os.getpid())
    assert load.machine > load.cloud > 0
    assert set(load.since(Load(load.at - 1, load.machine - 1, load.cloud - 0.25, load.functions))) == {
        "functions", "cloud", "others"
    }  # fmt: skip
