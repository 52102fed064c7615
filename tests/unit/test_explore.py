"""explore/: the guided script on files that the real steps made, and the copying of those files out of S3."""

import io
import json
import os
import runpy
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from fetch import fetch

from fetch_and_validate import handler as fetch_and_validate
from publish_artifact import handler as publish_artifact
from shared.storage import Storage
from summarize import handler as summarize

SCRIPT = Path(__file__).resolve().parents[2] / "explore" / "model.py"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def font_cache(tmp_path_factory) -> Iterator[str]:
    """Made once: matplotlib looks through all fonts of the system."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLCONFIGDIR", str(tmp_path_factory.mktemp("matplotlib")))
        yield os.environ["MPLCONFIGDIR"]


def script(folder: Path) -> str:
    """What the script prints, run here: an interpreter of its own for every test would import its libraries again."""
    with (
        pytest.MonkeyPatch.context() as patch,
        warnings.catch_warnings(action="error"),
        redirect_stdout(io.StringIO()) as told,
    ):
        patch.setattr(sys, "argv", ["model.py", str(folder)])
        try:
            runpy.run_path(str(SCRIPT), run_name="__main__")
        finally:
            sys.modules["matplotlib.pyplot"].close("all")
    return told.getvalue()


@pytest.fixture
def explored(s3, monkeypatch, tmp_path, font_cache):
    """Trains on a CSV, copies the run's files, and runs the script on them: what it printed."""
    for module in (fetch_and_validate, summarize, publish_artifact):
        monkeypatch.setattr(module, "storage", Storage(s3))

    def run(content: bytes, **fields) -> str:
        event = {"key": "data/a.csv", "model": "gaussian", **fields}
        s3.put_object(Bucket="ml-data-demo", Key=event["key"], Body=content)
        for module in (fetch_and_validate, summarize, publish_artifact):
            event = module.handler(event, None)
        at = event["artifact"]
        artifact = json.loads(s3.get_object(Bucket=at["bucket"], Key=at["key"])["Body"].read())
        fetch(artifact, s3, tmp_path)
        told = script(tmp_path)
        assert (tmp_path / "model.png").read_bytes().startswith(PNG)
        return told

    return run


@pytest.mark.parametrize("covariance", ["diagonal", "pooled", "full"])
def test_the_rebuilt_estimator_has_the_artifacts_accuracy_on_the_held_out_rows(
    explored, sample_csv, covariance
):
    told = explored(sample_csv.read_bytes(), covariance=covariance)
    (line,) = [line for line in told.splitlines() if line.startswith("accuracy")]
    found, said = line.split()[1], line.split()[-3]
    assert line == f"accuracy {found} on held-out rows; the artifact says {said} held out"
    assert found == said


def test_a_shuffled_run_of_three_classes(explored, data_directory, tmp_path):
    """Run as a person runs it, too."""
    told = explored((data_directory / "iris.csv").read_bytes(), label_column="species", split="shuffled")
    assert "X (150, 4), classes {'setosa': 50, 'versicolor': 50, 'virginica': 50}" in told
    assert " on held-out rows; the artifact says" in told
    done = subprocess.run(
        [sys.executable, "-W", "error", SCRIPT, tmp_path], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, told), done.stderr


def test_names_that_a_plotting_library_would_read_as_formulas(explored):
    rows = "".join(f"{i},{i * i % 7},{'$x_1$' if i % 3 else '<b>^^</b>'}\n" for i in range(40))
    told = explored(f"$\\alpha,b_1,label\n{rows}".encode())
    assert told.splitlines()[-1].startswith("picture: ")


def test_a_column_that_never_changes_is_in_the_parts_and_not_in_the_model(explored):
    rows = "".join(f"{40 - i},5,{i * i % 7},{'up' if i % 3 else 'down'}\n" for i in range(40))
    assert "X (40, 2), classes {'down': 14, 'up': 26}" in explored(f"a,constant,b,label\n{rows}".encode())


def test_of_a_run_of_older_code_all_rows_of_a_shuffled_split_are_looked_at(
    explored, data_directory, tmp_path
):
    explored((data_directory / "iris.csv").read_bytes(), label_column="species", split="shuffled")
    (tmp_path / "test-rows.npz").unlink()
    assert " on all rows; the artifact says" in script(tmp_path)


@pytest.mark.parametrize(
    "model",
    [
        {"covariance": "pooled"},
        {"covariance": "diagonal"},
        {"model": "logistic", "split": "shuffled"},
        {"model": "boosted_trees"},
        {"model": "auto", "split": "shuffled"},
    ],
)
def test_a_table_with_texts_dates_and_missing_cells(explored, model):
    """Of every kind of model the rows are looked at; the accuracy is that of the artifact."""
    rows = "".join(
        f"{2024 + i // 336}-{i // 28 % 12 + 1:02d}-{i % 28 + 1:02d},{['red', 'green', ''][i * i % 3]},"
        f"{'' if i % 9 == 4 else 7 * i % 11},{'up' if i * i % 3 and i % 5 else 'down'}\n"
        for i in range(400)
    )
    told = explored(f"day,colour,size,label\n{rows}".encode(), **model)
    (line,) = [line for line in told.splitlines() if line.startswith("accuracy")]
    assert line.split()[1] == line.split()[-3]
    assert ("scikit-learn's estimator with the artifact's numbers says the same" in told) == (
        model == {"covariance": "pooled"}
    )


def test_a_key_moves_no_cursor(explored):
    rows = "".join(f"{i},{i * i % 7},{'up' if i % 3 else 'down'}\n" for i in range(40))
    told = explored(f"a,b,label\n{rows}".encode(), key="data/a\x1b[2J.csv", artifact_key="models/a.pkl")
    assert told.splitlines()[0].startswith("data/a\\u001b[2J.csv: 40 rows")


def test_parts_of_an_earlier_run_do_not_stay(s3, tmp_path):
    (tmp_path / "part-00007.npz").write_bytes(b"old")
    s3.put_object(Bucket="artifacts", Key="runs/r/dataset/shard-00000/part-00000.npz", Body=b"new")
    manifest = {"parts": [{"key": "runs/r/dataset/shard-00000/part-00000.npz"}], "shards": []}
    s3.put_object(Bucket="artifacts", Key="runs/r/dataset/manifest.json", Body=json.dumps(manifest))
    fetch({"request": {"artifact_bucket": "artifacts"}, "lineage": {"run_id": "r"}}, s3, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "artifact.json",
        "manifest.json",
        "part-00000.npz",
    ]
    assert (tmp_path / "part-00000.npz").read_bytes() == b"new"
