"""The way of several shards through the definition, by the handlers: the artifact is that of one shard, bit for bit."""

import gzip
import json
import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from executing import Failed, Flow
from tests.unit.conftest import DATA_KEY, MemoryStorage

from shared import spread
from shared.errors import InvalidRequestError, TransientStorageError
from summarize.rows import ranges, training_data

ROWS = 450
BLOCK = 64  # rows of a block, and of a range
FOLDER = "data/table/"
STABLE = ("artifacts", "models/training_pipeline.pkl")


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch):
    for module in (ranges, training_data):
        monkeypatch.setattr(module, "BLOCK_ROWS", BLOCK)


def table(classes: str = "ab", dates: str = "", seed: int = 3) -> bytes:
    """Numbers with holes, a category with rare values, and where asked for a date that rises or falls."""
    draw = random.Random(seed)
    day = datetime(2024, 1, 1, tzinfo=UTC)
    lines = [f"x,y,z,colour{',day' if dates else ''},label"]
    for i in range(ROWS):
        label = draw.choice(classes)
        shift = classes.index(label) * 0.8
        cells = [
            f"{draw.gauss(shift, 1):.6f}",
            "" if draw.random() < 0.1 else f"{draw.gauss(-shift, 2):.6f}",
            f"{draw.expovariate(1.0):.6f}",
            draw.choice(["red", "green", "blue", "blue", f"rare {i % 40}", ""]),
        ]
        if dates:
            place = i // 3 if dates == "rises" else (ROWS - i) // 3
            cells.append((day + timedelta(hours=place)).isoformat())
        lines.append(",".join([*cells, label]))
    return ("\n".join(lines) + "\n").encode()


def flow_of(content: bytes, shards: int) -> Flow:
    size = len(content) if shards == 1 else len(content) // shards
    environment = {"SHARD_BYTES": str(size), "RANGE_CELLS": "1"}
    return Flow(MemoryStorage().put(content, key=DATA_KEY), environment)


def artifact_of(flow: Flow, request: dict) -> dict:
    """The artifact without its lineage, which names the run."""
    flow.execute(request)
    document = json.loads(flow.storage.objects[STABLE])
    del document["lineage"]
    return document


CASES = {
    "gaussian": ({"model": "gaussian"}, table()),
    "one covariance a class": ({"model": "gaussian", "covariance": "full"}, table(classes="abc")),
    "naive Bayes": ({"model": "gaussian", "covariance": "diagonal"}, table(classes="abc")),
    "gaussian, threshold by F1": ({"model": "gaussian", "threshold": "f1"}, table()),
    "gaussian, refitted": ({"model": "gaussian", "refit_all": True}, table(dates="rises")),
    "errors by group": ({"model": "gaussian", "sensitive_columns": ["colour"]}, table(classes="abc")),
    "logistic": ({"model": "logistic"}, table(classes="abc")),
    "boosted trees": ({"model": "boosted_trees"}, table()),
    "auto": ({"model": "auto"}, table()),
    "auto, oldest first": ({"model": "auto"}, table(dates="rises")),
    "auto, newest first": ({"model": "auto", "refit_all": True}, table(dates="falls")),
    "drawn rows": ({"model": "auto", "fit_rows": 100}, table(classes="abc")),
}


