"""The handler of step 2: the output of step 1, or a plain request that it sends there."""

import json
from types import SimpleNamespace

import pytest

from fetch_and_validate.stage import stage
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.errors import InvalidRequestError
from summarize import handler as module

CONTEXT = SimpleNamespace(aws_request_id="request-1")


@pytest.fixture
def staged(storage, sample_csv, monkeypatch):
    """Step 1's output for the sample."""
    monkeypatch.setattr(module, "storage", storage)
    storage.put(sample_csv.read_bytes())
    return stage(TrainingRequest.from_event({"model": "gaussian"}, Config()), storage, Config()).to_event()


def test_step_1_s_output_becomes_metrics_and_a_summary(staged):
    output = module.handler(staged, CONTEXT)
    assert output == staged | {
        "warnings": [],
        "leaderboard": [],
        "decision": {"positive_class": "1", "rule": "0.5", "threshold": 0.5},
        "metrics": output["metrics"],
        "verdict": output["verdict"],
        "regression": None,
        "drift": None,
        "gate": {"passed": True, "cause": ""},
        "summary": output["summary"],
    }
    assert output["summary"]["key"] == f"runs/{staged['run']['run_id']}/model/summary.json"
    assert 0.5 < output["metrics"]["accuracy"] < 1
    assert 0 < output["metrics"]["f1"] < 1


def test_a_plain_request_is_sent_to_the_step_before(staged, monkeypatch):
    seen = []
    monkeypatch.setattr(module, "output_of_previous_step", lambda event, config: seen.append(event) or staged)
    assert module.handler({"test_size": 0.3}, CONTEXT)["run"] == staged["run"]
    assert seen == [{"test_size": 0.3}]


@pytest.mark.parametrize("event", [None, [], {}, {"run": {}}, {"run": {"run_id": "x"}, "dataset": {}}])
def test_anything_else_is_an_invalid_request(event):
    with pytest.raises(InvalidRequestError):
        module.handler(event, CONTEXT)


def test_the_state_machine_names_the_task(staged):
    output = module.handler({"task": "Summarize"} | staged, CONTEXT)
    assert module.handler(staged, CONTEXT) == output | {"run": output["run"] | {"cached": ["Summarize"]}}


def test_a_task_of_another_function_is_an_invalid_request(staged):
    with pytest.raises(InvalidRequestError, match='task is "CollectShards"; this function\'s tasks are Summ'):
        module.handler({"task": "CollectShards"} | staged, CONTEXT)


def test_what_happens_is_logged_under_the_name_of_the_step(capsys):
    with pytest.raises(InvalidRequestError):
        module.handler({"task": "Other"}, CONTEXT)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["step"], line["message"]) for line in lines] == [
        ("Summarize", "started"),
        ("Summarize", "rejected"),
    ]
