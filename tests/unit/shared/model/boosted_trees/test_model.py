import json
import math
import random

import pytest
from plain_trees import leaf_of

from shared.model.boosted_trees.bins import codes_of
from shared.model.boosted_trees.family import BOOSTED_TREES
from shared.model.boosted_trees.fixed_point import UNIT
from shared.model.boosted_trees.model import BoostedTrees
from shared.model.registry import DamagedModelError, model_from_json, model_to_json
from shared.model.rows import Feature, Rows

FEATURES = (Feature("size"), Feature("colour", ("red", "green", "blue")), Feature("age"), Feature("note"))


def table(rows: int, classes: int, seed: int = 0) -> Rows:
    rng = random.Random(seed)
    size = [rng.choice([math.nan, rng.gauss(0, 1)]) for _ in range(rows)]
    colour = [rng.randrange(5) for _ in range(rows)]
    age = [rng.uniform(0, 90) for _ in range(rows)]
    labels = [
        int((s > 0) + c / 2 + a / 60 + rng.random()) % classes
        for s, c, a in zip(size, colour, age, strict=True)
    ]
    return Rows([size, colour, age, [1.0] * rows], labels)


@pytest.fixture(scope="module", params=[2, 3])
def model(request) -> BoostedTrees:
    classes = [f"class {k}" for k in range(request.param)]
    return BOOSTED_TREES.fit([table(500, request.param)], FEATURES, classes, {"trees": 30})


def walked(model: BoostedTrees, columns) -> list[list[float]]:
    """Probabilities, each row walked down each tree."""
    coded = [codes_of(column, t) for column, t in zip(columns, model.thresholds, strict=True)]
    probabilities = []
    for codes in zip(*coded, strict=True):
        units = [
            sum(trees[h].values[leaf_of(trees[h], codes)] for trees in model.rounds)
            for h in range(len(model.start))
        ]
        scores = [start + UNIT * total for start, total in zip(model.start, units, strict=True)]
        scores = [0.0, *scores] if len(model.classes) == 2 else scores
        weights = [math.exp(score) for score in scores]
        probabilities.append([weight / sum(weights) for weight in weights])
    return probabilities


def test_rows_are_scored_in_blocks_as_if_each_walked_down_each_tree(model, monkeypatch):
    monkeypatch.setattr("shared.model.boosted_trees.model._BLOCK", 64)
    columns = table(200, 2, seed=1).columns
    found = model.probabilities(columns)
    for row, expected in enumerate(walked(model, columns)):
        assert [p[row] for p in found] == pytest.approx(expected, abs=1e-12)
        assert math.fsum(p[row] for p in found) == pytest.approx(1, abs=1e-12)


def test_cells_unlike_any_train_row_have_a_prediction(model):
    size = [math.nan, math.inf, -math.inf, 1e300, -1e300, 0.0]
    columns = [size, [0, 1, 2, 3, 4, 1], [math.nan, 1e308, -1.0, math.inf, -math.inf, 5e-324], [math.nan] * 6]
    found = model.probabilities(columns)
    assert all(0 < p < 1 for of_class in found for p in of_class)
    assert [[p[row] for p in found] for row in range(6)] == [pytest.approx(e) for e in walked(model, columns)]


