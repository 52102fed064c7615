"""Step 2 as a whole, on datasets staged by step 1's own formats."""

import hashlib
import json
import re
from array import array
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import train_test_split
from standardised_naive_bayes import StandardisedNB

from shared.config import Config
from shared.contracts import Gate, TrainingRequest, ValidatedDataset
from shared.errors import DatasetChangedError, InvalidDatasetError, InvalidRequestError
from shared.event_fields import S3Reference
from shared.parts import Part, part_to_npz
from shared.run import Conditions, Run
from shared.run_files import sealed, write_document
from shared.test_rows import scored_rows_from_npz
from summarize.rows import split
from summarize.rows.placed_parts import Stretch
from summarize.summarize import summarize

RUN = "0123456789abcdef0123"
PREFIX = f"runs/{RUN}/dataset/"
MANIFEST = S3Reference("artifacts", PREFIX + "manifest.json")
REFERENCES = {
    "diagonal": StandardisedNB,
    "pooled": lambda: LinearDiscriminantAnalysis(solver="lsqr"),
    "full": QuadraticDiscriminantAnalysis,
}


THIS = Run(RUN, "arn:1")


def dataset_in(storage, run: Run = THIS) -> ValidatedDataset:
    """Step 1's output for the manifest that is there, whatever it is."""
    content = storage.objects.get(("artifacts", MANIFEST.key), b"")
    return ValidatedDataset(run, {"rows": 0}, sealed(MANIFEST, content))


def put_dataset(storage, X: np.ndarray, y: np.ndarray, cuts: list[int] | None = None, **fields) -> None:
    """Writes parts and manifest as step 1 does."""
    entries = []
    classes = tuple(dict.fromkeys(y.tolist()))
    width = np.uint8 if len(classes) <= 256 else np.uint16
    codes = np.array([classes.index(name) for name in y], width)
    for i, rows in enumerate(np.split(np.arange(len(y)), sorted(cuts or []))):
        columns = [array("d", column) for column in X[rows].T.tolist()]
        content = part_to_npz(
            Part(columns, array("B" if width is np.uint8 else "H", codes[rows].tolist()), classes)
        )
        key = f"{PREFIX}shard-00000/part-{i:05d}.npz"
        storage.put(content, "artifacts", key)
        entries.append(
            {
                "key": key,
                "rows": len(rows),
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "classes": dict(Counter(y[rows].tolist())),
            }
        )
    manifest = {
        "manifest_version": 3,
        "run_id": RUN,
        "status": "valid",
        "request": TrainingRequest.from_event(
            {"model": "gaussian", "split": "chronological"} | fields, Config()
        ).parameters(),
        "features": [f"x{j}" for j in range(X.shape[1])],
        "columns": [{"name": f"x{j}", "role": "feature"} for j in range(X.shape[1])],
        "parts": entries,
        "shards": [],
        "report": {
            "rows": len(y),
            "classes": dict(Counter(y.tolist())),
            "columns": {
                f"x{j}": {"min": min(column), "max": max(column)} for j, column in enumerate(X.T.tolist())
            },
        },
    }
    write_document(storage, MANIFEST, manifest)
    storage.objects.pop(("artifacts", f"runs/{RUN}/model/summary.json"), None)  # of the dataset before


def drawn(y: np.ndarray, test_size: float, seed: int) -> np.ndarray:
    """Whether each row is a test row of a shuffled split."""
    names = tuple(dict.fromkeys(y.tolist()))
    rows = dict(Counter(y.tolist()))
    chosen = split.ShuffledSplit(rows, split.held_out_per_class(rows, test_size), seed)
    part = Part([], array("H", map(names.index, y.tolist())), names)
    return np.frombuffer(chosen.mask(Stretch(part, 0, {})), bool)


def summary_in(storage) -> dict:
    return json.loads(storage.objects["artifacts", f"runs/{RUN}/model/summary.json"])


