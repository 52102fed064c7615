"""Runs side by side: what differs, better and worse, rejected and failed runs, 80 columns, Markdown, JSON."""

import hashlib
import json
import re
from datetime import UTC, datetime

import pytest

from model_service_cli.door import CommandError
from model_service_cli.runs import compare
from model_service_cli.runs.compare import compared, details
from model_service_cli.runs.compared import Compared, Row, drifts, rows
from model_service_cli.runs.comparison_text import (
    WIDTH,
    Comparison,
    cut,
    document,
    drift_words,
    markdown,
    text_lines,
)
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.listed_runs import ListedRun
from model_service_cli.runs.paired import Difference
from model_service_cli.runs.steps import Failure, Step

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
ARN = "arn:aws:states:us-east-1:000000000000:execution:m:20260101T120000Z-run-"
METRICS = {"accuracy": 0.7, "log_loss": 0.6, "baseline_accuracy": 0.5, "roc_auc": 0.75}


def run(number: int, status: str = "SUCCEEDED", request: dict | None = None, **more) -> Compared:
    known = {
        "run": {"run_id": f"{number}" * 20},
        "dataset": {"bucket": "b", "key": "data/k.csv", "version_id": "v1", "rows": 100},
        "metrics": METRICS,
        "verdict": {"outcome": "better", "sentence": "It is."},
        **more,
    }
    asked = {"label_column": "y", "seed": number, "model": "logistic", **(request or {})}
    output, steps = json.dumps(known), ()
    if status != "SUCCEEDED":
        output, steps = None, (Step("Summarize", "Task", "SUCCEEDED", BEGIN, 1, output=output),)
    failure = None if status == "SUCCEEDED" else Failure("ModelRejectedError", "accuracy 0.7 is below 0.9")
    execution = Execution(f"{ARN}{number}", status, json.dumps(asked), output, failure, BEGIN, 1500, steps)
    return Compared(execution, {"request": asked}, {})


def comparison(*runs: Compared, **more) -> Comparison:
    return Comparison(runs, tuple(rows(runs)), more.get("paired", {}), more.get("drifts", {}))


def shown(found: Comparison, everything: bool = False) -> list[str]:
    return ["".join(text for text, _ in line).rstrip() for line in text_lines(found, everything)]


def line(lines: list[str], name: str) -> list[str]:
    return next(one for one in lines if one.startswith(f"  {name} ")).split()


def test_only_differences_are_shown_unless_all_are_asked_for():
    found = comparison(run(1), run(2, metrics=METRICS | {"accuracy": 0.75, "log_loss": 0.65}))
    lines = shown(found)
    assert line(lines, "seed") == ["seed", "1", "2"]
    assert not any(one.startswith("  version_id") for one in lines)
    assert re.search(r"^\d+ more are the same \(ALL=yes shows them\)$", "\n".join(lines), re.M)
    assert line(shown(found, everything=True), "version_id") == ["version_id", "v1", "v1"]


def test_of_folders_the_objects_are_compared():
    folder = {"bucket": "b", "key": "data/t/", "version_id": None, "etag": "e", "bytes": 9, "rows": 100}
    lines = shown(
        comparison(run(1, dataset=folder | {"objects": 2}), run(2, dataset=folder | {"objects": 3}))
    )
    assert line(lines, "objects") == ["objects", "2", "3"]
    assert not any(one.startswith("  objects") for one in shown(comparison(run(1), run(2)), everything=True))


def test_better_and_worse_figures_are_marked_whichever_way_is_better():
    found = comparison(
        run(1), run(2, metrics=METRICS | {"accuracy": 0.75, "log_loss": 0.65, "baseline_accuracy": 0.6})
    )
    lines = shown(found)
    assert line(lines, "accuracy") == ["accuracy", "0.7000", "0.7500", "+"]
    assert line(lines, "log_loss") == ["log_loss", "0.6000", "0.6500", "-"]
    assert line(lines, "baseline_accuracy") == ["baseline_accuracy", "0.5000", "0.6000"]
    assert "+ better than A, - worse, by the figure alone" in lines


def test_runs_in_which_nothing_differs_say_so():
    same = run(1)
    lines = shown(comparison(same, same))
    assert "Nothing differs." in lines


def test_a_rejected_run_is_compared_by_what_it_got_to():
    lines = shown(comparison(run(1), run(2, "FAILED", metrics=METRICS | {"accuracy": 0.69})))
    assert line(lines, "accuracy") == ["accuracy", "0.7000", "0.6900", "-"]
    assert line(lines, "status") == ["status", "succeeded", "failed"]
    assert "   ModelRejectedError: accuracy 0.7 is below 0.9" in lines


