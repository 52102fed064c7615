"""Errors by group of the sensitive columns: against scikit-learn on the same rows, and nobody's single entry."""

import csv
import io
import json
import random

import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, recall_score

from fetch_and_validate import part_writer
from fetch_and_validate.stage import stage
from publish_artifact.publication import publish
from shared.config import Config
from shared.errors import InvalidDatasetError
from shared.test_rows import scored_rows_from_npz
from shared.training_request import TrainingRequest
from summarize.summarize import summarize

CONFIG = Config(code_version="code-1")
STABLE = ("artifacts", "models/training_pipeline.pkl")
RARE = ["Xa", "Xb", "Xc"]


def table(rows: int = 1500) -> list[dict[str, str]]:
    """A label that follows x, less so in the south; a region with holes and three rare values, and a yes and no."""
    draw = random.Random(4)
    found = []
    for row in range(rows):
        x, region = draw.gauss(0, 1), draw.choices(["north", "south", ""], [6, 3, 1])[0]
        if row % 100 == 99:
            region = draw.choice(RARE)
        label = "yes" if x + draw.gauss(0, 2.0 if region == "south" else 0.3) > 0 else "no"
        day = f"{2020 + row // 336}-{1 + row // 28 % 12:02d}-{1 + row % 28:02d}"
        member = draw.choice(["yes", "no"])
        found.append({"day": day, "x": f"{x:.3f}", "region": region, "member": member, "label": label})
    return found


def written(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def published(storage):
    """Runs the three steps on rows; the artifact, and what was said of each test row with the row itself."""

    def made(rows: list[dict[str, str]], **fields) -> tuple[dict, list[tuple[dict[str, str], str]]]:
        storage.put(written(rows))
        request = {"model": "gaussian", "sensitive_columns": ["region"]} | fields
        event = {"task": "FetchAndValidate", "request": request, "execution_arn": "arn:1"}
        staged = stage(TrainingRequest.from_event(event, CONFIG), storage, CONFIG)
        publish(summarize(staged, storage), storage)
        artifact = json.loads(storage.objects[STABLE])
        place = artifact["lineage"]["test_rows"]
        said = scored_rows_from_npz(storage.objects[place["bucket"], place["key"]])
        predicted = [said.classes[code] for code in said.predicted]
        return artifact, [(rows[place], guess) for place, guess in zip(said.places, predicted, strict=True)]

    return made


@pytest.mark.parametrize("split", ["shuffled", "chronological"])
@pytest.mark.parametrize("order", [1, -1])
def test_the_figures_are_those_of_scikit_learn_on_the_rows_of_each_group(
    published, monkeypatch, split, order
):
    monkeypatch.setattr(part_writer, "PART_BYTES", 1)
    artifact, said = published(table()[::order], split=split)
    (entry,) = artifact["groups"]
    assert entry["column"] == "region"
    assert [(group["value"], group["others"]) for group in entry["groups"]] == [
        ("north", False),
        ("south", False),
        (None, False),
        (None, True),
    ]
    assert sum(group["rows"] for group in entry["groups"]) == artifact["split"]["test_rows"] == len(said)
    for group in entry["groups"]:
        values = RARE if group["others"] else [group["value"] or ""]
        of_group = [(row["label"], guess) for row, guess in said if row["region"] in values]
        labels, guesses = zip(*of_group, strict=True)
        assert group["accuracy"] == pytest.approx(accuracy_score(labels, guesses))
        right = sum(a == b for a, b in of_group)
        assert group["interval"] == pytest.approx(
            binomtest(right, len(labels)).proportion_ci(method="wilson")
        )
        for of_class in group["classes"]:
            name = of_class["class"]
            assert of_class["rows"] == labels.count(name)
            assert of_class["recall"] == pytest.approx(recall_score(labels, guesses, pos_label=name))
    north, south = entry["groups"][:2]
    assert north["interval"][0] > south["interval"][1]


def test_values_that_few_rows_have_are_one_group_and_nowhere_named(published, storage):
    artifact, _ = published(table())
    assert artifact["groups"][0]["groups"][-1]["others"]
    assert artifact["groups"][0]["groups"][-1]["classes"] == []
    assert not any(rare in json.dumps(artifact["groups"]) for rare in RARE)


def test_a_sensitive_column_stays_a_feature_and_one_that_is_left_out_has_groups_all_the_same(published):
    artifact, _ = published(table())
    assert "region" in [given["name"] for given in artifact["signature"]["inputs"]]
    for fields in ({"exclude_columns": ["region"]}, {"feature_columns": ["x"]}):
        without, said = published(table(), **fields)
        assert "region" not in [given["name"] for given in without["signature"]["inputs"]]
        (column,) = [column for column in without["columns"] if column["name"] == "region"]
        assert column["role"] == "left_out"
        assert column["reason"].endswith("; read for sensitive_columns alone")
        (entry,) = without["groups"]
        of_north = [row["label"] == guess for row, guess in said if row["region"] == "north"]
        assert entry["groups"][0]["accuracy"] == pytest.approx(sum(of_north) / len(of_north))


def test_a_yes_and_no_is_a_category_here_and_without_such_columns_there_are_no_groups(published):
    artifact, _ = published(table(), sensitive_columns=["member", "region"])
    assert [entry["column"] for entry in artifact["groups"]] == ["member", "region"]
    assert {group["value"] for group in artifact["groups"][0]["groups"]} == {"yes", "no"}
    assert published(table(), sensitive_columns=None)[0]["groups"] == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sensitive_columns": ["sex"]}, "sensitive_columns 'sex' is not a column; the header has 'day', 'x'"),
        (
            {"sensitive_columns": ["x"]},
            "sensitive_columns 'x' is no category: a number; allowed are the categories of the CSV: 'region', 'member' "
            '(columns makes one of another, as in {"zip": "category"})',
        ),
        ({"sensitive_columns": ["id"]}, "sensitive_columns 'id' is no category: text with nearly as many values"),
        (
            {"sensitive_columns": ["note"], "columns": {"note": "category"}},
            "sensitive_columns 'note' is no category: free text",
        ),
    ],
)  # fmt: skip
def test_what_is_no_category_is_refused_with_what_is_allowed(published, fields, message):
    rows = [row | {"id": f"n{i}", "note": "word " * 300 + str(i % 7)} for i, row in enumerate(table(200))]
    with pytest.raises(InvalidDatasetError) as caught:
        published(rows, **fields)
    assert message in str(caught.value)


def test_a_number_that_stands_for_groups_is_one_where_the_request_says_so(published):
    rows = [row | {"sex": "12"[i % 3 == 0]} for i, row in enumerate(table())]
    artifact, _ = published(
        rows, sensitive_columns=["sex"], exclude_columns=["sex"], columns={"sex": "category"}
    )
    assert [group["value"] for group in artifact["groups"][0]["groups"]] == ["1", "2"]
