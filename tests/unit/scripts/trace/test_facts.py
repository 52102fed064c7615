"""What stands at the head of a trace."""

import json
from datetime import UTC, datetime

from model_service_cli.runs.follow import Execution
from model_service_cli.trace.facts import facts

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)


def told(**dataset) -> dict[str, str]:
    output = json.dumps({"run": {"run_id": "1" * 20}, "dataset": {"bucket": "b", **dataset}})
    execution = Execution("arn:x", "SUCCEEDED", "{}", output, None, BEGIN, 1, ())
    return {name: value for name, value in facts(execution) if value}


def test_an_object_is_told_with_its_version_and_a_folder_with_its_objects():
    one = told(key="data/a.csv", version_id="v1", bytes=9)
    assert (one["data"], one["data's S3 version id"]) == ("s3://b/data/a.csv", "v1")
    assert "data's objects" not in one
    folder = told(key="data/t/", version_id=None, bytes=2_500_000, objects=7)
    assert (folder["data"], folder["data's objects"]) == ("s3://b/data/t/", "7 objects, 2.5 MB")
    assert "data's S3 version id" not in folder
