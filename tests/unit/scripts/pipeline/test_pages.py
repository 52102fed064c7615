"""After a run: a link to each page that there is, and a report that can fail nothing."""

import json
from datetime import UTC, datetime

from botocore.exceptions import EndpointConnectionError

from model_service_cli.cloud import Deployed
from model_service_cli.pipeline import pages
from model_service_cli.runs.follow import Execution

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
ARN = "arn:aws:states:us-east-1:000000000000:execution:m:run-1"
OUTPUT = json.dumps({"artifact": {"sha256": "3f9a" + "0" * 60}})


def test_a_link_to_each_page_that_is_there(tmp_path):
    done = Execution(ARN, "SUCCEEDED", "{}", OUTPUT, None, BEGIN, 1, ())
    assert list(pages.page_lines(done, tmp_path)) == []
    for name in ("cards/3f9a00000000.html", "traces/run-1.html", "index.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    folder = tmp_path.as_uri()
    assert list(pages.page_lines(done, tmp_path)) == [
        f"card       {folder}/cards/3f9a00000000.html",
        f"trace      {folder}/traces/run-1.html",
        f"report     {folder}/index.html",
    ]
    failed = Execution(ARN, "FAILED", "{}", None, None, BEGIN, 1, ())
    assert [line.split()[0] for line in pages.page_lines(failed, tmp_path)] == ["trace", "report"]


def test_a_report_that_cannot_be_written_is_a_sentence(tmp_path, monkeypatch):
    def unreachable(*_, **__):
        raise EndpointConnectionError(endpoint_url="http://localhost:1")

    monkeypatch.setattr(pages, "write_report", unreachable)
    problem = pages.renewed_report(None, None, Deployed("arn:m", "data", "data/k.csv"), tmp_path)
    assert problem == 'Could not connect to the endpoint URL: "http://localhost:1"'
