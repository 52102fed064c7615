"""S3 as the steps see it: pinned reads, writes, and domain errors only."""

import io

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    IncompleteReadError,
    ReadTimeoutError,
)

from shared.errors import (
    ArtifactConflictError,
    DatasetChangedError,
    DatasetNotFoundError,
    InvalidRequestError,
    TransientStorageError,
)
from shared.event_fields import S3Reference
from shared.object_store import PinnedObject
from shared.storage import Storage

BUCKET = "ml-data-demo"
KEY = "data/x.csv"
TARGET = S3Reference("artifacts", "runs/1/summary.json")


def put(s3, content: bytes, key: str = KEY) -> str:
    return s3.put_object(Bucket=BUCKET, Key=key, Body=content)["VersionId"]


def failed(code: str, operation: str = "GetObject") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


class Failing:
    """A client whose every call raises."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def __getattr__(self, name):
        def call(**_):
            raise self._failure

        call.paginate = call  # of a paginator
        return (lambda _: call) if name == "get_paginator" else call


class Breaking:
    """A client with one object, whose connection breaks after so many bytes of every answer."""

    def __init__(self, content: bytes, breaks: list[int], failure: Exception) -> None:
        self.ranges: list[str | None] = []
        self._content, self._breaks, self._failure = content, list(breaks), failure

    def get_object(self, **call):
        span = call.get("Range")
        self.ranges.append(span)
        first, last = (
            map(int, span.removeprefix("bytes=").split("-")) if span else (0, len(self._content) - 1)
        )
        return {"Body": self._Body(self._content[first : last + 1], self._breaks.pop(0), self._failure)}

    class _Body:
        def __init__(self, content: bytes, breaks_after: int, failure: Exception) -> None:
            self._content, self._left, self._failure = io.BytesIO(content), breaks_after, failure

        def read(self, count: int) -> bytes:
            if self._left <= 0:
                raise self._failure
            chunk = self._content.read(min(count, self._left))
            self._left -= len(chunk)
            return chunk

        def close(self) -> None:
            self._content.close()


def test_pin_takes_the_newest_version(s3):
    put(s3, b"old")
    newest = put(s3, b"newest")
    pinned = Storage(s3).pin(BUCKET, KEY)
    assert pinned == PinnedObject(BUCKET, KEY, newest, pinned.etag, 6)
    assert len(pinned.etag) == 32


def test_pin_takes_the_version_asked_for(s3):
    old = put(s3, b"old")
    put(s3, b"newest")
    pinned = Storage(s3).pin(BUCKET, KEY, old)
    assert (pinned.version_id, pinned.bytes) == (old, 3)
    assert b"".join(Storage(s3).stream(pinned)) == b"old"


def test_an_unversioned_bucket_gives_no_version(s3):
    s3.create_bucket(Bucket="plain-bucket")
    s3.put_object(Bucket="plain-bucket", Key=KEY, Body=b"abc")
    pinned = Storage(s3).pin("plain-bucket", KEY)
    assert pinned == PinnedObject("plain-bucket", KEY, None, "900150983cd24fb0d6963f7d28e17f72", 3)
    assert pinned.identity() == {
        "bucket": "plain-bucket",
        "key": KEY,
        "version_id": None,
        "etag": "900150983cd24fb0d6963f7d28e17f72",
        "bytes": 3,
    }


@pytest.mark.parametrize(
    ("bucket", "key", "version"),
    [
        ("no-such-bucket", KEY, None),
        (BUCKET, "data/none.csv", None),
        (BUCKET, KEY, "no-such-version"),
    ],
)
def test_a_missing_bucket_key_or_version_is_not_found(s3, bucket, key, version):
    put(s3, b"abc")
    with pytest.raises(DatasetNotFoundError) as caught:
        Storage(s3).pin(bucket, key, version)
    assert str(caught.value).startswith(f"s3://{bucket}/{key}")
    assert version is None or version in str(caught.value)


def test_a_key_that_is_not_found_is_told_on_one_line(s3):
    with pytest.raises(DatasetNotFoundError) as caught:
        Storage(s3).pin(BUCKET, "data/a\x1b[2J\n.csv")
    assert str(caught.value) == f"s3://{BUCKET}/data/a\\u001b[2J\\n.csv does not exist"


def test_a_deleted_object_is_not_found(s3):
    put(s3, b"abc")
    s3.delete_object(Bucket=BUCKET, Key=KEY)
    with pytest.raises(DatasetNotFoundError, match="does not exist"):
        Storage(s3).pin(BUCKET, KEY)


def test_the_content_is_streamed_in_bounded_chunks(s3):
    content = bytes(range(256)) * 12_000
    put(s3, content)
    storage = Storage(s3)
    chunks = list(storage.stream(storage.pin(BUCKET, KEY)))
    assert b"".join(chunks) == content
    assert max(map(len, chunks)) <= 1 << 18


def test_an_empty_object_streams_nothing(s3):
    put(s3, b"")
    storage = Storage(s3)
    assert list(storage.stream(storage.pin(BUCKET, KEY))) == []


def test_a_newer_version_does_not_disturb_a_pinned_read(s3):
    put(s3, b"pinned")
    storage = Storage(s3)
    pinned = storage.pin(BUCKET, KEY)
    put(s3, b"replaced")
    assert b"".join(storage.stream(pinned)) == b"pinned"


def test_a_pinned_version_that_is_deleted_is_a_changed_dataset(s3):
    put(s3, b"pinned")
    storage = Storage(s3)
    pinned = storage.pin(BUCKET, KEY)
    s3.delete_object(Bucket=BUCKET, Key=KEY, VersionId=pinned.version_id)
    with pytest.raises(DatasetChangedError, match="does not exist"):
        list(storage.stream(pinned))


def test_an_object_replaced_in_an_unversioned_bucket_is_a_changed_dataset(s3):
    s3.create_bucket(Bucket="plain-bucket")
    s3.put_object(Bucket="plain-bucket", Key=KEY, Body=b"pinned")
    storage = Storage(s3)
    pinned = storage.pin("plain-bucket", KEY)
    s3.put_object(Bucket="plain-bucket", Key=KEY, Body=b"others")
    with pytest.raises(DatasetChangedError, match="other content than expected"):
        list(storage.stream(pinned))


BROKEN = [
    IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ReadTimeoutError(endpoint_url="http://s3"),
    ConnectionResetError("reset by peer"),
]


@pytest.mark.parametrize("failure", BROKEN, ids=lambda failure: type(failure).__name__)
def test_a_broken_connection_is_resumed_where_it_broke(failure):
    client = Breaking(b"0123456789", [4, 3, 100], failure)
    source = PinnedObject(BUCKET, KEY, "v1", "e1", 10)
    assert b"".join(Storage(client).stream(source)) == b"0123456789"
    assert client.ranges == [None, "bytes=4-9", "bytes=7-9"]


def test_a_range_is_resumed_within_its_bounds():
    client = Breaking(b"0123456789", [2, 100], ReadTimeoutError(endpoint_url="http://s3"))
    source = PinnedObject(BUCKET, KEY, "v1", "e1", 10)
    assert b"".join(Storage(client).stream(source, 3, 8)) == b"34567"
    assert client.ranges == ["bytes=3-7", "bytes=5-7"]


def test_a_connection_that_keeps_breaking_is_a_transient_error():
    client = Breaking(b"0123456789", [1] * 4, ReadTimeoutError(endpoint_url="http://s3"))
    with pytest.raises(TransientStorageError, match="ReadTimeoutError"):
        list(Storage(client).stream(PinnedObject(BUCKET, KEY, "v1", "e1", 10)))
    assert client.ranges == [None, "bytes=1-9", "bytes=2-9", "bytes=3-9"]


TRANSIENT = [
    failed("SlowDown"),
    failed("503"),
    failed("500"),
    failed("InternalError"),
    failed("RequestTimeout"),
    failed("ServiceUnavailable"),
    failed("ThrottlingException"),
    failed("ConditionalRequestConflict"),
    EndpointConnectionError(endpoint_url="http://s3"),
    ConnectTimeoutError(endpoint_url="http://s3"),
    OSError("broken pipe"),
]
CALLS = {
    "pin": lambda storage: storage.pin(BUCKET, KEY),
    "pin a version": lambda storage: storage.pin(BUCKET, KEY, "v1"),
    "stream": lambda storage: list(storage.stream(PinnedObject(BUCKET, KEY, "v1", "e1", 3))),
    "read": lambda storage: storage.read(TARGET),
    "write": lambda storage: storage.write(TARGET, b"x", "text/plain"),
    "write_once": lambda storage: storage.write_once(TARGET, b"x", "text/plain"),
    "find": lambda storage: storage.find(TARGET),
    "sizes": lambda storage: storage.sizes(TARGET),
    "newest": lambda storage: list(storage.newest_in(TARGET)),
    "replace": lambda storage: storage.replace(TARGET, b"x", "text/plain", "e1"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("failure", TRANSIENT, ids=repr)
def test_throttling_server_errors_and_broken_connections_are_transient(failure, call):
    with pytest.raises(TransientStorageError, match="s3://"):
        call(Storage(Failing(failure)))


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("pin", DatasetNotFoundError),
        ("stream", DatasetChangedError),
        ("read", InvalidRequestError),
        ("write", InvalidRequestError),
        ("write_once", InvalidRequestError),
        ("find", InvalidRequestError),
        ("sizes", InvalidRequestError),
        ("newest", DatasetNotFoundError),
        ("replace", InvalidRequestError),
    ],
)
@pytest.mark.parametrize("code", ["AccessDenied", "403"])
def test_denied_access_is_permanent_and_says_so(name, error, code):
    with pytest.raises(error, match=f"may not be accessed: S3 answered {code}"):
        CALLS[name](Storage(Failing(failed(code))))


def test_a_small_object_is_read_back_as_written(s3):
    storage = Storage(s3)
    version = storage.write(TARGET, b"{}", "application/json")
    assert storage.read(TARGET) == b"{}"
    head = s3.head_object(Bucket=TARGET.bucket, Key=TARGET.key)
    assert (head["VersionId"], head["ContentType"]) == (version, "application/json")


def test_a_write_to_an_unversioned_bucket_has_no_version(s3):
    s3.create_bucket(Bucket="plain-bucket")
    assert Storage(s3).write(S3Reference("plain-bucket", "k"), b"", "text/plain") is None


def test_a_missing_small_object_is_the_error_the_caller_names(s3):
    with pytest.raises(InvalidRequestError, match=r"s3://artifacts/runs/1/summary\.json does not exist"):
        Storage(s3).read(TARGET)
    with pytest.raises(DatasetChangedError):
        Storage(s3).read(TARGET, missing=DatasetChangedError)


@pytest.mark.parametrize("name", ["write", "write_once"])
def test_a_write_to_a_missing_bucket_is_an_invalid_request(s3, name):
    with pytest.raises(InvalidRequestError, match="s3://no-such-bucket/k does not exist"):
        getattr(Storage(s3), name)(S3Reference("no-such-bucket", "k"), b"x", "text/plain")


@pytest.fixture(params=["memory", "s3"])
def either_storage(request, storage):
    """The unit tests' own storage and S3: both must behave the same."""
    return storage if request.param == "memory" else Storage(request.getfixturevalue("s3"))


