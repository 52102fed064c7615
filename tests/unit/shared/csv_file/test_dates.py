"""Dates: forms, found in a sample, and seconds since 1970 that Python's datetime gives too."""

import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.csv_file.cells import MissingTokens
from shared.csv_file.date_statistics import RowOrder
from shared.csv_file.dates import DAY_FORMS, DateForm, DateReader, guess_form
from shared.csv_file.problems import CellError

NOON = datetime(2024, 1, 31, 12, 30, tzinfo=UTC).timestamp()
DAY = datetime(2024, 1, 31, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("cell", "form", "seconds"),
    [
        ("2024-01-31", "YYYY-MM-DD", DAY),
        ("2024/1/31", "YYYY/MM/DD", DAY),
        ("31/01/2024", "DD/MM/YYYY", DAY),
        ("01/31/2024", "MM/DD/YYYY", DAY),
        ("1/31/24", "MM/DD/YY", DAY),
        ("31.1.2024", "DD.MM.YYYY", DAY),
        ("31 Jan 2024", "DD Mon YYYY", DAY),
        ("31-jan-24", "DD-Mon-YY", DAY),
        ("January 31, 2024", "Mon DD, YYYY", DAY),
        ("Jan-2024", "Mon-YYYY", datetime(2024, 1, 1, tzinfo=UTC).timestamp()),
        ("2024-01", "YYYY-MM", datetime(2024, 1, 1, tzinfo=UTC).timestamp()),
        ("2024-01-31T12:30:00", "YYYY-MM-DD hh:mm", NOON),
        ("2024-01-31 12:30", "YYYY-MM-DD hh:mm", NOON),
        ("2024-01-31 12:30:00.250", "YYYY-MM-DD hh:mm", NOON + 0.25),
        ("2024-01-31T12:30:00Z", "YYYY-MM-DD hh:mm zone", NOON),
        ("2024-01-31T13:30:00+01:00", "YYYY-MM-DD hh:mm zone", NOON),
        ("2024-01-31 06:00:00-0630", "YYYY-MM-DD hh:mm zone", NOON),
        ("1/31/2024 12:30 PM", "MM/DD/YYYY hh:mm", NOON),
        ("31/1/2024 12:30", "DD/MM/YYYY hh:mm", NOON),
        ("12:30", "hh:mm", 45_000.0),
        ("12:30:01 am", "hh:mm", 1801.0),
        ("1969-12-31", "YYYY-MM-DD", -86_400.0),
    ],
)
def test_the_form_of_a_cell(cell, form, seconds):
    guess = guess_form([cell])
    assert (str(guess.form), guess.fits, guess.others) == (form, 1, ())
    assert DateForm.from_text(form) == guess.form
    reader = DateReader(guess.form, MissingTokens())
    assert reader.all_of([cell], True) == reader.all_of([cell.encode()], True) == [seconds]
    assert reader.all_of([cell.encode(), b"\n" + cell.encode()], True) == [seconds, seconds]
    assert reader.one(f" {cell} ") == seconds


@pytest.mark.parametrize("cells", [["03/04/2024"], ["1/2/24", "5/6/24"], ["01.02.2024", "03.04.2024 "]])
def test_what_may_be_day_or_month_first_is_ambiguous_until_a_day_tells(cells):
    guess = guess_form(cells)
    assert str(guess.form).startswith("DD")
    assert str(guess.others[0]).startswith("MM")
    assert str(guess_form(cells, "month").form).startswith("MM")
    assert not guess_form(cells, "day").others
    told = guess_form(
        [*cells, cells[0].strip().replace("03", "25").replace("1/", "25/").replace("01.", "25.")]
    )
    assert str(told.form).startswith("DD")
    assert not told.others


def test_the_same_day_and_month_is_not_ambiguous_enough_to_matter():
    assert guess_form(["03/03/2024"]).others == ()


@pytest.mark.parametrize(
    "cell", ["red", "5", "2024", "2024-13-01", "2024-02-30", "31/31/2024", "25:00", "1.5", ""]
)
def test_what_is_no_date(cell):
    assert guess_form([cell]) is None


@pytest.mark.parametrize("form", ["", "zone", "YYYY", "YYYY-MM-DD zone ", "DD/MM/YYYY  hh:mm"])
def test_other_texts_are_no_form(form):
    with pytest.raises(ValueError, match="is no form of dates"):
        DateForm.from_text(form)


@pytest.mark.parametrize("missing", ["", "NA", " ", r"\N"])
@pytest.mark.parametrize("form", ["YYYY-MM-DD hh:mm", "DD/MM/YYYY"])
def test_a_missing_cell_is_nan(form, missing):
    reader = DateReader(DateForm.from_text(form), MissingTokens())
    cell = "2024-01-31 12:30" if form.startswith("YYYY") else "31/01/2024"
    first, second = reader.all_of([cell.encode(), b"\n" + missing.encode()], True)
    assert (first in (DAY, NOON), math.isnan(second)) == (True, True)
    assert math.isnan(reader.one(missing))


@pytest.mark.parametrize(
    "cell", ["2024-01-31", "2024-01-31 12:30Z", "2024-01-31x12:30", "2024-01-31 24:00", "oops"]
)
def test_a_cell_of_another_form_contradicts_its_column(cell):
    reader = DateReader(DateForm.from_text("YYYY-MM-DD hh:mm"), MissingTokens())
    assert reader.all_of(["2024-01-31 12:30", cell], True) is None
    with pytest.raises(CellError, match="not a date; expected a date written like YYYY-MM-DD hh:mm"):
        reader.one(cell)


@given(st.lists(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), min_size=1))
def test_iso_timestamps_are_datetime_s(times):
    reader = DateReader(DateForm.from_text("YYYY-MM-DD hh:mm"), MissingTokens())
    cells = [time.isoformat(" ") for time in times]
    expected = [time.replace(tzinfo=UTC).timestamp() for time in times]
    assert reader.all_of(cells, True) == pytest.approx(expected, abs=1e-5)
    assert list(map(reader.one, cells)) == reader.all_of(cells, True)


@given(st.dates(date(1969, 1, 1), date(2068, 12, 31)), st.sampled_from(DAY_FORMS))
def test_every_form_reads_what_is_written_in_it(day, form):
    written = form.replace("YYYY", f"{day.year:04}").replace("YY", f"{day.year % 100:02}")
    written = (
        written.replace("MM", f"{day.month:02}").replace("DD", f"{day.day:02}").replace("Mon", f"{day:%b}")
    )
    seconds = DateForm.from_text(form).seconds(written)
    read = datetime.fromtimestamp(0, UTC).toordinal() + seconds / 86_400
    assert read == day.replace(day=day.day if "DD" in form else 1).toordinal()


@given(st.lists(st.integers(0, 5).map(float)), st.integers(0, 5))
def test_the_order_of_two_stretches_is_that_of_both(values, cut):
    merged = RowOrder.of(values[:cut]).merge(RowOrder.of(values[cut:]))
    assert merged == RowOrder.of(values)
    rises = values == sorted(values) and len(set(values)) > 1
    falls = values == sorted(values, reverse=True) and len(set(values)) > 1
    assert merged.direction == ("rises" if rises else "falls" if falls else None)
