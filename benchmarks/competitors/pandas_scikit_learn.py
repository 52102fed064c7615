"""pandas reads, scikit-learn learns."""

from pathlib import Path
from typing import Any

import pandas as pd

from competitors.scikit_learn import FEATURES, LABEL, fit_and_evaluate


def run(csv: Path, root: Path) -> dict[str, Any]:
    frame = pd.read_csv(csv, usecols=[*FEATURES, LABEL])
    return fit_and_evaluate(frame[FEATURES].to_numpy(), frame[LABEL].to_numpy())