def test_write_once_writes_the_first_content(either_storage):
    either_storage.write_once(TARGET, b"first", "text/plain")
    assert either_storage.read(TARGET) == b"first"


def test_write_once_of_the_same_content_again_succeeds(either_storage):
    either_storage.write_once(TARGET, b"first", "text/plain")
    either_storage.write_once(TARGET, b"first", "text/plain")
    assert either_storage.read(TARGET) == b"first"


def test_write_once_of_other_content_is_a_conflict_and_changes_nothing(either_storage):
    either_storage.write_once(TARGET, b"first", "text/plain")
    with pytest.raises(ArtifactConflictError, match=r"s3://artifacts/runs/1/summary\.json has other content"):
        either_storage.write_once(TARGET, b"second", "text/plain")
    assert either_storage.read(TARGET) == b"first"


def test_what_is_written_is_read_pinned_and_streamed_alike(either_storage):
    either_storage.write(TARGET, b"content", "text/plain")
    pinned = either_storage.pin(TARGET.bucket, TARGET.key)
    assert (pinned.bucket, pinned.key, pinned.bytes) == (TARGET.bucket, TARGET.key, 7)
    assert b"".join(either_storage.stream(pinned)) == either_storage.read(TARGET) == b"content"


def test_what_is_found_can_be_replaced_once(either_storage):
    assert either_storage.find(TARGET) is None
    either_storage.replace(TARGET, b"first", "text/plain", None)
    first = either_storage.find(TARGET)
    assert first.content == b"first"
    either_storage.replace(TARGET, b"second", "text/plain", first.etag)
    for etag in (first.etag, None):
        with pytest.raises(ArtifactConflictError):
            either_storage.replace(TARGET, b"third", "text/plain", etag)
    assert either_storage.find(TARGET).content == b"second"