def test_a_run_that_failed_at_once_is_compared_by_its_request():
    execution = Execution(f"{ARN}2", "FAILED", '{"seed": 7}', None, Failure("E", "no"), BEGIN, 1, ())
    lines = shown(comparison(run(1), Compared(execution)))
    assert line(lines, "seed") == ["seed", "1", "7"]


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_a_terminal_of_80_columns_is_enough(count):
    found = comparison(
        *(
            run(number, request={"columns": {"x" * 60: "number" * 10}, "note": str(number) * 90})
            for number in range(count)
        ),
        paired={1: [Difference("log loss", -0.1, (-0.2, -0.05), "better", 30_000)]},
    )
    assert max(map(len, shown(found, everything=True))) <= WIDTH


def test_what_the_test_rows_show_stands_with_its_interval():
    better = Difference("log loss", -0.1, (-0.15, -0.05), "better", 1_000)
    open_ = Difference("accuracy", 0.01, (-0.01, 0.03), "not shown", 1_000)
    lines = shown(
        comparison(
            run(1), run(2), run(3), paired={1: [better, open_], 2: "their test rows are not the same ones"}
        )
    )
    assert "B against A, row by row on the same 1,000 test rows (95% interval)" in lines
    assert "  log loss  -0.1000  (-0.1500 to -0.0500)  better" in lines
    assert "  accuracy  +0.0100  (-0.0100 to +0.0300)  no difference shown" in lines
    assert "C against A: not row by row, their test rows are not the same ones" in lines


CHANGED = {
    "columns": {"gone": ["old"], "new": []},
    "kinds": [{"name": "zip", "before": "number", "now": "category"}],
    "compared": 4,
    "moved": [{"name": "age", "psi": 0.3, "chance": 0.02}, {"name": None, "psi": 0.2, "chance": 0.01}],
    "features": [
        {"name": "age", "psi": 0.3, "chance": 0.02, "missing_before": 0.0, "missing_now": 0.1},
        {"name": "sex", "psi": 0.01, "chance": 0.02, "missing_before": 0.0, "missing_now": 0.0},
    ],
    "class_psi": 0.2,
    "class_chance": 0.01,
}


def test_how_the_data_changed_is_said_column_by_column():
    assert list(drift_words(CHANGED)) == [
        "columns gone: old",
        "zip: number before, category now",
        "1 of 4 columns moved beyond chance:",
        f"  {'age':<30}  large     index 0.300, chance 0.020",
        "the classes' shares moved: index 0.200, chance 0.010",
    ]
    lines = shown(comparison(run(1), run(2), drifts={1: CHANGED}))
    assert "data of B against A's" in lines


def test_data_without_profiles_and_the_same_data_have_no_drift():
    assert list(drifts([run(1), run(2)])) == []


def test_profiles_of_two_versions_of_the_data_are_compared():
    def profiled(number: int, version: str, counts: list[int]) -> Compared:
        one = run(number, dataset={"bucket": "b", "key": "k", "version_id": version})
        profile = {"kind": "number", "edges": [1.0, 2.0], "missing": {"train": 0, "test": 0},
                   "train": {"a": counts}, "test": {"a": [0, 0, 0]}}  # fmt: skip
        columns = [{"name": "x", "role": "feature", "kind": "number"}, {"name": "y", "role": "label"}]
        manifest = {"columns": columns, "report": {"classes": {"a": sum(counts)}}}
        profiles = {"rows": {"train": sum(counts), "test": 0}, "columns": {"x": profile}}
        return Compared(one.execution, manifest, {"profiles": profiles, "split": {"time_order": None}})

    ((place, changed),) = drifts([profiled(1, "v1", [80, 10, 10]), profiled(2, "v2", [10, 10, 80])])
    assert place == 1
    assert changed["features"][0]["name"] == "x"
    assert [one["name"] for one in changed["moved"]] == ["x"]
    assert list(drifts([profiled(1, "v1", [80, 10, 10]), profiled(2, "v1", [80, 10, 10])])) == []


def test_markdown_is_a_table_whose_cells_stay_cells():
    found = comparison(
        run(1, request={"note": "a|b"}), run(2, request={"note": "<c>"}, metrics=METRICS | {"accuracy": 0.8})
    )
    lines = list(markdown(found, everything=False))
    assert lines[0].startswith("| | A: 20260101T120000Z-run-1 |")
    assert r"| request: note | a\|b | \<c> |" in lines
    assert "| metric: accuracy | 0.7000 | 0.8000 (better) |" in lines


def test_json_holds_everything_and_what_differs():
    paired = {1: [Difference("log loss", -0.1, (-0.15, -0.05), "better", 100)]}
    said = json.loads(json.dumps(document(comparison(run(1), run(2), paired=paired, drifts={1: CHANGED}))))
    by_name = {(row["section"], row["name"]): row for row in said["rows"]}
    assert by_name["request", "seed"] == {
        "section": "request",
        "name": "seed",
        "values": [1, 2],
        "differs": True,
    }
    assert by_name["metric", "accuracy"]["differs"] is False
    assert said["paired"][0]["differences"][0]["interval"] == [-0.15, -0.05]
    assert said["drift"][0]["compared"] == 4
    assert [one["status"] for one in said["runs"]] == ["SUCCEEDED", "SUCCEEDED"]


