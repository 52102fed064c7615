"""What is chosen from the folds, beside scikit-learn's cross_val_predict and the definitions written out."""

import json
import math
from array import array
from itertools import permutations

import numpy as np
import pytest
from cross_validation import folds_of, table, taken
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from shared.errors import InvalidDatasetError
from shared.model.rows import Feature, Rows
from summarize.choosing import choose as module
from summarize.choosing.candidates import Candidate, candidates
from summarize.choosing.choose import Scored, choose, number_of_trees, within_one_standard_error
from summarize.choosing.fit_fold import fold_result
from summarize.choosing.folds import stratified_folds

LOGISTIC = candidates("logistic", 2)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_leaderboard_is_scikit_learns_cross_validation(classes):
    rows, features, names = table(300, classes)
    choice = choose(*folds_of(rows, features, names, LOGISTIC), features, names, LOGISTIC)
    folds = PredefinedSplit(np.frombuffer(stratified_folds(rows.labels, names, 5, 1), dtype=np.uint8))
    numbers, labels = np.array(rows.columns).T, np.array(list(rows.labels))
    for entry in choice["leaderboard"]:
        regression = LogisticRegression(C=entry["options"]["strength"], tol=1e-11, max_iter=10_000)
        pipeline = make_pipeline(StandardScaler(), regression)
        said = cross_val_predict(pipeline, numbers, labels, cv=folds, method="predict_proba")
        two = classes == 2
        area = roc_auc_score(labels, said[:, 1] if two else said, multi_class="ovr")
        assert entry["log_loss"] == pytest.approx(log_loss(labels, said), rel=1e-5)
        assert entry["roc_auc"] == pytest.approx(area, abs=1e-4)
        assert entry["accuracy"] == pytest.approx(accuracy_score(labels, said.argmax(1)))
    losses = [entry["log_loss"] for entry in choice["leaderboard"]]
    assert losses == sorted(losses)
    best = choice["leaderboard"][0]
    assert choice["members"] == [{"kind": "logistic", "options": best["options"], "weight": 1.0}]
    assert [entry["weight"] for entry in choice["leaderboard"]] == [1.0, 0.0, 0.0]


def test_auto_compares_every_family_and_the_blend():
    rows, features, names = table(400, 2)
    compared = candidates("auto", 2)
    choice = choose(*folds_of(rows, features, names, compared), features, names, compared)
    assert [entry["kind"] for entry in choice["leaderboard"]].count("logistic") == 3
    assert {entry["kind"] for entry in choice["leaderboard"]} == {
        "gaussian",
        "logistic",
        "boosted_trees",
        "blend",
    }
    assert math.fsum(member["weight"] for member in choice["members"]) == pytest.approx(1.0)
    trees = next(entry for entry in choice["leaderboard"] if entry["kind"] == "boosted_trees")
    assert trees["options"]["trees"] > 0
    assert trees["weight"] > 0.3  # a bend is nothing that a line could follow
    assert json.loads(json.dumps(choice)) == choice


def test_the_same_rows_give_the_same_choice_to_the_last_byte():
    rows, features, names = table(150, 3)
    compared = candidates("auto", 3)
    folds = [folds_of(rows, features, names, compared) for _ in range(2)]
    assert json.dumps(folds[0][1]) == json.dumps(folds[1][1])
    chosen = [choose(*one, features, names, compared) for one in folds]
    assert json.dumps(chosen[0]) == json.dumps(chosen[1])


def test_results_that_went_through_json_are_as_good():
    rows, features, names = table(150, 2)
    compared = candidates("auto", 2)
    held_out, results = folds_of(rows, features, names, compared)
    through = json.loads(json.dumps(results))
    assert choose(held_out, through, features, names, compared) == choose(
        held_out, results, features, names, compared
    )


def test_one_number_of_trees_is_where_the_folds_together_have_the_lowest_loss():
    early, late = [0.7, 0.5, 0.6, 0.8], [0.7, 0.6, 0.5, 0.4, 0.39]
    assert number_of_trees([early], [1]) == 1
    assert number_of_trees([late], [1]) == 4
    assert number_of_trees([early, late], [1, 1]) == 1
    assert number_of_trees([early, late], [1, 3]) == 4
    assert number_of_trees([[0.7, 0.7]], [5]) == 0  # the fewest of equals


def test_the_blend_has_to_be_better_than_by_one_standard_error():
    zigzag = [0.1, -0.1] * 50  # a deviation of 0.1, so a standard error of 0.01
    assert within_one_standard_error([0.0099 + z for z in zigzag], [0.0] * 100)
    assert not within_one_standard_error([0.0101 + z for z in zigzag], [0.0] * 100)
    assert within_one_standard_error([0.5] * 10, [0.5] * 10)


def test_a_simpler_member_stands_alone_where_the_blend_is_hardly_better():
    rng = np.random.default_rng(0)
    rows, features, names = table(300, 2)
    labels = bytes((rng.random(300) < 1 / (1 + np.exp(-2 * np.array(rows.columns[0])))).astype(int).tolist())
    rows = Rows(rows.columns, labels)  # a line and nothing else
    compared = candidates("auto", 2)
    choice = choose(*folds_of(rows, features, names, compared), features, names, compared)
    assert [member["weight"] for member in choice["members"]] == [1.0]
    assert choice["members"][0]["kind"] in ("gaussian", "logistic")
    blend = next(entry for entry in choice["leaderboard"] if entry["kind"] == "blend")
    assert blend["weight"] == 0.0


