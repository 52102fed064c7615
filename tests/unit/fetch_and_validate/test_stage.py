"""Step 1 as a whole: a CSV becomes parts and a manifest, or a named error and a manifest that says why."""

import csv
import gzip
import hashlib
import io
import json
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch_and_validate import part_writer
from fetch_and_validate.stage import stage
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.csv_file import records
from shared.errors import DatasetChangedError, DatasetNotFoundError, InvalidDatasetError
from shared.storage import Storage

SMALL = b"time,open,label,close\na,1.5,up,2\nb,2.5,down,3\nc,3.5,up,4\nd,4.5,down,6\n"
SMALL_VERSION = hashlib.md5(SMALL, usedforsecurity=False).hexdigest()  # as the storage in memory gives it


def request(config: Config, **fields) -> TrainingRequest:
    return TrainingRequest.from_event(fields, config)


def manifest_in(storage) -> dict:
    (key,) = [key for key in storage.artifact_keys() if key.endswith("/dataset/manifest.json")]
    manifest = json.loads(storage.objects["artifacts", key])
    assert len(manifest.pop("seal")) == 64
    return manifest


def parts_in(storage) -> list[str]:
    return [key for key in storage.artifact_keys() if key.endswith(".npz")]


def arrays_of(storage, manifest: dict) -> tuple[np.ndarray, list[str]]:
    """All rows of all parts: features and label names."""
    features, labels = [], []
    for entry in manifest["parts"]:
        with np.load(io.BytesIO(storage.objects["artifacts", entry["key"]])) as part:
            features.append(part["X"])
            labels += part["classes"][part["y"]].tolist()
    return np.concatenate(features), labels


def texts_of(storage, manifest: dict, j: int) -> list[str]:
    """All cells of the text column that is feature j."""
    texts = []
    for entry in manifest["parts"]:
        with np.load(io.BytesIO(storage.objects["artifacts", entry["key"]])) as part:
            texts += part[f"values_{j}"][part[f"codes_{j}"]].tolist()
    return texts


def test_the_output_says_what_was_read_and_where_the_manifest_lies(storage, config):
    dataset = stage(request(config, seed=7), storage.put(SMALL), config)
    assert dataset.to_event() == {
        "run": {
            "run_id": dataset.run.run_id,
            "execution_arn": None,
            "conditions": {"force": False, "newest": True, "current_model": None},
            "cached": [],
        },
        "dataset": {
            "bucket": "ml-data-demo",
            "key": "data/btc_candles_labeled_sample.csv",
            "version_id": SMALL_VERSION,
            "etag": SMALL_VERSION,
            "bytes": len(SMALL),
            "rows": 4,
            "invalid_rows": 0,
            "missing_cells": {"count": 0, "columns": {}},
            "classes": {"count": 2, "rows": {"up": 2, "down": 2}},
            "used": {
                "number": {"count": 2, "columns": ["open", "close"]},
                "category": {"count": 1, "columns": ["time"]},
            },
            "categories": {},
            "left_out": {"count": 0, "columns": {}},
            "time_order": None,
            "notes": [],
            "manifest": {
                "bucket": "artifacts",
                "key": f"runs/{dataset.run.run_id}/dataset/manifest.json",
                "sha256": hashlib.sha256(storage.read(dataset.manifest)).hexdigest(),
            },
        },
        "folds": [],  # four rows are too few to choose by
        "spread": None,
    }
    assert storage.artifact_keys() == [
        f"runs/{dataset.run.run_id}/dataset/manifest.json",
        f"runs/{dataset.run.run_id}/dataset/shard-00000/part-00000.npz",
    ]


