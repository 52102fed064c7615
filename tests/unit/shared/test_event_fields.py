"""What other people named reaches messages, log lines and terminals without moving a cursor or forging a line."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.event_fields import S3Reference, printable, shown
from shared.object_store import PinnedObject
from shared.telemetry import JsonFormatter

HOSTILE = "data/\x1b]0;title\x07\nforged\r\u2028\u202eevil\x9b2J\ud800.csv"


@given(st.text(st.characters(exclude_categories=())))
def test_a_printable_text_is_a_line_that_json_reads_back(text):
    told = printable(text)
    assert told.isprintable()
    if not set(text) & {'"', "\\"}:
        assert json.loads(f'"{told}"') == text


@pytest.mark.parametrize("text", ["s3://b/naïve 日本 😀.csv", "a b\\c"])
def test_what_a_terminal_shows_stays(text):
    assert printable(text) == text


def test_an_address_is_one_line_whatever_the_key():
    told = str(S3Reference("b", HOSTILE))
    assert told.isprintable()
    assert told.startswith("s3://b/data/\\u001b]0;title\\u0007\\nforged")
    assert str(PinnedObject("b", HOSTILE, "v", "e", 1)) == f"{told} (version id v)"


def test_a_value_in_a_message_is_one_line():
    assert shown({"key": HOSTILE}).isprintable()


def test_a_log_line_is_one_line_of_json_with_the_name_as_it_is():
    record = logging.LogRecord("model_service", logging.INFO, "", 0, "started", None, None)
    record.fields = {"key": HOSTILE}
    line = JsonFormatter().format(record)
    assert line.isprintable()
    assert json.loads(line)["key"] == HOSTILE
