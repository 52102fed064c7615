"""A folder of objects is the dataset that one object with all of their rows is, however they are cut and packed."""

import dataclasses
import gzip
import itertools
import json
import random
import time
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch_and_validate import folder_plan, part_writer, plan
from fetch_and_validate.collect_shards import collect_shards
from fetch_and_validate.folder_plan import make_folder_plan
from fetch_and_validate.stage import stage
from fetch_and_validate.validate_shard import validate_shard
from publish_artifact.publication import publish
from shared import folder
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.csv_file import cuts, records
from shared.errors import DatasetChangedError, DatasetNotFoundError, InvalidDatasetError, InvalidRequestError
from shared.manifest_parts import part_entries
from shared.object_store import PinnedObject
from shared.parts import part_from_npz
from shared.run_files import RunFiles
from shared.shards import CollectTask, PlannedDataset, Shard, ShardTask
from shared.typed_columns import CodedColumn
from summarize.summarize import summarize

ARN = "arn:aws:states:us-east-1:000000000000:execution:machine:name"
FOLDER = "data/table/"
HEADER = "day,x,town,label"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """So that a few kilobytes have blocks, parts and probes of every kind."""
    monkeypatch.setattr(records, "BLOCK_BYTES", 700)
    monkeypatch.setattr(part_writer, "PART_BYTES", 900)
    for module in (plan, cuts):
        monkeypatch.setattr(module, "PROBE_BYTES", 400)


def lines_of(count: int, seed: int = 1) -> list[str]:
    draw = random.Random(seed)
    return [
        f"2024-01-{1 + i * 28 // count:02},{draw.gauss(i % 2, 1):.6f},{draw.choice(['Graz', 'Wien', ''])},{'ab'[i % 2]}"
        for i in range(count)
    ]


def csv_of(lines: list[str], header: str = HEADER, end: str = "\n") -> bytes:
    return end.join([header, *lines, ""]).encode()


def moved(lines: list[str], order: list[int]) -> bytes:
    """The same table with its columns in another order."""
    return csv_of(
        *([",".join(line.split(",")[j] for j in order) for line in some] for some in [lines]),
        ",".join(HEADER.split(",")[j] for j in order),
    )


def put(storage, contents: dict[str, bytes], key: str = FOLDER):
    for name, content in contents.items():
        storage.put(content, key=f"{key}{name}")
    return storage


def cut(lines: list[str], places: list[int], name: str = "part-{:03}.csv") -> dict[str, bytes]:
    bounds = [0, *sorted(places), len(lines)]
    pieces = [lines[a:b] for a, b in itertools.pairwise(bounds)]
    return {name.format(i): csv_of(piece) for i, piece in enumerate(pieces)}


def run(storage, key: str = FOLDER, shard_bytes: int = 1 << 20, **fields):
    config = Config(shard_bytes=shard_bytes)
    request = {"key": key, "model": "gaussian", **fields}
    event = {"task": "FetchAndValidate", "request": request, "execution_arn": ARN}
    planned = stage(TrainingRequest.from_event(event, config), storage, config)
    if not isinstance(planned, PlannedDataset):
        return planned
    for shard in map(Shard.from_json, json.loads(storage.read(planned.shards))):
        validate_shard(ShardTask.from_event(shard_event(planned, shard)), storage)
    return collect_shards(CollectTask(planned.run, planned.plan, planned.shards), storage)


def shard_event(planned: PlannedDataset, shard: Shard) -> dict:
    event = planned.to_event()
    return {"run": event["run"], "plan": event["plan"], "shard": shard.to_json()}


def refusal(storage, **fields) -> str:
    with pytest.raises(InvalidDatasetError) as caught:
        run(storage, **fields)
    return str(caught.value)


def manifest_of(storage, dataset) -> dict:
    return json.loads(storage.read(dataset.manifest))