def test_the_whole_manifest(storage, config):
    dataset = stage(request(config), storage.put(SMALL), config)
    part = storage.objects["artifacts", f"runs/{dataset.run.run_id}/dataset/shard-00000/part-00000.npz"]
    source = {name: dataset.dataset[name] for name in ("bucket", "key", "version_id", "etag", "bytes")}
    assert manifest_in(storage) == {
        "manifest_version": 3,
        "run_id": dataset.run.run_id,
        "code_version": "code-1",
        "status": "valid",
        "request": request(config).parameters() | {"version_id": SMALL_VERSION},
        "source": source,
        "columns": [
            {"name": "time", "role": "feature", "kind": "category", "notation": None},
            {"name": "open", "role": "feature", "kind": "number", "notation": "1234.5"},
            {"name": "label", "role": "label"},
            {"name": "close", "role": "feature", "kind": "number", "notation": "1234.5"},
        ],
        "features": ["time", "open", "close"],
        "time_order": None,
        "parts": [
            {
                "key": f"runs/{dataset.run.run_id}/dataset/shard-00000/part-00000.npz",
                "rows": 4,
                "bytes": len(part),
                "sha256": hashlib.sha256(part).hexdigest(),
                "classes": {"down": 2, "up": 2},
            }
        ],
        "shards": [],
        "report": {
            "rows": 4,
            "invalid_rows": 0,
            "problems": {},
            "examples": [],
            "columns": {
                "time": {"distinct": 4, "missing": 0, "counts": {"a": 1, "b": 1, "c": 1, "d": 1}},
                "open": {
                    "count": 4,
                    "min": 1.5,
                    "max": 4.5,
                    "mean": 3.0,
                    "deviation": 1.25**0.5,
                    "missing": 0,
                },
                "close": {
                    "count": 4,
                    "min": 2.0,
                    "max": 6.0,
                    "mean": 3.75,
                    "deviation": 2.1875**0.5,
                    "missing": 0,
                },
            },
            "classes": {"down": 2, "up": 2},
            "filled": {},
        },
    }


def test_numpy_reads_the_rows_back_in_order(storage, config):
    stage(request(config), storage.put(SMALL), config)
    features, labels = arrays_of(storage, manifest_in(storage))
    assert features.tolist() == [[1.5, 2.0], [2.5, 3.0], [3.5, 4.0], [4.5, 6.0]]
    assert labels == ["up", "down", "up", "down"]


def test_the_sample_of_the_repository_is_read_exactly(storage, config, sample_csv):
    content = sample_csv.read_bytes()
    dataset = stage(request(config), storage.put(content), config)
    rows = list(csv.reader(content.decode().splitlines()))[1:]
    features, labels = arrays_of(storage, manifest_in(storage))
    assert manifest_in(storage)["features"] == ["timestamp", "open", "high", "low", "close", "volume"]
    assert manifest_in(storage)["time_order"] == "timestamp"
    assert (dataset.dataset["rows"], dataset.dataset["invalid_rows"]) == (len(rows), 0)
    times = [datetime.fromisoformat(row[0]).timestamp() for row in rows]
    np.testing.assert_array_equal(
        features, np.column_stack([times, np.array([row[1:6] for row in rows], float)])
    )
    assert labels == [row[6] for row in rows]


def test_a_large_dataset_becomes_several_parts_with_the_same_rows(storage, config, sample_csv, monkeypatch):
    monkeypatch.setattr(records, "BLOCK_BYTES", 3000)
    monkeypatch.setattr(part_writer, "PART_BYTES", 40_000)
    content = sample_csv.read_bytes()
    dataset = stage(request(config), storage.put(content), config)
    manifest = manifest_in(storage)
    assert len(manifest["parts"]) > 5
    assert [entry["key"] for entry in manifest["parts"]] == parts_in(storage)
    assert sum(entry["rows"] for entry in manifest["parts"]) == dataset.dataset["rows"]
    assert max(entry["rows"] for entry in manifest["parts"]) < 1.2 * 40_000 / (8 * 5)
    features, labels = arrays_of(storage, manifest)
    rows = list(csv.reader(content.decode().splitlines()))[1:]
    times = [datetime.fromisoformat(row[0]).timestamp() for row in rows]
    np.testing.assert_array_equal(
        features, np.column_stack([times, np.array([row[1:6] for row in rows], float)])
    )
    assert labels == [row[6] for row in rows]


def test_a_class_that_first_appears_late_is_in_the_later_parts(storage, config, monkeypatch):
    monkeypatch.setattr(records, "BLOCK_BYTES", 40)
    monkeypatch.setattr(part_writer, "PART_BYTES", 80)
    lines = [f"{-i},{'z' if i > 60 else 'ab'[i % 2]}" for i in range(90)]
    stage(request(config), storage.put("\n".join(["x,label", *lines]).encode()), config)
    features, labels = arrays_of(storage, manifest_in(storage))
    assert [f"{x:g},{label}" for (x,), label in zip(features, labels, strict=True)] == lines


def test_the_same_request_of_the_same_object_is_the_same_run(new_storage, config):
    runs = [stage(request(config), new_storage().put(SMALL), config).run.run_id for _ in range(2)]
    assert runs[0] == runs[1]


