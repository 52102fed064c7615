"""A CSV in one piece and in shards is the same dataset, the same model, and fails with the same words."""

import contextlib
import csv
import dataclasses
import gzip
import io
import itertools
import json
import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch_and_validate import part_writer, plan, report
from fetch_and_validate.collect_shards import collect_shards
from fetch_and_validate.stage import stage
from fetch_and_validate.validate_shard import validate_shard
from shared.config import Config
from shared.contracts import TrainingRequest, ValidatedDataset
from shared.csv_file import cuts, records, sample, texts
from shared.errors import DatasetChangedError, InvalidDatasetError, InvalidRequestError
from shared.manifest_parts import part_entries
from shared.parts import part_from_npz
from shared.run import Run
from shared.run_files import RunFiles
from shared.shards import CollectTask, PlannedDataset, Shard, ShardTask
from shared.typed_columns import CodedColumn
from summarize.summarize import summarize

ARN = "arn:aws:states:us-east-1:000000000000:execution:machine:name"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """So that a few kilobytes have blocks, parts and probes of every kind."""
    monkeypatch.setattr(records, "BLOCK_BYTES", 700)
    monkeypatch.setattr(part_writer, "PART_BYTES", 900)
    for module in (plan, cuts):
        monkeypatch.setattr(module, "PROBE_BYTES", 400)


def request(execution_arn=ARN, **fields):
    return TrainingRequest.from_event(
        {
            "task": "FetchAndValidate",
            "request": {"model": "gaussian"} | fields,
            "execution_arn": execution_arn,
        },
        Config(),
    )


