import csv
import statistics
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_candles import COLUMNS, HOUR, CandleError, label_candles, main, parse_time, read_candles

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "btc_candles_labeled_sample.csv"
BEGIN = datetime(2019, 1, 1, tzinfo=UTC)
HEADER = ",".join(COLUMNS)


def row(hour: int, spread: float = 1.0, **cells: str) -> str:
    """A candle `hour` hours after BEGIN whose range is spread / 100."""
    start = f"{BEGIN + hour * HOUR:%Y-%m-%dT%H:%M:%SZ}"
    values = {
        "timestamp": start,
        "open": "100",
        "high": str(100 + spread),
        "low": "100",
        "close": "100",
        "volume": "1",
    }
    return ",".join((values | cells).values())


def labels(hours: list[int], spreads: list[float]) -> dict[int, int]:
    lines = [HEADER, *(row(hour, spread) for hour, spread in zip(hours, spreads, strict=True))]
    return {(candle.start - BEGIN) // HOUR: label for candle, label in label_candles(read_candles(lines))}


def by_definition(hours: list[int], spreads: list[float]) -> dict[int, int]:
    """The rule of the module's text, word for word and slowly."""
    ranges = {hour: (100 + spread - 100) / 100 for hour, spread in zip(hours, spreads, strict=True)}
    expected = {}
    for hour in hours:
        if hour + 1 in ranges and hour - hours[0] >= 719:
            window = [value for other, value in ranges.items() if hour - 720 < other <= hour]
            expected[hour] = int(ranges[hour + 1] > statistics.median(window))
    return expected


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_labels_equal_the_definition_with_gaps_anywhere(data):
    hours = sorted(data.draw(st.sets(st.integers(0, 800), max_size=60)) ^ set(range(800)))
    spreads = data.draw(
        st.lists(st.sampled_from([1.0, 2.0, 3.0, 5.0]), min_size=len(hours), max_size=len(hours))
    )
    assert labels(hours, spreads) == by_definition(hours, spreads)


def test_a_next_hour_equal_to_the_median_is_labelled_0():
    assert set(labels(list(range(722)), [1.0] * 722).values()) == {0}


def test_the_first_label_needs_a_full_30_days_of_history():
    assert labels(list(range(720)), [1.0] * 720) == {}
    assert list(labels(list(range(722)), [1.0] * 722)) == [719, 720]


def test_a_row_without_the_next_hour_is_dropped():
    hours = [hour for hour in range(730) if hour != 725]
    assert sorted(labels(hours, [1.0] * len(hours))) == [719, 720, 721, 722, 723, 726, 727, 728]


def test_only_the_window_behind_decides_not_the_row_count():
    # 400 quiet hours, a gap of 20 days, then 400 wild hours: at the end the quiet ones are out of the window.
    hours = [*range(400), *range(880, 1280)]
    found = labels(hours, [1.0] * 400 + [9.0] * 399 + [5.0])
    assert found[1278] == 0
    assert found == by_definition(hours, [1.0] * 400 + [9.0] * 399 + [5.0])


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "the header lacks timestamp, open, high, low, close, volume; it has: nothing"),
        (["timestamp,open"], "the header lacks high, low, close, volume; it has: timestamp, open"),
        ([HEADER, row(0), "1,2"], "line 3: 2 cells, the header has 6"),
        ([HEADER, row(0, high="abc")], "line 2: high 'abc' is not a number"),
        ([HEADER, row(0, volume="nan")], "line 2: volume 'nan' is not a finite number"),
        ([HEADER, row(0, open="0")], "line 2: open 0 is not positive"),
        ([HEADER, row(0, high="99")], "line 2: high 99 is below low 100"),
        ([HEADER, row(0, timestamp="yesterday")], "line 2: 'yesterday' is not an ISO 8601 timestamp"),
        ([HEADER, row(1), row(1)], "line 3: 2019-01-01T01:00:00Z is not later than the row before it"),
    ],
)
def test_a_candle_that_cannot_be_read_is_named_with_its_line(lines, message):
    with pytest.raises(CandleError) as caught:
        list(read_candles(lines))
    assert str(caught.value) == message