@pytest.mark.parametrize("case", CASES)
def test_several_shards_give_the_artifact_of_one(case):
    request, content = CASES[case]
    alone = artifact_of(flow_of(content, 1), request)

    several = flow_of(content, 3)

    assert artifact_of(several, request) == alone
    assert several.tasks.count("ValidateShard") == 3
    assert several.tasks.count("SummarizeShard") == several.tasks.count("EvaluateShard") == -(-ROWS // BLOCK)
    assert bool(several.tasks.count("GatherShardMoments")) == (not several.tasks.count("FitFold"))


def folder_of(content: bytes, objects: int) -> dict[str, bytes]:
    """The rows in so many objects, neighbours together: every third is gzip, every other is turned round."""
    header, *lines = content.decode().splitlines()
    bounds = [i * len(lines) // objects for i in range(objects + 1)]
    found = {}
    for i, (first, end) in enumerate(pairwise(bounds)):
        rows = [header, *lines[first:end]]
        if i % 2:
            rows = [",".join(row.split(",")[::-1]) for row in rows]
        piece = ("\n".join(rows) + "\n").encode()
        found[f"{FOLDER}{i:03}.csv{'.gz' * (i % 3 == 2)}"] = gzip.compress(piece) if i % 3 == 2 else piece
    return found


@pytest.mark.parametrize("shard_bytes", [1 << 20, 4000])
@pytest.mark.parametrize("case", ["gaussian", "errors by group", "logistic", "auto, newest first"])
def test_a_folder_gives_the_artifact_of_one_object(case, shard_bytes):
    request, content = CASES[case]
    alone = artifact_of(flow_of(content, 1), request)

    flow = Flow(MemoryStorage(), {"SHARD_BYTES": str(shard_bytes), "RANGE_CELLS": "1"})
    for key, piece in folder_of(content, 7).items():
        flow.storage.put(piece, key=key)
    artifact = artifact_of(flow, request | {"key": FOLDER, "artifact_key": STABLE[1]})

    assert (flow.tasks.count("ValidateShard") > 2) == (shard_bytes == 4000)
    assert artifact["dataset"]["objects"] == 7
    for document in (alone, artifact):
        for of_the_source in ("dataset", "request"):
            del document[of_the_source]
    assert artifact == alone


@pytest.mark.parametrize("shards", [2, 7, 64])
@pytest.mark.parametrize("case", ["one covariance a class", "naive Bayes", "gaussian, refitted"])
def test_any_number_of_shards_gives_the_artifact_of_one(case, shards):
    request, content = CASES[case]
    several = flow_of(content, shards)
    assert artifact_of(several, request) == artifact_of(flow_of(content, 1), request)
    assert several.tasks.count("ValidateShard") == shards


def test_one_shard_of_too_many_rows_for_one_lambda_goes_the_long_way_too(monkeypatch):
    """As gzip does, which cannot be cut."""
    request, content = CASES["gaussian"]
    alone = artifact_of(flow_of(content, 1), request)
    monkeypatch.setattr(spread, "MOST_ROWS_OF_ONE_LAMBDA", ROWS - 1)

    zipped = flow_of(content, 1)
    zipped.storage.put(gzip.compress(content), key=DATA_KEY)
    artifact = artifact_of(zipped, request)

    assert zipped.tasks.count("ValidateShard") == 0
    assert zipped.tasks.count("EvaluateShard") == -(-ROWS // BLOCK)
    of_the_file = {"dataset", "request"}  # etag, bytes and version are another's
    assert {name for name in alone if artifact[name] != alone[name]} == of_the_file


@pytest.fixture
def request_() -> dict:
    return {"model": "gaussian"}


def test_a_repeated_run_finds_everything_done(request_):
    flow = flow_of(table(), 3)
    first = flow.execute(request_)
    written = dict(flow.storage.objects)
    again = flow.execute(request_)

    assert again["run"]["cached"] == [
        *("FetchAndValidate", "PlanRanges", "LearnColumns", "ChooseModel", "Summarize", "PublishArtifact")
    ]
    assert again["artifact"] == first["artifact"]
    assert {key: value for key, value in flow.storage.objects.items() if written.get(key) != value} == {}


def test_with_force_everything_is_done_anew_and_comes_to_the_same(request_):
    flow = flow_of(table(), 3)
    flow.execute(request_)
    before = json.loads(flow.storage.objects[STABLE])["model"]

    again = flow.execute(request_ | {"force": True})

    assert set(again["run"]["cached"]) <= {"PublishArtifact"}
    assert json.loads(flow.storage.objects[STABLE])["model"] == before


def test_the_current_model_is_scored_on_the_test_rows_of_all_ranges():
    """One that was fitted to older rows of the same file, where the request compares with it."""
    content = table(dates="rises")
    earlier = b"".join(content.splitlines(keepends=True)[:200])
    regressions = []
    for shards in (1, 3):
        flow = flow_of(content, shards)
        flow.storage.put(earlier, key=DATA_KEY)
        flow.execute({"model": "gaussian"})
        flow.storage.put(content, key=DATA_KEY)
        output = flow.execute({"model": "gaussian", "max_regression": 0.9})
        assert output["regression"]["compared"] is True
        regressions.append(output["regression"]["metrics"])
        scored = [key for _, key in flow.storage.objects if "/current-" in key]
        assert len(scored) == (-(-ROWS // BLOCK) if shards > 1 else 0)

    assert regressions[0] == regressions[1] != {}


COLLECTED_BY = {
    "summary": ("LearnColumns", {"model": "gaussian"}),
    "moments": ("ChooseModel", {"model": "gaussian"}),
    "evaluation": ("Summarize", {"model": "gaussian"}),
}


@pytest.mark.parametrize("name", COLLECTED_BY)
@pytest.mark.parametrize("change", ["altered", "gone"])
def test_an_altered_result_of_a_range_ends_the_execution_as_a_changed_dataset(name, change):
    task, request = COLLECTED_BY[name]
    flow = flow_of(table(), 3)

    def alter(called: str, payload: dict) -> None:
        if called == task:
            (place,) = [key for key in flow.storage.objects if key[1].endswith(f"range-00001/{name}.json")]
            if change == "gone":
                del flow.storage.objects[place]
            else:
                flow.storage.objects[place] = flow.storage.objects[place].replace(b"1", b"2", 1)

    flow.before = alter

    with pytest.raises(
        Failed, match=f"DatasetChangedError: .*range-00001/{name}.json is gone, or not as the run"
    ):
        flow.execute(request)


@pytest.mark.parametrize(("model", "reader"), [("gaussian", "SummarizeShard"), ("logistic", "EvaluateShard")])
def test_an_altered_part_is_told_by_the_task_that_collects(model, reader):
    """An item of a Distributed Map records it: whatever it raised, the Map would fail under a name of its own."""
    flow = flow_of(table(), 3)

    def alter(called: str, payload: dict) -> None:
        if called == reader:
            parts = [key for key in flow.storage.objects if "/dataset/" in key[1] and key[1].endswith(".npz")]
            flow.storage.objects[parts[-1]] += b"!"

    flow.before = alter

    with pytest.raises(Failed, match=r"DatasetChangedError: .*has other content than the run wrote there"):
        flow.execute({"model": model})
    assert flow.tasks.count(reader) == -(-ROWS // BLOCK)


@pytest.mark.parametrize("item", ["SummarizeShard", "GatherShardMoments", "EvaluateShard"])
def test_what_a_failed_range_left_undone_is_all_that_the_next_run_does(item, request_, monkeypatch):
    """As after a redrive: the ranges that were done are found, the failed one is made."""
    flow = flow_of(table(), 3)
    write = MemoryStorage.write

    def failing(storage, reference, content, content_type):
        if flow.tasks[-1] == item and "/range-00003/" in reference.key:
            raise TransientStorageError("S3 answered SlowDown")
        return write(storage, reference, content, content_type)

    with monkeypatch.context() as patch:
        patch.setattr(MemoryStorage, "write", failing)
        with pytest.raises(TransientStorageError):
            flow.execute(request_)
    done = dict(flow.storage.objects)
    written = []
    monkeypatch.setattr(
        MemoryStorage, "write", lambda *given: (written.append(given[1].key), write(*given))[1]
    )
    flow.execute(request_)

    assert not [key for key in written if ("artifacts", key) in done and "/range-0000" in key]
    assert any("/range-00003/" in key for key in written)


NONSENSE = [
    {"spread": None},
    {"range": None},
    {"range": {"index": 99, "first": 0, "rows": 1}},
    {"range": {"index": 1, "first": 0, "rows": 64}},
    {"range": {"index": True, "first": 64, "rows": 64}},
]


@pytest.mark.parametrize("item", ["SummarizeShard", "GatherShardMoments", "EvaluateShard"])
@pytest.mark.parametrize("nonsense", NONSENSE)
def test_a_range_that_does_not_exist_is_an_invalid_request(item, nonsense, request_):
    flow = flow_of(table(), 3)

    def spoil(called: str, payload: dict) -> None:
        if called == item:
            payload |= nonsense

    flow.before = spoil

    with pytest.raises(InvalidRequestError, match=r"^(spread|range) must be"):
        flow.execute(request_)


def test_a_task_before_the_one_that_it_needs_is_an_invalid_request(request_):
    flow = flow_of(table(), 3)

    def spoil(called: str, payload: dict) -> None:
        if called in ("GatherShardMoments", "EvaluateShard"):
            payload["spread"] |= {"columns": None}

    flow.before = spoil

    with pytest.raises(
        InvalidRequestError, match=r"spread\.columns must be as LearnColumns put it out, not null"
    ):
        flow.execute(request_)


def test_a_plan_of_another_manifest_is_a_changed_dataset(request_):
    one, other = flow_of(table(), 3), flow_of(table(), 3)
    other.execute(request_ | {"seed": 7})
    foreign = other.outputs["PlanRanges"]["spread"]["plan"]

    def swap(called: str, payload: dict) -> None:
        if called == "LearnColumns":
            payload["spread"]["plan"] = foreign
            one.storage.objects["artifacts", foreign["key"]] = other.storage.objects[
                "artifacts", foreign["key"]
            ]

    one.before = swap

    with pytest.raises(Failed, match=r"InvalidRequestError: .* is not of run"):
        one.execute(request_)
