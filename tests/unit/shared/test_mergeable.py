"""The one law of everything that merges: however the rows are cut, and whatever is merged first, the same result.

A new kind of value joins by a case in CASES.
"""

import json
import math
from array import array
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch_and_validate.report import Place, ValidationReport
from shared.csv_file.columns import Column
from shared.csv_file.date_statistics import DateStatistics, RowOrder
from shared.csv_file.exact_statistics import ExactStatistics
from shared.csv_file.kinds import PLAIN_NUMBER, Kind
from shared.csv_file.problems import Problem
from shared.csv_file.texts import TextCounts
from shared.mergeable import Mergeable
from shared.model.decision import HALF, Decision
from shared.model.encoding import ColumnCounts, Input
from shared.model.gaussian.design import Design
from shared.model.gaussian.gathering import Gathered, gathered
from shared.model.gaussian.marginals import Marginals, marginals
from shared.model.rows import Feature, Rows
from shared.profile import Bins, ColumnProfiles
from shared.typed_columns import CodedColumn, coded
from summarize.scoring.evaluation_counts import EvaluationCounts
from summarize.scoring.groups import GroupCounts
from summarize.scoring.score_counts import ScoreCounts
from summarize.scoring.verdict_evidence import Asked, Evidence

FINITE = st.floats(-1e6, 1e6)


@dataclass(frozen=True)
class Case:
    """row: what one row is; of: the value of a list of rows; shown: the value as what is compared.

    Floats in `shown` may differ by rounding, everything else may not. any_order: the order of rows is not part
    of the value.
    """

    row: st.SearchStrategy
    of: Callable[[list], Mergeable]
    shown: Callable[[Any], Any] = lambda value: value.to_state()
    any_order: bool = True


FEATURES = (
    Column("open", "feature", kind=PLAIN_NUMBER),
    Column("day", "feature", kind=Kind.from_text("date", "YYYY-MM-DD")),
    Column("colour", "feature", kind=Kind("category")),
)


def dates_of(values: list[float]) -> DateStatistics:
    return DateStatistics(ExactStatistics.of(values), RowOrder.of(values))


def report_of(rows: list[tuple[float, str, bool]]) -> ValidationReport:
    """A line a row; an invalid one has no number and no class."""
    report = ValidationReport(FEATURES)
    for i, (number, label, valid) in enumerate(rows, 1):
        values, classes = ([number], Counter([label])) if valid else ([], Counter())
        problems = [] if valid else [Problem("not a number", i, "open", label, "a number")]
        texts = TextCounts(dict(Counter(classes)))
        report.add([ExactStatistics.of(values), dates_of(values), texts], classes, problems)
        if label == "down":
            report.filled.setdefault("comment", Place(i))
    report.lines = len(rows)
    return report


DESIGN = Design.of([Feature("x"), Feature("colour", ("red", "green")), Feature("y")])
COUNTING = Design.counting([Feature("x"), Feature("colour", ("red", "green")), Feature("y")])
HOLED = st.one_of(st.floats(-100, 100), st.just(math.nan))
TRAIN_ROW = st.tuples(HOLED, st.integers(0, 3), HOLED, st.integers(0, 1))


def block_of(rows: list[tuple[float, int, float, int]]) -> Rows:
    columns = list(zip(*rows, strict=True)) or [()] * 4
    return Rows([list(columns[0]), bytes(columns[1]), list(columns[2])], bytes(columns[3]))


def gathered_values(found: Gathered) -> Any:
    """What a fit takes of it; the origins are where the first block had them."""
    if not found.moments:
        return None
    means = [mean if math.isfinite(mean) else None for mean in found.means_of_numbers()]
    imputed = found.imputed(found.means_of_numbers())
    return (
        means,
        {label: [m.count, m.mean, m.scatter] for label, m in sorted(imputed.items())},
    )


def marginal_values(found: Marginals) -> Any:
    """What a fit takes of them."""
    present = {label: [found.present(label, place) for place in (0, 1)] for label in sorted(found.rows)}
    return (
        dict(found.rows),
        {label: [p if p[0] else None for p in of_class] for label, of_class in present.items()},
        {label: {j: dict(codes) for j, codes in counts.items()} for label, counts in found.counts.items()},
    )


INPUTS = [Input("colour", "category"), Input("when", "date")]


def column_counts_of(rows: list[tuple[str, float]]) -> ColumnCounts:
    texts = tuple(dict.fromkeys(text for text, _ in rows))
    codes = array("B", [texts.index(text) for text, _ in rows])
    return ColumnCounts.of(INPUTS, [CodedColumn(codes, texts), [moment for _, moment in rows]])


EVALUATED = ["a", "b", "c"]
EVALUATED_ROW = st.tuples(st.sampled_from([*EVALUATED, "new"]), st.floats(0, 1), st.floats(0, 1))


def evaluation_counts_of(rows: list[tuple[str, float, float]]) -> EvaluationCounts:
    """Rows are a true label and two numbers from 0 to 1 that share out the probability."""
    first = [a for _, a, _ in rows]
    second = [b * (1.0 - a) for _, a, b in rows]
    third = [1.0 - a - b for a, b in zip(first, second, strict=True)]
    predicted = [max(range(3), key=row.__getitem__) for row in zip(first, second, third, strict=True)]
    labels = [label for label, _, _ in rows]
    return EvaluationCounts.of(
        EVALUATED, labels, [first, second, third], predicted, Decision(None, HALF, None)
    )[0]


