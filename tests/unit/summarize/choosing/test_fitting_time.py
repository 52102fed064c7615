import pytest

from shared.errors import InvalidRequestError
from shared.model.rows import Feature
from summarize.choosing.candidates import candidates
from summarize.choosing.fitting_time import affordable_rows, check_time, fold_seconds

NUMBERS = [Feature(f"x{j}") for j in range(20)]
TEXTS = [Feature(f"t{j}", tuple(map(str, range(60)))) for j in range(20)]


def test_more_of_anything_takes_longer():
    small = fold_seconds(10_000, NUMBERS, 2, candidates("auto", 2))
    assert fold_seconds(20_000, NUMBERS, 2, candidates("auto", 2)) > small
    assert fold_seconds(10_000, NUMBERS + TEXTS, 2, candidates("auto", 2)) > small
    assert fold_seconds(10_000, NUMBERS, 3, candidates("auto", 3)) > 2 * small
    assert fold_seconds(10_000, NUMBERS, 2, candidates("logistic", 2)) < small / 5


@pytest.mark.parametrize("classes", [2, 5, 32])
@pytest.mark.parametrize("features", [NUMBERS, NUMBERS + TEXTS])
def test_what_is_affordable_fits_and_one_row_more_does_not(classes, features):
    compared = candidates("auto", classes)
    rows = affordable_rows(features, classes, compared, 800, 10**9)
    assert fold_seconds(rows, features, classes, compared) <= 800
    beyond = fold_seconds(rows + 1, features, classes, compared) > 800
    assert beyond or rows == 20_000_000 // len(features)
    assert affordable_rows(features, classes, compared, 800, 1500) == min(rows, 1500)


def test_fifty_thousand_rows_of_twenty_numbers_fit_into_the_function():
    check_time(40_000, NUMBERS, 2, candidates("auto", 2), 800)


def test_too_many_rows_are_told_with_how_many_would_do():
    compared = candidates("auto", 10)
    rows = affordable_rows(NUMBERS, 10, compared, 800, 10**9)
    with pytest.raises(InvalidRequestError, match=f"lower fit_rows to {rows}"):
        check_time(10 * rows, NUMBERS, 10, compared, 800)


def test_too_many_columns_are_told_with_what_would_help():
    many = [Feature(f"x{j}") for j in range(5000)]
    with pytest.raises(
        InvalidRequestError, match=r'5000 features and 32 classes .* ask for model "gaussian"'
    ):
        affordable_rows(many, 32, candidates("auto", 32), 800, 100_000)


def numbers(count):
    return [Feature(f"x{j}") for j in range(count)]


def categories(count, values):
    return [Feature(f"t{j}", tuple(map(str, range(values)))) for j in range(count)]


@pytest.mark.parametrize(
    ("kind", "rows", "features", "classes", "seconds"),
    [
        ("gaussian", 1_000, numbers(10), 2, 0.006),
        ("gaussian", 50_000, numbers(20) + categories(5, 30), 2, 34.125),
        ("gaussian", 50_000, numbers(200), 3, 44.0),
        ("gaussian", 20_000, categories(3, 500), 8, 28.05),
        ("logistic", 1_000, numbers(10), 2, 0.021102),
        ("logistic", 50_000, numbers(20) + categories(5, 30), 2, 2.731664),
        ("logistic", 50_000, numbers(200), 3, 232.1552),
        ("logistic", 20_000, categories(3, 500), 8, 22.144),
        ("logistic", 1_000, numbers(5) + categories(2, 3), 5, 0.50093375),
        ("boosted_trees", 1_000, numbers(10), 2, 6.8844),
        ("boosted_trees", 50_000, numbers(20) + categories(5, 30), 2, 103.0573824),
        ("boosted_trees", 50_000, numbers(200), 3, 1422.683136),
        ("boosted_trees", 20_000, categories(3, 500), 8, 135.71813376),
        ("boosted_trees", 1_000, numbers(5) + categories(2, 3), 5, 20.916),
    ],
)
def test_the_seconds_are_those_that_requests_were_refused_by_so_far(kind, rows, features, classes, seconds):
    """Twice what was measured. Another factor refuses, or lets through, other requests: that is to be meant."""
    compared = candidates(kind, classes)[:1]
    assert fold_seconds(rows, features, classes, compared) == pytest.approx(seconds, rel=1e-9)