def rows_of(storage, dataset) -> list[tuple]:
    rows: list[tuple] = []
    for entry in part_entries(manifest_of(storage, dataset), "artifacts", storage):
        part = part_from_npz(storage.objects["artifacts", entry["key"]])
        columns = [
            [column.values[code] for code in column.codes]
            if isinstance(column, CodedColumn)
            else list(column)
            for column in part.columns
        ]
        rows += zip(*columns, (part.classes[code] for code in part.codes), strict=True)
    return rows


def without_lines(report: dict) -> dict:
    return {name: value for name, value in report.items() if name not in ("examples", "filled")}


@pytest.mark.parametrize("shard_bytes", [1 << 20, 3000, 900])
@pytest.mark.parametrize("kind", ["plain", "gzip", "mixed", "other order", "line ends", "nested"])
def test_seven_objects_are_the_dataset_that_one_is(kind, shard_bytes, new_storage):
    lines = lines_of(420)
    contents = cut(lines, [50, 100, 160, 200, 300, 399])
    if kind in ("gzip", "mixed"):
        contents = {
            f"{name}.gz" if kind == "gzip" or i % 2 else name: gzip.compress(content)
            if kind == "gzip" or i % 2
            else content
            for i, (name, content) in enumerate(contents.items())
        }
    if kind == "other order":
        contents["part-002.csv"] = moved(lines[100:160], [2, 0, 3, 1])
        contents["part-006.csv"] = moved(lines[399:], [3, 2, 1, 0])
    if kind == "line ends":
        contents["part-003.csv"] = b"\xef\xbb\xbfsep=,\r\n" + csv_of(lines[160:200], end="\r\n")
    if kind == "nested":
        contents = {f"day={i}/{name}": content for i, (name, content) in enumerate(contents.items())}
    whole = new_storage().put(csv_of(lines), key="data/table.csv")
    many = put(new_storage(), contents)
    one, folder_of_seven = run(whole, "data/table.csv"), run(many, shard_bytes=shard_bytes)

    first, second = manifest_of(whole, one), manifest_of(many, folder_of_seven)
    assert rows_of(whole, one) == rows_of(many, folder_of_seven)
    assert second["columns"] == first["columns"]
    assert second["time_order"] == "day"
    assert second["report"] == first["report"]
    assert second["source"] == {
        "bucket": "ml-data-demo",
        "key": FOLDER,
        "version_id": None,
        "etag": second["source"]["etag"],
        "bytes": sum(map(len, contents.values())),
        "objects": 7,
    }
    assert folder_of_seven.dataset["objects"] == 7


def test_one_object_in_a_folder_is_the_model_that_it_is_alone(new_storage):
    content = csv_of(lines_of(3000))
    alone, inside = new_storage(), new_storage()
    alone.put(content, key="data/table.csv")
    put(inside, {"only.csv": content})
    for shard_bytes in (1 << 20, 20_000):
        found = []
        for storage, key in ((alone, "data/table.csv"), (inside, FOLDER)):
            dataset = run(storage, key, shard_bytes)
            found.append((manifest_of(storage, dataset), rows_of(storage, dataset)))
        (first, rows), (second, others) = found
        assert rows == others
        assert first["columns"] == second["columns"]
        assert first["report"] == second["report"]
    summaries = [
        json.loads(storage.read(summarize(run(storage, key), storage).summary))
        for storage, key in ((alone, "data/table.csv"), (inside, FOLDER))
    ]
    for summary in summaries:
        for of_this_run in ("run_id", "manifest", "seal", "test_rows"):
            del summary[of_this_run]
    assert summaries[0] == summaries[1]


