"""`make predict`: every row has its line, or the whole file is refused with the line and column."""

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_service_cli.command_line import main
from model_service_cli.predict import predict
from shared.errors import InvalidDatasetError
from shared.model.predictor import Predictor
from shared.model.predictor import predict as predict_columns

HEADER = "sepal_length,sepal_width,petal_length,petal_width"
ROW = "5.1,3.5,1.4,0.2"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_every_row_has_its_label_and_probabilities_in_order(command, iris, data_directory):
    content = (data_directory / "iris.csv").read_text()
    status, out, err = command(content)
    columns = {name: [float(row[name]) for row in rows(content)] for name in HEADER.split(",")}
    expected = predict_columns(iris, columns)
    assert status == 0
    assert out.splitlines()[0] == "label,probability_setosa,probability_versicolor,probability_virginica"
    found = [list(row.values()) for row in rows(out)]
    assert [row[0] for row in found] == expected.labels
    assert [[float(cell) for cell in row[1:]] for row in found] == list(
        map(list, zip(*expected.probabilities, strict=True))
    )
    assert err.startswith("predict: 150 rows predicted, from artifact.json\n")


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\r\n{ROW}\r\n",
        f"\ufeff{HEADER}\n{ROW}",
        f"\n{HEADER}\n\n{ROW}\n\n",
        "petal_width,id,petal_length,species,sepal_width,sepal_length\n0.2,x,1.4,,3.5,5.1\n",
        'petal_width;note;petal_length;sepal_width;sepal_length\n0.2;"a;b\nc";1.4; 3.5 ;+5.1e0\n',
        f"sep=|\n{HEADER}\n{ROW}\n".replace(",", "|"),
        f"{HEADER}\n{ROW}\n".replace(",", "\t"),
        gzip.compress(f"{HEADER}\n{ROW}\n".encode()),
    ],
    ids=["crlf", "bom", "blank lines", "order and extra columns", "quoted", "sep=", "tab", "gzip"],
)
def test_a_row_is_the_same_row_however_it_is_written(content, command):
    status, out, _ = command(content)
    assert status == 0
    assert out == command(f"{HEADER}\n{ROW}\n")[1]
    assert [row["label"] for row in rows(out)] == ["setosa"]


def test_a_missing_cell_is_a_value(command):
    status, out, err = command(f"{HEADER}\n{ROW}\n5.1,,1.4,NA\n{ROW}\n?,,,\n")
    assert status == 0
    assert [row["label"] != "" for row in rows(out)] == [True] * 4
    assert err == "predict: 4 rows predicted, from artifact.json\n"


MIXED = "day,colour,member,price,label\n" + "".join(
    f'{1 + i % 28:02}/03/2024,{["red", "blue", "green"][i % 3]},{["Yes", "No"][i % 2]},"{i * 37 % 5000 + 0.5:,}",'
    f"{'hi' if i % 3 or i % 11 == 0 else 'lo'}\n"
    for i in range(300)
)


def test_every_kind_of_column_is_read_in_its_notation_and_unseen_texts_are_values(command, artifact_content):
    artifact = json.loads(artifact_content(MIXED.encode(), split="shuffled"))
    new = 'price,member,colour,day\n"1,234.5",YES,red,13/03/2024\n-,?,,NA\n5,no,purple,01/01/2031\n'
    status, out, err = command(new, artifact)
    assert (status, err) == (0, "predict: 3 rows predicted, from artifact.json\n")
    assert rows(out)[0]["label"] == "lo"
    assert all(row["label"] in ("hi", "lo") for row in rows(out))
    many = "price,member,colour,day\n" + "".join(f"5,no,purple {i},01/01/2031\n" for i in range(20_000))
    status, out, _ = command(many, artifact)
    assert len({line.partition(",")[2] for line in out.splitlines()[1:]}) == 1
    for cell, message in [
        (
            "x,no,red,01/01/2031",
            "line 2, column 'price': not a number; expected a number written like 1,234.5",
        ),
        ("5,maybe,red,01/01/2031", "line 2, column 'member': not a flag; expected no or yes"),
        ("5,no,red,2031-01-01", "line 2, column 'day': not a date; expected a date written like DD/MM/YYYY"),
    ]:
        status, out, err = command(f"price,member,colour,day\n{cell}\n", artifact)
        assert (status, out, err) == (2, "", f"predict: DATA new.csv: {message}\n")


