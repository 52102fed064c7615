"""What travels through the state machine stays small: every output and every error, of the largest requests.

Step Functions ends an execution whose state puts out more than 256 KiB, and cuts an error's cause at 32 KiB,
after which it is no JSON any more and its message cannot be read out of it.
"""

import json
import traceback
from dataclasses import replace

import pytest

from fetch_and_validate.collect_shards import collect_shards
from fetch_and_validate.stage import stage
from fetch_and_validate.validate_shard import validate_shard
from publish_artifact.publication import publish
from shared.config import Config
from shared.contracts import TrainingRequest, TrainingSummary, ValidatedDataset
from shared.errors import PermanentError
from shared.shards import CollectTask, Shard, ShardTask
from summarize.rows.range_task import RangeTask
from summarize.summarize import summarize
from summarize.tasks.evaluate_shard import evaluate_shard
from summarize.tasks.gather_moments import gather_shard_moments
from summarize.tasks.learn_columns import learn_columns
from summarize.tasks.model_task import choose_of_ranges
from summarize.tasks.plan_ranges import plan_ranges
from summarize.tasks.summarize_shard import summarize_shard

LIMIT = 32_000  # bytes; a cause may have 32,768 characters
BUCKET, ARTIFACTS = "d" * 63, "a" * 63
# One byte in a key, six in the JSON of an event.
WORST = "\x01"
EXECUTION = "arn:aws:states:us-gov-west-1:123456789012:execution:" + "m" * 80 + ":" + "e" * 80
METRICS = {f"{number:02d}" + "m" * 38: -1.2345678901234567e-300 for number in range(40)}
TRAINED = {
    "bucket": BUCKET,
    "key": "data/" + WORST * 1019,
    "artifact_bucket": ARTIFACTS,
    "artifact_key": "models/" + WORST * 889 + ".pkl",
    "label_column": "l" * 1024,
    "covariance": "diagonal",
    "split": "shuffled",
    "min_accuracy": 1.0,
    "min_balanced_accuracy": 1.0,
    "min_f1": 1.0,
    "min_roc_auc": 1.0,
    "baseline_gate": "better",
    "max_regression": 0.0,
    "max_drift": 0.0,
}


def size(event: object) -> int:
    """Bytes of the event with everything outside ASCII escaped, the longest way to write it."""
    return len(json.dumps(event))


def csv_of(features: int, name_bytes: int = 1, rows: int = 60, label: str = "l" * 1024) -> bytes:
    names = [f"{j:04d}".ljust(name_bytes, "n") for j in range(features)]
    lines = [",".join([*names, label])]
    lines += [
        ",".join([*(str((i * (j + 3)) % 17) for j in range(features)), "ab"[i % 2]]) for i in range(rows)
    ]
    return ("\n".join(lines) + "\n").encode()


def run(storage, request: dict, config: Config) -> list[dict]:
    """The output of every step of an execution, planned in shards where config has it so."""
    event = {"task": "FetchAndValidate", "request": request, "execution_arn": EXECUTION}
    staged = stage(TrainingRequest.from_event(event, config), storage, config).to_event()
    outputs = [staged]
    if "shards" in staged:
        parsed = CollectTask.from_event(staged)
        for value in json.loads(storage.read(parsed.shards)):
            shard_task = ShardTask(parsed.run, parsed.plan, Shard.from_json(value))
            outputs.append(validate_shard(shard_task, storage).to_event())
        outputs.append(collect_shards(parsed, storage).to_event())
        outputs += over_ranges(storage, ValidatedDataset.from_event(outputs[-1]), config)
    outputs.append(summarize(ValidatedDataset.from_event(outputs[-1]), storage).to_event())
    summary = TrainingSummary.from_event(outputs[-1])
    published = publish(replace(summary, gate=replace(summary.gate, passed=True)), storage)
    return [*outputs, published.to_event()]


def over_ranges(storage, dataset: ValidatedDataset, config: Config) -> list[dict]:
    """The outputs of the tasks between CollectShards and Summarize."""
    planned = plan_ranges(dataset, storage, config)
    items = json.loads(storage.read(planned.spread.ranges))

    def each(task, known: ValidatedDataset) -> list[dict]:
        return [task(RangeTask(known, known.spread, item), storage).to_event() for item in items]

    outputs = [planned.to_event(), *each(summarize_shard, planned)]
    learned = learn_columns(planned, storage)
    outputs += [learned.to_event(), *each(gather_shard_moments, learned)]
    chosen = choose_of_ranges(learned, storage)
    return [*outputs, *each(evaluate_shard, chosen), chosen.to_event()]


@pytest.mark.parametrize(
    ("features", "rows", "shard_bytes", "outputs"),
    [(1, 60, 1 << 20, 3), (200, 60, 1 << 20, 3), (1, 600, 1 << 10, 12), (200, 60, 1 << 13, 12)],
    ids=["one shard", "one shard, many features", "shards", "shards, many features"],
)
def test_every_output_of_the_largest_request_stays_small(storage, features, rows, shard_bytes, outputs):
    storage.put(csv_of(features, rows=rows), BUCKET, TRAINED["key"])
    current = json.dumps({"metrics": METRICS}).encode()
    storage.put(current, ARTIFACTS, TRAINED["artifact_key"])

    sizes = [size(output) for output in run(storage, TRAINED, Config(shard_bytes=shard_bytes))]

    assert len(sizes) >= outputs
    assert max(sizes) < LIMIT
    # The largest request is at work here, and the current model's metrics are in the first output.
    assert min(sizes[0], sizes[-1]) > 6 * 1019 + size(METRICS)


