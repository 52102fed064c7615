"""Runs and models for the report, and the page of them: `report_page()` is for whoever looks at it."""

from datetime import UTC, datetime, timedelta

from model_service_cli.report.entries import Judged, ModelEntry, RunEntry
from model_service_cli.report.page import page

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
BETTER = Judged(
    "good", "better", "Better than a constant answer on 300 test rows: ROC area 0.812, chance 0.5."
)
UNCLEAR = Judged(
    "unclear",
    "not shown to be better",
    "Not shown to be better than a constant answer: on 300 test rows the differences may be chance.",
)


def run(number: int, status: str = "SUCCEEDED", **more) -> RunEntry:
    given = {
        "name": f"20260101T1200{number:02d}Z-run",
        "status": status,
        "started_at": BEGIN + timedelta(minutes=number),
        "duration_ms": 9_970,
        "data": "data/churn.csv",
        "label": "churned",
        "model": "75% logistic regression, C = 3, 25% boosted trees, 120 rounds",
        "metrics": {
            "accuracy": 0.7 + number / 100,
            "baseline_accuracy": 0.6,
            "f1": 0.5,
            "roc_auc": 0.8 + number / 100,
            "log_loss": 0.6 - number / 100,
        },
        "verdict": BETTER,
        "said": "",
        "sha256": f"{number:02d}" * 32,
        "trace": f"traces/20260101T1200{number:02d}Z-run.html",
        "card": f"cards/{f'{number:02d}' * 6}.html",
    }
    return RunEntry(**given | more)


def failed(number: int, **more) -> RunEntry:
    nothing = {"metrics": {}, "verdict": Judged(), "model": "", "sha256": "", "card": ""}
    return run(
        number, "FAILED", said="FetchAndValidate: InvalidDatasetError: line 3: not a number", **nothing | more
    )


def model(number: int, **more) -> ModelEntry:
    made = run(number)
    given = {
        "sha256": made.sha256,
        "published_at": made.started_at,
        "key": "models/churn.pkl",
        "data": made.data,
        "label": made.label,
        "model": made.model,
        "metrics": made.metrics,
        "verdict": made.verdict,
        "card": made.card,
    }
    return ModelEntry(**given | more)


UNPUBLISHED = {"sha256": "", "card": "", "verdict": UNCLEAR}
NOTHING_YET = {"duration_ms": None, "metrics": {}, "verdict": Judged(), "model": "", "sha256": "", "card": ""}
RUNS = [
    *(run(number, verdict=BETTER if number > 2 else UNCLEAR) for number in range(6)),
    failed(6, label="nope"),
    run(7, "FAILED", said="ModelRejectedError: accuracy 0.77 is below min_accuracy 0.9", **UNPUBLISHED),
    run(8, "RUNNING", data="data/iris.csv", label="species", **NOTHING_YET),
]
DAMAGED = "abababababab is damaged: its content has another SHA-256 than its name"
MODELS = [
    *(model(number, is_current=number == 5) for number in range(6)),
    ModelEntry("ab" * 32, BEGIN, "models/old.pkl", problem=DAMAGED),
]


def report_page() -> str:
    return page(RUNS, MODELS, BEGIN + timedelta(hours=1))