def test_what_a_person_put_there_says_so(s3):
    storage = Storage(s3)
    storage.replace(TARGET, b"a run's", "text/plain", None)
    assert not storage.find(TARGET).moved_by_hand
    s3.put_object(Bucket=TARGET.bucket, Key=TARGET.key, Body=b"a person's", Metadata={"move": "rollback"})
    assert storage.find(TARGET).moved_by_hand


def test_what_is_gone_cannot_be_replaced(either_storage):
    with pytest.raises(ArtifactConflictError):
        either_storage.replace(TARGET, b"content", "text/plain", "0" * 32)
    assert either_storage.find(TARGET) is None


def test_sizes_are_those_of_a_folder(either_storage):
    for key, content in {"runs/1/a": b"a", "runs/1/b/c": b"bcd", "runs/12/d": b"d"}.items():
        either_storage.write(S3Reference("artifacts", key), content, "text/plain")
    assert either_storage.sizes(S3Reference("artifacts", "runs/1/")) == {"runs/1/a": 1, "runs/1/b/c": 3}
    assert either_storage.sizes(S3Reference("artifacts", "runs/2/")) == {}


def test_more_objects_than_a_page_has_are_listed(s3):
    for i in range(1001):
        s3.put_object(Bucket="artifacts", Key=f"runs/1/{i}", Body=b"x")
    assert len(Storage(s3).sizes(S3Reference("artifacts", "runs/1/"))) == 1001


