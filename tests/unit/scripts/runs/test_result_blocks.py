"""What stands on the terminal after a run: blocks in the order of a person's questions."""

import pytest

from model_service_cli.runs.confusion import confusion_lines
from model_service_cli.runs.constant_answer import constant_metrics, constant_words
from model_service_cli.runs.metric_table import metric_lines
from model_service_cli.runs.result_blocks import judged_blocks, published_lines
from publish_artifact.card import constant as card_constant

SHA, BEFORE = "3f9a" + "0" * 60, "c0de" + "0" * 60
REGRESSION = {
    "compared": False,
    "why_not": "no max_regression asks for it",
    "current": BEFORE,
    "metrics": {"accuracy": 0.7, "f1": 0},
}
CURRENT = {"regression": REGRESSION}
ARTIFACT = {"artifact": {"bucket": "b", "key": "models/m.pkl", "sha256": SHA, "version_id": "v1"}}
METRICS = {
    "f1": 0.8,
    "log_loss": 1,
    "accuracy": 0.9,
    "accuracy_low": 0.85,
    "accuracy_high": 0.93,
    "baseline_accuracy": 0.75,
    "roc_auc": None,
}
SUMMARY = {
    "decision": {"positive_class": "fraud", "rule": "f1", "threshold": 0.25},
    "split": {"test_rows": 1000},
    "evaluation": {
        "majority_class": "ok",
        "positive_class": "fraud",
        "per_class": {"fraud": {"support": 250}, "ok": {"support": 750}},
        "intervals": {"accuracy": [0.85, 0.93], "f1": [0.7, 0.86], "roc_auc": None},
        "confusion_matrix": {"labels": ["fraud", "ok"], "counts": [[150, 100], [0, 750]]},
    },
    "train_rows_per_class": {"fraud": 500, "ok": 1500},
}


def plain(lines) -> list[str]:
    return [line.plain for line in lines]


def test_the_metrics_say_what_they_are_about_and_stand_beside_a_constant_answer_and_the_model_before():
    assert plain(
        metric_lines({"metrics": METRICS, "decision": SUMMARY["decision"], **CURRENT, **ARTIFACT}, SUMMARY)
    ) == [
        "metrics    on 1,000 test rows",
        "positive   'fraud': precision, recall, F1 and average precision are of this class; it is predicted from a",
        "           probability of 0.25 on, the one of the highest F1 on train rows that the models had not seen",
        '           (threshold "f1")',
        "metric                model     95 % interval  constant    before",
        "accuracy             0.9000  0.8500 to 0.9300    0.7500    0.7000",
        "f1                   0.8000  0.7000 to 0.8600    0.4000    0.0000",
        "roc_auc                                          0.5000",
        "log_loss             1.0000                      0.5623",
        "           constant: always answering ok, the train rows' most frequent class; precision, recall and F1 of",
        "           always answering fraud; log loss and Brier score of the train rows' class shares",
        "           before: c0de00000000, which models/m.pkl held before, on its own test rows: no max_regression asks",
        "           for it",
    ]


def test_without_the_summary_there_is_what_the_output_says():
    decision = {"positive_class": None, "rule": "0.5", "threshold": None}
    assert plain(metric_lines({"metrics": METRICS, "decision": decision}, {})) == [
        "metrics    on the test rows; precision, recall and f1 are means over the classes",
        "metric                model     95 % interval  constant",
        "accuracy             0.9000  0.8500 to 0.9300    0.7500",
        "f1                   0.8000",
        "roc_auc",
        "log_loss             1.0000",
    ]
    assert plain(metric_lines({"run": {}}, {})) == []


def test_the_model_before_is_taken_as_it_was_measured_on_the_same_rows():
    scored = REGRESSION | {"compared": True, "why_not": None, "metrics": {"accuracy": 0.66}}
    output = {"metrics": METRICS, "regression": scored}
    *lines, last = plain(metric_lines(output, {}))
    assert lines[2].endswith("0.6600")
    assert last == "           before: c0de00000000, which the stable key held before, on the same test rows"


def test_a_model_before_of_something_else_is_no_column_and_it_is_said_why():
    other = REGRESSION | {"why_not": 'it is a model of another label, "colour"', "metrics": {}}
    lines = plain(metric_lines({"metrics": METRICS, "regression": other, **ARTIFACT}, {}))
    assert "before" not in lines[1]
    assert " ".join(" ".join(lines[-2:]).split()) == (
        "before: c0de00000000, which models/m.pkl held before, is not compared: it is a model of another label, "
        '"colour"'
    )