def test_asking_for_the_newest_version_by_its_id_is_the_same_run(new_storage, config):
    newest = stage(request(config), new_storage().put(SMALL), config)
    named = stage(request(config, version_id=SMALL_VERSION), new_storage().put(SMALL), config)
    assert newest.run.run_id == named.run.run_id


def test_another_request_or_other_code_is_another_run(new_storage, config):
    run_ids = {
        stage(request(config), new_storage().put(SMALL), config).run.run_id,
        stage(request(config, seed=1), new_storage().put(SMALL), config).run.run_id,
        stage(request(config), new_storage().put(SMALL), Config(code_version="code-2")).run.run_id,
        stage(request(config), new_storage().put(SMALL + b"e,1,up,1\n"), config).run.run_id,
    }
    assert len(run_ids) == 4


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(SMALL.replace(b"\n", b"\r\n"), id="CRLF"),
        pytest.param(SMALL.replace(b"\n", b"\r"), id="CR"),
        pytest.param(b"\xef\xbb\xbf" + SMALL, id="byte order mark"),
        pytest.param(SMALL.replace(b",", b";"), id="semicolon"),
        pytest.param(SMALL.replace(b",", b"\t"), id="tab"),
        pytest.param(SMALL.replace(b",", b"|"), id="pipe"),
        pytest.param(SMALL.removesuffix(b"\n"), id="no final newline"),
        pytest.param(SMALL.replace(b"\n", b"\n\n"), id="blank lines"),
        pytest.param(b"\n \n" + SMALL, id="blank lines first"),
        pytest.param(SMALL.replace(b",", b" , "), id="spaces"),
        pytest.param(
            b'"' + SMALL.strip().replace(b",", b'","').replace(b"\n", b'"\n"') + b'"', id="all quoted"
        ),
        pytest.param(SMALL.replace(b"a,1.5", b'"a,\n""b""",+15e-1'), id="quoted newline, sign, exponent"),
        pytest.param(
            SMALL.replace(b"\n", b",\n").replace(b"close,", b"close"), id="delimiter at the end of rows"
        ),
    ],
)
def test_every_usual_spelling_gives_the_same_rows(content, storage, config):
    stage(request(config), storage.put(content), config)
    features, labels = arrays_of(storage, manifest_in(storage))
    assert features.tolist() == [[1.5, 2.0], [2.5, 3.0], [3.5, 4.0], [4.5, 6.0]]
    assert labels == ["up", "down", "up", "down"]


@given(
    chunk_bytes=st.integers(1, 200),
    block_bytes=st.integers(1, 200),
    part_bytes=st.integers(1, 200),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_chunks_blocks_and_parts_leave_no_trace_in_the_rows(
    new_storage, chunk_bytes, block_bytes, part_bytes, quoting
):
    rows = [[f"note {i % 9}\n" if i % 3 else f'"{i % 5}"', repr(i / 7), "xyz"[i % 3]] for i in range(30)]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=quoting, lineterminator="\n").writerows([["note", "value", "label"], *rows])
    storage = new_storage(chunk_bytes).put(buffer.getvalue().encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "BLOCK_BYTES", block_bytes)
        patch.setattr(part_writer, "PART_BYTES", part_bytes)
        stage(request(Config()), storage, Config())
    features, labels = arrays_of(storage, manifest_in(storage))
    assert features.tolist() == [[i / 7] for i in range(30)]
    assert texts_of(storage, manifest_in(storage), 0) == [note.strip() for note, _, _ in rows]
    assert labels == ["xyz"[i % 3] for i in range(30)]


def test_gzip_by_key_suffix(storage, config):
    key = "data/x.csv.gz"
    stage(request(config, key=key), storage.put(gzip.compress(SMALL), key=key), config)
    assert arrays_of(storage, manifest_in(storage))[1] == ["up", "down", "up", "down"]


def test_gzip_by_content_encoding(s3, config):
    s3.put_object(Bucket="ml-data-demo", Key="data/x.csv", Body=gzip.compress(SMALL), ContentEncoding="gzip")
    dataset = stage(request(config, key="data/x.csv"), Storage(s3), config)
    assert dataset.dataset["rows"] == 4


