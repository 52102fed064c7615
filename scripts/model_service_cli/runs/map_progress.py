"""How far a Distributed Map has come: read from the services, as a value and as a line of text.

Items done are the Map run's own counts. Of shards bytes come from their plan, rows from the results that the
finished ones left in S3; each result is read once. (The outputs of the child executions would tell the same,
at a call of a throttled API per shard, and LocalStack does not list them.) Ranges are all of the same number of rows,
so that theirs follow from the counts. Nothing here prints.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from model_service_cli.documents import object_or_empty, parse
from model_service_cli.door import CommandError
from model_service_cli.runs.steps import MapRun
from model_service_cli.terminal.figures import duration
from shared.event_fields import S3Reference
from shared.run_files import RunFiles
from shared.shards import Shard

READS_AT_ONCE = 16
READS_PER_LOOK = 64  # of results: a look stays short, the next one goes on
READS_AT_THE_END = 1024
BAR = 20  # characters
MISSING = {"NoSuchKey", "404"}
REFUSED = {"AccessDenied", "403"}


@dataclass(frozen=True)
class Progress:
    """done, failed and total: items; bytes and rows: of finished ones, None where they cannot be read;
    elapsed: seconds since the Map began; items: what they are called."""

    total: int
    done: int
    failed: int
    elapsed: float
    bytes_total: int | None = None
    bytes_done: int | None = None
    rows: int | None = None
    rows_total: int | None = None
    items: str = "shards"

    @property
    def seconds_left(self) -> float | None:
        """As long again per item as up to now; None while nothing tells."""
        return self.elapsed * (self.total - self.done) / self.done if self.done else None

    @property
    def rate(self) -> float | None:
        """Megabytes (10**6 bytes) a second."""
        return self.bytes_done / 1e6 / self.elapsed if self.bytes_done and self.elapsed else None


class MapWatcher:
    """Reads one Map run's progress. Its input is the output of the task before: where its items are listed."""

    def __init__(self, states: Any, s3: Any, run: MapRun, clock: Callable[[], float]):
        self._states = states
        self._s3 = s3
        self._run = run
        self._clock = clock
        self._began = clock()
        self._shards, self._files, self._count = _shards_of(run)
        self._ranges = _ranges_of(run)
        self._sizes: list[int] | None = None
        self._readable = self._shards is not None
        self._rows: dict[int, int] = {}

    def look(self, ended: bool = False) -> Progress:
        """The progress now. Raises ClientError where the Map run may not be read."""
        counts = self._states.describe_map_run(mapRunArn=self._run.arn)["itemCounts"]
        done = counts["succeeded"]
        failed = counts["failed"] + counts["timedOut"] + counts["aborted"]
        # The counts may hold the items begun so far: the plan knows how many there will be.
        total = max(self._count, counts["total"])
        if self._ranges:
            return self._of_ranges(self._ranges, done, failed)
        self._read_results(done, READS_AT_THE_END if ended else READS_PER_LOOK)
        sizes = self._sizes if self._readable else None
        return Progress(
            total=total,
            done=done,
            failed=failed,
            elapsed=self._clock() - self._began,
            bytes_total=sum(sizes) if sizes else None,
            bytes_done=sum(sizes[index] for index in self._rows) if sizes else None,
            rows=sum(self._rows.values()) if sizes else None,
        )

    def _of_ranges(self, ranges: "_Ranges", done: int, failed: int) -> Progress:
        return Progress(
            total=ranges.count,
            done=done,
            failed=failed,
            elapsed=self._clock() - self._began,
            rows=ranges.rows * done // ranges.count,
            rows_total=ranges.rows,
            items="ranges",
        )

    def _read_results(self, done: int, most: int) -> None:
        """Reads rows of finished shards, as many as are done; items begin in order, so the first ones first."""
        if not self._readable or self._shards is None:
            return
        try:
            if self._sizes is None:
                listed = parse(self._get(self._shards)["Body"].read(), str(self._shards))
                self._sizes = [Shard.from_json(shard).size_in(0) for shard in listed]
            unread = (index for index in range(len(self._sizes)) if index not in self._rows)
            with ThreadPoolExecutor(READS_AT_ONCE) as pool:
                while most > 0 and len(self._rows) < done:
                    batch = [index for index, _ in zip(unread, range(READS_AT_ONCE), strict=False)]
                    if not batch:
                        return
                    most -= len(batch)
                    read = zip(batch, list(pool.map(self._rows_of, batch)), strict=True)
                    self._rows |= {index: rows for index, rows in read if rows is not None}
        except ClientError as error:
            if error.response["Error"]["Code"] not in REFUSED | MISSING:
                raise
            self._readable = False  # items alone, then
        except CommandError:  # a document that is none
            self._readable = False

    def _get(self, place: S3Reference) -> dict[str, Any]:
        return self._s3.get_object(Bucket=place.bucket, Key=place.key)

    def _rows_of(self, index: int) -> int | None:
        """Rows of a finished shard; None while this run has not finished it."""
        place = self._files.shard_result(index)
        try:
            found = self._get(place)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return None
            raise
        with found["Body"] as body:
            # An equal request has the same run_id: what lies here may be an earlier execution's. S3 keeps seconds.
            if found["LastModified"] < self._run.started_at.replace(microsecond=0):
                return None
            report = parse(body.read(), str(place))["report"]
        return report["rows"] + report["invalid_rows"]


def progress_line(step: str, progress: Progress) -> str:
    """One line of text with a bar."""
    filled = BAR * progress.done // progress.total if progress.total else 0
    bar = f"[{'#' * filled}{'-' * (BAR - filled)}]"
    return "  " + "  ".join([f"{step:<18}", bar, *progress_words(progress)])


def progress_words(progress: Progress) -> Iterator[str]:
    """How far it has come, the most important first."""
    yield f"{progress.done:,}/{progress.total:,} {progress.items}"
    if progress.failed:
        yield f"{progress.failed:,} failed"
    if progress.bytes_done is not None and progress.bytes_total is not None:
        yield f"{progress.bytes_done / 1e6:,.0f} of {progress.bytes_total / 1e6:,.0f} MB"
    if progress.rows_total is not None:
        yield f"{progress.rows:,} of {progress.rows_total:,} rows"
    elif progress.rows is not None:
        yield f"{progress.rows:,} rows"
    if progress.rate is not None:
        yield f"{progress.rate:,.0f} MB/s"
    if progress.seconds_left and progress.done < progress.total:
        yield f"{duration(progress.seconds_left)} left"
    elif progress.done and progress.done == progress.total:
        yield f"in {duration(progress.elapsed)}"


@dataclass(frozen=True)
class _Ranges:
    count: int
    rows: int


def _ranges_of(run: MapRun) -> _Ranges | None:
    """How many ranges a Map goes over, and of how many rows they are; None for a Map over something else."""
    match object_or_empty(run.input):
        case {"dataset": {"rows": int(rows)}, "spread": {"ranges": {"count": int(count)}}} if count:
            return _Ranges(count, rows)
    return None


def _shards_of(run: MapRun) -> tuple[S3Reference | None, RunFiles, int]:
    """The list of shards, the files of their run and how many they are; None for a Map over something else."""
    match object_or_empty(run.input):
        case {
            "run": {"run_id": str(run_id)},
            "shards": {"bucket": str(bucket), "key": str(key), "count": int(count)},
        }:
            return S3Reference(bucket, key), RunFiles(bucket, run_id), count
    return None, RunFiles("", ""), 0
