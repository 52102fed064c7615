"""Files as their owners have them: each case of tests/data/cases is read, or refused, as its expected.txt says."""

import json
from pathlib import Path

import pytest

from fetch_and_validate.stage import stage
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.errors import DatasetNotFoundError, InvalidDatasetError, InvalidRequestError

CASES = Path(__file__).parents[2] / "data" / "cases"
TESTED = {
    "01-preamble-line": "test_lines_above_the_header",
    "02-no-header": "test_a_header_that_is_data",
    "03-true-false-columns": "test_true_and_false",
    "04-index-column": "test_an_index_or_an_id",
    "05-backslash-n-null": "test_backslash_n",
    "06-thousands": "test_thousands_in_quotes",
    "09-gzip-without-suffix": "test_gzip_by_content",
    "10-sorted-by-class": "test_rows_sorted_by_class",
    "11-label-spellings": "test_spellings_of_a_label",
    "13-folder-of-parts": "test_a_folder",
    "19-encodings": "test_other_encodings",
    "29-passengers-missing-age": "test_a_missing_age",
    "30-excel-export": "test_an_export_of_a_spreadsheet",
    "33-one-class": "test_one_class",
}


@pytest.fixture
def outcome(storage, config):
    """The output's dataset for a case's file under a request."""

    def read(name: str, key: str | None = None, **fields) -> dict:
        key = key or f"data/{Path(name).name}"
        storage.put((CASES / name).read_bytes(), key=key)
        return stage(TrainingRequest.from_event({"key": key, **fields}, config), storage, config).dataset

    return read


def refusal(outcome, name: str, **fields) -> str:
    with pytest.raises(InvalidDatasetError) as caught:
        outcome(name, **fields)
    return str(caught.value)


def test_every_case_has_a_test():
    assert {path.parent.name for path in CASES.glob("*/expected.txt")} == TESTED.keys()
    assert all(name in globals() for name in TESTED.values())


@pytest.mark.parametrize(
    ("file", "lines", "cells"), [("prices.csv", 1, "1 cell"), ("bank.csv", 3, "2 cells")]
)
def test_lines_above_the_header(file, lines, cells, outcome):
    assert refusal(outcome, f"01-preamble-line/{file}") == (
        f"line 1 is no header: it has {cells}, and the lines below have 3; "
        f'"skip_lines": {lines} in the request begins at line {lines + 1}'
    )
    dataset = outcome(f"01-preamble-line/{file}", skip_lines=lines)
    assert dataset["used"] == {"number": {"count": 2, "columns": ["open", "volume"]}}


@pytest.mark.parametrize(("file", "label"), [("train.csv", "1"), ("tomorrow.csv", "0.6551")])
def test_a_header_that_is_data(file, label, outcome):
    assert refusal(outcome, f"02-no-header/{file}", label_column=label) == (
        "line 1: the header looks like data, every name is a number: write a line with the columns' names above it"
    )


def test_true_and_false(outcome):
    assert outcome("03-true-false-columns/dummies.csv")["used"]["flag"] == {
        "count": 1,
        "columns": ["is_member"],
    }
    assert outcome("03-true-false-columns/only_dummies.csv")["used"] == {
        "flag": {"count": 2, "columns": ["red", "blue"]}
    }


def test_an_index_or_an_id(outcome):
    assert outcome("04-index-column/with_index.csv")["left_out"]["columns"] == {"": "no name in the header"}
    left_out = outcome("04-index-column/with_id.csv")["left_out"]["columns"]
    assert left_out == {"row_id": "integers that count up by one with the rows, an id"}
    left_out = outcome("04-index-column/with_id.csv", exclude_columns=["row_id"])["left_out"]["columns"]
    assert left_out == {"row_id": "among exclude_columns"}


def test_backslash_n(outcome):
    dataset = outcome("05-backslash-n-null/export.tsv")
    assert (dataset["invalid_rows"], set(dataset["classes"]["rows"])) == (0, {"up", "down"})
    assert dataset["missing_cells"]["columns"].keys() == {"x"}
    assert dataset["used"] == {"number": {"count": 2, "columns": ["x", "y"]}}
    assert "column 'label': missing label; expected a class" in refusal(
        outcome, "05-backslash-n-null/label_null.tsv"
    )
    dataset = outcome("05-backslash-n-null/label_null.tsv", max_invalid_rows=0.1)
    assert (dataset["invalid_rows"] > 0, set(dataset["classes"]["rows"])) == (True, {"up", "down"})


