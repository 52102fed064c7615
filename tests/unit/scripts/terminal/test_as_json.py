"""The JSON of a listing: whole, and harmless to a terminal."""

import json
from datetime import UTC, datetime, timedelta, timezone

from model_service_cli.terminal.as_json import iso, print_json


def test_the_document_comes_back_and_holds_no_control_character(capsys):
    document = {"name": "a\x1b[2J\u202e", "accuracy": 0.1 + 0.2, "model": None}
    print_json(document)
    shown = capsys.readouterr().out
    assert json.loads(shown) == document
    assert all(" " <= one <= "~" for line in shown.splitlines() for one in line)


def test_a_moment_is_utc():
    assert iso(datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-21T10:00:00Z"
    assert iso(datetime(2026, 11, 21, 10, tzinfo=UTC)) == "2026-11-21T10:00:00Z"
