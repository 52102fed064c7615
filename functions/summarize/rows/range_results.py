"""What became of a range in one of the Maps: a sealed document an item, which the task after the Map reads in order.

What is wrong with the data, or was altered, is part of the result: a Distributed Map fails under a name of its own
whatever its items raise, and the task that reads the results raises it under its own.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import batched

from shared.errors import DatasetChangedError, InvalidDatasetError
from shared.event_fields import Json, S3Reference
from shared.object_store import ObjectStore
from shared.run_files import VERSIONS, find_document, write_document

_READS_AT_ONCE = 16
_ERRORS = {error.__name__: error for error in (InvalidDatasetError, DatasetChangedError)}


@dataclass(frozen=True)
class ResultKind:
    """A kind of result. made_of: the references that it follows from; another's result is as good as none."""

    store: ObjectStore
    run_id: str
    kind: str
    made_of: Json

    def find(self, place: S3Reference) -> Json | None:
        """What an earlier run of the same work has left for a range, without an error."""
        found = find_document(self.store, place, self.kind, self.run_id)
        if found is None or found[1]["made_of"] != self.made_of or found[1]["error"]:
            return None
        return found[1]["result"]

    def write(self, place: S3Reference, make: Callable[[], Json]) -> Json | None:
        """Writes what `make` returns, or the error of the data that it raises, and returns the result."""
        result, error = None, None
        try:
            result = make()
        except (InvalidDatasetError, DatasetChangedError) as raised:
            error = {"type": type(raised).__name__, "text": str(raised)}
        write_document(
            self.store,
            place,
            {
                f"{self.kind}_version": VERSIONS[self.kind],
                "run_id": self.run_id,
                "made_of": self.made_of,
                "error": error,
                "result": result,
            },
        )
        return result

    def read(self, places: Iterable[S3Reference]) -> Iterator[Json]:
        """The results at these places, in order, some at a time; raises the first one's error.

        DatasetChangedError, too, where one is missing or is not as the run wrote it.
        """
        with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
            for some in batched(places, _READS_AT_ONCE):
                yield from pool.map(self._read, some)

    def _read(self, place: S3Reference) -> Json:
        found = find_document(self.store, place, self.kind, self.run_id)
        if found is None or found[1]["made_of"] != self.made_of:
            raise DatasetChangedError(f"{place} is gone, or not as the run wrote it: start again with force")
        if error := found[1]["error"]:
            raise _ERRORS[error["type"]](error["text"])
        return found[1]["result"]
