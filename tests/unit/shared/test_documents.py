"""The documents that a run leaves for its next step."""

import json

import pytest

from shared.documents import read_manifest, read_summary
from shared.errors import InvalidRequestError
from shared.event_fields import S3Reference

AT = S3Reference("artifacts", "runs/run-1/document.json")
READERS = {"manifest": read_manifest, "summary": read_summary}


@pytest.mark.parametrize("kind", READERS)
def test_a_run_s_document_is_read(kind, storage):
    document = {f"{kind}_version": 1, "run_id": "run-1", "more": [1]}
    storage.put(json.dumps(document).encode(), AT.bucket, AT.key)
    assert READERS[kind](storage, AT, "run-1") == document


@pytest.mark.parametrize("kind", READERS)
def test_another_run_s_document_is_refused(kind, storage):
    storage.put(json.dumps({f"{kind}_version": 1, "run_id": "run-2"}).encode(), AT.bucket, AT.key)
    with pytest.raises(
        InvalidRequestError, match=r"^s3://artifacts/runs/run-1/document\.json is not of run 'run-1'$"
    ):
        READERS[kind](storage, AT, "run-1")


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"[]", b"7", b"{}", b'{"run_id": "run-1"}']
)
def test_anything_else_is_refused_by_its_kind(kind, content, storage):
    storage.put(content, AT.bucket, AT.key)
    with pytest.raises(InvalidRequestError, match=rf"document\.json is no {kind} of version 1"):
        READERS[kind](storage, AT, "run-1")


@pytest.mark.parametrize("kind", READERS)
def test_a_document_of_another_version_is_refused(kind, storage):
    storage.put(json.dumps({f"{kind}_version": 2, "run_id": "run-1"}).encode(), AT.bucket, AT.key)
    with pytest.raises(InvalidRequestError, match=f"is no {kind} of version 1"):
        READERS[kind](storage, AT, "run-1")


@pytest.mark.parametrize("kind", READERS)
def test_a_document_without_a_run_is_refused(kind, storage):
    storage.put(json.dumps({f"{kind}_version": 1}).encode(), AT.bucket, AT.key)
    with pytest.raises(InvalidRequestError, match="is not of run 'run-1'"):
        READERS[kind](storage, AT, "run-1")


@pytest.mark.parametrize("kind", READERS)
def test_a_document_that_is_not_there_is_refused(kind, storage):
    with pytest.raises(InvalidRequestError, match="does not exist"):
        READERS[kind](storage, AT, "run-1")