def test_lines_above_the_header_are_skipped_as_in_training_or_not_there(command, artifact_content):
    training = b"a report,,,\n" + MIXED.encode()
    artifact = json.loads(artifact_content(training, split="shuffled", skip_lines=1))
    header, row = "price,member,colour,day\n", "5,no,red,01/01/2031\n"
    assert command(f"a report,,,\n{header}{row}", artifact)[:2] == command(f"{header}{row}", artifact)[:2]


def test_a_file_without_rows_is_a_header_alone(command):
    status, out, err = command(HEADER)
    assert (status, out.count("\n")) == (0, 1)
    assert err == "predict: 0 rows predicted, from artifact.json\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{HEADER}\n{ROW}\n5.1,x,1.4,0.2\n", "line 3, column 'sepal_width': not a number; expected a number"),
        (f"{HEADER}\n,1,1,1\n5.1,1,1.4,1_0\n1,x,1,1\n", "line 3, column 'petal_width': not a number"),
        (f"{HEADER}\n{ROW}\n5.1,3.5,1.4,inf\n", "line 3, column 'petal_width': number out of range"),
        (f"{HEADER}\n5.1,3.5\n{ROW}\n", "line 2: ragged row; expected 4 cells as in the header, not 2"),
        (f"{HEADER}\n{ROW}\n5.1,3.5,1.4,0.2,9\n1,x,1,1\n", "line 3: ragged row; expected 4 cells"),
        ("sepal_length,sepal_width,petal_length\n1,2,3\n",
         "the header has no column 'petal_width', which the model reads; it has 'sepal_length', 'sepal_width', "
         "'petal_length'"),
        ("x\n1\n", "the header has no columns 'sepal_length', 'sepal_width', 'petal_length', 'petal_width'"),
        (f"{HEADER},petal_width\n{ROW},1\n", "the header names column 'petal_width' 2 times; the model reads it"),
        ("", "the file is empty: a header line is needed"),
        (" \n\n", "the file is empty: a header line is needed"),
        (f"{HEADER}\n{ROW}\n".encode("utf-16"), "the file is UTF-16 (little-endian)"),
        (f"{HEADER}\n{ROW}\n\0\n", "line 3: a NUL byte"),
        (f"{HEADER},note\n{ROW},caf\xe9\n".encode("latin-1"), "line 2: byte 0xe9 is not UTF-8"),
        (f'{HEADER},note\n{ROW},"open\n', "line 2: a quote that is never closed"),
    ],
)  # fmt: skip
def test_anything_else_refuses_the_whole_in_one_line_and_prints_nothing(content, message, command):
    status, out, err = command(content)
    assert (status, out) == (2, "")
    assert err.startswith(f"predict: DATA new.csv: {message}")
    assert err.count("\n") == 1


def test_a_flaw_far_down_refuses_the_rows_before_it_too(command):
    status, out, err = command(f"{HEADER}\n" + f"{ROW}\n" * 20_000 + "a,1,1,1\n")
    assert (status, out) == (2, "")
    assert (
        err == "predict: DATA new.csv: line 20002, column 'sepal_length': not a number; expected a number\n"
    )


def test_a_gzip_that_is_none_is_refused(command):
    status, out, err = command(f"{HEADER}\n{ROW}\n", name="new.csv.gz")
    assert (status, out) == (2, "")
    assert "its content is not valid gzip" in err


def test_a_single_feature_needs_no_delimiter(command, artifact_content):
    content = "size,label\n" + "".join(f"{i % 10}.5,{'big' if i % 10 > 4 else 'small'}\n" for i in range(40))
    artifact = json.loads(artifact_content(content.encode()))
    status, out, _ = command("size\n0\n9\n", artifact)
    assert status == 0
    assert [row["label"] for row in rows(out)] == ["small", "big"]


def test_the_delimiter_of_the_training_request_serves_again(command, artifact_content):
    content = "a:b:label\n" + "".join(f"{i % 10}:{i % 7}:{'ny'[i % 2]}\n" for i in range(60))
    artifact = json.loads(artifact_content(content.encode(), delimiter=":"))
    assert command("b:a\n1:2\n", artifact)[0] == 0
    assert command("b,a\n1,2\n", artifact)[0] == 0


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("delimiter", '"', "one ASCII character"),
        ("delimiter", "\n", "one ASCII character"),
        ("delimiter", "", "one ASCII character"),
        ("delimiter", "ab", "one ASCII character"),
        ("delimiter", "\x00", "one ASCII character"),
        ("escape", '"', '"\\\\"'),
        ("skip_lines", 10**30, "an integer with 0 <= x <= 1000"),
        ("missing_values", ["", ""], "a list of distinct texts"),
    ],
)
def test_an_artifact_whose_request_no_request_can_be_is_one_line(command, iris, name, value, allowed):
    status, out, err = command(f"{HEADER}\n{ROW}\n", iris | {"request": iris["request"] | {name: value}})
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"predict: artifact.json: the request is damaged: {name} is not {allowed}")