def test_a_time_without_an_offset_is_utc():
    assert parse_time("2019-01-01") == parse_time("2019-01-01T01:00:00+01:00") == BEGIN


def candle_file(folder: Path, lines: list[str]) -> Path:
    path = folder / "candles.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_start_and_end_choose_rows_but_not_the_history(tmp_path, capsys):
    source = candle_file(tmp_path, [HEADER, *(row(hour) for hour in range(750))])
    target = tmp_path / "labelled.csv"
    start, end = ((BEGIN + hour * HOUR).isoformat() for hour in (740, 745))
    assert main([str(source), str(target), "--start", start, "--end", end]) == 0
    written = list(csv.DictReader(target.open()))
    assert [parse_time(line["timestamp"]) for line in written] == [
        BEGIN + hour * HOUR for hour in range(740, 745)
    ]
    assert capsys.readouterr().out == f"{target}: 5 rows, label 1: 0 (0.0%), label 0: 5\n"


def test_columns_in_another_order_and_more_columns_give_the_same_output(tmp_path):
    rows = [row(hour, spread=hour % 7) for hour in range(722)]
    plain = candle_file(tmp_path, [HEADER, *rows])
    assert main([str(plain), str(tmp_path / "a.csv")]) == 0
    other = candle_file(
        tmp_path,
        ["x," + ",".join(reversed(COLUMNS))] + ["1," + ",".join(reversed(r.split(","))) for r in rows],
    )
    assert main([str(other), str(tmp_path / "b.csv")]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


@pytest.mark.parametrize("hours", [0, 719])
def test_a_history_that_is_too_short_is_an_error_and_leaves_no_file(tmp_path, capsys, hours):
    source = candle_file(tmp_path, [HEADER, *(row(hour) for hour in range(hours))])
    assert main([str(source), str(tmp_path / "out.csv")]) == 1
    assert capsys.readouterr().err.startswith(f"label_candles: {source}: no row can be labelled: ")
    assert [path.name for path in tmp_path.iterdir()] == ["candles.csv"]


def test_a_missing_input_is_one_line(tmp_path, capsys):
    assert main([str(tmp_path / "none.csv"), str(tmp_path / "out.csv")]) == 1
    assert capsys.readouterr().err == f"label_candles: {tmp_path / 'none.csv'}: No such file or directory\n"


def test_the_sample_is_2019_hour_by_hour_with_the_columns_and_balance_that_its_note_states():
    rows = list(csv.DictReader(SAMPLE.open()))
    times = [parse_time(line["timestamp"]) for line in rows]
    assert list(rows[0]) == [*COLUMNS, "label"]
    assert (times[0], times[-1]) == (BEGIN, datetime(2019, 12, 31, 23, tzinfo=UTC))
    assert all(later > earlier for earlier, later in pairwise(times))
    counts = {label: sum(line["label"] == label for line in rows) for label in ("0", "1")}
    assert counts == {"0": 4625, "1": 4102}
    note = (SAMPLE.parent / "README.md").read_text()
    assert all(f"{count:,}" in note for count in (len(rows), *counts.values()))


def test_the_labels_of_the_sample_follow_from_its_own_candles_where_30_days_are_in_it():
    """Reproduces the file from itself: from 31 January on, the sample holds its own history."""
    rows = list(csv.DictReader(SAMPLE.open()))
    lines = [HEADER, *(",".join(line[name] for name in COLUMNS) for line in rows)]
    stored = {line["timestamp"]: int(line["label"]) for line in rows}
    again = {candle.cells[0]: label for candle, label in label_candles(read_candles(lines))}
    different = [time for time, label in again.items() if stored[time] != label]
    assert len(again) == 8002
    # The five rows before a gap are not in the sample, though they were in the windows: enough to move a median
    # past three of the next hours.
    assert different == ["2019-04-10T09:00:00Z", "2019-06-08T00:00:00Z", "2019-08-22T18:00:00Z"]
    assert timedelta(days=30) - HOUR == parse_time(next(iter(again))) - BEGIN
