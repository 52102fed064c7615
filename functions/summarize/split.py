"""Which rows are held out: exact counts, and the same rows however the dataset is cut into parts."""

import math
import random
from collections.abc import Iterator, Sequence

from shared.errors import InvalidDatasetError


def held_out_count(rows: int, test_size: float) -> int:
    """Number of test rows, as scikit-learn's train_test_split counts them: ceil(rows * test_size).

    Raises InvalidDatasetError when no row is left to train on.
    """
    count = math.ceil(rows * test_size)
    if count >= rows:
        raise InvalidDatasetError(f"{rows} rows with test_size {test_size:g} leave no row to train on")
    return count


def held_out_masks(method: str, part_rows: Sequence[int], held_out: int, seed: int) -> Iterator[bytes]:
    """For each part, in order, a byte per row: 1 for a test row, 0 for a train row.

    method: "chronological" (the last `held_out` rows are the test rows) or "shuffled" (a seeded draw).
    """
    if method == "chronological":
        return _last(part_rows, held_out)
    return _drawn(part_rows, held_out, seed)


def _last(part_rows: Sequence[int], held_out: int) -> Iterator[bytes]:
    train_left = sum(part_rows) - held_out
    for rows in part_rows:
        train = min(rows, train_left)
        train_left -= train
        yield bytes(train) + b"\1" * (rows - train)


def _drawn(part_rows: Sequence[int], held_out: int, seed: int) -> Iterator[bytes]:
    """Selection sampling: every subset of that size is equally likely; one pass and no memory.

    Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S.
    """
    left = sum(part_rows)
    draw = random.Random(seed).random
    for rows in part_rows:
        mask = bytearray(rows)
        for i in range(rows):
            if draw() * left < held_out:
                mask[i] = 1
                held_out -= 1
            left -= 1
        yield bytes(mask)
