from pathlib import Path

import pytest

from model_service_cli.door import CommandError
from model_service_cli.runs.request import SAMPLE_DATA, Upload, parse_input, plan, request_fields
from shared.config import Config

CONFIG = Config(data_bucket="ml-data-demo", data_key="data/sample.csv")
SAMPLE = Upload(SAMPLE_DATA, "ml-data-demo", "data/sample.csv")


@pytest.mark.parametrize(
    ("text", "value"), [("", {}), ("  ", {}), ('{"test_size": 0.3}', {"test_size": 0.3})]
)
def test_input_is_a_json_object_or_nothing(text, value):
    assert parse_input(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1', "INPUT is not JSON: Expecting ',' delimiter, line 1 column 8, at its end"),
        ("{a: 1}", "line 1 column 2, near 'a: 1}'"),
        ('{"a": NaN}', "INPUT is not JSON: NaN is no JSON number, line 1 column 7, near 'NaN}'"),
        ("[1]", 'INPUT must be a JSON object, as in {"test_size": 0.3}; column 1 begins an array'),
        (' "x"', "column 2 begins a string"),
        ("true", "column 1 begins a boolean"),
        ("null", "column 1 begins null"),
        ("0.3", "column 1 begins a number"),
        ("[" * 100_000, "INPUT is nested too deeply"),
        (f'{{"seed": {"1" * 5000}}}', "INPUT has a number of too many digits"),
        ('{"seed": 1e999}', "INPUT has the number 1e999, which is too large"),
    ],
)
def test_other_input_is_one_line_with_the_position(text, message):
    with pytest.raises(CommandError) as caught:
        parse_input(text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 2


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"min_accuracy": 0.9, "seed": 1, "min_accuracy": null}', '"min_accuracy"'),
        ('{"columns": {"zip": "number", "zip": "category"}}', '"zip"'),
    ],
)
def test_a_member_that_stands_twice_is_refused_by_name(text, name):
    with pytest.raises(CommandError, match=f"^INPUT has {name} twice: give it once$") as caught:
        parse_input(text)
    assert caught.value.exit_status == 2


def test_without_data_the_sample_goes_to_the_default_and_the_request_is_the_input():
    assert plan("", {"test_size": 0.3}, CONFIG) == ({"test_size": 0.3}, SAMPLE)


def test_input_that_names_the_default_object_still_uploads_the_sample():
    request = {"bucket": "ml-data-demo", "test_size": 0.3}
    assert plan("", request, CONFIG) == (request, SAMPLE)


@pytest.mark.parametrize("named", [{"bucket": "mine"}, {"key": "data/mine.csv"}, {"version_id": "v1"}])
def test_input_that_names_another_object_uploads_nothing(named):
    assert plan("", named, CONFIG) == (named, None)


def test_data_goes_to_its_name_beside_the_default_and_the_request_names_it():
    assert plan("my data/a b.csv", {"seed": 1}, CONFIG) == (
        {"bucket": "ml-data-demo", "key": "data/a b.csv", "seed": 1},
        Upload(Path("my data/a b.csv"), "ml-data-demo", "data/a b.csv"),
    )


def test_input_says_where_data_goes():
    request, upload = plan("a.csv", {"key": "data/other.csv"}, CONFIG)
    assert request["key"] == upload.key == "data/other.csv"


def test_a_folder_goes_under_its_name_beside_the_default(tmp_path):
    folder = tmp_path / "my table"
    folder.mkdir()
    assert plan(str(folder), {}, CONFIG) == (
        {"bucket": "ml-data-demo", "key": "data/my table/"},
        Upload(folder, "ml-data-demo", "data/my table/"),
    )
    request, _ = plan(f"{folder}/../my table/", {"key": "data/other/"}, CONFIG)
    assert request["key"] == "data/other/"
    with pytest.raises(
        CommandError, match=r'key is "data/other", and DATA .* is a folder: its key ends in /'
    ):
        plan(str(folder), {"key": "data/other"}, CONFIG)
    with pytest.raises(CommandError, match=r'key is "data/other/", and DATA a.csv is a file'):
        plan("a.csv", {"key": "data/other/"}, CONFIG)


def test_a_file_name_that_is_not_utf_8_is_refused():
    with pytest.raises(CommandError, match="is not UTF-8"):
        plan("caf\udce9.csv", {}, CONFIG)


def test_a_key_that_is_no_text_is_refused():
    with pytest.raises(CommandError, match="INPUT: key must be a text, not 5"):
        plan("a.csv", {"key": 5}, CONFIG)


@pytest.mark.parametrize(
    ("text", "label", "fields"),
    [
        ("", "", {}),
        ("", "survived", {"label_column": "survived"}),
        ('{"seed": 1}', "the $label", {"seed": 1, "label_column": "the $label"}),
        ('{"label_column": "survived"}', "survived", {"label_column": "survived"}),
        ('{"label_column": "survived"}', "", {"label_column": "survived"}),
    ],
)
def test_label_is_short_for_label_column_in_input(text, label, fields):
    assert request_fields(text, label) == fields


@pytest.mark.parametrize("said", ['"fare"', "null", "3"])
def test_a_label_that_input_contradicts_is_refused(said):
    with pytest.raises(CommandError, match="LABEL says 'survived', and label_column in INPUT says") as error:
        request_fields(f'{{"label_column": {said}}}', "survived")
    assert error.value.exit_status == 2
