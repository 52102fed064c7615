"""A CSV of several shards, through the real Distributed Map: the same result, the same errors, nothing stale."""

import csv
import gzip
import io
import json
import random
from pathlib import Path

import pytest
from tests.integration.conftest import RANGE_CELLS

from fetch_and_validate.stage import stage
from publish_artifact.artifact import artifact_document
from shared.config import Config
from shared.contracts import TrainingRequest, ValidatedDataset
from shared.manifest_parts import part_entries
from shared.run_files import read_document
from shared.storage import Storage
from summarize.summarize import summarize

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "data" / "btc_candles_labeled_sample.csv"
COPIES = 6
# Models of these tests' own, so that what else is published meanwhile changes nothing.
ARTIFACT_KEY = "models/shards/candles.pkl"
ONE_SHARD = Config(shard_bytes=1 << 31, range_cells=RANGE_CELLS)
STATES = [
    *("FetchAndValidate", "ValidateShards", "CollectShards"),
    *("PlanRanges", "SummarizeShards", "LearnColumns", "GatherMoments", "ChooseModel", "EvaluateShards"),
    *("Summarize", "PublishArtifact"),
]


def candles() -> list[list[str]]:
    """The sample several times over, each price a little off, with a remark that often has a line end."""
    draw = random.Random(4)
    with SAMPLE.open(newline="") as file:
        header, *rows = csv.reader(file)
    remarks = ["", "calm", "up, then down", "first line\nsecond line", 'a "quoted" word\n']
    table = [[*header[:-1], "remark", header[-1]]]
    for _ in range(COPIES):
        for timestamp, *numbers, label in rows:
            jittered = [repr(float(number) * draw.uniform(0.999, 1.001)) for number in numbers]
            table.append([timestamp, *jittered, draw.choice(remarks), label])
    return table


