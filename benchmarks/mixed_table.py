"""A table as people have them, of any size: 10 numbers, 8 text columns, 2 of dates, 5 % of the cells missing, a label.

Rows follow from a fixed seed and are streamed to disk. Nothing is in quotes.
"""

import random
from datetime import datetime, timedelta
from itertools import batched
from pathlib import Path

NUMBERS = [f"number_{i}" for i in range(10)]
DISTINCT = {
    "colour": 3,
    "level": 4,
    "kind": 5,
    "group": 12,
    "category": 30,
    "state": 50,
    "town": 300,
    "code": 1000,
}
DATES = ["moment", "day"]
LABEL = "label"
COLUMNS = [*NUMBERS, *DISTINCT, *DATES, LABEL]
MISSING = 0.05  # of the cells
_ROW_BYTES = 165
_START = datetime(2020, 1, 1)
_DAYS = 1500
_SEED = 12
_BATCH_ROWS = 1000


def rows_for(megabytes: float) -> int:
    """How many rows make a file of about this many MB (10**6 bytes)."""
    return max(1, round(megabytes * 1e6 / _ROW_BYTES))


def write_mixed(target: Path, rows: int) -> None:
    """Writes so many rows, a minute apart in `moment`."""
    draw = random.Random(_SEED)
    with target.open("w", encoding="ascii", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        for batch in batched(range(rows), _BATCH_ROWS, strict=False):
            file.write("".join([_row(draw, i) for i in batch]))


def _row(draw: random.Random, i: int) -> str:
    cells = [f"{draw.gauss(0, 100):.3f}" for _ in NUMBERS]
    cells += [f"{name}{draw.randrange(count)}" for name, count in DISTINCT.items()]
    cells.append((_START + timedelta(minutes=i)).isoformat(" "))
    cells.append((_START + timedelta(days=draw.randrange(_DAYS))).date().isoformat())
    present = ["" if draw.random() < MISSING else cell for cell in cells]
    return ",".join([*present, "ab"[draw.random() < 0.5]]) + "\n"