def scored(kind: str, strength: float, losses: list[float]) -> Scored:
    """Of two classes and rows of the first one."""
    own = [-loss for loss in losses]
    rest = [math.log(-math.expm1(value)) for value in own]
    return Scored(Candidate(kind, {"strength": strength}), [array("d", own), array("d", rest)], losses)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_each_family_the_candidate_with_the_lowest_log_loss_may_be_chosen(order):
    of_family = [
        scored("logistic", 0.1, [0.5]),
        scored("logistic", 1.0, [0.3]),
        scored("logistic", 9.0, [0.4]),
    ]
    other = scored("gaussian", 0.0, [0.7])
    assert module._best_of_each_family([*(of_family[k] for k in order), other]) == [of_family[1], other]


def test_of_equal_candidates_the_first_one_may_be_chosen():
    one, other = scored("logistic", 0.1, [0.2, 0.4]), scored("logistic", 1.0, [0.4, 0.2])
    assert module._best_of_each_family([one, other]) == [one]


@pytest.mark.parametrize(("weight", "members"), [(0.0099, 1), (0.01, 2)])
def test_a_member_with_next_to_no_weight_is_not_worth_its_cost(weight, members, monkeypatch):
    best = [scored("logistic", 1.0, [0.1, 0.9] * 9), scored("boosted_trees", 0.0, [0.9, 0.1] * 9)]
    asked = []

    def weights(logs, labels):
        asked.append(len(logs))
        return [1 - weight, weight] if len(logs) == 2 else [1.0]

    monkeypatch.setattr(module, "blend_weights", weights)
    _, blend = module._members(best, [0] * 18)
    assert asked == [2, members]
    assert [one for one, _ in blend] == best[:members]


def test_a_class_that_a_fold_does_not_know_costs_that_fold_and_no_more():
    rows, features, _ = table(100, 2)
    rows = Rows(rows.columns, bytes([*rows.labels[:-1], 2]))
    compared = candidates("auto", 3)
    held_out, results = folds_of(rows, features, ("a", "b", "c"), compared)
    choice = choose(held_out, results, features, ("a", "b", "c"), compared)
    assert all(math.isfinite(entry["log_loss"]) for entry in choice["leaderboard"])


def test_a_candidate_that_no_fold_could_fit_is_listed_with_the_reason():
    rows, features, names = table(60, 2)
    compared = [Candidate("gaussian", {"covariance": "full"}), LOGISTIC[1]]
    held_out, results = folds_of(rows, features, names, compared)
    results[2]["fitted"][0] = {"failed": "too few rows"}
    choice = choose(held_out, results, features, names, compared)
    assert choice["leaderboard"][1] == {
        "kind": "gaussian",
        "options": {"covariance": "full"},
        "failed": "too few rows",
    }
    assert choice["members"][0]["kind"] == "logistic"


def test_nothing_fitted_is_an_invalid_dataset():
    rows, features, names = table(60, 2)
    held_out, results = folds_of(rows, features, names, LOGISTIC)
    with pytest.raises(InvalidDatasetError, match="no fold forward in time"):
        choose(held_out, [{"fitted": []} for _ in results], features, names, LOGISTIC)
    failed = [{"fitted": [{"failed": "why"} for _ in LOGISTIC]} for _ in results]
    with pytest.raises(InvalidDatasetError, match="no model could be fitted: why"):
        choose(held_out, failed, features, names, LOGISTIC)


def test_what_cannot_be_fitted_says_why_and_keeps_no_other_candidate_from_it():
    rows = Rows([bytes([2, 3] * 20)], bytes([0, 1, 1, 0] * 10))
    lonely = Rows([bytes(range(2, 42))], rows.labels)  # a value of a category in each row, all different
    features = [Feature("kind", tuple(f"v{k}" for k in range(40)))]
    compared = candidates("auto", 2)
    fitted = fold_result(lonely, rows, features, ("a", "b"), compared, 1)["fitted"]
    of_logistic = [one for one, c in zip(fitted, compared, strict=True) if c.kind == "logistic"]
    assert len(of_logistic) == 3
    assert all("every feature is constant" in one["failed"] for one in of_logistic)
    assert "model" in fitted[-1]


def test_a_fold_that_holds_nothing_out_fits_nothing():
    rows, features, names = table(60, 2)
    assert fold_result(rows, taken(rows, []), features, names, LOGISTIC, 1) == {"fitted": []}


def test_rows_of_one_class_fit_nothing():
    rows, features, names = table(60, 2)
    alone = taken(rows, [i for i, label in enumerate(rows.labels) if label])
    assert fold_result(alone, rows, features, names, LOGISTIC, 1) == {"fitted": []}


def test_more_classes_than_trees_can_tell_are_compared_without_trees():
    assert {candidate.kind for candidate in candidates("auto", 32)} == {
        "gaussian",
        "logistic",
        "boosted_trees",
    }
    assert {candidate.kind for candidate in candidates("auto", 33)} == {"gaussian", "logistic"}
