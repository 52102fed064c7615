"""A Map run's progress: read from a stubbed Step Functions and a moto S3, and as a line."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from moto import mock_aws

from model_service_cli.runs.map_progress import MapWatcher, Progress, duration, progress_line
from model_service_cli.runs.steps import MapRun
from shared.shards import Shard

ARN = "arn:aws:states:us-east-1:000000000000:mapRun:machine/ValidateShards:1"
FOLDER = "runs/0123456789/dataset/"
SIZES = (1_000_000, 2_000_000, 3_000_000)


def map_run(started_at: datetime | None = None, **given) -> MapRun:
    listed = {"bucket": "artifacts", "key": f"{FOLDER}shards.json", "count": len(SIZES)}
    text = json.dumps({"run": {"run_id": "0123456789"}, "shards": listed} | given)
    return MapRun(ARN, "ValidateShards", text, started_at or datetime.now(UTC), running=True)


class Services:
    """Step Functions with prepared answers, S3 in memory, and a clock that stands still."""

    def __init__(self):
        keys = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
        self.states = boto3.client("stepfunctions", **keys)
        self.stub = Stubber(self.states)
        self.s3 = boto3.client("s3", **keys)
        self.now = 100.0

    def counts(self, **counts: int) -> None:
        zeros = dict.fromkeys(
            ("pending", "running", "succeeded", "failed", "timedOut", "aborted", "total", "resultsWritten"), 0
        )
        answer = {
            "mapRunArn": ARN,
            "executionArn": "arn",
            "status": "RUNNING",
            "startDate": datetime.now(UTC),
            "maxConcurrency": 4,
            "toleratedFailurePercentage": 0.0,
            "toleratedFailureCount": 0,
            "itemCounts": zeros | counts,
            "executionCounts": zeros | counts,
        }
        self.stub.add_response("describe_map_run", answer, {"mapRunArn": ARN})

    def put(self, name: str, document: object) -> None:
        self.s3.put_object(Bucket="artifacts", Key=FOLDER + name, Body=json.dumps(document).encode())

    def finish(self, index: int, rows: int, invalid_rows: int = 0) -> None:
        report = {"rows": rows, "invalid_rows": invalid_rows}
        self.put(f"shard-{index:05d}/result.json", {"report": report})

    def watcher(self, run: MapRun) -> MapWatcher:
        return MapWatcher(self.states, self.s3, run, clock=lambda: self.now)


@pytest.fixture
def services():
    with mock_aws():
        services = Services()
        services.s3.create_bucket(Bucket="artifacts")
        bounds = [100, 1_000_100, 3_000_100, 6_000_100]
        shards = [{"index": i, "start": bounds[i], "end": bounds[i + 1]} for i in range(3)]
        services.put("shards.json", shards)
        with services.stub:
            yield services
        services.stub.assert_no_pending_responses()


def test_bytes_are_the_plans_and_rows_the_results(services):
    watcher = services.watcher(map_run())
    services.finish(0, rows=10, invalid_rows=1)
    services.finish(2, rows=30)
    services.counts(succeeded=2, running=1, total=3)
    services.now += 8
    found = watcher.look()
    assert found == Progress(3, 2, 0, 8.0, bytes_total=6_000_000, bytes_done=4_000_000, rows=41)
    assert found.seconds_left == 4.0
    assert found.rate == 0.5


def test_bytes_of_a_folder_s_shards_are_those_of_their_objects(services):
    stretches = [(0, 2_000_000, 0, 0, 2_000_000), (2_000_000, 500, 0, 90, 4_000_000)]
    services.put("shards.json", [Shard(i, *stretch).to_json() for i, stretch in enumerate(stretches)])
    watcher = services.watcher(map_run())
    services.finish(1, rows=30)
    services.counts(succeeded=1, total=2)
    found = watcher.look()
    assert (found.bytes_total, found.bytes_done) == (6_000_000, 4_000_000)


def test_the_plan_says_how_many_there_are_before_the_service_has_counted_them(services):
    watcher = services.watcher(map_run())
    services.counts(running=2, total=2)
    found = watcher.look()
    assert (found.total, found.done, found.rows, found.seconds_left, found.rate) == (3, 0, 0, None, None)


def test_a_result_is_read_once(services):
    watcher = services.watcher(map_run())
    services.finish(0, rows=10)
    services.counts(succeeded=1, total=3)
    watcher.look()
    services.finish(0, rows=999)
    services.finish(1, rows=20)
    services.counts(succeeded=2, total=3)
    assert watcher.look().rows == 30


def test_results_of_an_earlier_execution_are_not_counted(services):
    services.finish(0, rows=10)
    services.counts(succeeded=1, total=3)
    later = datetime.now(UTC) + timedelta(seconds=30)
    assert services.watcher(map_run(later)).look().rows == 0


def test_a_reader_without_access_to_the_results_sees_the_items(services, monkeypatch):
    refusal = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject")

    def refuse(**_):
        raise refusal

    monkeypatch.setattr(services.s3, "get_object", refuse)
    watcher = services.watcher(map_run())
    for _ in range(2):
        services.counts(succeeded=1, failed=1, timedOut=1, total=3)
        found = watcher.look()
        assert (found.done, found.failed, found.bytes_done, found.rows) == (1, 2, None, None)


def test_any_map_has_items_even_if_they_are_no_shards(services):
    run = MapRun(ARN, "Other", '{"things": 3}', datetime.now(UTC), running=True)
    services.counts(succeeded=1, total=5)
    assert services.watcher(run).look() == Progress(5, 1, 0, 0.0)


def test_ranges_are_of_the_same_number_of_rows(services):
    """What they left in S3 need not be read."""
    spread = {"ranges": {"bucket": "artifacts", "key": "runs/0/model/ranges.json", "count": 4}}
    given = json.dumps({"dataset": {"rows": 3_500_000}, "spread": spread})
    watcher = services.watcher(MapRun(ARN, "EvaluateShards", given, datetime.now(UTC), running=True))
    services.counts(succeeded=1, running=1, failed=1, total=3)
    services.now += 2
    found = watcher.look()
    assert found == Progress(4, 1, 1, 2.0, rows=875_000, rows_total=3_500_000, items="ranges")
    assert found.seconds_left == 6.0


HALF = Progress(32, 16, 0, 8.0, bytes_total=1_073_700_000, bytes_done=536_900_000, rows=8_000_000)


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (
            HALF,
            "  ValidateShards      [##########----------]  16/32 shards  537 of 1,074 MB  "
            "8,000,000 rows  67 MB/s  8 s left",
        ),
        (
            Progress(4, 2, 1, 3.0),
            "  ValidateShards      [##########----------]  2/4 shards  1 failed  3 s left",
        ),
        (
            Progress(4, 1, 0, 2.0, rows=875_000, rows_total=3_500_000, items="ranges"),
            "  ValidateShards      [#####---------------]  1/4 ranges  875,000 of 3,500,000 rows  6 s left",
        ),
        (Progress(4, 0, 0, 3.0), "  ValidateShards      [--------------------]  0/4 shards"),
        (
            Progress(4, 4, 0, 3.0, 8_000_000, 8_000_000, 99),
            "  ValidateShards      [####################]  4/4 shards  8 of 8 MB  99 rows  3 MB/s  in 3 s",
        ),
    ],
)
def test_a_line_says_what_is_known(progress, line):
    assert progress_line("ValidateShards", progress) == line


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (59.4, "59 s"), (125, "2 min 05 s"), (3840, "1 h 04 min")]
)
def test_durations_are_for_people(seconds, text):
    assert duration(seconds) == text
