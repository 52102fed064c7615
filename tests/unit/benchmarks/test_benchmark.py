"""The benchmark's own side, at tiny sizes and without its environment: no timing is asserted here."""

import csv
import sys
from pathlib import Path

import pytest

import measurements
import mixed_parsing
import mixed_table
import processes
from candle_files import QUOTING, rows_for, write_candles
from competitors import model_service, scikit_learn, standard_library
from document import BEGIN, END, with_results
from folder_storage import FolderStorage
from result_tables import Table, as_markdown, as_text, disturbances, mixed_rows, wide_rows
from shared.errors import (
    ArtifactConflictError,
    DatasetChangedError,
    DatasetNotFoundError,
    InvalidRequestError,
)
from shared.event_fields import S3Reference
from summarize.summarize import summarize
from targets import mixed_target, targets

PYTHON = Path(sys.executable)
ROWS = 3000


@pytest.fixture
def root(tmp_path):
    (tmp_path / "ml-data-demo").mkdir()
    return tmp_path


@pytest.fixture
def candles(root):
    path = root / "ml-data-demo" / "candles.csv"
    write_candles(path, ROWS)
    return path


def read(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


class TestCandleFiles:
    def test_the_same_bytes_every_time(self, candles, tmp_path):
        write_candles(tmp_path / "again.csv", ROWS)
        assert (tmp_path / "again.csv").read_bytes() == candles.read_bytes()

    def test_they_are_candles(self, candles):
        header, *rows = read(candles)
        assert header == ["timestamp", "open", "high", "low", "close", "volume", "label"]
        assert len(rows) == ROWS
        assert len({row[0] for row in rows}) == ROWS
        assert {row[6] for row in rows} == {"0", "1"}
        for first, high, low, last in ([float(cell) for cell in row[1:5]] for row in rows):
            assert 0 < low <= min(first, last) <= max(first, last) <= high

    def test_the_sample_comes_again_with_other_numbers(self, tmp_path):
        write_candles(tmp_path / "long.csv", 2 * 8727)
        _, *rows = read(tmp_path / "long.csv")
        first, second = rows[0], rows[8727]
        assert first[6] == second[6]
        assert float(first[1]) != float(second[1])
        assert float(first[1]) == pytest.approx(float(second[1]), rel=0.03)

    def test_quoting_changes_no_cell(self, candles, tmp_path):
        for quoting in QUOTING:
            write_candles(tmp_path / "quoted.csv", ROWS, quoting)
            assert read(tmp_path / "quoted.csv") == read(candles)
        assert (tmp_path / "quoted.csv").read_bytes().count(b'"') == 14 * (ROWS + 1)

    def test_a_file_is_about_as_large_as_asked_for(self, tmp_path):
        write_candles(tmp_path / "half.csv", rows_for(0.5))
        assert (tmp_path / "half.csv").stat().st_size == pytest.approx(0.5e6, rel=0.02)


def test_our_own_steps_do_their_work_in_every_repetition(tmp_path):
    csv = tmp_path / "data" / "rows.csv"
    csv.parent.mkdir()
    csv.write_text("x,label\n" + "1,a\n2,b\n3,a\n4,b\n" * 10)
    for _ in range(2):
        dataset = model_service.staged(csv, tmp_path, FolderStorage(tmp_path))
        summary = summarize(dataset, FolderStorage(tmp_path))
        assert summary.dataset.run.cached == ()


class TestFolderStorage:
    def test_a_pinned_file_streams_in_chunks(self, root):
        content = bytes(range(256)) * 10_000
        (root / "ml-data-demo" / "a.csv").write_bytes(content)
        storage = FolderStorage(root)
        pinned = storage.pin("ml-data-demo", "a.csv")
        chunks = list(storage.stream(pinned))
        assert (pinned.bucket, pinned.key, pinned.bytes) == ("ml-data-demo", "a.csv", len(content))
        assert b"".join(chunks) == content
        assert {len(chunk) for chunk in chunks[:-1]} == {1 << 18}

    def test_what_is_written_is_read(self, root):
        storage = FolderStorage(root)
        reference = S3Reference("artifacts", "runs/1/part.npz")
        storage.write(reference, b"content", "application/zip")
        assert storage.read(reference) == b"content"
        assert (root / "artifacts/runs/1/part.npz").read_bytes() == b"content"

    def test_what_is_written_once_stays(self, root):
        storage = FolderStorage(root)
        reference = S3Reference("artifacts", "models/1.json")
        storage.write_once(reference, b"content", "application/json")
        storage.write_once(reference, b"content", "application/json")
        with pytest.raises(ArtifactConflictError):
            storage.write_once(reference, b"other", "application/json")
        assert storage.read(reference) == b"content"

    def test_what_is_missing_is_the_same_error_as_on_s3(self, root):
        storage = FolderStorage(root)
        with pytest.raises(DatasetNotFoundError):
            storage.pin("ml-data-demo", "none.csv")
        with pytest.raises(InvalidRequestError):
            storage.read(S3Reference("artifacts", "none"))
        with pytest.raises(DatasetChangedError):
            storage.read(S3Reference("artifacts", "none"), missing=DatasetChangedError)


class TestCompetitors:
    def test_ours_agree_with_scikit_learn(self, candles, root):
        _, *rows = read(candles)
        features = scikit_learn.np.array([[float(cell) for cell in row[1:6]] for row in rows])
        labels = scikit_learn.np.array([int(row[6]) for row in rows])
        found = {"scikit-learn": scikit_learn.fit_and_evaluate(features, labels)}
        for name, module, function in (
            ("model service", "model_service", "run"),
            ("model service with boto3", "model_service_with_boto3", "run"),
            ("FetchAndValidate", "model_service", "fetch_and_validate"),
            ("Summarize", "model_service", "summarize_alone"),
            ("bare standard library", "standard_library", "run"),
        ):
            found[name] = processes.work(PYTHON, module, function, candles, root)
            assert found[name]["peak_mb"] > 0
        assert measurements.agreed(0, found)["rows"] == ROWS

    @pytest.mark.parametrize("block_bytes", [512, 4096, 1 << 20])
    def test_the_bare_bound_reads_every_row_whatever_the_blocks(self, candles, block_bytes):
        assert standard_library.parse(candles, block_bytes) == ROWS

    def test_a_disagreement_ends_the_benchmark(self):
        ours = {"rows": 10, "accuracy": 0.5, "f1": 0.5}
        with pytest.raises(
            processes.BenchmarkError, match=r"accuracy is .* for model service, .* for pandas"
        ):
            measurements.agreed(1, {"model service": ours, "pandas": ours | {"accuracy": 0.6}})

    def test_a_competitor_that_fails_is_one_line(self, root):
        with pytest.raises(processes.BenchmarkError, match=r"^[^\n]+FileNotFoundError[^\n]+$"):
            processes.work(PYTHON, "standard_library", "run", root / "none.csv", root)


def test_the_peak_is_that_of_the_process():
    """Not of the process that starts it, and not of an earlier child."""
    large = processes.run(PYTHON, "-c", "x = b'x' * 100_000_000")
    small = processes.run(PYTHON, "-c", "print('said')")
    assert 100 < large.peak_mb < 150
    assert small.peak_mb < 50
    assert small.output == "said\n"


def test_a_quick_benchmark_has_a_verdict_for_every_target_it_can_judge(result):
    verdicts = [(target.measured, target.met) for target in targets(result)]
    assert verdicts == [
        ("0.90", True),  # parsing: unquoted, some quoted, all quoted
        ("0.50", True),
        ("0.30", False),
        ("100", True),  # fit and evaluate
        ("3.0", True),  # whole process: speed, memory
        ("0.30", False),
        ("3.0", True),  # with boto3
        ("0.30", False),
        ("30", True),  # imports
        ("31", False),
    ]


@pytest.fixture
def result():
    ours = {"whole_seconds": {"best": 0.4}, "peak_mb": {"best": 30}}
    step = {"processor_seconds": {"best": 0.01}, "peak_mb": {"best": 40}}
    return {
        "parsing": {
            "part_mb": 8.4,
            "validated": {
                "unquoted": {"ratio": 0.9},
                "text and label quoted": {"ratio": 0.5},
                "all quoted": {"ratio": 0.3},
            },
        },
        "sizes": [
            {
                "megabytes": 1,
                "bytes": 1_000_000,
                "competitors": {
                    "model service": ours,
                    "model service with boto3": ours,
                    "pandas + scikit-learn": {"whole_seconds": {"best": 1.2}, "peak_mb": {"best": 100}},
                },
                "steps": {"FetchAndValidate": step, "Summarize": step},
            }
        ],
        "imports": {"handlers_ms": {"fetch_and_validate": {"best": 30}, "summarize": {"best": 31}}},
    }


def test_memory_is_bounded_when_a_larger_file_takes_no_more_than_a_part(result):
    small = result["sizes"][0]
    full = {
        "FetchAndValidate": {"processor_seconds": {"best": 1}, "peak_mb": {"best": 60}},
        "Summarize": {"processor_seconds": {"best": 1}, "peak_mb": {"best": 60}},
    }
    grown = full | {"Summarize": {"processor_seconds": {"best": 1}, "peak_mb": {"best": 69}}}
    result["sizes"] += [
        small | {"megabytes": 100, "steps": full},
        small | {"megabytes": 1000, "steps": grown},
    ]
    assert [(target.measured, target.met) for target in targets(result)[-2:]] == [
        ("0.0", True),
        ("9.0", False),
    ]


def test_a_run_that_waited_for_a_core_is_told():
    quiet = {"work_seconds": {"best": 50.0}, "processor_seconds": {"best": 49.0}}
    busy = {"work_seconds": {"best": 88.0}, "processor_seconds": {"best": 52.0}}
    threads = {"work_seconds": {"best": 1.0}, "processor_seconds": {"best": 0.1}}
    competitors = {"model service": quiet, "model service with boto3": busy, "polars + scikit-learn": threads}
    assert disturbances({"sizes": [{"megabytes": 1000, "competitors": competitors}]}) == [
        "Other work disturbed model service with boto3 at 1000 MB: its 88.0 s hold 52.0 s of processor time."
    ]


def test_a_table_as_text_and_as_markdown():
    table = Table("Speed", "the best of 2", ("", "1 MB"), [("ours", "0.5 s"), ("theirs", "10 s")])
    assert as_text(table) == "Speed (the best of 2)\n            1 MB\n  ours     0.5 s\n  theirs    10 s"
    assert as_markdown(table) == (
        "### Speed\n\nThe best of 2.\n\n|  | 1 MB |\n| --- | ---: |\n| ours | 0.5 s |\n| theirs | 10 s |"
    )


def test_only_the_results_of_the_page_are_replaced():
    page = f"# Title\n{BEGIN}old\n{END}more\n"
    assert with_results(page, "new") == f"# Title\n{BEGIN}\nnew\n\n{END}more\n"
    with pytest.raises(ValueError, match="lacks the lines"):
        with_results("# Title\n", "new")


def test_the_mixed_table_is_text_dates_and_holes_and_the_bare_loop_reads_all_of_it(tmp_path):
    (tmp_path / "data").mkdir()
    csv_file = tmp_path / "data" / "mixed.csv"
    mixed_table.write_mixed(csv_file, 3000)
    assert mixed_parsing.bare_loop(csv_file) == 3000
    assert mixed_table.rows_for(csv_file.stat().st_size / 1e6) == pytest.approx(3000, rel=0.02)

    dataset = model_service.staged(csv_file, tmp_path, FolderStorage(tmp_path), mixed_table.LABEL).dataset

    assert (dataset["rows"], dataset["invalid_rows"]) == (3000, 0)
    assert {kind: used["count"] for kind, used in dataset["used"].items()} == {
        "number": 10,
        "date": 2,
        "category": 8,
    }
    assert dataset["missing_cells"]["count"] == pytest.approx(0.05 * 20 * 3000, rel=0.05)
    assert dataset["time_order"] == "moment"


@pytest.mark.parametrize(("ratio", "met"), [(0.5, True), (0.49, False)])
def test_a_mixed_table_has_a_target_and_a_table(ratio, met):
    readers = {
        name: {"seconds": {"best": 2.0}, "mb_per_second": 5.0, "ratio": 1.0}
        for name in ("bare loop", "FetchAndValidate", "pandas")
    }
    readers["FetchAndValidate"]["ratio"] = ratio
    mixed = {"rows": 1000, "rounds": 3, "peak_mb": 40.0, "readers": readers}
    target = mixed_target(mixed)
    assert (target.met, target.measured) == (met, f"{ratio:.2f}")
    assert mixed_rows(mixed).rows[1] == ("FetchAndValidate", "5.0", "500", f"{ratio:.2f}")


def test_few_columns_and_many_are_measured_with_and_without_covariances(root, monkeypatch):
    monkeypatch.setattr(measurements, "OURS", PYTHON)
    monkeypatch.setattr(measurements, "WIDTHS", (2, 30))

    wide = measurements.wide(root, 0.05, 1, lambda _: None)

    assert [(found["columns"], found["covariance"], found["rows"]) for found in wide["tables"]] == [
        (2, "diagonal", 3125),
        (2, "pooled", 3125),
        (30, "diagonal", 208),
        (30, "pooled", 208),
    ]
    table = wide_rows(wide | {"tables": [wide["tables"][0] | {"summarized_mb_per_second": 3.14}]})
    assert table.rows[0][::2] == ("2 columns, diagonal", "3.1")
    assert not list(root.glob("*/wide.csv"))
