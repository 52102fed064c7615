"""The validation report: what was read, what was wrong with it, and whether it may be trained on.

Reports of neighbouring stretches of a file merge into the report of both.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from shared.csv_file.cells import MAX_CLASSES, shown, too_many_classes
from shared.csv_file.columns import Column, Schema
from shared.csv_file.kinds import Statistics, merged
from shared.csv_file.problems import Problem
from shared.csv_file.texts import MAX_VALUES, TextCounts
from shared.errors import InvalidDatasetError
from shared.event_fields import Json

EXAMPLES = 10
MAX_VALUES_IN_ALL = 500_000  # distinct texts of all columns: what they cost in memory


class Place(NamedTuple):
    """A line, and the key of the object that it is in where that is one of a folder."""

    line: int
    key: str | None = None

    def to_json(self) -> object:
        """The line alone where there is one object."""
        return self.line if self.key is None else {"line": self.line, "object": self.key}


@dataclass
class ValidationReport:
    """What was read in a stretch of the file; `rows` are valid, `invalid_rows` are not.

    features: the columns that were typed; statistics: of each, over the valid rows. lines: how many the stretch has;
    the examples' lines are counted from its first one, which is line 1, and so are those of `filled`: the first value
    in each column that was left out as empty.
    Of a folder, lines are counted by object: `lines` are those of the last one, `key` is its name, and `continued` is
    the name of the one in whose middle the stretch begins, "" for none: there the stretch's first line is line 1.
    """

    features: tuple[Column, ...]
    lines: int = 0
    rows: int = 0
    invalid_rows: int = 0
    problems: Counter = field(default_factory=Counter)
    examples: list[Problem] = field(default_factory=list)
    statistics: list[Statistics] = field(default_factory=list)
    classes: Counter = field(default_factory=Counter)
    filled: dict[str, Place] = field(default_factory=dict)
    key: str | None = None
    continued: str | None = None

    def __post_init__(self) -> None:
        self.statistics = self.statistics or [column.own_kind.nothing_yet for column in self.features]

    @classmethod
    def of(cls, schema: Schema, lines: int = 0) -> "ValidationReport":
        """The report of no rows yet."""
        return cls(tuple(schema.columns[j] for j in schema.features), lines)

    def begin(self, key: str | None, lines: int) -> None:
        """Goes over to the object with this name; lines: before the first record, 0 in the middle of the object."""
        if self.key is None and key is not None:
            self.continued = "" if lines else key
        self.key, self.lines = key, lines

    def add(self, statistics: Sequence[Statistics | None], classes: Counter, problems: list[Problem]) -> None:
        """Counts a block: its valid rows' statistics, its rows per class name, and its problems.

        statistics: None for a column whose texts are counted elsewhere until the stretch has ended.
        """
        self.statistics = [
            mine if theirs is None else merged(mine, theirs)
            for mine, theirs in zip(self.statistics, statistics, strict=True)
        ]
        self.classes.update(classes)
        self.rows += classes.total()
        self.invalid_rows += len({problem.line for problem in problems})
        self.problems.update(problem.kind for problem in problems)
        self.examples += problems[: EXAMPLES - len(self.examples)]

    def merge(self, later: "ValidationReport") -> "ValidationReport":
        """The report of this stretch and the one right behind it; InvalidDatasetError for too many texts."""

        def moved(line: int, key: str | None) -> int:
            return line + self.lines if key == later.continued else line

        examples = (replace(one, line=moved(one.line, one.key)) for one in later.examples)
        both = ValidationReport(
            features=self.features,
            lines=moved(later.lines, later.key),
            rows=self.rows + later.rows,
            invalid_rows=self.invalid_rows + later.invalid_rows,
            problems=self.problems + later.problems,
            examples=[*self.examples, *islice(examples, EXAMPLES - len(self.examples))],
            statistics=[
                merged(mine, theirs) for mine, theirs in zip(self.statistics, later.statistics, strict=True)
            ],
            classes=self.classes + later.classes,
            filled={name: Place(moved(line, key), key) for name, (line, key) in later.filled.items()}
            | self.filled,
            key=later.key,
            continued=self.continued,
        )
        both.check_texts()
        return both

    def to_state(self) -> Json:
        return {
            "features": [column.to_json() for column in self.features],
            "lines": self.lines,
            "rows": self.rows,
            "invalid_rows": self.invalid_rows,
            "problems": self.problems,
            "examples": [(p.kind, p.line, p.column, p.shown, p.expected, p.key) for p in self.examples],
            "statistics": [column.to_state() for column in self.statistics],
            "classes": self.classes,
            "filled": self.filled,
            "key": self.key,
            "continued": self.continued,
        }

    @classmethod
    def from_state(cls, state: Json) -> "ValidationReport":
        features = tuple(map(Column.from_json, state["features"]))
        return cls(
            features=features,
            lines=state["lines"],
            rows=state["rows"],
            invalid_rows=state["invalid_rows"],
            problems=Counter(state["problems"]),
            examples=[Problem(*problem) for problem in state["examples"]],
            statistics=[
                type(column.own_kind.nothing_yet).from_state(value)
                for column, value in zip(features, state["statistics"], strict=True)
            ],
            classes=Counter(state["classes"]),
            filled={name: Place(*place) for name, place in state["filled"].items()},
            key=state["key"],
            continued=state["continued"],
        )

    def missing(self, i: int) -> int | None:
        """Missing cells of feature i among the valid rows; None for free text, of which nothing is known."""
        statistics = self.statistics[i]
        if isinstance(statistics, TextCounts):
            return statistics.missing if statistics.counts is not None else None
        return self.rows - statistics.present

    def check_texts(self) -> None:
        """Raises InvalidDatasetError where the columns have more distinct texts in all than memory is meant to hold."""
        texts = [
            (MAX_VALUES if s.counts is None else s.distinct, column.name)
            for column, s in zip(self.features, self.statistics, strict=True)
            if isinstance(s, TextCounts)
        ]
        if sum(count for count, _ in texts) > MAX_VALUES_IN_ALL:
            named = ", ".join(shown(name) for _, name in sorted(texts, reverse=True)[:5])
            raise InvalidDatasetError(
                f"the text columns have more than {MAX_VALUES_IN_ALL:,} distinct values in all; leave some out with "
                f"exclude_columns, such as {named}"
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
                column.name: statistics.to_json() | {"missing": self.missing(i)}
                for i, (column, statistics) in enumerate(zip(self.features, self.statistics, strict=True))
            },
            "classes": dict(sorted(self.classes.items())),
            "filled": {name: place.to_json() for name, place in sorted(self.filled.items())},
        }