@pytest.mark.parametrize("key", ["data/with space.csv", "data/größe & 100%.csv", "data/a..b+c=d?.csv"])
def test_unusual_keys(s3, config, key):
    s3.put_object(Bucket="ml-data-demo", Key=key, Body=SMALL)
    assert stage(request(config, key=key), Storage(s3), config).dataset["key"] == key


def test_invalid_rows_within_the_allowance_are_left_out_and_reported(storage, config):
    content = SMALL + b"e,oops,up,7\nf,8,up,9\n"
    dataset = stage(request(config, max_invalid_rows=0.2), storage.put(content), config)
    manifest = manifest_in(storage)
    assert (dataset.dataset["rows"], dataset.dataset["invalid_rows"]) == (5, 1)
    assert arrays_of(storage, manifest)[0].tolist()[-1] == [8.0, 9.0]
    assert manifest["report"]["problems"] == {"not a number": 1}
    assert manifest["report"]["examples"] == [
        {"problem": "not a number", "line": 6, "column": "open", "cell": "oops", "expected": "a number"}
    ]


def test_a_missing_cell_is_a_value_of_its_column(storage, config):
    dataset = stage(request(config), storage.put(SMALL + b"e,NA,up,7\nf,8,up,\n"), config)
    features, _ = arrays_of(storage, manifest_in(storage))
    np.testing.assert_array_equal(features[-2:], [[np.nan, 7.0], [8.0, np.nan]])
    assert (dataset.dataset["rows"], dataset.dataset["invalid_rows"]) == (6, 0)
    assert dataset.dataset["missing_cells"] == {"count": 2, "columns": {"open": 1, "close": 1}}
    assert manifest_in(storage)["report"]["columns"]["open"]["missing"] == 1


def test_gzip_is_known_by_its_content(storage, config):
    stage(request(config, key="data/x.csv"), storage.put(gzip.compress(SMALL), key="data/x.csv"), config)
    assert arrays_of(storage, manifest_in(storage))[1] == ["up", "down", "up", "down"]


def test_markup_and_formulas_are_only_text(storage, config):
    content = b"<b>x</b>,label\n1,<script>\n3,=1+1\n2,<script>\n4,=1+1\n"
    stage(request(config), storage.put(content), config)
    assert arrays_of(storage, manifest_in(storage))[1] == ["<script>", "=1+1", "<script>", "=1+1"]
    assert manifest_in(storage)["features"] == ["<b>x</b>"]


