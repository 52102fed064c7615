"""Files of a run as its output leads to them: as they were written, or there is nothing to show."""

import hashlib

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from model_service_cli.door import CommandError
from model_service_cli.runs.run_documents import read_content, read_document

AT = {"bucket": "artifacts", "key": "runs/r/model/summary.json"}
CONTENT = b'{"metrics": {"accuracy": 0.63}}'
SEALED = AT | {"sha256": hashlib.sha256(CONTENT).hexdigest()}


@pytest.fixture
def run(s3):
    s3.put_object(Bucket=AT["bucket"], Key=AT["key"], Body=CONTENT)
    return s3


def test_a_document_is_read_by_its_digest_where_the_output_has_one(run):
    assert read_document(run, SEALED) == read_document(run, AT) == {"metrics": {"accuracy": 0.63}}


@pytest.mark.parametrize("read", [read_document, read_content])
def test_what_was_altered_is_not_shown(run, read):
    run.put_object(Bucket=AT["bucket"], Key=AT["key"], Body=CONTENT.replace(b"0.63", b"0.99"))
    with pytest.raises(CommandError, match="has other content than the run wrote there"):
        read(run, SEALED)


@pytest.mark.parametrize(
    "reference", [None, {}, "s3://b/k", {"bucket": 1, "key": "k"}, SEALED | {"key": "gone"}]
)
def test_what_is_gone_or_no_reference_is_none(run, reference):
    assert read_content(run, reference) is None
    assert read_document(run, reference) == {}


def test_what_is_no_json_is_one_line_and_what_is_no_object_is_none(run):
    run.put_object(Bucket=AT["bucket"], Key=AT["key"], Body=b"{")
    with pytest.raises(CommandError, match=r"^s3://artifacts/runs/r/model/summary\.json is no JSON: "):
        read_document(run, AT)
    run.put_object(Bucket=AT["bucket"], Key=AT["key"], Body=b"[1]")
    assert read_document(run, AT) == {}


def test_a_refusal_is_the_services(run):
    with Stubber(run) as stub:
        stub.add_client_error("get_object", "AccessDenied")
        with pytest.raises(ClientError):
            read_content(run, AT)