def test_a_bucket_that_does_not_exist_is_not_taken_for_a_missing_object(s3):
    with pytest.raises(InvalidRequestError):
        Storage(s3).find(S3Reference("no-such-bucket", "x"))


def test_what_is_missing_is_the_same_error_in_both(either_storage):
    with pytest.raises(DatasetNotFoundError, match="s3://artifacts/none does not exist"):
        either_storage.pin("artifacts", "none")
    with pytest.raises(InvalidRequestError, match="s3://artifacts/none does not exist"):
        either_storage.read(S3Reference("artifacts", "none"))


def test_the_client_is_made_on_first_use_and_kept(monkeypatch):
    made = []
    monkeypatch.setattr("shared.storage.boto3.client", lambda name, config: made.append(name) or object())
    storage = Storage()
    assert made == []
    assert storage.client is storage.client
    assert made == ["s3"]


def test_a_pinned_object_reads_as_its_address_with_its_version():
    assert str(PinnedObject("b", "k", "v1", "e", 1)) == "s3://b/k (version id v1)"
    assert str(PinnedObject("b", "k", None, "e", 1)) == "s3://b/k"


@pytest.mark.parametrize("page", [1000, 2])
def test_the_newest_of_each_object_of_a_folder_is_pinned_by_pages(page, s3, monkeypatch):
    put(s3, b"old", "data/t/b.csv")
    newest = {
        name: put(s3, b"x" * i, f"data/t/{name}") for i, name in enumerate(["b.csv", "a.csv", "c/d.csv"], 1)
    }
    put(s3, b"gone", "data/t/gone.csv")
    s3.delete_object(Bucket=BUCKET, Key="data/t/gone.csv")
    put(s3, b"beside", "data/t.csv")
    real = s3.get_paginator

    def in_small_pages(name):
        paginate = real(name).paginate
        return type(
            "", (), {"paginate": lambda _, **call: paginate(**call, PaginationConfig={"PageSize": page})}
        )()

    monkeypatch.setattr(s3, "get_paginator", in_small_pages)
    found = list(Storage(s3).newest_in(S3Reference(BUCKET, "data/t/")))
    assert [(one.key, one.version_id, one.bytes) for one in found] == [
        ("data/t/a.csv", newest["a.csv"], 2),
        ("data/t/b.csv", newest["b.csv"], 1),
        ("data/t/c/d.csv", newest["c/d.csv"], 3),
    ]
    assert found[0] == Storage(s3).pin(BUCKET, "data/t/a.csv")


def test_a_folder_of_an_unversioned_bucket_is_pinned_by_etag(s3):
    s3.create_bucket(Bucket="plain-bucket")
    s3.put_object(Bucket="plain-bucket", Key="t/a.csv", Body=b"abc")
    (found,) = Storage(s3).newest_in(S3Reference("plain-bucket", "t/"))
    assert found == PinnedObject("plain-bucket", "t/a.csv", None, "900150983cd24fb0d6963f7d28e17f72", 3)


def test_a_folder_that_may_not_be_listed_is_not_found(s3):
    with pytest.raises(DatasetNotFoundError, match="s3://no-such-bucket/t/ does not exist"):
        list(Storage(s3).newest_in(S3Reference("no-such-bucket", "t/")))
