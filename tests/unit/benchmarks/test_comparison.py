"""The comparison: its counts and its page, and that the pipeline's way of doing the job is the script's."""

import csv
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import f1_score

import processes
import three_ways
import three_ways_document

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "benchmarks" / "comparison"
SAMPLE = ROOT / "data" / "btc_candles_labeled_sample.csv"


def result(seconds: float) -> dict:
    way = {
        "cold_seconds": seconds,
        "warm_seconds": 1,
        "peak_mb": 10,
        "lines": 3,
        "metrics": {"accuracy": 0.5, "f1": 0.25},
    }
    machine = {"processor": "a processor", "cores": 2, "memory_gb": 8, "python": "3.13.0"}
    return {
        "started_at": "2026-01-02T03:04:05",
        "machine": machine,
        "load": [0.1, 0.2],
        "repeat": 4,
        "ways": {"a way": way},
    }


def test_lines_of_code_leave_out_blank_lines_comments_and_docstrings(tmp_path):
    path = tmp_path / "job.py"
    path.write_text(
        '"""What it\n\ndoes."""\n\nimport os  # counts\n\n# not this\n\ndef f():\n    """Nor this."""\n    return os\n'
    )
    assert three_ways.code_lines(path) == 3


def test_metrics_are_found_behind_a_log_prefix():
    assert three_ways.metrics_in('12:00 [1/end/3] {"accuracy": 0.5, "f1": 0.25}\nDone!\n') == {
        "accuracy": 0.5,
        "f1": 0.25,
    }
    with pytest.raises(processes.BenchmarkError, match="no metrics"):
        three_ways.metrics_in("Done!")


def test_the_table_is_put_into_the_page_in_the_place_of_the_last_one():
    page = f"before\n{three_ways_document.BEGIN}{three_ways_document.END}after\n"
    first = three_ways_document.with_measured(page, three_ways.markdown(result(1.0)))
    second = three_ways_document.with_measured(first, three_ways.markdown(result(2.0)))
    assert "| a way | 2.00 | 1.00 | 10 | 3 | 0.5000 | 0.2500 |" in second
    assert "1.00 | 1.00" not in second
    assert (second.startswith("before\n"), second.endswith("after\n")) == (True, True)
    with pytest.raises(ValueError, match="lacks the lines"):
        three_ways_document.with_measured("no place", "")


def test_the_page_counts_the_lines_that_are_there_and_finds_one_model():
    page = three_ways_document.PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+) \|((?: [\d.]+ \|){6})$", page, re.MULTILINE))
    assert list(rows) == [three_ways.SCRIPT, three_ways.FLOW, three_ways.HANDLERS, three_ways.CLOUD]
    cells = {name: row.strip(" |").split(" | ") for name, row in rows.items()}
    assert cells[three_ways.SCRIPT][3] == str(three_ways.code_lines(FOLDER / "script.py"))
    assert cells[three_ways.FLOW][3] == str(three_ways.code_lines(FOLDER / "flow.py"))
    assert len({tuple(row[4:]) for row in cells.values()}) == 1


def test_the_three_handlers_in_one_process_find_scikit_learns_metrics(tmp_path):
    call = [sys.executable, FOLDER / "three_handlers.py", SAMPLE, tmp_path]
    environment = {"PYTHONPATH": f"{ROOT / 'functions'}:{ROOT / 'benchmarks'}"}
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=True)
    with SAMPLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = ("open", "high", "low", "close", "volume")
    features = np.array([[float(row[name]) for name in names] for row in rows])
    labels = np.array([row["label"] for row in rows])
    train = len(rows) - math.ceil(0.2 * len(rows))
    model = LinearDiscriminantAnalysis(solver="lsqr").fit(features[:train], labels[:train])
    predicted = model.predict(features[train:])
    assert three_ways.metrics_in(done.stdout) == pytest.approx(
        {
            "accuracy": float(np.mean(predicted == labels[train:])),
            "f1": f1_score(labels[train:], predicted, pos_label=model.classes_[1]),
        }
    )
    artifact = json.loads((tmp_path / "artifacts" / "models" / "training_pipeline.pkl").read_text())
    assert [column["name"] for column in artifact["signature"]["inputs"]] == list(names)
