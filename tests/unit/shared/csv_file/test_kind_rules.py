"""One rule per kind: what a column is by its sample, or why it is left out."""

import pytest

from shared.csv_file.cells import MissingTokens
from shared.csv_file.kind_rules import Decision, Sample, decide
from shared.csv_file.kinds import Kind

FEW = ["red", "green", "blue"] * 10
NUMBERS = [str(i * 7 % 13) for i in range(30)]


def decided(*runs: list[str]) -> Decision:
    return decide(Sample.of(runs, MissingTokens()))


@pytest.mark.parametrize(
    ("cells", "kind", "notation"),
    [
        (NUMBERS, "number", "1234.5"),
        ([*NUMBERS, "NA", "", "?"], "number", "1234.5"),
        ([*NUMBERS, "oops"], "number", "1234.5"),
        (["0", "1"] * 5, "number", "1234.5"),
        (["1,234.50", "5"], "number", "1,234.5"),
        (["12 %", "-"], "number", "1,234.5 %"),
        (["True", "FALSE", ""], "flag", "false/true"),
        (["Y", "n"], "flag", "n/y"),
        (["2024-01-01"] * 3, "date", "YYYY-MM-DD"),
        (["13/01/2024", "01/02/2024"], "date", "DD/MM/YYYY"),
        (FEW, "category", None),
        (["yes", "no", "maybe"] * 3, "category", None),
        (["yes"] * 9, "category", None),
        (["1", "2", "many"] * 30, "category", None),
        (["01-A", "02-B"] * 9, "category", None),
        ([str(i) for i in range(30, 0, -1)], "number", "1234.5"),
        (["1", "2", "3"], "number", "1234.5"),
        ([*map(str, range(20)), ""], "number", "1234.5"),
        (["20240131", "20240201"] * 3, "number", "1234.5"),
    ],
)
def test_the_kind_of_a_column(cells, kind, notation):
    assert decided(cells) == Decision(Kind.from_text(kind, notation))


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["", "NA", "null"], "no value in 3 sampled rows"),
        ([str(i) for i in range(7, 27)], "integers that count up by one with the rows, an id"),
        ([f"name {i}" for i in range(20)], "text with nearly as many values as rows (a name or an id)"),
        (
            [f"name {i}" for i in range(19)] + ["name 1"],
            "text with nearly as many values as rows (a name or an id)",
        ),
        (
            [*FEW, "x" * 257],
            "free text (more than 10,000 distinct values, or one of more than 256 characters)",
        ),
        (NUMBERS + FEW[:10], "mixed: 30 of 40 sampled cells are numbers, the others are not "),
        (
            ["2024-01-01"] * 8 + ["soon", "later"],
            "mixed: 8 of 10 sampled cells are dates, the others are not ",
        ),
        (
            ["1,234", "5,678"],
            'ambiguous: numbers like 1,234.5 or like 1.234,5 (columns decides: "number:1,234.5" or ',
        ),
        (
            ["03/04/2024", "05/06/2024"],
            "ambiguous: dates like DD/MM/YYYY or like MM/DD/YYYY (columns decides: ",
        ),
    ],
)
def test_why_a_column_is_left_out(cells, reason):
    found = decided(cells)
    assert found.kind is None
    assert found.reason.startswith(reason)
    assert not any(cell in found.reason for cell in ("soon", "name 1", "red", "5,678", "05/06"))


def test_integers_count_up_within_each_run_of_the_sample():
    assert decided(["5", "6", "7"], ["900", "901"]).reason.startswith("integers that count up")
    assert decided(["5", "6", "7"], ["900", "902"]).kind.name == "number"


def test_without_a_sample_a_column_is_taken_as_numbers():
    assert decided().kind == Kind.from_text("number", None)


@pytest.mark.parametrize(
    ("kind", "notation"),
    [
        ("text", None),
        ("number", "1.2.3"),
        ("date", None),
        ("date", "YY"),
        ("flag", "no/perhaps"),
        ("category", "x"),
    ],
)
def test_what_no_manifest_says_is_no_kind(kind, notation):
    with pytest.raises(ValueError, match="is no"):
        Kind.from_text(kind, notation)