@given(
    places=st.lists(st.integers(0, 120), max_size=12),
    seed=st.integers(0, 2**32),
    shard_bytes=st.sampled_from([1 << 20, 2000, 500]),
)
def test_however_a_csv_is_cut_into_objects_it_is_the_same_dataset(places, seed, shard_bytes, new_storage):
    draw = random.Random(seed)
    lines = [
        f'2024-01-01,{draw.gauss(0, 1)!r},"{draw.choice(["Graz", "Wien, Mitte", "one" + chr(10) + "two", ""])}",'
        f"{draw.choice('ab')}"
        for _ in range(120)
    ]
    if seed % 3 == 0:
        lines[draw.randrange(120)] = "2024-01-01,many,Graz,a"
    whole = new_storage().put(csv_of(lines), key="data/table.csv")
    many = put(new_storage(), cut(lines, places))
    fields = {"max_invalid_rows": 0.1, "columns": {"town": "category", "x": "number", "day": "category"}}
    one, several = run(whole, "data/table.csv", **fields), run(many, shard_bytes=shard_bytes, **fields)
    assert rows_of(whole, one) == rows_of(many, several)
    first, second = manifest_of(whole, one)["report"], manifest_of(many, several)["report"]
    assert without_lines(first) == without_lines(second)
    # The invalid row has its line in its own object: the lines before it there, and no others.
    for here, there in zip(first["examples"], second["examples"], strict=True):
        content = many.objects["ml-data-demo", there["object"]].decode()
        assert content.splitlines()[there["line"] - 1].split(",")[1] == here["cell"] == there["cell"]


@pytest.mark.parametrize("shard_bytes", [1 << 20, 2500, 700])
@pytest.mark.parametrize("zipped", [False, True])
def test_a_bad_line_is_told_with_its_object_and_its_line_there(shard_bytes, zipped, storage):
    lines = lines_of(420)
    lines[170] = lines[170].replace(lines[170].split(",")[1], "many")
    contents = cut(lines, [50, 100, 200])
    if zipped:
        contents["part-002.csv"] = gzip.compress(contents["part-002.csv"])
    put(storage, contents)
    assert refusal(storage, shard_bytes=shard_bytes) == (
        "object 'data/table/part-002.csv', line 72, column 'x': not a number; expected a number; 1 of 420 rows are "
        "invalid, allowed is a share of 0 (max_invalid_rows)"
    )
    dataset = run(storage, shard_bytes=shard_bytes, max_invalid_rows=0.1)
    (example,) = manifest_of(storage, dataset)["report"]["examples"]
    assert (example["object"], example["line"]) == ("data/table/part-002.csv", 72)


@pytest.mark.parametrize("shard_bytes", [1 << 20, 900])
def test_a_malformed_quote_is_told_with_its_object_and_its_line_there(shard_bytes, storage):
    contents = cut(lines_of(300), [100, 200])
    contents["part-001.csv"] = contents["part-001.csv"].replace(b",Graz,", b',"Graz" x,', 1)
    line = 1 + contents["part-001.csv"][: contents["part-001.csv"].index(b'"Graz"')].count(b"\n")
    put(storage, contents)
    assert refusal(storage, shard_bytes=shard_bytes).startswith(
        f"object 'data/table/part-001.csv', line {line}: "
    )


def test_a_column_left_out_as_empty_names_the_object_that_holds_a_value(storage, monkeypatch):
    monkeypatch.setattr(folder_plan._Folder, "sample", lambda self: [[["1", "", "a"], ["2", "", "b"]] * 9])
    rows = [f"{i % 7},,{'ab'[i % 2]}" for i in range(40)]
    later = [*rows[:3], "3,full,a", *rows[3:]]
    contents = {"a.csv": csv_of(rows, "x,late,label"), "b.csv": csv_of(later, "x,late,label")}
    dataset = run(put(storage, contents))
    assert dataset.dataset["notes"][0].startswith(
        "column 'late' was left out as empty by its sample, and holds values, the first in line 5 of data/table/b.csv: "
    )


