"""Keys, column names and labels that other programs stumble over pass through S3 and all three steps as they are."""

import json

import pytest

from fetch_and_validate import handler as fetch_and_validate
from publish_artifact import handler as publish_artifact
from shared.errors import PermanentError
from shared.storage import Storage
from summarize import handler as summarize

KEYS = [
    "data/with space.csv",
    "data/naïve 日本 😀.csv",
    "data/../../secrets.csv",
    "data/./a.csv",
    "data/100%.csv",
    "data/%2e%2e%2f.csv",
    "data/a+b.csv",
    "data/a\nb.csv",
    "data/a?b=c&d#e.csv",
    "data/<b>&\"'.csv",
    "/data/a.csv",
    "data//a.csv",
    "=1+1",
]
NAMES = [
    "=1+1",
    "@SUM(A1)",
    "+1",
    "-1",
    "<script>alert(1)</script>",
    "a&b",
    '"quoted"',
    "a\nb",
    "naïve 日本 😀",
    "${x}",
    "\\",
]


def quoted(cells: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)


@pytest.fixture
def trained(s3, monkeypatch):
    """The three handlers in a row against S3: the output of the last."""
    for module in (fetch_and_validate, summarize, publish_artifact):
        monkeypatch.setattr(module, "storage", Storage(s3))

    def run(content: bytes, key: str = "data/a.csv", **fields) -> dict:
        s3.put_object(Bucket="ml-data-demo", Key=key, Body=content)
        event = {"key": key, "model": "gaussian", **fields}
        for module in (fetch_and_validate, summarize, publish_artifact):
            event = json.loads(json.dumps(module.handler(event, None)))
        return event

    return run


def artifact_at(s3, key: str) -> dict:
    return json.loads(s3.get_object(Bucket="artifacts", Key=key)["Body"].read())


@pytest.mark.parametrize("key", KEYS)
def test_any_key_of_a_csv_and_of_an_artifact(tried, s3, trained, key):
    tried("keys through S3")
    rows = "".join(f"{7 * i % 20},{'up' if i % 3 else 'down'}\n" for i in range(20))
    output = trained(f"a,label\n{rows}".encode(), key, artifact_key=f"models/{key}")
    assert output["dataset"]["key"] == key
    assert output["artifact"]["key"] == f"models/{key}"
    assert artifact_at(s3, f"models/{key}")["dataset"]["key"] == key
    keys = {entry["Key"] for entry in s3.list_objects_v2(Bucket="artifacts")["Contents"]}
    assert all(name.startswith(("models/", "runs/")) for name in keys)


@pytest.mark.parametrize("name", NAMES)
def test_any_column_name_and_label(tried, s3, trained, name):
    tried("names through S3")
    header = quoted([name, "b", "label"])
    rows = "".join(f"{7 * i % 30},{i * i % 7},{quoted([name if i % 3 else 'other'])}\n" for i in range(30))
    trained(f"{header}\n{rows}".encode(), artifact_key="models/a.json", min_accuracy=0.0)
    model = artifact_at(s3, "models/a.json")["model"]
    assert [feature["name"] for feature in model["features"]] == [name, "b"]
    assert sorted(model["classes"]) == sorted([name, "other"])


@pytest.mark.parametrize("name", ["=1+1", "<script>alert(1)</script>", "a\nb"])
def test_a_message_shows_a_name_in_quotes_on_one_line(tried, trained, name):
    tried("names through S3")
    with pytest.raises(PermanentError) as raised:
        trained(b"a,label\n1,x\n2,y\n", label_column=name)
    assert repr(name) in str(raised.value)
    assert "\n" not in str(raised.value)
