"""Files that commands leave for each other: whole or not there, and absent where nobody can read them."""

import pytest

from model_service_cli.documents import object_or_empty, parse
from model_service_cli.door import CommandError
from model_service_cli.files import ROOT, from_root, read_object, write_whole

DEEP = "[" * 200_000


def test_a_file_is_written_with_its_folders_and_nothing_beside_it(tmp_path):
    path = tmp_path / "new" / "a.json"
    write_whole(path, '{"é": 1}')
    write_whole(path, b'{"b": 2}')
    assert path.read_bytes() == b'{"b": 2}'
    assert [file.name for file in path.parent.iterdir()] == ["a.json"]


def test_a_write_that_fails_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_whole(path, "before")

    def fails(self, content):
        with self.open("wb") as file:
            file.write(content[:2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", fails)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff\xfe", b"null", DEEP.encode()])
def test_a_file_that_cannot_be_read_is_as_good_as_none(content, tmp_path):
    (tmp_path / "a.json").write_bytes(content)
    assert read_object(tmp_path / "a.json") == {}
    assert read_object(tmp_path / "none.json") == {}
    assert read_object(tmp_path) == {}


def test_a_path_is_told_as_seen_from_the_repository(tmp_path):
    assert from_root(ROOT / "tmp" / "x") == "tmp/x"
    assert from_root(tmp_path / "x") == str(tmp_path / "x")


@pytest.mark.parametrize("content", ["", "{", b"\xff", DEEP])
def test_a_document_that_is_no_json_is_one_line_that_names_it(content):
    with pytest.raises(CommandError, match=r"^s3://b/k is no JSON: ") as error:
        parse(content, "s3://b/k")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "value"), [('{"a": 1}', {"a": 1}), ("[]", {}), ("{", {}), (None, {}), (DEEP, {})]
)
def test_an_output_that_may_hold_anything_is_an_object_or_nothing(text, value):
    assert object_or_empty(text) == value
