"""A run's files: where they lie, and the documents that it leaves for its next step."""

import hashlib
import json

import pytest

from shared.errors import DatasetChangedError, InvalidRequestError
from shared.event_fields import FileReference, S3Reference
from shared.run_files import (
    VERSIONS,
    RunFiles,
    find_document,
    read_document,
    read_file,
    sealed,
    write_document,
    write_json,
)

FILES = RunFiles("artifacts", "run-1")
AT = S3Reference("artifacts", "runs/run-1/document.json")


def put(storage, content: bytes) -> FileReference:
    """Content in a run's folder, and the reference that its writer would put out."""
    storage.put(content, AT.bucket, AT.key)
    return sealed(AT, content)


def test_each_role_has_a_folder_of_its_own_in_the_run_s():
    places = {
        "dataset": [
            FILES.manifest,
            FILES.plan,
            FILES.shards,
            FILES.shard(3),
            FILES.part(3, 7),
            FILES.shard_result(3),
        ],
        "model": [FILES.summary, FILES.fold(0)],
        "publication": [FILES.artifact],
    }
    for role, theirs in places.items():
        assert all(str(place).startswith(f"s3://artifacts/runs/run-1/{role}/") for place in theirs)
    assert FILES.part(3, 7).key == FILES.shard(3).key + "part-00007.npz"
    assert FILES.dataset.key == "runs/run-1/dataset/"
    assert all(place.key.startswith(FILES.folder.key) for theirs in places.values() for place in theirs)


def test_what_is_written_is_read_by_its_digest(storage):
    reference = write_json(storage, AT, {"b": 1, "a": "é"})
    content = storage.objects[AT.bucket, AT.key]
    assert content == '{"a":"é","b":1}'.encode()
    assert reference.sha256 == hashlib.sha256(content).hexdigest()
    assert read_file(storage, reference) == content


@pytest.mark.parametrize("content", [b"", b'{"a": 2}', b'{"a":1} '])
def test_what_was_altered_is_a_changed_dataset_whatever_is_in_it_now(content, storage):
    reference = write_json(storage, AT, {"a": 1})
    storage.put(content, AT.bucket, AT.key)
    with pytest.raises(
        DatasetChangedError, match=r"runs/run-1/document\.json has other content than the run wrote"
    ):
        read_file(storage, reference)


@pytest.mark.parametrize("missing", [InvalidRequestError, DatasetChangedError])
def test_what_is_gone_is_the_error_that_its_reader_says(missing, storage):
    with pytest.raises(missing, match="does not exist"):
        read_file(storage, FileReference(AT.bucket, AT.key, "0" * 64), missing)


@pytest.mark.parametrize("kind", VERSIONS)
def test_a_run_s_document_is_read_and_found(kind, storage):
    document = {f"{kind}_version": VERSIONS[kind], "run_id": "run-1", "more": [1]}
    reference = write_document(storage, AT, document)
    assert read_document(storage, reference, kind, "run-1") == document
    assert find_document(storage, AT, kind, "run-1") == (reference, document)


@pytest.mark.parametrize("kind", VERSIONS)
def test_another_run_s_document_is_refused(kind, storage):
    reference = write_json(storage, AT, {f"{kind}_version": VERSIONS[kind], "run_id": "run-2"})
    with pytest.raises(
        InvalidRequestError, match=r"^s3://artifacts/runs/run-1/document\.json is not of run 'run-1'$"
    ):
        read_document(storage, reference, kind, "run-1")
    assert find_document(storage, AT, kind, "run-1") is None


@pytest.mark.parametrize("kind", VERSIONS)
@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"\xff\xfe", b"[]", b"7", b"{}", b'{"run_id": "run-1"}']
)
def test_anything_else_is_refused_by_its_kind(kind, content, storage):
    with pytest.raises(
        InvalidRequestError, match=rf"document\.json is no {kind} of version {VERSIONS[kind]}"
    ):
        read_document(storage, put(storage, content), kind, "run-1")
    assert find_document(storage, AT, kind, "run-1") is None


@pytest.mark.parametrize("kind", VERSIONS)
def test_a_document_of_another_version_is_refused(kind, storage):
    content = json.dumps({f"{kind}_version": VERSIONS[kind] + 1, "run_id": "run-1"}).encode()
    with pytest.raises(InvalidRequestError, match=f"is no {kind} of version {VERSIONS[kind]}"):
        read_document(storage, put(storage, content), kind, "run-1")


@pytest.mark.parametrize("kind", VERSIONS)
def test_a_document_without_a_run_is_refused(kind, storage):
    content = json.dumps({f"{kind}_version": VERSIONS[kind]}).encode()
    with pytest.raises(InvalidRequestError, match="is not of run 'run-1'"):
        read_document(storage, put(storage, content), kind, "run-1")


@pytest.mark.parametrize("kind", VERSIONS)
def test_a_document_that_is_not_there_is_refused_and_not_found(kind, storage):
    with pytest.raises(InvalidRequestError, match="does not exist"):
        read_document(storage, FileReference(AT.bucket, AT.key, "0" * 64), kind, "run-1")
    assert find_document(storage, AT, kind, "run-1") is None


@pytest.mark.parametrize("kind", VERSIONS)
def test_a_document_that_was_altered_is_not_found_again_whatever_is_in_it_now(kind, storage):
    document = {f"{kind}_version": VERSIONS[kind], "run_id": "run-1", "metrics": {"accuracy": 0.63}}
    write_document(storage, AT, document)
    altered = storage.objects[AT.bucket, AT.key].replace(b"0.63", b"0.99")
    reference = put(storage, altered)
    assert find_document(storage, AT, kind, "run-1") is None
    with pytest.raises(DatasetChangedError, match="is not as the run wrote it: start again with force"):
        read_document(storage, reference, kind, "run-1")


def test_brackets_without_end_are_no_document(storage):
    reference = put(storage, b"[" * 200_000)
    with pytest.raises(InvalidRequestError, match="is no summary"):
        read_document(storage, reference, "summary", "run-1")