@pytest.mark.parametrize("covariance", REFERENCES)
@pytest.mark.parametrize("test_size", [0.2, 0.3])
def test_the_sample_trains_to_scikit_learn_s_result(covariance, test_size, storage, data_sets):
    candles = data_sets["candles"]
    put_dataset(storage, candles.X, candles.y, [4000], covariance=covariance, test_size=test_size)
    output = summarize(dataset_in(storage), storage).to_event()
    train_X, test_X, train_y, test_y = train_test_split(
        candles.X, candles.y, test_size=test_size, shuffle=False
    )
    guesses = REFERENCES[covariance]().fit(train_X, train_y).predict(test_X)
    assert output["metrics"]["accuracy"] == pytest.approx(float(np.mean(guesses == test_y)), rel=1e-12)
    assert output["metrics"]["f1"] == pytest.approx(f1_score(test_y, guesses, pos_label="1"), rel=1e-12)
    majority = max(set(train_y.tolist()), key=train_y.tolist().count)
    assert output["metrics"]["baseline_accuracy"] == pytest.approx(
        float(np.mean(test_y == majority)), rel=1e-12
    )
    assert output["summary"] == {
        "bucket": "artifacts",
        "key": f"runs/{RUN}/model/summary.json",
        "sha256": hashlib.sha256(storage.objects["artifacts", f"runs/{RUN}/model/summary.json"]).hexdigest(),
    }
    assert (output["run"]["run_id"], output["run"]["execution_arn"]) == (RUN, "arn:1")


@pytest.mark.parametrize("name", ["iris", "wine", "penguins"])
@pytest.mark.parametrize("covariance", REFERENCES)
def test_a_shuffled_split_trains_on_the_rows_it_says(name, covariance, storage, data_sets):
    data_set = data_sets[name]
    put_dataset(storage, data_set.X, data_set.y, [50, 99], split="shuffled", seed=3, covariance=covariance)
    metrics = summarize(dataset_in(storage), storage).metrics
    test = drawn(data_set.y, 0.2, 3)
    guesses = REFERENCES[covariance]().fit(data_set.X[~test], data_set.y[~test]).predict(data_set.X[test])
    assert metrics["accuracy"] == pytest.approx(float(np.mean(guesses == data_set.y[test])), rel=1e-12)
    assert metrics["f1"] == pytest.approx(f1_score(data_set.y[test], guesses, average="macro"), rel=1e-12)


def test_the_summary_says_model_split_and_evaluation(storage, data_sets):
    iris = data_sets["iris"]
    put_dataset(storage, iris.X, iris.y, split="shuffled", seed=1)
    metrics = summarize(dataset_in(storage), storage).metrics
    summary = summary_in(storage)
    assert summary["summary_version"] == 2
    assert summary["run_id"] == RUN
    assert summary["manifest"] == dataset_in(storage).manifest.to_event()
    assert summary["metrics"] == metrics
    assert summary["split"] == {
        "method": "shuffled",
        "time_order": None,
        "seed": 1,
        "test_size": 0.2,
        "train_rows": 120,
        "test_rows": 30,
    }
    assert summary["model"]["classes"] == ["setosa", "versicolor", "virginica"]
    assert sum(summary["train_rows_per_class"].values()) == 120
    assert np.sum(summary["evaluation"]["confusion_matrix"]["counts"]) == 30
    assert summary["evaluation"]["positive_class"] is None
    assert summary["decision"] == {"positive_class": None, "rule": "0.5", "threshold": None}
    assert (summary["evaluation"]["only_in_train"], summary["evaluation"]["only_in_test"]) == ([], [])


