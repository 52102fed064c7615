"""The report: runs by their data, small pictures of their metrics, links to cards and traces, no network, no script."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest
from reported import BEGIN, BETTER, MODELS, RUNS, failed, model, report_page, run
from traced_runs import ARN, SHA256, published, trained

from model_service_cli.models.versions import PublishedModel
from model_service_cli.report.chart import CLOSEST, HEIGHT, WIDTH, charts
from model_service_cli.report.entries import datasets, model_entry, run_entry
from model_service_cli.report.page import page
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.history import steps
from model_service_cli.trace.page_parts import breakable
from shared.event_fields import S3Reference


def words(text: str) -> str:
    return " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", text, flags=re.S)).split())


@pytest.fixture(scope="module")
def shown() -> str:
    return report_page()


def test_runs_stand_by_their_data_the_newest_first():
    found = list(datasets(RUNS, MODELS))
    assert [one.data for one in found] == ["data/iris.csv", "data/churn.csv"]
    assert [one.name for one in found[1].runs][:2] == [RUNS[7].name, RUNS[6].name]
    assert found[1].current.sha256 == MODELS[5].sha256
    assert found[0].current is None
    # What predicts another column is no point among the others.
    assert RUNS[6] not in found[1].drawn


def test_metrics_over_time_are_small_pictures_with_the_verdicts_colours_and_the_constant():
    accuracy, roc, loss = charts(RUNS[:6])
    assert [point.tone for point in accuracy.points] == ["unclear"] * 3 + ["good"] * 3
    xs, ys = [point.x for point in accuracy.points], [point.y for point in accuracy.points]
    assert xs == sorted(xs)
    assert ys == sorted(ys, reverse=True)  # accuracy rises, upwards
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in zip(xs, ys, strict=True))
    assert accuracy.constant
    assert roc.constant == loss.constant == ""
    assert accuracy.said == "accuracy: 6 runs, first 0.7000, last 0.7500, lowest 0.7000, highest 0.7500"


def test_equal_figures_are_a_level_line_on_a_scale_within_what_is_possible():
    accuracy, *_ = charts([run(0, metrics={"accuracy": 1.0}), run(1, metrics={"accuracy": 1.0})])
    assert {point.y for point in accuracy.points} == {10.0}
    assert (accuracy.low, accuracy.high) == (f"{1 - CLOSEST:.3g}", "1")
    *_, loss = charts([run(0, metrics={"log_loss": 0.0}), run(1, metrics={"log_loss": 0.0})])
    assert (loss.low, loss.high) == ("0", f"{CLOSEST:.3g}")


def test_one_run_is_no_picture():
    assert charts([run(0), failed(1)]) == []


def test_each_run_leads_to_its_trace_and_its_card(shown):
    assert f'<a href="traces/{RUNS[5].name}.html">{RUNS[5].name}</a>' in shown
    assert 'href="cards/050505050505.html"' in shown
    said = words(shown)
    assert "failed FetchAndValidate: InvalidDatasetError: line 3: not a number" in said
    assert (
        "failed ModelRejectedError: accuracy 0.77 is below min_accuracy 0.9 (not shown to be better)" in said
    )
    assert "Its current model is 050505050505 : Better than a constant answer on 300 test rows" in said
    assert "unreadable abababababab is damaged" in said
    assert "9 runs and 7 published models" in said


def test_the_page_needs_no_network_and_no_script(shown):
    assert "<script" not in shown
    assert not re.search(r'(src|href)="[a-z]+:', shown)
    assert "url(" not in shown
    assert "default-src 'none'" in shown


def test_its_tags_close_and_its_ids_are_given_once(shown):
    body = shown.partition("<body>")[2].partition("</body>")[0]
    ElementTree.fromstring(f"<body>{body}</body>")
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))


def test_what_others_wrote_is_text():
    hostile = '<img src=x onerror="1">'
    shown = page([failed(1, data=hostile, label=hostile)], [model(1, key=hostile)], BEGIN)
    assert "<img" not in shown
    assert hostile in unescape(shown)


def test_without_a_run_it_says_how_to_make_one():
    assert "Nothing has run yet" in page([], [], BEGIN)


def execution(status: str, history, output: str | None) -> Execution:
    return Execution(ARN, status, "{}", output, None, BEGIN, 1, tuple(steps(history.events)))


def test_a_run_is_told_by_its_output():
    history, _ = published()
    entry = run_entry(execution("SUCCEEDED", history, history.value), {"label_column": "species"})
    assert (entry.data, entry.label, entry.model) == (
        "data/penguins.csv",
        "species",
        "logistic regression, C = 3",
    )
    assert (entry.sha256, entry.metrics["accuracy"], entry.tone) == (SHA256, 0.9855, "good")


def test_a_run_that_failed_is_told_by_what_it_got_to():
    history, _ = trained(passed=False)
    entry = run_entry(execution("FAILED", history, None), {"key": "data/k.csv"})
    assert (entry.data, entry.label, entry.metrics["accuracy"]) == ("data/penguins.csv", "label", 0.9855)
    assert (entry.tone, entry.verdict.headline, entry.sha256) == ("bad", "better", "")


def test_a_run_that_failed_at_once_is_told_by_its_request():
    entry = run_entry(Execution(ARN, "FAILED", "{}", None, None, BEGIN, 1, ()), {"key": "data/k.csv"})
    assert (entry.data, entry.model, entry.metrics) == ("data/k.csv", "", {})


def test_a_model_is_told_by_its_artifact():
    artifact = {
        "dataset": {"key": "data/k.csv"},
        "request": {"label_column": "y", "model": "gaussian", "covariance": "pooled"},
        "choice": None,
        "metrics": {"accuracy": 0.5},
        "verdict": {"outcome": "better", "sentence": BETTER.sentence},
    }
    version, stable = (
        S3Reference("artifacts", "models/k/versions/ab.json"),
        S3Reference("artifacts", "models/k.pkl"),
    )
    entry = model_entry(PublishedModel("ab" * 32, version, BEGIN, artifact, stable), True)
    assert (entry.data, entry.label, entry.model, entry.verdict) == (
        "data/k.csv",
        "y",
        "Gaussian, pooled",
        BETTER,
    )
    assert (entry.key, entry.is_current) == ("models/k.pkl", True)
    unread = model_entry(PublishedModel("ab" * 32, version, BEGIN, None, None, "it is damaged"), False)
    assert (unread.problem, unread.metrics, unread.label) == ("it is damaged", {}, "")


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("models/eu_iris.pkl", "models/<wbr/>eu_<wbr/>iris.<wbr/>pkl"),
        ("s3://b/k", "s3://b/<wbr/>k"),
        ("<b>-x", "&lt;b&gt;-<wbr/>x"),
        ("plain", "plain"),
    ],
)
def test_a_name_breaks_behind_its_marks_and_stays_text(name, html):
    assert str(breakable(name)) == html
