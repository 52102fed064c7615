"""Whatever bytes come in as a CSV: a named error, or a dataset that agrees with the csv module's strict reader."""

import csv
import gzip
import io
import json
import math
import re
import zlib
from datetime import date

import numpy as np
from fuzzing import cases
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shared.csv_file.cells import MissingTokens
from shared.csv_file.kinds import Kind
from shared.errors import PermanentError
from shared.manifest_parts import part_entries

NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
MISSING = {"", "na", "n/a", "nan", "null", "none", "?", r"\n", "#n/a", "<na>", "-"}
MISSING_LABELS = {"", "na", "nan", "null", r"\n"}
LARGEST = 1e140

CELLS = st.one_of(
    st.integers(-(10**6), 10**6).map(str),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(str),
    st.sampled_from(
        ["1e999", "-inf", "1_000", "0x10", "٣", "\x1c7", " 5 ", "1,5", "NA", "", "=1+1", '"', "a\nb", "nan"]
    ),
)
# Cells of a column of each kind, some of them missing.
OF_A_KIND = [
    st.floats(-1e6, 1e6).map(lambda value: f"{value:,.2f}"),
    st.floats(-1e6, 1e6).map(
        lambda value: f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")
    ),
    st.integers(0, 100).map(lambda value: f"{value} %"),
    st.floats(0, 1e5).map(lambda value: f"${value:,.0f}"),
    st.dates().map(str),
    st.datetimes().map(lambda time: time.isoformat(" ")),
    st.dates(date(1970, 1, 1), date(2060, 1, 1)).map(lambda day: day.strftime("%d/%m/%y")),
    st.dates(date(1900, 1, 1)).map(lambda day: day.strftime("%d-%b-%Y")),
    st.times().map(lambda time: time.strftime("%H:%M")),
    st.sampled_from(["yes", "No", "YES"]),
    st.sampled_from(["True", "False"]),
    st.sampled_from(["red", "größe", " a ", "1", "x" * 300]),
    st.text(max_size=3),
]
HOLES = st.sampled_from(["", "NA", "-", r"\N", " ? "])
LABELS = st.sampled_from(
    ["up", "down", " up", "=1+1", "@SUM(A1)", "<b>x</b>", "naïve", "日本", "a,b", 'a"b', "a\nb", "?"]
)
NAMES = st.sampled_from(["open", "close", "a b", "=1+1", "<script>", "naïve", "x,y", 'q"q', "", "open"])
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])
DELIMITERS = st.sampled_from([",", ";", "\t", "|"])


@st.composite
def csv_files(draw) -> tuple[bytes, str]:
    """A CSV with a label column, mostly in order, and its delimiter."""
    delimiter, line_end = draw(DELIMITERS), draw(LINE_ENDS)
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    names = ["first", *draw(st.lists(NAMES, max_size=3)), "label"]
    tidy = draw(st.booleans())
    cell = st.integers(-99, 99).map(str) if tidy else st.one_of(st.integers(-99, 99).map(str), CELLS)
    label = st.sampled_from(["up", "down"]) if tidy else LABELS
    columns = [cell] * (len(names) - 1)
    if draw(st.booleans()):
        columns = [draw(st.sampled_from(OF_A_KIND)) | HOLES for _ in columns]
    rows = draw(st.lists(st.tuples(*columns, label).map(list), min_size=1, max_size=30))
    rows += [["1"] * (len(names) - 1) + [label] for label in ("up", "down")]
    rows = rows * draw(st.sampled_from([1, 1, 1, 40]))
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
    writer.writerows([names, *rows])
    content = text.getvalue().encode()
    return draw(st.sampled_from([b"", b"", b"", b"\xef\xbb\xbf", b"\n\n"])) + content, delimiter


PIECES = st.one_of(
    st.binary(min_size=1, max_size=4),
    st.sampled_from(
        [b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b",", b";", b"\xe2", b'"\n']
    ),
)


