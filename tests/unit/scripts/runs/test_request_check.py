"""What a run would refuse is told before anything is uploaded, in the words of the functions' own checks."""

import gzip
import json

import pytest

from model_service_cli.command_line import main
from model_service_cli.door import CommandError
from model_service_cli.files import ROOT
from model_service_cli.runs.request_check import LocalFiles, check
from shared.config import Config
from shared.object_store import PinnedObject

IRIS = ROOT / "tests/data/iris.csv"
HEADER = "the header has 'sepal_length', 'sepal_width', 'petal_length', 'petal_width', 'species'"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--label", "speices"], f"DATA {IRIS}: label_column 'speices' is not a column (did you mean species?)"),
        ([], f"DATA {IRIS}: label_column 'label' is not a column; {HEADER}; LABEL names the class column"),
        (["--label", "species", "--input", '{"exclude_columns": ["petal_lenght"]}'],
         f"DATA {IRIS}: exclude_columns 'petal_lenght' is not a column (did you mean petal_length?)"),
        (["--label", "species", "--input", '{"columns": {"petal_width": "date"}}'], "column 'petal_width': "),
        (["--input", '{"test_sizee": 0.3}'], 'INPUT: unknown field "test_sizee" (did you mean test_size?); '),
        (["--input", '{"test_size": "half"}'], 'INPUT: test_size is "half"; allowed: a number with 0 < x < 1'),
        (["--label", "species", "--input", '{"exclude_columns": ["species"]}'],
         'INPUT: exclude_columns contains the label_column "species"'),
        (["--input", '{"covariance": "full", "model": "logistic"}'], 'INPUT: covariance is for model "gaussian"'),
    ],
)  # fmt: skip
def test_a_wrong_request_is_one_line_with_exit_status_2(options, told, capsys):
    assert main(["check-request", "--data", str(IRIS), *options]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def test_without_a_file_of_the_users_the_sample_is_looked_at(capsys):
    assert main(["check-request", "--label", "lable"]) == 2
    assert "label_column 'lable' is not a column (did you mean label?)" in capsys.readouterr().err


def test_of_an_object_that_lies_in_s3_only_the_request_is_looked_at(capsys):
    assert main(["check-request", "--input", '{"key": "data/there.csv", "label_column": "any"}']) == 0
    assert main(["check-request", "--input", '{"key": "data/there.csv", "seed": -1}']) == 2
    assert "INPUT: seed is -1; allowed: " in capsys.readouterr().err


def test_what_is_well_says_nothing(capsys):
    assert main(["check-request", "--data", str(IRIS), "--label", "species", "--input", '{"seed": 3}']) == 0
    assert main(["check-request"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_steps_output_is_left_to_the_next_step():
    output = json.dumps({"run": {"run_id": "a"}, "dataset": {}})
    assert main(["check-request", "--payload", "--input", output]) == 0
    assert main(["check-request", "--input", output]) == 2
    assert main(["check-request", "--payload", "--input", '{"tset_size": 0.3}']) == 2


def test_gzip_is_looked_into(tmp_path):
    packed = tmp_path / "iris.csv.gz"
    packed.write_bytes(gzip.compress(IRIS.read_bytes()))
    check({"key": "data/iris.csv.gz", "label_column": "species"}, packed, Config())
    with pytest.raises(CommandError, match="did you mean species"):
        check({"key": "data/iris.csv.gz", "label_column": "specie"}, packed, Config())


@pytest.mark.parametrize("content", [b"", b"\x00\x01", "caf\u00e9,label\n1,2".encode("utf-16")])
def test_another_kind_of_file_is_told_by_its_name(tmp_path, content):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=f"^DATA {path}: ") as caught:
        check({"key": "data/x.csv"}, path, Config())
    assert caught.value.exit_status == 2


def test_any_range_of_a_file_is_read_as_of_an_object(tmp_path):
    path = tmp_path / "bytes"
    content = bytes(range(256)) * 3000
    path.write_bytes(content)
    source = PinnedObject("b", "k", None, "", len(content))
    for start, end in ((0, None), (0, 1), (5, 300_000), (len(content) - 1, None), (10, 10)):
        assert b"".join(LocalFiles({source.key: path}).stream(source, start, end)) == content[start:end]


def folder_in(tmp_path, **contents: str):
    folder = tmp_path / "table"
    folder.mkdir()
    for name, content in contents.items():
        (folder / f"{name}.csv").write_text(content)
    return folder


def test_a_folder_is_looked_at_as_the_functions_would(tmp_path):
    rows = "".join(f"{i % 7},{'ab'[i % 2]}\n" for i in range(40))
    folder = folder_in(tmp_path, a=f"x,label\n{rows}", b=f"label,x\n{rows.replace(',', ' ')}")
    (folder / "_SUCCESS").write_text("")
    (folder / "c.csv").write_text(f"y,label\n{rows}")
    with pytest.raises(
        CommandError, match=r"DATA .*table: object 'data/table/c\.csv': its header lacks 'x' and has 'y'"
    ):
        check({"key": "data/table/"}, folder, Config())
    (folder / "c.csv").unlink()
    check({"key": "data/table/"}, folder, Config())


def test_a_folder_without_data_is_told(tmp_path):
    with pytest.raises(CommandError, match="has no file with data"):
        check({"key": "data/table/"}, folder_in(tmp_path, _a="x,label\n", b=""), Config())
