"""What a model said of each test row, as a run keeps it: two runs on the same data can be compared pair by pair.

A `.npz` that numpy.load opens; rows are known by their place in the data, and no cell of theirs is in it:
  place        int64 (n,), the row's index among the valid rows of the data, in the order of the data
  label        uint16 (n,), index into `classes`
  predicted    uint16 (n,), index into `classes`
  loss         float64 (n,), negative logarithm of the label's probability, which counts as 2^-52 at least
  probability  float64 (n,), of the positive class; an empty array where there are more than two classes
  classes      str (K,), the classes of the data, sorted
"""

import io
import zipfile
from array import array
from dataclasses import dataclass

from shared.errors import DatasetChangedError
from shared.npz import expect_end, header, read_array, read_header, read_texts, texts_member, write_npz

CONTENT_TYPE = "application/octet-stream"
_DTYPES = {"q": "<i8", "H": "<u2", "d": "<f8"}


@dataclass(frozen=True)
class ScoredRows:
    """places: array("q"); labels, predicted: array("H"); losses, probabilities: array("d"), the last one empty where
    there are more than two classes. In the order of the evaluation."""

    classes: tuple[str, ...]
    places: array
    labels: array
    predicted: array
    losses: array
    probabilities: array

    @classmethod
    def none(cls, classes: tuple[str, ...]) -> "ScoredRows":
        return cls(classes, array("q"), array("H"), array("H"), array("d"), array("d"))

    def extend(self, later: "ScoredRows") -> None:
        """Takes in rows of the same classes that come behind these."""
        self.places.extend(later.places)
        self.labels.extend(later.labels)
        self.predicted.extend(later.predicted)
        self.losses.extend(later.losses)
        self.probabilities.extend(later.probabilities)

    def to_npz(self) -> bytes:
        members = {
            "place": self.places,
            "label": self.labels,
            "predicted": self.predicted,
            "loss": self.losses,
            "probability": self.probabilities,
        }
        return write_npz(
            {
                name: (header(_DTYPES[values.typecode], (len(values),)), [values])
                for name, values in members.items()
            }
            | {"classes": texts_member(self.classes)}
        )


def scored_rows_from_npz(content: bytes) -> ScoredRows:
    """The rows that `to_npz` wrote; raises DatasetChangedError for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            with archive.open("classes.npy") as member:
                classes = read_texts(member)
            found = ScoredRows(
                classes,
                _read(archive, "place", "q"),
                _read(archive, "label", "H"),
                _read(archive, "predicted", "H"),
                _read(archive, "loss", "d"),
                _read(archive, "probability", "d"),
            )
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, SyntaxError) as error:
        raise DatasetChangedError(f"the file of the test rows is damaged: {error}") from error
    lengths = {len(found.places), len(found.labels), len(found.predicted), len(found.losses)}
    codes = max((*found.labels, *found.predicted), default=-1)
    if len(lengths) > 1 or len(found.probabilities) not in (0, *lengths) or codes >= len(classes):
        raise DatasetChangedError("the file of the test rows is damaged: its arrays do not fit together")
    return found


def _read(archive: zipfile.ZipFile, name: str, typecode: str) -> array:
    with archive.open(f"{name}.npy") as member:
        _, (rows,) = read_header(member, {_DTYPES[typecode]})
        values = read_array(member, typecode, rows)
        expect_end(member)
    return values
