"""Candle CSVs of any size: the rows of the labelled sample, over and over, each one jittered by a fixed seed.

Rows are minutes from 2000-01-01 on. A row's prices share one factor, so that high and low stay what they are;
the label stays too. The file is streamed to disk: memory does not grow with it.
"""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "btc_candles_labeled_sample.csv"
COLUMNS = ("timestamp", "open", "high", "low", "close", "volume", "label")

# Which cells are in quotes; of every row, and of the header.
QUOTING = {
    "unquoted": "{},{},{},{},{},{},{}\n",
    "text and label quoted": '"{}",{},{},{},{},{},"{}"\n',
    "all quoted": '"{}","{}","{}","{}","{}","{}","{}"\n',
}
_JITTER = 0.01  # of a price, and of a volume: at most this share up or down
_BATCH_ROWS = 1440
_SEED = 2019


def rows_for(megabytes: float) -> int:
    """How many unquoted rows make a file of about this many MB (10**6 bytes)."""
    with SAMPLE.open("rb") as sample:
        next(sample)
        sizes = [len(line) for line in sample]
    return max(1, round(megabytes * 1e6 * len(sizes) / sum(sizes)))


def write_candles(target: Path, rows: int, quoting: str = "unquoted") -> None:
    """Writes so many rows; the same numbers whatever the quoting. `quoting`: a key of QUOTING."""
    line = QUOTING[quoting].format
    candles = _candles()
    with target.open("w", encoding="ascii", newline="") as file:
        file.write(line(*COLUMNS))
        while rows:
            batch = list(islice(candles, min(rows, _BATCH_ROWS)))
            file.write("".join([line(*candle) for candle in batch]))
            rows -= len(batch)


def _candles() -> Iterator[tuple[str, ...]]:
    with SAMPLE.open(newline="", encoding="utf-8") as sample:
        records = [
            (*(float(record[name]) for name in COLUMNS[1:6]), record["label"])
            for record in csv.DictReader(sample)
        ]
    draw = random.Random(_SEED).random
    moments = _minutes()
    for first, high, low, last, volume, label in cycle(records):
        price = 1.0 + _JITTER * (2.0 * draw() - 1.0)
        amount = 1.0 + _JITTER * (2.0 * draw() - 1.0)
        yield (
            next(moments),
            repr(round(first * price, 2)),
            repr(round(high * price, 2)),
            repr(round(low * price, 2)),
            repr(round(last * price, 2)),
            repr(round(volume * amount, 6)),
            label,
        )


def _minutes() -> Iterator[str]:
    times = [f"T{minute // 60:02d}:{minute % 60:02d}:00Z" for minute in range(24 * 60)]
    day = date(2000, 1, 1)
    while True:
        prefix = day.isoformat()
        for time in times:
            yield prefix + time
        day += timedelta(days=1)