def run(storage, shards=1, **fields):
    """The validated dataset, through as many shards as the content gives for this number."""
    size = len(storage.objects["ml-data-demo", "data/btc_candles_labeled_sample.csv"])
    planned = stage(request(**fields), storage, Config(shard_bytes=-(-size // shards) + 1))
    if not isinstance(planned, PlannedDataset):
        return planned
    for task in tasks(planned, storage):
        validate_shard(task, storage)
    return collect_shards(collecting(planned), storage)


def tasks(planned, storage):
    """What the Map hands out."""
    shards = json.loads(storage.read(planned.shards))
    return [ShardTask(planned.run, planned.plan, Shard.from_json(shard)) for shard in shards]


def collecting(planned):
    return CollectTask(planned.run, planned.plan, planned.shards)


def manifest_of(storage, dataset):
    return json.loads(storage.read(dataset.manifest))


def rows_csv(rows, quoting=csv.QUOTE_MINIMAL, end="\n"):
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=quoting, lineterminator=end)
    writer.writerow(["price", "note", "volume", "label"])
    writer.writerows(rows)
    return buffer.getvalue().encode()


def candles(count=400, seed=7, note=lambda i: "", mean=6e4):
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        label = draw.choice("ab")
        price = draw.gauss(mean + (label == "a"), 1)
        rows.append([price, note(i), draw.gauss(0.0, 1e-3), label])
    return rows


def close(a, b):
    """Equal, with numbers to 1e-12 relative."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(close, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return a == pytest.approx(b, rel=1e-12, abs=1e-300)
    return a == b


NOTES = {
    "plain": lambda i: f"note {i}",
    "commas": lambda i: f"note, {i}",
    "line ends": lambda i: f"note\n{i}\nsaid",
    "quotes": lambda i: f'"{i}", she said\n' if i % 3 else "",
}


@pytest.mark.parametrize("shards", [2, 7, 64])
@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_any_number_of_shards_gives_the_same_artifact(shards, note, end, new_storage):
    content = rows_csv(candles(note=NOTES[note]), end=end)
    whole, cut = new_storage().put(content), new_storage().put(content)
    one, many = run(whole), run(cut, shards)
    first, second = manifest_of(whole, one), manifest_of(cut, many)

    assert {entry["key"].split("/")[3] for entry in first["parts"]} == {"shard-00000"}
    assert (second["parts"], len(second["shards"]) > 1) == ([], True)
    assert close(first["report"], second["report"])
    assert one.dataset == many.dataset
    for covariance in ("diagonal", "pooled", "full"):
        one, many = run(whole, covariance=covariance), run(cut, shards, covariance=covariance)
        summaries = [
            json.loads(store.read(summarize(dataset, store).summary))
            for store, dataset in ((whole, one), (cut, many))
        ]
        for summary in summaries:
            for of_this_run in ("run_id", "manifest", "seal", "test_rows"):
                del summary[of_this_run]
            # A covariance of two columns that have nothing to do with each other is a difference near 0.
            summary["model"]["covariances"] = None
        exact = [
            {k: v for k, v in s["evaluation"].items() if k != "curves"} for s in summaries
        ]  # those have means
        assert exact[0] == exact[1]
        assert close(summaries[0], summaries[1])


@given(seed=st.integers(0, 2**32), shards=st.integers(2, 40), quoting=st.sampled_from([0, 1, 2]))
def test_every_row_arrives_once_and_in_order(seed, shards, quoting, new_storage):
    draw = random.Random(seed)
    text = ["", "x", "a,b", "c\nd", 'e"f', "\n\n", "1,2,a\n3,4,b\n", '"']
    rows = candles(120, seed, note=lambda _: draw.choice(text))
    storage = new_storage().put(rows_csv(rows, quoting))
    with contextlib.suppress(WronglyCut):  # refused, and never cut wrong
        assert in_shards(storage, shards).dataset["rows"] == 120


class WronglyCut(Exception):
    """The reading showed that a cut was no beginning of a record."""


def in_shards(storage, shards):
    try:
        return run(storage, shards)
    except InvalidDatasetError as error:
        if "where the file was cut into shards" in str(error):
            raise WronglyCut from error
        raise


def mixed_csv(count=400, seed=3):
    """A table with every kind of column, holes, an invalid row here and there, and a comment that comes late."""
    draw = random.Random(seed)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["day", "town", "member", "revenue", "constant", "id", "late", "comment", "label"])
    for i in range(count):
        row = [
            f"{1 + i // 30:02}/{1 + i // 60:02}/2024",
            draw.choice(["Graz", "Wien, Mitte", "Linz", "", "NA"]) if i % 3 else f"town {i % 90}",
            draw.choice(["Yes", "no", "NO", "?"]),
            draw.choice([f"{draw.gauss(5000, 2000):,.2f}", "", "-"]),
            "x",
            f"A{i}",
            "" if i < 300 else "late",
            f'said\n"{i}"' * (i % 2),
            draw.choice("ab"),
        ]
        if i in (100, 350):
            row[3] = "oops"
        writer.writerow(row)
    return buffer.getvalue().encode()


def rows_of(storage, dataset):
    """All rows of all parts as text and numbers, NaN as None: what the parts mean, however they are cut."""
    manifest = manifest_of(storage, dataset)
    features = {column["name"] for column in manifest["columns"] if column["role"] == "feature"}
    rows = []
    for entry in part_entries(manifest, "artifacts", storage):
        part = part_from_npz(storage.objects["artifacts", entry["key"]])
        columns = [
            [column.values[code] for code in column.codes]
            if isinstance(column, CodedColumn)
            else [value if value == value else None for value in column]
            for column in part.columns
        ]
        used = [
            values for name, values in zip(manifest["features"], columns, strict=True) if name in features
        ]
        rows += zip(*used, (part.classes[code] for code in part.codes), strict=True)
    return rows


@pytest.mark.parametrize("shards", [2, 7, 64])
def test_any_number_of_shards_gives_the_same_mixed_table(shards, new_storage, monkeypatch):
    monkeypatch.setattr(sample, "RANGE_BYTES", 300)  # the sample is the same, however the shards are cut
    whole, cut = new_storage().put(mixed_csv()), new_storage().put(mixed_csv())
    one, many = run(whole, max_invalid_rows=0.1), run(cut, shards, max_invalid_rows=0.1)
    first, second = manifest_of(whole, one), manifest_of(cut, many)
    assert len(second["shards"]) > 1
    assert close(first["report"], second["report"])
    assert first["columns"] == second["columns"]
    assert rows_of(whole, one) == rows_of(cut, many)
    assert one.dataset == many.dataset
    assert (first["time_order"], second["time_order"]) == ("day", "day")
    assert one.dataset["invalid_rows"] == 2
    kinds = {column["name"]: column.get("kind") for column in first["columns"] if column["role"] == "feature"}
    assert kinds == {
        "day": "date",
        "town": "category",
        "member": "flag",
        "revenue": "number",
        "late": "category",
    }
    assert set(one.dataset["left_out"]["columns"]) == {"constant", "id", "comment"}
    for covariance in ("diagonal", "pooled"):
        found = []
        for store, *several in ((whole,), (cut, shards)):
            dataset = run(store, *several, max_invalid_rows=0.1, covariance=covariance)
            found.append(json.loads(store.read(summarize(dataset, store).summary)))
        for name in ("encoding", "split", "warnings", "train_rows_per_class", "profiles"):
            assert found[0][name] == found[1][name]
        models = [summary["model"] for summary in found]
        assert close(models[0]["columns"], models[1]["columns"])
        assert close(models[0]["tables"], models[1]["tables"])
        assert np.array(models[0]["means"]) == pytest.approx(np.array(models[1]["means"]), rel=1e-9)
        assert found[0]["metrics"] == pytest.approx(found[1]["metrics"], rel=1e-9)


@pytest.mark.parametrize("shards", [1, 5])
def test_rows_with_the_newest_first_train_the_same_model_as_the_oldest_first(shards, new_storage):
    draw = random.Random(5)
    lines = [f"2024-01-{1 + i // 20:02},{draw.gauss(i % 2, 1)!r},{'ab'[i % 2]}" for i in range(600)]
    summaries = []
    for rows in (lines, lines[::-1]):
        storage = new_storage().put("\n".join(["day,x,label", *rows]).encode())
        dataset = run(storage, shards, model="gaussian")
        assert manifest_of(storage, dataset)["time_order"] == "day"
        summaries.append(json.loads(storage.read(summarize(dataset, storage).summary)))
    assert summaries[0]["split"] == summaries[1]["split"]
    assert summaries[0]["split"]["method"] == "chronological"
    assert summaries[0]["metrics"] == pytest.approx(summaries[1]["metrics"], rel=1e-9)


@pytest.mark.parametrize("shards", [1, 3])
def test_more_values_than_a_category_has_make_a_column_free_text_at_the_end(shards, storage, monkeypatch):
    for module in (texts, report):
        monkeypatch.setattr(module, "MAX_VALUES", 50)
    lines = [f"{i % 7},{'abc'[i % 3] if i < 3000 else f'word {i % 61}'},{'xy'[i % 2]}" for i in range(6000)]
    monkeypatch.setattr(plan, "HEAD_BYTES", 2000)
    monkeypatch.setattr(plan, "_ranges", lambda store, source: [])
    dataset = run(storage.put("\n".join(["n,word,label", *lines]).encode()), shards)
    columns = {column["name"]: column for column in manifest_of(storage, dataset)["columns"]}
    assert (columns["word"]["role"], columns["word"]["reason"][:9]) == ("left_out", "free text")
    assert dataset.dataset["rows"] == 6000
    assert [row[0] for row in rows_of(storage, dataset)] == [i % 7 for i in range(6000)]


@pytest.mark.parametrize("shards", [1, 3])
def test_a_column_left_out_as_empty_that_holds_values_is_told(shards, storage, monkeypatch):
    monkeypatch.setattr(plan, "HEAD_BYTES", 2000)
    monkeypatch.setattr(plan, "_ranges", lambda store, source: [])
    lines = [f"{i % 7},{'' if i < 3000 else 5},{'xy'[i % 2]}" for i in range(6000)]
    dataset = run(storage.put("\n".join(["n,late,label", *lines]).encode()), shards)
    assert dataset.dataset["left_out"]["columns"]["late"].startswith("no value in ")
    assert dataset.dataset["notes"] == [
        "column 'late' was left out as empty by its sample, and holds values, the first in line 3002: name its kind in "
        "columns to use it"
    ]


def test_a_bad_row_is_told_with_its_line_in_the_whole_file(storage):
    rows = candles(note=NOTES["line ends"])
    rows[350][2] = "many"
    content = rows_csv(rows)
    line = 1 + content[: content.index(b"many")].count(b"\n")
    expected = f"line {line - 2}, column 'volume': not a number; expected a number; 1 of 400 rows are invalid"
    for shards in (1, 9):
        with pytest.raises(InvalidDatasetError) as caught:
            run(storage.put(content), shards)
        # The record begins two lines above: its note has two line ends.
        assert str(caught.value).startswith(expected)


def test_a_malformed_quote_is_told_with_its_line_in_the_whole_file(storage):
    rows = candles(note=NOTES["plain"])
    content = rows_csv(rows).replace(b"note 380,", b'"note" 380,')
    with pytest.raises(InvalidDatasetError, match=r"^line 382: "):
        run(storage.put(content), 9)


def test_the_allowance_of_invalid_rows_is_over_the_whole(storage):
    rows = candles()
    for i in range(40):  # all in the first shard
        rows[i][0] = "oops"
    content = rows_csv(rows)
    dataset = run(storage.put(content), 8, max_invalid_rows=0.1)
    assert (dataset.dataset["rows"], dataset.dataset["invalid_rows"]) == (360, 40)
    with pytest.raises(InvalidDatasetError, match=r"40 of 400 rows are invalid, allowed is a share of 0\.09"):
        run(storage.put(content), 8, max_invalid_rows=0.09)


def test_an_object_replaced_between_two_shards_is_a_changed_dataset(storage):
    planned = stage(request(), storage.put(rows_csv(candles())), Config(shard_bytes=4000))
    first, *others = tasks(planned, storage)
    validate_shard(first, storage)
    gone = dict.fromkeys([("ml-data-demo", "data/btc_candles_labeled_sample.csv")])

    class Gone(type(storage)):
        def stream(self, source, start=0, end=None):
            raise DatasetChangedError(f"{source} has other content than expected")

    changed = Gone()
    changed.objects = {key: value for key, value in storage.objects.items() if key not in gone}
    for task in others:
        validate_shard(task, changed)
    with pytest.raises(DatasetChangedError, match="other content than expected"):
        collect_shards(collecting(planned), changed)
    assert not [key for _, key in changed.objects if key.endswith("manifest.json")]


def test_a_shard_that_is_missing_is_a_changed_dataset(storage):
    planned = stage(request(), storage.put(rows_csv(candles())), Config(shard_bytes=4000))
    with pytest.raises(
        DatasetChangedError, match=r"shard-00000/result\.json is gone, or not as the run wrote it"
    ):
        collect_shards(collecting(planned), storage)


def test_a_shard_beyond_the_plan_is_an_invalid_request(storage):
    planned = stage(request(), storage.put(rows_csv(candles())), Config(shard_bytes=4000))
    with pytest.raises(InvalidRequestError, match=r"shard\.index is 99"):
        validate_shard(ShardTask(planned.run, planned.plan, Shard(99, 0, 1)), storage)


def test_several_shards_need_the_state_machine(storage):
    with pytest.raises(InvalidRequestError, match="Start the state machine"):
        stage(request(execution_arn=None), storage.put(rows_csv(candles())), Config(shard_bytes=4000))


def test_the_list_of_shards_has_no_gap(storage):
    content = rows_csv(candles(note=NOTES["quotes"]))
    planned = stage(request(), storage.put(content), Config(shard_bytes=3000))
    shards = json.loads(storage.read(planned.shards))
    assert [shard["index"] for shard in shards] == list(range(planned.shard_count))
    assert shards[0]["start"] == content.index(b"\n") + 1
    assert shards[-1]["end"] == len(content)
    assert all(left["end"] == right["start"] for left, right in itertools.pairwise(shards))


def test_gzip_is_one_shard_whatever_its_size(storage):
    key = "data/candles.csv.gz"
    storage.put(gzip.compress(rows_csv(candles())), key=key)
    dataset = stage(request(key=key), storage, Config(shard_bytes=1000))
    assert dataset.dataset["rows"] == 400


@pytest.mark.parametrize("share", [0.1, 0.45, 0.55, 0.95])
def test_the_last_shard_may_be_half_as_long_again_rather_than_a_short_rest(share, storage):
    content = b"a,label\n" + b"".join(
        b"%04d,%s\n" % (i * i % 9973, (b"up", b"no")[i % 2]) for i in range(1000)
    )
    body = len(content) - len(b"a,label\n")
    each = int(body / (3 + share))
    planned = stage(request(), storage.put(content), Config(shard_bytes=each))
    lengths = [task.shard.end - task.shard.start for task in tasks(planned, storage)]
    assert sum(lengths) == body
    assert len(lengths) == (3 if share < 0.5 else 4)
    assert all(abs(length - each) <= 8 for length in lengths[:-1])


@pytest.mark.parametrize(("size", "refused"), [(2 * 2**30, False), (2 * 2**30 + 1, True)])
def test_a_gzip_of_more_than_2_gib_is_refused(size, refused, storage, monkeypatch):
    content = gzip.compress(rows_csv(candles()))
    storage.put(content, key="data/candles.csv.gz")
    source = storage.pin("ml-data-demo", "data/candles.csv.gz")
    monkeypatch.setattr(storage, "pin", lambda *_: replace(source, bytes=size))
    if not refused:
        assert stage(request(key="data/candles.csv.gz"), storage, Config()).dataset["rows"] == 400
        return
    told = r"has 2,147,483,649 bytes; gzip cannot be cut .* is read up to 2,147,483,648 bytes: upload it uncompressed"
    with pytest.raises(InvalidDatasetError, match=told):
        stage(request(key="data/candles.csv.gz"), storage, Config())


def test_a_file_that_cannot_be_cut_is_read_in_larger_pieces(storage, monkeypatch):
    """One cell of many lines lies over several cuts: they are left out."""
    rows = candles()
    rows[200][1] = "a line of the note, and another\n" * 300
    content = rows_csv(rows)
    dataset = run(storage.put(content), 12)
    assert dataset.dataset["rows"] == 400


def test_a_plan_of_another_run_is_an_invalid_request(storage):
    planned = stage(request(), storage.put(rows_csv(candles())), Config(shard_bytes=4000))
    with pytest.raises(InvalidRequestError, match="is not of run 'other'"):
        collect_shards(CollectTask(Run("other"), planned.plan, planned.shards), storage)
    with pytest.raises(InvalidRequestError, match="is no plan of version 5"):
        collect_shards(CollectTask(planned.run, planned.shards, planned.shards), storage)


def test_a_dataset_of_several_shards_is_found_again_and_not_planned(storage):
    storage.put(rows_csv(candles()))
    done = run(storage, 8)
    before = dict(storage.objects)
    again = stage(request(), storage, Config(shard_bytes=-(-len(rows_csv(candles())) // 8) + 1))
    assert isinstance(again, ValidatedDataset)
    assert (again.run.cached, again.dataset, again.manifest) == (
        ("FetchAndValidate",),
        done.dataset,
        done.manifest,
    )
    assert storage.objects == before


def test_a_run_that_failed_among_its_shards_does_the_others_only(storage):
    planned = stage(request(), storage.put(rows_csv(candles())), Config(shard_bytes=4000))
    first, second, *others = tasks(planned, storage)
    for task in (first, second):
        assert not validate_shard(task, storage).run.cached
    del storage.objects["artifacts", next(k for k in storage.artifact_keys() if "shard-00001/part" in k)]
    storage.put(b"rubbish", "artifacts", RunFiles("artifacts", planned.run.run_id).shard_result(2).key)

    resumed = stage(request(), storage, Config(shard_bytes=4000))
    outputs = [validate_shard(task, storage) for task in tasks(resumed, storage)]
    cached = [output.run.cached for output in outputs]
    assert cached == [("ValidateShard",), *[()] * (1 + len(others))]
    assert collect_shards(collecting(resumed), storage).dataset["rows"] == 400


def test_a_dataset_of_several_shards_one_of_which_has_lost_a_file_is_planned_again(storage):
    storage.put(rows_csv(candles()))
    run(storage, 8)
    size = -(-len(rows_csv(candles())) // 8) + 1
    whole = dict(storage.objects)
    for name in ("shard-00003/part-00000.npz", "shard-00004/result.json"):
        storage.objects = {key: value for key, value in whole.items() if not key[1].endswith(name)}
        assert isinstance(stage(request(), storage, Config(shard_bytes=size)), PlannedDataset)


def test_the_manifest_leads_to_the_parts_of_each_shard_and_counts_its_classes(storage):
    content = rows_csv(candles())
    manifest = manifest_of(storage, run(storage.put(content), 8))
    shards = range(len(manifest["shards"]))
    assert manifest["parts"] == []
    by_shard = [list(part_entries(manifest, "artifacts", storage, range(i, i + 1))) for i in shards]
    assert [*itertools.chain(*by_shard)] == list(part_entries(manifest, "artifacts", storage))
    for i, entries in enumerate(by_shard):
        assert {entry["key"].split("/")[3] for entry in entries} == {f"shard-{i:05d}"}
        classes = Counter()
        for entry in entries:
            part = part_from_npz(storage.objects["artifacts", entry["key"]])
            assert entry["classes"] == Counter(part.classes[code] for code in part.codes)
            classes.update(entry["classes"])
        assert manifest["shards"][i]["classes"] == classes
        assert manifest["shards"][i]["rows"] == classes.total()


def test_a_shard_s_result_that_is_gone_or_altered_is_a_changed_dataset(storage):
    manifest = manifest_of(storage, run(storage.put(rows_csv(candles())), 8))
    key = manifest["shards"][2]["key"]
    storage.objects["artifacts", key] += b" "
    with pytest.raises(DatasetChangedError, match="has other content than the run wrote there"):
        list(part_entries(manifest, "artifacts", storage))
    del storage.objects["artifacts", key]
    with pytest.raises(DatasetChangedError, match="does not exist"):
        list(part_entries(manifest, "artifacts", storage))


def test_force_does_every_shard_anew(storage):
    storage.put(rows_csv(candles()))
    run(storage, 8)
    size = -(-len(rows_csv(candles())) // 8) + 1
    planned = stage(request(force=True), storage, Config(shard_bytes=size))
    assert isinstance(planned, PlannedDataset)
    assert not any(validate_shard(task, storage).run.cached for task in tasks(planned, storage))


def test_a_shard_with_other_bounds_than_the_plan_s_is_never_collected(storage):
    planned = stage(request(), storage.put(rows_csv(candles())), Config(shard_bytes=4000))
    first, *others = tasks(planned, storage)
    shorter = Shard(0, first.shard.start, others[0].shard.start - 1)
    for task in (dataclasses.replace(first, shard=shorter), *others):
        validate_shard(task, storage)
    with pytest.raises(DatasetChangedError, match="is the result of another shard"):
        collect_shards(collecting(planned), storage)


def test_a_csv_replaced_while_its_shards_are_validated_is_a_changed_dataset(storage):
    planned = stage(request(), storage.put(rows_csv(candles())), Config(shard_bytes=4000))
    for task in tasks(planned, storage):
        validate_shard(task, storage)
    storage.put(rows_csv(candles(seed=2)))
    with pytest.raises(DatasetChangedError, match="was replaced while the run went on"):
        collect_shards(collecting(planned), storage)
    assert not [key for key in storage.artifact_keys() if key.endswith("manifest.json")]