def test_without_a_model_before_there_is_no_such_column():
    assert "before" not in "\n".join(plain(metric_lines({"metrics": METRICS, "regression": None}, {})))


def test_the_constant_answers_are_those_of_the_card():
    """Seen: F1 beside 0 on the terminal and beside 0.65 on the card, of two constant answers."""
    artifact = {
        "metrics": {"baseline_accuracy": 0.75},
        "evaluation": SUMMARY["evaluation"],
        "classes": [
            {"name": name, "train_rows": rows} for name, rows in SUMMARY["train_rows_per_class"].items()
        ],
    }
    on_the_card = {name: value for name, (value, _) in card_constant.constant_metrics(artifact).items()}
    assert constant_metrics(SUMMARY) == on_the_card
    assert constant_metrics(SUMMARY)["f1"] == pytest.approx(0.4)  # of flagging all: precision 1/4, recall 1
    many = {**SUMMARY, "evaluation": SUMMARY["evaluation"] | {"positive_class": None}}
    assert "f1" not in constant_metrics(many)
    assert constant_words(many) == (
        "constant: always answering ok, the train rows' most frequent class; log loss and Brier score of the train "
        "rows' class shares"
    )


@pytest.mark.parametrize("summary", [{}, {"evaluation": {}}, {**SUMMARY, "train_rows_per_class": {}}])
def test_without_what_it_follows_from_there_is_no_constant_answer(summary):
    assert constant_metrics(summary) == {}
    assert constant_words(summary) == ""


def test_a_small_confusion_matrix_is_whole_and_a_wide_one_names_what_is_confused_most():
    assert list(confusion_lines(SUMMARY)) == [
        "is \\ answered  fraud   ok",
        "fraud            150  100",
        "ok                 0  750",
    ]
    labels = [f"class number {place:02}" for place in range(30)]
    counts = [[9 if row == column else int(row + 1 == column) for column in range(30)] for row in range(30)]
    counts[3][4] = 7
    folded = list(confusion_lines({"evaluation": {"confusion_matrix": {"labels": labels, "counts": counts}}}))
    assert folded[0].startswith(
        "confused   270 of 305 test rows right, in 30 classes; 7 of 16 class number 03 answered class number 04; 1 of"
    )
    assert folded[-1].endswith("and 23 more sorts")
    assert max(map(len, folded)) <= 110
    assert list(confusion_lines({})) == []


def test_names_that_a_matrix_cuts_can_still_be_told_apart():
    labels = ["the same beginning 1", "the same beginning 2"]
    lines = list(
        confusion_lines({"evaluation": {"confusion_matrix": {"labels": labels, "counts": [[1, 2], [3, 4]]}}})
    )
    assert len({line[:14] for line in lines[1:]}) == 2


VERDICT = {
    "outcome": "not_shown",
    "sentence": "Not shown to be better: by chance.",
    "reasons": ["26 gained, 20 lost"],
}


def test_the_blocks_come_in_the_order_of_a_persons_questions():
    output = {
        "warnings": ["The split by time leaves no train row of class 'late'."],
        "leaderboard": [{"kind": "gaussian", "options": {"covariance": "pooled"}, "failed": "too few rows"}],
        "metrics": METRICS,
        "verdict": VERDICT,
    }
    blocks = [plain(block) for block in judged_blocks(output, SUMMARY)]
    assert [block[0].split()[0] for block in blocks] == ["warning", "candidate", "metrics", "is", "verdict"]
    assert blocks[-1] == [
        "verdict    Not shown to be better: by chance.",
        "           26 gained, 20 lost",
    ]
    assert list(judged_blocks({"metrics": {}}, {})) == []


def test_a_published_model_is_told_with_the_commands_that_come_next():
    assert plain(published_lines(ARTIFACT, "20261121T100000Z-abc")) == [
        "model      3f9a00000000",
        "artifact   s3://b/models/m.pkl",
        "next       make card MODEL=3f9a00000000",
        "           make predict DATA=new.csv MODEL=3f9a00000000",
        "           make trace EXECUTION=20261121T100000Z-abc",
    ]
    assert plain(published_lines({**CURRENT, **ARTIFACT}, "run-2"))[-1] == (
        f'           make compare RUNS="{CURRENT["regression"]["current"][:12]} {ARTIFACT["artifact"]["sha256"][:12]}"'
    )
    assert list(published_lines({}, "run-2")) == []
