"""The validation report: what was read, what was wrong with it, and whether it may be trained on.

Reports of neighbouring stretches of a file merge into the report of both.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import islice

from shared.csv_file.cells import MAX_CLASSES, too_many_classes
from shared.csv_file.column_statistics import EMPTY_STATISTICS, ColumnStatistics
from shared.csv_file.problems import Problem
from shared.errors import InvalidDatasetError
from shared.event_fields import Json

EXAMPLES = 10


@dataclass
class ValidationReport:
    """Counts over the data records of a stretch of the file; `rows` are valid, `invalid_rows` are not.

    lines: how many the stretch has; the examples' lines are counted from its first one, which is line 1.
    """

    features: tuple[str, ...]
    lines: int = 0
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

    def merge(self, later: "ValidationReport") -> "ValidationReport":
        """The report of this stretch and the one right behind it."""
        moved = (replace(problem, line=problem.line + self.lines) for problem in later.examples)
        return ValidationReport(
            features=self.features,
            lines=self.lines + later.lines,
            rows=self.rows + later.rows,
            invalid_rows=self.invalid_rows + later.invalid_rows,
            problems=self.problems + later.problems,
            missing=self.missing + later.missing,
            examples=[*self.examples, *islice(moved, EXAMPLES - len(self.examples))],
            statistics=[
                mine.merge(theirs) for mine, theirs in zip(self.statistics, later.statistics, strict=True)
            ],
            classes=self.classes + later.classes,
        )

    def to_state(self) -> Json:
        return {
            "features": list(self.features),
            "lines": self.lines,
            "rows": self.rows,
            "invalid_rows": self.invalid_rows,
            "problems": self.problems,
            "missing": list(self.missing.items()),
            "examples": [(p.kind, p.line, p.column, p.shown) for p in self.examples],
            "statistics": [column.to_state() for column in self.statistics],
            "classes": self.classes,
        }

    @classmethod
    def from_state(cls, state: Json) -> "ValidationReport":
        return cls(
            features=tuple(state["features"]),
            lines=state["lines"],
            rows=state["rows"],
            invalid_rows=state["invalid_rows"],
            problems=Counter(state["problems"]),
            missing=Counter(dict(state["missing"])),
            examples=[Problem(*problem) for problem in state["examples"]],
            statistics=[ColumnStatistics.from_state(s) for s in state["statistics"]],
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
