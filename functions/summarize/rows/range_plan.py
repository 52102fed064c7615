"""How a dataset's rows are split into train and test rows and cut into ranges: what every task of a range goes by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from shared.errors import InvalidRequestError
from shared.event_fields import FileReference, Json, shown
from shared.run_files import VERSIONS
from summarize.rows.date_cut import cut_between_dates
from summarize.rows.ranges import Range, range_at, range_rows
from summarize.rows.split import (
    CHRONOLOGICAL,
    SHUFFLED,
    ChronologicalSplit,
    ShuffledSplit,
    Split,
    held_out_count,
    held_out_per_class,
)
from summarize.rows.stored_rows import StoredRows


def split_method(manifest: Json) -> str:
    """ "chronological" where the request or an order of time has it so, else "shuffled"."""
    asked = manifest["request"]["split"]
    if asked == "auto":
        return SHUFFLED if manifest.get("time_order") is None else CHRONOLOGICAL
    return asked


def is_newest_first(manifest: Json) -> bool:
    """Whether the newest rows come first, of rows that are split by time."""
    time = manifest["report"]["columns"].get(manifest.get("time_order"), {})
    return split_method(manifest) == CHRONOLOGICAL and time.get("order") == "falls"


@dataclass(frozen=True)
class RangePlan:
    """rows: of the dataset; size: rows of a range, the last one's may be fewer.

    train_rows, test_rows: by class, sorted by name, without the classes that have none. newest_first: whether rows are
    numbered from the end of what is stored.
    """

    rows: int
    size: int
    method: str
    train_rows: Mapping[str, int]
    test_rows: Mapping[str, int]
    newest_first: bool

    @classmethod
    def of(cls, manifest: Json, stored: StoredRows, cells: int) -> Self:
        """The plan for a manifest; of the rows only those around the change from train to test rows are read.

        cells: features times rows of a range. Raises InvalidDatasetError where no row is left to train on.
        """
        request, report = manifest["request"], manifest["report"]
        rows = report["rows"]
        every = dict(sorted(report["classes"].items()))
        method = split_method(manifest)
        if method == SHUFFLED:
            test = held_out_per_class(every, request["test_size"])
        else:
            cut = rows - held_out_count(rows, request["test_size"])
            if manifest.get("time_order") in manifest["features"]:
                cut = cut_between_dates(stored, manifest["features"].index(manifest.get("time_order")), cut)
            train = stored.classes_before(cut)
            test = {name: count - train[name] for name, count in every.items()}
        return cls(
            rows,
            range_rows(rows, len(manifest["features"]), cells),
            method,
            {name: every[name] - count for name, count in test.items() if every[name] > count},
            {name: count for name, count in test.items() if count},
            stored.newest_first,
        )

    @property
    def count(self) -> int:
        """How many ranges there are."""
        return -(-self.rows // self.size)

    @property
    def rows_per_class(self) -> dict[str, int]:
        """Of the whole dataset, sorted by name."""
        names = sorted(self.train_rows.keys() | self.test_rows.keys())
        return {name: self.train_rows.get(name, 0) + self.test_rows.get(name, 0) for name in names}

    def split(self, seed: int) -> Split:
        if self.method == SHUFFLED:
            rows = self.rows_per_class
            return ShuffledSplit(rows, {name: self.test_rows.get(name, 0) for name in rows}, seed)
        train, test = dict(self.train_rows), dict(self.test_rows)
        return ChronologicalSplit(self.rows, sum(train.values()), train, test)

    def range_in(self, value: object) -> Range:
        """The range that an item of a Map names; raises InvalidRequestError for one that the plan does not have."""
        match value:
            case {"index": int(index), "first": first, "rows": rows} if 0 <= index < self.count:
                found = range_at(index, self.rows, self.size)
                if (found.first, found.rows) == (first, rows) and not isinstance(index, bool):
                    return found
        raise InvalidRequestError(f"range must be one of the plan's {self.count} ranges, not {shown(value)}")

    def to_json(self, run_id: str, manifest: FileReference) -> Json:
        return {
            "range_plan_version": VERSIONS["range_plan"],
            "run_id": run_id,
            "manifest": manifest.to_event(),
            "rows": self.rows,
            "range_rows": self.size,
            "count": self.count,
            "method": self.method,
            "train_rows_per_class": dict(self.train_rows),
            "test_rows_per_class": dict(self.test_rows),
            "newest_first": self.newest_first,
        }

    @classmethod
    def from_json(cls, value: Json) -> Self:
        return cls(
            value["rows"],
            value["range_rows"],
            value["method"],
            value["train_rows_per_class"],
            value["test_rows_per_class"],
            value["newest_first"],
        )
