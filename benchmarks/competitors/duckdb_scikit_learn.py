"""DuckDB reads, on all cores, scikit-learn learns."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from competitors.scikit_learn import FEATURES, LABEL, fit_and_evaluate


def run(csv: Path, root: Path) -> dict[str, Any]:
    with duckdb.connect() as connection:
        columns = connection.execute(
            f"SELECT {', '.join([*FEATURES, LABEL])} FROM read_csv(?)", [str(csv)]
        ).fetchnumpy()
    return fit_and_evaluate(np.column_stack([columns[name] for name in FEATURES]), columns[LABEL])
