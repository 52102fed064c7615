"""Step 1 on a table of text, dates and holes beside a bare loop over its rows, in one process, taking turns.

    python mixed_parsing.py ROUNDS ROOT FILE.csv

Seconds are processor seconds. Prints {"bound": [seconds], "validated": [seconds], "peak_mb": of this process}.
"""

import json
import resource
import sys
from pathlib import Path

from competitors import model_service
from mixed_table import LABEL, NUMBERS
from parsing import DiscardingStorage, seconds

_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes


def bare_loop(csv: Path) -> int:
    """Splits every row, converts its numbers with `float` and looks its texts up in a dict; returns the rows.

    Nothing is checked: no quotes, no ragged rows, no kinds. A missing number is told by its being empty.
    """
    missing = float("nan")
    first_text = len(NUMBERS)
    with csv.open("rb") as file:
        width = file.readline().count(b",") + 1
        columns: list[list] = [[] for _ in range(width)]
        codes: list[dict[bytes, int]] = [{} for _ in range(width)]
        numbers = list(enumerate(columns[:first_text]))
        texts = list(enumerate(zip(columns[first_text:], codes[first_text:], strict=True), first_text))
        for line in file:
            cells = line.rstrip(b"\n").split(b",")
            for j, column in numbers:
                cell = cells[j]
                column.append(float(cell) if cell else missing)
            for j, (column, known) in texts:
                column.append(known.setdefault(cells[j], len(known)))
    return len(columns[0])


def main() -> None:
    rounds, root, csv = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    discarding = DiscardingStorage(root)
    validated = [seconds(lambda: model_service.staged(csv, root, discarding, LABEL)) for _ in range(rounds)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT / 1e6  # the loop keeps all rows
    bound = [seconds(lambda: bare_loop(csv)) for _ in range(rounds)]
    print(json.dumps({"bound": bound, "validated": validated, "peak_mb": peak}))


if __name__ == "__main__":
    main()
