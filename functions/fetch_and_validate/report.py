"""The validation report: what was read, what was wrong with it, and whether it may be trained on.

Reports of neighbouring stretches of a file merge into the report of both.
"""

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from fetch_and_validate.cells import MAX_CLASSES, too_many_classes
from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.exact import rounded, two_sum

EXAMPLES = 10
_CELL_SHOWN = 60
_EPSILON = 2.0**-52
_PRECISION = 1e-12  # of a deviation


@dataclass(frozen=True)
class Problem:
    """Why a row is invalid: `column` is None where the whole row is meant, `cell` is what stands there."""

    kind: str
    line: int
    column: str | None
    cell: str

    @property
    def shown(self) -> str:
        """The cell, cut where it is long."""
        return self.cell if len(self.cell) <= _CELL_SHOWN else self.cell[: _CELL_SHOWN - 3] + "..."

    def to_json(self) -> Json:
        return {"problem": self.kind, "line": self.line, "column": self.column, "cell": self.shown}

    def __str__(self) -> str:
        if self.column is None:
            return f"line {self.line}: {self.kind}: {self.shown}"
        return f"line {self.line}, column {self.column!r}: {self.kind} ({self.shown!r})"


class ColumnStatistics(NamedTuple):
    """count, mean, squares (sum of squared deviations from the mean), smallest and largest value.

    mean_low is what the mean's rounding took away: at a mean of 1e9 it is as large as a block's difference.
    """

    count: int
    mean: float
    squares: float
    smallest: float
    largest: float
    mean_low: float = 0.0

    @classmethod
    def of(cls, values: list[float]) -> "ColumnStatistics | None":
        """Statistics of a list of floats; None when it has a NaN, an infinity or an overflowing sum.

        The sums are taken about an origin near the values, so that the digits that prices near 60000 have
        in common do not swallow their differences; `fsum` and `sumprod` keep the rest.
        """
        if not values:
            return EMPTY_STATISTICS
        count = len(values)
        try:
            origin = rounded(values[0])
            offset = math.fsum([*values, -count * origin])  # sum of (value - origin)
            squares = _squares_about(origin, offset, 0.0, values)
            if abs(origin * offset) * _EPSILON > _PRECISION * squares:  # the offset's own rounding shows
                rounding = math.fsum([*values, -count * origin, -offset])
                squares = _squares_about(origin, offset, rounding, values)
        except (OverflowError, ValueError):  # a sum over the range, inf - inf, no mantissa
            return None
        squares -= offset * offset / count
        if not math.isfinite(squares):
            return None
        mean, low = two_sum(origin, offset / count)
        return cls(count, mean, max(0.0, squares), min(values), max(values), low)

    @property
    def magnitude(self) -> float:
        return max(abs(self.smallest), abs(self.largest))

    def merge(self, other: "ColumnStatistics") -> "ColumnStatistics":
        """Statistics of both samples (Chan, Golub and LeVeque's update)."""
        if not other.count:
            return self
        if not self.count:
            return other
        count = self.count + other.count
        difference = (other.mean - self.mean) + (other.mean_low - self.mean_low)
        mean, low = two_sum(self.mean, self.mean_low + difference * (other.count / count))
        return ColumnStatistics(
            count=count,
            mean=mean,
            mean_low=low,
            squares=self.squares + other.squares + difference * difference * self.count * other.count / count,
            smallest=min(self.smallest, other.smallest),
            largest=max(self.largest, other.largest),
        )

    def to_json(self) -> Json:
        """min, max, mean and deviation (of the population: divided by count); null where there is no row."""
        if not self.count:
            return {"count": 0, "min": None, "max": None, "mean": None, "deviation": None}
        return {
            "count": self.count,
            "min": self.smallest,
            "max": self.largest,
            "mean": self.mean,
            "deviation": math.sqrt(self.squares / self.count),
        }


def _squares_about(origin: float, offset: float, rounding: float, values: list[float]) -> float:
    """Sum of (value - origin)**2, where offset + rounding is the sum of (value - origin).

    It is sum(value**2) - 2 * origin * (offset + rounding) - count * origin**2, rounded once, at the end.
    """
    return math.sumprod(
        [*values, origin, origin, origin], [*values, -len(values) * origin, -2 * offset, -2 * rounding]
    )


EMPTY_STATISTICS = ColumnStatistics(0, 0.0, 0.0, math.inf, -math.inf)


