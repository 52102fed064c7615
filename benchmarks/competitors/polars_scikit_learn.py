"""polars reads, on all cores, scikit-learn learns."""

from pathlib import Path
from typing import Any

import polars as pl

from competitors.scikit_learn import FEATURES, LABEL, fit_and_evaluate


def run(csv: Path, root: Path) -> dict[str, Any]:
    frame = pl.read_csv(csv, columns=[*FEATURES, LABEL])
    return fit_and_evaluate(frame.select(FEATURES).to_numpy(), frame[LABEL].to_numpy())
