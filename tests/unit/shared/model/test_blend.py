import json
import math
from array import array
from types import SimpleNamespace

import numpy as np
import pytest

from shared.model.blend import Blend, Member
from shared.model.importance import Importance
from shared.model.registry import (
    BOOSTED_TREES,
    GAUSSIAN,
    LOGISTIC,
    DamagedModelError,
    family,
    model_from_json,
    model_to_json,
)
from shared.model.rows import Feature, Rows

FEATURES = (Feature("x"), Feature("y"), Feature("always the same"))
CLASSES = ("a", "b")


def rows_of(seed: int = 0, rows: int = 80) -> Rows:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, rows))
    labels = (x + y**2 + rng.normal(size=rows) > 1).astype(int)
    return Rows(
        [array("d", x.tolist()), array("d", y.tolist()), array("d", [1.0] * rows)], bytes(labels.tolist())
    )


def trees_of(seed: int):
    return BOOSTED_TREES.fit([rows_of(seed)], FEATURES, CLASSES, {"trees": 5})


def blend() -> Blend:
    linear = LOGISTIC.fit([rows_of()], FEATURES, CLASSES, {"strength": 0.3})
    return Blend(FEATURES, CLASSES, (Member(0.25, (linear,)), Member(0.75, (trees_of(1), trees_of(2)))))


def test_its_probabilities_are_the_weighted_geometric_mean_of_the_means_of_its_models():
    model, columns = blend(), rows_of(3).columns
    linear, one, two = (np.array(m.probabilities(columns)) for e in model.members for m in e.models)
    product = linear**0.25 * ((one + two) / 2) ** 0.75
    np.testing.assert_allclose(model.probabilities(columns), product / product.sum(axis=0), rtol=1e-12)


def test_a_member_alone_says_the_mean_of_its_models():
    columns, trees = rows_of(3).columns, (trees_of(1), trees_of(2))
    found = Blend(FEATURES, CLASSES, (Member(1.0, trees),)).probabilities(columns)
    np.testing.assert_allclose(
        found, np.mean([one.probabilities(columns) for one in trees], axis=0), rtol=1e-15
    )


def test_a_model_that_has_not_seen_a_class_all_but_rules_it_out():
    rows, classes = rows_of(), ("a", "b", "c")
    three = Rows(rows.columns, bytes([2 if i % 7 == 0 else label for i, label in enumerate(rows.labels)]))
    knows = LOGISTIC.fit([three], FEATURES, classes, {"strength": 0.3})
    does_not = LOGISTIC.fit([rows], FEATURES, classes, {"strength": 0.3})
    assert does_not.classes == ("a", "b")
    model = Blend(FEATURES, classes, (Member(0.5, (knows,)), Member(0.5, (does_not,))))
    found = model.probabilities(rows.columns)
    assert all(0.0 < p < 0.01 for p in found[2])
    np.testing.assert_allclose(np.sum(found, axis=0), 1.0, atol=1e-12)
    assert model_from_json(json.loads(json.dumps(model_to_json(model))), model.features) == model


def test_a_class_that_a_member_gives_no_chance_at_all_has_one():
    far = [[0.0, 400.0], [0.0, 0.0], [1.0, 1.0]]
    sure = GAUSSIAN.fit([rows_of()], FEATURES, CLASSES, {"covariance": "full"})
    both = Blend(FEATURES, CLASSES, (Member(0.5, (sure,)), Member(0.5, (trees_of(1),))))
    assert min(column[1] for column in sure.probabilities(far)) < 1e-30
    assert min(column[1] for column in both.probabilities(far)) > 1e-8


def test_a_row_too_far_out_for_one_model_is_decided_by_the_others():
    gaussian = GAUSSIAN.fit([rows_of()], FEATURES, CLASSES, {"covariance": "full"})
    far = [[0.0, 1e200], [0.0, 1e200], [1.0, 1.0]]
    assert math.isnan(gaussian.probabilities(far)[0][1])
    both = Blend(FEATURES, CLASSES, (Member(0.5, (gaussian,)), Member(0.5, (trees_of(1),))))
    found, trees = both.probabilities(far), trees_of(1).probabilities(far)
    assert (found[0][1] > found[1][1]) == (trees[0][1] > trees[1][1])
    assert math.isclose(found[0][1] + found[1][1], 1.0)
    alone = Blend(FEATURES, CLASSES, (Member(0.5, (gaussian,)), Member(0.5, (gaussian,))))
    assert all(math.isnan(column[1]) for column in alone.probabilities(far))


def test_a_feature_is_left_out_that_no_model_uses():
    assert set(blend().left_out) == {"always the same"}


def test_json_and_back_is_the_same_model():
    model = blend()
    assert model_from_json(json.loads(json.dumps(model_to_json(model))), model.features) == model


def test_its_family_fits_every_member_on_all_rows():
    members = [
        {"kind": "logistic", "options": {"strength": 3.0}, "weight": 0.5},
        {"kind": "boosted_trees", "options": {"trees": 5}, "weight": 0.5},
    ]
    model = family("blend").fit([rows_of(1)], FEATURES, CLASSES, {"members": members})
    linear = LOGISTIC.fit([rows_of(1)], FEATURES, CLASSES, {"strength": 3.0})
    assert model == Blend(FEATURES, CLASSES, (Member(0.5, (linear,)), Member(0.5, (trees_of(1),))))


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (["members"], [], "without members"),
        (["members", 0, "models"], [], "without models"),
        (["members", 0, "weight"], 0.5, "weights are not positive numbers that add up to 1"),
        (["members", 0, "weight"], math.nan, "weights are not positive numbers that add up to 1"),
        (["members", 0, "kind"], "blend", "a blend has a blend as its member"),
        (["members", 0, "kind"], "oracle", "kind 'oracle' is none of"),
        (["members", 0, "models", 0, "classes"], ["a", "z"], "has a class that the blend has not"),
        (["members", 0, "models", 0, "strength"], 0.0, "model 0, logistic: strength 0"),
    ],
)
def test_what_does_not_fit_together_is_a_damaged_model(path, value, problem):
    document = json.loads(json.dumps(model_to_json(blend())))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(DamagedModelError, match=problem):
        model_from_json(document, blend().features)


def test_it_says_what_it_is_and_what_matters_in_its_heaviest_member():
    model = blend()
    words = model.describe()
    assert words.startswith("the weighted geometric mean of what these models say: 25% logistic regression")
    assert "75% the mean of 2 models, each gradient boosting" in words
    assert model.importance().measure == trees_of(1).importance().measure
    assert sum(model.importance().numbers[None]) == pytest.approx(1.0)


def test_what_one_model_of_a_member_leaves_out_matters_nothing_in_it():
    def saying(numbers: dict[str, float]) -> SimpleNamespace:
        told = Importance("gain", "a share", tuple(numbers), {None: list(numbers.values())})
        return SimpleNamespace(importance=lambda: told)

    models = (saying({"x": 0.75, "y": 0.25}), saying({"x": 1.0}), saying({"z": 0.5, "x": 0.5}))
    found = Blend(FEATURES, CLASSES, (Member(0.3, ()), Member(0.7, models))).importance()
    assert found.names == ("x", "y", "z")
    assert found.numbers[None] == pytest.approx([2.25 / 3, 0.25 / 3, 0.5 / 3])
