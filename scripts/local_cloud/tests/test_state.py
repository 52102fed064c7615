"""What a local cloud keeps on disk: read as it was written, and as good as absent where nobody can read it."""

import json
import os

import psutil
import pytest

from local_cloud import cli, server
from local_cloud.state import StartedCloud, StateDirectory, StateError


def test_a_record_is_read_as_it_was_written(tmp_path):
    state = StateDirectory(tmp_path)
    record = StartedCloud(os.getpid(), psutil.Process().create_time(), "http://localhost:4566")
    state.write_record(record)
    assert state.read_record() == record
    assert record.process().pid == os.getpid()
    assert [file.name for file in tmp_path.iterdir()] == ["local-cloud.json"]


WHOLE = {"pid": 1, "create_time": 1.5, "endpoint": "http://localhost:4566"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[1]",
        "null",
        "[" * 200_000,
        json.dumps({"pid": 1}),
        json.dumps(WHOLE | {"pid": "1"}),
        json.dumps(WHOLE | {"pid": -1}),
        json.dumps(WHOLE | {"create_time": None}),
        json.dumps(WHOLE | {"endpoint": 4566}),
    ],
)
def test_a_record_that_cannot_be_read_is_refused(content, tmp_path):
    """It may be that of a cloud that runs: to take it for none would delete that one's data."""
    (tmp_path / "local-cloud.json").write_text(content)
    with pytest.raises(
        StateError, match=r"local-cloud\.json cannot be read: .* nothing was stopped or removed"
    ):
        StateDirectory(tmp_path).read_record()


def test_no_record_is_none(tmp_path):
    assert StateDirectory(tmp_path).read_record() is None


def test_a_record_of_no_process_that_can_be_is_of_none():
    assert StartedCloud(10**30, 1.5, "http://localhost:4566").process() is None


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (OSError(28, "No space left on device", "a.log"), 1, "local-cloud: a.log: No space left on device\n"),
        (OSError("no more of it"), 1, "local-cloud: no more of it\n"),
        (server.LocalCloudError("in the way"), 1, "local-cloud: in the way\n"),
        (KeyboardInterrupt(), 130, "local-cloud: interrupted\n"),
    ],
)
def test_what_goes_wrong_is_one_line(error, status, line, tmp_path, monkeypatch, capsys):
    def fails(*_):
        raise error

    monkeypatch.setattr(server, "down", fails)
    assert cli.main(["down", "--state-dir", str(tmp_path)]) == status
    assert capsys.readouterr().err == line