PROFILED = [
    Bins("price", "number", edges=(0.0, 16.0, 64.0)),
    Bins("colour", "category", values=("red", "green")),
]


def profiles_of(rows: list[tuple[float, str, int]]) -> ColumnProfiles:
    prices = [price for price, _, _ in rows]
    columns = [prices, coded(colour for _, colour, _ in rows)]
    return ColumnProfiles.of(PROFILED, 3, columns, [label for _, _, label in rows])


def evidence_of(rows: list[tuple[str, float, float]]) -> Evidence:
    """Of rows that are a true label, a loss, and a number that is not looked at."""
    labels, losses = [label for label, _, _ in rows], [loss for _, loss, _ in rows]
    asked = Asked(tuple(EVALUATED), (), 30, in_blocks=False)
    return Evidence.of(asked, 0, labels, labels, losses, [])


def score_counts_of(rows: list[tuple[bool, float]], bins: int | None) -> ScoreCounts:
    found = ScoreCounts(bins)
    found.add([score for own, score in rows if own], [score for own, score in rows if not own])
    return found


def group_counts_of(rows: list[tuple[str, str, bool]]) -> GroupCounts:
    return GroupCounts((Counter(rows),))


def shown_evidence(evidence: Evidence) -> Any:
    return {name: found.to_json() for name, found in evidence.losses.items()}


SCORED = st.tuples(st.booleans(), st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0]))
CASES = {
    "column profiles": Case(
        st.tuples(
            st.one_of(st.just(math.nan), st.floats(-100, 100), st.sampled_from([0.0, 64.0])),
            st.sampled_from(["", "red", "green", "blue"]),
            st.integers(0, 2),
        ),
        profiles_of,
    ),
    "scores": Case(
        SCORED, lambda rows: score_counts_of(rows, None), shown=lambda found: list(found.groups())
    ),
    "scores in bins": Case(
        SCORED, lambda rows: score_counts_of(rows, 64), shown=lambda found: list(found.groups())
    ),
    "groups": Case(
        st.tuples(st.sampled_from(["", "north", "south"]), st.sampled_from(EVALUATED), st.booleans()),
        group_counts_of,
    ),
    "evaluation counts": Case(
        EVALUATED_ROW,
        evaluation_counts_of,
    ),
    "evidence of independent rows": Case(EVALUATED_ROW, evidence_of, shown=shown_evidence),
    "gathered for covariances": Case(
        TRAIN_ROW, lambda rows: gathered([block_of(rows)], DESIGN), shown=gathered_values
    ),
    "gathered for naive Bayes": Case(
        TRAIN_ROW, lambda rows: marginals([block_of(rows)], COUNTING), shown=marginal_values
    ),
    "column counts": Case(
        st.tuples(
            st.sampled_from(["", "red", "green"]), st.one_of(st.just(math.nan), st.floats(-1e10, 1e10))
        ),
        column_counts_of,
    ),
    "column statistics": Case(FINITE, ExactStatistics.of, shown=ExactStatistics.to_json),
    "statistics of dates": Case(
        st.integers(0, 9).map(float),
        dates_of,
        shown=lambda dates: (dates.to_json(), dates.order),
        any_order=False,
    ),
    "rows per text": Case(st.text("ab", max_size=3), lambda texts: TextCounts(dict(Counter(texts)))),
    "validation report": Case(
        st.tuples(FINITE, st.sampled_from(["up", "down"]), st.booleans()),
        report_of,
        shown=lambda report: (report.lines, report.to_json()),
        any_order=False,
    ),
}


def merged(values: list[Mergeable], draw: Callable) -> Mergeable:
    """Neighbours are merged in an order that is drawn, each by way of its state or not."""
    while len(values) > 1:
        i = draw(st.integers(0, len(values) - 2))
        both = values[i].merge(values[i + 1])
        if draw(st.booleans()):
            both = type(both).from_state(json.loads(json.dumps(both.to_state())))
        values[i : i + 2] = [both]
    return values[0]


def same(a: Any, b: Any, scale: float = 1e6) -> bool:
    """Whether two JSON values are equal, floats up to the rounding of numbers of that scale."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9 * scale)
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_however_the_rows_are_cut_and_merged_the_result_is_that_of_all_rows(name, data):
    case = CASES[name]
    rows = data.draw(st.lists(case.row, max_size=30))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=6)))
    pieces = [rows[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    if case.any_order:
        pieces = data.draw(st.permutations(pieces))
    values = [case.of(piece) for piece in pieces]
    before = [case.shown(value) for value in values]

    result = merged(list(values), data.draw)

    assert same(case.shown(result), case.shown(case.of(rows)))
    assert [case.shown(value) for value in values] == before  # merging changes neither of the two


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
def test_a_state_that_travels_as_json_is_the_value_to_the_last_digit(name, data):
    case = CASES[name]
    value = case.of(data.draw(st.lists(case.row, max_size=30)))
    again = type(value).from_state(json.loads(json.dumps(value.to_state())))
    assert case.shown(again) == case.shown(value)