def to_csv(table: list[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(table)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def table() -> list[list[str]]:
    return candles()


@pytest.fixture(scope="module")
def large(pipeline, table) -> str:
    """The key of a CSV of several shards."""
    return pipeline.upload(to_csv(table), "large.csv")


@pytest.fixture(scope="module")
def execution(pipeline, large) -> dict:
    done = pipeline.execute({"key": large, "artifact_key": ARTIFACT_KEY})
    assert done["status"] == "SUCCEEDED", done
    return done


@pytest.fixture
def planned(pipeline, large):
    """Has FetchAndValidate plan a CSV as the state machine has it; returns its output."""

    def plan(key: str = large, **fields) -> dict:
        request = {"model": "gaussian", "key": key, "artifact_key": ARTIFACT_KEY, "force": True, **fields}
        arn = f"{pipeline.outputs['state_machine_arn']}:test"
        task = {"task": "FetchAndValidate", "request": request, "execution_arn": arn}
        failure, output = pipeline.invoke("fetch-and-validate", task)
        assert failure is None, output
        assert output["shards"]["count"] > 3
        return output

    return plan


def collecting(planned: dict) -> dict:
    """The payload of CollectShards."""
    return {"task": "CollectShards"} | {name: planned[name] for name in ("run", "plan", "shards")}


def validating(planned: dict, shard: dict) -> dict:
    """The payload of ValidateShard."""
    return {"task": "ValidateShard", "run": planned["run"], "plan": planned["plan"], "shard": shard}


def shards_of(pipeline, planned: dict) -> list[dict]:
    return json.loads(pipeline.read(planned["shards"]["key"]))


def manifest_of(pipeline, execution: dict) -> dict:
    return json.loads(pipeline.read(json.loads(execution["output"])["dataset"]["manifest"]["key"]))


def parts_of(pipeline, manifest: dict) -> list[dict]:
    bucket = pipeline.outputs["training_artifact_bucket"]
    return list(part_entries(manifest, bucket, Storage(pipeline.cloud.client("s3"))))


def artifact_of_one_shard(pipeline, request: dict) -> dict:
    """The artifact made in this process, by the same logic, on the same object; without its lineage."""
    storage = Storage(pipeline.cloud.client("s3"))
    dataset = stage(TrainingRequest.from_event(request, Config()), storage, ONE_SHARD)
    assert isinstance(dataset, ValidatedDataset)
    summary = summarize(dataset, storage, ONE_SHARD)
    manifest = read_document(storage, dataset.manifest, "manifest", dataset.run.run_id)
    document = read_document(storage, summary.summary, "summary", dataset.run.run_id)
    expected = artifact_document(manifest, document, None, "")
    del expected["lineage"]  # who made it and when
    return json.loads(json.dumps(expected))


def test_several_shards_give_the_artifact_that_one_gives_bit_for_bit(pipeline, large, execution):
    expected = artifact_of_one_shard(
        pipeline, {"model": "gaussian", "key": large, "artifact_key": ARTIFACT_KEY}
    )

    found = json.loads(pipeline.read(ARTIFACT_KEY))
    del found["lineage"]

    assert len(manifest_of(pipeline, execution)["shards"]) > 3
    assert expected["dataset"]["rows"] == 8727 * COPIES
    assert found == expected


def test_a_model_that_is_chosen_is_the_same_for_several_shards(pipeline, large):
    """On few of the rows, as a run of one shard would be slow here."""
    request = {"model": "auto", "key": large, "artifact_key": "models/shards/chosen.pkl", "fit_rows": 400}
    done = pipeline.execute(request, timeout=200)
    assert done["status"] == "SUCCEEDED", done

    found = json.loads(pipeline.read(request["artifact_key"]))
    del found["lineage"]

    assert found == artifact_of_one_shard(pipeline, request)


def test_every_stage_of_data_in_ranges_is_a_map_run_with_an_item_a_range(pipeline, execution):
    states = pipeline.cloud.client("stepfunctions")
    listed = states.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
    runs = [states.describe_map_run(mapRunArn=one["mapRunArn"]) for one in listed]
    run_id = json.loads(execution["output"])["run"]["run_id"]
    ranges = json.loads(pipeline.read(f"runs/{run_id}/model/ranges.json"))

    done = {
        run["mapRunArn"].split("/")[1].split(":")[0]: (
            run["itemCounts"]["succeeded"],
            run["itemCounts"]["failed"],
        )
        for run in runs
    }
    shards = done.pop("ValidateShards")
    assert shards == (len(manifest_of(pipeline, execution)["shards"]), 0)
    assert done == dict.fromkeys(("SummarizeShards", "GatherMoments", "EvaluateShards"), (len(ranges), 0))
    assert len(ranges) > 2
    assert {run["maxConcurrency"] for run in runs} == {4}


def test_every_shard_is_an_item_of_one_map_run_of_the_deployed_concurrency(pipeline, execution, planned):
    states = pipeline.cloud.client("stepfunctions")
    listed = states.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
    (validated,) = [one["mapRunArn"] for one in listed if "/ValidateShards:" in one["mapRunArn"]]
    run = states.describe_map_run(mapRunArn=validated)

    assert "model-service-training-pipeline/ValidateShards:" in run["mapRunArn"]
    assert run["status"] == "SUCCEEDED"
    assert run["maxConcurrency"] == 4
    assert run["toleratedFailureCount"] == 0
    counts = {name: count for name, count in run["itemCounts"].items() if count and name != "resultsWritten"}
    shards = planned()["shards"]["count"]
    assert counts == {"succeeded": shards, "total": shards}


def test_one_bad_row_in_a_late_shard_is_told_with_its_line_and_publishes_nothing(pipeline, table):
    rows = [list(row) for row in table]
    bad = len(rows) - 500
    rows[bad][2] = "high"
    line = 1 + to_csv(rows[:bad]).count("\n")
    key = pipeline.upload(to_csv(rows), "bad row.csv")
    before = pipeline.objects("models/")

    done = pipeline.execute({"key": key, "artifact_key": ARTIFACT_KEY})

    assert line > bad + 1000  # it is counted in lines of the file, not in records
    assert (done["status"], done["error"]) == ("FAILED", "InvalidDatasetError")
    assert done["cause"].startswith(f"line {line}, column 'high': not a number; expected a number")
    assert f"1 of {len(rows) - 1} rows" in done["cause"]
    assert pipeline.objects("models/") == before


def test_max_invalid_rows_is_a_share_of_all_shards_together(pipeline, table):
    """All bad rows are in the last shard: a tenth of its rows or so, and 1 % of the whole."""
    rows = [list(row) for row in table]
    invalid = (len(rows) - 1) // 100
    for row in rows[-invalid:]:
        row[1] = "n/a?"
    key = pipeline.upload(to_csv(rows), "bad rows.csv")

    # Where the file is sampled at its end, the column is no number: the request says that it is.
    request = {"key": key, "artifact_key": ARTIFACT_KEY, "columns": {"open": "number"}}

    allowed = pipeline.execute(request | {"max_invalid_rows": 0.01})
    refused = pipeline.execute(request | {"max_invalid_rows": 0.009})

    assert allowed["status"] == "SUCCEEDED", allowed
    dataset = json.loads(allowed["output"])["dataset"]
    assert (dataset["rows"], dataset["invalid_rows"]) == (len(rows) - 1 - invalid, invalid)
    assert (refused["status"], refused["error"]) == ("FAILED", "InvalidDatasetError")
    assert f"{invalid} of {len(rows) - 1} rows" in refused["cause"]


def test_an_object_deleted_between_the_plan_and_its_shards_is_a_changed_dataset(pipeline, table, planned):
    key = pipeline.upload(to_csv(table), "deleted.csv")
    plan = planned(key)
    version = {"Key": key, "VersionId": plan["dataset"]["version_id"]}
    shards = shards_of(pipeline, plan)
    before = pipeline.objects("models/")

    validated = [pipeline.invoke("fetch-and-validate", validating(plan, shards[0]))]
    pipeline.cloud.client("s3").delete_object(Bucket=pipeline.outputs["training_data_bucket"], **version)
    for shard in shards[1:]:
        validated.append(pipeline.invoke("fetch-and-validate", validating(plan, shard)))
    failure, response = pipeline.invoke("fetch-and-validate", collecting(plan))

    assert [error for error, _ in validated] == [None] * len(shards)  # so that the Map comes to its end
    assert [output["rows"] > 0 for _, output in validated] == [True] + [False] * (len(shards) - 1)
    assert (failure, response["errorType"]) == ("Unhandled", "DatasetChangedError")
    assert "deleted.csv" in response["errorMessage"]
    assert f"runs/{plan['run']['run_id']}/dataset/manifest.json" not in pipeline.objects("runs/")
    assert pipeline.objects("models/") == before


@pytest.mark.parametrize("named", [False, True])
def test_an_object_replaced_between_the_plan_and_its_shards_is_a_changed_dataset_unless_its_version_was_named(
    named, pipeline, table, planned
):
    """What is read is the pinned version in both; a request without one asks for the newest."""
    key = pipeline.upload(to_csv(table), "replaced.csv")
    plan = planned(key)
    if named:
        plan = planned(key, version_id=plan["dataset"]["version_id"])
    pipeline.upload(to_csv(table).replace(".", ":"), "replaced.csv")
    for shard in shards_of(pipeline, plan):
        failure, _ = pipeline.invoke("fetch-and-validate", validating(plan, shard))
        assert failure is None

    failure, collected = pipeline.invoke("fetch-and-validate", collecting(plan))

    if not named:
        assert (failure, collected["errorType"]) == ("Unhandled", "DatasetChangedError")
        assert "was replaced while the run went on" in collected["errorMessage"]
        return
    assert failure is None
    assert collected["dataset"]["version_id"] == plan["dataset"]["version_id"]
    assert (collected["dataset"]["rows"], collected["dataset"]["invalid_rows"]) == (len(table) - 1, 0)


def test_a_shard_without_a_result_is_never_left_out(pipeline, planned):
    plan = planned(test_size=0.35)  # a run that nothing else has finished
    failure, _ = pipeline.invoke("fetch-and-validate", validating(plan, shards_of(pipeline, plan)[0]))
    assert failure is None

    failure, response = pipeline.invoke("fetch-and-validate", collecting(plan))

    assert (failure, response["errorType"]) == ("Unhandled", "DatasetChangedError")
    assert "shard-00001/result.json is gone" in response["errorMessage"]


def test_what_an_earlier_attempt_of_the_same_run_left_is_not_picked_up(pipeline, execution, planned):
    """Equal requests are the same run, in the same folder: here one that broke off and left rubbish."""
    fields = {"test_size": 0.21}
    plan = planned(**fields)
    folder = plan["plan"]["key"].removesuffix("plan.json")
    bucket = pipeline.outputs["training_artifact_bucket"]
    stray = [f"{folder}{name}" for name in ("part-00000.npz", "shard-00000/part-00099.npz")]
    replaced = [f"{folder}shard-{i:05d}/{name}" for i in (0, 1) for name in ("part-00000.npz", "result.json")]
    for key in [*stray, *replaced]:
        pipeline.cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b"rubbish")

    done = pipeline.execute({"key": "data/large.csv", "artifact_key": ARTIFACT_KEY, **fields})

    assert done["status"] == "SUCCEEDED", done
    assert json.loads(done["output"])["run"]["run_id"] == plan["run"]["run_id"]
    found, expected = (parts_of(pipeline, manifest_of(pipeline, run)) for run in (done, execution))
    assert [entry["sha256"] for entry in found] == [entry["sha256"] for entry in expected]
    assert {entry["key"] for entry in found}.isdisjoint(stray)


def test_what_a_failed_run_of_an_earlier_version_left_is_not_picked_up(pipeline, table):
    rows = [list(row) for row in table]
    rows[-1][1] = "open"
    failed = pipeline.execute({"key": pipeline.upload(to_csv(rows), "corrected.csv")})
    corrected = pipeline.execute(
        {"key": pipeline.upload(to_csv(table), "corrected.csv"), "artifact_key": ARTIFACT_KEY}
    )

    assert (failed["error"], corrected["status"]) == ("InvalidDatasetError", "SUCCEEDED")
    output = json.loads(corrected["output"])
    own = f"runs/{output['run']['run_id']}/"
    parts = parts_of(pipeline, manifest_of(pipeline, corrected))
    assert parts
    assert [entry["key"] for entry in parts if not entry["key"].startswith(own)] == []
    assert output["dataset"]["rows"] == len(table) - 1


def test_a_folder_of_objects_gives_the_artifact_of_one_with_their_rows(pipeline, table, execution):
    """A large object, which is cut, small ones, gzip and columns in another order among them."""
    header, rows = table[0], table[1:]
    first, second, third = rows[:38_000], rows[38_000:44_000], rows[44_000:]
    pipeline.upload(to_csv([header, *first]), "in-a-folder/day=1/a.csv")
    pipeline.upload(to_csv([row[::-1] for row in [header, *second]]), "in-a-folder/day=2/b.csv")
    pipeline.upload(gzip.compress(to_csv([header, *third]).encode()), "in-a-folder/day=3/c.csv.gz")
    pipeline.upload("", "in-a-folder/_SUCCESS")
    key = "models/shards/folder.pkl"

    done = pipeline.execute({"key": "data/in-a-folder/", "artifact_key": key})

    assert done["status"] == "SUCCEEDED", done
    dataset = json.loads(done["output"])["dataset"]
    assert (dataset["objects"], dataset["rows"]) == (3, len(rows))
    assert len(manifest_of(pipeline, done)["shards"]) > 2
    found, expected = (json.loads(pipeline.read(place)) for place in (key, ARTIFACT_KEY))
    for document in (found, expected):
        for of_this_run in ("lineage", "dataset", "request"):
            del document[of_this_run]
    assert found == expected


def test_a_bad_row_of_a_folder_is_told_with_its_object_and_line(pipeline, table):
    rows = [list(row) for row in table[:3000]]
    pipeline.upload(to_csv(rows), "bad-folder/a.csv")
    rows[7][1] = "open"
    pipeline.upload(gzip.compress(to_csv(rows).encode()), "bad-folder/b.csv.gz")
    line = 1 + to_csv(rows)[: to_csv(rows).index(",open,", 100)].count("\n")

    failed = pipeline.execute({"key": "data/bad-folder/"})

    assert failed["error"] == "InvalidDatasetError"
    assert failed["cause"].startswith(
        f"object 'data/bad-folder/b.csv.gz', line {line}, column '{rows[0][1]}': not a number"
    )


@pytest.mark.parametrize("step", ["fetch-and-validate", "summarize", "publish-artifact"])
def test_a_step_invoked_directly_says_what_to_do_for_several_shards(pipeline, large, step):
    before = pipeline.objects("models/")

    failure, response = pipeline.invoke(step, {"key": large})

    assert (failure, response["errorType"]) == ("Unhandled", "InvalidRequestError")
    assert "Start the state machine" in response["errorMessage"]
    assert pipeline.objects("models/") == before


def test_a_plan_or_a_shard_that_does_not_exist_is_an_invalid_request(pipeline, planned):
    plan = planned()
    elsewhere = plan["plan"] | {"key": "runs/none/dataset/plan.json"}
    for task in (
        validating(plan, {"index": 99, "start": 0, "end": 1}),
        collecting(plan) | {"plan": elsewhere},
        collecting(plan) | {"run": plan["run"] | {"run_id": "none"}},
    ):
        failure, response = pipeline.invoke("fetch-and-validate", task)
        assert (failure, response["errorType"]) == ("Unhandled", "InvalidRequestError")


def test_run_pipeline_takes_a_csv_of_several_shards_and_records_its_states(pipeline, table, tmp_path):
    data, record = tmp_path / "many candles.csv", tmp_path / "execution.json"
    data.write_text(to_csv(table), newline="")
    request = json.dumps({"artifact_key": ARTIFACT_KEY, "model": "gaussian"})

    done = pipeline.cloud.command("run-pipeline", "--data", data, "--input", request, "--record", record)

    assert done.returncode == 0, done.stderr
    written = json.loads(record.read_text())
    assert written["status"] == "SUCCEEDED"
    assert written["output"]["dataset"]["rows"] == len(table) - 1
    steps = [step for step in written["steps"] if step["name"] in STATES]
    assert [(step["name"], step["status"], step["attempts"]) for step in steps] == [
        (name, "SUCCEEDED", 1) for name in STATES
    ]
