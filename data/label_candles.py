#!/usr/bin/env python3
"""Label hourly candles: is the next hour going to be a volatile one?

The range of an hour is (high - low) / open. A row is labelled 1 when the range of the next hour is above the
median range of the 30 days up to and including the row's own hour, and 0 otherwise. So the label looks one
hour ahead, and the threshold looks back only.

Everything is defined by the timestamps, never by row positions, so gaps in the data are handled as they come:

- The next hour of a row is the candle stamped exactly one hour later. A row without one is dropped.
- The 30 days of a row stamped t are the candles stamped after t - 720 h and up to t: 720 candles where there
  is no gap, fewer where there is one. The median of an even number of ranges is the mean of the middle two.
- A row stamped less than 719 h after the first candle has no full 30 days behind it and is dropped.

--start and --end choose which rows are written, not what the windows see: history comes from the whole input.
The cells are written as they stand in the input, so the same input gives the same bytes.

    python data/label_candles.py candles.csv data/btc_candles_labeled_sample.csv \\
        --start 2019-01-01 --end 2020-01-01
"""

import argparse
import csv
import math
import os
import sys
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

COLUMNS = ("timestamp", "open", "high", "low", "close", "volume")
HOUR = timedelta(hours=1)
WINDOW = timedelta(hours=720)


class CandleError(ValueError):
    """The candles cannot be labelled; the message is one line for a person."""


@dataclass(frozen=True)
class Candle:
    """One hour of trading.

    start: when the hour begins, UTC; range: (high - low) / open, a share of the price, no unit;
    cells: the input's text of COLUMNS, untouched.
    """

    start: datetime
    range: float
    cells: tuple[str, ...]


def parse_time(text: str) -> datetime:
    """A moment from an ISO 8601 date or timestamp; without an offset it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip())
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_candles(lines: Iterable[str]) -> Iterator[Candle]:
    """The candles of a CSV that has at least COLUMNS, in any order of columns.

    Raises CandleError, naming the line, for a missing column, a ragged row, a cell that is not a finite
    number, an open that is not positive, a high below its low, and timestamps that do not increase.
    """
    reader = csv.reader(lines)
    header = [name.strip() for name in next(reader, [])]
    if missing := [name for name in COLUMNS if name not in header]:
        raise CandleError(f"the header lacks {', '.join(missing)}; it has: {', '.join(header) or 'nothing'}")
    positions = [header.index(name) for name in COLUMNS]
    previous = None
    for row in reader:
        if not row:
            continue
        if len(row) != len(header):
            raise CandleError(f"line {reader.line_num}: {len(row)} cells, the header has {len(header)}")
        candle = _candle([row[position] for position in positions], reader.line_num)
        if previous is not None and candle.start <= previous:
            raise CandleError(
                f"line {reader.line_num}: {candle.cells[0]} is not later than the row before it"
            )
        previous = candle.start
        yield candle


def _candle(cells: list[str], line: int) -> Candle:
    try:
        start = parse_time(cells[0])
    except ValueError:
        raise CandleError(f"line {line}: {cells[0]!r} is not an ISO 8601 timestamp") from None
    values = {}
    for name, cell in zip(COLUMNS[1:], cells[1:], strict=True):
        try:
            values[name] = float(cell)
        except ValueError:
            raise CandleError(f"line {line}: {name} {cell!r} is not a number") from None
        if not math.isfinite(values[name]):
            raise CandleError(f"line {line}: {name} {cell!r} is not a finite number")
    if values["open"] <= 0:
        raise CandleError(f"line {line}: open {cells[1]} is not positive")
    if values["high"] < values["low"]:
        raise CandleError(f"line {line}: high {cells[2]} is below low {cells[3]}")
    return Candle(start, (values["high"] - values["low"]) / values["open"], tuple(cells))


def label_candles(candles: Iterable[Candle]) -> Iterator[tuple[Candle, int]]:
    """Each candle that can be labelled, with its label (see the module's text for the rule).

    Time per candle is a binary search and a shift in a list of at most 720 ranges; memory is that window.
    """
    window: deque[Candle] = deque()
    ranges: list[float] = []
    first = before = None
    for candle in candles:
        first = first or candle.start
        if before and candle.start - before.start == HOUR and before.start - first >= WINDOW - HOUR:
            yield before, int(candle.range > _median(ranges))
        while window and window[0].start <= candle.start - WINDOW:
            del ranges[bisect_left(ranges, window.popleft().range)]
        window.append(candle)
        insort(ranges, candle.range)
        before = candle


def _median(ordered: list[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def label_file(source: Path, target: Path, start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """Write the labelled rows with start <= timestamp < end; returns (rows, rows labelled 1).

    The target appears only when it is whole. Raises CandleError and OSError.
    """
    rows = ones = 0
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    try:
        with source.open(newline="", encoding="utf-8-sig") as lines, partial.open("w", newline="") as output:
            writer = csv.writer(output, lineterminator="\n")
            writer.writerow([*COLUMNS, "label"])
            for candle, label in label_candles(read_candles(lines)):
                if (start is None or candle.start >= start) and (end is None or candle.start < end):
                    writer.writerow([*candle.cells, label])
                    rows += 1
                    ones += label
        if not rows:
            raise CandleError(
                "no row can be labelled: a row needs 30 days of candles behind it, the next hour after it, "
                "and a place between --start and --end"
            )
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return rows, ones


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("input", type=Path, help=f"hourly candles, a CSV with {','.join(COLUMNS)}")
    parser.add_argument("output", type=Path, help="the labelled CSV to write")
    parser.add_argument("--start", type=parse_time, metavar="TIME", help="first hour, as in 2019-01-01")
    parser.add_argument("--end", type=parse_time, metavar="TIME", help="write hours before this one")
    options = parser.parse_args(arguments)
    try:
        rows, ones = label_file(options.input, options.output, options.start, options.end)
    except CandleError as error:
        print(f"label_candles: {options.input}: {error}", file=sys.stderr)
    except UnicodeDecodeError as error:
        print(f"label_candles: {options.input} is not UTF-8: {error.reason}", file=sys.stderr)
    except csv.Error as error:
        print(f"label_candles: {options.input}: {error}", file=sys.stderr)
    except OSError as error:
        print(f"label_candles: {error.filename}: {error.strerror}", file=sys.stderr)
    else:
        print(f"{options.output}: {rows} rows, label 1: {ones} ({ones / rows:.1%}), label 0: {rows - ones}")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