@st.composite
def mutated(draw, content: bytes) -> bytes:
    """The content with a few pieces put in, written over, taken out or said twice, anywhere."""
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(content)))
        action = draw(st.sampled_from(["insert", "replace", "delete", "repeat", "cut"]))
        piece = draw(PIECES)
        span = content[at : at + draw(st.integers(1, 20))]
        content = {
            "insert": content[:at] + piece + content[at:],
            "replace": content[:at] + piece + content[at + len(piece) :],
            "delete": content[:at] + content[at + len(span) :],
            "repeat": content[:at] + span + content[at:],
            "cut": content[:at],
        }[action]
    return content


def manifest_of(storage, output: dict) -> dict:
    reference = output["dataset"]["manifest"]
    return json.loads(storage.objects[reference["bucket"], reference["key"]])


def rows_of(storage, manifest: dict) -> list[tuple[list, str]]:
    """Features and label of every row of every part, in order; None for a missing number."""
    rows = []
    for entry in part_entries(manifest, "artifacts", storage):
        with np.load(io.BytesIO(storage.objects["artifacts", entry["key"]])) as part:
            numbers = iter(part["X"].T.tolist())
            columns = [
                part[f"values_{j}"][part[f"codes_{j}"]].tolist() if f"codes_{j}" in part else next(numbers)
                for j in range(len(manifest["features"]))
            ]
            labels = part["classes"][part["y"]].tolist()
        rows += (
            (list(map(without_nan, values)), label) for *values, label in zip(*columns, labels, strict=True)
        )
    return rows


def without_nan(value: float | str) -> float | str | None:
    return None if value != value else value


def as_number(cell: str) -> float:
    value = float(cell) if NUMBER.fullmatch(cell) else math.nan
    return value if abs(value) <= LARGEST else math.nan


def value_of(cell: str, column: dict) -> float | str | None:
    """What a cell is in its column; raises ValueError where it contradicts it."""
    if column["kind"] in ("flag", "category"):
        text = cell.strip()
        if text.lower() in MISSING:
            return ""
        if column["kind"] == "category":
            return text
        if text.lower() not in column["notation"].split("/"):
            raise ValueError(text)
        return text.lower()
    if cell.strip().lower() in MISSING:
        return None
    if column["notation"] == "1234.5":
        value = as_number(cell)
    else:  # one cell by itself, where the step reads blocks
        value = Kind.from_text(column["kind"], column["notation"]).reader(MissingTokens()).one(cell)
    if math.isnan(value):
        raise ValueError(cell)
    return value


def reference_rows(content: bytes, manifest: dict, delimiter: str) -> list[tuple[list, str]] | None:
    """The valid rows as a plain reader sees them; None where it reads another header or refuses the file."""
    text = content.decode("utf-8-sig").lstrip(" \t\r\n")
    names = [column["name"] for column in manifest["columns"]]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        if [name.strip() for name in next(reader)] != names:
            return None
        records = list(reader)
    except csv.Error:
        return None
    columns = {column["name"]: column for column in manifest["columns"] if "kind" in column}
    features = [(names.index(name), columns[name]) for name in manifest["features"]]
    label = [column["role"] for column in manifest["columns"]].index("label")
    rows = []
    for record in records:
        while len(record) > len(names) and not record[-1].strip():
            record.pop()
        if len(record) != len(names):
            continue
        name = record[label].strip()
        try:
            values = [value_of(record[j], column) for j, column in features]
        except ValueError:
            continue
        if name.lower() not in MISSING_LABELS:
            rows.append((values, name))
    return rows


def without_free_text(rows: list[tuple[list, str]] | None, manifest: dict) -> list[tuple[list, str]] | None:
    """The rows without the columns of which nothing is kept."""
    counts = [manifest["report"]["columns"][name].get("counts", {}) for name in manifest["features"]]
    kept = [j for j, found in enumerate(counts) if found is not None]
    return None if rows is None else [([values[j] for j in kept], label) for values, label in rows]


