"""A verdict has the same words wherever a person meets it: docs/verdict.md names the places."""

import json
from datetime import UTC, datetime

import pytest

from model_service_cli.models import model_list
from model_service_cli.models.versions import PublishedModel
from model_service_cli.report.entries import Judged, model_entry, run_entry
from model_service_cli.runs import compared, run_list
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.result_blocks import verdict_lines
from model_service_cli.trace.page import page
from model_service_cli.trace.timeline import timeline
from publish_artifact.card.subject import Subject
from publish_artifact.card.verdict import header
from shared.config import Config
from shared.event_fields import S3Reference
from shared.verdict_words import OUTCOMES, headline, tone
from verdict_cases import CASES, judged

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
CONFIG = Config()
FOUND = {case.expected: judged(case.said()).to_event() for case in CASES}


def run_of(verdict: dict) -> Execution:
    output = json.dumps({"verdict": verdict, "metrics": {"accuracy": 0.5}})
    return Execution("arn:aws:x:run-1", "SUCCEEDED", "{}", output, None, BEGIN, 1500, ())


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_words_are_the_same_everywhere(outcome, published):
    verdict, words = FOUND[outcome], headline(outcome)
    artifact = published("iris") | {"verdict": verdict}
    place = S3Reference("b", "k")
    run, model = run_of(verdict), PublishedModel("ab" * 32, place, BEGIN, artifact, place)

    assert verdict["sentence"].lower().startswith(words)
    assert verdict_lines(verdict)[0].plain.lower().startswith(f"verdict    {words}")
    assert words in [cell.plain for cell in run_list.row(run, CONFIG)]
    assert words in [cell.plain for cell in model_list.row(model, {}, CONFIG)]
    compared_rows = {row.name: row.values for row in compared.rows([compared.Compared(run)] * 2)}
    assert compared_rows["verdict"] == (words, words)
    judged_so = Judged(tone(outcome), words, verdict["sentence"])
    assert run_entry(run, {}).verdict == model_entry(model, True).verdict == judged_so
    assert f'"verdict {tone(outcome)}">{words}</span>' in page(timeline(run, (), BEGIN)).lower()
    assert f">{words}<" in header(Subject(artifact, artifact["explanation"], 64 * "a")).lower()
