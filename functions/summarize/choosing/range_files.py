"""What the Maps have left, put together in the order of the ranges: the drawn rows, and the moments."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from itertools import batched

from shared.errors import DatasetChangedError
from shared.event_fields import FileReference, Json
from shared.run_files import read_file
from summarize.choosing.learned import Learned
from summarize.rows.drawn_rows import DrawnRows
from summarize.rows.draws import Draws
from summarize.rows.planned_data import PlannedData, encoding_in
from summarize.rows.range_moments import RangeMoments
from summarize.rows.sample import Sample

_READS_AT_ONCE = 16


def learned_from_files(about: PlannedData, draws: Draws, bits: int) -> Learned:
    """What SummarizeShards and LearnColumns have left; of the sample the rows that are marked with one of the bits.

    Raises DatasetChangedError for a file that is gone or altered.
    """
    columns = about.columns()
    pieces = tuple(_drawn(about, columns["samples"], bits))
    return Learned(about.data, draws, encoding_in(columns), Sample(pieces))


def moments_from_files(about: PlannedData, options: Json | None) -> RangeMoments | None:
    """What GatherMoments has left, merged; None where no model is fitted to moments (options: `gaussian_options`).

    Raises the first range's error, DatasetChangedError for a result that is missing or altered.
    """
    if options is None:
        return None
    results = about.moments().read(map(about.files.range_moments, range(about.data.plan.count)))
    return reduce(
        RangeMoments.merge, (RangeMoments.from_state(found["moments"], options) for found in results)
    )


def _drawn(about: PlannedData, samples: list[str], bits: int) -> Iterator[DrawnRows]:
    """Of each range the rows that are marked with one of the bits; samples: SHA-256 of the ranges' files."""

    def read(numbered: tuple[int, str]) -> list[DrawnRows]:
        index, sha256 = numbered
        place = about.files.range_sample(index)
        content = read_file(
            about.store, FileReference(place.bucket, place.key, sha256), missing=DatasetChangedError
        )
        return list(Sample.from_npz(content).drawn(bits))

    with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
        for some in batched(enumerate(samples), _READS_AT_ONCE):
            for rows in pool.map(read, some):
                yield from rows
