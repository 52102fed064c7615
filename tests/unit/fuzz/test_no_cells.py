"""What is written in a cell stays in the data: it is in no artifact, card, output, log line or message of an error.

Excepted are names of classes and values of a category that several rows have. The manifest and the parts under `runs/`
hold more: the report tells which cells are wrong, to whoever may read that folder.
"""

import json
import random

import pytest

from fetch_and_validate import handler as fetch_and_validate
from publish_artifact import handler as publish_artifact
from shared.errors import InvalidDatasetError, PermanentError
from summarize import handler as summarize

CELL = "Eve Nobody"
ROWS = 200
CHANCE = random.Random("cells")
NUMBERS = [f"{CHANCE.random():.6f}" for _ in range(ROWS)]


def table(header: str, *columns: str) -> str:
    """A CSV: columns of `ROWS` cells, each a text for all rows or made of the row's number by `{i}`."""
    return "\n".join([header, *(",".join(cells) for cells in zip(*columns, strict=True))]) + "\n"


def but(cells: list[str], *places: int, cell: str = CELL) -> list[str]:
    return [cell if i in places else each for i, each in enumerate(cells)]


LABELS = ["up" if i * i % 5 else "down" for i in range(ROWS)]
TOWNS = [["Rome", "Oslo", "Bern"][i * i % 3] for i in range(ROWS)]
DAYS = [f"2026-01-{i % 28 + 1:02d}" for i in range(ROWS)]
TRAINED = {
    "a name, an id and a mail address in each row": (
        table(
            "name,id,mail,x,label",
            [f"{CELL} {i}" for i in NUMBERS],
            [f"{CELL}-{i:05d}" for i in range(ROWS)],
            [f"{i}@{CELL}.example" for i in range(ROWS)],
            NUMBERS,
            LABELS,
        ),
        {"model": "auto"},
    ),
    "values of a category that single rows have": (
        table("town,x,label", but(TOWNS, 3, 77, 199), NUMBERS, LABELS),
        {"model": "auto"},
    ),
    "a column of names that is said to be a category": (
        table("name,x,label", [f"{CELL} {i}" for i in range(ROWS)], NUMBERS, LABELS),
        {"columns": {"name": "category"}},
    ),
    "a flag with a third value": (
        table("agreed,x,label", but([["yes", "no"][i % 2] for i in range(ROWS)], 199), NUMBERS, LABELS),
        {},
    ),
    "a cell that is no number, in a row that may be dropped": (
        table("x,label", but(NUMBERS, 150), LABELS),
        {"max_invalid_rows": 0.1},
    ),
    "a remark in place of missing numbers": (
        table("x,y,label", but(NUMBERS, *range(0, 40)), NUMBERS, LABELS),
        {"columns": {"x": "number"}, "max_invalid_rows": 0.5},
    ),
}
REFUSED = {
    "a cell that is no number": (table("x,label", but(NUMBERS, 150), LABELS), {}),
    "a cell that begins as a number": (table("x,label", but(NUMBERS, 150, cell=f"1e999 {CELL}"), LABELS), {}),
    "a cell that is no date": (table("day,x,label", but(DAYS, 150), NUMBERS, LABELS), {"time_column": "day"}),
    "a column of names that is said to hold numbers": (
        table("name,label", [f"{CELL} {i}" for i in range(ROWS)], LABELS),
        {"columns": {"name": "number"}},
    ),
    "a column of names that is said to hold dates": (
        table("name,label", [f"{CELL} {i}" for i in range(ROWS)], LABELS),
        {"columns": {"name": "date"}},
    ),
    "a cell too many": (table("x,label", NUMBERS, but(LABELS, 100, cell=f"up,{CELL}")), {}),
    "a quote that is not closed": (table("x,label", but(NUMBERS, 100, cell=f'"{CELL}'), LABELS), {}),
    "a label column of names": (table("x,label", NUMBERS, [f"{CELL} {i}" for i in range(ROWS)]), {}),
    "a row without a label": (
        table("name,x,label", [f"{CELL} {i}" for i in range(ROWS)], NUMBERS, but(LABELS, 5, cell="")),
        {},
    ),
    "another delimiter": (
        table("x,label", NUMBERS, but(LABELS, *range(ROWS), cell=CELL)).replace(",", ";"),
        {"delimiter": "|"},
    ),
    "bytes that are no text": (table("x,label", but(NUMBERS, 9, cell=f"{CELL}\ud8ff"), LABELS), {}),
    "JSON, a line a row": ("\n".join(json.dumps({"name": f"{CELL} {i}"}) for i in range(ROWS)), {}),
}


@pytest.fixture
def told(storage, monkeypatch, capsys):
    """Has the three steps train on a CSV: all that they put out, log, publish or raise, as text by what it is."""
    for module in (fetch_and_validate, summarize, publish_artifact):
        monkeypatch.setattr(module, "storage", storage)

    def run(content: str, request: dict) -> tuple[dict[str, str], PermanentError | None]:
        storage.put(content.encode(errors="surrogatepass"))
        event, error = {"model": "gaussian", "split": "shuffled", **request}, None
        found = {}
        try:
            for module in (fetch_and_validate, summarize, publish_artifact):
                event = module.handler(event, None)
                found[f"output of {module.__name__}"] = json.dumps(event, ensure_ascii=False)
        except PermanentError as raised:
            found["error"], error = str(raised), raised
        for (_, key), one in storage.objects.items():
            if "/dataset/" not in key and not key.startswith("data/"):
                found[key] = one.decode(errors="replace")
        return found | {"log": capsys.readouterr().out}, error

    return run


@pytest.mark.parametrize("what", TRAINED)
def test_a_model_is_published_without_anybodys_cell(tried, told, what):
    tried("places of a cell")
    found, error = told(*TRAINED[what])
    assert error is None
    assert sum(key.endswith((".pkl", ".card.html", ".json", ".npz")) for key in found) >= 6
    assert [key for key, text in found.items() if CELL in text] == []


@pytest.mark.parametrize("what", REFUSED)
def test_an_error_says_where_and_what_was_expected_and_not_what_is_there(tried, told, what):
    tried("places of a cell")
    found, error = told(*REFUSED[what])
    assert isinstance(error, InvalidDatasetError)
    assert [key for key, text in found.items() if CELL in text] == []


# What is excepted, so that the tests above look where something could be.


def test_the_name_of_a_class_is_told(told):
    found, _ = told(table("x,label", NUMBERS, but(LABELS, 0, 1)), {})
    assert CELL in found["models/training_pipeline.pkl"]


@pytest.mark.parametrize(("rows", "named"), [(4, False), (10, True)])
def test_a_value_of_a_category_is_told_where_several_rows_have_it(told, rows, named):
    found, _ = told(table("town,x,label", but(TOWNS, *range(0, 20 * rows, 20)), NUMBERS, LABELS), {})
    assert (CELL in found["models/training_pipeline.pkl"]) == named