@pytest.mark.parametrize("covariance", ["diagonal", "pooled", "full"])
@settings(max_examples=15)
@given(
    cuts=st.lists(st.integers(1, 177), max_size=20, unique=True),
    method=st.sampled_from(["chronological", "shuffled"]),
)
def test_the_number_of_parts_leaves_no_trace_in_the_model(new_storage, data_sets, covariance, cuts, method):
    wine = data_sets["wine"]
    order = np.random.default_rng(0).permutation(len(wine.y))
    summaries = []
    for where in ([], cuts):
        storage = new_storage()
        put_dataset(storage, wine.X[order], wine.y[order], where, covariance=covariance, split=method)
        summarize(dataset_in(storage), storage)
        summaries.append(summary_in(storage))
    whole, cut = summaries
    # Probabilities that differ by a rounding: the same bins, and the same curve but for ties.
    for figures, expected in zip(
        cut["evaluation"].pop("curves"), whole["evaluation"].pop("curves"), strict=True
    ):
        assert figures["roc"]["area"] == pytest.approx(expected["roc"]["area"], rel=1e-9)
        assert figures["reliability"]["rows"] == expected["reliability"]["rows"]
        assert figures["reliability"]["hits"] == expected["reliability"]["hits"]
    intervals = whole["evaluation"].pop("intervals")
    for name, interval in cut["evaluation"].pop("intervals").items():
        assert interval == pytest.approx(intervals[name], rel=1e-9)
    for name in ("split", "evaluation", "train_rows_per_class", "profiles"):
        assert cut[name] == whole[name]
    np.testing.assert_allclose(cut["model"]["means"], whole["model"]["means"], rtol=1e-12)
    scale = np.sqrt(np.abs(whole["model"]["covariances"])).max()
    np.testing.assert_allclose(
        cut["model"]["covariances"], whole["model"]["covariances"], rtol=1e-10, atol=1e-12 * scale
    )
    assert cut["metrics"] == pytest.approx(whole["metrics"], rel=1e-9)


def test_classes_in_one_side_of_the_split_only_are_reported(storage):
    generator = np.random.default_rng(1)
    y = np.array(["early"] * 10 + ["a", "b"] * 40 + ["late"] * 5)
    put_dataset(storage, generator.normal(size=(len(y), 2)) + (y == "b")[:, None], y, test_size=0.2)
    summarize(dataset_in(storage), storage)
    summary = summary_in(storage)
    evaluation = summary["evaluation"]
    assert (evaluation["only_in_train"], evaluation["only_in_test"]) == (["early"], ["late"])
    assert ["no train row of class 'late'" in text for text in summary["warnings"]] == [True, False]
    assert ["no test row of class 'early'" in text for text in summary["warnings"]] == [False, True]


def test_of_classes_with_as_many_train_rows_the_first_in_order_is_the_majority(storage):
    y = np.array(["b", "a"] * 40 + ["a", "a", "b", "a"] * 5)
    put_dataset(storage, np.random.default_rng(1).normal(size=(100, 2)), y)
    metrics = summarize(dataset_in(storage), storage).metrics
    assert summary_in(storage)["evaluation"]["majority_class"] == "a"
    assert metrics["baseline_accuracy"] == 0.75


