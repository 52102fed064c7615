import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from model_service_cli.door import CommandError
from model_service_cli.runs.request import Upload
from model_service_cli.runs.upload import Uploaded, describe, upload
from model_service_cli.terminal.figures import size


@pytest.fixture
def s3(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="data")
        client.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "a b.csv"
    path.write_bytes(b"x,label\n1,a\n")
    return Upload(path, "data", "data/a b.csv")


def versions(s3) -> int:
    return len(s3.list_object_versions(Bucket="data").get("Versions", []))


def test_a_new_file_is_uploaded(s3, source):
    assert upload(s3, source) == Uploaded(size=12, fresh=True)
    assert s3.get_object(Bucket="data", Key="data/a b.csv")["Body"].read() == b"x,label\n1,a\n"


def test_the_same_content_makes_no_second_version(s3, source):
    upload(s3, source)
    assert upload(s3, source) == Uploaded(size=12, fresh=False)
    assert versions(s3) == 1


def test_other_content_makes_a_new_version(s3, source):
    upload(s3, source)
    source.path.write_bytes(b"x,label\n2,a\n")
    assert upload(s3, source).fresh
    assert versions(s3) == 2


def test_an_object_of_another_tool_is_replaced_once(s3, source):
    s3.put_object(Bucket="data", Key="data/a b.csv", Body=b"x,label\n1,a\n")
    assert upload(s3, source).fresh
    assert not upload(s3, source).fresh


def test_a_deleted_object_is_uploaded_again(s3, source):
    upload(s3, source)
    s3.delete_object(Bucket="data", Key="data/a b.csv")
    assert upload(s3, source).fresh


@pytest.mark.parametrize(
    ("name", "what"), [("none.csv", "does not exist"), ("/dev/null", "is no regular file")]
)
def test_a_file_that_is_none_is_one_line(s3, tmp_path, name, what):
    with pytest.raises(CommandError, match=what) as caught:
        upload(s3, Upload(tmp_path / name, "data", "k"))
    assert caught.value.exit_status == 2


def test_a_name_that_the_file_system_refuses_is_one_line(s3, tmp_path):
    with pytest.raises(CommandError, match="cannot be read: File name too long") as caught:
        upload(s3, Upload(tmp_path / ("x" * 300), "data", "k"))
    assert caught.value.exit_status == 2


def test_a_missing_bucket_is_one_line(s3, source):
    with pytest.raises(CommandError) as caught:
        upload(s3, Upload(source.path, "nowhere", "k"))
    assert str(caught.value).startswith("s3://nowhere/k: ")
    assert "was refused: NoSuchBucket: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_refused_write_names_the_object_and_the_reason(s3, source, monkeypatch):
    def refuse(**_):
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "PutObject")

    monkeypatch.setattr(s3, "put_object", refuse)
    with pytest.raises(CommandError) as caught:
        upload(s3, source)
    assert str(caught.value) == "s3://data/data/a b.csv: PutObject was refused: AccessDenied: Access Denied"


def test_a_file_that_changes_meanwhile_is_refused(s3, source, monkeypatch):
    put = s3.upload_file

    def upload_while_it_grows(*arguments, **options):
        put(*arguments, **options)
        source.path.write_bytes(b"x,label\n1,a\n2,b\n")

    monkeypatch.setattr(s3, "upload_file", upload_while_it_grows)
    with pytest.raises(CommandError, match="changed while it was uploaded"):
        upload(s3, source)


def test_the_line_says_what_happened(source):
    assert describe(source, Uploaded(12, True)) == "a b.csv (12 bytes), uploaded to s3://data/data/a b.csv"
    assert (
        describe(source, Uploaded(2_500_000, False))
        == "a b.csv (2.5 MB), unchanged at s3://data/data/a b.csv"
    )
    assert [size(count) for count in (999, 1000, 10**9)] == ["999 bytes", "1.0 kB", "1.0 GB"]


def test_a_key_and_a_name_are_shown_on_one_line(tmp_path):
    said = describe(Upload(tmp_path / "a\x1b[2J.csv", "data", "data/a\nb.csv"), Uploaded(12, True))
    assert said == "a\\u001b[2J.csv (12 bytes), uploaded to s3://data/data/a\\nb.csv"


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "table"
    for name, content in {
        "a.csv": "x,y\n1,2\n", "day=1/b.csv": "x,y\n3,4\n", "_SUCCESS": "", ".hidden": "x", "empty.csv": "",
    }.items():  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return Upload(root, "data", "in/table/")


def keys_in(s3) -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket="data", Prefix="in/").get("Contents", ())]


def test_the_files_of_a_folder_are_uploaded_and_those_that_changed_again(s3, folder):
    assert upload(s3, folder) == Uploaded(size=16, fresh=2, files=2)
    assert keys_in(s3) == ["in/table/a.csv", "in/table/day=1/b.csv"]
    assert upload(s3, folder) == Uploaded(size=16, fresh=0, files=2)
    (folder.path / "a.csv").write_text("x,y\n5,6\n")
    done = upload(s3, folder)
    assert done == Uploaded(size=16, fresh=1, files=2)
    assert describe(folder, done) == (
        "table/ (2 files, 16 bytes), 1 uploaded to s3://data/in/table/, 1 unchanged there"
    )


def test_objects_that_are_no_files_of_the_folder_are_not_trained_on_unseen(s3, folder):
    s3.put_object(Bucket="data", Key="in/table/old.csv", Body=b"x,y\n")
    s3.put_object(Bucket="data", Key="in/table/_SUCCESS", Body=b"no data")
    with pytest.raises(
        CommandError, match=r"also has 1 objects that are no files of DATA .*: 'old\.csv'; delete them"
    ):
        upload(s3, folder)
    assert keys_in(s3) == ["in/table/_SUCCESS", "in/table/old.csv"]


def test_a_folder_that_s3_refuses_is_told(s3, folder):
    with pytest.raises(CommandError, match="s3://nowhere/in/table/"):
        upload(s3, Upload(folder.path, "nowhere", "in/table/"))