def test_names_of_others_move_no_cursor():
    lines = shown(comparison(run(1, request={"note\x1b[2J": "\x1b"}), run(2)), everything=True)
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize(
    ("text", "width", "said"), [("abc", 3, "abc"), ("abcdefghijkl", 8, "abc..jkl"), ("x" * 9, 8, "xxx..xxx")]
)
def test_a_long_text_is_cut_in_the_middle(text, width, said):
    assert cut(text, width) == said


@pytest.mark.parametrize(
    ("values", "outcome"),
    [((0.5, 0.6), "better"), ((0.5, 0.4), "worse"), ((0.5, 0.5), ""), ((None, 0.5), ""), ((True, 0.5), "")],
)
def test_a_figure_is_better_or_worse_where_both_have_one(values, outcome):
    assert Row("metric", "roc_auc", values).against_first(1) == outcome


def test_the_documents_and_the_test_rows_of_a_run_are_read_where_its_output_says(s3):
    def stored(name: str, content: object) -> dict:
        s3.put_object(Bucket="artifacts", Key=name, Body=json.dumps(content).encode())
        return {"bucket": "artifacts", "key": name}

    gone = {"bucket": "artifacts", "key": "gone"}
    output = {
        "summary": stored("summary.json", {"split": {"train_rows": 8}, "test_rows": gone}),
        "dataset": {"manifest": gone},
    }
    listed = ListedRun(f"{ARN}1", "SUCCEEDED", BEGIN, 1, {"seed": 1}, output)
    found = details(None, s3, listed)
    assert (found.manifest, found.summary["split"]) == ({}, {"train_rows": 8})
    # Without its manifest the request is told as it was given; without test rows nothing is paired.
    assert found.request == {"seed": 1}
    assert compared(s3, [found, found]).paired == {}


def test_a_model_names_the_run_that_published_it_by_its_name_or_file(monkeypatch, tmp_path):
    content = b'{"an": "artifact"}'
    digest = hashlib.sha256(content).hexdigest()
    runs = [
        ListedRun(f"{ARN}{number}", "SUCCEEDED", BEGIN, 1, {}, {"artifact": {"sha256": sha256}})
        for number, sha256 in enumerate(["0" * 64, digest, digest])
    ]
    monkeypatch.setattr(compare, "newest", lambda *_: iter(runs))
    monkeypatch.setattr(compare, "newest_succeeded", lambda *_: iter(runs))
    monkeypatch.setattr(compare, "client", lambda _: None)
    (tmp_path / "model.json").write_bytes(content)
    for model in (digest[:12], str(tmp_path / "model.json")):
        assert compare.choose(None, "m", [model]) == [runs[0], runs[1]]
    (tmp_path / "other.json").write_bytes(b"{}")
    with pytest.raises(CommandError, match=r"executions published .*other\.json, which is 44136fa355b3"):
        compare.choose(None, "m", [str(tmp_path / "other.json")])


def test_by_default_runs_on_the_same_data_are_compared(monkeypatch):
    def on(number: int, key: str) -> ListedRun:
        return ListedRun(
            f"{ARN}{number}", "SUCCEEDED", BEGIN, 1, {}, {"dataset": {"bucket": "b", "key": key}}
        )

    newest = [
        on(0, "data/iris.csv"),
        on(1, "data/btc.csv"),
        on(2, "data/iris.csv.gz"),
        on(3, "data/iris.csv"),
    ]
    monkeypatch.setattr(compare, "newest_succeeded", lambda *_: iter(newest))
    monkeypatch.setattr(compare, "find", lambda _, __, name: newest[int(name)])
    assert compare.choose(None, "m", []) == [newest[2], newest[0]]
    assert compare.choose(None, "m", ["3"]) == [newest[0], newest[3]]
    assert compare.choose(None, "m", ["1"]) == [newest[0], newest[1]]  # there is no other like it
    del newest[2:]
    assert compare.choose(None, "m", []) == [newest[1], newest[0]]
    del newest[1:]
    with pytest.raises(CommandError, match="not two executions"):
        compare.choose(None, "m", [])


def test_figures_of_another_question_are_no_better_and_no_worse():
    other = run(2, metrics=METRICS | {"accuracy": 0.75}, dataset={"bucket": "b", "key": "data/other.csv"})
    same = run(3, metrics=METRICS | {"accuracy": 0.75}, dataset={"bucket": "b", "key": "data/k.csv.gz"})
    told = shown(comparison(run(1), other, same))
    assert line(told, "accuracy") == ["accuracy", "0.7000", "0.7500", "0.7500", "+"]
    assert "B answers another question than A: other data, or another label" in told
    labelled = shown(
        comparison(run(1), run(2, request={"label_column": "z"}, metrics=METRICS | {"accuracy": 0.75}))
    )
    assert line(labelled, "accuracy") == ["accuracy", "0.7000", "0.7500"]
    assert not any(text.startswith("+ better") for text in labelled)
