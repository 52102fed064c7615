"""A table of many numbers and a label that some of them tell, of any width; rows follow from a fixed seed."""

import random
from pathlib import Path

LABEL = "label"
_TELLING = 5  # columns
_CELL_BYTES = 8
_SEED = 17


def rows_for(megabytes: float, columns: int) -> int:
    """How many rows of so many numbers make a file of about this many MB (10**6 bytes)."""
    return max(100, round(megabytes * 1e6 / (_CELL_BYTES * columns)))


def write_wide(target: Path, rows: int, columns: int) -> None:
    draw = random.Random(_SEED)
    with target.open("w", encoding="ascii", newline="") as file:
        file.write(",".join([*(f"number_{j}" for j in range(columns)), LABEL]) + "\n")
        for _ in range(rows):
            numbers = [draw.gauss(0, 100) for _ in range(columns)]
            label = "ab"[sum(numbers[:_TELLING]) + draw.gauss(0, 200) > 0]
            file.write(",".join([*(f"{number:.3f}" for number in numbers), label]) + "\n")
