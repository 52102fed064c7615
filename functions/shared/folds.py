"""The folds of a run: how many the train rows are cut into, and how one travels from the list to its result."""

import math
from dataclasses import dataclass, replace
from typing import Self

from shared.errors import InvalidRequestError
from shared.event_fields import FileReference, Json, shown

MAX_FOLDS = 5
_ENOUGH_ROWS = 50_000  # of which three folds say as much as five of fewer
MOST_FIT_ROWS = 50_000  # where the request does not say otherwise
FEWEST_ROWS = 10  # of fewer, the folds would hold next to nothing


def fold_count(rows: int) -> int:
    """How many folds so many rows to fit on are cut into: each has two rows at least."""
    return max(2, min(MAX_FOLDS, rows // 2)) if rows <= _ENOUGH_ROWS else 3


def rows_to_fit(request: Json, rows: int) -> int:
    """How many of a dataset's rows models are fitted on where they are chosen: train rows, at most `fit_rows`;
    where it is absent, what the time allows may be fewer."""
    return min(rows - math.ceil(rows * request["test_size"]), request["fit_rows"] or MOST_FIT_ROWS)


def folds_of(request: Json, rows: int) -> tuple["Fold", ...]:
    """The folds of a dataset of so many rows; none where nothing is to be chosen, or by too little."""
    fit = rows_to_fit(request, rows)
    if request["model"] == "gaussian" or fit < FEWEST_ROWS:
        return ()
    count = fold_count(fit)
    return tuple(Fold(index, count) for index in range(count))


@dataclass(frozen=True)
class Fold:
    """One of `count` folds. result: what came of it, None before it is fitted."""

    index: int
    count: int
    result: FileReference | None = None

    @classmethod
    def from_event(cls, value: object, name: str) -> Self:
        """The fold in a JSON value; `name` is how an InvalidRequestError calls it."""
        match value:
            case {"index": int(index), "count": int(count)} if bool not in (type(index), type(count)):
                pass
            case _:
                raise InvalidRequestError(
                    f"{name} must be an object with index and count, not {shown(value)}"
                )
        if not 0 <= index < count <= MAX_FOLDS:
            raise InvalidRequestError(f"{name} must be one of at most {MAX_FOLDS} folds, not {shown(value)}")
        result = (
            FileReference.from_event(value, name) if isinstance(value, dict) and "sha256" in value else None
        )
        return cls(index, count, result)

    def fitted(self, result: FileReference) -> Self:
        return replace(self, result=result)

    def to_event(self) -> Json:
        found = self.result.to_event() if self.result else {}
        return {"index": self.index, "count": self.count} | found


def folds_in(event: Json) -> tuple[Fold, ...]:
    """The folds of a step's event, in order: all of them, or none. Raises InvalidRequestError for anything else."""
    value = event.get("folds", [])
    if not isinstance(value, list):
        raise InvalidRequestError(f"folds must be a list, not {shown(value)}")
    folds = tuple(Fold.from_event(entry, f"folds[{i}]") for i, entry in enumerate(value[: MAX_FOLDS + 1]))
    if [(fold.index, fold.count) for fold in folds] != [(i, len(folds)) for i in range(len(folds))]:
        raise InvalidRequestError(f"folds must be all folds of a run, in order, not {shown(value)}")
    return folds
