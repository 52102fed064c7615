"""Our outcome for every file of two public CSV collections, beside the one their authors expect.

rvl-corpus: its README has a table with an outcome per file. csv-spectrum: a JSON file holds the cells.
"""

import json
import re
from pathlib import Path

import pytest

from shared.csv_file.cells import as_text
from shared.csv_file.dialect import detect_dialect
from shared.csv_file.records import read_blocks
from shared.errors import InvalidDatasetError

CORPORA = Path(__file__).parents[3] / "data" / "csv"
RVL = CORPORA / "rvl-corpus"
SPECTRUM = CORPORA / "csv-spectrum"

_EMPTY = "the file is empty"
_OTHER_ENCODING = "allowed: UTF-8"

# Files that the corpus expects to be refused, and how we say it. A "header" problem of a data row is a ragged
# row for us: an invalid row, under max_invalid_rows.
REFUSED = {
    "ambiguous_delimiter.csv": "line 1: the delimiter could be any of ',' ';'",
    "blank_only.csv": _EMPTY,
    "empty_file.csv": _EMPTY,
    "only_blank_lines.csv": _EMPTY,
    "sep_only.csv": _EMPTY,
    "encoding_nul_first8k.csv": "line 1: a NUL byte",
    "nul_in_8k.csv": "line 2: a NUL byte",
    "encoding_utf16le.csv": "the file is UTF-16 (little-endian)",
    "utf16le_bom.csv": "the file is UTF-16 (little-endian)",
    "encoding_utf32be.csv": "the file is UTF-32 (big-endian)",
    "utf32be_bom.csv": "the file is UTF-32 (big-endian)",
    "invalid_quote.csv": "line 2: ",
    "unterminated_quote.csv": "line 2: a quote that is never closed",
    "single_column.csv": "line 1: the header has a single column, 'only'",
    "extra_fields_non_empty.csv": "ragged at line 3",
    "extra_trailing_nonempty.csv": "ragged at line 3",
    "wide_row_extra_non_empty.csv": "ragged at line 3",
}

# Where we decide otherwise than the corpus, and why.
DIFFERENT = {
    "caret_basic.csv": (
        "delimiter '^'",
        "a caret is too rare to be guessed; the request's delimiter names it",
    ),
    "caret_delimiter.csv": ("delimiter '^'", "as caret_basic.csv"),
    "caret_quoted.csv": ("delimiter '^'", "as caret_basic.csv"),
    "control_byte_header.csv": ("delimiter '\\x01'", "the corpus too wants it named"),
    "delim_0x1f.csv": ("delimiter '\\x1f'", "as caret_basic.csv"),
    "backslash_escape.csv": (
        "line 3: ",
        "RFC 4180 doubles a quote inside quotes; a backslash there is a character, so the quote ends the cell",
    ),
    "duplicate_headers.csv": ("2 columns", "refused only when a column that is used has its name twice"),
    "ragged_rows_short.csv": (
        "ragged at line 2",
        "a missing cell at the end may as well be one lost in the middle: an invalid row, not a padded one",
    ),
}


def outcome(content: bytes, delimiter: str | None = None) -> str:
    """In words: how the file was read, or why it was not."""
    try:
        dialect = detect_dialect(content, True, delimiter)
        body = iter([content[dialect.body_offset :]])
        blocks = list(read_blocks(body, dialect.delimiter, len(dialect.header), dialect.body_line))
    except InvalidDatasetError as error:
        return str(error)
    ragged = [line for block in blocks for line, _ in block.ragged]
    if ragged:
        return f"ragged at line {ragged[0]}"
    return f"{len(dialect.header)} columns by {dialect.delimiter!r}, {sum(b.rows for b in blocks)} rows"


def expected_outcomes() -> dict[str, tuple[str, str]]:
    """File -> (expected outcome, delimiter), from the corpus's own table."""
    table = re.findall(r"(?m)^\| `(\S+\.csv)` \| .*? \| (\S+) \| (.*?) \| ", (RVL / "README.md").read_text())
    return {name: (expected.strip("`"), delimiter.strip("`")) for name, expected, delimiter in table}


def test_every_file_of_the_corpus_has_an_expected_outcome():
    assert {path.name for path in RVL.glob("*.csv")} == expected_outcomes().keys()
    assert len(expected_outcomes()) > 80


@pytest.mark.parametrize("name", sorted(expected_outcomes()))
def test_the_outcome_is_the_expected_one_or_differs_for_a_reason(name):
    expected, delimiter = expected_outcomes()[name]
    ours = outcome((RVL / name).read_bytes())

    if name in DIFFERENT:
        seen, reason = DIFFERENT[name]
        assert reason
        assert seen in ours or seen.startswith("delimiter")
        if seen.startswith("delimiter"):
            assert "or by the delimiter of the request" in ours
    elif expected == "parse_ok":
        named = delimiter.replace("\\t", "\t")
        assert re.fullmatch(rf"\d+ columns by {re.escape(repr(named))}, \d+ rows", ours)
    else:
        assert ours.startswith(REFUSED[name])


@pytest.mark.parametrize(
    ("name", "delimiter"),
    [(name, seen.split("'")[1]) for name, (seen, _) in DIFFERENT.items() if seen.startswith("delimiter")],
)
def test_an_unusual_delimiter_is_read_where_the_request_names_it(name, delimiter):
    delimiter = delimiter.encode().decode("unicode_escape")

    assert outcome((RVL / name).read_bytes(), delimiter) in (
        f"2 columns by {delimiter!r}, 2 rows",
        f"3 columns by {delimiter!r}, 2 rows",
    )


@pytest.mark.parametrize("path", sorted((SPECTRUM / "csvs").glob("*.csv")), ids=lambda path: path.stem)
def test_the_cells_are_the_expected_ones(path):
    content = path.read_bytes()
    if path.stem.endswith("_crlf"):  # the copy at hand went through a tool that made every CRLF an LF
        content = content.replace(b"\n", b"\r\n")
    expected = json.loads((SPECTRUM / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
    if path.stem == "location_coordinates":  # one row, and its JSON is that row with another phone number
        expected = [expected | {"Contact Phone Number": "2095257564"}]
    dialect = detect_dialect(content, True)
    body = iter([content[dialect.body_offset :]])
    rows = [
        dict(zip(dialect.header, map(as_text, row), strict=True))
        for block in read_blocks(body, dialect.delimiter, len(dialect.header), dialect.body_line)
        for row in zip(*block.columns, strict=True)
    ]

    assert rows == expected