@dataclass
class ValidationReport:
    """Counts over the data records read so far; `rows` are valid, `invalid_rows` are not."""

    features: tuple[str, ...]
    rows: int = 0
    invalid_rows: int = 0
    problems: Counter = field(default_factory=Counter)
    missing: Counter = field(default_factory=Counter)
    examples: list[Problem] = field(default_factory=list)
    statistics: list[ColumnStatistics] = field(default_factory=list)
    classes: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.statistics = self.statistics or [EMPTY_STATISTICS] * len(self.features)

    def add(self, statistics: list[ColumnStatistics], classes: Counter, problems: list[Problem]) -> None:
        """Counts a block: its valid rows' statistics, its rows per class name, and its problems."""
        self.statistics = [
            mine.merge(theirs) for mine, theirs in zip(self.statistics, statistics, strict=True)
        ]
        self.classes.update(classes)
        self.rows += classes.total()
        self.invalid_rows += len({problem.line for problem in problems})
        self.problems.update(problem.kind for problem in problems)
        self.missing.update(problem.column for problem in problems if problem.kind.startswith("missing"))
        self.examples += problems[: EXAMPLES - len(self.examples)]

    def merge(self, other: "ValidationReport", line_offset: int) -> None:
        """Counts the rows of the next stretch of the file, whose lines were counted from `line_offset` on."""
        self.statistics = [
            mine.merge(theirs) for mine, theirs in zip(self.statistics, other.statistics, strict=True)
        ]
        self.rows += other.rows
        self.invalid_rows += other.invalid_rows
        self.problems.update(other.problems)
        self.missing.update(other.missing)
        self.classes.update(other.classes)
        moved = (replace(problem, line=problem.line + line_offset) for problem in other.examples)
        self.examples += islice(moved, EXAMPLES - len(self.examples))

    def to_state(self) -> Json:
        """The report as JSON from which `from_state` makes it again, to the last digit."""
        return {
            "rows": self.rows,
            "invalid_rows": self.invalid_rows,
            "problems": self.problems,
            "missing": list(self.missing.items()),
            "examples": [(p.kind, p.line, p.column, p.shown) for p in self.examples],
            "statistics": [column if column.count else None for column in self.statistics],
            "classes": self.classes,
        }

    @classmethod
    def from_state(cls, features: tuple[str, ...], state: Json) -> "ValidationReport":
        return cls(
            features=features,
            rows=state["rows"],
            invalid_rows=state["invalid_rows"],
            problems=Counter(state["problems"]),
            missing=Counter(dict(state["missing"])),
            examples=[Problem(*problem) for problem in state["examples"]],
            statistics=[ColumnStatistics(*s) if s else EMPTY_STATISTICS for s in state["statistics"]],
            classes=Counter(state["classes"]),
        )

    def check(self, label_column: str, max_invalid_rows: float) -> None:
        """Raises InvalidDatasetError unless the dataset may be trained on."""
        total = self.rows + self.invalid_rows
        if not total:
            raise InvalidDatasetError("the file has a header but no data rows; at least two are needed")
        if self.invalid_rows > max_invalid_rows * total:
            first = self.examples[0]
            raise InvalidDatasetError(
                f"{first}; {self.invalid_rows} of {total} rows are invalid, "
                f"allowed is a share of {max_invalid_rows:g} (max_invalid_rows)"
            )
        if len(self.classes) < 2:
            only = f"only the value {next(iter(self.classes))!r}" if self.classes else "no value"
            raise InvalidDatasetError(
                f"label column {label_column!r} has {only} in {self.rows} valid rows; at least two classes are needed"
            )
        if len(self.classes) > MAX_CLASSES:
            raise too_many_classes(label_column)
        if len(self.classes) > 2 and 2 * len(self.classes) > self.rows:
            raise InvalidDatasetError(
                f"label column {label_column!r} has {len(self.classes)} distinct values in {self.rows} rows, so it "
                "is no class label (a regression target or an id?); choose another label_column"
            )

    def to_json(self) -> Json:
        return {
            "rows": self.rows,
            "invalid_rows": self.invalid_rows,
            "problems": dict(sorted(self.problems.items())),
            "examples": [problem.to_json() for problem in self.examples],
            "columns": {
                name: statistics.to_json() | {"missing": self.missing[name]}
                for name, statistics in zip(self.features, self.statistics, strict=True)
            },
            "classes": dict(sorted(self.classes.items())),
        }
