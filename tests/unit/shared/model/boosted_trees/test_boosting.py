import math
import random

import pytest
from plain_trees import plain_boosting
from sklearn.metrics import log_loss

from shared.errors import InvalidDatasetError
from shared.model.boosted_trees import boosting
from shared.model.boosted_trees.bins import codes_of, every_code, thresholds_of
from shared.model.boosted_trees.family import BOOSTED_TREES
from shared.model.boosted_trees.options import Options
from shared.model.rows import Feature, Rows

FEATURES = (
    Feature("size"),
    Feature("colour", tuple("abcdefgh")),
    Feature("age"),
    Feature("mood", ("x", "y")),
)
NAMES = tuple(f"class {k:02}" for k in range(40))


def table(rows: int, classes: int, seed: int = 0) -> Rows:
    """Rows of FEATURES, some cells missing, whose label depends on the first three."""
    rng = random.Random(seed)
    size = [rng.choice([math.nan, rng.gauss(0, 1), rng.gauss(2, 1)]) for _ in range(rows)]
    colour = [rng.randrange(10) for _ in range(rows)]
    age = [float(rng.randrange(6)) for _ in range(rows)]
    mood = [rng.randrange(4) for _ in range(rows)]
    pull = [
        (s if s == s else 1) + (c % 3) + a / 4 + rng.random()
        for s, c, a in zip(size, colour, age, strict=True)
    ]
    return Rows([size, colour, age, mood], [min(classes - 1, max(0, int(p * classes / 5))) for p in pull])


def fitted(rows: Rows, classes: int, **options):
    return BOOSTED_TREES.fit([rows], FEATURES, NAMES[:classes], options)


@pytest.mark.parametrize(("classes", "seed"), [(2, 0), (2, 1), (3, 2), (5, 3)])
def test_every_tree_is_the_one_that_the_rules_give_row_by_row(classes, seed):
    train = table(150, classes, seed)
    thresholds = thresholds_of(FEATURES, train.columns)
    columns = [*map(codes_of, train.columns, thresholds)]
    kinds = [*map(every_code, FEATURES)]
    expected = plain_boosting(columns, train.labels, classes, kinds, 12, Options(seed=seed))
    assert [list(trees) for trees in fitted(train, classes, trees=12, seed=seed).rounds] == expected


@pytest.mark.parametrize("classes", [2, 3, 32])
def test_the_watched_losses_are_those_of_the_truncated_models(classes):
    train, held_out = table(400, classes), table(150, classes, seed=1)
    model, losses = BOOSTED_TREES.fit_watching(train, held_out, FEATURES, NAMES[:classes], {"trees": 15})
    assert len(losses) == 16
    for rounds in (0, 1, 7, 15):
        probabilities = zip(*model.truncated(rounds).probabilities(held_out.columns), strict=True)
        loss = log_loss(held_out.labels, [*probabilities], labels=range(classes))
        assert losses[rounds] == pytest.approx(loss, abs=1e-12)


def test_watching_changes_no_tree():
    train, held_out = table(300, 3), table(100, 3, seed=1)
    watched, _ = BOOSTED_TREES.fit_watching(train, held_out, FEATURES, NAMES[:3], {"trees": 20})
    assert watched == fitted(train, 3, trees=20)
    assert watched.truncated(8) == fitted(train, 3, trees=8)


def test_a_watched_fit_ends_when_its_patience_does():
    model, losses = BOOSTED_TREES.fit_watching(
        table(200, 2), table(100, 2, seed=1), FEATURES, NAMES[:2], {"patience": 5, "rate": 0.5}
    )
    assert len(model.rounds) == len(losses) - 1 == losses.index(min(losses)) + 5


def test_the_same_rows_give_the_same_model_whatever_the_blocks():
    whole = table(300, 2)
    blocks = [
        Rows([column[i : i + 70] for column in whole.columns], whole.labels[i : i + 70])
        for i in range(0, 300, 70)
    ]
    assert fitted(whole, 2, trees=9) == BOOSTED_TREES.fit(blocks, FEATURES, NAMES[:2], {"trees": 9})
    assert fitted(whole, 2, trees=9) != fitted(whole, 2, trees=9, seed=1)


