"""From typed columns to features: the vocabulary of the train rows, and the numbers that a date becomes."""

import json
import math
from array import array
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.dates import CALENDAR, calendar_part
from shared.model.encoding import MAX_VALUES, ColumnCounts, Encoding, Input
from shared.model.rows import Feature
from shared.typed_columns import coded

DAY = 86_400.0
COLOUR, WHEN, SIZE = Input("colour", "category"), Input("when", "date", "yyyy-mm-dd"), Input("size")


def learn(inputs: list[Input], columns: list, time_order: str | None = None) -> Encoding:
    return Encoding.learn(inputs, ColumnCounts.of(inputs, columns), time_order)


def learned(texts: list[str]) -> tuple[str, ...]:
    return learn([COLOUR], [coded(texts)]).inputs[0].values


def date_parts(moments: list[float], in_order: bool = False) -> list[str]:
    encoding = learn([WHEN], [moments], "when" if in_order else None)
    return [part for part, _ in encoding.inputs[0].parts]


def test_the_vocabulary_is_by_frequency_and_ties_are_by_name():
    assert learned(["b"] * 6 + ["c"] * 9 + ["a"] * 6) == ("c", "a", "b")


def test_a_value_that_fewer_than_five_train_rows_have_is_in_no_vocabulary():
    assert learned(["rare"] * 4 + ["five"] * 5) == ("five",)


def test_a_missing_cell_is_no_value_of_the_vocabulary():
    assert learned([""] * 50 + ["x"] * 5) == ("x",)


def test_a_vocabulary_has_a_thousand_values_at_most():
    values = learned([f"{k:04d}" for k in range(MAX_VALUES + 7) for _ in range(5)] + ["0900"])
    assert len(values) == MAX_VALUES
    assert values[:2] == ("0900", "0000")


def test_codes_are_missing_other_or_a_place_in_the_vocabulary():
    encoding = Encoding((Input("colour", "category", values=("red", "blue")),))
    (codes,) = encoding.encoded([coded(["blue", "", "mauve", "red", "blue"])])
    assert list(codes) == [3, 0, 1, 2, 3]
    assert isinstance(codes, bytes)


def test_codes_of_a_long_vocabulary_need_two_bytes():
    values = tuple(f"v{k}" for k in range(600))
    encoding = Encoding((Input("word", "category", values=values),))
    (codes,) = encoding.encoded([coded([*reversed(values), "", "none of them"])])
    assert list(codes) == [*range(601, 1, -1), 0, 1]


def test_numbers_stay_as_they_are_and_need_no_counts():
    encoding = Encoding.learn([SIZE, Input("weight")], ColumnCounts())
    columns = [array("d", [1.0, math.nan]), [2.0, 3.0]]
    assert encoding.encoded(columns) == columns
    assert encoding.features == (Feature("size"), Feature("weight"))


def test_parts_that_do_not_vary_are_no_features():
    same_hour = [1.7e9 + day * DAY for day in range(3)]
    assert date_parts(same_hour) == ["position", "day of week"]
    assert date_parts([1.7e9] * 3) == ["position"]
    assert date_parts([math.nan]) == ["position"]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (47, []),
        (48, ["hour"]),
        (14 * 24 - 1, ["hour"]),
        (14 * 24, ["hour", "day of week"]),
        (2 * 366 * 24 - 1, ["hour", "day of week"]),
        (2 * 366 * 24, ["hour", "day of week", "month"]),
    ],
)
def test_of_the_column_that_orders_the_rows_there_are_parts_that_came_round_twice(hours, expected):
    moments = [1.7e9 + 3600.0 * hour for hour in range(hours + 1)]
    assert date_parts(moments, in_order=True) == expected
    assert date_parts(moments)[0] == "position"


def test_the_parts_of_a_date_are_features_of_their_own_names():
    inputs = [WHEN, Input("when (hour)"), SIZE]
    moments = [20_000 * DAY + 3600.0 * hour for hour in range(5)]
    encoding = learn(inputs, [moments, [1.0] * 5, [2.0] * 5])
    assert [feature.name for feature in encoding.features] == ["when", "when (hour)'", "when (hour)", "size"]
    columns = encoding.encoded([moments, [1.0] * 5, [2.0] * 5])
    assert list(columns[1]) == [float(int(moment // 3600) % 24) for moment in moments]


@given(st.floats(-6e10, 2e11))
def test_the_calendar_is_python_s(seconds):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=math.floor(seconds))
    expected = {"hour": moment.hour, "day of week": moment.weekday(), "month": moment.month}
    assert {part: calendar_part(part, [seconds])[0] for part in CALENDAR} == expected


def test_a_missing_date_is_missing_in_every_part():
    assert all(math.isnan(calendar_part(part, [math.nan])[0]) for part in CALENDAR)


def test_it_comes_back_from_json_and_encodes_the_same():
    columns = [coded(["red", "green", ""] * 10), [1.7e9 + 3600.0 * hour for hour in range(30)], [1.0] * 30]
    encoding = learn([COLOUR, WHEN, SIZE], columns)
    again = Encoding.from_json(json.loads(json.dumps(encoding.to_json(), sort_keys=True)))
    assert again == encoding
    assert again.encoded(columns) == encoding.encoded(columns)


def test_the_inputs_of_which_a_model_reads_nothing_are_left_out():
    moments = [1.7e9 + 3600.0 * hour for hour in range(30)]
    encoding = learn([COLOUR, WHEN, SIZE], [coded(["red"] * 30), moments, [1.0] * 30])
    assert encoding.reading({"colour": "", "when": "", "size": ""}).inputs == encoding.inputs[1:2]
    assert encoding.reading({feature.name: "" for feature in encoding.features}).inputs == ()


@pytest.mark.parametrize("cut", [0, 1, 13, 40])
def test_stretches_of_the_train_rows_teach_what_all_at_once_do(cut):
    texts = ["red", "green", "", "blue", "red"] * 8
    moments = [1.7e9 + 7.0 * 3600 * k for k in range(40)]

    def stretch(a: int, b: int) -> list:
        return [coded(texts[a:b]), moments[a:b], [0.0] * (b - a)]

    inputs = [COLOUR, WHEN, SIZE]
    both = ColumnCounts.of(inputs, stretch(0, cut)).merge(ColumnCounts.of(inputs, stretch(cut, 40)))
    assert Encoding.learn(inputs, both, "when") == learn(inputs, stretch(0, 40), "when")