@pytest.mark.parametrize("shard_bytes", [1 << 20, 900])
@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("day,x,town,city,label", "has 'city'"),
        ("day,x,label", "lacks 'town'"),
        ("day,x,Town,label", "lacks 'town' and has 'Town'"),
        ("day,x,town,town,label", "has 'town'"),
    ],
)
def test_an_object_with_other_columns_is_named(header, told, shard_bytes, storage, monkeypatch):
    monkeypatch.setattr(
        folder_plan, "_SAMPLED_OBJECTS", 2
    )  # as where there are many: it is seen when it is read
    contents = cut(lines_of(300), [100, 200])
    contents["part-001.csv"] = csv_of([",".join("1" * len(header.split(",")))] * 9, header)
    assert refusal(put(storage, contents), shard_bytes=shard_bytes) == (
        f"object 'data/table/part-001.csv': its header {told}, unlike that of 'data/table/part-000.csv'; all objects "
        "of a folder have the same columns, in any order"
    )


def test_an_object_that_is_no_csv_is_named(storage):
    contents = cut(lines_of(30), [10, 20]) | {"part-003.parquet": b"PAR1" + bytes(200)}
    assert refusal(put(storage, contents)).startswith(
        "object 'data/table/part-003.parquet': the file is Parquet, not CSV"
    )


def test_columns_that_share_a_name_are_left_out_as_of_one_object(storage):
    rows = [f"{i % 5},1,{i % 3},{'ab'[i % 2]}" for i in range(40)]
    dataset = run(put(storage, {f"{i}.csv": csv_of(rows, "x,y,y,label") for i in range(3)}))
    assert dataset.dataset["left_out"]["columns"] == {"y": "the header has this name more than once"}


def test_what_others_leave_beside_the_data_is_skipped(storage):
    contents = cut(lines_of(60), [20, 40])
    put(storage, contents)
    put(
        storage,
        {"": b"", "sub/": b"", "_SUCCESS": b"", "_delta_log/0.json": b"{}", ".part-0.csv.crc": b"crc"},
    )
    put(storage, {"empty.csv": b"", ".ipynb_checkpoints/part-0.csv": b"x", "sub/_temporary/a.csv": b"x"})
    storage.put(b"x,y\n1,2\n", key="data/table.csv")
    storage.put(b"x,y\n1,2\n", key="data/table-2/a.csv")
    dataset = run(storage)
    assert (dataset.dataset["rows"], dataset.dataset["objects"]) == (60, 3)
    files = RunFiles("artifacts", dataset.run.run_id)
    assert [entry["key"] for entry in json.loads(storage.read(files.objects))] == [
        f"{FOLDER}{name}" for name in contents
    ]


def test_an_object_with_a_header_alone_adds_no_row(storage):
    contents = cut(lines_of(60), [20, 20, 40])
    assert contents["part-001.csv"].count(b"\n") == 1
    assert run(put(storage, contents)).dataset["rows"] == 60


@pytest.mark.parametrize("contents", [{}, {"": b""}, {"_SUCCESS": b"done", "a.csv": b""}])
def test_a_folder_without_data_is_not_found(contents, storage):
    with pytest.raises(DatasetNotFoundError, match=r"s3://ml-data-demo/data/table/ has no object with data"):
        run(put(storage, contents))


def test_more_objects_than_are_allowed_are_refused(storage, monkeypatch):
    monkeypatch.setattr(folder, "MAX_OBJECTS", 3)
    assert "has more than 3 objects" in refusal(put(storage, cut(lines_of(60), [10, 20, 30])))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"version_id": "v1"}, r"version_id is of one object, and key \"data/table/\" ends in /"),
        ({"artifact_bucket": "ml-data-demo", "artifact_key": "data/table/m.pkl"}, "lies under key"),
        ({"artifact_bucket": "ml-data-demo", "key": "runs/x/"}, "holds the files of the runs"),
        ({"artifact_bucket": "ml-data-demo", "key": "r/"}, None),
    ],
)
def test_what_a_folder_does_not_go_with(fields, told):
    asked = partial(TrainingRequest.from_event, {"key": FOLDER} | fields, Config())
    if told is None:
        assert asked().artifact_key
    else:
        with pytest.raises(InvalidRequestError, match=told):
            asked()