@pytest.mark.parametrize("covariance", ["diagonal", "pooled"])
def test_more_classes_than_a_byte_can_tell(covariance, storage):
    rows = np.arange(300 * 4)
    y = np.array([f"c{k:03d}" for k in rows % 300])
    X = np.column_stack([rows % 300 + 0.01 * (rows // 300), (rows % 300) % 17 + 0.01 * (rows % 7)]).astype(
        float
    )
    put_dataset(storage, X, y, cuts=[500], covariance=covariance, split="shuffled")
    summary = summarize(dataset_in(storage), storage)
    model = summary_in(storage)["model"]
    assert len(model["classes"]) == 300
    assert summary.metrics["accuracy"] > 0.9


@pytest.mark.parametrize("name", ["accuracy", "f1"])
def test_a_model_below_the_gate_is_rejected_with_its_figures(name, storage, data_sets):
    candles = data_sets["candles"]
    put_dataset(storage, candles.X, candles.y, **{f"min_{name}": 0.99})
    gate = summarize(dataset_in(storage), storage).gate
    assert not gate.passed
    about = " of '1'" if name == "f1" else ""
    assert re.fullmatch(rf"{name}{about} is 0\.\d{{4}}; min_{name} asks for 0\.99 or more", gate.cause)


def test_a_model_at_the_gate_passes(storage, data_sets):
    iris = data_sets["iris"]
    put_dataset(storage, iris.X, iris.y, split="shuffled", min_accuracy=0.0, min_f1=0.0)
    accuracy = summarize(dataset_in(storage), storage).metrics["accuracy"]
    put_dataset(storage, iris.X, iris.y, split="shuffled", min_accuracy=accuracy)
    summary = summarize(dataset_in(storage), storage)
    assert (summary.metrics["accuracy"], summary.gate) == (accuracy, Gate(True, ""))


def test_the_summary_of_the_same_work_is_found_and_not_made_again(storage, data_sets):
    iris = data_sets["iris"]
    put_dataset(storage, iris.X, iris.y, split="shuffled")
    first = summarize(dataset_in(storage), storage)
    for key in [key for key in storage.artifact_keys() if key.endswith(".npz")]:
        del storage.objects["artifacts", key]
    again = summarize(dataset_in(storage, Run(RUN, cached=("FetchAndValidate",))), storage)
    assert again.dataset.run.cached == ("FetchAndValidate", "Summarize")
    assert (again.metrics, again.summary) == (first.metrics, first.summary)
    with pytest.raises(DatasetChangedError, match="does not exist"):
        summarize(dataset_in(storage, Run(RUN, conditions=Conditions(force=True))), storage)


def test_a_chronological_split_that_leaves_one_class_to_train_on_is_refused(storage):
    y = np.array(["a"] * 80 + ["b"] * 20)
    put_dataset(storage, np.random.default_rng(1).normal(size=(100, 2)), y)
    with pytest.raises(InvalidDatasetError, match="the training rows hold only the class 'a'; at least two"):
        summarize(dataset_in(storage), storage)


def test_no_row_left_to_train_on_is_refused(storage):
    put_dataset(storage, np.array([[1.0], [2.0]]), np.array(["a", "b"]), test_size=0.9)
    with pytest.raises(InvalidDatasetError, match=r"2 rows with test_size 0\.9 leave no row to train on"):
        summarize(dataset_in(storage), storage)


@pytest.mark.parametrize("change", [lambda content: content[:-1] + b"?", lambda content: content[:100]])
def test_an_altered_part_is_a_changed_dataset(change, storage, data_sets):
    put_dataset(storage, data_sets["iris"].X, data_sets["iris"].y, split="shuffled")
    key = PREFIX + "shard-00000/part-00000.npz"
    storage.put(change(storage.objects["artifacts", key]), "artifacts", key)
    with pytest.raises(
        DatasetChangedError, match=r"part-00000\.npz has other content than the run wrote there"
    ):
        summarize(dataset_in(storage), storage)
    assert ("artifacts", f"runs/{RUN}/model/summary.json") not in storage.objects


def test_a_part_that_is_gone_is_a_changed_dataset(storage, data_sets):
    put_dataset(storage, data_sets["iris"].X, data_sets["iris"].y, split="shuffled")
    del storage.objects["artifacts", PREFIX + "shard-00000/part-00000.npz"]
    with pytest.raises(DatasetChangedError, match=r"part-00000\.npz does not exist"):
        summarize(dataset_in(storage), storage)


def test_a_manifest_that_is_not_there_is_an_invalid_request(storage):
    with pytest.raises(InvalidRequestError, match=r"manifest\.json does not exist"):
        summarize(dataset_in(storage), storage)


@pytest.mark.parametrize("content", [b"{}", b'{"run_id": "another"}'])
def test_another_run_s_manifest_is_an_invalid_request(content, storage):
    storage.put(content, "artifacts", MANIFEST.key)
    with pytest.raises(InvalidRequestError, match=r"is no manifest of version 3|is not of run"):
        summarize(dataset_in(storage), storage)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"a,b\n1,2\n", b"\xff\xfe", b'{"run_id": "0123456789abcdef0123"}']
)
def test_an_object_that_is_no_manifest_is_an_invalid_request(content, storage):
    storage.put(content, "artifacts", MANIFEST.key)
    with pytest.raises(InvalidRequestError):
        summarize(dataset_in(storage), storage)