def test_hostile_labels_come_out_as_they_are(command, artifact_content):
    labels = ['=HYPERLINK("x")', "a,b", 'line\nbreak "quoted"', "<b>größe</b>"]
    training = io.StringIO()
    writer = csv.writer(training)
    writer.writerow(["x", "y", "label"])
    writer.writerows([k + i % 5 / 10, i % 3, label] for i in range(30) for k, label in enumerate(labels))
    artifact = json.loads(artifact_content(training.getvalue().encode(), split="shuffled"))
    status, out, _ = command("x,y\n0.2,1\n1.2,1\n2.2,1\n3.2,1\n", artifact)
    assert status == 0
    assert [row["label"] for row in rows(out)] == labels
    assert list(rows(out)[0]) == ["label", *(f"probability_{name}" for name in sorted(labels))]


def test_memory_does_not_grow_with_the_file(iris):
    """Peak of the Python heap over 3 times the rows: the same, but for noise."""

    class Nowhere(io.StringIO):
        def write(self, text: str) -> int:
            return len(text)

    def peak(times: int) -> int:
        block = f"{ROW}\n".encode() * 4_000
        tracemalloc.start()
        predict.write_predictions(Predictor(iris), [f"{HEADER}\n".encode(), *[block] * times], Nowhere(), {})
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    assert peak(18) < 1.2 * peak(6)


@given(st.binary(max_size=200), st.integers(0, 3))
def test_any_bytes_give_a_line_per_row_or_the_named_error(iris, noise, cut):
    content = f"{HEADER}\n{ROW}\n".encode()[: 80 if cut else 40] + noise
    output = io.StringIO()
    try:
        count = predict.write_predictions(Predictor(iris), [content], output, {})
    except InvalidDatasetError:
        return
    assert len(list(csv.reader(io.StringIO(output.getvalue())))) == 1 + count


def test_without_data_and_with_a_folder_for_data_is_one_line(capsys, tmp_path):
    assert main(["predict"]) == 2
    assert main(["predict", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        "predict: DATA is missing; for example: make predict DATA=new.csv\n"
        f"predict: DATA {tmp_path} cannot be read: Is a directory\n"
    )


def test_a_model_that_contradicts_itself_is_refused(command, iris):
    model = iris["model"] | {"classes": ["a", "b"]}
    status, out, err = command(f"{HEADER}\n{ROW}\n", iris | {"model": model})
    assert (status, out) == (2, "")
    assert err == "predict: artifact.json: the model is damaged: priors has 3 numbers for 2 classes\n"


@pytest.mark.parametrize(
    ("target", "status", "message"),
    [
        ("/dev/full", 1, "predict: standard output cannot be written: No space left on device\n"),
        (None, 0, ""),
    ],
    ids=["disk full", "reader gone"],
)
def test_output_that_cannot_be_written_is_at_most_one_line(target, status, message, iris, tmp_path):
    if target and not Path(target).exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / "new.csv").write_text(f"{HEADER}\n" + f"{ROW}\n" * 2000)
    (tmp_path / "artifact.json").write_text(json.dumps(iris))
    files = [
        f"--{name}={tmp_path / file}" for name, file in [("data", "new.csv"), ("model", "artifact.json")]
    ]
    reader, writer = os.pipe()
    os.close(reader)
    output = os.open(target, os.O_WRONLY) if target else writer
    done = subprocess.run(
        [sys.executable, "-m", "model_service_cli", "predict", *files],
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
    )
    for descriptor in {output, writer}:
        os.close(descriptor)
    assert (done.returncode, done.stderr) == (status, message)


def test_a_person_is_shown_labels_that_a_terminal_can_show_and_a_program_those_of_the_data(
    artifact_content, command, monkeypatch
):
    rows = "".join(f"{7 * i % 23},{'up' if i % 2 else 'down\x1b[2J'}\n" for i in range(40))
    artifact = json.loads(artifact_content(f"x,label\n{rows}".encode()))

    assert "down\x1b[2J" in command("x\n1\n", artifact)[1]

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    shown = command("x\n1\n", artifact)[1]
    assert "down\\u001b[2J" in shown
    assert all(line.isprintable() for line in shown.splitlines())