def test_the_model_of_a_folder_has_the_folder_s_name():
    assert TrainingRequest.from_event({"key": "data/eu/iris/"}, Config()).artifact_key == "models/eu/iris.pkl"


def test_the_same_objects_are_the_same_run_and_others_another(new_storage):
    contents = cut(lines_of(60), [20, 40])
    first = run(put(new_storage(), contents))
    assert run(put(new_storage(), dict(reversed(contents.items())))).run.run_id == first.run.run_id
    other = contents | {"part-001.csv": contents["part-001.csv"].replace(b"Graz", b"Linz")}
    assert run(put(new_storage(), other)).run.run_id != first.run.run_id
    assert run(put(new_storage(), contents | {"z.csv": csv_of([])})).run.run_id != first.run.run_id


@pytest.mark.parametrize("shard_bytes", [1 << 20, 900])
def test_a_folder_is_found_again_and_not_read(shard_bytes, storage):
    put(storage, cut(lines_of(60), [20, 40]))
    done = run(storage, shard_bytes=shard_bytes)
    before = dict(storage.objects)
    again = run(storage, shard_bytes=shard_bytes)
    assert again.run.cached == ("FetchAndValidate",)
    assert (again.dataset, again.manifest) == (done.dataset, done.manifest)
    assert storage.objects == before


@pytest.mark.parametrize("change", ["replaced", "added", "deleted"])
def test_a_folder_that_changes_meanwhile_is_a_changed_dataset(change, storage):
    put(storage, cut(lines_of(60), [20, 40]))
    config = Config(shard_bytes=900)
    event = {"task": "FetchAndValidate", "request": {"key": FOLDER}, "execution_arn": ARN}
    planned = stage(TrainingRequest.from_event(event, config), storage, config)
    shards = list(map(Shard.from_json, json.loads(storage.read(planned.shards))))
    for shard in shards:
        validate_shard(ShardTask(planned.run, planned.plan, shard), storage)
    if change == "replaced":
        put(storage, {"part-001.csv": csv_of(lines_of(21))})
    elif change == "added":
        put(storage, {"part-007.csv": csv_of(lines_of(1))})
    else:
        del storage.objects["ml-data-demo", f"{FOLDER}part-002.csv"]
    with pytest.raises(
        DatasetChangedError, match=r"data/table/ changed while the run went on: it had 3 objects"
    ):
        collect_shards(CollectTask(planned.run, planned.plan, planned.shards), storage)


def test_a_folder_that_changes_before_it_is_published_is_a_changed_dataset(storage):
    summary = summarize(run(put(storage, cut(lines_of(60), [20, 40]))), storage)
    whole = dict(storage.objects)
    put(storage, {"part-007.csv": csv_of(lines_of(1))})
    with pytest.raises(DatasetChangedError, match=r"it had 3 objects .* now has 4"):
        publish(summary, storage)
    storage.objects = whole
    published = publish(summary, storage)
    artifact = json.loads(storage.objects["artifacts", published.artifact["key"]])
    assert published.artifact["key"] == "models/table.pkl"
    assert (artifact["dataset"]["key"], artifact["dataset"]["objects"]) == (FOLDER, 3)


def test_a_name_of_an_object_moves_no_cursor(storage):
    contents = cut(lines_of(60), [20, 40]) | {"z\x1b[2J\n.csv": csv_of(["2024-01-01,many,Graz,a"])}
    assert refusal(put(storage, contents)).startswith(
        "object 'data/table/z\\u001b[2J\\n.csv', line 2, column 'x': not a number"
    )