def test_a_rejected_dataset_is_not_trained_on(storage):
    manifest = {
        "manifest_version": 3,
        "run_id": RUN,
        "status": "rejected",
        "error": "line 3: a text",
        "parts": [],
        "shards": [],
    }
    write_document(storage, MANIFEST, manifest)
    with pytest.raises(InvalidRequestError, match="was rejected: line 3: a text"):
        summarize(dataset_in(storage), storage)


@pytest.mark.parametrize("split_by", ["chronological", "shuffled"])
@pytest.mark.parametrize("cuts", [[], [30, 99]])
def test_what_was_said_of_each_test_row_is_kept_by_its_place(split_by, cuts, storage, data_sets):
    wine = data_sets["wine"]
    order = np.random.default_rng(0).permutation(len(wine.y))
    X, y = wine.X[order], np.where(wine.y[order] == wine.y[0], "first", "other")
    put_dataset(storage, X, y, cuts, split=split_by)
    metrics = summarize(dataset_in(storage), storage).metrics
    reference = summary_in(storage)["test_rows"]
    assert reference["key"] == f"runs/{RUN}/model/test-rows.npz"
    content = storage.objects["artifacts", reference["key"]]
    assert reference["sha256"] == hashlib.sha256(content).hexdigest()
    rows = scored_rows_from_npz(content)
    test = drawn(y, 0.2, 0) if split_by == "shuffled" else np.arange(len(y)) >= len(y) - 36
    assert rows.places.tolist() == np.flatnonzero(test).tolist()
    assert [rows.classes[k] for k in rows.labels] == y[test].tolist()
    assert np.mean(rows.losses) == pytest.approx(metrics["log_loss"], rel=1e-12)
    assert np.mean(np.array(rows.labels) == rows.predicted) == pytest.approx(metrics["accuracy"])
    assert roc_auc_score(y[test] == "first", rows.probabilities) == pytest.approx(metrics["roc_auc"])


def test_of_more_than_two_classes_no_probability_is_kept(storage, data_sets):
    iris = data_sets["iris"]
    put_dataset(storage, iris.X, iris.y, split="shuffled")
    summarize(dataset_in(storage), storage)
    rows = scored_rows_from_npz(storage.objects["artifacts", f"runs/{RUN}/model/test-rows.npz"])
    assert (len(rows.places), len(rows.probabilities), rows.classes) == (30, 0, tuple(np.unique(iris.y)))