# name: (content, request fields, the beginning of the message)
REFUSED = {
    "an empty file": (b"", {}, "the file is empty: a header line and at least two data rows are needed"),
    "only blank lines": (b"\n\r\n  \n", {}, "the file is empty"),
    "a header alone": (b"time,open,label\n", {}, "the file has a header but no data rows"),
    "no label column": (
        SMALL.replace(b"label", b"y"),
        {},
        "label_column 'label' is not a column; the header has 'time', 'open', 'y', 'close'",
    ),
    "a text cell": (
        SMALL.replace(b"3.5", b"abc"),
        {},
        "line 4, column 'open': not a number; expected a number; 1 of 4 rows are invalid, allowed is a share of 0",
    ),
    "a missing label": (
        SMALL.replace(b"c,3.5,up", b"c,3.5,"),
        {},
        "line 4, column 'label': missing label; expected a class",
    ),
    "an infinity": (
        SMALL.replace(b"3.5", b"inf"),
        {},
        "line 4, column 'open': number out of range; expected a number",
    ),
    "an overflow": (
        SMALL.replace(b"3.5", b"1e999"),
        {},
        "line 4, column 'open': number out of range; expected a number",
    ),
    "a row too short": (
        SMALL + b"e,1,up\n",
        {},
        "line 6: ragged row; expected 4 cells as in the header, not 3",
    ),
    "a row too long": (
        SMALL + b"e,1,up,2,3\n",
        {},
        "line 6: ragged row; expected 4 cells as in the header, not 5",
    ),
    "too many invalid rows": (
        SMALL + b"e,1,up\nf,oops,up,1\n",
        {"max_invalid_rows": 0.25},
        "line 6: ragged row; expected 4 cells as in the header, not 3; 2 of 6 rows are invalid, allowed is a ",
    ),
    "a malformed quote": (SMALL + b'"e"e,1,up,2\n', {}, "line 6: "),
    "a quote left open": (SMALL + b'"e,1,up,2\nf,1,up,2\n', {}, "line 6: a quote that is never closed"),
    "a constant label": (SMALL.replace(b"down", b"up"), {}, "label column 'label' has only the value 'up'"),
    "a label that is an id": (
        b"x,label\n" + b"".join(b"1,%d\n" % i for i in range(10)),
        {},
        "label column 'label' has 10 distinct values in 10 rows, so it is no class label",
    ),
    "a label of thousands of values": (
        b"x,label\n" + b"".join(b"1,%d\n" % i for i in range(5000)),
        {},
        "column 'label' has more than 1000 distinct values, so it is no class label",
    ),
    "no feature": (
        b"a,label\nx,1\ny,0\nz,1\nw,0\nv,1\n",
        {},
        "no column but the label 'label' can be a feature: 'a' is left out: text with nearly as many values as rows",
    ),
    "a constant feature alone": (
        b"a,label\nx,1\nx,0\nx,1\n",
        {},
        "no column is left as a feature; at least one is needed: 'a' is left out: constant",
    ),
    "a feature that is not there": (
        SMALL,
        {"feature_columns": ["high"]},
        "feature_columns 'high' is not a column",
    ),
    "text as numbers": (
        SMALL,
        {"columns": {"time": "number"}},
        "line 2, column 'time': not a number",
    ),
    "a label column twice": (
        SMALL.replace(b"time", b"label"),
        {},
        "the header names column 'label' 2 times; label_column needs it once",
    ),
    "UTF-16": (SMALL.decode().encode("utf-16"), {}, "the file is UTF-16 (little-endian); allowed: UTF-8"),
    "Latin-1": (SMALL + "e,1,gr\u00fcn,2\n".encode("latin-1"), {}, "line 6: byte 0xfc is not UTF-8"),
    "a NUL byte": (SMALL + b"e,1,up,\0\n", {}, "line 6: a NUL byte"),
    "a single column": (b"label\nx\ny\n", {}, "line 1: the header has a single column, 'label'"),
    "a broken gzip": (b"no gzip", {"key": "data/x.csv.gz"}, "the object is named or encoded as gzip"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_ends_in_one_clear_line_and_a_manifest_that_repeats_it(name, storage, config):
    content, fields, message = REFUSED[name]
    asked = request(config, **fields)
    with pytest.raises(InvalidDatasetError) as caught:
        stage(asked, storage.put(content, key=asked.key), config)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    manifest = manifest_in(storage)
    assert (manifest["status"], manifest["error"], manifest["parts"]) == ("rejected", str(caught.value), [])
    assert parts_in(storage) == []


def test_a_missing_object_is_not_found_and_nothing_is_written(storage, config):
    with pytest.raises(DatasetNotFoundError, match=r"s3://ml-data-demo/data/none\.csv does not exist"):
        stage(request(config, key="data/none.csv"), storage, config)
    assert storage.artifact_keys() == []


def test_a_rejected_dataset_is_counted_to_its_end(storage, config):
    content = b"x,label\noops,a\n" + b"1,a\n2,b\n" * 10 + b"oops,b\n"
    with pytest.raises(InvalidDatasetError, match="line 2, column 'x': not a number"):
        stage(request(config), storage.put(content), config)
    report = manifest_in(storage)["report"]
    assert (report["rows"], report["invalid_rows"]) == (20, 2)
    assert [example["line"] for example in report["examples"]] == [2, 23]


def test_an_object_replaced_while_it_is_read_writes_no_manifest(storage, config, monkeypatch):
    def replaced(source, start=0, end=None):
        yield SMALL
        raise DatasetChangedError(f"{source} has other content than expected")

    monkeypatch.setattr(storage, "stream", replaced)
    with pytest.raises(DatasetChangedError):
        stage(request(config), storage.put(SMALL * 2), config)
    assert storage.artifact_keys() == []


@given(
    st.binary(max_size=80)
    | st.text('12ab,;"\n\r .-', max_size=80).map(lambda text: b"a,label\n" + text.encode())
)
def test_any_bytes_are_a_dataset_or_an_invalid_one(new_storage, content):
    storage = new_storage().put(content)
    try:
        dataset = stage(request(Config()), storage, Config())
        rows = dataset.dataset["rows"]
    except InvalidDatasetError:
        rows = None
    manifest = manifest_in(storage)
    assert manifest["status"] == ("rejected" if rows is None else "valid")
    assert rows is None or rows == manifest["report"]["rows"] >= 2


def test_the_same_work_again_is_found_and_not_done(storage, config):
    first = stage(request(config), storage.put(SMALL), config)
    written = dict(storage.objects)
    again = stage(request(config), storage, config)
    assert (first.run.cached, again.run.cached) == ((), ("FetchAndValidate",))
    assert (again.run.run_id, again.dataset, again.manifest) == (
        first.run.run_id,
        first.dataset,
        first.manifest,
    )
    assert storage.objects == written


def test_force_does_the_same_work_anew(storage, config):
    first = stage(request(config), storage.put(SMALL), config)
    part = ("artifacts", f"runs/{first.run.run_id}/dataset/shard-00000/part-00000.npz")
    written = storage.objects.pop(part)
    again = stage(request(config, force=True), storage, config)
    assert (again.run.run_id, again.run.cached) == (first.run.run_id, ())
    assert storage.objects[part] == written


@pytest.mark.parametrize("damage", [b"", b"shorter"])
def test_a_dataset_whose_part_is_gone_is_validated_again(damage, storage, config):
    first = stage(request(config), storage.put(SMALL), config)
    part = ("artifacts", f"runs/{first.run.run_id}/dataset/shard-00000/part-00000.npz")
    written = storage.objects.pop(part)
    if damage:
        storage.put(damage, *part)
    assert stage(request(config), storage, config).run.cached == ()
    assert storage.objects[part] == written


def test_a_rejected_dataset_is_rejected_again_with_the_same_words(storage, config):
    storage.put(SMALL.replace(b"1", b"one"))
    messages = []
    for _ in range(2):
        with pytest.raises(InvalidDatasetError) as caught:
            stage(request(config), storage, config)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("damage", [b"[]", b"\xff", b'{"manifest_version": 3, "run_id": "another"}'])
def test_a_damaged_manifest_is_written_anew(damage, storage, config):
    first = stage(request(config), storage.put(SMALL), config)
    written = storage.objects["artifacts", first.manifest.key]
    storage.put(damage, "artifacts", first.manifest.key)
    assert stage(request(config), storage, config).run.cached == ()
    assert storage.objects["artifacts", first.manifest.key] == written


@pytest.fixture
def replacing(storage, monkeypatch):
    """Another CSV comes under the same key while this one is read."""
    write = storage.write

    def write_and_replace(reference, content, content_type):
        if reference.key.endswith(".npz"):
            storage.put(SMALL + b"e,1,up,1\n")
        return write(reference, content, content_type)

    monkeypatch.setattr(storage, "write", write_and_replace)
    return storage.put(SMALL)


def test_a_csv_replaced_while_it_is_read_is_a_changed_dataset(replacing, config):
    storage = replacing
    with pytest.raises(
        DatasetChangedError, match="was replaced while the run went on: start it again for s3://"
    ):
        stage(request(config), storage, config)
    assert not [key for key in storage.artifact_keys() if key.endswith("manifest.json")]


def test_a_version_that_the_request_names_is_read_whatever_comes_after_it(replacing, config):
    assert stage(request(config, version_id=SMALL_VERSION), replacing, config).dataset["rows"] == 4


STABLE = ("artifacts", "models/training_pipeline.pkl")


def test_the_conditions_say_what_the_stable_key_held_when_the_run_began(storage, config):
    content = b'{"metrics": {"accuracy": 0.75, "f1": null}}'
    storage.put(SMALL).put(content, *STABLE)
    model = stage(request(config), storage, config).run.conditions.current_model
    assert model.sha256 == hashlib.sha256(content).hexdigest()
    assert model.metrics == {"accuracy": 0.75, "f1": None}


@pytest.mark.parametrize(
    "content",
    [
        b"a pickle",
        b"\xff",
        b"[]",
        b'{"metrics": 1}',
        b'{"metrics": {"accuracy": "good"}}',
        b'{"metrics": {"' + b"x" * 100 + b'": 1}}',
        b'{"metrics": {' + b",".join(b'"m%d": 1' % i for i in range(100)) + b"}}",
        b"[" * 100_000,
    ],
)
def test_something_else_under_the_stable_key_has_no_metrics(content, storage, config):
    storage.put(SMALL).put(content, *STABLE)
    model = stage(request(config), storage, config).run.conditions.current_model
    assert (model.metrics, model.sha256) == ({}, hashlib.sha256(content).hexdigest())