def test_a_power_of_two_changes_nothing_but_the_thresholds():
    rows = table(300, 2)
    size, *others = rows.columns
    scaled = Rows([[cell * 2.0**60 for cell in size], *others], rows.labels)
    model, of_scaled = fitted(rows, 2, trees=20), fitted(scaled, 2, trees=20)
    assert of_scaled.rounds == model.rounds
    assert of_scaled.probabilities(scaled.columns) == model.probabilities(rows.columns)


def test_a_large_table_takes_turns_in_groups_and_learns_from_all(monkeypatch):
    train, held_out = table(4000, 2), table(1000, 2, seed=1)
    _, whole = BOOSTED_TREES.fit_watching(train, held_out, FEATURES, NAMES[:2], {"trees": 60})
    monkeypatch.setattr(boosting, "GROUP", 1000)
    model, losses = BOOSTED_TREES.fit_watching(train, held_out, FEATURES, NAMES[:2], {"trees": 60})
    assert losses[-1] == pytest.approx(whole[-1], rel=0.1)
    assert losses[-1] < 0.9 * losses[0]
    assert model == fitted(train, 2, trees=60)


def test_a_class_without_a_row_is_known_and_improbable():
    train = table(200, 2)
    model = fitted(train, 3, trees=20)
    probabilities = model.probabilities(train.columns)
    assert model.classes == NAMES[:3]
    assert 0 < max(probabilities[2]) < 0.01
    two = BOOSTED_TREES.fit([Rows(train.columns, [1] * 200)], FEATURES, NAMES[:2], {"trees": 20})
    assert max(two.probabilities(train.columns)[0]) < 0.01


@pytest.mark.parametrize("classes", [2, 3, 32])
def test_a_table_of_one_row_gives_its_prior(classes):
    row = Rows([[1.0], [2], [math.nan], [0]], [1])
    model, losses = BOOSTED_TREES.fit_watching(row, row, FEATURES, NAMES[:classes], {})
    assert not model.rounds
    assert losses == [pytest.approx(-math.log(1.5 / (1 + classes / 2)))]
    assert [p for (p,) in model.probabilities(row.columns)] == pytest.approx(
        [(0.5 + (k == 1)) / (1 + classes / 2) for k in range(classes)]
    )


def test_columns_that_are_the_same_in_every_train_row_are_left_out():
    rows = table(100, 2)
    columns = [[math.nan] * 100, rows.columns[1], [3.0] * 100, [1] * 100]
    model = fitted(Rows(columns, rows.labels), 2, trees=5)
    assert set(model.left_out) == {"size", "age", "mood"}
    assert {split.feature for trees in model.rounds for tree in trees for split in tree.splits} == {1}
    assert model.probabilities([(), rows.columns[1], (), ()]) == model.probabilities(columns)


def test_where_every_column_is_constant_the_prior_is_the_model():
    model = fitted(Rows([[1.0] * 8, [2] * 8, [0.0] * 8, [0] * 8], [0, 0, 0, 0, 0, 0, 1, 1]), 2)
    assert not model.rounds
    assert model.probabilities([[5.0], [0], [1.0], [3]])[1] == [pytest.approx(2.5 / 9)]


@pytest.mark.parametrize("classes", [1, 33])
def test_other_numbers_of_classes_are_refused_with_what_would_help(classes):
    with pytest.raises(
        InvalidDatasetError, match=rf"2 to 32 classes apart, and there are {classes}: ask for another"
    ):
        fitted(table(50, 2), classes)


def test_no_row_at_all_is_an_error_that_says_so():
    with pytest.raises(InvalidDatasetError, match="no row"):
        fitted(Rows([[], [], [], []], []), 2)


def test_no_row_to_watch_is_an_error_that_says_so():
    nothing = Rows([[], [], [], []], [])
    with pytest.raises(InvalidDatasetError, match="no held-out row"):
        BOOSTED_TREES.fit_watching(table(50, 2), nothing, FEATURES, NAMES[:2], {})


def test_labels_that_a_column_gives_away_do_not_run_off():
    rows = Rows(
        [[float(i % 2) for i in range(400)], [2] * 400, [0.0] * 400, [2] * 400], [i % 2 for i in range(400)]
    )
    model = fitted(rows, 2, trees=600)
    assert len(model.rounds) == 600
    assert 0.999 < model.probabilities(rows.columns)[1][1] < 1