def rare_class(rows: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """A class of an eighth of the rows, which one number tells of, but never with certainty."""
    generator = np.random.default_rng(5)
    y = np.where(generator.random(rows) < 0.125, "fraud", "ok")
    return generator.normal(size=(rows, 2)) + 1.5 * (y == "fraud")[:, None], y


@pytest.mark.parametrize("model", ["gaussian", "logistic"])
def test_at_the_threshold_of_f1_the_rare_class_is_found(model, storage):
    X, y = rare_class()
    put_dataset(storage, X, y, split="shuffled", model=model)
    at_half = summarize(dataset_in(storage), storage).metrics
    put_dataset(storage, X, y, split="shuffled", model=model, threshold="f1")
    metrics = summarize(dataset_in(storage), storage).metrics
    summary = summary_in(storage)
    decision = summary["decision"]
    assert (decision["positive_class"], decision["rule"]) == ("fraud", "f1")
    assert 0.05 < decision["threshold"] < 0.5
    assert metrics["recall"] > at_half["recall"]
    for name in ("roc_auc", "average_precision", "log_loss"):
        assert metrics[name] == at_half[name]
    own = next(
        row for row in summary["evaluation"]["thresholds"] if row["threshold"] == decision["threshold"]
    )
    for name in ("precision", "recall", "f1"):
        assert own[name] == pytest.approx(metrics[name], rel=1e-12)
    half = next(row for row in summary["evaluation"]["thresholds"] if row["threshold"] == 0.5)
    assert half["f1"] == pytest.approx(at_half["f1"], rel=1e-12)
    rows = scored_rows_from_npz(storage.objects["artifacts", summary["test_rows"]["key"]])
    flagged = [rows.classes[k] == "fraud" for k in rows.predicted]
    assert flagged == [p >= decision["threshold"] for p in rows.probabilities]


@pytest.mark.parametrize("model", ["gaussian", "logistic"])
@pytest.mark.parametrize("split_by", ["chronological", "shuffled"])
def test_test_rows_have_no_part_in_the_threshold(model, split_by, storage):
    X, y = rare_class(200)
    test = drawn(y, 0.2, 0) if split_by == "shuffled" else np.arange(200) >= 160
    found = []
    for other in (X, X - 9.0 * test[:, None]):
        put_dataset(storage, other, y, split=split_by, model=model, threshold="f1")
        summarize(dataset_in(storage), storage)
        found.append(summary_in(storage)["decision"])
    assert found[0] == found[1]


def test_the_threshold_and_the_positive_class_are_the_request_s(storage):
    X, y = rare_class(200)
    put_dataset(storage, X, y, split="shuffled", positive_class="ok", threshold=0.9)
    metrics = summarize(dataset_in(storage), storage).metrics
    summary = summary_in(storage)
    assert summary["decision"] == {"positive_class": "ok", "rule": "given", "threshold": 0.9}
    assert summary["evaluation"]["curves"][0]["class"] == summary["evaluation"]["positive_class"] == "ok"
    rows = scored_rows_from_npz(storage.objects["artifacts", summary["test_rows"]["key"]])
    guesses = [rows.classes[k] for k in rows.predicted]
    labels = [rows.classes[k] for k in rows.labels]
    assert guesses == ["ok" if p >= 0.9 else "fraud" for p in rows.probabilities]
    assert metrics["f1"] == pytest.approx(f1_score(labels, guesses, pos_label="ok"), rel=1e-12)


def test_too_few_rows_for_folds_leave_no_threshold_to_choose(storage):
    X, _ = rare_class(30)
    put_dataset(storage, X[:8], np.array(["a", "b"] * 4), split="shuffled", threshold="f1")
    with pytest.raises(
        InvalidDatasetError, match='threshold "f1" is chosen on folds of the train rows, and 6 are'
    ):
        summarize(dataset_in(storage), storage)


def test_folds_forward_in_time_without_the_positive_class_leave_no_threshold_to_choose(storage):
    generator = np.random.default_rng(0)
    y = np.array(["a", "b"] * 4 + ["a"] * 92)
    put_dataset(storage, generator.normal(size=(100, 2)), y, threshold="f1", split="chronological")
    with pytest.raises(
        InvalidDatasetError, match="no row that the folds hold out is of class 'b'; give a number"
    ):
        summarize(dataset_in(storage), storage)


def test_of_the_candles_volume_matters_most_and_the_prices_are_one_group(storage, data_sets):
    candles = data_sets["candles"]
    put_dataset(storage, candles.X, candles.y)
    summarize(dataset_in(storage), storage)
    permutation = summary_in(storage)["explanation"]["permutation"]
    names = {f"x{j}": name for j, name in enumerate(candles.features)}
    assert names[permutation["columns"][0]["name"]] == "volume"
    (group,) = permutation["groups"]
    assert [names[name] for name in group["columns"]] == ["open", "high", "low", "close"]
    assert group["mean"] < permutation["columns"][0]["mean"]
    assert permutation["rows"] <= 2000
