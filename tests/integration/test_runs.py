"""Listing and comparing real runs."""

import json

import pytest


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
        output["dataset"]["version_id"],
        f"{output['metrics']['accuracy']:.4f}",
    ):
        assert shown in lines[newer]


def test_what_differs_between_two_runs_is_marked(pipeline, two):
    first, second = (json.loads(execution["output"]) for execution in two)
    done = pipeline.cloud.command("compare", "--a", names(two)[0], "--b", second["run"]["run_id"])
    assert done.returncode == 0, done.stderr
    lines = {line.partition("  ")[0]: line for line in done.stdout.splitlines()}
    assert lines["request: covariance"].split()[2:] == ["*", "diagonal", "full"]
    assert "*" not in lines["request: test_size"]
    assert "*" not in lines["data: version_id"]
    difference = second["metrics"]["accuracy"] - first["metrics"]["accuracy"]
    assert lines["metric: accuracy"].split()[-1] == f"{difference:+.4f}"


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
