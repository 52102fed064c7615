"""Histories and log lines of runs, as the services give them, and the pages that become of them.

`pages()` is for whoever looks at the pages of a trace: a run that succeeded, one that failed in its first state, one
that was rejected, one that still runs, one of many shards whose Summarize was tried twice.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from model_service_cli.runs.follow import Execution
from model_service_cli.runs.history import steps
from model_service_cli.runs.logs import Line, parse
from model_service_cli.runs.steps import Failure
from model_service_cli.trace.definition import Machine, read_machine
from model_service_cli.trace.page import Link, page
from model_service_cli.trace.timeline import timeline

ARN = "arn:aws:states:us-east-1:000000000000:execution:m:run-1"
BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:model-service-{}:live"
DEFINITION = Path(__file__).resolve().parents[4] / "statemachine" / "training_pipeline.asl.json"
RUN = {"run_id": "22584772fa37092b96d4", "execution_arn": ARN, "cached": []}
PUBLISHED_BEFORE = {"current_model": {"sha256": "0" * 64, "metrics": {"accuracy": 0.1111, "f1": 0.2222}}}
REQUEST = {"bucket": "ml-data-demo", "key": "data/penguins.csv", "label_column": "species"}
DATASET = {
    "bucket": "ml-data-demo", "key": "data/penguins.csv", "version_id": "AaIQ7IFI0yjOdOfRRfCUQptp7_oKM.3k",
    "rows": 344, "missing_cells": {"count": 19, "columns": {"sex": 11, "bill_length_mm": 8}},
    "classes": {"count": 3, "rows": {"Adelie": 152, "Gentoo": 124, "Chinstrap": 68}},
    "used": {"number": {"count": 1, "columns": ["bill_length_mm"]}, "category": {"count": 1, "columns": ["sex"]}},
    "categories": {"sex": {"male": 168, "female": 165}},
}  # fmt: skip
CHOSEN = {"kind": "logistic", "options": {"strength": 3.0}, "log_loss": 0.03, "accuracy": 0.99, "weight": 1.0}
METRICS = {"accuracy": 0.9855, "baseline_accuracy": 0.4348, "f1": 0.9829, "roc_auc": 1.0, "log_loss": 0.0162}
VERDICT = {
    "outcome": "better",
    "sentence": "Better than a constant answer on 69 test rows: log loss 0.016, the class shares 1.054.",
    "comparisons": [{"what": "log loss", "reference": 1.0538}, {"what": "ranking", "reference": 0.5}],
}
SHA256 = "bc4748ee8618" + "0" * 52
ARTIFACT = {"bucket": "artifacts", "key": "models/penguins.pkl", "sha256": SHA256,
            "version_key": f"models/penguins/versions/{SHA256}.json"}  # fmt: skip


def at(second: float) -> datetime:
    return BEGIN + timedelta(seconds=second)


def event(number: int, kind: str, second: float, **details) -> dict:
    name = (
        "state" + kind.rpartition("State")[2]
        if kind.endswith(("Entered", "Exited"))
        else kind[0].lower() + kind[1:]
    )
    common = {"type": kind, "id": number, "previousEventId": number - 1, "timestamp": at(second)}
    return common | ({f"{name}EventDetails": details} if details else {})


def scheduled(number: int, second: float, source: str) -> dict:
    parameters = json.dumps({"FunctionName": FUNCTION.format(source), "Payload": {"a": 1}})
    return event(number, "TaskScheduled", second, parameters=parameters)


def log(source: str, second: float, document: dict | str) -> Line:
    text = document if isinstance(document, str) else json.dumps(document)
    return parse(source, round(at(second).timestamp() * 1000), text)


def call(
    request: str, source: str, second: float, duration: float, init: float | None = None, **fields
) -> list[Line]:
    report = {"type": "platform.report", "record": {"requestId": request}}
    report["record"]["metrics"] = {"durationMs": 1000 * duration, "maxMemoryUsedMB": 60} | (
        {"initDurationMs": 1000 * init} if init else {}
    )
    return [
        log(source, second, {"type": "platform.start", "record": {"requestId": request}}),
        log(source, second, {"message": "started", "request_id": request, "execution_arn": ARN, **fields}),
        log(source, second + duration, report),
    ]  # fmt: skip


class History:
    """Writes events one after the other."""

    def __init__(self) -> None:
        self.events = [event(1, "ExecutionStarted", 0)]
        self.value = json.dumps(REQUEST)

    def add(self, kind: str, second: float, **details) -> None:
        self.events.append(event(len(self.events) + 1, kind, second, **details))

    def pass_through(self, kind: str, name: str, begin: float, end: float) -> None:
        self.add(f"{kind}StateEntered", begin, name=name, input=self.value)
        self.add(f"{kind}StateExited", end, name=name, output=self.value)

    def task(self, name: str, source: str, begin: float, end: float, output: dict) -> None:
        self.add("TaskStateEntered", begin, name=name, input=self.value)
        self.events.append(scheduled(len(self.events) + 1, begin, source))
        self.value = json.dumps(output)
        self.add("TaskSucceeded", end, output=json.dumps({"Payload": output}))
        self.add("TaskStateExited", end, name=name, output=self.value)

    def map(self, name: str, begin: float, end: float, items: int) -> None:
        self.add("MapStateEntered", begin, name=name, input=self.value)
        self.add("MapStateStarted", begin, length=items)
        for index in range(items):
            self.add("MapIterationSucceeded", end, name=name, index=index)
        self.add("MapStateSucceeded", end)
        self.add("MapStateExited", end, name=name, output=self.value)


def over_ranges(history: History, name: str, begin: float, end: float, ranges: int) -> list[Line]:
    """A Map over ranges, four at a time."""
    history.map(name, begin, end, ranges)
    each = (end - begin - 0.2) / -(-ranges // 4)
    lines = []
    for number in range(ranges):
        lines += call(
            f"{name}-{number}", "summarize", begin + 0.1 + number // 4 * each, each * 0.9, range=number
        )
    return lines


def trained(shards: int = 0, passed: bool = True) -> tuple[History, list[Line]]:
    """A run to the end of Summarize, which takes place from second 10 to 16."""
    history, lines = History(), []
    found = {
        "run": RUN | {"conditions": PUBLISHED_BEFORE},
        "dataset": DATASET,
        "folds": [{"index": 0, "count": 5}],
    }
    history.task("FetchAndValidate", "fetch-and-validate", 0.1, 2, found)
    lines += call("fetch", "fetch-and-validate", 0.6, 1.3, init=0.4)
    history.pass_through("Choice", "HowManyShards", 2, 2.05)
    if shards:
        history.map("ValidateShards", 2.1, 6, shards)
        for number in range(shards):
            lines += call(f"shard-{number}", "fetch-and-validate", 2.2 + number // 12 * 3.6 / (shards // 12 + 1),
                          3.4 / (shards // 12 + 1), shard=number)  # fmt: skip
        history.task("CollectShards", "fetch-and-validate", 6.1, 6.9, found)
        lines += call("collect", "fetch-and-validate", 6.2, 0.6)
    history.pass_through("Choice", "IsOneLambdaEnough", 6.9, 6.92)
    folds_at = 7.0
    if shards:
        folds_at = 9.0
        history.task("PlanRanges", "summarize", 6.93, 7.1, found)
        lines += call("plan", "summarize", 7.0, 0.09)
        lines += over_ranges(history, "SummarizeShards", 7.1, 8.6, shards // 10)
        history.task("LearnColumns", "summarize", 8.6, 8.9, found)
        lines += call("columns", "summarize", 8.65, 0.2)
        history.pass_through("Choice", "AreMomentsEnough", 8.9, 8.95)
    history.map("FitFolds", folds_at, folds_at + 3, 5)
    for number in range(5):
        lines += call(f"fold-{number}", "summarize", folds_at + 0.3 + number % 2 * 0.2 + number // 2 * 0.9, 0.8,
                      init=0.2 if number < 2 else None, fold={"index": number, "count": 5})  # fmt: skip
    history.pass_through("Choice", "IsWorkSpread", folds_at + 3, folds_at + 3.05)
    summarize_at = 10.1
    if shards:
        summarize_at = 15.5
        history.task("ChooseModel", "summarize", 12.1, 13.1, found)
        lines += call("choose", "summarize", 12.2, 0.8)
        lines += over_ranges(history, "EvaluateShards", 13.1, 15.4, shards // 10)
    summarized = found | {"leaderboard": [CHOSEN], "metrics": METRICS, "verdict": VERDICT}
    summarized |= {
        "gate": {"passed": passed, "cause": "" if passed else "accuracy 0.9855 is below min_accuracy 0.99"}
    }
    history.task("Summarize", "summarize", summarize_at, 16, summarized)
    lines += call("summarize", "summarize", summarize_at + 0.2, 15.8 - summarize_at - 0.2)
    history.pass_through("Choice", "IsModelGoodEnough", 16.1, 16.12)
    return history, lines


def published(shards: int = 0) -> tuple[History, list[Line]]:
    history, lines = trained(shards)
    output = json.loads(history.value) | {"artifact": ARTIFACT}
    history.task("PublishArtifact", "publish-artifact", 16.2, 18.5, output)
    history.add("ExecutionSucceeded", 18.6, output=history.value)
    return history, [*lines, *call("publish", "publish-artifact", 16.9, 1.4, init=0.5)]


def machine() -> Machine:
    return read_machine(DEFINITION.read_text())


def page_of(
    events: Sequence[dict],
    lines: Sequence[Line],
    status: str = "SUCCEEDED",
    given: str = "{}",
    seconds: float | None = 20,
    **more,
) -> str:
    execution = Execution(
        ARN,
        status,
        given,
        more.get("output"),
        more.get("failure"),
        BEGIN,
        None if seconds is None else round(1000 * seconds),
        tuple(steps(events)),
    )
    return page(
        timeline(execution, lines, more.get("now", at(99))),
        more.get("inputs"),
        more.get("machine"),
        more.get("links", ()),
        more.get("is_renewed", False),
    )


def succeeded_page() -> str:
    history, lines = published()
    links = [Link("card of model bc4748ee8618", "../cards/bc4748ee8618.html"),
             Link("its artifact", "../artifacts/bc4748ee8618.json")]  # fmt: skip
    return page_of(
        history.events,
        lines,
        given=json.dumps(REQUEST),
        seconds=18.6,
        output=history.value,
        machine=machine(),
        links=links,
    )


def failed_page() -> str:
    cause = {
        "errorMessage": "label_column 'nope' is not a column; the header has 'species', 'sex'",
        "requestId": "r",
    }
    failure = {"error": "InvalidDatasetError", "cause": json.dumps(cause)}
    history = History()
    history.add("TaskStateEntered", 0.1, name="FetchAndValidate", input=history.value)
    history.events.append(scheduled(3, 0.1, "fetch-and-validate"))
    history.add("TaskFailed", 0.9, **failure)
    history.value = json.dumps({"error": failure})
    history.add("TaskStateExited", 0.9, name="FetchAndValidate", output=history.value)
    history.pass_through("Pass", "ReadErrorMessage", 1, 1.1)
    history.add("FailStateEntered", 1.1, name="RunFailed", input=history.value)
    history.add("ExecutionFailed", 1.2, **failure)
    lines = call("r", "fetch-and-validate", 0.2, 0.6, init=0.3)
    given = json.dumps(REQUEST | {"label_column": "nope"})
    return page_of(history.events, lines, "FAILED", given, 1.2, failure=Failure(**failure), machine=machine())


def rejected_page() -> str:
    history, lines = trained(passed=False)
    cause = json.loads(history.value)["gate"]["cause"]
    history.pass_through("Pass", "RejectModel", 16.2, 16.3)
    history.add("FailStateEntered", 16.4, name="RunFailed", input=history.value)
    history.add("ExecutionFailed", 16.5, error="ModelRejectedError", cause=cause)
    failure = Failure("ModelRejectedError", cause)
    return page_of(
        history.events, lines, "FAILED", json.dumps(REQUEST), 16.5, failure=failure, machine=machine()
    )


def running_page() -> str:
    history = History()
    found = {"run": RUN | {"conditions": PUBLISHED_BEFORE}, "dataset": DATASET}
    history.task("FetchAndValidate", "fetch-and-validate", 0.1, 2, found)
    history.pass_through("Choice", "HowManyShards", 2, 2.05)
    history.pass_through("Choice", "IsOneLambdaEnough", 2.05, 2.1)
    history.add("MapStateEntered", 2.1, name="FitFolds", input=history.value)
    history.add("MapStateStarted", 2.1, length=5)
    return page_of(
        history.events,
        [],
        "RUNNING",
        json.dumps(REQUEST),
        None,
        machine=machine(),
        now=at(6),
        is_renewed=True,
    )


def many_shards_page() -> str:
    history, lines = published(shards=120)
    lines.insert(-3, log("fetch-and-validate", 3, {"errorType": "TransientStorageError", "errorMessage": "slow down",
                                                   "requestId": "shard-7"}))  # fmt: skip
    inputs = [{"index": number, "start": number << 25, "end": number + 1 << 25} for number in range(120)]
    return page_of(history.events, lines, given=json.dumps(REQUEST), seconds=18.6, output=history.value,
                   machine=machine(), inputs={"shard": inputs})  # fmt: skip


def pages() -> dict[str, str]:
    """The pages by what they show."""
    return {
        "succeeded": succeeded_page(),
        "failed": failed_page(),
        "rejected": rejected_page(),
        "running": running_page(),
        "many-shards": many_shards_page(),
    }