def test_the_list_of_objects_is_read_by_its_digest(storage):
    put(storage, cut(lines_of(60), [20, 40]))
    config = Config(shard_bytes=900)
    event = {"task": "FetchAndValidate", "request": {"key": FOLDER}, "execution_arn": ARN}
    planned = stage(TrainingRequest.from_event(event, config), storage, config)
    storage.put(b"[]", "artifacts", RunFiles("artifacts", planned.run.run_id).objects.key)
    shard = Shard.from_json(json.loads(storage.read(planned.shards))[0])
    result = validate_shard(ShardTask(planned.run, planned.plan, shard), storage)
    assert result.rows == 0
    with pytest.raises(DatasetChangedError, match=r"objects\.json has other content"):
        collect_shards(CollectTask(planned.run, planned.plan, planned.shards), storage)


class OnlyBeginnings:
    """A store of very many objects, all alike, that notes which are looked at."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.opened: list[str] = []

    def stream(self, source: PinnedObject, start: int = 0, end: int | None = None):
        self.opened.append(source.key)
        yield self.content[start:end]


def test_a_hundred_thousand_objects_are_few_shards_planned_by_a_few_looks():
    content = csv_of(lines_of(40))
    store = OnlyBeginnings(content)
    objects = [PinnedObject("b", f"t/{i:06}.csv", f"v{i}", f"{i:032x}", len(content)) for i in range(100_000)]
    request = TrainingRequest.from_event({"key": "t/"}, Config())
    begun = time.process_time()
    made, shards = make_folder_plan(store, objects, request, 32 << 20)
    assert time.process_time() - begun < 10
    assert len(store.opened) < 100
    looked_at = sorted({int(key[2:-4]) for key in store.opened})
    assert (looked_at[0], looked_at[-1]) == (0, 99_999)
    assert max(b - a for a, b in itertools.pairwise(looked_at)) < 2_000  # spread over the whole folder
    assert made.shard_count == len(shards) == 100
    assert [shard.index for shard in shards] == list(range(100))
    assert (shards[0].first, shards[-1].last) == (0, 99_999)
    assert all(a.last + 1 == b.first for a, b in itertools.pairwise(shards))
    assert sum(shard.bytes for shard in shards) == 100_000 * len(content)


def test_large_objects_are_cut_and_small_ones_packed(storage):
    lines = lines_of(600)
    contents = {"a.csv": csv_of(lines[:400]), "b.csv": csv_of(lines[400:420])}
    contents |= {f"c{i:02}.csv": csv_of(lines[420 + 10 * i : 430 + 10 * i]) for i in range(18)}
    config = Config(shard_bytes=3000)
    event = {"task": "FetchAndValidate", "request": {"key": FOLDER}, "execution_arn": ARN}
    planned = stage(TrainingRequest.from_event(event, config), put(storage, contents), config)
    shards = [Shard.from_json(entry) for entry in json.loads(storage.read(planned.shards))]
    assert sum(shard.bytes for shard in shards) == sum(map(len, contents.values()))
    assert len([shard for shard in shards if (shard.first, shard.last) == (0, 0)]) >= 3
    assert any(shard.last - shard.first > 4 for shard in shards)
    assert all(shard.bytes < 3000 * 1.7 for shard in shards)
    assert dataclasses.replace(shards[0], bytes=None).start == 0


def test_the_folder_of_the_readme_has_the_rows_of_its_file(new_storage, data_directory):
    one = run(
        new_storage().put((data_directory / "penguins.csv").read_bytes(), key="data/p.csv"),
        "data/p.csv",
        label_column="species",
    )
    files = sorted((data_directory / "penguins-by-island").iterdir())
    storage = put(new_storage(), {path.name: path.read_bytes() for path in files})
    many = run(storage, label_column="species")
    assert many.dataset["objects"] == 3
    counts = ("rows", "classes", "missing_cells", "used")
    # Of equally frequent ones the first comes first, which is another island's here.
    assert [sorted_deep(many.dataset[name]) for name in counts] == [
        sorted_deep(one.dataset[name]) for name in counts
    ]


def sorted_deep(value: object) -> object:
    return {name: sorted_deep(value[name]) for name in sorted(value)} if isinstance(value, dict) else value