def test_a_cell_on_a_threshold_is_scored_as_it_was_fitted(model):
    threshold = model.thresholds[0][len(model.thresholds[0]) // 2]
    below = max(cell for cell in table(500, len(model.classes)).columns[0] if cell <= threshold)
    rest = [[2] * 2, [40.0] * 2, [1.0] * 2]
    p = model.probabilities([[threshold, below], *rest])
    assert [of_class[0] for of_class in p] == [of_class[1] for of_class in p]


def test_no_rows_have_no_probabilities(model):
    assert model.probabilities([(), (), (), ()]) == [[]] * len(model.classes)


def test_json_and_back_is_the_same_model(model):
    assert not list(model.problems())
    assert (
        model_from_json(json.loads(json.dumps(model_to_json(model), allow_nan=False)), model.features)
        == model
    )


def test_the_json_holds_each_threshold_once_and_stays_small():
    rng = random.Random(0)
    columns = [[rng.gauss(0, 1) for _ in range(2000)] for _ in range(15)] + [
        [2 + int(rng.expovariate(0.1)) % 60 for _ in range(2000)] for _ in range(5)
    ]
    features = [Feature(f"n{j}") for j in range(15)] + [
        Feature(f"c{j}", tuple(map(str, range(60)))) for j in range(5)
    ]
    labels = [int(a + b / 20 + rng.gauss(0, 1) > 1) for a, b in zip(columns[0], columns[-1], strict=True)]
    model = BOOSTED_TREES.fit([Rows(columns, labels)], features, ["no", "yes"], {"trees": 300})
    assert len(model.rounds) == 300
    assert len(json.dumps(model.to_json())) < 500_000


def test_truncated_keeps_the_first_rounds(model):
    assert model.truncated(7).rounds == model.rounds[:7]
    assert model.truncated(0).rounds == ()
    assert model.truncated(10_000) == model


def test_it_says_what_it_is_and_what_matters_in_it(model):
    heads = ", each of a tree for every class (3)" if len(model.classes) == 3 else ""
    assert model.describe() == f"gradient boosting: 30 rounds of trees with at most 8 leaves{heads}"
    importance = model.importance()
    assert importance.names == ("size", "colour", "age")
    assert math.fsum(importance.numbers[None]) == pytest.approx(1)
    assert min(importance.numbers[None]) > 0.05
    assert model.left_out == {"note": "the same in every train row"}


def test_a_column_that_gives_the_label_away_matters_most():
    rows = table(300, 2)
    columns = [rows.columns[0], rows.columns[1], [float(label) for label in rows.labels], rows.columns[3]]
    model = BOOSTED_TREES.fit([Rows(columns, rows.labels)], FEATURES, ["no", "yes"], {"trees": 10})
    assert model.importance().strongest()[0] == 2


def first_tree(value):
    return value["rounds"][0][0]


DAMAGES = {
    "unit": (lambda v: v.update(unit=0.5), "unit is 0.5"),
    "no rounds": (lambda v: v.pop("rounds"), "rounds"),
    "classes": (lambda v: v.update(classes=[f"c{k}" for k in range(33)]), "33 classes"),
    "start": (lambda v: v["start"].append(0.0), "start"),
    "infinite start": (lambda v: v.update(start=[math.inf] * len(v["start"])), "start"),
    "thresholds of too few": (lambda v: v["thresholds"].pop(), "thresholds has 3 entries for 4"),
    "thresholds of a category": (lambda v: v["thresholds"].__setitem__(1, [1.0]), "'colour' do not fit"),
    "no thresholds of a number": (lambda v: v["thresholds"].__setitem__(0, None), "'size' do not fit"),
    "descending": (lambda v: v["thresholds"].__setitem__(0, [2.0, 1.0]), "ascending"),
    "too many thresholds": (
        lambda v: v["thresholds"].__setitem__(0, [float(i) for i in range(32)]),
        "fewer than 32",
    ),
    "a head too many": (lambda v: v["rounds"][0].append(first_tree(v)), "round 0 has"),
    "a value too few": (lambda v: first_tree(v)["values"].pop(), "leaf values for"),
    "a value too large": (lambda v: first_tree(v)["values"].__setitem__(0, 2**50), "too large"),
    "a value in part": (lambda v: first_tree(v)["values"].__setitem__(0, 0.5), "no whole number"),
    "a leaf to come": (lambda v: first_tree(v)["splits"][0].__setitem__(0, 1), "split 0 is of leaf 1"),
    "a feature too many": (lambda v: first_tree(v)["splits"][0].__setitem__(1, 9), "by feature 9 of 4"),
    "a threshold too many": (
        lambda v: first_tree(v)["splits"].__setitem__(0, [0, 0, 50, 0, 1.0]),
        "does not have",
    ),
    "a code too many": (
        lambda v: first_tree(v)["splits"].__setitem__(0, [0, 1, "f00000", 1.0]),
        "does not have",
    ),
    "no code": (lambda v: first_tree(v)["splits"].__setitem__(0, [0, 1, "0", 1.0]), "or none"),
    "no set": (lambda v: first_tree(v)["splits"].__setitem__(0, [0, 1, [2, 3], 1.0]), "int"),
    "a set in words": (
        lambda v: first_tree(v)["splits"].__setitem__(0, [0, 1, "red", 1.0]),
        "invalid literal",
    ),
    "less than no set": (
        lambda v: first_tree(v)["splits"].__setitem__(0, [0, 1, "-2", 1.0]),
        "does not have",
    ),
    "a huge threshold": (lambda v: first_tree(v)["splits"].__setitem__(0, [0, 0, 10**9, 0, 1.0]), "no code"),
    "a short split": (lambda v: first_tree(v)["splits"].__setitem__(0, [0, 0]), "unpack"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_model_is_named(model, damage):
    change, said = DAMAGES[damage]
    value = json.loads(json.dumps(model_to_json(model)))
    change(value)
    with pytest.raises(DamagedModelError, match=said):
        model_from_json(value, model.features)
