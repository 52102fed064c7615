"""A number in another unit by a power of two is the same number to every family, however large or small it gets."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.model.encoding import ColumnCounts, Encoding, Input
from shared.model.registry import family
from shared.model.rows import Rows

FAMILIES = {
    "Gaussian, pooled": ("gaussian", {"covariance": "pooled"}),
    "Gaussian, full": ("gaussian", {"covariance": "full"}),
    "Gaussian, diagonal": ("gaussian", {"covariance": "diagonal"}),
    "logistic regression": ("logistic", {"strength": 1.0}),
    "boosted trees": ("boosted_trees", {"trees": 8, "seed": 0}),
}


def table() -> tuple[list[list[float]], list[int]]:
    """Three numbers, the second with holes, and labels of three classes that have to do with all of them."""
    generator = np.random.default_rng(5)
    labels = generator.integers(0, 3, 150)
    columns = [generator.normal(labels * (j - 1), 1.0 + j) for j in range(3)]
    columns[1][generator.random(150) < 0.1] = math.nan
    columns[2] += 1000.0
    return [column.tolist() for column in columns], labels.tolist()


COLUMNS, LABELS = table()


def probabilities(
    kind: str, options: dict[str, Any], columns: Sequence[Sequence[float]]
) -> list[list[float]]:
    inputs = [
        Input.from_column(
            {"name": f"x{j}", "kind": "number"},
            {"min": min(v for v in column if v == v), "max": max(v for v in column if v == v)},
        )
        for j, column in enumerate(columns)
    ]
    encoding = Encoding.learn(inputs, ColumnCounts.of(inputs, columns))
    encoding = Encoding.from_json(encoding.to_json())  # as predict has it
    encoded = [list(column) for column in encoding.encoded(columns)]
    model = family(kind).fit([Rows(encoded, LABELS)], encoding.features, ["a", "b", "c"], options)
    return model.probabilities(encoded)


EXPECTED = {name: probabilities(*of_family, COLUMNS) for name, of_family in FAMILIES.items()}


@pytest.mark.parametrize("name", FAMILIES)
@given(powers=st.lists(st.integers(-500, 400), min_size=3, max_size=3))
@example([-500, -500, -500])
@example([400, 400, 400])
@example([-515, 400, 0])
@settings(max_examples=15, deadline=None)
def test_columns_in_another_unit_by_a_power_of_two_give_the_same_predictions(
    name: str, powers: list[int]
) -> None:
    scaled = [[math.ldexp(v, power) for v in column] for column, power in zip(COLUMNS, powers, strict=True)]
    np.testing.assert_allclose(probabilities(*FAMILIES[name], scaled), EXPECTED[name], atol=1e-9, rtol=0)


def test_numbers_of_a_common_size_are_not_touched() -> None:
    given_column = [1e-20, 3.5, 1e20]
    encoding = Encoding((Input.from_column({"name": "x", "kind": "number"}, {"min": 1e-20, "max": 1e20}),))
    assert encoding.encoded([given_column])[0] is given_column
    assert "exponent" not in encoding.to_json()[0]


def test_a_cell_far_beyond_all_that_the_model_has_seen_stays_a_number() -> None:
    encoding = Encoding((Input("x", exponent=-900),))
    assert list(encoding.encoded([[1e300, -1e300, math.nan]])[0])[:2] == [
        math.nextafter(math.inf, 0),
        -math.nextafter(math.inf, 0),
    ]


@pytest.mark.parametrize("exponent", [-900, -1, 1, 900])
def test_what_a_model_sees_of_a_number_is_its_quotient_by_the_power(exponent: int) -> None:
    """To the last bit, or an artifact would say other numbers of its columns than it means."""
    column = [math.ldexp(value, exponent) for value in (0.75, -3.0, 0.0, 1.2345)]
    found = Encoding((Input("x", exponent=exponent),)).encoded([column])
    assert list(found[0]) == [0.75, -3.0, 0.0, 1.2345]
