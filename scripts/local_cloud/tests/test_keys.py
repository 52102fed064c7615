"""Who may call a local cloud: the file of its key, and what is asked of each request."""

import http.client
import json
import re
import stat
import urllib.parse
import uuid

import boto3
import pytest
from botocore.exceptions import ClientError

from local_cloud.keys import Keys, key_id_of_request, read_key_id, write_keys

SIGNED = "AWS4-HMAC-SHA256 Credential={}/20250101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


def test_the_keys_are_in_a_file_of_their_users_alone(tmp_path):
    path = tmp_path / "keys.env"
    path.write_text("of an earlier start, and open to all")
    keys = Keys.new()
    write_keys(path, "http://localhost:4566", keys)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().splitlines() == [
        "AWS_ENDPOINT_URL=http://localhost:4566",
        f"AWS_ACCESS_KEY_ID={keys.key_id}",
        f"AWS_SECRET_ACCESS_KEY={keys.secret}",
    ]
    assert read_key_id(path) == keys.key_id


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"AWS_ACCESS_KEY_ID=\n"])
def test_a_file_without_a_key_has_none(content, tmp_path):
    path = tmp_path / "keys.env"
    if content is not None:
        path.write_bytes(content)
    assert read_key_id(path) is None


def test_every_start_has_keys_of_its_own_that_name_no_account():
    first, second = Keys.new(), Keys.new()
    assert first != second
    assert re.fullmatch(r"LOCALCLOUD[0-9A-F]{32}", first.key_id)


@pytest.mark.parametrize(
    ("headers", "arguments", "key"),
    [
        ({"Authorization": SIGNED.format("KEY")}, {}, "KEY"),
        ({"Authorization": "AWS KEY:c2lnbmF0dXJl"}, {}, "KEY"),
        ({}, {"X-Amz-Credential": "KEY/20250101/us-east-1/s3/aws4_request"}, "KEY"),
        ({}, {"AWSAccessKeyId": "KEY", "Signature": "x"}, "KEY"),
        ({"Authorization": SIGNED.format("KEY")}, {"AWSAccessKeyId": "OTHER"}, "KEY"),
        ({"Authorization": "Bearer KEY"}, {}, None),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential="}, {}, None),
        ({}, {"X-Amz-Credential": ""}, None),
        ({}, {}, None),
    ],
)
def test_a_request_names_its_key_in_its_signature_or_its_address(headers, arguments, key):
    assert key_id_of_request(headers, arguments) == key


def ask(cloud, method: str, path: str, body: bytes | None = None, headers: dict | None = None):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(cloud.endpoint).netloc, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("s3", lambda client: client.list_buckets(), "InvalidAccessKeyId"),
        ("s3", lambda client: client.put_object(Bucket="b", Key="k", Body=b"x"), "InvalidAccessKeyId"),
        ("lambda", lambda client: client.list_functions(), "UnrecognizedClientException"),
        ("stepfunctions", lambda client: client.list_state_machines(), "UnrecognizedClientException"),
        ("sts", lambda client: client.get_caller_identity(), "InvalidClientTokenId"),
        ("iam", lambda client: client.list_roles(), "InvalidClientTokenId"),
        ("logs", lambda client: client.describe_log_groups(), "UnrecognizedClientException"),
    ],
)
@pytest.mark.parametrize("key", ["test", "000000000000", "__internal_call__"])
def test_another_key_is_refused_as_aws_refuses_one(cloud, service, call, code, key):
    with pytest.raises(ClientError) as refusal:
        call(cloud.client(service, key))
    assert refusal.value.response["Error"]["Code"] == code
    assert "does not know this access key" in refusal.value.response["Error"]["Message"]
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.fixture(scope="module")
def bucket(cloud) -> str:
    name = f"bucket-{uuid.uuid4().hex}"
    cloud.client("s3").create_bucket(Bucket=name)
    cloud.client("s3").put_object(Bucket=name, Key="kept", Body=b"kept")
    return name


def objects(cloud, bucket) -> list[str]:
    return [entry["Key"] for entry in cloud.client("s3").list_objects_v2(Bucket=bucket)["Contents"]]


FORM = (
    b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nstolen\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nforged\r\n--x--\r\n'
)


@pytest.mark.parametrize("origin", [{}, {"Origin": "https://web.example"}, {"Origin": "null"}])
def test_a_form_on_a_web_page_writes_nothing(cloud, bucket, origin):
    """A browser sends such a form to any address without asking first."""
    headers = {"Content-Type": "multipart/form-data; boundary=x"} | origin
    response, _ = ask(cloud, "POST", f"/{bucket}", FORM, headers)
    assert response.status == 403
    assert objects(cloud, bucket) == ["kept"]


def test_a_web_page_may_read_nothing_even_of_what_is_open(cloud, bucket):
    for path in (f"/{bucket}/kept", "/_localstack/health"):
        response, body = ask(cloud, "GET", path, headers={"Origin": "https://web.example"})
        assert not [name for name in response.headers if name.lower().startswith("access-control-")]
        assert b"kept" not in body


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/_localstack/health", b'{"action": "kill"}'),
        ("PUT", "/_localstack/health", b'{"features:x": "y"}'),
        ("GET", "/_localstack/plugins", None),
        ("GET", "/_localstack/init", None),
        ("GET", "/_aws/ses", None),
        ("POST", "/2015-03-31/functions/anything/invocations", b"{}"),
        ("GET", "/", None),
        ("OPTIONS", "/", None),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"x-localstack-data": "{}"}, {"Origin": "http://localhost"}])
def test_nothing_is_done_without_a_key(cloud, method, path, body, headers):
    response, answer = ask(cloud, method, path, body, headers)
    assert response.status == 403, answer


def test_health_and_identity_are_open_and_say_little(cloud):
    told = {path: ask(cloud, "GET", path) for path in ("/_localstack/health", "/_localstack/info")}
    assert {response.status for response, _ in told.values()} == {200}
    assert {frozenset(json.loads(body)) for _, body in told.values()} == {
        frozenset({"session_id", "version", "edition"})
    }


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_an_address_presigned_with_the_key_is_let_in(cloud, bucket, version):
    client = boto3.client(
        "s3",
        endpoint_url=cloud.endpoint,
        region_name="us-east-1",
        aws_access_key_id=cloud.keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=cloud.keys["AWS_SECRET_ACCESS_KEY"],
        config=boto3.session.Config(signature_version=version, s3={"addressing_style": "path"}),
    )
    address = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "kept"})
    assert ask(cloud, "GET", address.removeprefix(cloud.endpoint))[1] == b"kept"
    assert ask(cloud, "GET", f"/{bucket}/kept")[0].status == 403


def test_nothing_that_holds_requests_is_open_to_other_users(cloud):
    for name in ("keys.env", "localstack.log", "localstack-data"):
        assert stat.S_IMODE((cloud.state / name).stat().st_mode) & 0o077 == 0, name