@pytest.mark.parametrize("file", ["sales.csv", "sales_mixed.csv"])
def test_thousands_in_quotes(file, outcome, storage):
    dataset = outcome(f"06-thousands/{file}")
    assert dataset["used"]["number"]["columns"] == ["revenue", "visits"]
    assert dataset["left_out"]["columns"].keys() == {"store"}
    (manifest,) = (json.loads(content) for (_, key), content in storage.objects.items() if "manifest" in key)
    notations = {column["name"]: column.get("notation") for column in manifest["columns"]}
    assert (notations["revenue"], notations["visits"]) == ("1,234.5", "1234.5")


def test_gzip_by_content(outcome):
    assert outcome("09-gzip-without-suffix/data.csv")["rows"] > 100
    assert refusal(outcome, "09-gzip-without-suffix/data.csv.zip") == (
        "the file is zip, not CSV: unpack it, or compress it as gzip, which is read"
    )
    assert refusal(outcome, "09-gzip-without-suffix/data.csv.bz2").startswith(
        "the file is bzip2, not CSV: unpack it"
    )
    assert refusal(outcome, "09-gzip-without-suffix/really_plain.csv.gz").startswith(
        "the object is named or encoded as gzip, but its content is not valid gzip"
    )


@pytest.mark.parametrize("file", ["sorted.csv", "three_sorted.csv"])
def test_rows_sorted_by_class(file, outcome):
    assert (
        outcome(f"10-sorted-by-class/{file}")["time_order"] is None
    )  # so that the split draws from every class


def test_spellings_of_a_label(outcome):
    assert outcome("11-label-spellings/case.csv")["notes"] == [
        "the classes 'No' and 'no' of 'label' look like spellings of one, and are 2 classes: write them alike in the "
        "CSV, such as 'No' everywhere",
        "the classes 'YES', 'yes' and 'Yes' of 'label' look like spellings of one, and are 3 classes: write them "
        "alike in the CSV, such as 'YES' everywhere",
    ]
    assert len(outcome("11-label-spellings/float_labels.csv")["notes"]) == 2


def test_a_folder(storage, config):
    for name in ("day=01/part-0.csv", "day=02/part-1.csv.gz"):
        storage.put((CASES / "13-folder-of-parts" / name).read_bytes(), key=f"table/{name}")
    with pytest.raises(DatasetNotFoundError) as caught:
        stage(TrainingRequest.from_event({"key": "table"}, config), storage, config)
    assert str(caught.value) == (
        "s3://ml-data-demo/table/ is a folder, which holds 2 objects: 'table/day=01/part-0.csv', "
        "'table/day=02/part-1.csv.gz'; a key that ends in / means all of them together"
    )
    storage.put(b"", key="table/")  # as the console marks a folder
    dataset = stage(TrainingRequest.from_event({"key": "table/"}, config), storage, config)
    assert (dataset.dataset["objects"], dataset.dataset["rows"]) == (2, 200)
    with pytest.raises(
        InvalidRequestError, match=r"no s3:// address \(its bucket and its key are two fields\)"
    ):
        TrainingRequest.from_event({"key": "s3://ml-data-demo/table/"}, Config())


def test_other_encodings(outcome):
    assert refusal(outcome, "19-encodings/utf16.csv") == (
        "the file is UTF-16 (little-endian); allowed: UTF-8, with or without a byte order mark (save it as CSV UTF-8, "
        "or convert it: iconv -f UTF-16 -t UTF-8)"
    )
    assert refusal(outcome, "19-encodings/win1252.csv").endswith(
        ": byte 0xfc is not UTF-8; allowed: UTF-8 text (Latin-1 or Windows-1252 must be converted first: "
        "iconv -f WINDOWS-1252 -t UTF-8)"
    )


def test_a_missing_age(outcome):
    dataset = outcome("29-passengers-missing-age/passengers.csv", label_column="Survived")
    assert (dataset["rows"], dataset["invalid_rows"]) == (300, 0)
    assert dataset["missing_cells"]["columns"]["Age"] > 0
    assert "Age" in dataset["used"]["number"]["columns"]
    assert dataset["left_out"]["columns"].keys() == {"PassengerId"}


def test_an_export_of_a_spreadsheet(outcome):
    message = refusal(outcome, "30-excel-export/export.csv", label_column="Ergebnis")
    lines = (CASES / "30-excel-export/export.csv").read_text(encoding="utf-8").splitlines()
    assert message.startswith(f"line {len(lines)}, column 'wert': not a number; expected a number")
    dataset = outcome("30-excel-export/export.csv", label_column="Ergebnis", max_invalid_rows=0.05)
    assert dataset["used"] == {"number": {"count": 2, "columns": ["wert", "menge"]}}


def test_one_class(outcome):
    assert refusal(outcome, "33-one-class/one.csv").startswith(
        "label column 'label' has only the value 'ok' in "
    )
