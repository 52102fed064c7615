"""The bound: what CPython's standard library takes to split a CSV and turn its numbers into floats.

Nothing is checked and nothing is kept: no header, no types, no quotes, no ragged rows, no model. It serves for
the unquoted candle files only.
"""

from array import array
from pathlib import Path
from typing import Any

WIDTH = 7
BLOCK_BYTES = 128 << 10


def parse(csv: Path, block_bytes: int = BLOCK_BYTES) -> int:
    """Splits the file and converts every numeric cell (the label too); returns the number of rows."""
    rows = 0
    with csv.open("rb", buffering=0) as file:
        rest = file.read(block_bytes).partition(b"\n")[2]  # behind the header
        while block := file.read(block_bytes):
            block = rest + block
            end = block.rfind(b"\n") + 1
            rest = block[end:]
            rows += _parse(block[:end])
    return rows + _parse(rest)


def _parse(block: bytes) -> int:
    cells = block.replace(b"\n", b",").split(b",")
    cells.pop()  # behind the last line's end
    for j in range(1, WIDTH):
        array("d").extend(map(float, cells[j::WIDTH]))
    return len(cells) // WIDTH


def run(csv: Path, root: Path) -> dict[str, Any]:
    return {"rows": parse(csv)}
