"""Listing and comparing real runs."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def two(pipeline, sample) -> list[dict]:
    done = [pipeline.execute({"covariance": name, "test_size": 0.21}) for name in ("diagonal", "full")]
    assert [execution["status"] for execution in done] == ["SUCCEEDED"] * 2, done
    return done


def names(two: list[dict]) -> list[str]:
    return [execution["executionArn"].rpartition(":")[2] for execution in two]


def test_runs_are_listed_newest_first_with_their_metrics(pipeline, two):
    done = pipeline.cloud.command("runs")
    assert done.returncode == 0, done.stderr
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    older, newer = names(two)
    listed = list(lines)
    assert listed.index(newer) < listed.index(older)
    output = json.loads(two[1]["output"])
    for shown in (
        output["run"]["run_id"],
        output["artifact"]["sha256"][:12],
        "btc_candles_labeled_sample.csv",
        "Gaussian, full",
        f"{output['metrics']['accuracy']:.4f}",
    ):
        assert shown in lines[newer]


def test_what_differs_between_runs_is_shown_and_paired_on_the_same_test_rows(pipeline, two):
    first, second = (json.loads(execution["output"]) for execution in two)
    done = pipeline.cloud.command("compare", "--runs", f"{names(two)[0]} {second['run']['run_id']}")
    assert done.returncode == 0, done.stderr
    lines = {line.strip().partition("  ")[0]: line for line in done.stdout.splitlines()}
    assert lines["covariance"].split() == ["covariance", "diagonal", "full"]
    assert "test_size" not in lines
    figures = "  +".join(f"{one['metrics']['accuracy']:.4f}" for one in (first, second))
    assert re.search(rf"^  accuracy  +{figures}", done.stdout, re.M)
    assert "B against A, row by row on the same " in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_comparison_is_a_document_too(pipeline, two):
    done = pipeline.cloud.command("compare", "--a", names(two)[0], "--b", names(two)[1], "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert [run["name"] for run in said["runs"]] == names(two)
    metrics = [json.loads(execution["output"])["metrics"] for execution in two]
    (paired,) = said["paired"]
    loss, accuracy = paired["differences"]
    assert accuracy["difference"] == pytest.approx(metrics[1]["accuracy"] - metrics[0]["accuracy"], abs=1e-12)
    assert loss["difference"] == pytest.approx(metrics[1]["log_loss"] - metrics[0]["log_loss"], rel=1e-9)


def test_an_unknown_run_is_one_line(pipeline, two):
    done = pipeline.cloud.command("compare", "--a", "nope")
    assert done.returncode == 2
    assert done.stderr.startswith("compare: no execution is named 'nope'")
    assert done.stderr.count("\n") == 1


def test_the_report_has_the_runs_and_models_with_their_traces_and_cards(pipeline, two, tmp_path):
    page = tmp_path / "index.html"
    done = pipeline.cloud.command("report", "--page", page, "--count", 2)
    assert done.returncode == 0, done.stderr
    assert page.as_uri() in done.stdout
    text = page.read_text()
    for execution, name in zip(two, names(two), strict=True):
        model = json.loads(execution["output"])["artifact"]["sha256"][:12]
        assert f'<a href="traces/{name}.html">{name}</a>' in text
        assert f'href="cards/{model}.html"' in text
        assert name in (tmp_path / "traces" / f"{name}.html").read_text()
        assert (tmp_path / "cards" / f"{model}.html").exists()


def test_the_commands_and_pages_that_a_run_names_last_work_as_they_stand(pipeline, tmp_path):
    data = tmp_path / "named next.csv"
    data.write_bytes((ROOT / "tests/data/iris.csv").read_bytes())
    for seed in (1, 2):
        done = pipeline.cloud.command(
            "run-pipeline", "--data", data, "--label", "species", "--input", json.dumps({"seed": seed}),
            "--record", tmp_path / "execution.json",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    commands = re.findall(r"(?m)^(?:next)? +(make .*)$", done.stdout)
    assert [command.split()[1] for command in commands] == ["card", "predict", "compare"]
    for command in commands:
        asked = command.replace("new.csv", f"'{data}'")
        said = pipeline.cloud.run("bash", "-c", asked)
        assert said.returncode == 0, f"{asked}: {said.stderr}"
    pages = dict(re.findall(r"(?m)^(card|trace|report) +(file://.*)$", done.stdout))
    assert sorted(pages) == ["card", "report", "trace"]
    for name, page in pages.items():
        assert "<!doctype html>" in Path.from_uri(page).read_text().lower(), name