def test_outputs_do_not_grow_with_features_rows_or_shards(new_storage):
    def outputs_of(features: int, rows: int) -> list[dict]:
        storage = new_storage().put(csv_of(features, rows=rows), BUCKET, TRAINED["key"])
        return run(storage, TRAINED | {"min_accuracy": None, "min_f1": None}, Config(shard_bytes=1 << 13))

    small, large = outputs_of(2, 2000), outputs_of(30, 4000)

    assert len(large) > 3 * len(small) > 20
    for index in (0, -3, -2, -1):  # the plan, what was chosen, the summary, the artifact
        assert abs(size(large[index]) - size(small[index])) < 500  # an overview names up to twenty columns


@pytest.mark.parametrize("value", ["9" * 4000, "NaN", "-Infinity"])
def test_metrics_that_no_run_of_ours_measured_are_not_passed_on(storage, value):
    """What lies under the stable key may be anything: its figures must stay small and be JSON."""
    storage.put(csv_of(1), BUCKET, TRAINED["key"])
    metrics = ", ".join(f'"m{number}": {value}' for number in range(40))
    foreign = f'{{"metrics": {{{metrics}}}}}'
    storage.put(foreign.encode(), ARTIFACTS, TRAINED["artifact_key"])
    outputs = run(storage, TRAINED | {"max_regression": None}, Config())

    assert max(map(size, outputs)) < LIMIT
    assert outputs[0]["run"]["conditions"]["current_model"]["metrics"] == {}


def error_of(storage, request: object, content: bytes | None = None, key: str = "data/x.csv") -> dict:
    """What Lambda reports of the error that a request, or the CSV it names, is refused with."""
    if content is not None:
        storage.put(content, BUCKET, key)
    config = Config(data_bucket=BUCKET, data_key=key, artifact_bucket=ARTIFACTS)
    try:
        run(storage, request, config)
    except PermanentError as error:
        return {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "stackTrace": traceback.format_tb(error.__traceback__),
        }
    pytest.fail("nothing was refused")


LONG = "\u00e9" * 500_000
FIELDS = (
    "bucket",
    "key",
    "version_id",
    "delimiter",
    "label_column",
    "seed",
    "test_size",
    "artifact_key",
    "split",
)


@pytest.mark.parametrize(
    "request_",
    [
        LONG,
        [LONG] * 3,
        dict.fromkeys(FIELDS, LONG),
        {name: [LONG] for name in FIELDS},
        {f"{number}{LONG[:1000]}": LONG[:1000] for number in range(3000)},
        {"feature_columns": [LONG, LONG]},
        {"feature_columns": ["x"] * 100_000},
        {"label_column": WORST * 1024, "feature_columns": [WORST * 1024]},
        {"key": WORST * 1024, "version_id": WORST * 1024},
    ],
    ids=[
        "a text",
        "a list",
        "long values",
        "mistyped values",
        "unknown fields",
        "long columns",
        "a column again",
        "the label as feature",
        "no such object",
    ],
)
def test_the_error_of_a_huge_request_stays_small(storage, request_):
    assert size(error_of(storage, request_)) < LIMIT


ROW = b"1,a\n2,b\n"
NAME = 200_000
DATA = {
    "a huge cell": ({}, b"x,label\n" + ROW + b"\xc3\xa9" * 1_000_000 + b",a\n"),
    "a huge quoted cell": ({}, b'x,label\n1,"' + b"a\n" * 1_000_000 + b'",c\n' + ROW),
    "a huge label": ({}, b"x,label\n" + ROW + b"3," + b"\xc3\xa9" * 1_000_000 + b"\n"),
    "one huge label": ({}, b"x,label\n" + (b"3," + b"l" * 2000 + b"\n") * 9),
    "a huge name": ({}, b"n" * NAME + b",label\ntext,a\nwords,b\n"),
    "a huge single column": ({}, b"\xc3\xa9" * (NAME // 2) + b"\n" + b"1\n" * 9),
    "a bad cell under a huge name": ({}, b"n" * NAME + b",label\n" + ROW * 9 + b"oops,a\n"),
    "no label among long names": ({}, b",".join([b"\xc3\xa9" * 4000] * 25) + b"\n" + b"1," * 24 + b"1\n"),
    "a huge label column twice": (
        {"label_column": "l" * 1024},
        b"l" * 1024 + b",x," + b"l" * 1024 + b"\na,1,b\n",
    ),
    "a long label column missing": ({"label_column": WORST * 1024}, b"x,label\n" + ROW),
    "a long feature missing": ({"feature_columns": [WORST * 1024]}, b"x,label\n" + ROW),
    "too many features": ({}, csv_of(1001, label="label")),
    "many long features": ({}, csv_of(1001, name_bytes=200, label="label")),
    "one class of a long name": (
        {"label_column": "l" * 1024},
        b"x," + b"l" * 1024 + b"\n" + (b"1," + b"c" * 900 + b"\n") * 9,
    ),
    "classes of long names in too few rows": (
        {"covariance": "full"},
        b"x,y,label\n" + b"".join(b"%d,%d,%s%d\n" % (i, i * i, b"c" * 900, i % 2) for i in range(4)),
    ),
}


@pytest.mark.parametrize("name", DATA)
def test_the_error_of_huge_data_stays_small(storage, name):
    fields, content = DATA[name]

    assert size(error_of(storage, fields, content)) < LIMIT