def check(fetched, tried, storage, content: bytes, request: dict, shard_bytes: int = 32 << 20) -> dict | None:
    """What the step makes of `content`; an accepted one is held against the reference. None where it is refused."""
    output = fetched(storage, request, shard_bytes)
    if isinstance(output, PermanentError):
        tried("CSVs refused")
        return None
    tried("CSVs accepted")
    manifest = manifest_of(storage, output)
    delimiters = [request["delimiter"]] if "delimiter" in request else [",", ";", "\t", "|"]
    references = [reference_rows(content, manifest, delimiter) for delimiter in delimiters]
    references = [without_free_text(rows, manifest) for rows in references]
    assert without_free_text(rows_of(storage, manifest), manifest) in references
    assert output["dataset"]["rows"] == manifest["report"]["rows"]
    return output


REQUESTS = st.fixed_dictionaries({"max_invalid_rows": st.sampled_from([0.0, 0.5, 1.0])})


@cases(400)
@given(st.binary(max_size=400), st.integers(1, 64))
@example(b'sep="\na"label\n1"x\n2"y\n', 64)
@example("sep=§\na§label\n1§x\n2§y\n".encode(), 64)
@example(b"\xff\xfea\0,\0", 64)
@example(b"a,label", 64)
@example(b'"', 64)
@example(b"\r\r\r", 1)
def test_any_bytes(fetched, tried, new_storage, content, chunk_bytes):
    check(fetched, tried, new_storage(chunk_bytes).put(content), content, {"max_invalid_rows": 1.0})


@cases(700)
@given(csv_files(), REQUESTS, st.data())
def test_a_csv_with_a_few_bytes_changed(fetched, tried, new_storage, file, request_fields, data):
    content, delimiter = file
    content = data.draw(mutated(content))
    given_delimiter = {"delimiter": delimiter} if data.draw(st.booleans()) else {}
    check(fetched, tried, new_storage(97).put(content), content, request_fields | given_delimiter)


@cases(150)
@given(csv_files(), st.integers(64, 4096), st.data())
def test_in_shards_it_is_the_same_dataset_or_the_same_error(
    fetched, tried, new_storage, file, shard_bytes, data
):
    content, delimiter = file
    content = data.draw(mutated(content))
    request_fields = {"delimiter": delimiter, "max_invalid_rows": 0.5}
    whole, pieces = (new_storage().put(content) for _ in range(2))
    one = check(fetched, tried, whole, content, request_fields)
    several = check(fetched, tried, pieces, content, request_fields, shard_bytes)
    assert (one is None) == (several is None)


@cases(150)
@given(csv_files(), st.data())
def test_gzip_damaged_cut_off_or_of_several_members(fetched, tried, new_storage, file, data):
    content, delimiter = file
    at = data.draw(st.integers(0, len(content)))
    packed = gzip.compress(content[:at], 1, mtime=0) + gzip.compress(content[at:], 9, mtime=0)
    damaged = data.draw(mutated(packed))
    try:
        content = gzip.decompress(damaged)
    except (zlib.error, EOFError, gzip.BadGzipFile):
        content = None
    storage = new_storage(61).put(damaged, key="data/a.csv.gz")
    request_fields = {"key": "data/a.csv.gz", "delimiter": delimiter, "max_invalid_rows": 1.0}
    if content is not None:
        check(fetched, tried, storage, content, request_fields)
        return
    tried("gzip streams that Python's gzip refuses")
    assert isinstance(fetched(storage, request_fields), PermanentError)


@cases(100)
@given(
    csv_files(),
    st.sampled_from(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1252", "shift_jis", "cp037"]),
)
def test_other_encodings(fetched, tried, new_storage, file, encoding):
    text = file[0].decode("utf-8-sig")
    content = text.encode(encoding, errors="replace")
    assume(content != file[0])
    tried("CSVs in other encodings")
    output = fetched(new_storage().put(content), {"max_invalid_rows": 1.0})
    assert isinstance(output, PermanentError) or encoding in ("utf-7", "cp1252", "shift_jis")


@cases(150)
@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=8),
    st.characters(max_codepoint=127),
)
def test_any_delimiter_that_a_request_may_name(fetched, tried, new_storage, rows, delimiter):
    content = ("\n".join(delimiter.join(row) for row in [["a", "label"], *rows]) + "\n").encode()
    check(
        fetched, tried, new_storage().put(content), content, {"delimiter": delimiter, "max_invalid_rows": 1.0}
    )
