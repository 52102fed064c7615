"""Both steps on a table of many columns, in this process.

    python wide_steps.py COVARIANCE ROOT FILE.csv

Prints {"validated": processor seconds of step 1, "summarized": of step 2, "peak_mb": of this process}.
"""

import json
import resource
import sys
import time
from pathlib import Path

from competitors import model_service
from folder_storage import FolderStorage
from summarize.summarize import summarize
from wide_table import LABEL

_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes


def main() -> None:
    covariance, root, csv = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    storage = FolderStorage(root)
    begin = time.process_time()
    dataset = model_service.staged(csv, root, storage, LABEL, covariance=covariance)
    validated = time.process_time()
    summarize(dataset, storage)
    end = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _PEAK_UNIT / 1e6
    print(json.dumps({"validated": validated - begin, "summarized": end - validated, "peak_mb": peak}))


if __name__ == "__main__":
    main()
