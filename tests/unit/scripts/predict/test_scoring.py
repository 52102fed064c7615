"""Rows with a label: the figures on them are scikit-learn's, and the data is compared with the model's own."""

import csv
import io
import json
import random

import pytest
from sklearn import metrics

from shared.drift import strength

HEADER = "sepal_length,sepal_width,petal_length,petal_width,species"


@pytest.fixture(scope="module")
def table(data_directory) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((data_directory / "iris.csv").read_text())))


def written(rows: list[dict[str, str]], columns: str = HEADER) -> str:
    output = io.StringIO()
    writer = csv.DictWriter(
        output, columns.split(","), extrasaction="ignore", restval="x", lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return output.getvalue()


@pytest.fixture
def scored(command, iris):
    """What the command says of a CSV as JSON."""

    def run(content: str | bytes, artifact: dict = iris) -> dict:
        status, out, _ = command(content, artifact, "new.csv", "--json")
        assert status == 0
        return json.loads(out)

    return run


def test_the_figures_are_scikit_learns_on_the_rows_that_have_a_label(command, scored, table):
    some = random.Random(3).sample(table, 60)
    some = [row | {"species": ""} if place < 7 else row for place, row in enumerate(some)]
    some[8] = some[8] | {"species": "setosa"}
    some[9] = some[9] | {"species": "virginica"}
    _, out, err = command(written(some))
    predicted = list(csv.DictReader(io.StringIO(out)))[7:]
    labels = [row["species"] for row in some][7:]
    found = scored(written(some))
    answers = [row["label"] for row in predicted]
    assert (found["rows"], found["labelled_rows"]) == (60, 53)
    assert found["metrics"]["accuracy"] == metrics.accuracy_score(labels, answers)
    assert found["metrics"]["balanced_accuracy"] == pytest.approx(
        metrics.balanced_accuracy_score(labels, answers)
    )
    assert found["metrics"]["f1"] == pytest.approx(metrics.f1_score(labels, answers, average="macro"))
    names = ["setosa", "versicolor", "virginica"]
    probabilities = [[float(row[f"probability_{name}"]) for name in names] for row in predicted]
    assert found["metrics"]["log_loss"] == pytest.approx(
        metrics.log_loss(labels, probabilities, labels=names)
    )
    assert (
        found["confusion_matrix"]["counts"]
        == metrics.confusion_matrix(labels, answers, labels=names).tolist()
    )
    assert "metrics    on 53 rows, by their 'species'; 7 rows without a label were predicted only" in err
    assert f"accuracy             {found['metrics']['accuracy']:.4f}" in err
    assert "is \\ answered  setosa  versicolor  virginica" in err


def test_the_published_figures_stand_beside(command, scored, iris, table):
    found = scored(written(table[::3]))
    assert found["published_metrics"] == iris["metrics"]
    assert "published" in command(written(table[::3]))[2]


def test_data_as_before_has_not_moved_and_other_data_has(command, scored, table):
    same = scored(written(table))
    assert same["drift"]["moved"] == []
    assert same["drift"]["columns"] == {"gone": [], "new": []}
    moved = [
        row | {"petal_width": f"{float(row['petal_width']) * 3:.1f}"}
        for row in table
        if row["species"] != "setosa"
    ]
    found = scored(written(moved, f"{HEADER},colour"))
    assert found["drift"]["columns"]["new"] == ["colour"]
    by_name = {one["name"]: strength(one["psi"], one["chance"]) for one in found["drift"]["moved"]}
    assert by_name["petal_width"] == "large"
    assert None in by_name  # no setosa any more
    told = command(written(moved, f"{HEADER},colour"))[2]
    assert "columns new:  colour" in told
    assert "petal_width" in told
    assert "the classes' shares moved" in told


def test_rows_without_labels_are_compared_too_and_no_label_is_no_news(command, scored, table):
    found = scored(written(table, HEADER.removesuffix(",species")))
    assert (found["metrics"], found["labelled_rows"]) == (None, 0)
    assert found["drift"]["columns"] == {"gone": [], "new": []}
    assert found["drift"]["compared"] == 4
    assert not found["drift"]["moved"]


def test_the_file_of_the_training_is_known_again(
    command, scored, iris, table, data_directory, artifact_content
):
    content = (data_directory / "iris.csv").read_bytes()
    in_hand = {**iris, "dataset": iris["dataset"] | {"etag": "0" * 32}}
    warning = "warning    this is the file that the model was trained on"
    assert warning in command(content)[2]
    assert warning not in command(content, in_hand)[2]


def test_a_class_that_training_never_saw_counts_as_wrong(command, scored, table):
    rows = [row | {"species": "bracteata"} if place % 10 == 0 else row for place, row in enumerate(table)]
    found = scored(written(rows))
    assert found["labelled_rows"] == 150
    assert found["metrics"]["accuracy"] < 0.92
    assert "bracteata" in found["confusion_matrix"]["labels"]


def test_a_column_that_holds_no_classes_gives_no_figures_and_all_predictions(command, scored, table):
    rows = [row | {"species": f"id {place}"} for place, row in enumerate(table * 10)]
    status, out, err = command(written(rows))
    assert (status, len(out.splitlines())) == (0, 1501)
    assert "metrics    none by column 'species': it has more than 1000 distinct values" in err
    assert scored(written(rows))["metrics"] is None


def test_two_classes_have_their_positive_one_and_threshold(command, scored, artifact_content, table):
    content = written([row for row in table if row["species"] != "setosa"])
    artifact = json.loads(
        artifact_content(content.encode(), label_column="species", split="shuffled", positive_class="virginica",
                         threshold=0.3, exclude_columns=["petal_length", "petal_width"])
    )  # fmt: skip
    status, out, err = command(content, artifact)
    assert status == 0
    answers = [row["label"] for row in csv.DictReader(io.StringIO(out))]
    labels = [row["species"] for row in csv.DictReader(io.StringIO(content))]
    found = scored(content, artifact)
    assert found["metrics"]["recall"] == metrics.recall_score(labels, answers, pos_label="virginica")
    assert found["decision"] == {"positive_class": "virginica", "rule": "given", "threshold": 0.3}
    assert "positive   'virginica': precision, recall, F1" in err


@pytest.mark.parametrize("name", ["penguins_blend_schema_2.json", "wine_pooled_schema_1.json"])
def test_older_artifacts_have_figures_and_say_why_nothing_is_compared(command, scored, data_directory, name):
    artifact = json.loads((data_directory / "artifacts" / name).read_text())
    data = data_directory / f"{name.partition('_')[0]}.csv"
    found = scored(data.read_bytes(), artifact)
    assert found["metrics"]["accuracy"] > 0.9
    assert found["drift"] is None
    assert "has no profiles of its columns" in found["why_no_drift"]


def test_a_profile_that_contradicts_the_artifact_is_one_line(command, scored, iris, table):
    columns = {name: column | {"train": {"": [1]}} for name, column in iris["profiles"]["columns"].items()}
    artifact = {**iris, "profiles": iris["profiles"] | {"columns": columns}}
    status, _, err = command(written(table), artifact)
    assert (status, err.count("\n")) == (2, 1)
    assert "artifact.json" in err
